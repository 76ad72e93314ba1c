//! A real pre-receive hook in a real bare repository: a push with a key is rejected, and its quarantined objects are
//! deleted.

use serde_json::Value;

use crate::common::{both, lines, text};
use crate::hook_runs::repo::{Repo, key, line};

/// Creates a repository whose remote `origin` has the hook and already contains `main`.
fn repo() -> Repo {
    repo_of("sha1")
}

fn repo_of(format: &str) -> Repo {
    let format = format!("--object-format={format}");
    let repo = Repo::init(&[&format]);
    repo.commit(&[("old", &line(1))]);
    repo.git(&["init", "-q", "-b", "main", &format, "--bare", "../server.git"]);
    repo.git(&["remote", "add", "origin", "../server.git"]);
    repo.git(&["push", "-q", "origin", "main"]);
    install(&repo, "commits --stdin");
    repo
}

/// Installs the hook on the server.
fn install(repo: &Repo, words: &str) {
    let script = format!("#!/bin/sh\nexec '{}' {words}\n", env!("CARGO_BIN_EXE_telleaks"));
    crate::common::put(&repo.beside("server.git"), "hooks/pre-receive", script);
    let path = repo.beside("server.git/hooks/pre-receive");
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// Pushes and returns the output; `refused` says whether the push must fail.
fn push(repo: &Repo, words: &[&str], refused: bool) -> String {
    let output = repo.try_git(&[&["push", "origin"], words].concat());
    let said = both(&output);
    assert_eq!(output.status.success(), !refused, "{words:?}: {said}");
    assert!(!said.contains("not read") && !said.contains("panicked"), "{words:?}: {said}");
    said
}

fn server(repo: &Repo, args: &[&str]) -> String {
    repo.git(&[&["-C", "../server.git"], args].concat())
}

#[test]
fn created_updated_and_deleted_branches() {
    let repo = repo();
    repo.commit(&[("a", "clean\n")]);
    push(&repo, &["main"], false);
    repo.git(&["checkout", "-q", "-b", "topic"]);
    push(&repo, &["topic"], false);
    let bad = repo.commit(&[("b", &format!("x\n{}", line(2)))]);
    let said = push(&repo, &["topic"], true);
    assert!(said.contains("remote:  --> b:2:16"), "{said}");
    assert!(!said.contains(&key(2)) && said.contains(&key(2)[..35]), "{said}");
    assert!(said.contains("1 finding"), "the old key is not reported: {said}");
    // Removed from the tip, but still in history.
    repo.commit(&[("b", "gone\n")]);
    assert!(push(&repo, &["topic"], true).contains("b:2:16"));
    assert!(push(&repo, &["topic:new"], true).contains("b:2:16"));
    assert!(
        !repo.try_git(&["-C", "../server.git", "cat-file", "-e", &bad]).status.success(),
        "in quarantine"
    );
    repo.git(&["reset", "-q", "--hard", "main"]);
    push(&repo, &["topic:new"], false);
    push(&repo, &["--delete", "new"], false);
    assert_eq!(server(&repo, &["branch", "--format=%(refname:short)"]), "main\ntopic");
}

#[test]
fn forced_push() {
    for format in ["sha1", "sha256"] {
        by_force(&repo_of(format));
    }
}

fn by_force(repo: &Repo) {
    repo.commit(&[("a", "clean\n")]);
    push(repo, &["main"], false);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.commit(&[("b", &line(2))]);
    assert!(push(repo, &["--force", "main"], true).contains("b:1:16"));
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.commit(&[("b", "clean\n")]);
    push(repo, &["--force", "main"], false);
}

#[test]
fn tags_and_names() {
    let repo = repo();
    repo.git(&["tag", "-a", "-m", "harmless", "v1"]);
    push(&repo, &["v1"], false);
    repo.git(&["tag", "-a", "-m", &format!("see {}", key(2)), "v2"]);
    assert!(push(&repo, &["v2"], true).contains("tag"));
    repo.git(&["tag", "-a", "-m", "around it", "v3", "v2"]);
    push(&repo, &["v3"], true);
    let said = push(&repo, &[&format!("main:refs/heads/{}", key(3))], true);
    assert!(said.contains(&key(3)[..35]), "{said}");
    // Git itself prints the name to the pusher; the output of telleaks follows `remote:`.
    assert!(
        said.lines().filter(|line| line.contains("remote:")).all(|line| !line.contains(&key(3))),
        "{said}"
    );
    let blob = repo.git_on(&["hash-object", "-w", "--stdin"], line(4));
    repo.git(&["tag", "blob", &blob]);
    assert!(
        !repo.try_git(&["push", "-q", "origin", "blob"]).status.success(),
        "a tag of a file is scanned, too"
    );
    repo.git(&["notes", "add", "-m", &key(4)]);
    push(&repo, &["refs/notes/commits"], true);
}

#[test]
fn findings_name_the_pushed_refs() {
    let repo = repo();
    install(&repo, "commits --stdin --report jsonl=\"$HOME/report\" >&2");
    repo.git(&["checkout", "-q", "-b", "x"]);
    repo.commit(&[("x", &line(2))]);
    repo.git(&["checkout", "-q", "-b", "y", "main"]);
    let commit = repo.commit(&[("y", &line(3))]);
    push(&repo, &["x", "y", "main:clean"], true);
    let findings = lines(&std::fs::read(repo.beside("report")).unwrap());
    let refs: Vec<&Value> = findings.iter().map(|finding| &finding["git"]["refs"]).collect();
    assert_eq!(refs, [&serde_json::json!(["refs/heads/x"]), &serde_json::json!(["refs/heads/y"])]);
    assert_eq!(text(&findings[1], "/git/commit"), commit);
    assert_eq!(text(&findings[1], "/git/reached_by"), "refs");
    assert_eq!(findings[1]["git"]["in_head"], false);
}

#[test]
fn ref_name_that_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let repo = repo();
    let name = std::ffi::OsStr::from_bytes(b"main:refs/heads/caf\xe9\xe3\x80\x80x");
    let output = repo.command("git").args(["push", "-q", "origin"]).arg(name).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    repo.commit(&[("a", &line(2))]);
    let output = repo.command("git").args(["push", "-q", "origin"]).arg(name).output().unwrap();
    assert!(both(&output).contains("a:1:16"), "{}", both(&output));
}

#[test]
fn invalid_hook_input() {
    let repo = repo();
    let id = repo.id("HEAD");
    for (input, exit) in [
        (String::new(), 0),
        ("\n".to_owned(), 0),
        (format!("{id} {id} refs/heads/main\n"), 0),
        ("what is this\n".to_owned(), 2),
        (format!("{id} {id}\n"), 2),
        (format!("{id}x {id} refs/heads/main\n"), 2),
        (format!("{} {} refs/heads/main\n", "0".repeat(40), "1".repeat(40)), 3),
    ] {
        std::fs::write(repo.beside("input"), &input).unwrap();
        let file = std::fs::File::open(repo.beside("input")).unwrap();
        let mut run = repo.command(env!("CARGO_BIN_EXE_telleaks"));
        let output = run.args(["commits", "--stdin"]).stdin(file).output().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{input}: {}", both(&output));
    }
}
