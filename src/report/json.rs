//! The `json` and `jsonl` formats. They have separate structs, so that internal types can change without changing the
//! output. Fields, once added, keep their names and meanings.

use std::io::{self, Write};

use serde::Serialize;

use super::sanitize::inert_json;
use super::{Options, Report};
use crate::finding::{
    AcceptedBy, Confidence, Finding, GitInfo, KeyId, Liveness, Location, MachinePlace, Original, Severity,
    SharedSecret, SharedSecrets, Skipped, Suppression,
};

/// The `json` report.
#[derive(Serialize)]
struct Document<'a> {
    tool: &'static str,
    version: &'static str,
    findings: Vec<DocumentFinding<'a>>,
    /// Suppressed findings.
    suppressed: Vec<DocumentFinding<'a>>,
    unreadable: Vec<Unreadable<'a>>,
    summary: Counts,
    /// Only set for a merged report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shared_secrets: Vec<Shared<'a>>,
    /// Only set for an audit.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    verdict: &'a [String],
}

/// A finding of the `json` report, with all locations of the secret.
#[derive(Serialize)]
struct DocumentFinding<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    occurrences: Vec<Place<'a>>,
    occurrence_count: u64,
    liveness: Option<Alive<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<Hidden<'a>>,
    /// The reports that have it, in a merged report.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    sources: &'a [String],
}

/// A secret that several reports or repositories have.
#[derive(Serialize)]
pub(super) struct Shared<'a> {
    rule_id: &'a str,
    secret: String,
    secret_sha256: String,
    key_id: Option<String>,
    sources: Vec<&'a str>,
}

/// Converts a secret that several reports or repositories have to JSON.
pub(super) fn shared<'a>(one: &'a SharedSecret, options: &Options) -> Shared<'a> {
    Shared {
        rule_id: &one.rule_id,
        secret: options.shown(&one.secret),
        secret_sha256: one.secret.sha256(),
        key_id: KeyId::of_key(one.secret.expose()).map(|key| key.as_str().to_owned()),
        sources: one.sources.iter().map(String::as_str).collect(),
    }
}

/// What suppresses a finding.
#[derive(Serialize)]
struct Hidden<'a> {
    kind: &'static str,
    by: &'a str,
    reason: Option<&'a str>,
}

/// A line of the `jsonl` report. Other locations are only counted, to keep lines short.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    occurrences: u64,
    liveness: Option<Alive<'a>>,
}

/// The fields of a finding that both formats share.
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
    /// The path from the root of the repository, if the file is in one.
    repository_path: Option<&'a str>,
    location: Place<'a>,
    encoding: Vec<&'static str>,
    original: Option<Origin<'a>>,
    git: Option<Git<'a>>,
    /// Only set by `telleaks machine`.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<OnMachine<'a>>,
}

/// The place of a workstation in which a secret was found.
#[derive(Serialize)]
struct OnMachine<'a> {
    id: &'a str,
    what: &'a str,
    program: &'a str,
    recorded: Option<&'a str>,
    changed: Option<&'a str>,
}

fn on_machine(place: &MachinePlace) -> OnMachine<'_> {
    OnMachine {
        id: &place.id,
        what: &place.what,
        program: &place.program,
        recorded: place.recorded.as_deref(),
        changed: place.changed.as_deref(),
    }
}

/// The original location of something in a bundle.
#[derive(Serialize)]
pub(super) struct Origin<'a> {
    path: &'a str,
    line: u64,
    column: u64,
}

/// Converts an original location to JSON.
pub(super) fn origin(original: &Original) -> Origin<'_> {
    Origin { path: &original.path, line: original.line, column: original.column }
}

/// Whether a secret is active.
#[derive(Serialize)]
pub(super) struct Alive<'a> {
    status: &'static str,
    detail: &'a str,
    checked_at: String,
}

/// Converts a liveness to JSON.
pub(super) fn alive(liveness: &Liveness) -> Alive<'_> {
    Alive { status: liveness.status.as_str(), detail: &liveness.detail, checked_at: liveness.time() }
}

/// Git provenance of a finding.
#[derive(Serialize)]
pub(super) struct Git<'a> {
    blob: Option<&'a str>,
    commit: Option<&'a str>,
    author: Option<&'a str>,
    date: Option<&'a str>,
    subject: Option<&'a str>,
    or_earlier: bool,
    path: Option<&'a str>,
    first_seen: Option<&'a str>,
    last_seen: Option<&'a str>,
    removed_in: Option<&'a str>,
    exposure_days: Option<u64>,
    head_days: Option<u64>,
    in_head: bool,
    refs: &'a [String],
    reached_by: &'static str,
    versions: u64,
}

/// A location: lines and columns (in Unicode characters) are 1-based, bytes 0-based, ends exclusive.
#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
    byte_start: u64,
    byte_end: u64,
    /// The path in the structure of the file (such as a JSON path), if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<&'a str>,
}

