//! The report writers: for any strings in findings and skipped inputs, each format can be parsed, has no effect on
//! terminals and CI systems, and shows no secret.

use std::sync::LazyLock;

use telleaks::finding::{
    Commit, Confidence, Encoding, Excerpt, Finding, GitInfo, KeyId, Liveness, LivenessStatus, Location,
    Original, ReachedBy, Replacement, Secret, Severity, Skipped, Suppression, SuppressionKind,
};
use telleaks::merge::merge;
use telleaks::report::{Format, Options, Report, Summary, read, write};
use telleaks::respond;
use telleaks::rules::Rule;

use crate::input::Input;
use crate::planted::{self, RULES};

/// All rules that a finding can have.
static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| RULES.all());

/// Strings with a special meaning for some reader of reports.
const NASTY: [&str; 32] = [
    "\n",
    "\r\n",
    "::error::x",
    "\n::add-mask::x",
    "##[error]y",
    "##vso[task.x]",
    "\x1b[2J",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2028}",
    "\u{200b}",
    "\0",
    "%0A",
    "|",
    "`",
    "```\n",
    "<script>",
    "</script>",
    "]]>",
    "<!--",
    "&amp;",
    "\"",
    "'",
    "\\",
    "=1+1",
    "@x",
    "\t",
    ",",
    "\u{ffff}",
    "[x](y)",
    "ö鍵🔑",
    "#",
];

/// Writes a report with strings of the input in all formats, or parses the input as a report.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    if input.below(4) == 0 {
        return from_bytes(input.rest());
    }
    let mut secrets = Vec::new();
    let mut report = Report { command: "scan", ..Report::default() };
    for _ in 0..=input.below(4) {
        let key = planted::key(&mut input);
        let suppressed = input.below(4) == 0;
        let one = finding(&mut input, &key);
        secrets.push(key);
        if suppressed { report.suppressed.push(one) } else { report.findings.push(one) }
    }
    for _ in 0..input.below(3) {
        report.unseen.push(Skipped::new(text(&mut input), text(&mut input)));
    }
    let (files_scanned, bytes_scanned) = (input.short() as u64, input.short() as u64);
    report.summary = Summary { files_scanned, objects_scanned: 0, bytes_scanned, ..Summary::default() };
    report.plan = respond::short(&report);
    (report.plans, report.unplanned) = respond::plans(&report, &ALL);
    let width = 1 + input.short() % 300;
    let (verbose, sarif_suppressions) = (input.flag(), input.flag());
    let options = Options { width, verbose, sarif_suppressions, ..Options::default() };
    every_format(&report, &secrets, &options);
}

/// Parses any bytes as a report. A valid report must survive a round trip.
fn from_bytes(bytes: &[u8]) {
    let Ok(report) = read(bytes, &ALL) else { return };
    let options = Options::default();
    every_format(&report, &[], &options);
    let once = merge(vec![("a".into(), report)]);
    let json = rendered(&once, Format::Json, &options);
    let (one, other) = (read(json.as_bytes(), &ALL).unwrap(), read(json.as_bytes(), &ALL).unwrap());
    let twice = rendered(&merge(vec![("a".into(), one), ("b".into(), other)]), Format::Json, &options);
    assert_eq!(twice, json, "a report merged with itself is another one");
}

/// Returns a text of pieces of the input and special strings.
fn text(input: &mut Input<'_>) -> String {
    let mut out = String::new();
    for _ in 0..input.below(5) {
        match input.byte() {
            at @ 0..128 => out.push_str(NASTY[usize::from(at) % NASTY.len()]),
            at => out.push_str(&String::from_utf8_lossy(input.take(usize::from(at - 128)))),
        }
    }
    out
}

fn some(input: &mut Input<'_>) -> Option<String> {
    input.flag().then(|| text(input))
}

fn place(input: &mut Input<'_>) -> Location {
    let (line, column, start) = (1 + input.short() as u64, 1 + input.byte() as u64, input.short() as u64);
    Location {
        path: text(input),
        start_line: line,
        start_column: column,
        end_line: line + input.below(2) as u64,
        end_column: column + input.byte() as u64,
        byte_start: start,
        byte_end: start + input.byte() as u64,
    }
}

/// Returns the line of a finding in the detector's format: any characters except line feeds, with the masked secret
/// marked.
fn excerpt(input: &mut Input<'_>, secret: &Secret) -> Excerpt {
    let (before, behind) = (text(input).replace('\n', ""), text(input).replace('\n', ""));
    let shown = secret.masked();
    let highlight = before.len()..before.len() + shown.len();
    let text = [before, shown, behind].concat();
    Excerpt { text, highlight, clipped_left: input.flag(), clipped_right: input.flag() }
}

