//! What a scan of one content returns: matches with their locations, and what was skipped.

use std::io;

use super::RawMatch;
use super::rejections::TracedAnchor;
use crate::finding::{
    Confidence, Encoding, Excerpt, KeyId, Location, Original, Replacement, Secret, SecretKey, Severity,
    Skipped,
};

/// A match with its location in a file.
#[derive(Debug, Clone)]
pub struct Match {
    /// Index of the rule in [`Detector::rules`].
    pub rule: usize,
    /// Severity after all checks.
    pub severity: Severity,
    /// Confidence after all checks.
    pub confidence: Confidence,
    /// Why the severity was lowered, if it was.
    pub reason: Option<String>,
    /// The decoded secret.
    pub secret: Secret,
    /// The key's id and date, if the secret is an API v2 key.
    pub key: Option<KeyId>,
    /// Location. The path is within the content: empty, or `!/member` of an archive.
    pub location: Location,
    /// Encodings, outermost first.
    pub encoding: Vec<Encoding>,
    /// The masked line.
    pub excerpt: Excerpt,
    /// Location in the original source. The detector leaves this `None`; a later pass fills it in.
    pub original: Option<Original>,
    /// Path in the structure of the content, filled in later.
    pub within: Option<String>,
    /// Comment that hides the match, filled in later.
    pub ignored: Option<Ignored>,
    /// Edits that remove the secret, filled in later; paths as in `location`.
    pub edits: Vec<Replacement>,
    /// GitHub's hash of the line, filled in later.
    pub line_hash: Option<String>,
    /// Number of further equivalent matches of the same secret that are not kept.
    pub more: u64,
}

impl Match {
    /// Returns the key by which the same secret is recognised elsewhere.
    pub fn secret_key(&self) -> SecretKey {
        SecretKey::new(self.rule, &self.secret)
    }

    /// Creates a match whose location is not known yet.
    pub(super) fn of(one: &RawMatch) -> Self {
        Self {
            rule: one.rule,
            severity: one.severity,
            confidence: one.confidence,
            reason: one.reason.clone(),
            key: one.secret.expose().get(..35).and_then(KeyId::of_key),
            secret: one.secret.clone(),
            location: Location::default(),
            encoding: one.encoding.clone(),
            excerpt: Excerpt::default(),
            original: None,
            within: None,
            ignored: None,
            edits: Vec::new(),
            line_hash: None,
            more: 0,
        }
    }
}

/// A suppression comment that hides a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Line of the comment, 1-based.
    pub line: u64,
    /// Reason given in the comment.
    pub reason: Option<String>,
}

/// Result of scanning one file or stream.
#[derive(Debug, Default)]
pub struct Scan {
    /// Matches, sorted by location.
    pub found: Vec<Match>,
    /// Bytes read.
    pub bytes: u64,
    /// Skipped parts; paths as in [`Match::location`].
    pub unseen: Vec<Skipped>,
    /// Rejected anchors, if the detector records them.
    pub traced: Vec<TracedAnchor>,
    /// Error that ended the reading early.
    pub error: Option<io::Error>,
}
