//! Edits that remove credentials from source files: a literal becomes a read of an environment variable, or a
//! placeholder in documentation. Credentials that cannot be edited safely are reported for manual editing, with the
//! line to write.
//!
//! Takes content and matches, returns edits. Does not read or write files. [`alone`] edits a single match, [`plan`] a
//! whole file including the required imports and declarations.

mod code;
mod constants;
mod diff;
mod documents;
mod fallback;
mod formats;
mod hints;
mod imports;
mod language;
mod lex;
mod lookup;
mod mcp;
mod names;
mod place;
mod rust;
mod shell;
mod text;
mod yaml;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::detect::Match;
use crate::finding::{Secret, Severity};

pub use diff::{Masking, unified};
pub use language::Language;
pub use names::Known;

use lex::{Lexed, Spot};

/// A replacement of a byte range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The replaced byte range; an empty range is an insertion.
    pub span: Range<usize>,
    /// The replacement.
    pub text: String,
}

/// Why a credential must be edited by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The reason, for display.
    pub reason: &'static str,
    /// The suggested line, if any; may contain other credentials.
    pub write: Option<String>,
}

impl From<&'static str> for ByHand {
    fn from(reason: &'static str) -> Self {
        Self { reason, write: None }
    }
}

impl ByHand {
    fn new(reason: &'static str, write: impl Into<String>) -> Self {
        Self { reason, write: Some(write.into()) }
    }
}

/// A file with credentials to remove.
#[derive(Debug)]
pub struct Source<'a> {
    /// The path, separated by `/`.
    path: &'a str,
    content: &'a str,
    language: Option<Language>,
    lexed: Lexed,
}

impl<'a> Source<'a> {
    /// Lexes the file at `path` (separated by `/`).
    pub fn new(path: &'a str, content: &'a str) -> Self {
        let language = Language::of(path, content);
        let lexed = match language.filter(|language| language.has_literals()) {
            Some(language) => Lexed::new(content, language),
            None => Lexed::default(),
        };
        Self { path, content, language, lexed }
    }

    fn is(&self, languages: &[Language]) -> bool {
        self.language.is_some_and(|language| languages.contains(&language))
    }

    /// Returns the text between the start of the line and `to`.
    fn line_before(&self, to: usize) -> &'a str {
        let before = &self.content[..to];
        &before[before.rfind('\n').map_or(0, |at| at + 1)..]
    }

    /// Returns the text from `from` to the end of the line.
    fn line_after(&self, from: usize) -> &'a str {
        let after = &self.content[from..];
        after.split('\n').next().unwrap_or_default().trim_end_matches('\r')
    }

    /// Returns the line of `span` with `span` replaced by `text`, for display.
    fn line_with(&self, span: &Range<usize>, text: &str) -> String {
        format!("{}{text}{}", self.line_before(span.start).trim_start(), self.line_after(span.end))
    }

    /// Returns the range that an edit of `hit` changes; hits with the same range are edited together.
    fn site(&self, hit: &Hit<'_>) -> Range<usize> {
        if self.is(&[Language::Shell]) {
            return shell::site(self, hit);
        }
        match self.lexed.spot(&hit.at) {
            Spot::Literal(literal) => literal.whole.clone(),
            _ => hit.at.clone(),
        }
    }
}

/// A credential in a file.
#[derive(Debug, Clone)]
struct Hit<'a> {
    /// Id of the rule that found it.
    rule: &'a str,
    secret: &'a Secret,
    /// Its byte range.
    at: Range<usize>,
    line: u64,
}

impl<'a> Hit<'a> {
    /// Converts a match to a hit.
    fn new(source: &Source<'_>, found: &'a Match, rule: &'a str) -> Result<Self, ByHand> {
        if !found.location.path.is_empty() {
            return Err("it is inside an archive or a document: fix its source".into());
        }
        if rule == "telnyx-public-env-name" {
            return Err(
                "give the variable a name without the public prefix, and read it on the server only".into()
            );
        }
        if !found.encoding.is_empty() {
            return Err("it is encoded or concatenated: read the whole value from the environment".into());
        }
        let at = found.location.byte_start as usize..found.location.byte_end as usize;
        if source.content.get(at.clone()) != Some(found.secret.expose()) {
            return Err("the file does not hold the credential as it is used".into());
        }
        Ok(Self { rule, secret: &found.secret, at, line: found.location.start_line })
    }
}

/// The edits of a file, and the credentials that remain.
#[derive(Debug, Default)]
pub struct Plan {
    /// Sorted and without overlaps.
    pub edits: Vec<Edit>,
    /// Lines (1-based) with credentials that no edit removes, and why.
    pub by_hand: Vec<(u64, ByHand)>,
    /// Hints about the file.
    pub hints: Vec<&'static str>,
}

/// Plans the edits for the matches `found` in the file at `path` (separated by `/`). Notes are ignored. `rules` are the
/// ids of the detector's rules, by index.
pub fn plan(path: &str, content: &[u8], found: &[Match], rules: &[String], known: &mut Known) -> Plan {
    let mut plan = Plan::default();
    let Ok(text) = std::str::from_utf8(content) else {
        let line = |one: &Match| (one.location.start_line, "the file is not UTF-8 text".into());
        plan.by_hand.extend(worth(found).map(line));
        return plan;
    };
    let source = Source::new(path, text);
    let mut hits = Vec::new();
    for one in worth(found) {
        match Hit::new(&source, one, &rules[one.rule]) {
            Ok(hit) => hits.push(hit),
            Err(reason) => plan.by_hand.push((one.location.start_line, reason)),
        }
    }
    prepare(found, known);
    let mut edits = Edits::default();
    for (_, hits) in sites(&source, hits) {
        match edits_of(&source, &hits, known) {
            Ok(new) if edits.add(&new) => plan.hints.extend(hints::of(&source, &hits)),
            Ok(_) => {
                let reason = "it shares a string with another one: run this again";
                plan.by_hand.push((hits[0].line, reason.into()));
            }
            Err(reason) => plan.by_hand.extend(hits.iter().map(|hit| (hit.line, reason.clone()))),
        }
    }
    plan.edits = edits.into_vec();
    finish(&source, &mut plan.edits, known);
    plan.by_hand.sort_by_key(|(line, _)| *line);
    plan.by_hand.dedup();
    plan.hints.sort_unstable();
    plan.hints.dedup();
    plan
}

