//! Options shared by several commands.

use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

use super::values::{report, seconds, size};
use crate::finding::Severity;
use crate::probe::{Region, Target};
use crate::report::Format;
pub use crate::suppress::FailOn;

/// Which files are read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Scope")]
pub struct ScopeArgs {
    /// Also scan ignored files. (Files that git tracks are always scanned.)
    #[arg(long)]
    pub no_ignore: bool,
    /// Skip paths that match GLOB, in the syntax of .gitignore; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Skip larger files and report them as skipped. A number of bytes, or with K, M or G. Default: no limit.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_file_size: Option<u64>,
    /// Number of threads; 0 means one per processor.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
}

/// Which configuration is read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Suppressions")]
pub struct ConfigArgs {
    /// Read this configuration. Default: that in the environment variable TELLEAKS_CONFIG, or telleaks.toml at the root
    /// of the repository, or of the scanned folder.
    #[arg(short, long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Read no configuration, and no baseline unless it is named.
    #[arg(long)]
    pub no_config: bool,
}

/// Which findings are hidden.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Suppressions")]
pub struct SuppressArgs {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Use this baseline. Default: that of the configuration, or .telleaks-baseline.jsonl at the root.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Accept the findings of this run (warnings and errors, with --fail-on note also notes): add them to the baseline
    /// FILE, which is created if it does not exist.
    #[arg(long, value_name = "FILE", conflicts_with = "no_suppressions")]
    pub write_baseline: Option<PathBuf>,
    /// Reason of the entries that --write-baseline adds.
    #[arg(long, value_name = "TEXT", requires = "write_baseline")]
    pub baseline_reason: Option<String>,
    /// Ignore all suppressions: configuration, baseline and comments.
    #[arg(long)]
    pub no_suppressions: bool,
    /// With --probe: suppress active keys, too.
    #[arg(long)]
    pub accept_active: bool,
}

/// How far archives and compressed files are unpacked. What a limit leaves out is reported as not read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Inside archives")]
pub struct InsideArgs {
    /// Maximum nesting of archives; 0 opens no archives. Default: 8.
    #[arg(long, value_name = "N")]
    pub max_depth: Option<u32>,
    /// Expand one file to no more than this. A number of bytes, or with K, M or G. Default: 64G.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_expanded: Option<u64>,
    /// Expand all files together to no more than this. Default: no limit.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_expanded_total: Option<u64>,
    /// Beyond 256 MiB, expand to no more than N times the size: what expands further is a decompression bomb.
    /// Default: 250.
    #[arg(long, value_name = "N")]
    pub max_ratio: Option<u64>,
    /// Read no more than N members of one file, and of archives in it. Default: 1000000.
    #[arg(long, value_name = "N")]
    pub max_entries: Option<u64>,
    /// Spend no longer than this on the content of one file. Default: no limit.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub max_unpack_time: Option<Duration>,
}

/// Which rules are used.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Add the rules of a TOML file or of every *.toml in a directory; repeatable.
    #[arg(long = "rules", value_name = "FILE|DIR")]
    pub files: Vec<PathBuf>,
    /// Use only this rule; repeatable.
    #[arg(long = "rule", value_name = "ID")]
    pub only: Vec<String>,
    /// Do not use this rule; repeatable.
    #[arg(long = "exclude-rule", value_name = "ID")]
    pub without: Vec<String>,
}

/// Which rules and suppressions apply to a project, in commands that do not change them.
#[derive(Debug, Clone, Default, Args)]
pub struct ProjectArgs {
    /// Rule selection.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The baseline. Default: that of the configuration, or .telleaks-baseline.jsonl at the root.
    #[arg(long, value_name = "FILE", help_heading = "Suppressions")]
    pub baseline: Option<PathBuf>,
}

/// Whether and how keys are probed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Probe")]
pub struct ProbeArgs {
    /// Check with Telnyx whether the API keys that are found are active: one request for each distinct key; their number is
    /// printed first. Tokens are judged by their expiry. Without this option nothing is ever sent.
    #[arg(long)]
    pub probe: bool,
    /// How requests are sent.
    #[command(flatten)]
    pub how: ProbeHow,
}

/// How keys are probed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Probe")]
pub struct ProbeHow {
    /// Ask Telnyx in this region. Default: us.
    #[arg(long, value_enum)]
    pub region: Option<Region>,
    /// For tests: ask a server on this machine, at http(s)://127.0.0.1:PORT or [::1]. No other address is possible.
    #[arg(long, value_name = "URL", value_parser = Target::loopback, conflicts_with = "region")]
    pub probe_url: Option<Target>,
    /// Send at most N requests a second.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub probe_rps: u32,
    /// Send at most N requests at the same time.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub probe_concurrency: u16,
    /// Remember final verdicts in FILE for 24 hours, under a keyed hash of the key.
    #[arg(long, value_name = "FILE")]
    pub probe_cache: Option<PathBuf>,
    /// Timeout for one request, and the longest pause before a retry.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "20", hide = true)]
    pub probe_timeout: Duration,
}

/// What is printed, and how findings set the exit code.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Format of the report on standard output. Default: text.
    #[arg(short, long, value_enum)]
    pub format: Option<Format>,
    /// Write the report to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print no notices and no progress, and nothing at all if the result is clean; of a text report print the findings
    /// only.
    #[arg(short, long)]
    pub quiet: bool,
    /// Leave findings below this severity out of all reports and of the exit code.
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub min_severity: Option<MinSeverity>,
    /// Write one more report to a file; repeatable.
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = report)]
    pub reports: Vec<(Format, PathBuf)>,
    /// Lowest severity that makes the exit code 1, or `active`: only keys that work (with --probe). Default: that of
    /// the configuration, or warning.
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub fail_on: Option<FailOn>,
    /// Exit with 0 instead of 1. Codes 2 and 3 are unchanged.
    #[arg(long)]
    pub exit_zero: bool,
    /// Show secrets in plaintext. By default every report masks them.
    #[arg(long)]
    pub show_secrets: bool,
    /// Also report placeholders and published examples, as notes.
    #[arg(short, long, overrides_with = "verbose")]
    pub verbose: bool,
    /// In sarif reports, also write suppressed findings, marked as such. GitHub would open alerts for them; DefectDojo
    /// and Jenkins leave them out by themselves.
    #[arg(long)]
    pub sarif_suppressions: bool,
    /// Show no progress.
    #[arg(long)]
    pub no_progress: bool,
}

/// The lowest severity that is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MinSeverity {
    /// Everything.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors only.
    Error,
}

impl From<MinSeverity> for Severity {
    fn from(value: MinSeverity) -> Self {
        match value {
            MinSeverity::Note => Self::Note,
            MinSeverity::Warning => Self::Warning,
            MinSeverity::Error => Self::Error,
        }
    }
}

impl OutputArgs {
    /// Returns the format of the main report.
    pub fn format(&self) -> Format {
        self.format.unwrap_or(Format::Text)
    }

    /// Returns whether a report in this format is requested.
    pub fn writes(&self, format: Format) -> bool {
        self.format() == format || self.reports.iter().any(|(one, _)| *one == format)
    }
}
