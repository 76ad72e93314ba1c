//! A change that adds a secret cannot add its suppression.

use crate::common::code;
use crate::suppress::repo::{Repo, line};
use crate::suppress::{BASELINE, CONFIG, places, report};

const ALLOW: &str = "[[allow]]\nreason = 'r'\nrules = ['telnyx-api-key']\n";

/// Creates a repository whose `main` has the files `base`, and whose branch `evil` adds the files `evil`.
fn attacked(base: &[(&str, &str)], evil: &[(&str, &str)]) -> Repo {
    let repo = Repo::with(&[&[("README", "x")], base].concat());
    repo.git(&["checkout", "-q", "-b", "evil"]);
    repo.commit(evil);
    repo
}

fn found(repo: &Repo, args: &[&str]) -> (i32, Vec<String>) {
    let (code, report, _) = report(repo, &[&["commits"], args].concat());
    (code, places(&report, "findings"))
}

#[test]
fn range_uses_suppressions_of_its_base_and_reports_new_ones() {
    let leak = "telnyx-api-key a.txt:1";
    for (config, reported) in [
        (ALLOW, "added telleaks.toml:1"),
        ("[rules.telnyx-api-key]\nenabled = false\n", "added telleaks.toml:1"),
        ("\n[rules.telnyx-api-key]\nseverity = 'note'\n", "added telleaks.toml:2"),
        ("fail-on = 'error'\n", "added telleaks.toml:1"),
        ("[rules.telleaks-suppression-added]\nenabled = false\n", "added telleaks.toml:1"),
        ("this is broken", "added telleaks.toml:1"),
    ] {
        let repo = attacked(&[], &[("a.txt", &line(1)), (CONFIG, config)]);
        let all = vec![leak.to_owned(), reported.to_owned()];
        assert_eq!(found(&repo, &["main..evil"]), (1, all.clone()), "{config}");
        assert_eq!(found(&repo, &["evil", "^main"]), (1, all), "{config}");
        // A suppression alone is a finding, too.
        let repo = attacked(&[], &[(CONFIG, config)]);
        assert_eq!(found(&repo, &["main..evil"]), (1, vec![reported.to_owned()]), "{config}");
        assert_eq!(found(&repo, &["main..evil", "--no-config"]), (0, vec![]), "{config}");
    }
}

#[test]
fn new_baseline_entries_are_reported_and_ignored() {
    let repo = attacked(&[("old.txt", &line(1))], &[("a.txt", &line(2))]);
    report(&repo, &["scan", "--write-baseline", BASELINE]);
    repo.commit(&[]);
    let (code, all) = found(&repo, &["main..evil"]);
    assert_eq!((code, all.len()), (1, 3), "{all:?}");
    assert!(all.iter().filter(|place| place.starts_with("added .telleaks-baseline.jsonl:")).count() == 2);
    // After a review, it is used.
    let (code, trusted, _) = report(&repo, &["commits", "main..evil", "--trust-suppressions"]);
    assert_eq!((code, places(&trusted, "findings"), places(&trusted, "suppressed").len()), (0, vec![], 1));
    // A baseline given as an option is trusted.
    assert_eq!(found(&repo, &["main..evil", "--baseline", BASELINE]), (0, vec![]));
    // Another file name makes no difference.
    repo.git(&["mv", BASELINE, "other.jsonl"]);
    repo.commit(&[(CONFIG, "baseline = 'other.jsonl'\n")]);
    assert_eq!(found(&repo, &["main..evil"]).1.len(), 3);
}

