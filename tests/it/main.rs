//! The integration tests that share one process. `tests/faults`, `tests/resources` and `tests/fuzz.rs` need their own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

mod action;
mod agent;
mod architecture;
mod archives;
mod assignments;
mod cli;
mod encodings;
mod fix;
mod formats;
mod git;
mod hook_install;
mod hook_runs;
mod hostile;
mod joined_text;
mod large_files;
mod manual;
mod mcp;
mod merge;
mod packaging;
mod probe;
mod readme;
mod redact;
mod report;
mod rules;
mod suppress;
