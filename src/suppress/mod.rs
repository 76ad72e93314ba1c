//! What hides findings, and what may not: the configuration `telleaks.toml` and the baseline
//! `.telleaks-baseline.jsonl`.
//!
//! Plain functions over findings; only `files` touches a disk. Nothing is left out of a search because of what stands
//! here: findings are hidden afterwards, counted, and shown again if a key in them is alive. Nothing is printed, and no
//! command line or repository is known.

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
/// Name of the baseline, at the root, unless the configuration names another.
pub const BASELINE_NAME: &str = ".telleaks-baseline.jsonl";

/// A file that was read and understood.
#[derive(Debug, Clone)]
pub struct Named<T> {
    /// The file, as reports show it.
    pub name: String,
    /// Its text, for the places of what stands in it.
    pub text: String,
    /// What it says.
    pub value: T,
}

/// Everything that hides findings in one run.
#[derive(Debug, Clone, Default)]
pub struct Suppressions {
    /// The configuration, if there is one.
    pub config: Option<Named<Config>>,
    /// The baselines, none or one or, where one is read and another one is written, two.
    pub baselines: Vec<Named<Baseline>>,
    /// Today, in UTC: a suppression counts to the end of its last day.
    pub today: Date,
}

/// Today in UTC.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
