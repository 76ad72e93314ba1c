//! `--cache`: a later audit reads only new objects and reports the same findings.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use crate::common::{both, code, lines};
use crate::git::repo::{Repo, line};

struct Cached {
    repo: Repo,
    cache: PathBuf,
}

impl Cached {
    /// Creates a repository with two keys in its history.
    fn new() -> Self {
        let repo = Repo::new(&[]);
        repo.put("a.txt", "text\n");
        repo.commit("Begin");
        repo.put("a.env", line("cache-file"));
        repo.commit(&line("cache-message"));
        repo.git(&["rm", "-q", "a.env"]);
        repo.commit("Remove it");
        let cache = repo.home.path().join("cache");
        Self { repo, cache }
    }

    fn audit(&self, args: &[&str]) -> Output {
        let cache = self.cache.to_str().unwrap();
        self.repo.audit(&[&["--format", "jsonl", "--cache", cache], args].concat())
    }

    fn plain(&self, args: &[&str]) -> Output {
        self.repo.audit(&[&["--format", "jsonl"], args].concat())
    }

    /// Checks that the reports with and without the cache are the same.
    fn agrees(&self, why: &str) -> Output {
        let (cached, plain) = (self.audit(&[]), self.plain(&[]));
        assert!(cached.stdout == plain.stdout, "{why}: {}\n---\n{}", both(&cached), both(&plain));
        assert_eq!(code(&cached), code(&plain), "{why}");
        cached
    }
}

#[test]
fn cached_and_new_findings_are_reported() {
    let cached = Cached::new();
    let first = cached.agrees("first");
    assert!(first.stderr.is_empty() && cached.cache.is_file());
    assert!(cached.agrees("second").stdout == first.stdout);
    cached.repo.put("b.env", line("cache-new"));
    cached.repo.commit("Add another");
    assert!(lines(&cached.agrees("a new commit").stdout).len() > lines(&first.stdout).len());
    cached.repo.git(&["gc", "-q"]);
    cached.agrees("packed");
    // A clean blob gets a new name that contains a key.
    cached.repo.put(&format!("{}.txt", crate::git::repo::key("cache-name")), "text\n");
    cached.repo.commit("Name it");
    cached.agrees("an old blob under a new name");
}

#[test]
fn damaged_cache_is_rebuilt_with_a_notice() {
    let cached = Cached::new();
    cached.audit(&[]);
    let whole = fs::read(&cached.cache).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for content in [&b""[..], b"garbage", &whole[..whole.len() - 1], &flipped] {
        fs::write(&cached.cache, content).unwrap();
        let output = cached.agrees("damaged");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("cache") && said.contains("damaged"), "{said}");
        assert!(fs::read(&cached.cache).unwrap() == whole, "it is whole again");
        assert!(cached.audit(&[]).stderr.is_empty());
    }
    fs::remove_file(&cached.cache).unwrap();
    fs::create_dir(&cached.cache).unwrap();
    assert_eq!(code(&cached.audit(&[])), 2);
}

#[test]
fn cache_of_other_rules_is_not_used() {
    let cached = Cached::new();
    let without = ["--exclude-rule", "telnyx-api-key", "--exclude-rule", "telnyx-api-key-loose"];
    cached.audit(&without);
    let output = cached.agrees("other rules");
    assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{}", both(&output));
}

#[test]
fn skipped_objects_are_reported_again() {
    let cached = Cached::new();
    let id = cached.repo.git(&["rev-parse", "HEAD~2:a.txt"]);
    cached.repo.put("c.txt", "third\n");
    cached.repo.commit("Go on");
    let gone = cached.repo.git(&["rev-parse", "HEAD:c.txt"]);
    for object in [id, gone] {
        fs::remove_file(cached.repo.loose(&object)).unwrap();
        for number in ["first", "second", "third"] {
            let said = both(&cached.audit(&["--exclude-rule", "telnyx-api-key"]));
            assert!(said.contains("git fsck"), "{number}: {said}");
        }
    }
}

#[test]
fn object_removed_after_caching_is_reported_missing() {
    let cached = Cached::new();
    cached.audit(&[]);
    let id = cached.repo.git(&["rev-parse", "HEAD~2:a.txt"]);
    fs::remove_file(cached.repo.loose(&id)).unwrap();
    assert!(both(&cached.audit(&[])).contains("git fsck"), "{}", both(&cached.audit(&[])));
}
