//! Containers: compressed streams, archives, nested archives, damaged archives and decompression bombs, with every
//! command that reads content.

mod bombs;
mod commands;
mod damage;
mod documents;
mod embedded;
pub(crate) mod make;
mod nested;
mod programs;
mod streams;

use crate::common::{both, code, lines, number, scan, text};
use std::path::Path;

/// Returns a text with the key on line 31.
fn log(key: &str) -> String {
    format!("{}Authorization: Bearer {key}\nbye\n", "2026-11-22 GET /v2/messages 200\n".repeat(30))
}

/// Returns path and line of each finding in `folder`, in report order. Panics if any input was skipped.
fn places(folder: &Path, args: &[&str]) -> Vec<(String, u64)> {
    let output = scan(folder, &[&["--format", "jsonl"], args].concat());
    assert_eq!((code(&output), output.stderr.len()), (1, 0), "{}", both(&output));
    let place = |one: &serde_json::Value| {
        (text(one, "/location/path").to_owned(), number(one, "/location/start_line"))
    };
    lines(&output.stdout).iter().map(place).collect()
}

fn place(path: &str, line: u64) -> (String, u64) {
    (path.to_owned(), line)
}
