//! Reports of other scanners: recognised secrets become findings, duplicates are merged, the rest is counted.

use std::process::Command;

use serde_json::{Value, json};

use super::{merge, merged, scanned};
use crate::common::random::Random;
use crate::common::{both, code, put, telleaks, text};

fn gitleaks(path: &str, line: u64, secret: &str) -> Value {
    json!({"RuleID": "generic-api-key", "Description": "d", "StartLine": line, "EndLine": line, "StartColumn": 1,
        "EndColumn": 9, "Match": format!("key = \"{secret}\""), "Secret": secret, "File": path, "Commit": ""})
}

fn findings(report: &Value) -> Vec<Value> {
    report["findings"].as_array().unwrap().clone()
}

#[test]
fn secrets_are_recognised_with_and_without_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("foreign", 0);
    let (here, gone) = (random.key(), random.key());
    put(folder.path(), "src/a.py", format!("\nkey = \"{here}\"\n"));
    let other = gitleaks("src/a.py", 1, "AKIA0123456789");
    let report = json!([gitleaks("src/a.py", 2, &here), gitleaks("gone.py", 7, &gone), other]);
    put(folder.path(), "g.json", report.to_string());
    let all = merged(folder.path(), &["--from", "gitleaks", "g.json"]);
    let all = findings(&all);
    let of = |path: &str| all.iter().find(|one| text(one, "/location/path") == path).unwrap();
    let (first, second) = (of("gone.py"), of("src/a.py"));
    assert_eq!(
        (text(first, "/location/path"), first["location"]["start_line"].as_u64()),
        ("gone.py", Some(7))
    );
    assert_eq!(text(second, "/rule_id"), "telnyx-api-key");
    assert_eq!(second["location"]["start_column"].as_u64(), Some(8));
    assert!(!text(first, "/secret").contains(&gone[36..]));
    let output = merge(folder.path(), &["--from", "gitleaks", "g.json"]);
    assert_eq!(code(&output), 1);
    let said = both(&output);
    assert!(
        said.contains(
            "findings of gitleaks: 3; recognised: 2, masked: 0, of other credentials and left out: 1"
        ),
        "{said}"
    );
    assert!(!said.contains(&here[36..]) && !said.contains(&gone[36..]));
}

#[test]
fn duplicates_of_a_scan_and_of_each_other_are_one_finding() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("foreign", 1).key();
    put(folder.path(), "a.py", format!("key = \"{key}\"\n"));
    scanned(folder.path(), ".", "own.json", &["--exclude", "*.json*", "--show-secrets"]);
    put(folder.path(), "g.json", json!([gitleaks("a.py", 1, &key), gitleaks("./a.py", 1, &key)]).to_string());
    let king = json!({"findings": [{"rule": {"id": "r", "name": "n"},
        "finding": {"snippet": key, "path": "a.py", "line": 1, "column_start": 3}}]});
    put(folder.path(), "k.json", king.to_string());
    let hog = json!({"DetectorName": "Telnyx", "Raw": key, "Verified": true,
        "SourceMetadata": {"Data": {"Filesystem": {"file": "a.py", "line": 1}}}});
    put(folder.path(), "t.jsonl", hog.to_string());
    let sarif = json!({"version": "2.1.0", "runs": [{"results": [{"ruleId": "x", "locations": [{"physicalLocation":
        {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 1}}}]}]}]});
    put(folder.path(), "s.sarif", sarif.to_string());
    let from = ["--from", "gitleaks", "g.json", "--from", "kingfisher", "k.json"];
    let more = ["--from", "trufflehog", "t.jsonl", "--from", "sarif", "s.sarif", "own.json"];
    let all = merged(folder.path(), &[&from[..], &more[..]].concat());
    let [one] = &findings(&all)[..] else { panic!("{all}") };
    assert_eq!(one["sources"], json!(["g.json", "k.json", "own.json", "s.sarif", "t.jsonl"]));
    assert_eq!(
        (one["location"]["start_column"].as_u64(), one["occurrences"].as_array().unwrap().len()),
        (Some(8), 0)
    );
    // The other commands take the merged report.
    put(folder.path(), "all.json", all.to_string());
    let output = telleaks().current_dir(folder.path()).args(["respond", "all.json"]).output().unwrap();
    assert!(both(&output).contains("Revoke KEY"), "{}", both(&output));
}

