//! Read errors and internal errors: short and interrupted reads change nothing; unreadable input is named in every
//! report and never looks clean; a panic while processing one file or object skips only that one.
//!
//! Needs a build with fault injection: `cargo test --features faults --test faults`. `crates/contents/src/fault_injection/mod.rs` documents the
//! available faults.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "made for other tests too")]
#[path = "../it/archives/make.rs"]
mod make;
#[allow(dead_code, reason = "made for other tests too")]
#[path = "../it/git/repo.rs"]
mod repo;

mod history;
mod panics;
mod same;
mod settings;
mod unread;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use common::{both, code, telleaks, text};

/// Returns a command for the program with fault settings, in a directory.
fn command(faults: &str, folder: &Path, args: &[&str]) -> Command {
    let mut command = telleaks();
    command.env("TELLEAKS_FAULTS", faults).current_dir(folder).args(args);
    command
}

fn run(faults: &str, folder: &Path, args: &[&str]) -> Output {
    command(faults, folder, args).output().unwrap()
}

/// Like [`run`], with `input` on a pipe.
fn fed(faults: &str, folder: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut command = command(faults, folder, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that fails early does not read all of it.
    let feeder = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    output
}

/// The result of a run.
struct RunResult {
    code: i32,
    /// Paths of findings.
    found: Vec<String>,
    /// Paths of skipped inputs.
    unread: Vec<String>,
    stderr: String,
}

/// Runs a command that writes reports and checks that they agree about skipped inputs.
fn reported(faults: &str, folder: &Path, args: &[&str]) -> RunResult {
    let reports = tempfile::tempdir().unwrap();
    let sarif = reports.path().join("sarif");
    let to = format!("sarif={}", sarif.display());
    let output = run(faults, folder, &[args, &["--format", "json", "--report", &to]].concat());
    let all = both(&output);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{faults}: {all}"));
    let list = |name: &str, path: &str| -> Vec<String> {
        report[name].as_array().unwrap().iter().map(|one| text(one, path).to_owned()).collect()
    };
    let unread = list("unreadable", "/path");
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    for path in &unread {
        assert!(stderr.contains(path.as_str()), "{faults}: {path}: {all}");
    }
    let sarif: Value = serde_json::from_slice(&std::fs::read(sarif).unwrap()).unwrap();
    let successful = &sarif["runs"][0]["invocations"][0]["executionSuccessful"];
    assert_eq!(successful.as_bool(), Some(unread.is_empty()), "{faults}: {all}");
    assert_eq!(report["summary"]["complete"].as_bool(), Some(unread.is_empty()), "{faults}: {all}");
    RunResult { code: code(&output), found: list("findings", "/location/path"), unread, stderr }
}

impl RunResult {
    /// Checks the findings and the report of one skipped input.
    fn beside(&self, found: &[&str], unread: &str, what: &str) {
        let expected = if found.is_empty() { 3 } else { 1 };
        assert_eq!(self.code, expected, "{what}: {}", self.stderr);
        assert!(self.found == found, "{what}: {:?}: {}", self.found, self.stderr);
        assert!(self.unread.iter().any(|path| path.contains(unread)), "{what}: {}", self.stderr);
    }
}

#[test]
fn version_names_fault_injection() {
    let output = run("", Path::new("."), &["--version"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("(fails on demand: for tests only)"), "{said}");
}
