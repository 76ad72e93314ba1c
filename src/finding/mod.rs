//! What a scan found, as plain data: the vocabulary that every other module shares.
//!
//! Nothing here reads content, searches, prints or decides; reports, baselines and probes only ever see
//! these values.

mod encoding;
mod fingerprint;
mod git;
mod key_id;
mod liveness;
mod location;
mod secret;
mod suppression;

pub use encoding::Encoding;
pub use fingerprint::fingerprint;
pub use git::{Commit, GitInfo, ReachedBy};
pub use key_id::{KeyAge, KeyId};
pub use liveness::{Liveness, LivenessStatus};
pub use location::{Excerpt, Location, Original, Replacement};
pub use secret::Secret;
pub use suppression::{Suppression, SuppressionKind};

use serde::{Deserialize, Serialize};

/// How the ids of rules begin by which suppressions themselves are told.
pub const OWN_PREFIX: &str = "telleaks-suppression-";

/// How bad a finding is. The order is from harmless to bad, so that `max` picks the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, not a leak: an expired token, a key id alone, a published example.
    Note,
    /// Probably a leak, or a practice that ends in one.
    Warning,
    /// A usable credential in the open.
    Error,
}

/// How sure the rule is that the string is what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The shape alone could be something else.
    Low,
    /// Shape and context agree.
    Medium,
    /// Nothing else has this shape.
    High,
}

impl Severity {
    /// The word used in every report: `note`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Confidence {
    /// The word used in every report: `low`, `medium` or `high`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One secret of one rule at one path, at its first place there.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Id of the rule, kebab-case, stable for ever.
    pub rule_id: String,
    /// Severity after all checks (an implausible date or an expired token lowers it to a note).
    pub severity: Severity,
    /// Confidence of the rule after all checks.
    pub confidence: Confidence,
    /// One sentence for a person; never holds the secret.
    pub message: String,
    /// The decoded secret itself.
    pub secret: Secret,
    /// The key's public id and the date hidden in it, where the secret is an API v2 key.
    pub key: Option<KeyId>,
    /// First place of this secret under this path.
    pub location: Location,
    /// How the secret was written there, outermost first; empty for plain text.
    pub encoding: Vec<Encoding>,
    /// Where in the original source it stands, if a source map tells.
    pub original: Option<Original>,
    /// Where in the structure of its file it stands, for a person: `log.entries[3].request.headers[2].value`.
    pub within: Option<String>,
    /// Other places of the same secret and rule, in this file and in others, in report order.
    pub occurrences: Vec<Location>,
    /// How many more of them there are than are listed.
    pub unlisted: u64,
    /// The raw line with every secret on it masked, clipped round the match.
    pub excerpt: Excerpt,
    /// Its history, where it was found in git.
    pub git: Option<GitInfo>,
    /// Whether it works, if somebody asked.
    pub liveness: Option<Liveness>,
    /// What hides it, if anything does.
    pub suppression: Option<Suppression>,
    /// Edits of its file that take the secret out, where that is certain to mean the same; in the order of their places.
    pub edits: Vec<Replacement>,
    /// GitHub's `primaryLocationLineHash` of its line, if somebody has computed it.
    pub line_hash: Option<String>,
}

impl Finding {
    /// A finding of which nothing is known but this, of high confidence.
    pub fn new(rule_id: impl Into<String>, severity: Severity, secret: Secret, location: Location) -> Self {
        Self {
            rule_id: rule_id.into(),
            severity,
            confidence: Confidence::High,
            message: String::new(),
            secret,
            key: None,
            location,
            encoding: Vec::new(),
            original: None,
            within: None,
            occurrences: Vec::new(),
            unlisted: 0,
            excerpt: Excerpt::default(),
            git: None,
            liveness: None,
            suppression: None,
            edits: Vec::new(),
            line_hash: None,
        }
    }

    /// The key by which findings are put in order: path, place, rule.
    pub fn order(&self) -> (&str, u64, u64, &str) {
        (&self.location.path, self.location.byte_start, self.location.byte_end, &self.rule_id)
    }

    /// Whether it tells of a suppression, and not of a secret.
    pub fn is_about_suppression(&self) -> bool {
        self.rule_id.starts_with(OWN_PREFIX)
    }

    /// How many other places hold the same secret.
    pub fn occurrence_count(&self) -> u64 {
        self.occurrences.len() as u64 + self.unlisted
    }

    /// Identity that outlives moved lines: rule, path and secret. See [`fingerprint`].
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.rule_id, &self.location.path, &self.secret)
    }
}

/// Something in scope that was not, or not wholly, read. A report with one of these is never clean, unless the
/// configuration accepts it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unseen {
    /// Path as in [`Location::path`], or the argument that named it.
    pub path: String,
    /// What kept it from being read, for a person, with what to do where there is something to do.
    pub reason: String,
    /// The name of its format, if this is a format that telleaks does not read: `rar`.
    pub format: Option<String>,
    /// The entry of the configuration that accepts it.
    pub accepted: Option<Acceptance>,
}

impl Unseen {
    /// Something that nothing accepts yet, and not because of its format.
    pub fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into(), format: None, accepted: None }
    }
}

/// The entry of a configuration by which something that was not read is accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acceptance {
    /// The place of the entry: `telleaks.toml:12`.
    pub by: String,
    /// The reason that it gives.
    pub reason: String,
}

impl Acceptance {
    /// As reports show it: `telleaks.toml:12: the reason`.
    pub fn shown(&self) -> String {
        format!("{}: {}", self.by, self.reason)
    }
}
