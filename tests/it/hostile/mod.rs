//! Hostile input to the built program: findings, exit codes, messages, and bounds of time and memory. Cases covered by
//! other tests are not repeated here: `docs/reliability.md` maps every row to its tests, and [`map`] checks that each
//! row has one.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../inside/make.rs"]
#[allow(dead_code, reason = "made for the tests of archives, which use all of it")]
mod make;
#[path = "../git/repo.rs"]
#[allow(dead_code, reason = "made for the tests of the audit, which use all of it")]
mod repo;

mod archives;
mod attackers;
mod bounded;
mod bytes;
mod config;
mod execution;
mod files;
mod history;
mod map;
mod objects;
mod process;
mod staged;
mod terminal;

use std::path::Path;

use bounded::{Outcome, run};
use common::telleaks;

/// Returns a key and the line to plant: an assignment of the key.
fn line(name: &str) -> (String, String) {
    let key = common::random::Random::new(name, 0).key();
    let line = format!("TELNYX_API_KEY=\"{key}\"\n");
    (key, line)
}

/// Scans a directory in `jsonl` format with secrets.
fn scanned(folder: &Path, args: &[&str]) -> Outcome {
    let mut command = telleaks();
    command
        .current_dir(folder)
        .args(["scan", "--no-progress", "--format", "jsonl", "--show-secrets"])
        .args(args);
    run(command)
}

/// Audits a repository in `jsonl` format with secrets.
fn audited(folder: &Path) -> Outcome {
    let mut command = telleaks();
    command.args(["audit", "--format", "jsonl", "--show-secrets"]).arg(folder);
    run(command)
}
