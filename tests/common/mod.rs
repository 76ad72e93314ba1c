//! Helpers shared by the test programs: random numbers, keys made at run time, and runs of the program.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

pub mod random;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Returns a command for the program under test, without colours.
pub fn telleaks() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_telleaks"));
    command.env_remove("NO_COLOR").stdin(Stdio::null());
    // In a CI job the commits count as pushed.
    for name in ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "TELLEAKS_CONFIG"] {
        command.env_remove(name);
    }
    command
}

/// Returns whether the parent process has set SIGINT to be ignored (`nohup`, or a background job of a script). The
/// program inherits this, so the effect of an interrupt cannot be tested; prints a notice in that case.
pub fn interrupts_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    // Bit n - 1 stands for signal n; SIGINT is 2.
    let ignored = mask & 0b10 != 0;
    if ignored {
        let _told =
            std::io::Write::write_all(&mut std::io::stderr(), b"SKIPPED: interrupts are ignored here\n");
    }
    ignored
}

/// Runs `telleaks scan` in `folder`.
pub fn scan(folder: &Path, args: &[&str]) -> Output {
    telleaks().current_dir(folder).arg("scan").args(args).output().unwrap()
}

/// Returns the exit code. Panics if the process was killed by a signal.
pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Returns standard output and standard error.
pub fn both(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// Parses the findings of a `jsonl` report.
pub fn lines(stdout: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns a string field of a finding by its JSON pointer.
pub fn text<'a>(finding: &'a Value, pointer: &str) -> &'a str {
    finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a number field of a finding by its JSON pointer.
pub fn number(finding: &Value, pointer: &str) -> u64 {
    finding.pointer(pointer).and_then(Value::as_u64).unwrap()
}

/// Writes a file and creates its parent directories.
pub fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
