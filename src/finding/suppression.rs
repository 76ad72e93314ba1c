//! What hides a finding: who said that it is known and accepted, and why.

/// Why a finding is not told with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Where the word stands.
    pub kind: SuppressionKind,
    /// The place of the word: `telleaks.toml`, `.telleaks-baseline.jsonl:12`, `src/a.py:4`.
    pub by: String,
    /// Why, in the words of whoever said so.
    pub reason: Option<String>,
}

/// Where a suppression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuppressionKind {
    /// A comment in the content.
    Inline,
    /// An entry of a baseline.
    Baseline,
    /// The configuration file.
    Config,
}

impl SuppressionKind {
    /// The word used in every report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Baseline => "baseline",
            Self::Config => "config",
        }
    }

    /// The kind that [`Self::as_str`] names.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Inline, Self::Baseline, Self::Config].into_iter().find(|kind| kind.as_str() == name)
    }
}