#[test]
fn suppressions_of_base_are_used() {
    let repo = Repo::with(&[("old.txt", &line(1))]);
    report(&repo, &["scan", "--write-baseline", BASELINE]);
    repo.commit(&[(CONFIG, "[[allow]]\nreason = 'r'\npaths = ['docs/']\n")]);
    repo.git(&["checkout", "-q", "-b", "good"]);
    repo.commit(&[("new.txt", &format!("moved:\n{}", line(1))), ("docs/a.md", &line(2))]);
    let (code, good, _) = report(&repo, &["commits", "main..good"]);
    assert_eq!((code, places(&good, "findings"), places(&good, "suppressed").len()), (0, vec![], 2));
    assert_eq!(report(&repo, &["commits", "main..good", "--no-suppressions"]).0, 1);
    assert_eq!(report(&repo, &["commits", "main...good"]).0, 0);
    // The work tree and the end of the range are not used.
    repo.commit(&[("b.txt", &line(3))]);
    repo.put(CONFIG, ALLOW);
    assert_eq!(found(&repo, &["main..good"]), (1, vec!["telnyx-api-key b.txt:1".to_owned()]));
    // Removed entries and changed reasons are not additions.
    repo.git(&["checkout", "-q", CONFIG]);
    repo.git(&["rm", "-q", "b.txt"]);
    repo.commit(&[(
        CONFIG,
        "# moved\n\n[[allow]]\nreason = 'another'\npaths = ['docs/']\nexpires = '2999-01-01'\n",
    )]);
    let added = |all: &[String]| all.iter().any(|place| place.starts_with("added"));
    assert!(!added(&found(&repo, &["main..good"]).1));
    // Without a base, no suppression is used.
    let all = found(&repo, &["good"]).1;
    assert!(added(&all) && all.iter().any(|place| place.contains("old.txt")), "{all:?}");
}

#[test]
fn several_bases_use_their_common_suppressions() {
    let repo = Repo::with(&[("README", "x")]);
    let root = repo.id("HEAD");
    repo.commit(&[(CONFIG, ALLOW)]);
    repo.git(&["checkout", "-q", "-b", "other", &root]);
    repo.commit(&[("x", "y")]);
    repo.git(&["checkout", "-q", "-b", "new", "main"]);
    repo.commit(&[("a.txt", &line(1))]);
    assert_eq!(found(&repo, &["main..new"]).0, 0);
    assert_eq!(found(&repo, &["new", "^main", "^other"]).0, 1);
}

#[test]
fn push_uses_suppressions_of_the_old_ref() {
    let repo = Repo::with(&[(CONFIG, ALLOW)]);
    let bare = repo.beside("bare.git").to_string_lossy().into_owned();
    repo.git(&["clone", "-q", "--bare", ".", &bare]);
    let old = repo.id("HEAD");
    let new = repo.commit(&[("a.txt", &line(1))]);
    repo.git(&["push", "-q", &bare, "main:refs/heads/other"]);
    let zero = "0".repeat(40);
    let judge = |line: &str| {
        std::fs::write(repo.beside("input"), format!("{line}\n")).unwrap();
        let file = std::fs::File::open(repo.beside("input")).unwrap();
        let mut program = repo.command(env!("CARGO_BIN_EXE_telleaks"));
        program.args(["commits", "--stdin", "--format", "json"]).stdin(file);
        code(&program.output().unwrap())
    };
    // The old `main` accepts it; for a new ref, the default branch does.
    assert_eq!(judge(&format!("{old} {new} refs/heads/main")), 0);
    assert_eq!(judge(&format!("{zero} {new} refs/heads/new")), 0);
    let evil = Repo::with(&[("README", "x")]);
    let old = evil.id("HEAD");
    let new = evil.commit(&[("a.txt", &line(1)), (CONFIG, ALLOW)]);
    evil.git(&["reset", "-q", "--hard", &old]);
    for line in [format!("{old} {new} refs/heads/main"), format!("{zero} {new} refs/heads/new")] {
        std::fs::write(evil.beside("input"), format!("{line}\n")).unwrap();
        let file = std::fs::File::open(evil.beside("input")).unwrap();
        let mut program = evil.command(env!("CARGO_BIN_EXE_telleaks"));
        let output = program.args(["commits", "--stdin", "--format", "json"]).stdin(file).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(places(&report, "findings"), ["telnyx-api-key a.txt:1", "added telleaks.toml:1"]);
    }
}

#[test]
fn trust_needs_one_end_and_a_broken_base_can_be_repaired() {
    let repo = attacked(&[(CONFIG, "broken")], &[(CONFIG, "fail-on = 'note'\n")]);
    let (code, fixed, said) = report(&repo, &["commits", "main..evil"]);
    assert_eq!((code, places(&fixed, "findings")), (0, vec![]), "{said}");
    assert!(said.contains("telleaks.toml:1") && said.contains("of the base is ignored"), "{said}");
    let output = repo.run(&["commits", "main", "evil", "--trust-suppressions"]);
    assert_eq!(crate::common::code(&output), 2);
}
