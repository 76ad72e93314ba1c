//! Cases in which `telleaks hook` changes nothing, and their error messages.

use std::fs;

use crate::common::{both, code, put};
use crate::hook_install::install::install;
use crate::hook_install::repo::Repo;

fn refuses(repo: &Repo, args: &[&str], word: &str) {
    let output = repo.run(&[&["hook"], args].concat());
    assert_eq!(code(&output), 2, "{args:?}: {}", both(&output));
    assert!(both(&output).contains(word), "{args:?}: {}", both(&output));
}

#[test]
fn hook_changed_after_installation() {
    let repo = Repo::new();
    install(&repo, &[]);
    let script = repo.dir().join(".git/hooks/pre-commit");
    let changed = fs::read_to_string(&script).unwrap().replace("staged", "staged --whole-files");
    fs::write(&script, &changed).unwrap();
    for what in ["install", "remove"] {
        refuses(&repo, &[what], "was changed after it was installed");
    }
    assert_eq!(fs::read_to_string(&script).unwrap(), changed);
    assert!(repo.dir().join(".git/hooks/pre-merge-commit").exists(), "nothing is done by halves");
}

#[test]
fn two_foreign_hooks() {
    let repo = Repo::new();
    put(&repo.dir().join(".git/hooks"), "pre-commit", "first");
    install(&repo, &[]);
    put(&repo.dir().join(".git/hooks"), "pre-commit", "second");
    for what in ["install", "remove"] {
        refuses(&repo, &[what], "move one of the two away");
    }
    fs::remove_file(repo.dir().join(".git/hooks/pre-commit")).unwrap();
    fs::create_dir(repo.dir().join(".git/hooks/pre-commit")).unwrap();
    refuses(&repo, &["install"], "not a regular file");
}

#[test]
fn repositories_without_this_hook() {
    let repo = Repo::new();
    repo.git(&["init", "-q", "--bare", "../bare"]);
    refuses(&repo, &["install", "--repo", "../bare"], "pre-receive");
    refuses(&repo, &["install", "--repo", ".."], "not a git repository");
    refuses(&repo, &["install", "--repo", ".", "--global"], "cannot be used with");
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    refuses(&repo, &["install"], ".husky/pre-commit");
}

#[test]
fn advice_of_husky_and_of_git_is_one_line() {
    let repo = Repo::with(&[("x", "x\n")]);
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    let said = both(&repo.run(&["doctor"]));
    assert!(said.contains("add the line telleaks staged to .husky/pre-commit"), "{said}");
    assert!(!said.contains("hook install installs it"), "{said}");
    let outside = both(&repo.run(&["hook", "install", "--repo", ".."]));
    assert!(outside.contains("not a git repository") && !outside.contains("fatal:"), "{outside}");
    repo.git(&["config", "core.hooksPath", "hooks"]);
    let said = both(&repo.run(&["hook", "install"]));
    assert!(said.contains("is relative: run telleaks hook install in each new work tree"), "{said}");
}
