//! Edits that take credentials out of source files: a literal becomes a look-up in the environment, where that is
//! certain to mean the same; everything else is for a person to do.
//!
//! Content and matches in, edits out. This module reads and writes no file; [`edit_for`] answers for one match,
//! [`plan`] for a whole file with what the edits need around them (imports, declarations).

mod certain;
mod config;
mod diff;
mod imports;
mod language;
mod names;
mod shell;
mod source;
mod syntax;

use std::ops::Range;

use crate::detect::Found;
use crate::finding::{Encoding, Finding, Location, Secret, Severity};

pub use diff::{Shown, unified};
pub use language::Language;
pub use names::Known;

/// Bytes of content to put in the place of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the content that go; an empty range is an insertion.
    pub span: Range<usize>,
    /// What comes instead.
    pub text: String,
}

/// Why a credential is left to a person, with advice.
pub type Reason = &'static str;

/// A match in a file, as far as an edit needs it.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    /// The file's path, with `/`.
    pub path: &'a str,
    /// The whole content.
    pub content: &'a str,
    /// The language of the content.
    pub language: Language,
    /// The secret's bytes in it.
    pub at: (usize, usize),
}

impl Hit<'_> {
    fn span(&self) -> Range<usize> {
        self.at.0..self.at.1
    }

    /// The text between the beginning of the secret's line and `to`.
    fn line_before(&self, to: usize) -> &str {
        let before = &self.content[..to];
        &before[before.rfind('\n').map_or(0, |at| at + 1)..]
    }
}

/// A credential that was found, as far as an edit needs it.
#[derive(Debug, Clone, Copy)]
pub struct Credential<'a> {
    /// Id of the rule that found it.
    rule: &'a str,
    secret: &'a Secret,
    place: &'a Location,
    encoding: &'a [Encoding],
    /// Whether it lies inside an archive or a document.
    inside: bool,
}

impl<'a> Credential<'a> {
    /// That of a match in a file.
    pub fn of_match(found: &'a Found, rule: &'a str) -> Self {
        let inside = !found.location.path.is_empty();
        Self { rule, secret: &found.secret, place: &found.location, encoding: &found.encoding, inside }
    }

    /// That of a finding, at its first place.
    pub fn of_finding(finding: &'a Finding) -> Self {
        let inside = finding.location.path.contains("!/");
        Self {
            rule: &finding.rule_id,
            secret: &finding.secret,
            place: &finding.location,
            encoding: &finding.encoding,
            inside,
        }
    }
}

/// The edits of one file, and what is left.
#[derive(Debug, Default)]
pub struct Plan {
    /// In the order of their places, without overlaps.
    pub edits: Vec<Edit>,
    /// Lines (from 1) with a credential that no edit takes out, and why not.
    pub by_hand: Vec<(u64, Reason)>,
}

/// What to do about the matches `found` in the file at `path` (with `/`). Notes are left alone. `rules` are the ids of
/// the detector's rules, in order.
pub fn plan(path: &str, content: &[u8], found: &[Found], rules: &[String], known: &mut Known) -> Plan {
    let mut plan = Plan::default();
    let Ok(text) = std::str::from_utf8(content) else {
        plan.by_hand.extend(worth(found).map(|one| (one.location.start_line, "the file is not UTF-8 text")));
        return plan;
    };
    let language = Language::of(path, text);
    for one in worth(found) {
        let credential = Credential::of_match(one, &rules[one.rule]);
        let edits = language
            .ok_or(language::UNKNOWN)
            .and_then(|language| edit_for(path, text, language, &credential, known));
        match edits {
            Ok(edits) if overlap(&plan.edits, &edits) => {
                plan.by_hand
                    .push((one.location.start_line, "it shares a string with another one: run this again"));
            }
            Ok(edits) => plan.edits.extend(edits),
            Err(reason) => plan.by_hand.push((one.location.start_line, reason)),
        }
    }
    if let Some(language) = language {
        imports::add(path, text, language, &mut plan.edits, known);
    }
    plan.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    plan.edits.dedup();
    plan
}

fn overlap(some: &[Edit], others: &[Edit]) -> bool {
    let meet = |a: &Edit, b: &Edit| a.span.start < b.span.end && b.span.start < a.span.end;
    some.iter().any(|one| others.iter().any(|other| meet(one, other)))
}

/// Whether a file has matches that have to be dealt with.
pub fn is_needed(found: &[Found]) -> bool {
    worth(found).next().is_some()
}

/// The matches that have to be dealt with.
fn worth(found: &[Found]) -> impl Iterator<Item = &Found> {
    found.iter().filter(|one| one.severity >= Severity::Warning)
}

/// The edits that take one match out of the file at `path` by themselves, with the imports that they need; none where
/// that is not certain. `rule` is the id of its rule; `known` is that of the whole file.
pub fn alone(path: &str, content: &str, found: &Found, rule: &str, known: &mut Known) -> Vec<Edit> {
    let Some(language) = Language::of(path, content).filter(|_| found.severity >= Severity::Warning) else {
        return Vec::new();
    };
    // What another match declares is declared by its own edits.
    let mut declared = known.clone();
    let credential = Credential::of_match(found, rule);
    let Ok(mut edits) = edit_for(path, content, language, &credential, known) else { return Vec::new() };
    imports::add(path, content, language, &mut edits, &mut declared);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits
}

/// The edits that take one match out of `content`, imports aside.
///
/// # Errors
/// Why that is not certain to mean the same, with advice.
pub fn edit_for(
    path: &str,
    content: &str,
    language: Language,
    credential: &Credential<'_>,
    known: &mut Known,
) -> Result<Vec<Edit>, Reason> {
    let &Credential { rule, secret, place, encoding, inside } = credential;
    if inside {
        return Err("it is inside an archive or a document: fix what that is made from");
    }
    if rule == "telnyx-public-env-name" {
        return Err("give the variable a name without the public prefix, and read it on the server only");
    }
    if !encoding.is_empty() {
        return Err("it is encoded or put together from pieces: read the whole value from the environment");
    }
    let at = (place.byte_start as usize, place.byte_end as usize);
    if content.get(at.0..at.1) != Some(secret.expose()) {
        return Err("the file does not hold the credential as it is used");
    }
    let hit = Hit { path, content, language, at };
    let (edits, name) = match language {
        Language::DotEnv => Err("keep this file out of version control (.gitignore) and rotate the key"),
        Language::Shell => shell::edit(&hit, rule),
        Language::Yaml => config::yaml(&hit, rule),
        Language::Dockerfile => config::dockerfile(&hit, rule),
        Language::Terraform => config::terraform(&hit, rule),
        _ => source::edit(&hit, rule),
    }?;
    known.take(&name, secret)?;
    Ok(edits)
}

/// The content after `edits`, which must be sorted and lie apart.
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
