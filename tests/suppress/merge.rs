//! A union merge of two baselines is a baseline.

use crate::common::code;
use crate::repo::{Repo, line};
use crate::{BASELINE, places, refused, report};

fn accept(repo: &Repo) {
    assert_eq!(report(repo, &["scan", "--write-baseline", BASELINE]).0, 0);
}

#[test]
fn two_branches_that_add_entries_merge_without_conflict_and_both_count() {
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
    // Writing it again puts it in order.
    accept(&repo);
    let text = std::fs::read_to_string(repo.dir().join(BASELINE)).unwrap();
    assert!(text.lines().is_sorted() && text.lines().count() == 8, "{text}");
}

#[test]
fn baselines_that_were_made_independently_are_united() {
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
    // A new entry is not there twice, though it could be under either salt.
    repo.put("4.txt", line(4));
    accept(&repo);
    accept(&repo);
    let text = std::fs::read_to_string(repo.dir().join(BASELINE)).unwrap();
    assert_eq!(text.lines().count(), 2 + 4 + 1, "{text}");
}

#[test]
fn a_conflict_that_was_left_is_named_by_its_line() {
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
