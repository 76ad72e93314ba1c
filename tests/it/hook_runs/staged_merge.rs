//! Commits with more or other parents: merges, conflicts, amended commits, and the index during a conflict.
//!
//! A merge does not add what another parent already contains; its author has been warned before.

use crate::hook_runs::repo::{Repo, line};

/// Creates a repository in which `main` and `side` changed the same line of `a`, and `side` adds a key in `b`.
fn repo() -> Repo {
    let repo = Repo::with(&[("a", "one\n"), ("c", "three\n")]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit(&[("a", "side\n"), ("b", &line(1))]);
    repo.git(&["checkout", "-q", "main"]);
    repo.commit(&[("a", "main\n")]);
    repo.guard();
    assert!(!repo.try_git(&["merge", "-q", "side"]).status.success(), "there is a conflict");
    repo
}

#[test]
fn resolution_is_scanned_and_other_side_is_not() {
    let repo = repo();
    repo.add("a", "both\n");
    assert_eq!(repo.places(&["staged"]), [""; 0]);
    assert_eq!(repo.places(&["staged", "--whole-files"]), [""; 0], "b is as the other side has it");
    repo.add("a", format!("both\n{}", line(2)));
    assert_eq!(repo.attempt(&["commit", "-m", "merged"]), ["a:2:16"]);
    repo.add("a", "both\n");
    repo.add("b", format!("{}{}", line(1), line(3)));
    assert_eq!(repo.attempt(&["commit", "-m", "merged"]), ["b:2:16"], "another key in what came from there");
    repo.add("b", line(1));
    repo.add("d", line(1));
    assert_eq!(repo.attempt(&["commit", "-m", "merged"]), ["d:1:16"], "that key somewhere else");
    repo.git(&["rm", "-qf", "d"]);
    assert_eq!(repo.attempt(&["commit", "-m", "merged"]), [""; 0]);
    assert_eq!(repo.git(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 3);
}

#[test]
fn both_sides_of_open_conflict_are_scanned() {
    let repo = Repo::with(&[("a", "one\n")]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit(&[("a", &line(1))]);
    repo.git(&["checkout", "-q", "main"]);
    repo.commit(&[("a", "main\n")]);
    assert!(!repo.try_git(&["merge", "-q", "side"]).status.success());
    assert_eq!(repo.places(&["staged"]), ["a:1:16"], "it is not in the last commit of this branch");
    let (exit, _, said) = repo.findings(&["staged"]);
    assert_eq!((exit, said.as_str()), (1, ""));
    repo.add("a", line(1));
    assert_eq!(repo.places(&["staged"]), [""; 0], "resolved: the other side has it committed");
    repo.git(&["merge", "--abort"]);
    assert!(!repo.try_git(&["cherry-pick", "side"]).status.success());
    assert_eq!(repo.places(&["staged"]), ["a:1:16"], "a commit would bring it to this branch");
}

#[test]
fn every_stage_is_scanned_and_compared_with_head() {
    let repo = Repo::with(&[("a", "one\n"), ("b", &line(1))]);
    let key = repo.git(&["rev-parse", "HEAD:b"]);
    let plain = repo.git(&["rev-parse", "HEAD:a"]);
    for stage in 1..=3 {
        for (path, found) in [("new", true), ("b", false)] {
            let mut entries = format!("0 0000000000000000000000000000000000000000\t{path}\n");
            for other in 1..=3 {
                let blob = if other == stage { &key } else { &plain };
                entries.push_str(&format!("100644 {blob} {other}\t{path}\n"));
            }
            repo.git_on(&["update-index", "--index-info"], &entries);
            let places = repo.places(&["staged", "--whole-files"]);
            assert_eq!(!places.is_empty(), found, "{stage} {path}: {places:?}");
            repo.git(&["reset", "-q"]);
        }
    }
    repo.git(&["rm", "-q", "--cached", "b"]);
    repo.commit(&[("b", "gone\n")]);
    repo.git_on(&["update-index", "--index-info"], format!("100644 {key} 1\tb\n100644 {plain} 3\tb\n"));
    assert_eq!(repo.places(&["staged"]), ["b:1:16"], "the common ancestor");
}

#[test]
fn merge_without_conflict() {
    let repo = Repo::with(&[("a", "one\n")]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit(&[("b", &line(1))]);
    repo.git(&["checkout", "-q", "main"]);
    repo.commit(&[("c", "two\n")]);
    repo.guard();
    repo.hook("pre-merge-commit", "staged --format jsonl >\"$HOME/report\"");
    // MERGE_HEAD is not written yet when this hook runs. Git names the other parent, which has the key, in the
    // environment.
    assert_eq!(repo.attempt(&["merge", "-q", "--no-ff", "-m", "merged", "side"]), [""; 0]);
    // Content that is in no parent is new, whatever the environment says.
    repo.add("d", line(2));
    assert_eq!(repo.attempt(&["commit", "-m", "more"]), ["d:1:16"]);
}

#[test]
fn amended_commit_is_compared_with_replaced_commit() {
    let repo = Repo::with(&[("a", "one\n")]);
    repo.commit(&[("b", &line(1))]);
    repo.guard();
    repo.add("a", format!("one\n{}", line(2)));
    assert_eq!(repo.attempt(&["commit", "--amend", "-m", "x"]), ["a:2:16"]);
    repo.git(&["rm", "-q", "--cached", "b"]);
    repo.add("a", "one\n");
    assert_eq!(repo.attempt(&["commit", "--amend", "--allow-empty", "-m", "x"]), [""; 0]);
    assert_eq!(repo.git(&["ls-files"]), "a");
}

#[test]
fn revert_restores_a_key() {
    let repo = Repo::with(&[("a", &line(1))]);
    repo.commit(&[("a", "gone\n")]);
    repo.git(&["revert", "-n", "HEAD"]);
    repo.guard();
    assert_eq!(repo.attempt(&["commit", "-m", "back"]), ["a:1:16"]);
}
