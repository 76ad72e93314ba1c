//! Inline comments that a range adds hide nothing; comments that exist in its base do.

use serde_json::Value;

use crate::common::{code, text};
use crate::hook_runs::repo::{Repo, key, line};

/// The marker, split so that this file does not contain it.
const IGNORE: &str = concat!("telleaks", ":ignore");

fn hidden(number: usize) -> String {
    format!("{} # {IGNORE} telnyx-api-key of the mock\n", line(number).trim_end())
}

/// Returns the exit code, rules and paths of findings, and paths of hidden findings.
fn reported(repo: &Repo, words: &[&str]) -> (i32, Vec<String>, Vec<String>) {
    let output = repo.run(&[&["commits", "--format", "json"], words].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = |name: &str| report[name].as_array().unwrap().clone();
    let of = |one: &Value| format!("{} {}", text(one, "/rule_id"), text(one, "/location/path"));
    (code(&output), list("findings").iter().map(of).collect(), list("suppressed").iter().map(of).collect())
}

#[test]
fn comment_added_with_the_key_hides_nothing_and_is_reported() {
    let repo = Repo::with(&[("old", "nothing\n")]);
    repo.commit(&[("new", &hidden(1))]);
    let (exit, findings, suppressed) = reported(&repo, &["HEAD~1..HEAD"]);
    assert_eq!(findings, ["telnyx-api-key new", "telleaks-suppression-added new"]);
    assert_eq!((exit, suppressed.len()), (1, 0));
    let (exit, findings, suppressed) = reported(&repo, &["HEAD~1..HEAD", "--trust-suppressions"]);
    assert_eq!((exit, findings.len(), suppressed), (0, 0, vec!["telnyx-api-key new".to_owned()]));
}

#[test]
fn comment_in_base_does_not_hide_another_key() {
    let repo = Repo::with(&[("old", &hidden(1))]);
    repo.commit(&[("old", &hidden(2))]);
    let (exit, findings, _) = reported(&repo, &["HEAD~1..HEAD"]);
    assert_eq!((exit, findings), (1, vec!["telnyx-api-key old".to_owned()]));
}

#[test]
fn key_hidden_in_base_stays_hidden_when_moved_and_changed() {
    let repo = Repo::with(&[("old", &format!("one\n{}", hidden(1)))]);
    repo.git(&["rm", "-q", "old"]);
    repo.commit(&[("src/new", &format!("one\ntwo\n{}", hidden(1)))]);
    let (exit, findings, suppressed) = reported(&repo, &["HEAD~1..HEAD"]);
    assert_eq!((exit, findings.len()), (0, 0), "{findings:?}");
    assert_eq!(suppressed, ["telnyx-api-key src/new"]);
    // A copy at another path is a separate leak.
    repo.commit(&[("copy", &format!("three\n{}", hidden(1)))]);
    let (exit, findings, _) = reported(&repo, &["HEAD~1..HEAD"]);
    assert_eq!(findings, ["telnyx-api-key copy", "telleaks-suppression-added copy"]);
    assert_eq!(exit, 1);
}

#[test]
fn staged_comments_are_trusted() {
    let repo = Repo::with(&[("old", "nothing\n")]);
    repo.add("new", hidden(1));
    let output = repo.run(&["staged", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), report["summary"]["suppressed"].as_u64()), (0, Some(1)));
    assert!(!report.to_string().contains(&key(1)));
}
