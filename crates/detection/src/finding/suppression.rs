//! Suppressions of findings: their kind, location and reason.

/// Why a finding is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The kind of suppression.
    pub kind: SuppressionKind,
    /// Its location: `telleaks.toml`, `.telleaks-baseline.jsonl:12`, `src/a.py:4`.
    pub by: String,
    /// The reason given by its author.
    pub reason: Option<String>,
}

/// Where a suppression is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuppressionKind {
    /// A comment in the content.
    Inline,
    /// An entry of a baseline.
    Baseline,
    /// An entry of the configuration file.
    Config,
}

impl SuppressionKind {
    /// Returns the name used in every report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Baseline => "baseline",
            Self::Config => "config",
        }
    }

    /// Returns the kind with this name; the inverse of [`Self::as_str`].
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Inline, Self::Baseline, Self::Config].into_iter().find(|kind| kind.as_str() == name)
    }
}
