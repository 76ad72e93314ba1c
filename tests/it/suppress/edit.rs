//! `telleaks baseline`.

use crate::common::{both, code};
use crate::suppress::repo::{Repo, line};
use crate::suppress::{BASELINE, refused, report};

fn run(repo: &Repo, args: &[&str]) -> String {
    let output = repo.run(&[&["baseline"], args].concat());
    assert_eq!(code(&output), 0, "{}", both(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Creates a repository and writes a masked report of its findings next to it.
fn scanned() -> (Repo, String) {
    let repo = Repo::with(&[("a/x.txt", &line(1)), ("b/y.txt", &line(2)), ("b/z.txt", &line(3))]);
    let path = repo.beside("report.json").to_string_lossy().into_owned();
    repo.run(&["scan", "--report", &format!("json={path}")]);
    (repo, path)
}

#[test]
fn entries_are_added_from_a_masked_report_listed_and_removed() {
    let (repo, path) = scanned();
    let said = run(&repo, &["add", &path, "--path", "b/", "--reason", "known", "--expires", "2999-12-31"]);
    assert!(said.contains("2 entries added, 2 in all"), "{said}");
    let text = run(&repo, &["list"]);
    assert_eq!(text.lines().count(), 2);
    let words = "  telnyx-api-key  in b/  until 2999-12-31  (known)";
    assert!(text.lines().all(|line| line.ends_with(words)), "{text}");
    let json: serde_json::Value = serde_json::from_str(&run(&repo, &["list", "--format", "json"])).unwrap();
    assert_eq!((json.as_array().unwrap().len(), &json[0]["expired"]), (2, &false.into()));
    assert!(
        run(&repo, &["add", &path]).contains("1 entry added, 3 in all")
            || run(&repo, &["list"]).lines().count() >= 3
    );
    assert_eq!(report(&repo, &["scan"]).0, 0);
    let hash = &text[..12];
    assert!(run(&repo, &["remove", "--hash", hash]).contains("removed"));
    assert!(!run(&repo, &["list"]).lines().any(|line| line.starts_with(hash)));
    run(&repo, &["remove", "--rule", "telnyx-api-key"]);
    assert_eq!(run(&repo, &["list"]), "");
}

#[test]
fn secret_is_added_and_removed_by_hash() {
    let (repo, path) = scanned();
    let (_, found, _) = report(&repo, &["scan"]);
    let sha = found["findings"][1]["secret_sha256"].as_str().unwrap();
    assert!(run(&repo, &["add", &path, "--sha256", sha]).contains("1 entry added"));
    assert_eq!(report(&repo, &["scan"]).1["suppressed"][0]["secret_sha256"], sha);
    assert!(run(&repo, &["--file", BASELINE, "remove", "--sha256", sha]).contains("1 entry removed, 0"));
    assert!(refused(&repo, &["baseline", "add", &path, "--rule", "no-such"]).contains("no finding"));
    assert!(refused(&repo, &["baseline", "add", &path, "--expires", "soon"]).contains("2027-01-31"));
    assert!(refused(&repo, &["baseline", "remove"]).contains("select what to remove"));
    assert!(refused(&repo, &["baseline", "--file", "no.jsonl", "list"]).contains("does not exist"));
}

#[test]
fn pruning_keeps_entries_still_in_a_report() {
    let (repo, path) = scanned();
    run(&repo, &["add", &path]);
    repo.put("a/x.txt", "nothing\n");
    let later = repo.beside("later.json").to_string_lossy().into_owned();
    repo.run(&["scan", "--report", &format!("json={later}")]);
    assert!(run(&repo, &["prune"]).contains("0 entries removed"));
    // Findings hidden by the baseline are in the report as well, and keep their entries.
    let said = run(&repo, &["prune", "--from", &later]);
    assert!(
        said.contains("1 entry removed: 0 expired, 1 unused, 2 entries in all")
            || said.contains("1 unused, 2 in all"),
        "{said}"
    );
    assert_eq!(report(&repo, &["scan"]).0, 0);
    let other = repo.beside("other.json");
    std::fs::write(&other, "{\"tool\":\"other\",\"findings\":[]}").unwrap();
    let other = other.to_string_lossy().into_owned();
    assert!(
        refused(&repo, &["baseline", "prune", "--from", &other]).contains("not a json report of telleaks")
    );
}
