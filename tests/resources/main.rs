//! Exhausted resources: full disks, closed readers, signals, few descriptors, little memory, no home. The program
//! reports what it could not do, leaves no partial files, and never looks clean if input was skipped.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "made for other tests too")]
#[path = "../it/git/repo.rs"]
mod repo;

mod homes;
mod limits;
mod signals;
mod writing;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::telleaks;

/// All report formats.
const FORMATS: [&str; 10] =
    ["text", "json", "jsonl", "sarif", "html", "markdown", "github", "gitlab", "junit", "csv"];

/// Returns a command for the program in a shell that first limits its resources: `ulimit -f 0`.
fn limited(limit: &str, folder: &Path, args: &[&str]) -> Command {
    let program = telleaks().get_program().to_owned();
    let mut command = Command::new("bash");
    command.args(["-c", &format!("{limit}; exec \"$0\" \"$@\"")]).arg(program).args(args);
    command.current_dir(folder).env_remove("NO_COLOR");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Returns the names in a directory, including hidden ones.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

/// Checks that an error was reported without a panic and without a secret.
fn in_words(output: &Output, hidden: &[&str]) {
    let all = common::both(output);
    assert!(!all.contains("panicked") && output.status.code() != Some(101), "{all}");
    assert!(hidden.iter().all(|secret| !all.contains(&secret[..secret.len() - 8])), "{all}");
}
