//! The guarantees of the module, each on a real tree.

mod bounds;
mod git;
mod roots;
mod tree;

use crate::finding::SkipLog;
use crate::input::Content;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use tempfile::TempDir;

use super::{Label, Options, SourceError, Visitor, run};

/// A visitor that records everything.
#[derive(Default)]
struct Recorder {
    /// How often each label was visited, and its size in bytes at the last visit.
    visited: Mutex<BTreeMap<String, (usize, usize)>>,
    unseen: Mutex<Vec<String>>,
    notices: Mutex<Vec<String>>,
}

impl SkipLog<String> for Recorder {
    fn skipped(&self, label: String, reason: String) {
        self.unseen.lock().unwrap().push(format!("{label}: {reason}"));
    }
}

impl Visitor for Recorder {
    fn visit(&self, label: &Label<'_>, _size: Option<u64>, reader: &mut dyn Content) -> io::Result<()> {
        let mut content = Vec::new();
        let result = reader.read_to_end(&mut content);
        assert!(!content.starts_with(b"panic"), "as the test wants");
        let mut visited = self.visited.lock().unwrap();
        let entry = visited.entry(label.to_string()).or_default();
        *entry = (entry.0 + 1, content.len());
        result.map(|_| ())
    }

    fn notice(&self, label: String, message: String) {
        self.notices.lock().unwrap().push(format!("{label}: {message}"));
    }
}

/// The result of one scan.
struct Outcome {
    visited: Vec<String>,
    sizes: Vec<usize>,
    unseen: Vec<String>,
    notices: Vec<String>,
}

fn scan(options: &Options) -> Outcome {
    try_scan(options).unwrap()
}

fn try_scan(options: &Options) -> Result<Outcome, SourceError> {
    let recorder = Recorder::default();
    run(options, &recorder)?;
    let visited = recorder.visited.into_inner().unwrap();
    for (label, (times, _)) in &visited {
        assert_eq!(*times, 1, "{label}");
    }
    let sizes = visited.values().map(|(_, size)| *size).collect();
    let mut unseen = recorder.unseen.into_inner().unwrap();
    unseen.sort();
    let notices = recorder.notices.into_inner().unwrap();
    Ok(Outcome { visited: visited.into_keys().collect(), sizes, unseen, notices })
}

/// Scans, and asserts that nothing is reported as skipped and no notice is printed.
fn visited(options: &Options) -> Vec<String> {
    let seen = scan(options);
    assert!(seen.unseen.is_empty() && seen.notices.is_empty(), "{:?} {:?}", seen.unseen, seen.notices);
    seen.visited
}

fn options<P: AsRef<Path>>(paths: &[P]) -> Options {
    Options { paths: paths.iter().map(|path| path.as_ref().to_path_buf()).collect(), ..Options::default() }
}

/// Creates a directory with these files, each of which contains its own name.
fn tree(files: &[&str]) -> TempDir {
    let dir = TempDir::new().unwrap();
    add(dir.path(), files);
    dir
}

fn add(dir: &Path, files: &[&str]) {
    for file in files {
        write(&dir.join(file), file);
    }
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    path.to_path_buf()
}

/// Runs git in `dir`, without the configuration of the user who runs the tests.
fn git(dir: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"])
        .args(args)
        .current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