#[test]
fn commit_of_a_finding_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("foreign", 2).key();
    let mut one = gitleaks("a.py", 3, &key);
    one["Commit"] = json!("0123456789012345678901234567890123456789");
    one["Author"] = json!("A B");
    put(folder.path(), "g.json", json!([one]).to_string());
    let all = merged(folder.path(), &["--from", "gitleaks", "g.json"]);
    assert_eq!(text(&findings(&all)[0], "/git/commit"), "0123456789012345678901234567890123456789");
}

#[test]
fn masked_report_is_never_clean_unless_the_file_is_here() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("foreign", 3).key();
    put(folder.path(), "g.json", json!([gitleaks("a.py", 1, "REDACTED")]).to_string());
    let output = merge(folder.path(), &["--from", "gitleaks", "g.json"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(both(&output).contains("gitleaks masked the secret"));
    put(folder.path(), "a.py", format!("key = \"{key}\"\n"));
    assert_eq!(code(&merge(folder.path(), &["--from", "gitleaks", "g.json"])), 1);
}

#[test]
fn files_outside_the_folder_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("foreign", 4).key();
    put(folder.path(), "secret.py", format!("key = \"{key}\"\n"));
    let sarif = |uri: &str| {
        json!({"runs": [{"results": [{"locations": [{"physicalLocation":
        {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}]}]}]})
    };
    put(folder.path(), "in/s.sarif", sarif("../secret.py").to_string());
    let all = merged(&folder.path().join("in"), &["--from", "sarif", "s.sarif"]);
    assert!(findings(&all).is_empty());
}

#[test]
fn wrong_reports_and_scanners_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "x.json", "{\"a\": 1}");
    for (tool, expected) in [
        ("gitleaks", "x.json: not a report of gitleaks"),
        ("sarif", "x.json: not a report of sarif"),
        ("nosuch", "--from nosuch: not a known scanner; known are gitleaks"),
    ] {
        let output = merge(folder.path(), &["--from", tool, "x.json"]);
        assert_eq!(code(&output), 2);
        assert!(both(&output).contains(expected), "{}", both(&output));
    }
    assert_eq!(code(&merge(folder.path(), &["--from", "gitleaks"])), 2);
    assert_eq!(code(&merge(folder.path(), &["--from", "gitleaks", "no.json"])), 2);
}

#[test]
fn reports_of_installed_scanners_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("foreign", 5).key();
    put(folder.path(), "in/a.py", format!("telnyx_api_key = \"{key}\"\n"));
    let king = ["scan", "in", "--no-validate", "--no-update-check", "-o", "out.json", "--format"];
    let [kings, lines, kings_sarif] =
        ["json", "jsonl", "sarif"].map(|format| [&king[..], &[format]].concat());
    for (tool, args) in [
        ("kingfisher", &lines[..]),
        ("kingfisher", &kings_sarif),
        ("betterleaks", &["in", "--jsonl", "-o", "out.json"]),
        ("gitleaks", &["dir", "in", "--report-path", "out.json", "--report-format", "json"][..]),
        ("betterleaks", &["in", "-o", "out.json"]),
        ("kingfisher", &kings),
    ] {
        let run = Command::new(tool).current_dir(folder.path()).args(args).output();
        if run.is_err() || !folder.path().join("out.json").exists() {
            let note = format!("SKIPPED: {tool} is not installed\n");
            std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes()).unwrap();
            continue;
        }
        let format = if args.contains(&"sarif") { "sarif" } else { tool };
        let all = merged(folder.path(), &["--from", format, "out.json"]);
        assert_eq!(text(&findings(&all)[0], "/rule_id"), "telnyx-api-key", "{tool}: {all}");
        std::fs::remove_file(folder.path().join("out.json")).unwrap();
    }
}
