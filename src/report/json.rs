//! The `json` and `jsonl` formats: structs of their own, so that the program's inner types can change without
//! changing what other programs read. A field, once here, keeps its name and meaning.

use std::io::{self, Write};

use serde::Serialize;

use super::sanitize::inert_json;
use super::{Options, Report};
use crate::finding::{Confidence, Finding, Location, Severity};

/// The whole `json` report.
#[derive(Serialize)]
struct Document<'a> {
    tool: &'static str,
    version: &'static str,
    findings: Vec<DocumentFinding<'a>>,
    unreadable: Vec<Unreadable<'a>>,
    summary: Counts,
}

/// A finding of the `json` report: all places of the secret stand in full.
#[derive(Serialize)]
struct DocumentFinding<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    occurrences: Vec<Place<'a>>,
    occurrence_count: u64,
    liveness: Unknown,
}

/// A line of the `jsonl` report: the other places are only counted, so that lines stay short.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    occurrences: u64,
    liveness: Unknown,
}

/// What both formats say about a finding.
#[derive(Serialize)]
struct Head<'a> {
    rule_id: &'a str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    secret: String,
    secret_sha256: String,
    key_id: Option<&'a str>,
    key_created: Option<String>,
    fingerprint: String,
    location: Place<'a>,
    encoding: Vec<&'static str>,
    original: Unknown,
    git: Unknown,
}

/// A field whose value this version never knows: `null`. It stands in the output so that readers can rely on it.
type Unknown = Option<()>;

/// A place: lines and columns (in Unicode characters) from 1, bytes from 0, ends exclusive.
#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
    byte_start: u64,
    byte_end: u64,
}

/// Something in scope that was not, or not wholly, read.
#[derive(Serialize)]
struct Unreadable<'a> {
    path: &'a str,
    reason: &'a str,
}

/// Counts of the scan.
#[derive(Serialize)]
struct Counts {
    files_scanned: u64,
    bytes_scanned: u64,
    findings: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    unreadable: usize,
    complete: bool,
}

/// Writes the `json` report.
pub(super) fn write_document(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        tool: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        findings: report.findings.iter().map(|finding| whole(finding, options)).collect(),
        unreadable: report
            .unseen
            .iter()
            .map(|unseen| Unreadable { path: &unseen.path, reason: &unseen.reason })
            .collect(),
        summary: counts(report),
    };
    writeln!(out, "{}", inert_json(&serde_json::to_string_pretty(&document)?))
}

/// Writes the `jsonl` report: a line for each finding.
pub(super) fn write_lines(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let line = Line {
            head: head(finding, options),
            occurrences: finding.occurrence_count(),
            liveness: Unknown::None,
        };
        writeln!(out, "{}", inert_json(&serde_json::to_string(&line)?))?;
    }
    Ok(())
}

fn whole<'a>(finding: &'a Finding, options: &Options) -> DocumentFinding<'a> {
    DocumentFinding {
        head: head(finding, options),
        occurrences: finding.occurrences.iter().map(place).collect(),
        occurrence_count: finding.occurrence_count(),
        liveness: Unknown::None,
    }
}

fn head<'a>(finding: &'a Finding, options: &Options) -> Head<'a> {
    Head {
        rule_id: &finding.rule_id,
        severity: finding.severity,
        confidence: finding.confidence,
        message: &finding.message,
        secret: options.shown(&finding.secret),
        secret_sha256: finding.secret.sha256(),
        key_id: finding.key.as_ref().map(|key| key.as_str()),
        key_created: finding.key.as_ref().and_then(|key| key.created()),
        fingerprint: finding.fingerprint(),
        location: place(&finding.location),
        encoding: finding.encoding.iter().map(|encoding| encoding.as_str()).collect(),
        original: Unknown::None,
        git: Unknown::None,
    }
}

fn place(location: &Location) -> Place<'_> {
    Place {
        path: &location.path,
        start_line: location.start_line,
        start_column: location.start_column,
        end_line: location.end_line,
        end_column: location.end_column,
        byte_start: location.byte_start,
        byte_end: location.byte_end,
    }
}

fn counts(report: &Report) -> Counts {
    Counts {
        files_scanned: report.summary.files_scanned,
        bytes_scanned: report.summary.bytes_scanned,
        findings: report.findings.len(),
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        notes: report.count(Severity::Note),
        unreadable: report.unseen.len(),
        complete: report.complete(),
    }
}
