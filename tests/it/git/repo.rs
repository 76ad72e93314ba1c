//! Repositories in temporary directories, created with the git program, which sees only its own configuration. Dates
//! are fixed: each commit is one day after the previous one.

use std::cell::Cell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{both, put, telleaks};

/// 2024-01-01 in Unix seconds.
const FIRST_DAY: i64 = 1_704_067_200;
/// Length of a day in seconds.
pub(crate) const DAY: i64 = 86_400;

/// A repository, or a directory in which one will be created.
pub(crate) struct Repo {
    /// Path of the repository.
    pub(crate) dir: PathBuf,
    /// Home directory of the git program; other repositories are created in it.
    pub(crate) home: TempDir,
    days: Cell<i64>,
}

/// Returns the key that belongs to a name.
pub(crate) fn key(name: &str) -> String {
    Random::new(name, 0).key()
}

/// Returns a line with the key of a name.
pub(crate) fn line(name: &str) -> String {
    format!("TELNYX_API_KEY={}\n", key(name))
}

/// Returns a key as shown in reports.
pub(crate) fn masked(key: &str) -> String {
    format!("{}…{}", &key[..38], &key[key.len() - 2..])
}

impl Repo {
    /// Creates a repository with the options of `git init`.
    pub(crate) fn new(options: &[&str]) -> Self {
        let repo = Self::nowhere();
        std::fs::create_dir(&repo.dir).unwrap();
        repo.git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    /// Returns a path for a repository that does not exist yet, for example for a clone.
    pub(crate) fn nowhere() -> Self {
        let home = tempfile::tempdir().unwrap();
        // Canonical, as printed by git.
        let dir = std::fs::canonicalize(home.path()).unwrap().join("repo");
        Self { dir, home, days: Cell::new(0) }
    }

    /// Opens an existing repository.
    pub(crate) fn at(dir: PathBuf) -> Self {
        Self { dir, ..Self::nowhere() }
    }

    /// Clones this repository with the options of `git clone`.
    pub(crate) fn cloned(&self, options: &[&str]) -> Self {
        let clone = Self::nowhere();
        let from = format!("file://{}", self.dir.display());
        let to = clone.dir.display().to_string();
        self.git(&[&["clone", "-q"], options, &[&from, &to]].concat());
        clone
    }

    /// Returns a command for the git program without the user's environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let date = format!("{} +0000", FIRST_DAY + DAY * self.days.get());
        command.env_clear().env("PATH", path).env("HOME", self.home.path()).env("TZ", "UTC");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_EDITOR", "true");
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        command.env("GIT_AUTHOR_NAME", "Ann").env("GIT_AUTHOR_EMAIL", "ann@example.org");
        command.env("GIT_COMMITTER_NAME", "Con").env("GIT_COMMITTER_EMAIL", "con@example.org");
        for setting in
            ["protocol.file.allow=always", "gc.auto=0", "maintenance.auto=false", "core.fsync=none"]
        {
            command.args(["-c", setting]);
        }
        let dir = if self.dir.is_dir() { &self.dir } else { self.home.path() };
        command.args(["-c", "advice.detachedHead=false"]).args(args).current_dir(dir);
        command
    }

    /// Runs git and returns its trimmed output. Panics if it fails.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.feed(args, b"")
    }

    /// Runs git with `input` on standard input.
    pub(crate) fn feed(&self, args: &[&str], input: &[u8]) -> String {
        Self::run(self.command(args), input)
    }

    /// Runs a prepared git command.
    pub(crate) fn run(mut command: Command, input: &[u8]) -> String {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", both(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Writes a file in the work tree.
    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        put(&self.dir, name, content);
    }

    /// Advances the clock by one day.
    pub(crate) fn next_day(&self) {
        self.days.set(self.days.get() + 1);
    }

    /// Commits the whole work tree and returns the commit id.
    pub(crate) fn commit(&self, subject: &str) -> String {
        self.next_day();
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Stores a blob and returns its id.
    pub(crate) fn blob(&self, content: impl AsRef<[u8]>) -> String {
        self.feed(&["hash-object", "-w", "--stdin"], content.as_ref())
    }

    /// Stores a tree of files and returns its id.
    pub(crate) fn tree(&self, files: &[(&str, &str)]) -> String {
        let entry = |(name, content): &(&str, &str)| format!("100644 blob {}\t{name}\n", self.blob(content));
        self.feed(&["mktree"], files.iter().map(entry).collect::<String>().as_bytes())
    }

    /// Stores a commit of files without a checkout or a ref, and returns its id.
    pub(crate) fn stored(&self, files: &[(&str, &str)], parents: &[&str], message: &str) -> String {
        self.next_day();
        let tree = self.tree(files);
        let parents: Vec<&str> = parents.iter().flat_map(|parent| ["-p", parent]).collect();
        self.feed(&[&["commit-tree", &tree], &parents[..]].concat(), message.as_bytes())
    }

    /// Points a ref to an object, without a reflog.
    pub(crate) fn name(&self, name: &str, id: &str) {
        self.git(&["-c", "core.logAllRefUpdates=false", "update-ref", name, id]);
    }

    /// Returns the path of a loose object.
    pub(crate) fn loose(&self, id: &str) -> PathBuf {
        self.dir.join(".git/objects").join(&id[..2]).join(&id[2..])
    }

    /// Runs `telleaks audit` on the repository.
    pub(crate) fn audit(&self, args: &[&str]) -> Output {
        audit(&self.dir, args)
    }
}

/// Runs `telleaks audit` on a directory, with an empty home directory.
pub(crate) fn audit(dir: &Path, args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = telleaks();
    command.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME");
    command.current_dir(home.path()).arg("audit").arg(dir).args(args).output().unwrap()
}
