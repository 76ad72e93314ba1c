//! Installed hooks, as called by git.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::common::{both, code, put};
use crate::hook_install::repo::{Repo, key, line};

pub(crate) fn install(repo: &Repo, words: &[&str]) {
    let output = repo.run(&[&["hook", "install"], words].concat());
    assert_eq!(code(&output), 0, "{words:?}: {}", both(&output));
}

pub(crate) fn remove(repo: &Repo, words: &[&str]) {
    let output = repo.run(&[&["hook", "remove"], words].concat());
    assert_eq!(code(&output), 0, "{words:?}: {}", both(&output));
}

/// Returns whether git succeeded. If it failed, the key must be the reason.
pub(crate) fn passes(repo: &Repo, args: &[&str]) -> bool {
    let output = repo.try_git(args);
    let said = both(&output);
    assert_eq!(output.status.success(), !said.contains("telnyx-api-key"), "git {args:?}: {said}");
    output.status.success()
}

#[test]
fn commits_are_scanned() {
    let repo = Repo::with(&[("a", "one\n"), ("b", "two\n")]);
    install(&repo, &[]);
    repo.put("a", line(1));
    assert!(!passes(&repo, &["commit", "-am", "x"]));
    assert!(!passes(&repo, &["commit", "-m", "x", "--", "a"]));
    repo.put("b", "clean\n");
    assert!(passes(&repo, &["commit", "-m", "x", "--", "b"]));
    assert!(passes(&repo, &["commit", "--no-verify", "-am", "x"]));
    repo.put("a", "gone\n");
    assert!(passes(&repo, &["commit", "-am", "x"]));
}

#[test]
fn linked_work_trees_and_subdirectories_share_the_hook() {
    let repo = Repo::with(&[("dir/a", "one\n")]);
    repo.git(&["worktree", "add", "-q", "../linked"]);
    install(&repo, &["--repo", "../linked"]);
    repo.put("dir/a", line(1));
    assert!(!passes(&repo, &["-C", "dir", "commit", "-am", "x"]));
    put(&repo.beside("linked"), "dir/a", line(2));
    assert!(!passes(&repo, &["-C", "../linked/dir", "commit", "-am", "x"]));
    remove(&repo, &["--repo", "dir"]);
    assert!(passes(&repo, &["commit", "-am", "x"]));
}

#[test]
fn merge_commits_are_scanned() {
    let repo = Repo::with(&[("a", "one\n")]);
    repo.git(&["checkout", "-qb", "topic"]);
    repo.commit(&[("b", &line(1))]);
    repo.git(&["checkout", "-q", "main"]);
    repo.commit(&[("c", "three\n")]);
    install(&repo, &["pre-commit"]);
    let dir = repo.dir().join(".git/hooks");
    assert!(dir.join("pre-merge-commit").exists());
    // The key is in a parent, so the merge itself adds nothing.
    assert!(passes(&repo, &["merge", "--no-edit", "topic"]));
    repo.git(&["checkout", "-q", "topic"]);
    repo.commit(&[("c", "other\n")]);
    repo.git(&["checkout", "-q", "main"]);
    repo.try_git(&["merge", "topic"]);
    repo.add("c", line(2));
    assert!(!passes(&repo, &["commit", "-m", "an evil merge"]));
    remove(&repo, &[]);
    assert!(!dir.join("pre-merge-commit").exists());
}

#[test]
fn messages_are_scanned_separately() {
    let repo = Repo::with(&[("a", "one\n")]);
    install(&repo, &["commit-msg"]);
    repo.put("a", line(1));
    assert!(!passes(&repo, &["commit", "--allow-empty", "-m", &key(2)]));
    assert!(passes(&repo, &["commit", "-am", "the file is for pre-commit"]));
    assert_eq!(code(&repo.run(&["staged", "--message-only"])), 2);
}

