//! The `csv` format (RFC 4180) for spreadsheets: one line for each finding, suppressed finding and skipped input.
//! Fields are guarded against formula injection, since their content may be chosen by an attacker. The `csv` crate (a
//! second opinion in the tests) quotes for programs alone, and not for spreadsheets that separate fields with `;`.

use std::io::{self, Write};

use super::phrases::NOTHING;
use super::sanitize::visible;
use super::{Options, Report};
use crate::finding::{Finding, Skipped};

/// The columns, in order. New columns are appended at the end.
const COLUMNS: [&str; 32] = [
    "kind",
    "rule_id",
    "severity",
    "confidence",
    "message",
    "path",
    "start_line",
    "start_column",
    "end_line",
    "end_column",
    "secret",
    "secret_sha256",
    "key_id",
    "key_created",
    "fingerprint",
    "encoding",
    "occurrence_count",
    "original",
    "within",
    "commit",
    "author",
    "date",
    "first_seen",
    "last_seen",
    "removed_in",
    "exposure_days",
    "in_head",
    "reached_by",
    "refs",
    "liveness",
    "suppressed_by",
    "head_days",
];

/// Characters that start a formula, including their full-width forms, which some spreadsheets accept as well.
const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Writes the `csv` report.
pub(super) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    line(&COLUMNS.map(str::to_owned), out)?;
    for finding in &report.findings {
        line(&fields("finding", finding, options), out)?;
    }
    for finding in &report.suppressed {
        line(&fields("suppressed", finding, options), out)?;
    }
    for unseen in &report.unseen {
        line(&not_read("not read", unseen), out)?;
    }
    for unseen in &report.accepted {
        line(&not_read("not read, accepted", unseen), out)?;
    }
    if report.unseen.is_empty() && !report.complete() {
        line(&not_read("not read", &Skipped::new("", NOTHING)), out)?;
    }
    Ok(())
}

/// Returns the fields of a finding, in the order of [`COLUMNS`].
fn fields(kind: &str, finding: &Finding, options: &Options) -> Vec<String> {
    let place = &finding.location;
    let encoding: Vec<_> = finding.encoding.iter().map(|encoding| encoding.as_str()).collect();
    let original = finding.original.as_ref();
    let own = [
        kind.to_owned(),
        finding.rule_id.clone(),
        finding.severity.as_str().to_owned(),
        finding.confidence.as_str().to_owned(),
        finding.message.clone(),
        place.path.clone(),
        place.start_line.to_string(),
        place.start_column.to_string(),
        place.end_line.to_string(),
        place.end_column.to_string(),
        options.shown(&finding.secret),
        finding.secret.sha256(),
        finding.key.as_ref().map(|key| key.as_str().to_owned()).unwrap_or_default(),
        finding.key.as_ref().and_then(|key| key.created()).unwrap_or_default(),
        finding.fingerprint(),
        encoding.join(" "),
        finding.occurrence_count().to_string(),
        original.map(|one| format!("{}:{}:{}", one.path, one.line, one.column)).unwrap_or_default(),
        finding.within.clone().unwrap_or_default(),
    ];
    let liveness = finding.liveness.as_ref().map(|liveness| liveness.status.as_str().to_owned());
    let hidden = finding.suppression.as_ref().map(|one| match &one.reason {
        Some(reason) => format!("{}: {reason}", one.by),
        None => one.by.clone(),
    });
    let last = [liveness, hidden].map(Option::unwrap_or_default);
    let head = finding.git.as_ref().and_then(|info| info.head_days).map(|days| days.to_string());
    own.into_iter().chain(history(finding)).chain(last).chain([head.unwrap_or_default()]).collect()
}

/// Returns the git provenance fields of a finding; unknown ones are empty.
fn history(finding: &Finding) -> [String; 10] {
    let Some(info) = &finding.git else { return Default::default() };
    let commit = info.commit.as_ref();
    [
        commit.map(|commit| commit.id.clone()).unwrap_or_default(),
        commit.map(|commit| commit.author.clone()).unwrap_or_default(),
        commit.map(|commit| commit.date.clone()).unwrap_or_default(),
        info.first_seen.clone().unwrap_or_default(),
        info.last_seen.clone().unwrap_or_default(),
        info.removed_in.clone().unwrap_or_default(),
        info.exposure_days.map(|days| days.to_string()).unwrap_or_default(),
        info.in_head.to_string(),
        info.reached_by.as_str().to_owned(),
        info.refs.join(" "),
    ]
}

fn not_read(kind: &str, unseen: &Skipped) -> Vec<String> {
    let mut all = vec![String::new(); COLUMNS.len()];
    all[0] = kind.to_owned();
    all[4].clone_from(&unseen.reason);
    all[5].clone_from(&unseen.path);
    let column = COLUMNS.iter().position(|name| *name == "suppressed_by");
    if let Some((column, accepted)) = column.zip(unseen.accepted.as_ref()) {
        all[column] = accepted.shown();
    }
    all
}

fn line(fields: &[String], out: &mut dyn Write) -> io::Result<()> {
    let fields: Vec<_> = fields.iter().map(|text| field(text)).collect();
    write!(out, "{}\r\n", fields.join(","))
}

/// Quotes a field so that every spreadsheet reads it as text, including those that separate fields with `;`.
fn field(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut begins = true;
    for c in visible(text).chars() {
        if begins && FORMULA_STARTS.contains(&c) {
            out.push('\'');
        }
        // Some readers skip leading blanks.
        begins = c == ';' || (begins && c.is_whitespace());
        out.push(c);
    }
    if out.contains(['"', ',', ';', '\'']) || out.starts_with(' ') || out.ends_with(' ') {
        out = format!("\"{}\"", out.replace('"', "\"\""));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_starts_like_a_formula() {
        for (text, made) in [
            ("src/a.js", "src/a.js"),
            ("=1+1", "\"'=1+1\""),
            ("@sum(a)", "\"'@sum(a)\""),
            ("-2", "\"'-2\""),
            (" +2", "\" '+2\""),
            ("＝1", "\"'＝1\""),
            ("\t=1", "\\t=1"),
            ("a;=1", "\"a;'=1\""),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
        ] {
            assert_eq!(field(text), made);
        }
    }
}
