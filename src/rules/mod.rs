//! Rules as data: what to look for, how sure to be, what to tell. Loading and checking live in the submodules;
//! searching is the business of `detect`.

mod builtin;
mod load;

pub use load::{RuleError, builtin, choose, extend};

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use crate::assignments::Strength;
use crate::finding::{Confidence, Severity};

/// One rule, as it stands in a TOML file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// Kebab-case, unique, stable for ever: it stands in reports, baselines and ignore comments.
    pub id: String,
    /// A few words: "Telnyx API v2 key".
    pub name: String,
    /// One sentence for a person who meets a finding.
    pub message: String,
    /// What it is and why it matters, one or two sentences.
    pub summary: String,
    /// Severity of a finding, before checks lower it.
    pub severity: Severity,
    /// Confidence of a finding, before checks lower it.
    pub confidence: Confidence,
    /// What to do about a finding, one or two sentences.
    pub fix: String,
    /// Link to documentation.
    pub docs: String,
    /// Between two rules that match the same place, the one with the higher rank is reported.
    #[serde(default)]
    pub rank: u32,
    /// Literals of three bytes or more, one of which stands in every match.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// Literals of three bytes or more, near one of which every name of [`Rule::assignments`] is; the anchors, if none
    /// is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name_anchors: Vec<String>,
    /// True if the anchors also stand in lower case and with a capital for each word, as header names do.
    #[serde(default)]
    pub ignore_case: bool,
    /// In how many written forms the anchors are searched.
    #[serde(default)]
    pub forms: Forms,
    /// Characters that must follow the anchor: a cheap test before the regex is tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// Decoded bytes behind the anchor that the pattern may need.
    #[serde(default = "default_window")]
    pub window: usize,
    /// The pattern; the first of its groups that takes part is the secret.
    #[serde(default)]
    pub regex: String,
    /// Pattern that must stand somewhere within the window round the match, for rules without a shape of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// True if the match gives nothing away by itself (an id, a name) and is shown unmasked.
    #[serde(default)]
    pub public: bool,
    /// For JSON web tokens: what one claim must say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Checks by name.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// Names whose literal values the rule finds, wherever one of its anchors is near.
    #[serde(default, rename = "assignment", skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
    /// Texts in which the rule finds exactly one secret. `{}` marks a cut and is taken out before matching.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Texts in which the rule finds nothing, with the same cuts.
    #[serde(default)]
    pub non_examples: Vec<String>,
}

/// Which written forms of a rule's anchors are searched. Each form costs a little speed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forms {
    /// As it stands.
    Plain,
    /// Plain, and base64 at its three alignments. Files of UTF-16 are read as text anyway.
    #[default]
    Common,
    /// Every form that telleaks can decode.
    All,
}

/// A run of characters behind an anchor (behind the shortest one, if a rule has several).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Characters and ranges, as between the brackets of a regex: `0-9A-F_-`.
    pub set: String,
    /// How many of them, at least.
    pub min: usize,
}

/// A claim that tells whose a JSON web token is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Name of the claim, at the top of the payload.
    pub name: String,
    /// Text that its value holds.
    pub holds: String,
}

/// Names and values that a rule finds: a literal under a name.
///
/// All patterns are without Unicode classes; `name` and `except` see names in lower case, their words joined by `_`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Assignment {
    /// Pattern of the name. Without `scope` it sees the whole path, with it the path below what holds the scope.
    pub name: String,
    /// Pattern of whole paths that are never meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub except: Option<String>,
    /// Pattern of the value, which has to match all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Pattern of a value that the rule never means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub except_value: Option<String>,
    /// How much the value has to look like a secret.
    pub strength: Strength,
    /// Pattern of a text, such as a host, that has to be in the same section, element, object, statement or row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Pattern of a text that has to be within 1000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<String>,
    /// Severity, if it is not the rule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Confidence, if it is not the rule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
}

/// A test on a match beyond its regex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Refuses a match with one of `[0-9A-Za-z_/+-]` on either side of the secret, or `=` behind it.
    Boundary,
    /// Refuses placeholders and published examples (they become notes under `--verbose`).
    Placeholder,
    /// Lowers a key whose id holds an implausible date to a note.
    KeyDate,
    /// Lowers an expired JSON web token to a note.
    Expiry,
    /// Refuses a secret without a digit, a lower-case letter or an upper-case letter.
    Mixed,
    /// Refuses the name of a public key, which is no secret.
    NotPublicKey,
    /// Refuses what only stands in the place of a secret: references, templates, masks, words of documentation.
    Literal,
    /// Lowers a name to a note unless code reads an API key or a secret by it.
    Read,
}

/// Bytes behind an anchor that a pattern may need unless its rule says otherwise.
fn default_window() -> usize {
    600
}

impl Rule {
    /// The literals that lead to a match of the pattern.
    pub fn pattern_anchors(&self) -> &[String] {
        if self.regex.is_empty() { &[] } else { &self.anchors }
    }

    /// The literals that lead to a name.
    pub fn names_anchors(&self) -> &[String] {
        match (self.assignments.is_empty(), self.name_anchors.is_empty()) {
            (true, _) => &[],
            (false, true) => &self.anchors,
            (false, false) => &self.name_anchors,
        }
    }
}

/// The rules of one scan and what goes with them.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// Rules in the order of their ids.
    pub rules: Vec<Rule>,
    /// SHA-256 of published examples, lower-case hex: real in shape, leaked to nobody.
    pub published: Vec<String>,
    /// Rules that nothing is searched for: they tell of suppressions. In the order of their ids.
    pub own: Vec<Rule>,
    /// Ids of all rules there are, also of those that were not chosen: a comment may name them.
    pub known: Vec<String>,
    /// The rule by which comments are found that hide findings.
    pub ignore: Option<Rule>,
}

impl RuleSet {
    /// All rules that a finding can be of, in the order of their ids.
    pub fn all(&self) -> Vec<Rule> {
        let mut all: Vec<Rule> = self.rules.iter().chain(&self.own).cloned().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// Notes the ids of the rules that are there now.
    fn know_all(&mut self) {
        self.known = self.rules.iter().chain(&self.own).map(|rule| rule.id.clone()).collect();
    }

    /// Identifies what these rules find, together with this version of the program: SHA-256. `examples` says whether
    /// placeholders and published examples are reported; `others` names all other settings that matter.
    pub fn digest(&self, examples: bool, others: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        let version = env!("CARGO_PKG_VERSION");
        for part in [version, if examples { "examples" } else { "" }, others] {
            hash.update(part);
            hash.update([0]);
        }
        for rule in &self.rules {
            // Every field of a rule shows in its debug form.
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

/// Memory that one compiled pattern may take, in bytes: a user's rule must not exhaust the machine.
const PATTERN_LIMIT: usize = 4 << 20;

/// Compiles a rule's pattern: over bytes, without Unicode, in bounded memory.
///
/// # Errors
/// The pattern's syntax or size.
pub fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).unicode(false).size_limit(PATTERN_LIMIT).dfa_size_limit(PATTERN_LIMIT).build()
}
