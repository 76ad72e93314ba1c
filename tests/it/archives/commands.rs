//! Every command that scans content opens containers: standard input, staged files, commits, the whole history.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::archives::{log, make};
use crate::common::random::Random;
use crate::common::{both, code, lines, put, telleaks, text};

pub(crate) fn git(folder: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(folder).args(identity).args(args).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
}

fn run(folder: &Path, args: &[&str]) -> Output {
    telleaks().current_dir(folder).args(args).args(["--format", "jsonl"]).output().unwrap()
}

fn paths(output: &Output) -> Vec<String> {
    lines(&output.stdout).iter().map(|one| text(one, "/location/path").to_owned()).collect()
}

#[test]
fn standard_input() {
    let key = Random::new("stdin", 0).key();
    let content = make::gzip(&make::tar(&[("a/b.txt", log(&key).as_bytes())]));
    let mut child = telleaks()
        .args(["scan", "-", "--format", "jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&content).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), paths(&output)), (1, vec!["<stdin>!/a/b.txt".to_owned()]));
}

#[test]
fn git_index_and_history() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (old, new) = (Random::new("git", 0).key(), Random::new("git", 1).key());
    let archive = |keys: &[&str]| {
        let texts: Vec<String> = keys.iter().map(|key| log(key)).collect();
        let names: Vec<String> = (0..keys.len()).map(|number| format!("{number}.env")).collect();
        let files: Vec<(&str, &[u8])> =
            names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        make::zip(&files)
    };
    git(at, &["init", "-q", "-b", "main"]);
    put(at, "lib.jar", archive(&[&old]));
    git(at, &["add", "."]);
    let staged = run(at, &["staged"]);
    assert_eq!((code(&staged), paths(&staged)), (1, vec!["lib.jar!/0.env".to_owned()]), "{}", both(&staged));
    git(at, &["commit", "-qm", "one"]);
    put(at, "lib.jar", archive(&[&old, &new]));
    git(at, &["add", "."]);
    // Secrets that were already in the archive are not reported again.
    let staged = run(at, &["staged"]);
    assert_eq!(paths(&staged), ["lib.jar!/1.env"], "{}", both(&staged));
    git(at, &["commit", "-qm", "two"]);
    let commits = run(at, &["commits", "HEAD~1..HEAD"]);
    assert_eq!(paths(&commits), ["lib.jar!/1.env"], "{}", both(&commits));
    git(at, &["rm", "-q", "lib.jar"]);
    git(at, &["commit", "-qm", "three"]);
    let audit = run(at, &["audit"]);
    let found = lines(&audit.stdout);
    let reported: Vec<_> =
        found.iter().map(|one| (text(one, "/location/path"), text(one, "/git/commit/subject"))).collect();
    let subjects: Vec<String> = found.iter().map(|one| one["git"].to_string()).collect();
    assert_eq!(
        reported.iter().map(|one| one.0).collect::<Vec<_>>(),
        ["lib.jar!/0.env", "lib.jar!/1.env"],
        "{subjects:?}"
    );
    assert!(subjects[0].contains("one") && subjects[1].contains("two"), "{subjects:?}");
    assert!(found.iter().all(|one| one["git"]["in_head"] == false), "{subjects:?}");
}

#[test]
fn damaged_archive_in_history_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    git(at, &["init", "-q", "-b", "main"]);
    let content = make::gzip(&Random::new("history", 0).bytes(5000));
    put(at, "cut.gz", &content[..3000]);
    git(at, &["add", "."]);
    let staged = run(at, &["staged"]);
    assert_eq!(code(&staged), 3, "{}", both(&staged));
    git(at, &["commit", "-qm", "one"]);
    for args in [&["commits", "HEAD"][..], &["audit", "--no-worktree"]] {
        let output = run(at, args);
        assert_eq!(code(&output), 3, "{args:?} {}", both(&output));
        assert!(both(&output).contains("too early"), "{args:?} {}", both(&output));
    }
}
