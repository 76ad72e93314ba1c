//! A real pre-push hook: commits that the remote does not have are scanned before they are pushed.

use crate::common::both;
use crate::hook_runs::repo::{Repo, line};

/// Creates a repository with a key in history that its remote `origin` already has, and with the hook.
fn repo() -> Repo {
    let repo = Repo::with(&[("old", &line(1))]);
    repo.git(&["init", "-q", "-b", "main", "--bare", "../server.git"]);
    repo.git(&["remote", "add", "origin", "../server.git"]);
    repo.git(&["push", "-q", "origin", "main"]);
    repo.hook("pre-push", "commits --stdin");
    repo
}

/// Pushes and returns the paths for which the hook blocked the push; empty if it allowed the push.
fn push(repo: &Repo, words: &[&str]) -> Vec<String> {
    let output = repo.try_git(&[&["push"], words].concat());
    let said = both(&output);
    let places = said.lines().filter_map(|line| line.trim_start().strip_prefix("--> "));
    let places: Vec<String> = places.map(str::to_owned).collect();
    assert_eq!(output.status.success(), places.is_empty(), "{words:?}: {said}");
    places
}

#[test]
fn commits_missing_on_the_remote() {
    let repo = repo();
    assert_eq!(push(&repo, &["origin", "main"]), [""; 0], "nothing new");
    repo.commit(&[("a", "clean\n")]);
    assert_eq!(push(&repo, &["origin", "main"]), [""; 0]);
    repo.git(&["checkout", "-q", "-b", "topic"]);
    assert_eq!(push(&repo, &["origin", "topic"]), [""; 0], "a new branch of old commits");
    repo.commit(&[("b", &line(2))]);
    assert_eq!(push(&repo, &["origin", "topic"]), ["b:1:16"]);
    assert_eq!(push(&repo, &["origin", "HEAD:refs/heads/new"]), ["b:1:16"]);
    assert_eq!(push(&repo, &["origin", "HEAD~1:refs/heads/new"]), [""; 0]);
    assert_eq!(push(&repo, &["--all", "origin"]), ["b:1:16"]);
    assert_eq!(push(&repo, &["origin", "--delete", "new"]), [""; 0]);
    repo.git(&["tag", "-a", "-m", "x", "v1"]);
    assert_eq!(push(&repo, &["origin", "v1"]), ["b:1:16"]);
    repo.git(&["reset", "-q", "--hard", "main~1"]);
    assert_eq!(push(&repo, &["--force", "origin", "topic"]), [""; 0]);
}

#[test]
fn source_with_blanks() {
    let repo = repo();
    repo.commit(&[("a", &line(2))]);
    assert_eq!(push(&repo, &["origin", "HEAD@{0 seconds ago}:refs/heads/x"]), ["a:1:16"]);
}

#[test]
fn remote_with_unknown_commits() {
    let repo = repo();
    repo.git(&["clone", "-q", "../server.git", "../other"]);
    std::fs::write(repo.beside("other/theirs"), "x\n").unwrap();
    repo.git(&["-C", "../other", "add", "theirs"]);
    repo.git(&["-C", "../other", "commit", "-qm", "theirs"]);
    repo.git(&["-C", "../other", "push", "-q", "origin", "main"]);
    repo.commit(&[("a", "clean\n")]);
    assert_eq!(push(&repo, &["--force", "origin", "main:main"]), [""; 0]);
    repo.commit(&[("b", &line(2))]);
    assert_eq!(push(&repo, &["--force", "origin", "main"]), ["b:1:16"]);
}

#[test]
fn commits_of_another_remote_are_new() {
    let repo = repo();
    repo.git(&["init", "-q", "--bare", "../public.git"]);
    repo.git(&["remote", "add", "public", "../public.git"]);
    repo.hook("pre-push", "commits --stdin --remote \"$1\"");
    assert_eq!(push(&repo, &["origin", "main:copy"]), [""; 0]);
    assert_eq!(push(&repo, &["public", "main"]), ["old:1:16"]);
    // A remote without a name has no known commits.
    assert_eq!(push(&repo, &["../public.git", "main"]), ["old:1:16"]);
    repo.hook("pre-push", "commits --stdin");
    assert_eq!(
        push(&repo, &["public", "main"]),
        [""; 0],
        "without a remote name, commits of all remotes are excluded"
    );
}

#[test]
fn push_from_linked_work_tree_and_subdirectory() {
    let repo = repo();
    repo.git(&["worktree", "add", "-q", "-b", "topic", "../linked"]);
    std::fs::create_dir(repo.beside("linked/dir")).unwrap();
    std::fs::write(repo.beside("linked/dir/a"), line(2)).unwrap();
    repo.git(&["-C", "../linked", "add", "dir"]);
    repo.git(&["-C", "../linked", "commit", "-qm", "x"]);
    let output = repo.try_git(&["-C", "../linked/dir", "push", "origin", "topic"]);
    assert!(both(&output).contains("--> dir/a:1:16"), "{}", both(&output));
}
