//! Report formats: from findings to bytes. Reports see only the values in [`crate::finding`], never file content.
//!
//! This file defines the values that the formats share; each format has its own file. All output goes through `sanitize`,
//! since names and lines are chosen by an attacker.

mod csv;
mod file;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod parse;
mod phrases;
mod plan;
mod records;
mod sanitize;
mod sarif;
mod snippet;
mod text;
mod timestamp;
mod xml_escape;

pub use file::{FileError, write_file};
pub use parse::{ReadError, read, read_file};
pub use plan::{Plan, Step};
pub use records::{Target, write_target};
pub use sanitize::{message, visible};
pub use timestamp::Clock;
pub use xml_escape::escaped;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use clap::ValueEnum;
use jiff::Timestamp;

use crate::finding::{Finding, Secret, Severity, Skipped};
use crate::rules::Rule;

/// The result of a scan, with fields in the order in which they are reported.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings in report order: path, byte offset, rule.
    pub findings: Vec<Finding>,
    /// Suppressed findings in report order; each names its suppression.
    pub suppressed: Vec<Finding>,
    /// Skipped inputs: in scope and not completely read, sorted by path.
    pub unseen: Vec<Skipped>,
    /// Skipped inputs that the configuration accepts; each names the entry.
    pub accepted: Vec<Skipped>,
    /// Counts for the summary.
    pub summary: Summary,
    /// The command that made the report; empty means `scan`.
    pub command: &'static str,
    /// The repository that was scanned.
    pub repository: Option<Repository>,
    /// Whether a scan without any input is complete, as for a commit that adds no content.
    pub may_be_empty: bool,
    /// The verdict of an audit, one string per line.
    pub verdict: Vec<String>,
    /// What to do next, one string per line (`text` only).
    pub plan: Vec<String>,
    /// Response plans for the leaks, worst first (`markdown` and `html`).
    pub plans: Vec<Plan>,
    /// Number of leaks for which `plans` has no entry.
    pub unplanned: usize,
}

/// A repository as reports identify it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its web address: absolute, without credentials.
    pub uri: String,
    /// The commit that is checked out.
    pub head: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

/// Counts of one scan. Contains no times, so that a report is byte-identical on every run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Number of files (or streams) whose content was scanned.
    pub files_scanned: u64,
    /// Number of git objects (commits, trees, blobs, tags) that were scanned or known to be clean.
    pub objects_scanned: u64,
    /// Number of bytes scanned, before any decoding.
    pub bytes_scanned: u64,
}

impl Summary {
    /// Returns true if anything was in scope.
    pub fn anything(&self) -> bool {
        self.files_scanned + self.objects_scanned > 0
    }
}

impl Report {
    /// Returns true if there was something in scope and nothing was skipped, except for skipped inputs that the
    /// configuration accepts. Only such a report can be clean.
    pub fn complete(&self) -> bool {
        self.unseen.is_empty() && (self.may_be_empty || self.summary.anything())
    }

    /// Returns the number of findings of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// The shape of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Format {
    /// Human-readable text for a terminal.
    Text,
    /// One JSON document: findings, what was not read, counts.
    Json,
    /// One JSON line per finding, and nothing else.
    Jsonl,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// One self-contained page for a browser.
    Html,
    /// A job summary for GitHub and GitLab.
    Markdown,
    /// Annotations of GitHub Actions: workflow commands.
    Github,
    /// GitLab's secret detection report (gl-secret-detection-report.json).
    Gitlab,
    /// JUnit XML, for build servers.
    Junit,
    /// Comma-separated values, for spreadsheets.
    Csv,
}

impl Format {
    /// Returns the name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let known = Self::value_variants().iter().find(|format| format.as_str() == name);
        known.copied().ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// A name that is not a [`Format`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown report format `{}`; the formats are {}", visible(.0), names())]
pub struct UnknownFormat(String);

fn names() -> String {
    let names: Vec<_> = Format::value_variants().iter().map(|format| format.as_str()).collect();
    names.join(", ")
}

/// Options that apply to any format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Write secrets unmasked.
    pub show_secrets: bool,
    /// Use terminal colours (`text` only).
    pub color: bool,
    /// List all locations of a secret, its fingerprint and its SHA-256 (`text` only).
    pub verbose: bool,
    /// Also write suppressed findings, marked as such (`sarif` only).
    pub sarif_suppressions: bool,
    /// Width of the terminal in columns, to which long lines of content are cut (`text` only).
    pub width: usize,
    /// Start time of the run (`gitlab` only).
    pub started: Timestamp,
    /// End time of the run (`gitlab` and `html`).
    pub ended: Timestamp,
}

impl Options {
    /// Formats the secret, masked unless `show_secrets` is set.
    fn shown(&self, secret: &Secret) -> String {
        if self.show_secrets { secret.expose().to_owned() } else { secret.masked() }
    }
}

impl Default for Options {
    /// Returns options for a file or a terminal: masked, without colour, not verbose, 100 columns, without times.
    fn default() -> Self {
        let epoch = Timestamp::UNIX_EPOCH;
        Self {
            show_secrets: false,
            color: false,
            verbose: false,
            sarif_suppressions: false,
            width: 100,
            started: epoch,
            ended: epoch,
        }
    }
}

/// Writes `report` to `out`. The output is deterministic.
pub fn write(
    report: &Report,
    rules: &[Rule],
    format: Format,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, rules, options, out),
        Format::Json => json::write_document(report, options, out),
        Format::Jsonl => json::write_lines(report, options, out),
        Format::Sarif => sarif::write(report, rules, options, out),
        Format::Html => html::write(report, options, out),
        Format::Markdown => markdown::write(report, rules, options, out),
        Format::Github => github::write(report, rules, options, out),
        Format::Gitlab => gitlab::write(report, rules, options, out),
        Format::Junit => junit::write(report, rules, options, out),
        Format::Csv => csv::write(report, options, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_names_round_trip() {
        for format in Format::value_variants() {
            assert_eq!(format.to_string().parse(), Ok(*format));
            let on_command_line = format.to_possible_value().unwrap();
            assert_eq!(on_command_line.get_name(), format.as_str());
        }
    }

    #[test]
    fn unknown_format_lists_known_formats() {
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), format!("unknown report format `xml`; the formats are {}", names()));
    }
}
