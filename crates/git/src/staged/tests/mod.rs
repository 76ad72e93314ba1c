//! Compares the results with those of git itself.

mod conflicts;
mod forms;
mod hooks;
mod simple;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use git2::Oid;
use tempfile::TempDir;

use super::{Staged, StagedError, staged};
use crate::database::Database;
use crate::layout::Layout;
use crate::refs::Refs;

const RAW: &[&str] = &["diff", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev"];

/// A repository in a temporary directory, isolated from user configuration.
struct Repo {
    dir: TempDir,
}

impl Repo {
    /// Creates a repository without a commit.
    fn new(format: &str) -> Self {
        let repo = Self { dir: TempDir::new().unwrap() };
        repo.git(&["init", "-q", "-b", "main", &format!("--object-format={format}")]);
        repo
    }

    /// Creates a repository with a commit of these files; the content of each is its path.
    fn with(files: &[&str]) -> Self {
        let repo = Self::new("sha1");
        repo.write_all(files);
        repo.commit();
        repo
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), content).unwrap();
    }

    fn write_all(&self, files: &[&str]) {
        for file in files {
            self.write(file, file);
        }
    }

    fn add(&self, path: &str, content: &str) {
        self.write(path, content);
        self.git(&["add", "-f", "--", path]);
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "a commit"]);
    }

    fn git(&self, args: &[&str]) -> Vec<u8> {
        let (good, output) = self.try_git(args);
        assert!(good, "git {args:?}");
        output
    }

    fn try_git(&self, args: &[&str]) -> (bool, Vec<u8>) {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"])
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", self.dir.path().join(".git"))
            .output()
            .unwrap();
        (output.status.success(), output.stdout)
    }

    fn try_staged(&self) -> Result<Vec<Staged>, StagedError> {
        staged_in(self.dir.path(), &self.path(".git/index"))
    }

    /// Returns the staged entries, one line each, after comparing them with `git diff --cached`.
    fn check(&self) -> Vec<String> {
        self.check_against(&self.path(".git/index"), &self.git(RAW))
    }

    fn check_against(&self, index: &Path, raw: &[u8]) -> Vec<String> {
        let ours = staged_in(self.dir.path(), index).unwrap();
        let plain = |one: &&Staged| !one.intent_to_add && one.conflict_stage == 0;
        let comparable: Vec<Staged> = ours.iter().filter(plain).cloned().collect();
        assert_eq!(comparable, parse(raw));
        ours.iter().map(line).collect()
    }
}

/// Returns the staged entries of the work tree at `dir` with the index at `index`.
fn staged_in(dir: &Path, index: &Path) -> Result<Vec<Staged>, StagedError> {
    let layout = Layout::find(dir, true).unwrap();
    let database = Database::open(&layout).unwrap();
    staged(&layout, &database, Refs::of_this_work_tree(&layout).head.as_ref(), index)
}

/// Parses the lines of `git diff --raw -z` that concern blobs of the commit.
fn parse(raw: &[u8]) -> Vec<Staged> {
    let mut parts = raw.split(|byte| *byte == 0);
    let mut all = Vec::new();
    while let (Some(head), Some(path)) = (parts.next(), parts.next()) {
        let head: Vec<&str> = std::str::from_utf8(&head[1..]).unwrap().split(' ').collect();
        let mode = |text| u32::from_str_radix(text, 8).unwrap();
        let blob = |mode: &str, id: &str| {
            let format = if id.len() == 64 { git2::ObjectFormat::Sha256 } else { git2::ObjectFormat::Sha1 };
            ["100644", "100755", "120000"].contains(&mode).then(|| Oid::from_str_ext(id, format).unwrap())
        };
        if let Some(new) = blob(head[1], head[3]) {
            let (path, mode, old) = (path.to_vec(), mode(head[1]), blob(head[0], head[2]));
            all.push(Staged { path, mode, new, old, intent_to_add: false, conflict_stage: 0 });
        }
    }
    all.sort_by(|one, other| one.path.cmp(&other.path));
    all
}

/// Formats an entry: the path and its properties.
fn line(one: &Staged) -> String {
    let mut line = String::from_utf8_lossy(&one.path).into_owned();
    match one.old {
        None => line += " new",
        Some(old) if old == one.new => line += " same",
        Some(_) => {}
    }
    if one.intent_to_add {
        line += " intended";
    }
    if one.conflict_stage > 0 {
        line += &format!(" stage {}", one.conflict_stage);
    }
    line
}

fn link(to: &str, path: &Path) {
    std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(to.as_bytes()), path).unwrap();
}
