//! Suppressions: the configuration `telleaks.toml` and the baseline `.telleaks-baseline.jsonl`.
//!
//! Plain functions over findings; only `files` does I/O. Suppressions never exclude anything from a scan: findings are
//! suppressed afterwards, counted, and shown again if they contain an active key. Does not print, and does not know
//! about the command line or repositories.

mod accept;
mod allow;
mod baseline;
mod baseline_edit;
mod config;
mod config_error;
mod diff;
mod fail_on;
mod files;
mod filter;
mod lines;
mod meta_findings;
mod nearest;
mod report_input;
mod settings;
mod show;

pub use crate::finding::Paths;
pub use accept::AcceptUnread;
pub use allow::{Allow, Globs};
pub use baseline::{Baseline, Entry};
pub use baseline_edit::{EntryDetails, Filter, prune, remove, write_findings};
pub use config::{Config, RuleSetting, day};
pub use config_error::Mistake;
pub use diff::{Side, added};
pub use fail_on::FailOn;
pub use files::{FileError, MAX_BASELINE, MAX_CONFIG, read_beneath, read_given, text, write};
pub use filter::{SecretAt, Used, accept, apply, hides, revive};
pub use meta_findings::{expired, unused};
pub use report_input::{Record, records};
pub use settings::{LimitSettings, Settings, size};
pub use show::effective;

use jiff::civil::Date;

/// Name of the configuration, at the root.
pub const CONFIG_NAME: &str = "telleaks.toml";
/// Default name of the baseline, at the root.
pub const BASELINE_NAME: &str = ".telleaks-baseline.jsonl";

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Named<T> {
    /// The file name, as reports show it.
    pub name: String,
    /// Its text, for the locations of findings about it.
    pub text: String,
    /// Its parsed content.
    pub value: T,
}

/// All suppressions of one run.
#[derive(Debug, Clone, Default)]
pub struct Suppressions {
    /// The configuration, if there is one.
    pub config: Option<Named<Config>>,
    /// The baselines: usually at most one; two if one is read and another is written.
    pub baselines: Vec<Named<Baseline>>,
    /// Today in UTC: a suppression applies to the end of its last day.
    pub today: Date,
}

/// Returns today's date in UTC.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
