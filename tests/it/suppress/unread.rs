//! `[[accept-unread]]`: skipped inputs that the configuration accepts are listed and do not fail the run.

use serde_json::Value;

use crate::common::{code, text};
use crate::suppress::repo::{Repo, line};
use crate::suppress::{CONFIG, places, report};

/// Returns the start of a RAR archive that contains `number`, so that archives differ.
fn rar(number: u8) -> Vec<u8> {
    [b"Rar!\x1A\x07\x00 ".as_slice(), &[number; 40]].concat()
}

fn accept(rest: &str) -> String {
    format!("[[accept-unread]]\nreason = 'fonts of the vendor'\n{rest}\n")
}

/// Returns the `path` of each skipped input, with a `+` if it is accepted.
fn unread(report: &Value) -> Vec<String> {
    let list = report["unreadable"].as_array().unwrap();
    let mark = |one: &Value| if one["accepted"].is_null() { "" } else { "+" };
    list.iter().map(|one| format!("{}{}", mark(one), text(one, "/path"))).collect()
}

#[test]
fn accepted_skips_are_listed_and_do_not_fail() {
    let repo = Repo::new();
    repo.put("vendor/a.rar", rar(1));
    repo.put("b.txt", "nothing\n");
    assert_eq!(code(&repo.run(&["scan"])), 3);
    for entry in ["formats = ['rar', 'cab']", "paths = ['vendor/']", "paths = ['*.rar']\nformats = ['rar']"] {
        repo.put(CONFIG, accept(entry));
        let (exit, all, said) = report(&repo, &["scan"]);
        assert_eq!((exit, unread(&all)), (0, vec!["+vendor/a.rar".to_owned()]), "{entry}: {said}");
        assert_eq!(places(&all, "findings"), [""; 0], "{entry}");
        assert_eq!(text(&all, "/unreadable/0/format"), "rar");
        assert_eq!(text(&all, "/unreadable/0/accepted/by"), "telleaks.toml:1");
        assert_eq!(text(&all, "/unreadable/0/accepted/reason"), "fonts of the vendor");
        assert_eq!(all["summary"]["unreadable"], 0);
        assert_eq!(all["summary"]["unreadable_accepted"], 1);
        assert_eq!(all["summary"]["complete"], true);
        assert!(said.contains("vendor/a.rar") && said.contains("fonts of the vendor"), "{said}");
    }
    for format in ["text", "json", "sarif", "html", "markdown", "github", "gitlab", "junit", "csv"] {
        let output = repo.run(&["scan", "--format", format]);
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(code(&output), 0, "{format}: {out}");
        assert!(out.contains("a.rar") && out.contains("fonts of the vendor"), "{format}: {out}");
    }
    let out = String::from_utf8_lossy(&repo.run(&["scan"]).stdout).into_owned();
    assert!(out.contains("1 place was not read, as the configuration accepts."), "{out}");
    // Reading the report back and merging it gives the same result.
    repo.run(&["scan", "--report", "json=../one.json"]);
    let merged = repo.run(&["merge", "../one.json", "--format", "json"]);
    assert_eq!(unread(&serde_json::from_slice(&merged.stdout).unwrap()), ["+vendor/a.rar"]);
    assert_eq!(code(&merged), 0);
    assert_eq!(code(&repo.run(&["explain", "vendor/a.rar"])), 0);
    for other in [&["--no-suppressions"][..], &["--no-config"]] {
        assert_eq!(code(&repo.run(&[&["scan"], other].concat())), 3, "{other:?}");
    }
}

