//! The integration tests that share one process. `tests/faults`, `tests/resources` and `tests/fuzz.rs` need their own.
//! Modules with `cfg(unix)` make links, pipes or permissions.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(unix)]
mod action;
#[cfg(unix)]
mod agent;
mod architecture;
#[cfg(unix)]
mod archives;
mod assignments;
mod book;
#[cfg(unix)]
mod cli;
mod encodings;
#[cfg(unix)]
mod examples;
#[cfg(unix)]
mod fix;
mod formats;
#[cfg(unix)]
mod git;
#[cfg(unix)]
mod hook_install;
#[cfg(unix)]
mod hook_runs;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod joined_runs;
mod joined_text;
#[cfg(unix)]
mod large_files;
mod lsp;
#[cfg(unix)]
mod machine;
mod manual;
mod mcp;
mod merge;
mod packaging;
mod picture;
#[cfg(unix)]
mod probe;
mod readme;
#[cfg(unix)]
mod redact;
mod report;
mod rules;
#[cfg(unix)]
mod suppress;
mod words;
