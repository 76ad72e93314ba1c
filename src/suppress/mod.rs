//! Suppressions: the configuration `telleaks.toml` and the baseline `.telleaks-baseline.jsonl`.
//!
//! Plain functions over findings; only `files` does I/O. Suppressions never exclude anything from a scan: findings are
//! suppressed afterwards, counted, and shown again if they contain an active key. Does not print, and does not know
//! about the command line or repositories.

mod accept;
mod added;
mod allow;
mod apply;
mod baseline;
mod config;
mod edit;
mod fail_on;
mod files;
mod lines;
mod mistake;
mod nearest;
mod paths;
mod records;
mod show;
mod tell;

pub use accept::AcceptUnread;
pub use added::{Side, added};
pub use allow::{Allow, Globs};
pub use apply::{Used, accept, apply, hides, revive};
pub use baseline::{Baseline, Entry};
pub use config::{Config, RuleSetting, day};
pub use edit::{Filter, prune, remove, write_findings};
pub use fail_on::FailOn;
pub use files::{FileError, MAX_BASELINE, MAX_CONFIG, read_beneath, read_given, text, write};
pub use mistake::Mistake;
pub use paths::Paths;
pub use records::{Record, records};
pub use show::effective;
pub use tell::{expired, unused};

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
