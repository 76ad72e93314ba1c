//! `telleaks redact`: masked forms, independence of chunk boundaries, and the command line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

mod chops;
mod program;
mod samples;
