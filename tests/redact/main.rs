//! `telleaks redact`: what is masked, that the cuts of the content do not matter, and the program round it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

mod chops;
mod program;
mod samples;
