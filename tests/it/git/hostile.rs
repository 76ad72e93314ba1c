//! Hostile repositories: nothing is run, nothing outside is read, and the audit ends.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::common::{both, code, telleaks};
use crate::git::repo::{Repo, key, line};

/// An audit that takes longer than this fails the test.
const MAX_RUN_TIME: Duration = Duration::from_secs(60);

/// A repository with one key in its history, and a script next to it that creates a file if it is run.
struct Trap {
    repo: Repo,
    script: String,
    mark: PathBuf,
    outside: PathBuf,
}

impl Trap {
    fn new() -> Self {
        let repo = Repo::new(&[]);
        repo.put("a.env", line("inside"));
        repo.put("b.txt", "text\n");
        repo.commit("Begin");
        repo.git(&["rm", "-q", "a.env"]);
        repo.commit("Remove it");
        let mark = repo.home.path().join("mark");
        let script = repo.home.path().join("script");
        fs::write(&script, format!("#!/bin/sh\ntouch '{}'\ncat\n", mark.display())).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let outside = repo.home.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("other.env"), line("outside")).unwrap();
        Self { script: script.display().to_string(), mark, outside, repo }
    }

    fn set(&self, name: &str, value: &str) {
        self.repo.git(&["config", "--file", ".git/config", name, value]);
    }

    /// Checks that the key is found, nothing was run, and nothing outside was read.
    fn holds(&self, why: &str) {
        let output = bounded(&self.repo.dir);
        let shown = both(&output);
        assert!(!self.mark.exists(), "{why}: a script ran");
        assert!(shown.contains(&key("inside")), "{why}: {shown}");
        assert!(!shown.contains(&key("outside")), "{why}: {shown}");
        assert!(!shown.contains("panicked"), "{why}: {shown}");
        assert_eq!(code(&output), 1, "{why}: {shown}");
    }
}

