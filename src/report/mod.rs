//! From findings to bytes on an output. A report never sees content, only what [`crate::finding`] holds.
//!
//! Here stand the values that every format shares; each format has a file of its own. Whatever a format writes
//! has gone through `sanitize`, since a scanner prints names and lines that an attacker chose.

mod clock;
mod csv;
mod file;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod markup;
mod plan;
mod read;
mod sanitize;
mod sarif;
mod snippet;
mod target;
mod text;
mod words;

pub use clock::Clock;
pub use file::{FileError, write_file};
pub use markup::escaped;
pub use plan::{Plan, Step};
pub use read::{ReadError, read, read_file};
pub use sanitize::{message, visible};
pub use target::{Target, write_target};

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use clap::ValueEnum;
use jiff::Timestamp;

use crate::finding::{Finding, Secret, Severity, Unseen};
use crate::rules::Rule;

/// Everything that one scan has to say, in the order in which it is said.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings in report order: path, byte offset, rule.
    pub findings: Vec<Finding>,
    /// Findings that a suppression hides, in report order; each says which.
    pub suppressed: Vec<Finding>,
    /// What was in scope and not wholly read, in path order.
    pub unseen: Vec<Unseen>,
    /// The same, of what the configuration accepts; each says which entry.
    pub accepted: Vec<Unseen>,
    /// Counts for the summary.
    pub summary: Summary,
    /// The command that made it; `scan` if it is empty.
    pub command: &'static str,
    /// The repository that was searched.
    pub repository: Option<Repository>,
    /// Whether having had nothing to read is a result: a commit may add no content.
    pub may_be_empty: bool,
    /// Last words of an audit, a line each.
    pub verdict: Vec<String>,
    /// What to do now, a line each (`text` only).
    pub plan: Vec<String>,
    /// What to do about each leak, the worst first (`markdown` and `html`).
    pub plans: Vec<Plan>,
    /// Leaks beyond those that `plans` has.
    pub unplanned: usize,
}

/// A repository, as far as a report names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Where others find it: an absolute address without credentials.
    pub uri: String,
    /// The commit that is checked out.
    pub head: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

/// Counts of one scan. No times: a report is the same byte for byte on every run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Files (or streams) whose content was searched.
    pub files_scanned: u64,
    /// Objects of git (commits, trees, blobs, tags) that were searched or known to be clean.
    pub objects_scanned: u64,
    /// Bytes of content searched, before any decoding.
    pub bytes_scanned: u64,
}

impl Summary {
    /// True if there was anything in scope.
    pub fn anything(&self) -> bool {
        self.files_scanned + self.objects_scanned > 0
    }
}

impl Report {
    /// True if everything in scope was read, but for what the configuration accepts, and there was something in scope.
    /// Only such a report can be clean.
    pub fn complete(&self) -> bool {
        self.unseen.is_empty() && (self.may_be_empty || self.summary.anything())
    }

    /// Number of findings of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// The shape of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Format {
    /// For a person at a terminal.
    Text,
    /// One JSON document: findings, what was not read, counts.
    Json,
    /// One finding a line in JSON, and nothing else.
    Jsonl,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// One page for a browser, which needs nothing else.
    Html,
    /// The summary of a job, for GitHub and GitLab.
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
    /// The name on the command line.
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

/// A name that is no [`Format`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown report format `{}`; the formats are {}", visible(.0), names())]
pub struct UnknownFormat(String);

fn names() -> String {
    let names: Vec<_> = Format::value_variants().iter().map(|format| format.as_str()).collect();
    names.join(", ")
}

/// How a report is written, apart from its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Write secrets in clear instead of masked.
    pub show_secrets: bool,
    /// Use terminal colours (`text` only).
    pub color: bool,
    /// List every place of a secret, its fingerprint and its SHA-256 (`text` only).
    pub verbose: bool,
    /// Write suppressed findings, too, marked as such (`sarif` only).
    pub sarif_suppressions: bool,
    /// Width of the terminal in columns, to which long lines of content are cut (`text` only).
    pub width: usize,
    /// When the run began (`gitlab` only).
    pub started: Timestamp,
    /// When it ended (`gitlab` and `html`).
    pub ended: Timestamp,
}

impl Options {
    /// The secret as these options allow it to be written.
    fn shown(&self, secret: &Secret) -> String {
        if self.show_secrets { secret.expose().to_owned() } else { secret.masked() }
    }
}

impl Default for Options {
    /// Masked, plain, short, for 100 columns, without times: right for a file as well as for a terminal.
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

/// Writes `report` to `out`. The same report gives the same bytes.
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
    fn every_format_is_read_back_from_its_name() {
        for format in Format::value_variants() {
            assert_eq!(format.to_string().parse(), Ok(*format));
            let on_command_line = format.to_possible_value().unwrap();
            assert_eq!(on_command_line.get_name(), format.as_str());
        }
    }

    #[test]
    fn an_unknown_format_is_told_the_known_ones() {
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), format!("unknown report format `xml`; the formats are {}", names()));
    }
}
