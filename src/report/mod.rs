//! Report formats: from findings to bytes. Reports see only the values in [`crate::finding`], never file content.
//!
//! This file defines the values that the formats share; each format has its own file. All output goes through `sanitize`,
//! since names and lines are chosen by an attacker.

mod cards;
mod concise;
mod csv;
mod file;
mod foreign;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod parse;
mod phrases;
mod records;
mod sanitize;
mod sarif;
mod snippet;
mod text;
mod timestamp;
mod xml_escape;

pub use file::{FileError, write_file};
pub use foreign::{Foreign, ForeignFinding, read_foreign};
pub use html::{plain_page, write_plan, write_targets_page};
pub use parse::{ReadError, read, read_file};
pub use records::{Target, TargetSummary, write_shared, write_target};
pub use sanitize::{message, path_at_line_start, visible};
pub use timestamp::Clock;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use clap::ValueEnum;
use jiff::Timestamp;

use crate::finding::Secret;
pub use crate::finding::{Plan, Report, Repository, Step, Summary};
use crate::rules::Rule;

/// The shape of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Format {
    /// Human-readable text for a terminal.
    Text,
    /// One line for each finding: path:line:column: severity[rule]: message.
    Concise,
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
    /// Returns whether paths start at the root of the repository: a host of repositories or a build server reads the
    /// format, or it lists the places of several reports.
    fn uses_root(self, report: &Report) -> bool {
        matches!(self, Self::Sarif | Self::Gitlab | Self::Github | Self::Junit | Self::Csv)
            || (self == Self::Concise && report.command == "merge")
    }

    /// Returns whether a reader opens the paths of this format from a terminal or an editor.
    fn is_for_display(self) -> bool {
        matches!(self, Self::Text | Self::Concise)
    }

    /// Returns the name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
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
    /// Leave out everything but the findings and what was not read (`text` only).
    pub quiet: bool,
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
            quiet: false,
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
    let mapped;
    let report = if format.uses_root(report) && report.has_other_paths() {
        mapped = report.at_root();
        &mapped
    } else if format.is_for_display() && !report.opened_from.is_empty() {
        mapped = report.as_opened();
        &mapped
    } else {
        report
    };
    match format {
        Format::Text => text::write(report, rules, options, out),
        Format::Concise => concise::write(report, options, out),
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
