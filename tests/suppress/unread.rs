//! `[[accept-unread]]`: what telleaks cannot read and the configuration accepts is listed, and fails nothing.

use serde_json::Value;

use crate::common::{code, text};
use crate::repo::{Repo, line};
use crate::{CONFIG, places, report};

/// The beginning of a RAR archive, with a number in it that makes it another one.
fn rar(number: u8) -> Vec<u8> {
    [b"Rar!\x1A\x07\x00 ".as_slice(), &[number; 40]].concat()
}

fn accept(rest: &str) -> String {
    format!("[[accept-unread]]\nreason = 'fonts of the vendor'\n{rest}\n")
}

/// `path` of what was not read, with a `+` where that is accepted.
fn unread(report: &Value) -> Vec<String> {
    let list = report["unreadable"].as_array().unwrap();
    let mark = |one: &Value| if one["accepted"].is_null() { "" } else { "+" };
    list.iter().map(|one| format!("{}{}", mark(one), text(one, "/path"))).collect()
}

#[test]
fn what_is_accepted_is_listed_in_every_report_and_fails_nothing() {
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
    // What is read back and merged is the same.
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
fn what_does_not_fit_or_is_over_does_not_count_and_is_reported() {
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
    // Findings win.
    repo.put("c.txt", line(1));
    assert_eq!(report(&repo, &["scan"]).0, 1);
    repo.put(CONFIG, accept("formats = ['rra']"));
    let said = crate::refused(&repo, &["scan"]);
    assert!(
        said.contains("telleaks.toml:1") && said.contains("`formats`") && said.contains("`rar`?"),
        "{said}"
    );
}

#[test]
fn a_range_is_judged_by_what_its_base_accepts() {
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
    // Once it is merged, it counts for later changes, at the paths that it names.
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
fn what_is_staged_and_what_history_holds_has_its_paths() {
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
    // Elsewhere in history it is not accepted.
    repo.put("old/b.rar", rar(3));
    repo.commit(&[]);
    repo.git(&["rm", "-q", "old/b.rar"]);
    repo.commit(&[]);
    let (exit, all, _) = report(&repo, &["audit"]);
    assert_eq!((exit, unread(&all)[0].as_str()), (3, "old/b.rar"));
}
