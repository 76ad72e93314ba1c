//! Runs with bounded time and memory, and without a panic.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Maximum duration of a run, unoptimised and on a busy machine.
const MAX_RUN_TIME: Duration = Duration::from_secs(300);
/// Maximum resident set size that telleaks documents as its default, in KiB.
const MAX_RSS_KIB: u64 = 512 << 10;

/// Result of a run.
pub(crate) struct Outcome {
    /// Exit code, or `None` if the run was killed by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) said: String,
    /// Peak resident set size that was observed, in KiB.
    pub(crate) peak: u64,
}

impl Outcome {
    /// Checks that exactly these keys were found, with exit code 1, and nothing was skipped.
    pub(crate) fn found(&self, keys: &[&String]) {
        self.found_with(keys, 1);
        assert!(self.said.is_empty(), "{}", self.said);
    }

    /// Checks that exactly these keys were found.
    pub(crate) fn found_with(&self, keys: &[&String], code: i32) {
        let out = String::from_utf8_lossy(&self.out);
        assert_eq!(self.code, Some(code), "{out}{}", self.said);
        for key in keys {
            assert!(out.contains(key.as_str()), "{key} is not in {out}{}", self.said);
        }
        let mut found: Vec<String> = crate::common::lines(&self.out)
            .iter()
            .map(|one| crate::common::text(one, "/secret").to_owned())
            .collect();
        found.sort();
        found.dedup();
        assert_eq!(found.len(), keys.len(), "{out}");
    }

    /// Checks that nothing was found and that standard error contains every word.
    pub(crate) fn reported(&self, code: i32, words: &[&str]) {
        assert_eq!(
            (self.code, self.out.len()),
            (Some(code), 0),
            "{}{}",
            String::from_utf8_lossy(&self.out),
            self.said
        );
        for word in words {
            assert!(self.said.contains(word), "{word} is not in {}", self.said);
        }
    }
}

/// Runs a command to its end. Panics if it takes too much time or memory, or if it panics.
pub(crate) fn run(command: Command) -> Outcome {
    run_while(command, |_| {})
}

/// Like [`run`], and calls `meanwhile` repeatedly during the run.
pub(crate) fn run_while(mut command: Command, mut meanwhile: impl FnMut(&Child)) -> Outcome {
    let (mut out, mut err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
    let mut child = command.spawn().unwrap();
    let begin = Instant::now();
    let mut most = 0;
    let status = loop {
        most = most.max(peak(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begin.elapsed() > MAX_RUN_TIME {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{command:?} does not end: {}", read(&mut err));
        }
        meanwhile(&child);
        std::thread::sleep(Duration::from_millis(2));
    };
    let mut bytes = Vec::new();
    out.seek(SeekFrom::Start(0)).unwrap();
    out.read_to_end(&mut bytes).unwrap();
    let outcome = Outcome { code: status.code(), out: bytes, said: read(&mut err), peak: most };
    assert!(outcome.peak < MAX_RSS_KIB, "{command:?} took {} KiB", outcome.peak);
    for word in ["panicked", "please report it"] {
        assert!(!outcome.said.contains(word), "{command:?}: {}", outcome.said);
    }
    outcome
}

fn read(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the peak resident set size of a process so far, in KiB, or 0 if it has ended.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}