#[test]
fn unmatched_and_expired_entries_are_ignored_and_reported() {
    let repo = Repo::new();
    repo.put("vendor/a.rar", rar(1));
    for entry in ["formats = ['cab']", "paths = ['other/']", "paths = ['other/']\nformats = ['rar']"] {
        repo.put(CONFIG, accept(entry));
        assert_eq!(report(&repo, &["scan"]).0, 3, "{entry}");
    }
    repo.put(CONFIG, accept("formats = ['rar']\nexpires = '2020-01-01'"));
    let (exit, all, _) = report(&repo, &["scan"]);
    assert_eq!((exit, places(&all, "findings")), (3, vec!["expired telleaks.toml:1".to_owned()]));
    repo.put(CONFIG, format!("{}{}", accept("formats = ['rar']"), accept("formats = ['cab']")));
    let (exit, all, _) = report(&repo, &["scan"]);
    assert_eq!((exit, places(&all, "findings")), (0, vec!["unused telleaks.toml:4".to_owned()]));
    // Findings take precedence.
    repo.put("c.txt", line(1));
    assert_eq!(report(&repo, &["scan"]).0, 1);
    repo.put(CONFIG, accept("formats = ['rra']"));
    let said = crate::suppress::refused(&repo, &["scan"]);
    assert!(
        said.contains("telleaks.toml:1") && said.contains("`formats`") && said.contains("`rar`?"),
        "{said}"
    );
}

#[test]
fn range_uses_entries_of_its_base() {
    let by_path = accept("paths = ['vendor/']");
    let repo = Repo::with(&[("README", "x")]);
    repo.git(&["checkout", "-q", "-b", "evil"]);
    repo.put("vendor/a.rar", rar(1));
    repo.commit(&[(CONFIG, &by_path)]);
    let (exit, all, _) = report(&repo, &["commits", "main..evil"]);
    assert_eq!((exit, unread(&all)), (1, vec!["vendor/a.rar".to_owned()]), "{all:#}");
    assert_eq!(places(&all, "findings"), ["added telleaks.toml:1"]);
    let (exit, all, _) = report(&repo, &["commits", "main..evil", "--trust-suppressions"]);
    assert_eq!((exit, unread(&all)), (0, vec!["+vendor/a.rar".to_owned()]));
    // After the merge, it applies to later changes at its paths.
    repo.git(&["checkout", "-q", "-B", "main"]);
    repo.git(&["checkout", "-q", "-b", "more"]);
    repo.put("vendor/b.rar", rar(2));
    repo.commit(&[]);
    let (exit, all, _) = report(&repo, &["commits", "main..more"]);
    assert_eq!((exit, unread(&all)), (0, vec!["+vendor/b.rar".to_owned()]));
    repo.put("vendor/b.rar", rar(3));
    repo.commit(&[]);
    let (exit, all, _) = report(&repo, &["commits", "main..more"]);
    assert_eq!((exit, unread(&all)), (0, vec!["+vendor/b.rar".to_owned(), "+vendor/b.rar".to_owned()]));
    assert!(text(&all, "/unreadable/1/reason").contains("not at the end of the range"), "{all:#}");
    repo.put("vendor/b.rar", rar(2));
    repo.put("src/b.rar", rar(2));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--amend", "-m", "both"]);
    let (exit, all, _) = report(&repo, &["commits", "main..more"]);
    assert_eq!((exit, unread(&all)), (3, vec!["src/b.rar".to_owned(), "+vendor/b.rar".to_owned()]));
}

#[test]
fn entries_apply_to_paths_in_index_and_history() {
    let repo = Repo::with(&[(CONFIG, &accept("paths = ['vendor/']"))]);
    repo.add("vendor/a.rar", rar(1));
    let (exit, all, _) = report(&repo, &["staged"]);
    assert_eq!((exit, unread(&all)), (0, vec!["+vendor/a.rar".to_owned()]));
    let (exit, all, said) = report(&repo, &["audit"]);
    assert_eq!((exit, unread(&all)), (0, vec!["+vendor/a.rar".to_owned()]), "{said}");
    repo.commit(&[]);
    repo.put("vendor/a.rar", rar(2));
    repo.commit(&[]);
    let (exit, all, _) = report(&repo, &["audit"]);
    let both = vec!["+vendor/a.rar".to_owned(), "+vendor/a.rar".to_owned()];
    assert_eq!((exit, unread(&all)), (0, both), "the file and the version before it");
    assert!(text(&all, "/unreadable/1/reason").contains("not in HEAD"), "{all:#}");
    // Other paths in history are not accepted.
    repo.put("old/b.rar", rar(3));
    repo.commit(&[]);
    repo.git(&["rm", "-q", "old/b.rar"]);
    repo.commit(&[]);
    let (exit, all, _) = report(&repo, &["audit"]);
    assert_eq!((exit, unread(&all)[0].as_str()), (3, "old/b.rar"));
}
