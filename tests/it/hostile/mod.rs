//! Hostile input to the built program: findings, exit codes, messages, and bounds of time and memory. Cases covered by
//! other tests are not repeated here: `docs/reliability.md` maps every row to its tests, and [`map`] checks that each
//! row has one.

use crate::archives::make;
use crate::git::repo;

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

use self::bounded::{Outcome, run};
use crate::common::telleaks;

/// Returns a key and the line to plant: an assignment of the key.
fn line(name: &str) -> (String, String) {
    let key = crate::common::random::Random::new(name, 0).key();
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
