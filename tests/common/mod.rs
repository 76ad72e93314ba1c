//! What several test programs share: random numbers, keys made at run time, and runs of the program.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

pub mod random;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program under test, without colours.
pub fn telleaks() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_telleaks"));
    command.env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

/// Runs `telleaks scan` in `folder`.
pub fn scan(folder: &Path, args: &[&str]) -> Output {
    telleaks().current_dir(folder).arg("scan").args(args).output().unwrap()
}

/// The exit code; a process that was killed has none, which is a failure.
pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Everything that a run printed.
pub fn both(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// The findings of a `jsonl` report.
pub fn lines(stdout: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A text field of a finding, by its JSON pointer.
pub fn text<'a>(finding: &'a Value, pointer: &str) -> &'a str {
    finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A number of a finding, by its JSON pointer.
pub fn number(finding: &Value, pointer: &str) -> u64 {
    finding.pointer(pointer).and_then(Value::as_u64).unwrap()
}

/// Writes a file, and the folders above it.
pub fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
