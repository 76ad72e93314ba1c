//! Union merges of two baselines give a valid baseline.

use crate::common::code;
use crate::suppress::repo::{Repo, line};
use crate::suppress::{BASELINE, places, refused, report};

fn accept(repo: &Repo) {
    assert_eq!(report(repo, &["scan", "--write-baseline", BASELINE]).0, 0);
}

#[test]
fn entries_added_on_two_branches_merge_without_conflict() {
    let repo = Repo::with(&[(".gitattributes", &format!("{BASELINE} merge=union\n")), ("a.txt", &line(0))]);
    accept(&repo);
    repo.commit(&[]);
    for (branch, numbers) in [("one", 1..4), ("two", 4..7)] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        for number in numbers {
            repo.put(&format!("{number}.txt"), line(number));
        }
        accept(&repo);
        repo.commit(&[]);
    }
    let merged = repo.try_git(&["merge", "-q", "-m", "both", "one"]);
    assert_eq!(code(&merged), 0, "{merged:?}");
    let (code, found, _) = report(&repo, &["scan"]);
    assert_eq!((code, places(&found, "findings"), places(&found, "suppressed").len()), (0, vec![], 7));
    // Writing the baseline again sorts it.
    accept(&repo);
    let text = std::fs::read_to_string(repo.dir().join(BASELINE)).unwrap();
    assert!(text.lines().is_sorted() && text.lines().count() == 8, "{text}");
}

#[test]
fn independent_baselines_are_united() {
    let repo = Repo::with(&[(".gitattributes", &format!("{BASELINE} merge=union\n"))]);
    for (branch, numbers) in [("one", [1, 2]), ("two", [2, 3])] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        for number in numbers {
            repo.put(&format!("{number}.txt"), line(number));
        }
        accept(&repo);
        repo.commit(&[]);
    }
    repo.git(&["merge", "-q", "-m", "both", "one"]);
    let (code, found, _) = report(&repo, &["scan"]);
    assert_eq!((code, places(&found, "findings"), places(&found, "suppressed").len()), (0, vec![], 3));
    let text = std::fs::read_to_string(repo.dir().join(BASELINE)).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("salt")).count(), 2, "{text}");
    // A new entry is added only once, although it could use either salt.
    repo.put("4.txt", line(4));
    accept(&repo);
    accept(&repo);
    let text = std::fs::read_to_string(repo.dir().join(BASELINE)).unwrap();
    assert_eq!(text.lines().count(), 2 + 4 + 1, "{text}");
}

#[test]
fn unresolved_conflict_is_reported_with_its_line() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    accept(&repo);
    let text = std::fs::read_to_string(repo.dir().join(BASELINE)).unwrap();
    repo.put(BASELINE, format!("{text}<<<<<<< HEAD\n"));
    let said = refused(&repo, &["scan"]);
    assert!(
        said.contains(".telleaks-baseline.jsonl:3: a merge conflict") && said.contains("merge=union"),
        "{said}"
    );
}