#[test]
fn pushes_are_scanned_on_both_sides() {
    let repo = Repo::with(&[("a", "one\n")]);
    repo.git(&["init", "-q", "--bare", "../server.git"]);
    repo.git(&["remote", "add", "origin", "../server.git"]);
    install(&repo, &["pre-push"]);
    assert!(passes(&repo, &["push", "origin", "main"]));
    repo.commit(&[("a", &line(1))]);
    assert!(!passes(&repo, &["push", "origin", "main"]));
    remove(&repo, &["pre-push"]);
    install(&repo, &["pre-receive", "--repo", "../server.git"]);
    assert!(!passes(&repo, &["push", "origin", "main"]));
    assert!(passes(&repo, &["push", "origin", "main~1:refs/heads/other"]));
    remove(&repo, &["pre-receive", "--repo", "../server.git"]);
    assert!(passes(&repo, &["push", "origin", "main"]));
}

#[test]
fn hooks_directory_is_that_of_git() {
    let repo = Repo::with(&[("dir/a", "one\n")]);
    repo.git(&["config", "core.hooksPath", "my hooks"]);
    install(&repo, &["--repo", "dir"]);
    assert!(repo.dir().join("my hooks/pre-commit").exists());
    repo.put("dir/a", line(1));
    assert!(!passes(&repo, &["commit", "-am", "x"]));
    remove(&repo, &[]);
    assert!(passes(&repo, &["commit", "-am", "x"]));
}

/// Copies telleaks in another process. A program that is open for writing cannot be run, and processes started by
/// other tests would inherit a descriptor that is opened here.
fn copy_program(to: &Path) {
    let status = Command::new("cp").arg(env!("CARGO_BIN_EXE_telleaks")).arg(to).status().unwrap();
    assert!(status.success());
}

#[test]
fn missing_program_blocks_commits() {
    let repo = Repo::with(&[("a", "one\n")]);
    let program = repo.beside("it's here/telleaks");
    fs::create_dir(program.parent().unwrap()).unwrap();
    copy_program(&program);
    assert!(repo.command(&program).args(["hook", "install"]).status().unwrap().success());
    repo.put("a", line(1));
    assert!(!passes(&repo, &["commit", "-am", "x"]));
    fs::remove_file(&program).unwrap();
    repo.put("a", "clean\n");
    let output = repo.try_git(&["commit", "-am", "x"]);
    assert_eq!(code(&output), 1);
    assert!(
        both(&output).contains("telleaks: the program was not found, so nothing was searched"),
        "{}",
        both(&output)
    );
    // A program found through PATH is accepted.
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_telleaks")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let output = repo.command("git").args(["commit", "-am", "x"]).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
}

#[test]
fn second_installation_changes_nothing() {
    let repo = Repo::with(&[("a", "one\n")]);
    install(&repo, &[]);
    let script = repo.dir().join(".git/hooks/pre-commit");
    let first = (fs::read(&script).unwrap(), fs::metadata(&script).unwrap().modified().unwrap());
    assert_eq!(fs::metadata(&script).unwrap().permissions().mode() & 0o777, 0o755);
    install(&repo, &[]);
    assert_eq!(first, (fs::read(&script).unwrap(), fs::metadata(&script).unwrap().modified().unwrap()));
    // A hook for another copy of the program replaces the first one and does not chain it.
    let program = repo.beside("telleaks");
    copy_program(&program);
    assert!(repo.command(&program).args(["hook", "install"]).status().unwrap().success());
    assert_ne!(first.0, fs::read(&script).unwrap());
    assert!(!repo.dir().join(".git/hooks/pre-commit.before-telleaks").exists());
    remove(&repo, &[]);
    remove(&repo, &[]);
    assert!(!script.exists());
}

#[test]
fn shells_accept_hooks_without_warnings() {
    let repo = Repo::new();
    for hook in ["pre-commit", "commit-msg", "pre-push", "pre-receive"] {
        install(&repo, &[hook]);
        let script = repo.dir().join(".git/hooks").join(hook);
        if let Ok(checked) = repo.command("shellcheck").arg(&script).output() {
            assert!(checked.status.success(), "{}", both(&checked));
        }
    }
}
