//! Every format for one report with all kinds of awkward values. Unit tests cover the single functions.

mod back;
mod page;
mod platforms;
mod sample;
mod sarif;

use telleaks::finding::Skipped;
use telleaks::report::{Format, Options, Report};

use self::sample::{HOSTILE, KEY_ID, SECRET_PART, key, keys, parse, render, sample};

const FORMATS: [Format; 11] = [
    Format::Text,
    Format::Concise,
    Format::Json,
    Format::Jsonl,
    Format::Sarif,
    Format::Markdown,
    Format::Html,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
    Format::Csv,
];

/// Returns options wide enough for whole lines.
fn wide() -> Options {
    Options { width: 400, ..Options::default() }
}

#[test]
fn text_layout() {
    let mut report = sample();
    report.findings.retain(|finding| finding.location.path != HOSTILE);
    report.unseen = vec![Skipped::new("big.zip", "encrypted")];
    let expected = "\
error[telnyx-api-key]: A Telnyx API v2 key stands here in clear
   --> src/config.js:120:17
    |
120 | …const key = \"KEY017D98C041711C2B8B6F5A2E50702659_Ab…UV\";
    |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    |
    = secret: KEY017D98C041711C2B8B6F5A2E50702659_Ab…UV
    = key id: KEY017D98C041711C2B8B6F5A2E50702659, created 2021-12-08
    = note: written as base64, percent
    = note: also at 4 other places: src/other.js:1, src/other.js:2, src/other.js:3, …
    = help: Revoke it in the portal and make a new one.
    = docs: https://developers.telnyx.com/docs
    = accept: false positive? write a comment on its line: telleaks:ignore telnyx-api-key REASON

warning[telnyx-api-key]: A Telnyx API v2 key stands here in clear
 --> src/old.js:9:1
  |
  = secret: KEYE1B2C3D4A5B64C7D8E9FA0B1C2D3E4F5_Ab…UV
  = key id: KEYE1B2C3D4A5B64C7D8E9FA0B1C2D3E4F5, no date in the id

note[no-such-rule]: A Telnyx API v2 key stands here in clear
 --> src/zzz.js:9:1
  |
  = secret: KEY01236170692E74656C6E79782E636F6D_Ab…UV
  = key id: KEY01236170692E74656C6E79782E636F6D, the date in its id is implausible

not read: big.zip: encrypted

3 findings (1 error, 1 warning, 1 note), 1,284 files scanned
Incomplete: 1 place was not read; this is not a clean result.
";
    assert_eq!(render(&report, Format::Text, &Options::default()), expected);
}

#[test]
fn verbose_text_names_every_location_and_colour_changes_no_word() {
    let report = sample();
    let plain = render(&report, Format::Text, &Options { verbose: true, ..Options::default() });
    // One key at two paths is one card, with each location on a line of its own.
    for place in ["src/config.js:120", "src/other.js:1", "src/other.js:2", "src/other.js:3", "src/other.js:4"]
    {
        assert!(plain.lines().any(|line| line.trim() == place), "{place}: {plain}");
    }
    assert!(plain.contains("= fingerprint: ") && plain.contains("= secret sha256: "));
    let painted =
        render(&report, Format::Text, &Options { verbose: true, color: true, ..Options::default() });
    assert_ne!(painted, plain);
    let marks = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert_eq!(marks.replace_all(&painted, ""), plain);
}

