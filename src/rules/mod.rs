//! Rules as data: what to look for, how sure to be, what to tell. Loading and checking live in the submodules;
//! searching is the business of `detect`.

use serde::Deserialize;

use crate::finding::{Confidence, Severity};

/// One rule, as it stands in a TOML file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// Kebab-case, unique, stable for ever: it stands in reports, baselines and ignore comments.
    pub id: String,
    /// A few words: "Telnyx API v2 key".
    pub name: String,
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
    pub anchors: Vec<String>,
    /// True if the anchors stand in any letter case.
    #[serde(default)]
    pub ignore_case: bool,
    /// In how many written forms the anchors are searched.
    #[serde(default)]
    pub forms: Forms,
    /// Characters that must follow the anchor: a cheap test before the regex is tried.
    #[serde(default)]
    pub run: Option<Run>,
    /// The pattern; its one capture group is the secret.
    pub regex: String,
    /// Pattern that must stand somewhere within the window round the match, for rules without a shape of their own.
    #[serde(default)]
    pub context: Option<String>,
    /// Checks by name, all of which a match must pass.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// Texts in which the rule finds exactly one secret. `{}` marks a cut and is taken out before matching.
    pub examples: Vec<String>,
    /// Texts in which the rule finds nothing.
    pub non_examples: Vec<String>,
}

/// Which written forms of a rule's anchors are searched. Each form costs a little speed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forms {
    /// As it stands.
    Plain,
    /// Plain, UTF-16 and base64 at its three alignments.
    #[default]
    Common,
    /// Every form that telleaks can decode.
    All,
}

/// A run of characters behind an anchor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Characters and ranges, as between the brackets of a regex: `0-9A-F_-`.
    pub set: String,
    /// How many of them, at least.
    pub min: usize,
}

/// A test on a match beyond its regex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Nothing of `[0-9A-Za-z_-]` on either side of the secret.
    Boundary,
}
