//! `telleaks explain`: names every reason that keeps a key out of the report.

use serde_json::Value;
use std::process::Output;
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{both, code, put, telleaks};

fn explain(folder: &TempDir, args: &[&str]) -> Output {
    telleaks().current_dir(folder.path()).arg("explain").args(args).output().unwrap()
}

fn said(folder: &TempDir, args: &[&str]) -> String {
    let output = explain(folder, args);
    assert_eq!(code(&output), 0, "{}", both(&output));
    both(&output)
}

fn json(folder: &TempDir, place: &str) -> Value {
    serde_json::from_slice(&explain(folder, &[place, "--format", "json"]).stdout).unwrap()
}

/// Returns the reasons for which a rule rejected a candidate.
fn refusals(document: &Value, rule: &str) -> Vec<String> {
    let anchors = document["anchors"].as_array().unwrap().iter();
    let refused = anchors.flat_map(|one| one["refused"].as_array().unwrap());
    let of_rule = refused.filter(|one| one["rules"].as_array().unwrap().iter().any(|id| id == rule));
    of_rule.map(|one| one["reason"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn findings_and_suppressions_are_named() {
    let folder = TempDir::new().unwrap();
    let mut random = Random::new("explain", 3);
    let [plain, comment, allowed] = [random.key(), random.key(), random.key()];
    let ignore = concat!("telleaks", ":ignore telnyx-api-key rotated");
    put(folder.path(), "a.py", format!("k = '{plain}'\nk = '{comment}' # {ignore}\n"));
    put(folder.path(), "docs/b.md", &allowed);
    put(folder.path(), "telleaks.toml", "[[allow]]\nreason = 'in the manual'\npaths = ['docs/']\n");
    let text = said(&folder, &["a.py"]);
    assert!(text.contains("a.py:1:6: reported: error telnyx-api-key"), "{text}");
    assert!(text.contains("a.py:2:6: hidden: error telnyx-api-key"), "{text}");
    assert!(text.contains("hidden by inline: a.py:2 (rotated)"), "{text}");
    assert!(!text.contains(&plain) && !text.contains(&comment), "{text}");
    let one = said(&folder, &["a.py:2"]);
    assert!(one.contains("a.py:2:6") && !one.contains("a.py:1:"), "{one}");
    // The configuration is found from the top of the repository or of the scanned directory; here only a file is given.
    let text = said(&folder, &["docs/b.md", "--config", "telleaks.toml"]);
    assert!(!text.contains(&allowed), "{text}");
    std::process::Command::new("git").arg("-C").arg(folder.path()).args(["init", "-q"]).status().unwrap();
    let text = said(&folder, &["docs/b.md"]);
    assert!(text.contains("hidden by config: telleaks.toml:1 (in the manual)"), "{text}");
}

#[test]
fn every_rejection_has_its_reason() {
    let folder = TempDir::new().unwrap();
    let mut random = Random::new("explain", 4);
    let key = random.key();
    let loose = format!("KEYq7Rt2mXw9{}Lk4VbN8sZp1Yc6Hd3Jf5Gg0Qa_uTi2oErW7yPlMxKvBzCd", "");
    let made_up = format!("{}_{}", &key[..35], "x".repeat(22));
    let lines =
        [key[..20].to_owned(), key[..50].to_owned(), loose.clone(), made_up, format!("a{}b", &key[..40])];
    put(folder.path(), "a.txt", lines.join("\n(and)\n"));
    let letters = &"qRtmXwLkVbNsZpYcHdJfGgQauTioErWyPlMxKvBzCdHjUnBgTyVfRcDxEsWz"[..55];
    put(folder.path(), "b.txt", format!("telnyx\n{loose}Z\nKEY{letters}\n"));
    let at = |place: &str, rule: &str, reason: &str| {
        let document = json(&folder, place);
        let reasons = refusals(&document, rule);
        assert!(reasons.iter().any(|one| one.contains(reason)), "{place} {rule}: {document:#}");
    };
    at("a.txt:1", "telnyx-api-key", "of the 30 required characters follow");
    at("a.txt:3", "telnyx-api-key", "does not match the pattern of the rule");
    at("a.txt:5", "telnyx-api-key-loose", "(?i)telnyx");
    at("a.txt:7", "telnyx-api-key", "check placeholder");
    at("b.txt:2", "telnyx-api-key-loose", "check boundary");
    at("b.txt:3", "telnyx-api-key-loose", "check mixed");
    assert!(json(&folder, "a.txt:2")["anchors"].as_array().unwrap().is_empty());
    assert!(
        said(&folder, &["a.txt:2"])
            .contains("a.txt:2: nothing is reported: nothing there looks like a credential")
    );
}

#[test]
fn better_rule_and_disabled_rule_are_named() {
    let folder = TempDir::new().unwrap();
    let key = Random::new("explain", 5).key();
    put(folder.path(), "a.txt", format!("telnyx {key}\n"));
    let document = json(&folder, "a.txt");
    let reasons = refusals(&document, "telnyx-api-key-loose");
    assert!(
        reasons.iter().any(|one| one.contains("telnyx-api-key matches at the same position")),
        "{document:#}"
    );
    // A finding says enough.
    assert!(!said(&folder, &["a.txt"]).contains("not reported"));
    let off = said(
        &folder,
        &["a.txt", "--exclude-rule", "telnyx-api-key", "--exclude-rule", "telnyx-api-key-loose"],
    );
    assert!(off.contains("would be reported, but the rule is switched off: error telnyx-api-key"), "{off}");
    assert!(off.contains("Switched off: telnyx-api-key, telnyx-api-key-loose."), "{off}");
}

#[test]
fn encodings_and_archives_are_explained() {
    let folder = TempDir::new().unwrap();
    let mut random = Random::new("explain", 6);
    let cut = random.key()[..48].to_owned();
    put(folder.path(), "a.txt", format!("\nx = {}\n", data_encoding::BASE64.encode(cut.as_bytes())));
    let document = json(&folder, "a.txt:2");
    let anchor = &document["anchors"][0];
    assert_eq!((&anchor["encoding"], &anchor["at"]["column"]), (&serde_json::json!(["base64"]), &5.into()));
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(cut.len() as u64);
    tar.append_data(&mut header, "in/x.txt", cut.as_bytes()).unwrap();
    put(folder.path(), "b.tar", tar.into_inner().unwrap());
    for place in ["b.tar", "b.tar!/in/x.txt", "b.tar!/in/x.txt:1"] {
        let text = said(&folder, &[place]);
        assert!(text.contains("b.tar!/in/x.txt:1:1: not reported: KEY, as a credential begins"), "{text}");
    }
    assert!(said(&folder, &["b.tar!/in/other.txt"]).contains("nothing there looks like a credential"));
    put(folder.path(), "c.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03cut");
    let output = explain(&folder, &["c.gz"]);
    assert_eq!(code(&output), 3);
    assert!(both(&output).contains("Not read: c.gz"), "{}", both(&output));
}

#[test]
fn explains_whether_a_scan_reads_the_file() {
    let folder = TempDir::new().unwrap();
    let git = |args: &[&str]| {
        let status = std::process::Command::new("git").arg("-C").arg(folder.path()).args(args).status();
        assert!(status.unwrap().success());
    };
    git(&["init", "-q"]);
    put(folder.path(), ".gitignore", "dist/\n*.env\n!keep.env\n");
    for name in ["dist/a.js", "b.env", "tracked.env", "keep.env", "src/c.txt"] {
        put(folder.path(), name, "nothing");
    }
    git(&["add", "-f", "tracked.env"]);
    std::os::unix::fs::symlink("src/c.txt", folder.path().join("link")).unwrap();
    let scans = |place: &str| {
        let document = json(&folder, place);
        (
            document["scope"]["read"].as_bool().unwrap(),
            document["scope"]["reason"].as_str().unwrap().to_owned(),
        )
    };
    for (place, read, reason) in [
        ("dist/a.js", false, "\"dist/\" in .gitignore (dist/ is ignored as a whole)"),
        ("b.env", false, "\"*.env\" in .gitignore"),
        ("tracked.env", true, "git tracks it"),
        ("keep.env", true, "\"!keep.env\" in .gitignore includes it again"),
        ("src/c.txt", true, "no rule excludes it"),
        ("link", false, "it is a link"),
        (".git/HEAD", false, "telleaks audit"),
    ] {
        let (is_read, why) = scans(place);
        assert_eq!(is_read, read, "{place}: {why}");
        assert!(why.contains(reason), "{place}: {why}");
    }
    // The explanation agrees with an actual scan.
    let mut scan = telleaks();
    scan.current_dir(folder.path()).args(["scan", "--exclude", "/.gitignore", "--format", "json"]);
    let report: Value = serde_json::from_slice(&scan.output().unwrap().stdout).unwrap();
    assert_eq!(report["summary"]["files_scanned"], 3, "{report:#}");
    assert_eq!(code(&explain(&folder, &["src"])), 2);
    assert_eq!(code(&explain(&folder, &["missing.txt:3"])), 2);
}

#[test]
fn omitted_anchors_are_reported() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.txt", "KEY \n".repeat(20_000));
    let output = explain(&folder, &["a.txt"]);
    assert_eq!(code(&output), 3);
    assert!(both(&output).contains("Not read: a.txt: more than 10,000 anchors"), "{}", both(&output));
}

#[test]
fn findings_of_every_rule_link_to_its_page() {
    let folder = TempDir::new().unwrap();
    for rule in telleaks::rules::builtin().unwrap().rules {
        let example = rule.examples[0].replace("{}", "");
        put(folder.path(), "a.txt", format!("{example}\n"));
        let document = json(&folder, "a.txt");
        let findings = document["findings"].as_array().unwrap();
        let found = findings.iter().find(|one| one["rule_id"] == rule.id.as_str());
        let found = found.unwrap_or_else(|| panic!("{}: {document:#}", rule.id));
        assert_eq!((&found["status"], &found["docs"]), (&"reported".into(), &rule.docs.as_str().into()));
        assert!(said(&folder, &["a.txt"]).contains(&format!("    {}\n", rule.docs)), "{}", rule.id);
    }
}

#[test]
fn rule_id_is_a_file_only_if_it_exists() {
    let folder = TempDir::new().unwrap();
    let output = explain(&folder, &["telnyx-api-key"]);
    assert_eq!(code(&output), 2);
    assert!(both(&output).contains("telleaks rules show telnyx-api-key prints it"), "{}", both(&output));
    put(folder.path(), "telnyx-api-key", "nothing");
    assert!(said(&folder, &["telnyx-api-key"]).contains("7 bytes were searched"));
}

#[test]
fn answer_comes_first_and_does_not_contradict_itself() {
    let folder = TempDir::new().unwrap();
    let key = Random::new("explain", 9).key();
    put(folder.path(), "key.txt", format!("k = {key}\n"));
    put(folder.path(), "short.txt", format!("k = {}\nKEY01\n", &key[..30]));
    let first = |place: &str| said(&folder, &[place]).lines().next().unwrap_or_default().to_owned();
    assert_eq!(first("key.txt"), "key.txt: 1 credential is reported.");
    let short = said(&folder, &["short.txt"]);
    assert!(short.starts_with("short.txt: nothing is reported: "), "{short}");
    assert!(short.contains("like a credential but") && !short.contains("nothing there looks"), "{short}");
    let output = explain(&folder, &["key.txt:99"]);
    assert_eq!(code(&output), 2);
    assert!(both(&output).contains("key.txt:99: the file has fewer lines (1)"), "{}", both(&output));
}

#[test]
fn text_that_several_rules_reject_counts_once() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.txt", "KEY0123, and more text after it\n".repeat(8));
    let said = both(&explain(&folder, &["a.txt"]));
    assert!(said.contains("8 texts begin like a credential"), "{said}");
}
