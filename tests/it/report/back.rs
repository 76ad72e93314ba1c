//! Reading JSON reports back: nothing is lost, and invalid reports give an error that does not quote them.

use serde_json::{Value, json};
use telleaks::finding::{
    Commit, Encoding, GitInfo, KeyId, Liveness, LivenessStatus, Original, ReachedBy, Secret, Severity,
    Suppression, SuppressionKind,
};
use telleaks::report::{Format, Options, Report, Summary, read};
use telleaks::rules::Rule;

use crate::report::platforms::hostile;
use crate::report::sample::{KEY_ID, finding, parse, place, render, rules, sample};

fn json_of(report: &Report) -> String {
    render(report, Format::Json, &Options::default())
}

fn public() -> Vec<Rule> {
    let mut rules = rules();
    rules.push(Rule { id: "telnyx-api-key-id".into(), public: true, ..rules[0].clone() });
    rules
}

/// Returns findings with every field of the JSON format.
fn full() -> Report {
    let mut all = Vec::new();
    for (at, way) in ReachedBy::ALL.into_iter().enumerate() {
        let mut one = finding(KEY_ID, Severity::Warning, place("b/c.js", at as u64 + 1));
        let commit = Commit {
            id: "0123".into(),
            author: "A <a@b.c>".into(),
            date: "2026-01-05T10:00:00Z".into(),
            subject: "S".into(),
        };
        one.git = Some(GitInfo {
            blob: Some("aa".into()),
            commit: (at % 2 == 0).then_some(commit),
            or_earlier: at % 2 == 0,
            path: Some("b/c.js".into()),
            first_seen: Some("2026-01-05T10:00:00Z".into()),
            last_seen: Some("2026-01-06T10:00:00Z".into()),
            removed_in: Some("bb".into()),
            exposure_days: Some(1),
            head_days: Some(1),
            in_head: at % 2 == 0,
            refs: vec!["refs/heads/main".into()],
            reached_by: way,
            versions: 3,
        });
        let status = LivenessStatus::ALL[at % LivenessStatus::ALL.len()];
        let checked_at = "2026-02-01T00:00:00Z".parse().unwrap();
        one.liveness = Some(Liveness { status, detail: "d".into(), checked_at });
        one.original = Some(Original { path: "src/c.ts".into(), line: 4, column: 2 });
        one.within = Some("log.entries[3]".into());
        one.encoding = Encoding::ALL.to_vec();
        one.occurrences = vec![place("d", 1), place("e", 2)];
        one.unlisted = 7;
        all.push(one);
    }
    let mut name = finding(KEY_ID, Severity::Note, place("z", 1));
    name.rule_id = "telnyx-api-key-id".into();
    name.secret = Secret::public(KEY_ID);
    name.key = KeyId::of_key(KEY_ID);
    all.push(name);
    let hidden = |kind, reason: Option<&str>| {
        let mut one = finding(KEY_ID, Severity::Error, place("h", 1));
        one.suppression = Some(Suppression { kind, by: "a:4".into(), reason: reason.map(str::to_owned) });
        one
    };
    Report {
        findings: all,
        suppressed: vec![
            hidden(SuppressionKind::Inline, None),
            hidden(SuppressionKind::Baseline, Some("r")),
            hidden(SuppressionKind::Config, Some("r")),
        ],
        verdict: vec!["Do not publish yet.".into()],
        summary: Summary { files_scanned: 1, objects_scanned: 2, bytes_scanned: 3, ..Summary::default() },
        ..Report::default()
    }
}

#[test]
fn json_round_trip_is_byte_identical() {
    let nothing_to_do = Report { may_be_empty: true, ..Report::default() };
    for report in [full(), sample(), hostile(), Report::default(), nothing_to_do] {
        let once = json_of(&report);
        let back = read(once.as_bytes(), &public()).unwrap();
        assert_eq!(once, json_of(&back));
        assert_eq!(report.complete(), back.complete());
        let shown = Options { show_secrets: true, ..Options::default() };
        let whole = render(&report, Format::Json, &shown);
        let back = read(whole.as_bytes(), &public()).unwrap();
        assert_eq!(whole, render(&back, Format::Json, &shown));
        assert_eq!(once, json_of(&back), "a report with secrets in clear is masked again");
    }
}

#[test]
fn masked_secrets_cannot_be_shown_after_reading_back() {
    let back = read(json_of(&full()).as_bytes(), &public()).unwrap();
    assert!(!back.findings[0].secret.is_whole());
    assert!(back.findings[0].secret.masked().ends_with("_Ab…UV"));
}

#[test]
fn every_format_writes_a_parsed_report() {
    let back = read(json_of(&full()).as_bytes(), &public()).unwrap();
    for format in crate::report::FORMATS {
        assert!(!render(&back, format, &Options::default()).is_empty());
    }
}

/// Returns the full report with one value of the first finding changed.
fn with(pointer: &str, value: Value) -> Vec<u8> {
    let mut document = parse(&json_of(&full()));
    *document.pointer_mut(pointer).unwrap() = value;
    serde_json::to_vec(&document).unwrap()
}

#[test]
fn invalid_values_are_refused_and_not_quoted() {
    let odd = "not-to-be-quoted";
    for (pointer, value) in [
        ("/findings/0/location/start_line", json!(0)),
        ("/findings/0/location/end_line", json!(0)),
        ("/findings/0/location/end_column", json!(0)),
        ("/findings/0/location/byte_start", json!(9_999)),
        ("/findings/0/location/byte_end", json!(u64::MAX)),
        ("/findings/0/occurrences/1/start_column", json!(-1)),
        ("/findings/0/occurrence_count", json!(u64::MAX)),
        ("/findings/0/encoding/0", json!(odd)),
        ("/findings/0/severity", json!(odd)),
        ("/findings/0/git/reached_by", json!(odd)),
        ("/findings/0/liveness/status", json!(odd)),
        ("/findings/0/liveness/checked_at", json!(odd)),
        ("/suppressed/0/suppression/kind", json!(odd)),
        ("/tool", json!(odd)),
        ("/summary", json!(odd)),
        ("/unreadable", json!([odd])),
    ] {
        let error = read(&with(pointer, value), &public()).unwrap_err();
        assert!(!error.contains(odd), "{pointer}: {error}");
    }
    for text in ["", "{", "[]", "null", "\u{feff}{}", "{\"tool\":\"telleaks\"}", &"[".repeat(100_000)] {
        assert!(read(text.as_bytes(), &public()).is_err());
    }
    let lines = render(&full(), Format::Jsonl, &Options::default());
    assert!(read(lines.as_bytes(), &public()).unwrap_err().contains("jsonl"));
    let large = read(&with("/summary/files_scanned", json!(u64::MAX)), &public()).unwrap();
    assert!(large.summary.anything());
}

#[test]
fn truncated_and_corrupted_reports_are_handled() {
    let whole = json_of(&full()).into_bytes();
    for cut in (0..whole.len() - 2).step_by(41) {
        assert!(read(&whole[..cut], &public()).is_err());
        let mut changed = whole.clone();
        changed[cut] = changed[cut].wrapping_add(1 + (cut % 250) as u8);
        if let Ok(back) = read(&changed, &public()) {
            assert!(!json_of(&back).is_empty());
        }
    }
}
