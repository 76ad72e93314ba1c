//! The data model of rules: what to search for, with which severity and confidence, and what to report. Loading and
//! checking are in the submodules; scanning is in `detect`.

#[cfg(test)]
mod builtin;
mod load;

#[cfg(test)]
pub(crate) use builtin::builtin;
pub use load::{RuleError, RuleTexts, choose, extend, extend_from_text};

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use crate::assignments::Strength;
use crate::finding::{Confidence, Severity};

/// One rule, as written in a TOML file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// Kebab-case, unique, permanently stable: it is used in reports, baselines and ignore comments.
    pub id: String,
    /// A few words: "Telnyx API v2 key".
    pub name: String,
    /// One sentence for display with a finding.
    pub message: String,
    /// What the secret is and why it matters, one or two sentences.
    pub summary: String,
    /// Severity of a finding, before checks lower it.
    pub severity: Severity,
    /// Confidence of a finding, before checks lower it.
    pub confidence: Confidence,
    /// What to do about a finding, one or two sentences.
    pub fix: String,
    /// Link to documentation.
    pub docs: String,
    /// Of two rules that match the same span, the one with the higher rank is reported.
    #[serde(default)]
    pub rank: u32,
    /// Literals of at least three bytes, one of which occurs in every match.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// Literals of at least three bytes, one of which is near every name of [`Rule::assignments`]. Defaults to the
    /// anchors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name_anchors: Vec<String>,
    /// Whether the anchors also occur in lower case and with each word capitalised, as in header names.
    #[serde(default)]
    pub ignore_case: bool,
    /// The encodings in which the anchors are searched.
    #[serde(default)]
    pub forms: Forms,
    /// Characters that must follow the anchor: a cheap check before the regex is tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// Maximum number of decoded bytes after the anchor that the pattern needs.
    #[serde(default = "default_window")]
    pub window: usize,
    /// The pattern. The first group that participates in the match is the secret.
    #[serde(default)]
    pub regex: String,
    /// A pattern that must occur within the window around the match, for rules without a distinctive shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Whether the match is harmless by itself (an id, a name) and is shown unmasked.
    #[serde(default)]
    pub public: bool,
    /// For JSON web tokens: what one claim must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Checks by name.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// Names whose literal values the rule finds near one of its anchors.
    #[serde(default, rename = "assignment", skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
    /// Texts in which the rule finds exactly one secret. `{}` marks a cut and is removed before matching.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Texts in which the rule finds nothing, with the same cuts.
    #[serde(default)]
    pub non_examples: Vec<String>,
}

/// The encodings in which a rule's anchors are searched. Each one costs a little speed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forms {
    /// Plain text only.
    Plain,
    /// Plain text, and base64 at its three alignments. UTF-16 files are always decoded.
    #[default]
    Common,
    /// Every encoding that telleaks can decode.
    All,
}

/// A run of characters after an anchor (after the shortest one, if a rule has several).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Characters and ranges, as between the brackets of a regex: `0-9A-F_-`.
    pub set: String,
    /// Minimum length of the run.
    pub min: usize,
}

/// A claim that identifies the issuer of a JSON web token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Name of the claim, at the top level of the payload.
    pub name: String,
    /// Text that its value must contain.
    pub holds: String,
}

/// A name and value that a rule finds: a literal assigned to a name.
///
/// Patterns are compiled without Unicode classes. `name` and `except` are matched against names in lower case whose
/// words are joined by `_`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Assignment {
    /// Pattern of the name. Matched against the whole path, or with `scope` against the path below the element that
    /// contains the scope.
    pub name: String,
    /// Pattern of whole paths to exclude.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub except: Option<String>,
    /// Pattern that must match the whole value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Pattern of values to exclude.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub except_value: Option<String>,
    /// How much the value must look like a secret.
    pub strength: Strength,
    /// Pattern of a text, such as a host, that must occur in the same section, element, object, statement or row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Pattern of a text that must occur within 1000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<String>,
    /// Severity, if it differs from the rule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Confidence, if it differs from the rule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
}

/// A check on a match beyond its regex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Rejects a match with one of `[0-9A-Za-z_/+-]` on either side of the secret, or `=` after it.
    Boundary,
    /// Rejects placeholders and published examples (they become notes with `--verbose`).
    Placeholder,
    /// Lowers a key whose id has an implausible date to a note.
    KeyDate,
    /// Lowers an expired JSON web token to a note.
    Expiry,
    /// Rejects a secret without a digit, a lower-case letter or an upper-case letter.
    Mixed,
    /// Rejects the name of a public key, which is not a secret.
    NotPublicKey,
    /// Rejects values that are not literal secrets: references, templates, masks, words from documentation.
    Literal,
    /// Lowers a name to a note unless code reads an API key or a secret by it.
    Read,
}

/// Default of [`Rule::window`], in bytes.
fn default_window() -> usize {
    600
}

impl Rule {
    /// Returns the anchors for matches of the pattern.
    pub fn pattern_anchors(&self) -> &[String] {
        if self.regex.is_empty() { &[] } else { &self.anchors }
    }

    /// Returns the anchors for names.
    pub fn names_anchors(&self) -> &[String] {
        match (self.assignments.is_empty(), self.name_anchors.is_empty()) {
            (true, _) => &[],
            (false, true) => &self.anchors,
            (false, false) => &self.name_anchors,
        }
    }
}

/// The rules of one scan.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// Rules, ordered by id.
    pub rules: Vec<Rule>,
    /// SHA-256 of published examples, lower-case hex: of valid shape, but not leaked secrets.
    pub published: Vec<String>,
    /// Rules without a pattern, which report suppressions, ordered by id.
    pub own: Vec<Rule>,
    /// Ids of all rules, including those that were not selected: a comment may name them.
    pub known: Vec<String>,
    /// The rule that finds suppression comments.
    pub ignore: Option<Rule>,
}

impl RuleSet {
    /// Returns all rules that a finding can have, ordered by id.
    pub fn all(&self) -> Vec<Rule> {
        let mut all: Vec<Rule> = self.rules.iter().chain(&self.own).cloned().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// Records the ids of the current rules as known.
    fn record_known(&mut self) {
        self.known = self.rules.iter().chain(&self.own).map(|rule| rule.id.clone()).collect();
    }

    /// Returns a SHA-256 that identifies what these rules find with this version of the program. `examples` is whether
    /// placeholders and published examples are reported; `others` contains all other relevant settings.
    pub fn digest(&self, examples: bool, others: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        let version = env!("CARGO_PKG_VERSION");
        for part in [version, if examples { "examples" } else { "" }, others] {
            hash.update(part);
            hash.update([0]);
        }
        for rule in &self.rules {
            // The debug format of a rule contains all its fields.
            hash.update(format!("{rule:?}"));
            hash.update([0]);
        }
        for published in &self.published {
            hash.update(published);
            hash.update([0]);
        }
        hash.finalize().into()
    }
}

/// Memory limit for one compiled pattern, in bytes: a user's rule must not exhaust the machine.
const MAX_PATTERN_BYTES: usize = 4 << 20;

/// Compiles a rule's pattern: over bytes, without Unicode, in bounded memory.
///
/// # Errors
/// Returns an error if the pattern is invalid or too large.
pub fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text)
        .unicode(false)
        .size_limit(MAX_PATTERN_BYTES)
        .dfa_size_limit(MAX_PATTERN_BYTES)
        .build()
}
