//! The `gitlab` format: a secret detection report (`gl-secret-detection-report.json`), checked against schema 15.2.4.
//!
//! It contains no source extract, since that would contain the secret. A scan that skipped something has the status
//! `failure` and lists the skipped inputs in its messages.

use std::collections::HashSet;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::phrases::{NOTHING, clipped, counted, is_alive, one_line, why_accepted};
use super::sanitize::{inert_json, visible};
use super::{Options, Report};
use crate::finding::{Finding, Severity, fingerprint};
use crate::rules::Rule;

/// The schema version that the output was checked against. GitLab rejects unknown versions.
const VERSION: &str = "15.2.4";
/// URL of the schema.
const SCHEMA: &str = "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v15.2.4/dist/secret-detection-report-format.json";
/// The value that GitLab's analyzer writes for content without a commit; the field is required.
const NO_COMMIT: &str = "0000000";
/// Maximum number of messages about skipped inputs.
const MAX_MESSAGES: usize = 100;
/// Maximum length in characters of a name (the schema's limit) and of other text (below the schema's limit).
const MAX_NAME_CHARS: usize = 250;
const MAX_TEXT_CHARS: usize = 6_000;

#[derive(Serialize)]
struct Document {
    version: &'static str,
    schema: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Tool,
    scanner: Tool,
    #[serde(rename = "type")]
    kind: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Tool {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    solution: Option<String>,
    identifiers: Vec<Identifier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    location: Place,
    tracking: Tracking,
}

/// How GitLab recognizes a finding whose line moved, and distinguishes several on one line.
#[derive(Serialize)]
struct Tracking {
    #[serde(rename = "type")]
    kind: &'static str,
    items: [TrackingItem; 1],
}

#[derive(Serialize)]
struct TrackingItem {
    file: String,
    start_line: u64,
    end_line: u64,
    signatures: [Signature; 1],
}

/// GitLab's own analyzer signs a secret by its rule and value; the value here is a hash.
#[derive(Serialize)]
struct Signature {
    algorithm: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

#[derive(Serialize)]
struct Link {
    url: String,
}

#[derive(Serialize)]
struct Place {
    file: String,
    start_line: u64,
    end_line: u64,
    commit: Commit,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Writes the `gitlab` report.
pub(super) fn write(
    report: &Report,
    rules: &[Rule],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut known = HashSet::new();
    let document = Document {
        version: VERSION,
        schema: SCHEMA,
        scan: scan(report, options),
        vulnerabilities: report
            .findings
            .iter()
            .map(|finding| {
                let rule = rules.iter().find(|rule| rule.id == finding.rule_id);
                Vulnerability { id: id(finding, &mut known), ..vulnerability(finding, rule, options) }
            })
            .collect(),
    };
    writeln!(out, "{}", inert_json(&serde_json::to_string_pretty(&document)?))
}

fn scan(report: &Report, options: &Options) -> Scan {
    let tool = || Tool {
        id: env!("CARGO_PKG_NAME"),
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        vendor: Vendor { name: env!("CARGO_PKG_NAME") },
    };
    Scan {
        analyzer: tool(),
        scanner: tool(),
        kind: "secret_detection",
        start_time: time(options.started),
        end_time: time(options.ended),
        status: if report.complete() { "success" } else { "failure" },
        messages: messages(report),
    }
}

/// Returns messages about skipped inputs and suppressed findings.
fn messages(report: &Report) -> Vec<Message> {
    let warn = |value: String| Message { level: "warn", value };
    let not_read =
        |path: &str, reason: &str| clipped(&visible(&format!("not read: {path}: {reason}")), MAX_TEXT_CHARS);
    let mut out: Vec<_> =
        report.unseen.iter().take(MAX_MESSAGES).map(|one| warn(not_read(&one.path, &one.reason))).collect();
    if report.unseen.len() > MAX_MESSAGES {
        let more = (report.unseen.len() - MAX_MESSAGES) as u64;
        out.push(warn(format!("not read: {} more", counted(more, "place"))));
    }
    if report.unseen.is_empty() && !report.complete() {
        out.push(warn(NOTHING.to_owned()));
    }
    let accepted = report
        .accepted
        .iter()
        .take(MAX_MESSAGES)
        .map(|one| Message { level: "info", value: not_read(&one.path, &why_accepted(one)) });
    out.extend(accepted);
    if report.accepted.len() > MAX_MESSAGES {
        let more = counted((report.accepted.len() - MAX_MESSAGES) as u64, "accepted place");
        out.push(Message { level: "info", value: format!("not read: {more} more") });
    }
    if !report.suppressed.is_empty() {
        let value = counted(report.suppressed.len() as u64, "suppressed finding");
        out.push(Message { level: "info", value });
    }
    out
}

/// Formats a time in UTC in whole seconds without a zone, as the schema requires.
fn time(at: Timestamp) -> String {
    format!("{at:.0}").trim_end_matches('Z').to_owned()
}

fn vulnerability(finding: &Finding, rule: Option<&Rule>, options: &Options) -> Vulnerability {
    let shown = options.shown(&finding.secret);
    let rule_id = if finding.rule_id.is_empty() { "unknown" } else { &finding.rule_id };
    let name = rule.map_or(rule_id, |rule| &rule.name);
    let docs = rule.map(|rule| rule.docs.clone()).filter(|url| url.starts_with("https://"));
    Vulnerability {
        id: String::new(),
        name: clipped(&visible(name), MAX_NAME_CHARS),
        description: clipped(&visible(&description(finding, &shown)), MAX_TEXT_CHARS),
        severity: severity(finding),
        solution: rule.map(|rule| clipped(&visible(&one_line(&rule.fix)), MAX_TEXT_CHARS)),
        identifiers: vec![
            Identifier {
                kind: "telleaks_rule_id",
                name: format!("telleaks rule {}", visible(rule_id)),
                value: visible(rule_id).into_owned(),
                url: None,
            },
            Identifier {
                kind: "cwe",
                name: "CWE-798".to_owned(),
                value: "798".to_owned(),
                url: Some("https://cwe.mitre.org/data/definitions/798.html"),
            },
        ],
        links: docs.map(|url| Link { url }).into_iter().collect(),
        location: place(finding),
        tracking: tracking(finding),
    }
}

fn description(finding: &Finding, shown: &str) -> String {
    let mut text = format!("{}. Secret: {shown}.", finding.message.trim_end_matches('.'));
    if let Some(made) = finding.key.as_ref().and_then(|key| key.created_day()) {
        text.push_str(&format!(" Created {made}."));
    }
    if let Some(liveness) = &finding.liveness {
        text.push_str(&format!(" {} at {}: {}.", liveness.status.as_str(), liveness.time(), liveness.detail));
    }
    if finding.occurrence_count() > 0 {
        text.push_str(&format!(" Also at {}.", counted(finding.occurrence_count(), "other place")));
    }
    text
}

fn severity(finding: &Finding) -> &'static str {
    match finding.severity {
        _ if is_alive(finding) => "Critical",
        Severity::Error => "Critical",
        Severity::Warning => "Medium",
        Severity::Note => "Info",
    }
}

fn tracking(finding: &Finding) -> Tracking {
    let signature =
        Signature { algorithm: "rule_value", value: fingerprint(&finding.rule_id, "", &finding.secret) };
    let at = &finding.location;
    let item = TrackingItem {
        file: at.path.clone(),
        start_line: at.start_line,
        end_line: at.end_line,
        signatures: [signature],
    };
    Tracking { kind: "source", items: [item] }
}

fn place(finding: &Finding) -> Place {
    let commit = finding.git.as_ref().and_then(|info| info.commit.as_ref());
    let sha = commit.map(|commit| commit.id.as_str()).filter(|id| !id.is_empty());
    Place {
        file: finding.location.path.clone(),
        start_line: finding.location.start_line,
        end_line: finding.location.end_line,
        commit: Commit {
            sha: sha.unwrap_or(NO_COMMIT).to_owned(),
            author: commit.map(|commit| visible(&commit.author).into_owned()),
            date: commit.map(|commit| visible(&commit.date).into_owned()),
            message: commit.map(|commit| visible(&commit.subject).into_owned()),
        },
    }
}

/// Formats the fingerprint as a UUID (version 8, RFC 9562). If several findings have the same fingerprint, as in a
/// merged report of two repositories, the later ones get an id derived from it.
fn id(finding: &Finding, known: &mut HashSet<String>) -> String {
    let mut digits = finding.fingerprint();
    while !known.insert(digits.clone()) {
        digits = format!(
            "{:.32}",
            Sha256::digest(digits).iter().fold(String::new(), |all, byte| format!("{all}{byte:02x}"))
        );
    }
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let variant = match part(16, 17) {
        "0" | "4" | "8" | "c" => '8',
        "1" | "5" | "9" | "d" => '9',
        "2" | "6" | "a" | "e" => 'a',
        _ => 'b',
    };
    format!("{}-{}-8{}-{variant}{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
