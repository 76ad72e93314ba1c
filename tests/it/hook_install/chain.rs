//! A previous hook: it is called with all input from git, its result counts, and it is restored.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::common::{both, code, put};
use crate::hook_install::install::{install, passes, remove};
use crate::hook_install::repo::{Repo, line};

/// Writes a hook that does not belong to telleaks.
fn theirs(repo: &Repo, hook: &str, script: &str) -> PathBuf {
    let dir = repo.dir().join(".git/hooks");
    put(&dir, hook, format!("#!/bin/sh\n{script}"));
    fs::set_permissions(dir.join(hook), Permissions::from_mode(0o750)).unwrap();
    dir.join(hook)
}

#[test]
fn previous_hook_runs_first_and_counts() {
    let repo = Repo::with(&[("a", "one\n")]);
    theirs(&repo, "pre-commit", "test -e \"$HOME/good\" || exit 7\necho clean >a\ngit add a\n");
    install(&repo, &[]);
    repo.put("a", "two\n");
    assert_eq!(code(&repo.try_git(&["commit", "-am", "x"])), 1, "it refuses");
    fs::write(repo.beside("good"), "").unwrap();
    repo.put("a", line(1));
    assert!(passes(&repo, &["commit", "-am", "x"]), "it has taken the key out before telleaks looks");
    assert_eq!(repo.git(&["show", "HEAD:a"]), "clean");
}

#[test]
fn previous_hook_gets_arguments_and_input() {
    let repo = Repo::with(&[("a", "one\n")]);
    repo.git(&["init", "-q", "--bare", "../server.git"]);
    repo.git(&["remote", "add", "origin", "../server.git"]);
    theirs(&repo, "pre-push", "echo \"$@\" >\"$HOME/told\"\ncat >>\"$HOME/told\"\n");
    let head = repo.id("HEAD");
    install(&repo, &["pre-push"]);
    assert!(passes(&repo, &["push", "origin", "main"]));
    let zeros = "0".repeat(40);
    let input = format!("origin ../server.git\nrefs/heads/main {head} refs/heads/main {zeros}\n");
    assert_eq!(fs::read_to_string(repo.beside("told")).unwrap(), input);
    repo.commit(&[("a", &line(1))]);
    assert!(!passes(&repo, &["push", "origin", "main"]), "telleaks gets the lines, too");
    theirs(&repo, "pre-push.before-telleaks", "exit 3\n");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(
        code(&repo.try_git(&["push", "origin", "main:other"])),
        1,
        "one that reads nothing and refuses"
    );
}

#[test]
fn previous_hook_is_restored() {
    let repo = Repo::with(&[("a", "one\n")]);
    let script = theirs(&repo, "pre-commit", "echo mine\n");
    let before = fs::read(&script).unwrap();
    install(&repo, &[]);
    install(&repo, &[]);
    assert_eq!(fs::read(repo.dir().join(".git/hooks/pre-commit.before-telleaks")).unwrap(), before);
    remove(&repo, &[]);
    assert_eq!(fs::read(&script).unwrap(), before);
    assert_eq!(fs::metadata(&script).unwrap().permissions().mode() & 0o777, 0o750);
    assert!(!repo.dir().join(".git/hooks/pre-commit.before-telleaks").exists());
    // A second removal does not touch the previous hook.
    remove(&repo, &[]);
    assert_eq!(fs::read(&script).unwrap(), before);
}

#[test]
fn links_and_files_that_git_does_not_run() {
    let repo = Repo::with(&[("a", "one\n"), ("check.sh", "#!/bin/sh\nexit 1\n")]);
    let script = repo.dir().join(".git/hooks/pre-commit");
    fs::create_dir_all(script.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("../../check.sh", &script).unwrap();
    install(&repo, &[]);
    repo.put("a", "two\n");
    assert!(
        repo.try_git(&["commit", "-am", "x"]).status.success(),
        "no program, so git would not run it either"
    );
    fs::set_permissions(repo.dir().join("check.sh"), Permissions::from_mode(0o755)).unwrap();
    repo.put("a", "three\n");
    let output = repo.try_git(&["commit", "-am", "x"]);
    assert_eq!(code(&output), 1, "{}", both(&output));
    remove(&repo, &[]);
    assert_eq!(fs::read_link(&script).unwrap().to_str(), Some("../../check.sh"));
}
