//! Reads from a `json` report what a baseline needs: rule, hash and path of each finding. Masked reports are
//! sufficient.

use serde::Deserialize;

use super::config::is_sha256;
use super::config_error::Mistake;
use crate::finding::{OWN_PREFIX, Severity};

/// A finding of a report.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its rule.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// SHA-256 of its secret, lower-case hex.
    pub sha256: String,
    /// Its path in the report.
    pub path: String,
    /// Whether it was already suppressed.
    pub suppressed: bool,
}

#[derive(Deserialize)]
struct Document {
    tool: String,
    findings: Vec<Entry>,
    #[serde(default)]
    suppressed: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    rule_id: String,
    severity: Severity,
    secret_sha256: String,
    location: Place,
}

#[derive(Deserialize)]
struct Place {
    path: String,
}

/// Returns the findings of a report, including suppressed ones, without findings about suppressions.
///
/// # Errors
/// Returns a mistake if the text is not a `json` report of telleaks; never quotes content.
pub fn records(text: &str) -> Result<Vec<Record>, Mistake> {
    let other = |line| {
        Mistake::new(
            line,
            "not a json report of telleaks (make one with --format json or --report json=FILE)",
        )
    };
    let document: Document = serde_json::from_str(text).map_err(|error| other(error.line() as u64))?;
    if document.tool != env!("CARGO_PKG_NAME") {
        return Err(other(1));
    }
    let record = |entry: Entry, suppressed| Record {
        rule: entry.rule_id,
        severity: entry.severity,
        sha256: entry.secret_sha256.to_ascii_lowercase(),
        path: entry.location.path,
        suppressed,
    };
    let found = document.findings.into_iter().map(|entry| record(entry, false));
    let all = found.chain(document.suppressed.into_iter().map(|entry| record(entry, true)));
    Ok(all.filter(|one| is_sha256(&one.sha256) && !one.rule.starts_with(OWN_PREFIX)).collect())
}
