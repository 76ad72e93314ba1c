//! Comments that hide findings, in files.

use serde_json::Value;
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{code, put, scan, text};

/// The marker, split so that this file does not contain it.
const IGNORE: &str = concat!("telleaks", ":ignore");
const API: &str = "telnyx-api-key";

/// Scans a file with this content. Returns the exit code and the report.
fn report(name: &str, content: &str, args: &[&str]) -> (i32, Value) {
    let folder = TempDir::new().unwrap();
    put(folder.path(), name, content);
    let output = scan(folder.path(), &[&[".", "--format", "json"], args].concat());
    (code(&output), serde_json::from_slice(&output.stdout).unwrap())
}

/// Returns rule and line of the findings in a list of the report.
fn reported(report: &Value, list: &str) -> Vec<String> {
    let short = |id: &str| id.trim_start_matches("telleaks-suppression-").to_owned();
    let all = report[list].as_array().unwrap();
    all.iter()
        .map(|one| format!("{}:{}", short(text(one, "/rule_id")), one["location"]["start_line"]))
        .collect()
}

#[test]
fn comment_covers_its_line_the_next_line_and_its_block() {
    let mut random = Random::new("inline", 1);
    let mut key = || random.key();
    let cases = [
        ("a.py", format!("a = '{}'  # {IGNORE} {API} a test\n", key()), "1"),
        ("a.py", format!("# {IGNORE} {API} a test\na = '{}'\n", key()), "2"),
        ("a.c", format!("/* {IGNORE} {API} */ char *a = \"{}\";\n", key()), "1"),
        ("a.html", format!("<!-- {IGNORE} {API} a test -->\n<p>{}</p>\n", key()), "2"),
        ("a.sql", format!("select '{}' -- {IGNORE} {API}\n", key()), "1"),
        ("a.js", format!("f(`x`) // lint:off {IGNORE} other,{API} why\nf('{}')\n", key()), ""),
        ("a.js", format!("  // {IGNORE}   telnyx-public-env-name, {API}: why\n  f('{}')\n", key()), "2"),
        ("a.ini", format!("; {IGNORE}-begin {API} why\n\na={}\n\n; {IGNORE}-end\n", key()), "3"),
        ("a.py", format!("a = (  # {IGNORE} {API} why\n   '{}')\n", key()), ""),
    ];
    for (name, content, line) in cases {
        let (exit, report) = report(name, &content, &[]);
        let hidden: Vec<String> = Some(line)
            .filter(|line| !line.is_empty())
            .map(|line| format!("{API}:{line}"))
            .into_iter()
            .collect();
        assert_eq!(reported(&report, "suppressed"), hidden, "{content}");
        assert_eq!(exit, i32::from(hidden.is_empty()), "{content}");
        assert_eq!(report["summary"]["suppressed"], hidden.len(), "{content}");
    }
}

#[test]
fn hidden_finding_names_comment_and_reason() {
    let key = Random::new("inline", 2).key();
    let (_, report) =
        report("src/a.py", &format!("# {IGNORE} {API}: of the mock server\na = '{key}'\n"), &[]);
    let expected =
        serde_json::json!({ "kind": "inline", "by": "src/a.py:1", "reason": "of the mock server" });
    assert_eq!(report["suppressed"][0]["suppression"], expected);
    assert!(!report.to_string().contains(&key));
}

#[test]
fn invalid_and_unused_comments_are_reported_and_hide_nothing() {
    let mut random = Random::new("inline", 3);
    for (content, findings) in [
        (format!("a = '{}' # {IGNORE}\n", random.key()), vec![format!("{API}:1"), "invalid:1".into()]),
        (
            format!("a = '{}' # {IGNORE} because\n", random.key()),
            vec![format!("{API}:1"), "invalid:1".into()],
        ),
        (format!("a = '{}' # {IGNORE}d {API}\n", random.key()), vec![format!("{API}:1"), "invalid:1".into()]),
        (
            format!("# {IGNORE}-begin {API} x\na = '{}'\n", random.key()),
            vec!["invalid:1".into(), format!("{API}:2")],
        ),
        (format!("a = '{}'\n# {IGNORE}-end\n", random.key()), vec![format!("{API}:1"), "invalid:2".into()]),
        (
            format!("# {IGNORE} telnyx-public-env-name x\na = '{}'\n", random.key()),
            vec!["unused:1".into(), format!("{API}:2")],
        ),
        (
            format!("# {IGNORE} {API} x\n\na = '{}'\n", random.key()),
            vec!["unused:1".into(), format!("{API}:3")],
        ),
        // A comment covers one line; the next key is a different one.
        (
            format!("a = '{}' # {IGNORE} {API} x\nb = '{}'\n", random.key(), random.key()),
            vec![format!("{API}:2")],
        ),
        (
            format!("# {IGNORE} {API} x\na = '{}'\nb = '{}'\n", random.key(), random.key()),
            vec![format!("{API}:3")],
        ),
        // The marker outside of a comment, and in prose.
        (format!("a = '{} {IGNORE} {API}'\n", random.key()), vec![format!("{API}:1")]),
        (format!("# see `{IGNORE} {API}`\na = '{}'\n", random.key()), vec![format!("{API}:2")]),
    ] {
        let (exit, report) = report("a.py", &content, &[]);
        assert_eq!(reported(&report, "findings"), findings, "{content}");
        assert_eq!(exit, 1, "{content}");
    }
}

