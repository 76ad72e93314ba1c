//! Panics while processing one file or object: it is named, the others are scanned, nothing looks clean, and the panic
//! message, which contains content here, is not repeated.

use std::path::Path;
use std::process::Output;

use crate::common::{both, code, put};
use crate::repo::{Repo, key, line};
use crate::{fed, make, reported, run};

/// Marker at which processing panics.
const MARK: &str = "here be dragons";
const ORDER: &str = "panic=here be dragons";

/// Returns content that makes processing panic, with a key that no output may show.
fn bad() -> Vec<u8> {
    format!("{MARK}\n{}", line("bad")).into_bytes()
}

fn keeps_quiet(output: &Output) {
    let all = both(output);
    assert!(!all.contains(&key("bad")[..40]) && !all.contains(MARK) && !all.contains("panicked"), "{all}");
}

#[test]
fn file_and_member() {
    for (name, content) in [
        ("bad.env", bad()),
        ("bad.tgz", make::gzip(&make::tar(&[("bad", &bad())]))),
        ("bad.zip", make::zip(&[("good", line("member").as_bytes()), ("bad", &bad())])),
        (
            "bad.json",
            format!("{{\"a\": {:?}}}", String::from_utf8(bad()).unwrap().replace('\n', " ")).into_bytes(),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), name, content);
        let seen = run(ORDER, folder.path(), &["scan", ".", "--threads", "2"]);
        keeps_quiet(&seen);
        for good in ["a.env", "z.env"] {
            put(folder.path(), good, line(good));
        }
        let seen = reported(ORDER, folder.path(), &["scan", "."]);
        let found: Vec<&String> = seen.found.iter().filter(|path| !path.starts_with("bad")).collect();
        assert!(seen.code == 1 && found == ["a.env", "z.env"], "{name}: {}", seen.stderr);
        assert!(
            seen.unread.iter().all(|path| path.starts_with(name)) && seen.unread.len() == 1,
            "{}",
            seen.stderr
        );
        assert_eq!(reported(ORDER, folder.path(), &["scan", name, "--max-depth", "9"]).unread.len(), 1);
    }
}

#[test]
fn panic_alone_is_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "bad.env", bad());
    reported(ORDER, folder.path(), &["scan", "."]).beside(&[], "bad.env", "scan");
    let output = fed(ORDER, folder.path(), &["scan", "-"], &bad());
    assert_eq!(code(&output), 3, "{}", both(&output));
    keeps_quiet(&output);
    let output = run(ORDER, folder.path(), &["fix", "--write", "."]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    keeps_quiet(&output);
    assert!(both(&output).contains("bad.env: "), "{}", both(&output));
}

#[test]
fn redact_ends_without_writing_undecided_content() {
    let folder = tempfile::tempdir().unwrap();
    let output = fed(ORDER, folder.path(), &["redact"], &bad());
    assert!(code(&output) == 2 && both(&output).contains("please report it"), "{}", both(&output));
    keeps_quiet(&output);
}

fn is_reported(output: &Output, expected: i32, words: &[&str]) {
    let all = both(output);
    assert_eq!(code(output), expected, "{all}");
    assert!(words.iter().all(|word| all.contains(word)) && all.contains("please report it"), "{all}");
    keeps_quiet(output);
}

/// Creates a repository in which processing one object panics. With `pack` it is packed, together with deltas of it.
fn repository(pack: bool) -> (Repo, String) {
    let repo = Repo::new(&[]);
    let long = "some lines that are worth a delta\n".repeat(300);
    repo.put("bad.log", [bad(), long.clone().into_bytes()].concat());
    repo.commit("bad");
    let id = repo.git(&["rev-parse", "HEAD:bad.log"]);
    repo.put("bad.log", format!("{}{long}", line("good")));
    repo.commit("good");
    repo.put("bad.log", "gone\n");
    repo.commit("gone");
    if pack {
        repo.git(&["gc", "-q"]);
    }
    (repo, id)
}

#[test]
fn object() {
    for pack in [false, true] {
        let (repo, id) = repository(pack);
        let args = ["audit", "--no-worktree"];
        let seen = reported(ORDER, &repo.dir, &args);
        assert_eq!((seen.code, seen.found.len()), (1, 1), "{}", seen.stderr);
        assert!(
            seen.unread.iter().any(|path| path.contains(&id) || path.contains("bad.log")),
            "{}",
            seen.stderr
        );
        keeps_quiet(&run(ORDER, &repo.dir, &args));
    }
}

#[test]
fn staged_and_pushed_content() {
    let (repo, id) = repository(false);
    is_reported(&run(ORDER, &repo.dir, &["commits", "HEAD"]), 1, &["bad.log: ", &id[..12]]);
    repo.put("new.env", bad());
    repo.git(&["add", "-A"]);
    is_reported(&run(ORDER, &repo.dir, &["staged"]), 3, &["new.env"]);
    repo.put("also.env", line("also"));
    repo.git(&["add", "-A"]);
    is_reported(&run(ORDER, &repo.dir, &["staged"]), 1, &["new.env", "also.env"]);
    put(&repo.dir, "message", bad());
    is_reported(&run(ORDER, Path::new(&repo.dir), &["staged", "--message", "message"]), 1, &["message: "]);
}

#[test]
fn commit_message() {
    let repo = Repo::new(&[]);
    repo.put("a.env", line("a"));
    let id = repo.commit(&format!("{MARK} {}", key("bad")));
    let seen = reported(ORDER, &repo.dir, &["audit", "--no-worktree"]);
    assert!(seen.code == 1 && seen.unread.iter().any(|path| path.contains(&id[..7])), "{}", seen.stderr);
    let output = run(ORDER, &repo.dir, &["commits", "HEAD"]);
    is_reported(&output, 1, &["a.env", &id]);
}
