//! `telleaks merge`: duplicates, order, merged fields, exit codes, hostile input.

mod foreign;

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::common::random::Random;
use crate::common::{both, code, number, put, telleaks, text};

fn merge(folder: &Path, args: &[&str]) -> Output {
    telleaks().current_dir(folder).arg("merge").args(args).output().unwrap()
}

fn merged(folder: &Path, args: &[&str]) -> Value {
    let output = merge(folder, &[args, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", both(&output)))
}

/// Scans a directory and writes the report next to it.
fn scanned(folder: &Path, what: &str, report: &str, args: &[&str]) -> Output {
    let args = [&["scan", what, "--format", "json"], args].concat();
    let output = telleaks().current_dir(folder).args(args).output().unwrap();
    put(folder, report, &output.stdout);
    output
}

/// Creates three reports: two of directories that share a key and a path, and one of a clean directory.
fn three(folder: &Path) -> (String, String) {
    let mut random = Random::new("merge", 0);
    let (shared, other) = (random.key(), random.key());
    put(folder, "one/a.env", format!("A={shared}\nB={other}\n"));
    put(folder, "two/a.env", format!("\nA={shared}\n"));
    put(folder, "two/b.env", format!("A={shared}\n"));
    put(folder, "clean/c.txt", "nothing\n");
    for name in ["one", "two", "clean"] {
        scanned(folder, name, &format!("{name}.json"), &[]);
    }
    (shared, other)
}

#[test]
fn single_report_is_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    three(folder.path());
    for name in ["one.json", "two.json", "clean.json"] {
        let output = merge(folder.path(), &[name, name, "--format", "json"]);
        assert_eq!(output.stdout, fs::read(folder.path().join(name)).unwrap(), "{name}");
    }
}

#[test]
fn duplicates_merge_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let (shared, other) = three(folder.path());
    let all = merged(folder.path(), &["one.json", "two.json", "clean.json"]);
    let findings = all["findings"].as_array().unwrap();
    let paths: Vec<_> = findings.iter().map(|one| text(one, "/location/path")).collect();
    assert_eq!(paths, ["a.env", "a.env", "b.env"]);
    let of = |key: &str| {
        let id = &key[..35];
        findings.iter().filter(|one| text(one, "/key_id") == id).collect::<Vec<_>>()
    };
    assert_eq!((of(&shared).len(), of(&other).len()), (2, 1));
    // Line 1 in one report, line 2 in the other, and b.env.
    assert!(of(&shared).iter().all(|one| number(one, "/occurrence_count") == 2), "{all:#}");
    assert_eq!(number(&all, "/summary/files_scanned"), 4);
    assert_eq!(all["summary"]["complete"], true);
    let bytes = |args: &[&str]| merge(folder.path(), args).stdout;
    for format in ["json", "text", "csv"] {
        let once = bytes(&["one.json", "two.json", "clean.json", "--format", format]);
        for order in [
            ["clean.json", "two.json", "one.json", "two.json"],
            ["two.json", "two.json", "clean.json", "one.json"],
        ] {
            assert_eq!(bytes(&[&order[..], &["--format", format]].concat()), once);
        }
    }
    put(folder.path(), "all.json", bytes(&["one.json", "two.json", "--format", "json"]));
    let again = merged(folder.path(), &["all.json", "two.json"]);
    assert_eq!(again["findings"], all["findings"], "merging again adds nothing");
}

#[test]
fn secret_of_several_reports_is_a_warning_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (key, other) = three(folder.path());
    let inputs = ["one.json", "two.json", "clean.json"];
    let report = merged(folder.path(), &inputs);
    let shared = report["shared_secrets"].as_array().unwrap();
    assert_eq!(shared.len(), 1);
    assert_eq!(shared[0]["sources"], json!(["one.json", "two.json"]));
    assert_eq!(text(&shared[0], "/key_id"), &key[..35]);
    // A merged report keeps the names of its inputs.
    put(folder.path(), "all.json", report.to_string());
    let again = merged(folder.path(), &["all.json", "one.json"]);
    assert_eq!(again["shared_secrets"], report["shared_secrets"]);
    assert!(merged(folder.path(), &["one.json", "clean.json"]).get("shared_secrets").is_none());
    for (format, title) in [
        ("text", "warning: the same secret is in 2 of the merged reports"),
        ("markdown", "### The same secret in several reports"),
        ("html", "<h2>The same secret in several reports</h2>"),
    ] {
        let output = merge(folder.path(), &[&inputs[..], &["--format", format]].concat());
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.matches(title).count(), 1, "{said}");
        let after = said.split(title).nth(1).unwrap();
        assert!(after.contains(&key[..35]) && after.contains("two.json"), "{after}");
        assert!(!said.contains(&key) && !said.contains(&other));
    }
}

