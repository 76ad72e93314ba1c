//! Output: the fields of a finding, occurrences across files, deterministic output, report files.

use serde_json::Value;
use std::fs;
use std::path::Path;

use crate::common::random::Random;
use crate::common::{both, code, lines, number, put, scan, text};

const FORMATS: [&str; 4] = ["text", "json", "jsonl", "sarif"];

fn json(folder: &Path, args: &[&str]) -> Value {
    let output = scan(folder, &[args, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", both(&output)))
}

fn fields(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn finding_has_documented_fields() {
    let folder = tempfile::tempdir().unwrap();
    // Created at 2021-12-08T06:34:36.273Z.
    let key = Random::new("fields", 0).key_of(0x017D_98C0_4171);
    put(folder.path(), "src/a.js", format!("// ä\nconst ö = \"{key}\";\n"));
    let output = scan(folder.path(), &["--format", "jsonl", "--show-secrets"]);
    let found = lines(&output.stdout);
    assert_eq!((found.len(), code(&output), output.stderr.len()), (1, 1, 0));
    let found = &found[0];
    let mut expected = [
        "rule_id",
        "severity",
        "confidence",
        "message",
        "secret",
        "secret_sha256",
        "key_id",
        "key_created",
        "fingerprint",
        "repository_path",
        "location",
        "encoding",
        "original",
        "git",
        "occurrences",
        "liveness",
    ];
    expected.sort_unstable();
    let mut present = fields(found);
    present.sort_unstable();
    assert_eq!(present, expected);
    assert_eq!(text(found, "/rule_id"), "telnyx-api-key");
    assert_eq!((text(found, "/severity"), text(found, "/confidence")), ("error", "high"));
    assert_eq!(text(found, "/secret"), key);
    assert_eq!(text(found, "/key_id"), &key[..35]);
    assert_eq!(text(found, "/key_created"), "2021-12-08T06:34:36.273Z");
    assert_eq!(text(found, "/secret_sha256").len(), 64);
    let place = serde_json::json!({
        "path": "src/a.js", "start_line": 2, "start_column": 12, "end_line": 2, "end_column": 70,
        "byte_start": 18, "byte_end": 76,
    });
    assert_eq!(found["location"], place);
    assert_eq!(found["encoding"], serde_json::json!([]));
    assert_eq!((number(found, "/occurrences"), found["git"].is_null()), (0, true));
}

#[test]
fn json_contains_everything_in_jsonl() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("json", 0);
    put(folder.path(), "a.env", format!("A={}\nB={}\n", random.key(), random.key()));
    put(folder.path(), "large.txt", "x".repeat(1000));
    let document = json(folder.path(), &[".", "--max-file-size", "500"]);
    let mut all = fields(&document);
    all.sort_unstable();
    assert_eq!(all, ["findings", "summary", "suppressed", "tool", "unreadable", "version"]);
    let found = lines(&scan(folder.path(), &["--format", "jsonl"]).stdout);
    let same = |pointer: &str| {
        let of = |all: &[Value]| all.iter().map(|one| one[pointer].clone()).collect::<Vec<_>>();
        assert_eq!(of(document["findings"].as_array().unwrap()), of(&found), "{pointer}");
    };
    for field in ["rule_id", "secret", "secret_sha256", "key_id", "fingerprint", "location", "encoding"] {
        same(field);
    }
    assert_eq!(text(&document, "/unreadable/0/path"), "large.txt");
    assert_eq!(number(&document, "/summary/findings"), 2);
    assert_eq!(number(&document, "/summary/unreadable"), 1);
    assert_eq!(number(&document, "/summary/files_scanned"), 1);
    assert_eq!(document["summary"]["complete"], false);
}

#[test]
fn one_secret_in_many_locations() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("places", 0);
    let (key, other) = (random.key(), random.key());
    put(folder.path(), "a/one.env", format!("A={key}\nB={key}\n"));
    put(folder.path(), "b/two.env", format!("\n\nA={key}\nB={other}\n"));
    let document = json(folder.path(), &["--show-secrets"]);
    let findings = document["findings"].as_array().unwrap();
    let of_key: Vec<&Value> = findings.iter().filter(|one| text(one, "/secret") == key).collect();
    assert_eq!((findings.len(), of_key.len()), (3, 2));
    for (one, path) in of_key.iter().zip(["a/one.env", "b/two.env"]) {
        assert_eq!(text(one, "/location/path"), path);
        assert_eq!(number(one, "/occurrence_count"), 2);
        let mut lines: Vec<(&str, u64)> = one["occurrences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|place| (text(place, "/path"), number(place, "/start_line")))
            .collect();
        lines.push((text(one, "/location/path"), number(one, "/location/start_line")));
        lines.sort_unstable();
        assert_eq!(lines, [("a/one.env", 1), ("a/one.env", 2), ("b/two.env", 3)]);
    }
    assert_ne!(text(of_key[0], "/fingerprint"), text(of_key[1], "/fingerprint"));
    assert_eq!(text(of_key[0], "/secret_sha256"), text(of_key[1], "/secret_sha256"));
}

#[test]
fn fingerprint_survives_moved_lines_and_other_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("moved", 0).key();
    let mut seen = Vec::new();
    let encoded = data_encoding::BASE64.encode(key.as_bytes());
    for content in [format!("A={key}\n"), format!("\n\n\n# moved\nA={key}\n"), format!("data: {encoded}\n")] {
        put(folder.path(), "a.env", content);
        let found = lines(&scan(folder.path(), &["--format", "jsonl"]).stdout);
        seen.push(text(&found[0], "/fingerprint").to_owned());
    }
    assert!(seen.iter().all(|one| *one == seen[0] && one.len() == 32), "{seen:?}");
}

/// Creates a tree that is large enough for threads to work in a different order on each run.
fn tree(folder: &Path) {
    let mut random = Random::new("tree", 0);
    let shared = random.key();
    for number in 0..150 {
        let key = if number % 5 == 0 { shared.clone() } else { random.key() };
        let lines = random.some_lines("# ");
        put(
            folder,
            &format!("{}/{}/{number}.env", number % 7, number % 3),
            format!("{lines}A={key}\n{lines}"),
        );
    }
    put(folder, "3/large.txt", random.filler(3 << 20, true));
    put(folder, "4/too-large.txt", "x".repeat(5 << 20));
}

#[test]
fn output_is_deterministic_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    for format in FORMATS {
        let run = |threads| {
            let args = ["--format", format, "--max-file-size", "4M", "--verbose", "--threads", threads];
            let output = scan(folder.path(), &args);
            assert_eq!(code(&output), 1);
            (output.stdout, output.stderr)
        };
        let alone = run("1");
        assert!(!alone.0.is_empty() && !alone.1.is_empty());
        for threads in ["8", "8", "3", "0"] {
            assert!(run(threads) == alone, "{format} with {threads} threads");
        }
    }
}

#[test]
fn report_files_beside_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    tree(folder.path());
    let paths = FORMATS.map(|format| format!("{}/{format}", out.path().display()));
    let mut args = vec!["--format".to_owned(), "jsonl".to_owned()];
    for (format, path) in FORMATS.iter().zip(&paths) {
        args.extend(["--report".to_owned(), format!("{format}={path}")]);
    }
    fs::write(&paths[1], "an older report").unwrap();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let output = scan(folder.path(), &args);
    assert_eq!(code(&output), 1);
    for (format, path) in FORMATS.iter().zip(&paths) {
        let alone = scan(folder.path(), &["--format", format]).stdout;
        assert!(fs::read(path).unwrap() == alone, "{format}");
    }
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), FORMATS.len());
    assert_eq!(output.stdout, fs::read(&paths[2]).unwrap());
}

#[test]
fn colours_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.env", Random::new("colour", 0).key());
    let run = |args: &[&str]| String::from_utf8(scan(folder.path(), args).stdout).unwrap();
    assert!(!run(&[]).contains('\u{1b}'));
    assert!(run(&["--color", "always"]).contains('\u{1b}'));
    assert!(!run(&["--color", "always", "--format", "json"]).contains('\u{1b}'));
}
