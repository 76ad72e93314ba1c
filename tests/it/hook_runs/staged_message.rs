//! A real commit-msg hook: only the part of the message that git keeps is scanned.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::common::{both, code};
use crate::hook_runs::repo::{Repo, key, line};

const CUT: &str = "# ------------------------ >8 ------------------------\n";

fn repo() -> Repo {
    let repo = Repo::with(&[("a", &line(1))]);
    repo.hook("commit-msg", "staged --message \"$1\"");
    repo.put("a", "gone\n");
    repo
}

/// Runs `git commit` with an editor that inserts `message` before git's template.
fn edited(repo: &Repo, message: &str, args: &[&str]) -> Output {
    let script = repo.beside("editor");
    fs::write(repo.beside("message"), message).unwrap();
    fs::write(&script, "#!/bin/sh\ncat \"$HOME/message\" \"$1\" >\"$HOME/x\" && cp \"$HOME/x\" \"$1\"\n")
        .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = repo.command("git");
    command.arg("commit").args(args).env("GIT_EDITOR", &script);
    command.output().unwrap()
}

#[test]
fn key_in_message() {
    let reported = |output: &Output, what: &str| {
        let said = both(output);
        assert_eq!(code(output), 1, "{what}: {said}");
        assert!(said.contains("COMMIT_EDITMSG:3:1"), "{what}: {said}");
        assert!(!said.contains(&key(2)), "{what}: {said}");
    };
    let message = format!("Subject\n\n{} is new\n", key(2));
    let repo = repo();
    reported(&edited(&repo, &message, &["-a"]), "in an editor");
    reported(&edited(&repo, &message, &["-a", "-v"]), "in an editor that shows the changes");
    reported(&repo.try_git(&["commit", "-a", "-m", &message]), "-m");
    let hidden = format!("Subject\n\n{}", key(2));
    reported(&repo.try_git(&["commit", "-a", "-m", &hidden]), "without a line end");
    // Without an editor, git keeps lines that look like its own comments.
    let output = repo.try_git(&["commit", "-a", "-m", &format!("Subject\n\n#{}\n", key(2))]);
    assert!(both(&output).contains("COMMIT_EDITMSG:3:2"), "{}", both(&output));
    let output = repo.try_git(&["commit", "-a", "-m", &format!("Subject\n\n{CUT}{}\n", key(2))]);
    assert!(both(&output).contains("COMMIT_EDITMSG:4:1"), "{}", both(&output));
    assert_eq!(repo.git(&["rev-list", "--count", "HEAD"]), "1", "none of them was recorded");
}

#[test]
fn lines_removed_by_git() {
    for (message, args) in [
        (format!("Subject\n\n# {}\n", key(2)), &["-a"][..]),
        // The diff contains the removed line.
        ("Subject\n".to_owned(), &["-a", "-v"]),
        (format!("Subject\n{CUT}{}\n", key(2)), &["-a", "-v"]),
    ] {
        let repo = repo();
        let output = edited(&repo, &message, args);
        assert!(output.status.success(), "{args:?}: {}", both(&output));
        let recorded = repo.git(&["log", "-1", "--format=%B"]);
        assert_eq!(recorded, "Subject", "{args:?}");
    }
}

#[test]
fn text_similar_to_scissors_line() {
    let repo = repo();
    let message = format!("Subject\n\nsee {CUT}{}\n", key(2));
    let output = edited(&repo, &message, &["-a"]);
    assert!(both(&output).contains("COMMIT_EDITMSG:4:1"), "{}", both(&output));
}

#[test]
fn staged_files_are_scanned_with_message() {
    let repo = repo();
    repo.put("a", line(3));
    let output = repo.try_git(&["commit", "-a", "-m", "harmless"]);
    assert!(both(&output).contains("--> a:1:16"), "{}", both(&output));
    assert_eq!(code(&repo.run(&["staged", "--message", "no-such-file"])), 2);
}
