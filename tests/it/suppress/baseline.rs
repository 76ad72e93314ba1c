//! `--baseline` and `--write-baseline`.

use crate::common::code;
use crate::suppress::repo::{Repo, key, line};
use crate::suppress::{BASELINE, CONFIG, places, refused, report};

fn read(repo: &Repo, name: &str) -> String {
    std::fs::read_to_string(repo.dir().join(name)).unwrap()
}

#[test]
fn baseline_is_written_found_and_extended_without_secrets() {
    let repo = Repo::with(&[("a.txt", &line(1)), ("b.txt", &line(2))]);
    let (code, found, said) =
        report(&repo, &["scan", "--write-baseline", BASELINE, "--baseline-reason", "old keys"]);
    assert_eq!((code, places(&found, "suppressed").len()), (0, 2));
    assert!(
        said.contains(".telleaks-baseline.jsonl: 2 entries added, 2 entries in all")
            || said.contains("2 entries added, 2 in all"),
        "{said}"
    );
    let first = read(&repo, BASELINE);
    assert!(first.lines().is_sorted() && first.lines().count() == 3, "{first}");
    assert!(
        first.starts_with("{\"baseline\":1,\"salt\":\"") && first.contains("\"reason\":\"old keys\""),
        "{first}"
    );
    let shas =
        found["suppressed"].as_array().unwrap().iter().map(|one| one["secret_sha256"].as_str().unwrap());
    assert!(shas.into_iter().all(|sha| !first.contains(sha)) && !first.contains(&key(1)));
    for command in ["scan", "audit", "staged"] {
        repo.git(&["add", "-A"]);
        assert_eq!(report(&repo, &[command]).0, 0, "{command}");
    }
    assert_eq!(report(&repo, &["scan", "--no-config"]).0, 1);
    assert_eq!(report(&repo, &["scan", "--no-suppressions"]).0, 1);
    // A second run changes nothing. A new finding adds a line with the same salt.
    report(&repo, &["scan", "--write-baseline", BASELINE]);
    assert_eq!(read(&repo, BASELINE), first);
    repo.put("c.txt", line(3));
    assert_eq!(report(&repo, &["scan"]).0, 1);
    assert_eq!(report(&repo, &["scan", "--write-baseline", BASELINE]).0, 0);
    let second = read(&repo, BASELINE);
    assert_eq!(second.lines().count(), 4);
    assert!(first.lines().all(|line| second.contains(line)));
    assert_eq!(report(&repo, &["scan"]).0, 0);
}

#[test]
fn baseline_itself_is_scanned_and_not_a_leak() {
    let repo = Repo::new();
    for number in 0..300 {
        repo.put(&format!("{number}.txt"), line(number));
    }
    report(
        &repo,
        &["scan", "--write-baseline", BASELINE, "--baseline-reason", "telnyx token, api key, secret"],
    );
    let (code, found, _) = report(&repo, &["scan", "--verbose", "--no-suppressions", BASELINE]);
    assert_eq!((code, places(&found, "findings")), (0, vec![]));
    assert_eq!(found["summary"]["files_scanned"], 1);
}

#[test]
fn entry_hides_no_other_path_secret_or_rule() {
    let repo = Repo::with(&[("docs/a.txt", &line(1))]);
    repo.put("report.json", serde_json::to_string(&report(&repo, &["scan"]).1).unwrap());
    let added = repo.run(&["baseline", "add", "report.json", "--path", "docs/", "--reason", "r"]);
    assert_eq!(code(&added), 0, "{added:?}");
    std::fs::remove_file(repo.dir().join("report.json")).unwrap();
    assert_eq!(report(&repo, &["scan"]).0, 0);
    repo.put("docs/deep/b.txt", line(1));
    assert_eq!(report(&repo, &["scan"]).0, 0);
    repo.put("src/b.txt", line(1));
    repo.put("docs/c.txt", line(2));
    let (_, found, _) = report(&repo, &["scan"]);
    assert_eq!(places(&found, "findings"), ["telnyx-api-key docs/c.txt:1", "telnyx-api-key src/b.txt:1"]);
}