fn finding(input: &mut Input<'_>, key: &str) -> Finding {
    let severity = [Severity::Error, Severity::Warning, Severity::Note][input.below(3)];
    let ids = ["telnyx-api-key", "telnyx-api-key-loose", "no-such-rule", "telleaks-suppression-unused"];
    let secret = Secret::new(key);
    let mut one = Finding::new(ids[input.below(4)], severity, secret.clone(), place(input));
    one.confidence = [Confidence::High, Confidence::Medium, Confidence::Low][input.below(3)];
    one.message = text(input);
    one.key = KeyId::of_key(key);
    one.excerpt = excerpt(input, &secret);
    one.encoding = (0..input.below(3)).map(|_| Encoding::ALL[input.below(Encoding::ALL.len())]).collect();
    one.occurrences = (0..input.below(3)).map(|_| place(input)).collect();
    one.within = some(input);
    one.line_hash = some(input);
    if input.flag() {
        one.original = Some(Original { path: text(input), line: 1, column: input.short() as u64 });
    }
    if input.flag() {
        one.git = Some(git(input));
    }
    if input.flag() {
        let status = LivenessStatus::ALL[input.below(5)];
        let checked_at = jiff::Timestamp::UNIX_EPOCH;
        one.liveness = Some(Liveness { status, detail: text(input), checked_at });
    }
    if input.flag() {
        let kind =
            [SuppressionKind::Inline, SuppressionKind::Baseline, SuppressionKind::Config][input.below(3)];
        one.suppression = Some(Suppression { kind, by: text(input), reason: some(input) });
    }
    if input.flag() {
        one.edits = vec![Replacement { at: one.location.clone(), text: text(input) }];
    }
    one
}

fn git(input: &mut Input<'_>) -> GitInfo {
    let mut info = GitInfo::bare(ReachedBy::ALL[input.below(8)]);
    (info.blob, info.path) = (some(input), some(input));
    (info.first_seen, info.last_seen, info.removed_in) = (some(input), some(input), some(input));
    info.refs = (0..input.below(3)).map(|_| text(input)).collect();
    info.in_head = input.flag();
    let commit = Commit { id: text(input), author: text(input), date: text(input), subject: text(input) };
    info.commit = input.flag().then_some(commit);
    info
}

fn rendered(report: &Report, format: Format, options: &Options) -> String {
    let mut out = Vec::new();
    write(report, &ALL, format, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn every_format(report: &Report, secrets: &[String], options: &Options) {
    use Format::{Csv, Github, Gitlab, Html, Json, Jsonl, Junit, Markdown, Sarif, Text};
    for format in [Text, Json, Jsonl, Sarif, Html, Markdown, Github, Gitlab, Junit, Csv] {
        let out = rendered(report, format, options);
        harmless(&out, format);
        for secret in secrets {
            assert!(!out.contains(&secret[36..]), "{format} shows a secret");
        }
        readable(report, &out, format);
    }
    let json = rendered(report, Format::Json, options);
    let back = read(json.as_bytes(), &ALL).unwrap();
    assert_eq!(rendered(&back, Format::Json, options), json, "read back, it is another report");
}

/// Checks that the output has no active content: control characters, bidirectional text, commands to CI systems.
fn harmless(out: &str, format: Format) {
    let acts = |c: char| match c {
        '\n' => false,
        '\r' => format != Format::Csv,
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control(),
    };
    if let Some(c) = out.chars().find(|c| acts(*c)) {
        panic!("{format} holds {c:?}");
    }
    assert!(!out.contains("##[") && !out.contains("##vso["), "{format} commands Azure");
    for line in out.lines().map(str::trim_start).filter(|line| line.starts_with("::")) {
        let ours = ["::error ", "::warning ", "::notice "].iter().any(|kind| line.starts_with(kind));
        assert!(format == Format::Github && ours && line.contains("title=telleaks"), "{format}: {line}");
    }
}

/// Checks that the output can be parsed and contains everything in the report.
fn readable(report: &Report, out: &str, format: Format) {
    match format {
        Format::Json | Format::Sarif | Format::Gitlab => {
            let value: serde_json::Value = serde_json::from_str(out).unwrap();
            assert!(value.is_object());
        }
        Format::Jsonl => {
            assert_eq!(out.lines().count(), report.findings.len());
            out.lines().for_each(|line| drop(serde_json::from_str::<serde_json::Value>(line).unwrap()));
        }
        Format::Junit => {
            let page = roxmltree::Document::parse(out).unwrap();
            let is_case = |node: &roxmltree::Node<'_, '_>| node.has_tag_name("testcase");
            assert!(page.descendants().any(|node| is_case(&node)));
        }
        Format::Csv => {
            let mut reader = csv::ReaderBuilder::new().from_reader(out.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            let formula = |field: &str| field.starts_with(['=', '+', '-', '@']);
            assert!(!rows.iter().any(|row| row.iter().any(formula)), "a field is a formula");
            assert!(rows.len() >= report.findings.len() + report.suppressed.len() + report.unseen.len());
        }
        Format::Html => assert_eq!(out.matches("<script").count(), out.matches("</script>").count()),
        Format::Text | Format::Concise | Format::Markdown | Format::Github => {}
    }
}
