//! Leaks in every shape that telleaks promises to read, and what looks like a leak and is none: made at run time with
//! fixed seeds, scanned by the real program, one run for each folder of files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

mod batch;
mod borders;
mod escaped;
mod harmless;
mod joined;
mod kinds;
mod packed;
mod plain;
mod text;
