//! A report with awkward values, and rendering of reports to text. Contains no assertions.

use serde_json::Value;
use telleaks::finding::{Confidence, Encoding, Excerpt, Finding, KeyId, Location, Secret, Severity, Skipped};
use telleaks::report::{Format, Options, Report, Summary, write};
use telleaks::rules::{Forms, Rule};

pub(crate) const KEY_ID: &str = "KEY017D98C041711C2B8B6F5A2E50702659";
const LEGACY_ID: &str = "KEYE1B2C3D4A5B64C7D8E9FA0B1C2D3E4F5";
const EXAMPLE_ID: &str = "KEY01236170692E74656C6E79782E636F6D";
/// The part of a key that must never be shown.
pub(crate) const SECRET_PART: &str = "AbcdEFGHijklMNOPqrstUV";
/// A file name chosen by an attacker: line ends, colours, bidirectional text, commands to CI systems.
pub(crate) const HOSTILE: &str =
    "a\n::add-mask::x\r##[error]y ##vso[task.z]\x1b[2J\u{9b}31m\u{202e}\u{2028}\u{200b}\x7f%b";

pub(crate) fn render(report: &Report, format: Format, options: &Options) -> String {
    let mut out = Vec::new();
    write(report, &rules(), format, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn parse(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Returns the field names of an object, sorted.
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

pub(crate) fn rules() -> Vec<Rule> {
    vec![Rule {
        id: "telnyx-api-key".into(),
        name: "Telnyx API v2 key".into(),
        message: "A Telnyx API v2 key stands here in clear".into(),
        summary: "Opens the whole account.".into(),
        severity: Severity::Error,
        confidence: Confidence::High,
        fix: "Revoke it in the portal\nand make a new one.\n".into(),
        docs: "https://developers.telnyx.com/docs".into(),
        rank: 0,
        anchors: vec!["KEY01".into()],
        name_anchors: Vec::new(),
        assignments: Vec::new(),
        ignore_case: false,
        forms: Forms::All,
        run: None,
        window: 600,
        regex: String::new(),
        context: None,
        public: false,
        claim: None,
        checks: Vec::new(),
        examples: Vec::new(),
        non_examples: Vec::new(),
    }]
}

/// Returns a key, concatenated here because the repository must not contain a whole one.
pub(crate) fn key(id: &str) -> Secret {
    Secret::new([id, "_", SECRET_PART].concat())
}

pub(crate) fn place(path: &str, line: u64) -> Location {
    Location {
        path: path.into(),
        start_line: line,
        start_column: 1,
        end_line: line,
        end_column: 59,
        byte_start: 0,
        byte_end: 58,
    }
}

pub(crate) fn finding(id: &str, severity: Severity, location: Location) -> Finding {
    Finding {
        message: "A Telnyx API v2 key stands here in clear".into(),
        key: KeyId::of_key(id),
        ..Finding::new("telnyx-api-key", severity, key(id), location)
    }
}

/// Returns four findings: one with hostile text in every field, and one for each possible age of a key id.
pub(crate) fn sample() -> Report {
    let mut hostile = finding(KEY_ID, Severity::Error, place(HOSTILE, 1));
    hostile.message = HOSTILE.into();
    hostile.excerpt = Excerpt {
        text: [HOSTILE, "KEY", HOSTILE].concat(),
        highlight: HOSTILE.len()..HOSTILE.len() + 3,
        ..Excerpt::default()
    };
    let middle = Location {
        start_column: 17,
        end_column: 75,
        byte_start: 4_000,
        byte_end: 4_058,
        ..place("src/config.js", 120)
    };
    let mut plain = finding(KEY_ID, Severity::Error, middle);
    let masked = key(KEY_ID).masked();
    plain.excerpt = Excerpt {
        text: format!("const key = \"{masked}\";"),
        highlight: 13..13 + masked.len(),
        clipped_left: true,
        clipped_right: false,
    };
    plain.encoding = vec![Encoding::Base64, Encoding::Percent];
    plain.occurrences = (1..=4).map(|line| place("src/other.js", line)).collect();
    let legacy = finding(LEGACY_ID, Severity::Warning, place("src/old.js", 9));
    let mut example = finding(EXAMPLE_ID, Severity::Note, place("src/zzz.js", 9));
    example.rule_id = "no-such-rule".into();
    Report {
        findings: vec![hostile, plain, legacy, example],
        unseen: vec![Skipped::new(HOSTILE, HOSTILE)],
        summary: Summary {
            files_scanned: 1_284,
            objects_scanned: 0,
            bytes_scanned: 99,
            ..Summary::default()
        },
        ..Report::default()
    }
}
