//! The data model of findings, shared by all other modules.
//!
//! Does not read content, scan, print or decide anything.

mod encoding;
mod fingerprint;
mod key_id;
mod liveness;
mod location;
mod machine;
mod plan;
mod provenance;
mod report;
mod root_paths;
mod secret;
mod secret_key;
mod shared;
mod skipped;
mod suppression;

pub use encoding::Encoding;
pub use fingerprint::fingerprint;
pub use key_id::{KeyAge, KeyId};
pub use liveness::{Liveness, LivenessStatus};
pub use location::{Excerpt, Location, Original, Replacement};
pub use machine::MachinePlace;
pub use plan::{Plan, Step};
pub use provenance::{Commit, GitInfo, ReachedBy};
pub use report::{Report, Repository, Summary};
pub use root_paths::Paths;
pub use secret::Secret;
pub use secret_key::SecretKey;
pub use shared::{SharedSecret, SharedSecrets};
pub use skipped::{AcceptedBy, SkipLog, Skipped};
pub use suppression::{Suppression, SuppressionKind};

use serde::{Deserialize, Serialize};

/// Prefix of the ids of rules that report suppressions themselves.
pub const OWN_PREFIX: &str = "telleaks-suppression-";

/// Severity of a finding, in ascending order, so that `max` returns the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not a leak but of interest: an expired token, a key id alone, a published example.
    Note,
    /// Probably a leak, or a practice that leads to one.
    Warning,
    /// A usable credential in plain sight.
    Error,
}

/// How certain the rule is that the match is what it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Other strings can have this shape.
    Low,
    /// Shape and context agree.
    Medium,
    /// Nothing else has this shape.
    High,
}

impl Severity {
    /// Returns the name used in every report: `note`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Confidence {
    /// Returns the name used in every report: `low`, `medium` or `high`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One secret of one rule at one path, located at its first occurrence there.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Id of the rule, kebab-case, permanently stable.
    pub rule_id: String,
    /// Severity after all checks (an implausible date or an expired token lowers it to a note).
    pub severity: Severity,
    /// Confidence of the rule after all checks.
    pub confidence: Confidence,
    /// One sentence for display; never contains the secret.
    pub message: String,
    /// The decoded secret itself.
    pub secret: Secret,
    /// The key's public id with its date, if the secret is an API v2 key.
    pub key: Option<KeyId>,
    /// First location of this secret under this path.
    pub location: Location,
    /// The encodings of the secret at that location, outermost first; empty for plain text.
    pub encoding: Vec<Encoding>,
    /// The location in the original source, if a source map gives one.
    pub original: Option<Original>,
    /// The location in the structure of the file, for display: `log.entries[3].request.headers[2].value`.
    pub within: Option<String>,
    /// Other locations of the same secret and rule, in this file and in others, in report order.
    pub occurrences: Vec<Location>,
    /// Number of other locations that are not listed.
    pub unlisted: u64,
    /// The raw line with every secret masked, clipped around the match.
    pub excerpt: Excerpt,
    /// The path of its file from the root of the repository, if it is in one.
    pub repository_path: Option<String>,
    /// Its history, if it was found in git.
    pub git: Option<GitInfo>,
    /// The place of the workstation in which it was found, if that was searched.
    pub machine: Option<MachinePlace>,
    /// Whether it works, if that was checked.
    pub liveness: Option<Liveness>,
    /// The suppression that hides it, if any.
    pub suppression: Option<Suppression>,
    /// Edits of its file that remove the secret without changing the meaning of the code, if that is certain; ordered
    /// by location.
    pub edits: Vec<Replacement>,
    /// GitHub's `primaryLocationLineHash` of its line, if it was computed.
    pub line_hash: Option<String>,
    /// The names of the reports that have it, sorted, in a merged report.
    pub sources: Vec<String>,
}

impl Finding {
    /// Creates a finding of high confidence with no other details.
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
            repository_path: None,
            git: None,
            machine: None,
            liveness: None,
            suppression: None,
            edits: Vec::new(),
            line_hash: None,
            sources: Vec::new(),
        }
    }

    /// Returns the sort key of findings: path, byte span, rule.
    pub fn order(&self) -> (&str, u64, u64, &str) {
        (&self.location.path, self.location.byte_start, self.location.byte_end, &self.rule_id)
    }

    /// Returns whether it reports a suppression and not a secret.
    pub fn is_about_suppression(&self) -> bool {
        self.rule_id.starts_with(OWN_PREFIX)
    }

    /// Returns the number of other locations of the same secret.
    pub fn occurrence_count(&self) -> u64 {
        self.occurrences.len() as u64 + self.unlisted
    }

    /// Returns the path from the root of the repository, or the path as it was scanned.
    pub fn path_at_root(&self) -> &str {
        self.repository_path.as_deref().unwrap_or(&self.location.path)
    }

    /// Returns an identity that survives moved lines: rule, path from the root of the repository, and secret. See
    /// [`fingerprint`].
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.rule_id, self.path_at_root(), &self.secret)
    }
}