/// An input in scope that was skipped, wholly or partly.
#[derive(Serialize)]
struct Unreadable<'a> {
    path: &'a str,
    reason: &'a str,
    /// The name of the format, if it is an unsupported one.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a str>,
    /// The entry that accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<Accepted<'a>>,
}

/// The entry of the configuration that accepts a skipped input.
#[derive(Serialize)]
pub(super) struct Accepted<'a> {
    by: &'a str,
    reason: &'a str,
}

/// Counts of the scan.
#[derive(Serialize)]
struct Counts {
    files_scanned: u64,
    git_files_scanned: u64,
    objects_scanned: u64,
    bytes_scanned: u64,
    links_not_followed: u64,
    not_checked_out: u64,
    findings: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
    /// Without those that are accepted.
    unreadable: usize,
    unreadable_accepted: usize,
    complete: bool,
}

/// Writes the `json` report.
pub(super) fn write_document(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let common = SharedSecrets::of(&report.findings);
    let document = Document {
        tool: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        findings: report.findings.iter().map(|finding| whole(finding, options)).collect(),
        suppressed: report.suppressed.iter().map(|finding| whole(finding, options)).collect(),
        unreadable: unreadable(report),
        summary: counts(report),
        shared_secrets: common.iter().map(|one| shared(one, options)).collect(),
        verdict: &report.verdict,
    };
    writeln!(out, "{}", inert_json(&serde_json::to_string_pretty(&document)?))
}

/// Writes the `jsonl` report: one line per finding.
pub(super) fn write_lines(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(out, "{}", inert_json(&serde_json::to_string(&line(finding, options))?))?;
    }
    Ok(())
}

/// Converts a finding to a line.
pub(super) fn line<'a>(finding: &'a Finding, options: &Options) -> Line<'a> {
    Line {
        head: head(finding, options),
        occurrences: finding.occurrence_count(),
        liveness: finding.liveness.as_ref().map(alive),
    }
}

fn whole<'a>(finding: &'a Finding, options: &Options) -> DocumentFinding<'a> {
    DocumentFinding {
        head: head(finding, options),
        occurrences: finding.occurrences.iter().map(place).collect(),
        occurrence_count: finding.occurrence_count(),
        liveness: finding.liveness.as_ref().map(alive),
        suppression: finding.suppression.as_ref().map(hidden),
        sources: &finding.sources,
    }
}

fn hidden(suppression: &Suppression) -> Hidden<'_> {
    Hidden { kind: suppression.kind.as_str(), by: &suppression.by, reason: suppression.reason.as_deref() }
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
        repository_path: finding.repository_path.as_deref(),
        location: Place { within: finding.within.as_deref(), ..place(&finding.location) },
        encoding: finding.encoding.iter().map(|encoding| encoding.as_str()).collect(),
        original: finding.original.as_ref().map(origin),
        git: finding.git.as_ref().map(git),
        place: finding.machine.as_ref().map(on_machine),
    }
}

/// Converts git provenance to JSON.
pub(super) fn git(info: &GitInfo) -> Git<'_> {
    let commit = info.commit.as_ref();
    Git {
        blob: info.blob.as_deref(),
        commit: commit.map(|commit| commit.id.as_str()),
        author: commit.map(|commit| commit.author.as_str()),
        date: commit.map(|commit| commit.date.as_str()),
        subject: commit.map(|commit| commit.subject.as_str()),
        or_earlier: info.or_earlier,
        path: info.path.as_deref(),
        first_seen: info.first_seen.as_deref(),
        last_seen: info.last_seen.as_deref(),
        removed_in: info.removed_in.as_deref(),
        exposure_days: info.exposure_days,
        head_days: info.head_days,
        in_head: info.in_head,
        refs: &info.refs,
        reached_by: info.reached_by.as_str(),
        versions: info.versions,
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
        within: None,
    }
}

/// Returns the skipped inputs, accepted or not, sorted by path.
fn unreadable(report: &Report) -> Vec<Unreadable<'_>> {
    let mut all: Vec<&Skipped> = report.unseen.iter().chain(&report.accepted).collect();
    all.sort();
    let unreadable = all.into_iter().map(|one| Unreadable {
        path: &one.path,
        reason: &one.reason,
        format: one.format.as_deref(),
        accepted: one.accepted.as_ref().map(accepted),
    });
    unreadable.collect()
}

/// Converts an acceptance to JSON.
pub(super) fn accepted(acceptance: &AcceptedBy) -> Accepted<'_> {
    Accepted { by: &acceptance.by, reason: &acceptance.reason }
}

fn counts(report: &Report) -> Counts {
    Counts {
        files_scanned: report.summary.files_scanned,
        git_files_scanned: report.summary.git_files_scanned,
        objects_scanned: report.summary.objects_scanned,
        bytes_scanned: report.summary.bytes_scanned,
        links_not_followed: report.summary.links_not_followed,
        not_checked_out: report.summary.not_checked_out,
        findings: report.findings.len(),
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        notes: report.count(Severity::Note),
        suppressed: report.suppressed.len(),
        unreadable: report.unseen.len(),
        unreadable_accepted: report.accepted.len(),
        complete: report.complete(),
    }
}
