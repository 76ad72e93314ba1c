//! A repository created by the git program, and runs of telleaks in it, directly or by its hooks.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{both, code, lines, put, text};

/// Time of the first commit in Unix seconds. Each further commit is one hour later.
const START: u64 = 1_700_000_000;

/// A repository in a temporary directory, which is also the home directory of its user.
pub(crate) struct Repo {
    home: TempDir,
    dir: PathBuf,
    clock: std::cell::Cell<u64>,
}

impl Repo {
    /// Creates an empty repository with a work tree.
    pub(crate) fn new() -> Self {
        Self::init(&[])
    }

    /// Creates an empty repository with these options of `git init`.
    pub(crate) fn init(options: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let repo = Self { dir: home.path().join("repo"), home, clock: std::cell::Cell::new(START) };
        fs::create_dir(&repo.dir).unwrap();
        repo.git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    /// Creates a repository whose first commit has these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let repo = Self::new();
        repo.commit(files);
        repo
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns a path next to the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        put(&self.dir, name, content);
    }

    /// Writes a file and stages it.
    pub(crate) fn add(&self, name: &str, content: impl AsRef<[u8]>) {
        self.put(name, content);
        self.git(&["add", "-f", "--", name]);
    }

    /// Commits these files without hooks and returns the commit id.
    pub(crate) fn commit(&self, files: &[(&str, &str)]) -> String {
        for (name, content) in files {
            self.put(name, content);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", "a commit"]);
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", revision])
    }

    /// Returns a command that runs in the repository without the git environment of the caller.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        isolate(&mut command, self.home.path());
        let time = self.clock.get();
        self.clock.set(time + 3600);
        let date = format!("{time} +0000");
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date).current_dir(&self.dir);
        command
    }

    pub(crate) fn try_git(&self, args: &[&str]) -> Output {
        self.command("git").args(args).output().unwrap()
    }

    /// Runs git and returns its output. Panics if it fails.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert!(output.status.success(), "git {args:?}: {}", both(&output));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs git with `input` on standard input and returns its output.
    pub(crate) fn git_on(&self, args: &[&str], input: impl AsRef<[u8]>) -> String {
        fs::write(self.beside("input"), input).unwrap();
        let file = fs::File::open(self.beside("input")).unwrap();
        let output = self.command("git").args(args).stdin(file).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", both(&output));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Installs a hook that runs the program under test with these shell words.
    pub(crate) fn hook(&self, name: &str, words: &str) {
        let git_dir = PathBuf::from(self.git(&["rev-parse", "--path-format=absolute", "--git-common-dir"]));
        let program = env!("CARGO_BIN_EXE_telleaks");
        let script = git_dir.join("hooks").join(name);
        put(&git_dir, &format!("hooks/{name}"), format!("#!/bin/sh\nexec '{program}' {words}\n"));
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Installs a pre-commit hook that scans the staged content.
    pub(crate) fn guard(&self) {
        self.hook("pre-commit", "staged --format jsonl >\"$HOME/report\"");
    }

    /// Runs git with the hook of [`Self::guard`]. Returns the locations for which the hook blocked the commit, or
    /// nothing.
    pub(crate) fn attempt(&self, args: &[&str]) -> Vec<String> {
        let _ = fs::remove_file(self.beside("report"));
        let output = self.try_git(args);
        let report = fs::read(self.beside("report"));
        let report = report.unwrap_or_else(|_| panic!("git {args:?} ran no hook: {}", both(&output)));
        let places: Vec<String> = lines(&report).iter().map(place).collect();
        assert_eq!(output.status.success(), places.is_empty(), "git {args:?}: {places:?} {}", both(&output));
        places
    }

    /// Runs telleaks in the repository.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_telleaks")).args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// Returns exit code, findings and standard error of a run with `--format jsonl`.
    pub(crate) fn findings(&self, args: &[&str]) -> (i32, Vec<Value>, String) {
        let output = self.run(&[args, &["--format", "jsonl"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (code(&output), lines(&output.stdout), said)
    }

    /// Returns the locations of the findings of a run, after checking its exit code.
    pub(crate) fn places(&self, args: &[&str]) -> Vec<String> {
        let (code, findings, said) = self.findings(args);
        assert_eq!(code, i32::from(!findings.is_empty()), "{args:?}: {said}");
        findings.iter().map(place).collect()
    }
}

/// Returns the `path:line:column` of a finding.
pub(crate) fn place(finding: &Value) -> String {
    let number = |field: &str| finding["location"][field].as_u64().unwrap();
    format!("{}:{}:{}", text(finding, "/location/path"), number("start_line"), number("start_column"))
}

/// Removes the caller's git variables and all configuration from the environment of a command.
pub(crate) fn isolate(command: &mut Command, home: &Path) {
    let of_git = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_"));
    for (name, _) in of_git {
        command.env_remove(name);
    }
    command.env_remove("NO_COLOR");
    let settings = [
        ("user.name", "A U Thor"),
        ("user.email", "author@example.com"),
        ("protocol.file.allow", "always"),
        ("advice.detachedHead", "false"),
        ("gc.auto", "0"),
    ];
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (number, (key, value)) in settings.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{number}"), key);
        command.env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("HOME", home).env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
}

/// Returns a key made at run time.
pub(crate) fn key(number: usize) -> String {
    Random::new("hooks", number).key()
}

/// Returns a line with a key.
pub(crate) fn line(number: usize) -> String {
    format!("TELNYX_API_KEY={}\n", key(number))
}