/// Runs an audit and kills it if it takes too long.
fn bounded(dir: &Path) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command: Command = telleaks();
    command.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME").arg("audit").arg(dir);
    command.args(["--format", "json", "--show-secrets"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > MAX_RUN_TIME {
            child.kill().unwrap();
            panic!("{}", both(&child.wait_with_output().unwrap()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn settings_run_nothing() {
    let trap = Trap::new();
    fs::create_dir(trap.repo.dir.join(".git/mine")).unwrap();
    for hook in ["post-index-change", "fsmonitor-watchman", "pre-auto-gc", "reference-transaction"] {
        symlink(&trap.script, trap.repo.dir.join(".git/mine").join(hook)).unwrap();
        let _old = fs::remove_file(trap.repo.dir.join(".git/hooks").join(hook));
        symlink(&trap.script, trap.repo.dir.join(".git/hooks").join(hook)).unwrap();
    }
    trap.repo.put(".gitattributes", "* filter=x diff=x merge=x\n");
    let names = [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "filter.x.smudge",
        "filter.x.clean",
        "filter.x.process",
        "merge.x.driver",
        "gpg.program",
        "credential.helper",
        "remote.origin.uploadpack",
        "uploadpack.packObjectsHook",
        "pager.log",
        "alias.log",
    ];
    for name in names {
        trap.set(name, &trap.script);
    }
    trap.set("core.hooksPath", ".git/mine");
    trap.set("remote.origin.url", trap.outside.to_str().unwrap());
    trap.set("extensions.partialClone", "origin");
    trap.set("remote.origin.promisor", "true");
    trap.set("core.repositoryformatversion", "1");
    // A promised object, which git would fetch.
    let id = trap.repo.git(&[
        "-c",
        "core.fsmonitor=",
        "-c",
        "core.hooksPath=/dev/null",
        "rev-parse",
        "HEAD:b.txt",
    ]);
    fs::remove_file(trap.repo.loose(&id)).unwrap();
    let _ran_by_git_above = fs::remove_file(&trap.mark);
    trap.holds("settings");
}

#[test]
fn settings_do_not_lead_outside() {
    let elsewhere = |name: &str, value: &dyn Fn(&Trap) -> String| {
        let trap = Trap::new();
        let value = value(&trap);
        trap.set(name, &value);
        trap.holds(name);
    };
    let outside = |trap: &Trap| trap.outside.display().to_string();
    elsewhere("core.worktree", &outside);
    elsewhere("core.attributesFile", &outside);
    elsewhere("include.path", &|trap| {
        let pipe = trap.repo.home.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        pipe.display().to_string()
    });
    elsewhere("core.excludesFile", &|trap| {
        let pipe = trap.repo.home.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        pipe.display().to_string()
    });
}

#[test]
fn links_do_not_lead_outside() {
    let trap = Trap::new();
    for name in ["link", ".git/link", ".git/hooks/link", ".git/logs/link", ".git/refs/heads/link", ".git/lfs"]
    {
        symlink(&trap.outside, trap.repo.dir.join(name)).unwrap();
    }
    fs::write(trap.outside.join("HEAD"), line("outside")).unwrap();
    let name = "ab".repeat(32);
    crate::common::put(&trap.outside, &format!("objects/ab/ab/{name}"), line("outside"));
    trap.repo
        .put("large.bin", format!("version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize 9\n"));
    trap.repo.commit("Add a pointer");
    trap.holds("links");
    for (name, text) in [("lib", "gitdir: "), ("sub", "gitdir: ../../")] {
        let other = Trap::new();
        let inner = Repo::at(trap.outside.join(name));
        fs::create_dir(&inner.dir).unwrap();
        inner.git(&["init", "-q"]);
        let commit = inner.stored(&[("other.env", &line("outside"))], &[], "Other");
        inner.name("refs/heads/main", &commit);
        let repo = &other.repo;
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{name}")]);
        let git_dir = format!("{text}{}/.git\n", inner.dir.display());
        repo.put(&format!("{name}/.git"), git_dir);
        other.holds("a submodule that leads outside");
    }
}

#[test]
fn pipes_do_not_block_the_audit() {
    let trap = Trap::new();
    let oid = "cd".repeat(32);
    trap.repo
        .put("large.bin", format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 9\n"));
    trap.repo.commit("Add a pointer");
    let large = format!(".git/lfs/objects/cd/cd/{oid}");
    let names = [
        &large,
        ".git/FETCH_HEAD",
        ".git/ORIG_HEAD",
        ".git/refs/heads/pipe",
        ".git/logs/pipe",
        ".git/hooks/pipe",
        ".git/info/exclude",
        ".git/shallow",
        ".git/packed-refs",
        ".git/index",
        ".git/config",
        ".git/objects/info/alternates",
        ".git/objects/pack/multi-pack-index",
        ".git/objects/12/34567890123456789012345678901234567890",
        ".git/worktrees/x/index",
        ".git/modules/x/HEAD",
        ".gitignore",
    ];
    // One more pipe each time: the audit ends for any number of them.
    for name in names {
        let path = trap.repo.dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _old = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        trap.holds(name);
    }
}

#[test]
fn loops_and_odd_files_do_not_block_the_audit() {
    let trap = Trap::new();
    let git = trap.repo.dir.join(".git");
    symlink("self", git.join("self")).unwrap();
    symlink("..", git.join("refs/heads/up")).unwrap();
    symlink("/dev/zero", git.join("logs/zero")).unwrap();
    symlink("/dev/zero", git.join("BIG_HEAD")).unwrap();
    trap.repo.put(
        ".git/objects/info/alternates",
        format!("{0}/.git/objects\n../objects\n", trap.repo.dir.display()),
    );
    trap.repo.put(".git/refs/heads/a", "ref: refs/heads/b\n");
    trap.repo.put(".git/refs/heads/b", "ref: refs/heads/a\n");
    trap.repo.put(".git/worktrees/x/gitdir", "/nowhere/.git\n");
    trap.holds("loops");
}