#[test]
fn json_has_documented_fields() {
    let report = sample();
    let json = parse(&render(&report, Format::Json, &Options::default()));
    assert_eq!(keys(&json), ["findings", "summary", "suppressed", "tool", "unreadable", "version"]);
    assert_eq!(json["tool"], "telleaks");
    let summary = serde_json::json!({
        "files_scanned": 1284, "git_files_scanned": 0, "links_not_followed": 0, "not_checked_out": 0, "objects_scanned": 0, "bytes_scanned": 99, "findings": 4, "errors": 2, "warnings": 1, "notes": 1,
        "suppressed": 0, "unreadable": 1, "unreadable_accepted": 0, "complete": false,
    });
    assert_eq!(json["summary"], summary);
    assert_eq!(json["unreadable"], serde_json::json!([{ "path": HOSTILE, "reason": HOSTILE }]));

    let found = &json["findings"][1];
    let expected = serde_json::json!({
        "rule_id": "telnyx-api-key", "severity": "error", "confidence": "high",
        "message": "A Telnyx API v2 key stands here in clear",
        "secret": "KEY017D98C041711C2B8B6F5A2E50702659_Ab…UV",
        "secret_sha256": key(KEY_ID).sha256(),
        "key_id": KEY_ID, "key_created": "2021-12-08T06:34:36.273Z",
        "fingerprint": report.findings[1].fingerprint(), "repository_path": null,
        "location": {
            "path": "src/config.js", "start_line": 120, "start_column": 17, "end_line": 120, "end_column": 75,
            "byte_start": 4000, "byte_end": 4058,
        },
        "encoding": ["base64", "percent"], "original": null, "git": null,
        "occurrences": found["occurrences"], "occurrence_count": 4, "liveness": null,
    });
    assert_eq!(found, &expected);
    assert_eq!(found["occurrences"].as_array().map(Vec::len), Some(4));
    assert_eq!(keys(&found["occurrences"][0]), keys(&found["location"]));
}

#[test]
fn jsonl_has_one_finding_per_line() {
    let report = sample();
    let lines = render(&report, Format::Jsonl, &Options::default());
    let document = parse(&render(&report, Format::Json, &Options::default()));
    assert_eq!(lines.lines().count(), report.findings.len());
    for (line, whole) in lines.lines().zip(document["findings"].as_array().unwrap()) {
        let mut expected = whole.clone();
        let count = expected.as_object_mut().unwrap().remove("occurrence_count").unwrap();
        expected["occurrences"] = count;
        assert_eq!(parse(line), expected);
    }
    assert_eq!(render(&Report::default(), Format::Jsonl, &Options::default()), "");
}

#[test]
fn secrets_are_shown_only_on_request() {
    let report = sample();
    for format in FORMATS {
        for verbose in [false, true] {
            let options = Options { verbose, ..Options::default() };
            let masked = render(&report, format, &options);
            assert!(!masked.contains(&SECRET_PART[3..19]), "{format}: {masked}");
            let shown = render(&report, format, &Options { show_secrets: true, ..options });
            assert!(shown.contains(key(KEY_ID).expose()), "{format}: {shown}");
        }
    }
}

#[test]
fn output_is_deterministic() {
    for format in FORMATS {
        let once = render(&sample(), format, &Options::default());
        assert_eq!(once, render(&sample(), format, &Options::default()));
        assert!(once.ends_with('\n'), "{format}");
    }
}

#[test]
fn hostile_names_and_lines_are_inert() {
    for format in FORMATS {
        for show_secrets in [false, true] {
            let out = render(&sample(), format, &Options { show_secrets, ..wide() });
            // CSV lines end with CR LF.
            let out = out.replace("\r\n", "\n");
            let acts = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2028}\u{200b}".contains(c));
            assert!(!out.contains(acts), "{format}: {out:?}");
            assert!(!out.contains("##[") && !out.contains("##vso["), "{format}: {out}");
            for line in out.lines().map(str::trim_start) {
                let ours = format == Format::Github
                    && (line.starts_with("::error ")
                        || line.starts_with("::warning ")
                        || line.starts_with("::notice "));
                assert!((ours || !line.starts_with("::")) && !line.starts_with("x\r"), "{format}: {line}");
            }
        }
    }
    let text = render(&sample(), Format::Text, &wide());
    let shown =
        r"a\n::add-mask::x\r#\x23[error]y #\x23vso[task.z]\x1b[2J\x9b31m\u{202e}\u{2028}\u{200b}\x7f%b";
    for line in [
        format!("--> {shown}:1:1"),
        format!("1 | {shown}KEY{shown}"),
        format!("not read: {shown}: {shown}"),
        format!("]: {shown}"),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
}

#[test]
fn marker_is_under_the_secret_on_hostile_lines() {
    let text = render(&sample(), Format::Text, &wide());
    let lines: Vec<_> = text.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("1 | ")).unwrap();
    assert_eq!(lines[at].find("KEY"), lines[at + 1].find('^'));
    assert_eq!(lines[at + 1].matches('^').count(), 3);
}