#[test]
fn unused_and_expired_entries_are_reported_and_pruned() {
    let repo = Repo::with(&[("a.txt", &line(1)), ("b.txt", &line(2))]);
    report(&repo, &["scan", "--write-baseline", BASELINE]);
    repo.put("a.txt", "nothing\n");
    let (code, found, _) = report(&repo, &["scan"]);
    assert_eq!((code, places(&found, "findings").len()), (0, 1));
    assert!(places(&found, "findings")[0].starts_with("unused .telleaks-baseline.jsonl:"));
    let message = found["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("telleaks audit"), "{message}");
    // It is still in history.
    assert!(places(&report(&repo, &["audit"]).1, "findings").is_empty());
    let text = read(&repo, BASELINE).replace("\"}\n", "\",\"expires\":\"2020-01-01\"}\n");
    let (head, _) =
        read(&repo, BASELINE).split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let text = format!("{head}\n{}", text.split_once('\n').unwrap().1);
    repo.put(BASELINE, text);
    let (code, found, _) = report(&repo, &["scan"]);
    assert_eq!((code, places(&found, "findings").len()), (1, 3), "{found}");
    let pruned = repo.run(&["baseline", "prune"]);
    assert!(String::from_utf8_lossy(&pruned.stdout).contains("2 entries removed: 2 expired"), "{pruned:?}");
    assert_eq!(read(&repo, BASELINE), format!("{head}\n"));
}

#[test]
fn baseline_accepts_only_leaks_and_scan_stays_incomplete() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    let id = &key(2)[..35];
    repo.put("note.txt", format!("{id}\n"));
    repo.put("big.txt", "x".repeat(5000));
    let (code, _, said) = report(&repo, &["scan", "--write-baseline", BASELINE, "--max-file-size", "4K"]);
    assert_eq!(code, 3, "{said}");
    assert_eq!(read(&repo, BASELINE).lines().count(), 2, "a note is not a leak");
    assert_eq!(report(&repo, &["scan"]).0, 0);
    assert_eq!(report(&repo, &["scan", "--fail-on", "note", "--write-baseline", BASELINE]).0, 0);
    assert_eq!(read(&repo, BASELINE).lines().count(), 3);
}

#[test]
fn baseline_path_comes_from_option_or_configuration() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    report(&repo, &["scan", "--write-baseline", "x.jsonl"]);
    assert_eq!(report(&repo, &["scan"]).0, 1);
    assert_eq!(report(&repo, &["scan", "--baseline", "x.jsonl"]).0, 0);
    repo.put(CONFIG, "baseline = './x.jsonl'\n");
    assert_eq!(report(&repo, &["scan"]).0, 0);
    assert_eq!(report(&repo, &["scan", "a.txt"]).0, 0);
    assert_eq!(report(&repo, &["scan", "--no-config", "--baseline", "x.jsonl"]).0, 0);
    // The default baseline is next to the configuration given as an option.
    std::fs::rename(repo.dir().join(CONFIG), repo.beside("c.toml")).unwrap();
    let named = repo.beside("c.toml").to_string_lossy().into_owned();
    assert!(refused(&repo, &["scan", "--config", &named]).contains("x.jsonl"));
    std::fs::rename(repo.dir().join("x.jsonl"), repo.beside("x.jsonl")).unwrap();
    assert_eq!(report(&repo, &["scan", "--config", &named]).0, 0);
    assert!(refused(&repo, &["scan", "--baseline", "missing.jsonl"]).contains("missing.jsonl"));
}

#[test]
fn bare_repository_uses_suppressions_of_head() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    report(&repo, &["scan", "--write-baseline", BASELINE]);
    repo.commit(&[]);
    let bare = repo.beside("bare.git").to_string_lossy().into_owned();
    repo.git(&["clone", "-q", "--bare", ".", &bare]);
    let (code, found, said) = report(&repo, &["audit", &bare]);
    assert_eq!((code, places(&found, "suppressed").len()), (0, 1), "{said}");
}
