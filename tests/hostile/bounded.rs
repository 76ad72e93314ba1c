//! A run with bounds: no longer than a limit, no more memory than telleaks promises, no panic.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// The longest that any run may take, unoptimised and on a busy machine.
const LONGEST: Duration = Duration::from_secs(300);
/// The largest resident set that telleaks promises by default, in KiB.
const MEMORY: u64 = 512 << 10;

/// What a run left.
pub(crate) struct Outcome {
    /// None if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) said: String,
    /// The largest resident set that was seen, in KiB.
    pub(crate) peak: u64,
}

impl Outcome {
    /// Exactly these keys were found, with exit code 1, and all was read.
    pub(crate) fn found(&self, keys: &[&String]) {
        self.found_with(keys, 1);
        assert!(self.said.is_empty(), "{}", self.said);
    }

    /// Exactly these keys were found.
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

    /// Nothing was found, and every word stands on standard error.
    pub(crate) fn told(&self, code: i32, words: &[&str]) {
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

/// Runs a command to its end, and fails if that does not come in time, if it takes too much memory, or if it panics.
pub(crate) fn run(command: Command) -> Outcome {
    run_while(command, |_| {})
}

/// The same, and does something again and again for as long as it runs.
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
        if begin.elapsed() > LONGEST {
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
    assert!(outcome.peak < MEMORY, "{command:?} took {} KiB", outcome.peak);
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

/// The largest resident set that a process has had so far, in KiB; 0 if it has gone.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}
