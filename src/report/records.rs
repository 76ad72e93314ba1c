//! Records of many repositories as lines of JSON: one line per finding, then one for the repository. Audits of a list
//! in parts, or repeated, are merged by the `finding_id` and `target` of the lines.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::json::{Line, Shared, line, shared};
use super::sanitize::{inert_json, visible};
use super::{Options, Report};
use crate::finding::{Finding, Severity, SharedSecret};

/// Facts about a repository that are not part of its report.
#[derive(Debug, Clone, Default)]
pub struct Target<'a> {
    /// The name in the list.
    pub target: &'a str,
    /// Why it was not scanned; empty if it was.
    pub reason: String,
    /// The commit that is checked out; empty if there is none.
    pub head: String,
    /// Duration of the audit in seconds.
    pub seconds: f64,
}

#[derive(Serialize)]
struct FindingRecord<'a> {
    record: &'static str,
    target: &'a str,
    /// Deterministic id of this secret, location and target.
    finding_id: String,
    #[serde(flatten)]
    line: Line<'a>,
}

#[derive(Serialize)]
struct TargetRecord<'a> {
    record: &'static str,
    target: &'a str,
    /// `ok`, `partial` (something was skipped), or `failed` (nothing was scanned).
    status: &'static str,
    reason: String,
    findings: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
    unreadable: usize,
    unreadable_accepted: usize,
    files: u64,
    objects: u64,
    bytes: u64,
    seconds: f64,
    head: &'a str,
    version: &'static str,
}

/// A repository as the page of a list shows it.
#[derive(Debug, Clone)]
pub struct TargetSummary {
    /// The name in the list.
    pub target: String,
    /// `ok`, `partial` (something was skipped), or `failed` (nothing was scanned).
    pub status: &'static str,
    /// Why something was not scanned; empty if everything was.
    pub reason: String,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// Number of notes.
    pub notes: usize,
    /// Number of skipped inputs.
    pub unreadable: usize,
    /// The commit that is checked out; empty if there is none.
    pub head: String,
}

impl TargetSummary {
    /// Returns the counts of one repository. `report` is `None` if it could not be scanned.
    pub fn of(target: &Target<'_>, report: Option<&Report>) -> Self {
        let TargetRecord { status, reason, errors, warnings, notes, unreadable, .. } = summed(target, report);
        let (target, head) = (target.target.to_owned(), target.head.clone());
        Self { target, status, reason, errors, warnings, notes, unreadable, head }
    }
}

/// Writes the records of one repository. `report` is `None` if it could not be scanned.
///
/// # Errors
/// Returns the I/O error if `out` cannot be written.
pub fn write_target(
    target: &Target<'_>,
    report: Option<&Report>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    for finding in report.iter().flat_map(|report| &report.findings) {
        let record = FindingRecord {
            record: "finding",
            target: target.target,
            finding_id: finding_id(target.target, finding),
            line: line(finding, options),
        };
        writeln!(out, "{}", inert_json(&serde_json::to_string(&record)?))?;
    }
    writeln!(out, "{}", inert_json(&serde_json::to_string(&summed(target, report))?))
}

/// A secret of several repositories.
#[derive(Serialize)]
struct SharedRecord<'a> {
    record: &'static str,
    #[serde(flatten)]
    shared: Shared<'a>,
}

/// Writes a record for each secret that several repositories have.
///
/// # Errors
/// Returns the I/O error if `out` cannot be written.
pub fn write_shared(all: &[SharedSecret], options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for one in all {
        let record = SharedRecord { record: "shared_secret", shared: shared(one, options) };
        writeln!(out, "{}", inert_json(&serde_json::to_string(&record)?))?;
    }
    Ok(())
}

fn summed<'a>(target: &'a Target<'_>, report: Option<&Report>) -> TargetRecord<'a> {
    let count = |severity: Severity| report.map_or(0, |report| report.count(severity));
    let summary = report.map(|report| report.summary).unwrap_or_default();
    let unread = |report: &Report| report.unseen.first().map(|one| format!("{}: {}", one.path, one.reason));
    let (status, reason) = match report {
        None => ("failed", target.reason.clone()),
        Some(report) if report.complete() => ("ok", String::new()),
        Some(report) => ("partial", unread(report).unwrap_or_else(|| "there was nothing to read".to_owned())),
    };
    TargetRecord {
        record: "target",
        target: target.target,
        status,
        reason: visible(&reason).into_owned(),
        findings: report.map_or(0, |report| report.findings.len()),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
        suppressed: report.map_or(0, |report| report.suppressed.len()),
        unreadable: report.map_or(0, |report| report.unseen.len()),
        unreadable_accepted: report.map_or(0, |report| report.accepted.len()),
        files: summary.files_scanned,
        objects: summary.objects_scanned,
        bytes: summary.bytes_scanned,
        seconds: (target.seconds * 1000.0).round() / 1000.0,
        head: &target.head,
        version: env!("CARGO_PKG_VERSION"),
    }
}

fn finding_id(target: &str, finding: &Finding) -> String {
    let mut hash = Sha256::new();
    let blob = finding.git.as_ref().and_then(|info| info.blob.as_deref()).unwrap_or_default();
    for part in [target, &finding.fingerprint(), blob] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