/// Records whether a file contains several secrets, whose variables must differ. [`plan`] calls this itself, [`alone`]
/// does not.
pub fn prepare(found: &[Match], known: &mut Known) {
    let mut secrets = worth(found).map(|one| one.secret.expose());
    let first = secrets.next();
    known.expect_several(secrets.any(|secret| Some(secret) != first));
}

/// Groups the hits by the ranges that are edited, in order.
fn sites<'a>(source: &Source<'_>, hits: Vec<Hit<'a>>) -> Vec<(Range<usize>, Vec<Hit<'a>>)> {
    let mut all: BTreeMap<(usize, usize), Vec<Hit<'a>>> = BTreeMap::new();
    for hit in hits {
        let site = source.site(&hit);
        all.entry((site.start, site.end)).or_default().push(hit);
    }
    let group = |((start, end), mut hits): (_, Vec<Hit<'a>>)| {
        hits.sort_by_key(|hit| (hit.at.start, hit.at.end));
        // Two rules may find the same secret.
        hits.dedup_by(|a, b| a.at == b.at);
        (start..end, hits)
    };
    all.into_iter().map(group).collect()
}

/// Adds the imports and declarations that the edits require, and sorts the edits.
fn finish(source: &Source<'_>, edits: &mut Vec<Edit>, known: &mut Known) {
    imports::add(source, edits, known);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
}

/// Non-overlapping edits by start offset.
#[derive(Default)]
struct Edits(BTreeMap<(usize, usize), String>);

impl Edits {
    /// Adds all of `new`, or none if one of them overlaps an existing edit. Returns whether they were added.
    fn add(&mut self, new: &[Edit]) -> bool {
        let overlaps = |edit: &Edit| {
            let Range { start, end } = edit.span;
            let before = self.0.range(..(end, 0)).next_back();
            let same = |at: &(usize, usize), text: &String| *at == (start, end) && *text == edit.text;
            before.is_some_and(|(at, text)| at.1 > start && !same(at, text))
        };
        if new.iter().any(overlaps) {
            return false;
        }
        for edit in new {
            let text = self.0.entry((edit.span.start, edit.span.end)).or_default();
            if *text != edit.text {
                text.push_str(&edit.text);
            }
        }
        true
    }

    fn into_vec(self) -> Vec<Edit> {
        self.0.into_iter().map(|((start, end), text)| Edit { span: start..end, text }).collect()
    }
}

/// Returns the environment variable that programs usually read secrets of a rule from.
pub fn variable(rule: &str) -> String {
    names::usual(rule)
}

/// Returns whether a file has matches to fix.
pub fn is_needed(found: &[Match]) -> bool {
    worth(found).next().is_some()
}

/// Returns the matches to fix: warnings and errors.
fn worth(found: &[Match]) -> impl Iterator<Item = &Match> {
    found.iter().filter(|one| one.severity >= Severity::Warning)
}

/// Returns the edits that remove one match from `source` on their own, including the required imports; empty if it must
/// be edited by hand. `rule` is the id of its rule; `known` is shared by the whole file.
pub fn alone(source: &Source<'_>, found: &Match, rule: &str, known: &mut Known) -> Vec<Edit> {
    if found.severity < Severity::Warning {
        return Vec::new();
    }
    // Declarations from the edits of other matches do not exist if only these edits are applied.
    let mut declared = known.clone();
    let edits = Hit::new(source, found, rule).and_then(|hit| edits_of(source, &[hit], known));
    let Ok(mut edits) = edits else { return Vec::new() };
    finish(source, &mut edits, &mut declared);
    edits
}

/// Returns the edits for the hits of one site, without imports.
fn edits_of(source: &Source<'_>, hits: &[Hit<'_>], known: &mut Known) -> Result<Vec<Edit>, ByHand> {
    match source.language {
        None => documents::comment(source, hits),
        Some(Language::Document) => documents::document(source, hits),
        Some(Language::DotEnv) => Err(formats::dot_env(source)),
        Some(Language::Shell) => shell::edits(source, hits, known),
        Some(Language::Batch) => formats::batch(source, hits, known),
        Some(Language::Yaml) => yaml::edits(source, hits, known),
        Some(Language::Toml) => formats::toml(source, hits, known),
        Some(Language::Json) => formats::json(source, hits, known),
        Some(Language::Properties) => formats::properties(source, hits, known),
        Some(Language::Dockerfile) => formats::dockerfile(source, hits, known),
        Some(Language::Terraform) if source.path.ends_with(".tfvars") => Err(formats::tfvars(source, hits)),
        Some(_) => code::edits(source, hits, known),
    }
}

/// Returns the content after `edits`, which must be sorted and must not overlap.
pub fn apply(content: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(content.len() + 256);
    let mut at = 0;
    for edit in edits {
        let Some(kept) = content.get(at..edit.span.start) else { continue };
        out.push_str(kept);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(content.get(at..).unwrap_or_default());
    out
}
