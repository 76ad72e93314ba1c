//! Hostile input through the built program: what it finds, its exit code, its words, and the bounds of its time and memory.
//! Rows that other tests hold already are not repeated here: `docs/reliability.md` says which test holds which row, and
//! [`map`] that each has one.

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

/// What a planted line is: the key, and an assignment of it.
fn line(name: &str) -> (String, String) {
    let key = common::random::Random::new(name, 0).key();
    let line = format!("TELNYX_API_KEY=\"{key}\"\n");
    (key, line)
}

/// A scan of the folder, in `jsonl` with its secrets.
fn scanned(folder: &Path, args: &[&str]) -> Outcome {
    let mut command = telleaks();
    command
        .current_dir(folder)
        .args(["scan", "--no-progress", "--format", "jsonl", "--show-secrets"])
        .args(args);
    run(command)
}

/// An audit of a repository, in `jsonl` with its secrets.
fn audited(folder: &Path) -> Outcome {
    let mut command = telleaks();
    command.args(["audit", "--format", "jsonl", "--show-secrets"]).arg(folder);
    run(command)
}