#[test]
fn unused_comment_is_a_note_and_does_not_fail() {
    let (exit, all) = report("a.py", &format!("# {IGNORE} {API} gone\n"), &[]);
    assert_eq!((exit, reported(&all, "findings")), (0, vec!["unused:1".to_owned()]));
    // Whether a comment is unused is unknown if its rule was not run.
    let (exit, one) = report("a.py", &format!("# {IGNORE} {API} gone\n"), &["--exclude-rule", API]);
    assert_eq!((exit, reported(&one, "findings")), (0, Vec::new()));
    let (_, none) =
        report("a.py", &format!("# {IGNORE}\n"), &["--exclude-rule", "telleaks-suppression-invalid"]);
    assert_eq!(reported(&none, "findings"), [""; 0]);
}

#[test]
fn same_key_elsewhere_in_file_is_still_reported() {
    let key = Random::new("inline", 4).key();
    let (exit, report) = report("a.py", &format!("a = '{key}' # {IGNORE} {API} x\nb = '{key}'\n"), &[]);
    assert_eq!((exit, reported(&report, "findings")), (1, vec![format!("{API}:2")]));
    assert_eq!(reported(&report, "suppressed"), [format!("{API}:1")]);
}

#[test]
fn comments_work_in_large_files_wide_text_and_archives() {
    let mut random = Random::new("inline", 5);
    let lines = format!("# {IGNORE} {API} x\na = '{}'\n", random.key());
    let far = format!("{}{lines}", "nothing here\n".repeat(300_000));
    assert_eq!(reported(&report("a.log", &far, &[]).1, "suppressed"), [format!("{API}:300002")]);
    let wide: Vec<u8> = format!("\u{feff}{lines}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = TempDir::new().unwrap();
    put(folder.path(), "wide.txt", wide);
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in [("hidden.py", &lines), ("open.py", &format!("a = '{}'\n", random.key()))] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    put(folder.path(), "a.tar", tar.into_inner().unwrap());
    let output = scan(folder.path(), &[".", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let paths = |list: &str| -> Vec<String> {
        report[list].as_array().unwrap().iter().map(|one| text(one, "/location/path").to_owned()).collect()
    };
    assert_eq!(paths("findings"), ["a.tar!/open.py"]);
    assert_eq!(paths("suppressed"), ["a.tar!/hidden.py", "wide.txt"]);
}

#[test]
fn many_comments_and_keys_are_fast() {
    let mut random = Random::new("inline", 6);
    let lines: String = (0..30_000).map(|_| format!("a = '{}' # {IGNORE} {API} x\n", random.key())).collect();
    let (exit, report) = report("a.py", &lines, &[]);
    // Comments beyond the limit hide nothing, so some keys are still reported.
    assert_eq!(exit, 1);
    let (hidden, open) = (reported(&report, "suppressed").len(), reported(&report, "findings").len());
    assert!(hidden > 1_000 && open >= 30_000 - hidden, "{hidden} {open}");
}

#[test]
fn line_of_a_wrong_comment_shows_its_key_masked_once() {
    let key = Random::new("inline", 40).key();
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.py", format!("k = '{key}'  # {IGNORE}\n"));
    let output = scan(folder.path(), &["."]);
    let shown = String::from_utf8(output.stdout).unwrap();
    let masked = format!("{}…{}", &key[..38], &key[key.len() - 2..]);
    assert_eq!(shown.matches(&format!("k = '{masked}'")).count(), 2, "{shown}");
    assert!(!shown.contains("……") && !shown.contains(&key[..40]), "{shown}");
}

#[test]
fn other_spellings_are_reported_with_the_right_one() {
    let key = Random::new("inline", 77).key();
    let word = "telleaks";
    for (comment, near_miss) in [
        (format!("# {}:ignore {API} why", word.to_uppercase()), true),
        (format!("# {word}-ignore {API} why"), true),
        (format!("# {word} ignore {API} why"), true),
        (format!("# {word}-ignore-line {API}"), true),
        (format!("# {word}-ignore is a rule"), false),
        (format!("# see rules.md/{word}-ignore {API}"), false),
    ] {
        let (exit, report) = report("a.py", &format!("a = '{key}'  {comment}\n"), &[]);
        let found = reported(&report, "findings");
        let invalid: Vec<&Value> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| text(one, "/rule_id") == "telleaks-suppression-invalid")
            .collect();
        assert_eq!((exit, invalid.len()), (1, usize::from(near_miss)), "{comment}: {found:?}");
        for one in invalid {
            let right = format!("the right spelling is {IGNORE} {API} reason");
            assert!(text(one, "/message").contains(&right), "{one}");
        }
    }
}