#[test]
fn finding_with_more_details_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    three(folder.path());
    let change = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut report: Value =
            serde_json::from_slice(&fs::read(folder.path().join("one.json")).unwrap()).unwrap();
        report["findings"].as_array_mut().unwrap().truncate(1);
        change(&mut report["findings"][0]);
        put(folder.path(), name, report.to_string());
    };
    let asked = |at: &str, status: &str| json!({"status": status, "detail": "d", "checked_at": at});
    change("early.json", &|one| one["liveness"] = asked("2026-01-01T00:00:00Z", "active"));
    change("late.json", &|one| {
        one["liveness"] = asked("2026-02-01T00:00:00Z", "inactive");
        one["severity"] = json!("note");
    });
    change("within.json", &|one| one["location"]["within"] = json!("a.b"));
    let all = merged(folder.path(), &["early.json", "late.json", "within.json"]);
    assert_eq!(all["findings"].as_array().unwrap().len(), 1);
    let one = &all["findings"][0];
    assert_eq!((text(one, "/liveness/status"), text(one, "/severity")), ("inactive", "error"));
    assert_eq!(text(one, "/location/within"), "a.b");
    // The same path in two repositories is two leaks.
    let git = |id: &str| json!({"blob": "b", "commit": id, "author": "A", "date": "d", "subject": "s", "refs": [], "reached_by": "refs"});
    change("git1.json", &|one| one["git"] = git("01"));
    change("git2.json", &|one| one["git"] = git("02"));
    let all = merged(folder.path(), &["git1.json", "git2.json", "git1.json"]);
    assert_eq!(all["findings"].as_array().unwrap().len(), 2);
    // A finding is open if one of the reports does not accept it.
    let accept = |report: &mut Value| {
        let mut one = report["findings"][0].take();
        one["suppression"] = json!({"kind": "config", "by": "telleaks.toml", "reason": null});
        report["suppressed"] = json!([one]);
        report["findings"] = json!([]);
    };
    let mut report: Value =
        serde_json::from_slice(&fs::read(folder.path().join("git1.json")).unwrap()).unwrap();
    accept(&mut report);
    put(folder.path(), "hidden.json", report.to_string());
    let all = merged(folder.path(), &["hidden.json", "git2.json"]);
    assert_eq!((all["findings"].as_array().unwrap().len(), number(&all, "/summary/suppressed")), (1, 1));
    let all = merged(folder.path(), &["hidden.json", "git1.json"]);
    assert_eq!((all["findings"].as_array().unwrap().len(), number(&all, "/summary/suppressed")), (1, 0));
}

#[test]
fn secrets_are_shown_only_on_request_and_if_an_input_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let (shared, _) = three(folder.path());
    scanned(folder.path(), "two", "clear.json", &["--show-secrets"]);
    let said = both(&merge(folder.path(), &["one.json", "clear.json", "--format", "json"]));
    assert!(!said.contains(&shared[36..]), "{said}");
    let said = both(&merge(folder.path(), &["one.json", "clear.json", "--format", "json", "--show-secrets"]));
    assert!(said.contains(&shared), "{said}");
    let said = both(&merge(folder.path(), &["one.json", "two.json", "--show-secrets"]));
    assert!(!said.contains(&shared[36..]), "{said}");
}

#[test]
fn exit_code_is_that_of_a_scan() {
    let folder = tempfile::tempdir().unwrap();
    three(folder.path());
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(code(&scanned(folder.path(), "empty", "empty.json", &[])), 3);
    assert_eq!(code(&scanned(folder.path(), "clean", "limit.json", &["--max-file-size", "1"])), 3);
    let exit = |args: &[&str]| code(&merge(folder.path(), args));
    assert_eq!(exit(&["clean.json"]), 0);
    assert_eq!(exit(&["clean.json", "one.json"]), 1);
    assert_eq!(exit(&["one.json", "limit.json"]), 1);
    assert_eq!(exit(&["clean.json", "empty.json"]), 3);
    assert_eq!(exit(&["clean.json", "limit.json"]), 3);
    assert_eq!(exit(&["limit.json", "one.json", "--exit-zero"]), 3);
    assert_eq!(exit(&["one.json", "--exit-zero"]), 0);
    assert_eq!(exit(&["one.json", "no-such.json"]), 2);
    assert_eq!(exit(&[]), 2);
    let all = merged(folder.path(), &["limit.json", "empty.json", "clean.json"]);
    assert_eq!(number(&all, "/summary/unreadable"), 2, "{all:#}");
}

#[test]
fn any_format_and_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    three(folder.path());
    let args = [
        "merge",
        "-",
        "two.json",
        "--format",
        "sarif",
        "--report",
        "html=page.html",
        "--report",
        "junit=j.xml",
    ];
    let input = fs::File::open(folder.path().join("one.json")).unwrap();
    let output = telleaks().current_dir(folder.path()).args(args).stdin(Stdio::from(input)).output().unwrap();
    let sarif: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 3);
    assert!(fs::read_to_string(folder.path().join("page.html")).unwrap().contains("3 findings"));
    assert!(fs::read_to_string(folder.path().join("j.xml")).unwrap().contains("failures=\"3\""));
}

#[test]
fn invalid_report_is_named_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    three(folder.path());
    let key = Random::new("odd", 0).key();
    put(folder.path(), "odd.json", &key);
    let output = merge(folder.path(), &["one.json", "odd.json"]);
    assert_eq!(code(&output), 2);
    assert!(both(&output).contains("odd.json: not a json report") && !both(&output).contains(&key[36..]));
    let lines = telleaks().current_dir(folder.path()).args(["scan", "one", "--format", "jsonl"]).output();
    put(folder.path(), "lines.jsonl", lines.unwrap().stdout);
    assert!(both(&merge(folder.path(), &["lines.jsonl"])).contains("this is a jsonl report"));
}
