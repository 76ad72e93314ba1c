//! Loads and checks rules, both built-in and user-defined.

use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use telleaks_platform::open_no_wait;
use thiserror::Error;

use super::{Rule, RuleSet};

/// Maximum size of a rule file in bytes; the built-in ones have a few thousand each.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Why a rule file cannot be used.
#[derive(Debug, Error)]
pub enum RuleError {
    /// The file cannot be read.
    #[error("cannot read the rule file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The I/O error.
        source: std::io::Error,
    },
    /// The file is not a valid rule file.
    #[error("{path}: {message}\n  help: `telleaks rules show telnyx-api-key` prints a rule as it is written")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The error, with its line.
        message: String,
    },
    /// A rule is inconsistent or conflicts with another one.
    #[error("{path}: rule `{id}`: {message}")]
    Rule {
        /// The file.
        path: PathBuf,
        /// The rule.
        id: String,
        /// What is wrong and what to write instead.
        message: String,
    },
    /// A requested rule does not exist.
    #[error("there is no rule `{0}`\n  help: `telleaks rules list` shows all of them")]
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
struct Published {
    sha256: Vec<String>,
}

/// The texts of the rules that a program brings along.
#[derive(Debug, Clone, Copy)]
pub struct RuleTexts<'t> {
    /// Name and text of each rule file.
    pub files: &'t [(&'t str, &'t str)],
    /// The text of the file with the SHA-256 digests of published examples.
    pub published: &'t str,
    /// Name and text of the file with the rules that report suppressions.
    pub suppressions: (&'t str, &'t str),
}

impl RuleSet {
    /// Reads the rules in `texts`, ordered by id.
    ///
    /// # Errors
    /// Returns an error if a text is not a valid rule file.
    pub fn from_texts(texts: &RuleTexts<'_>) -> Result<Self, RuleError> {
        let mut rules = Vec::new();
        for (name, text) in texts.files {
            rules.extend(parse(Path::new(name), text)?);
        }
        let syntax = |error| syntax(Path::new("published.toml"), texts.published, &error);
        let published: Published = toml::from_str(texts.published).map_err(syntax)?;
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let (name, text) = texts.suppressions;
        let (own, mut words): (Vec<Rule>, Vec<Rule>) =
            parse(Path::new(name), text)?.into_iter().partition(|rule| rule.anchors.is_empty());
        let mut set =
            Self { rules, published: published.sha256, own, ignore: words.pop(), known: Vec::new() };
        set.own.sort_by(|a, b| a.id.cmp(&b.id));
        set.record_known();
        Ok(set)
    }
}

/// Adds the user-defined rules in the text of the rule file `name`, and checks them.
///
/// # Errors
/// Returns an error if the text is not a valid rule file or contains an invalid rule.
pub fn extend_from_text(set: &mut RuleSet, name: &Path, text: &str) -> Result<(), RuleError> {
    add(set, name, text)?;
    set.rules.sort_by(|a, b| a.id.cmp(&b.id));
    set.record_known();
    Ok(())
}

/// Adds the rules of one file to the end of the set.
fn add(set: &mut RuleSet, file: &Path, text: &str) -> Result<(), RuleError> {
    let mut ids: BTreeSet<String> = set.rules.iter().chain(&set.own).map(|rule| rule.id.clone()).collect();
    for rule in parse(file, text)? {
        let wrong = |message: String| RuleError::Rule { path: file.to_owned(), id: rule.id.clone(), message };
        check(&rule).map_err(wrong)?;
        if !ids.insert(rule.id.clone()) {
            return Err(wrong("this id is taken; ids are unique over all rules".to_owned()));
        }
        set.rules.push(rule);
    }
    Ok(())
}

/// Adds user-defined rules from a file, or from every `*.toml` in a directory, and checks them.
///
/// # Errors
/// Returns an error if a file cannot be read, is not a valid rule file, or contains an invalid rule.
pub fn extend(set: &mut RuleSet, path: &Path) -> Result<(), RuleError> {
    for file in files(path)? {
        let text = read(&file).map_err(|source| RuleError::Read { path: file.clone(), source })?;
        add(set, &file, &text)?;
    }
    set.rules.sort_by(|a, b| a.id.cmp(&b.id));
    set.record_known();
    Ok(())
}

/// Keeps only the rules in `only` (all if it is empty) and removes those in `without`.
///
/// # Errors
/// Returns an error for an id that no rule has.
pub fn choose(set: &mut RuleSet, only: &[String], without: &[String]) -> Result<(), RuleError> {
    let known = |id: &String| set.rules.iter().chain(&set.own).any(|rule| &rule.id == id);
    if let Some(id) = only.iter().chain(without).find(|id| !known(id)) {
        return Err(RuleError::Unknown(id.clone()));
    }
    let asked = |rule: &Rule| (only.is_empty() || only.contains(&rule.id)) && !without.contains(&rule.id);
    set.rules.retain(asked);
    set.own.retain(asked);
    Ok(())
}

fn files(path: &Path) -> Result<Vec<PathBuf>, RuleError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let read = |source| RuleError::Read { path: path.to_owned(), source };
    let mut all = Vec::new();
    for entry in std::fs::read_dir(path).map_err(read)? {
        let file = entry.map_err(read)?.path();
        if file.extension().is_some_and(|ending| ending == "toml") {
            all.push(file);
        }
    }
    all.sort();
    Ok(all)
}

/// Reads a rule file. It must be a regular file, so that a pipe among the rules cannot block a scan and a device cannot
/// fill the memory.
fn read(path: &Path) -> io::Result<String> {
    let file = open_no_wait(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut text = String::new();
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(io::Error::other(format!("rule file larger than {} MiB", MAX_FILE_BYTES >> 20)));
    }
    Ok(text)
}

fn parse(path: &Path, text: &str) -> Result<Vec<Rule>, RuleError> {
    let file: File = toml::from_str(text).map_err(|error| syntax(path, text, &error))?;
    Ok(file.rule)
}

/// Formats a syntax error with its line number but without the line's text: a file that was named by mistake may
/// contain a key.
fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> RuleError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let message = format!("line {}: {}", 1 + before.matches('\n').count(), error.message());
    RuleError::Syntax { path: path.to_owned(), message }
}

/// Checks a rule by itself and returns the error, for display.
pub(crate) fn check(rule: &Rule) -> Result<(), String> {
    let kebab = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if rule.id.is_empty() || !rule.id.bytes().all(kebab) {
        return Err("an id is lower-case letters, digits and dashes".to_owned());
    }
    if rule.pattern_anchors().is_empty() && rule.names_anchors().is_empty() {
        return Err("a rule needs an anchor: a literal that occurs in every match".to_owned());
    }
    if let Some(short) =
        rule.anchors.iter().chain(&rule.name_anchors).find(|anchor| anchor.len() < 3 || !anchor.is_ascii())
    {
        return Err(format!(
            "the anchor `{short}` must have at least three ASCII characters; shorter ones occur everywhere"
        ));
    }
    for text in std::iter::once(&rule.regex).chain(&rule.context) {
        pattern(text)?;
    }
    for one in &rule.assignments {
        let others = [&one.except, &one.value, &one.except_value, &one.scope, &one.near];
        for text in std::iter::once(&one.name).chain(others.into_iter().flatten()) {
            pattern(text)?;
        }
    }
    if rule.regex.is_empty() && !rule.assignments.is_empty() {
        return Ok(());
    }
    if pattern(&rule.regex)?.captures_len() < 2 {
        return Err("the regex needs a group `(…)` around the secret".to_owned());
    }
    Ok(())
}

fn pattern(text: &str) -> Result<regex::bytes::Regex, String> {
    super::pattern(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::builtin;

    #[test]
    fn every_built_in_rule_is_valid() {
        let set = builtin().unwrap();
        for rule in &set.rules {
            assert_eq!(check(rule), Ok(()), "{}", rule.id);
            assert!(!rule.examples.is_empty() && rule.non_examples.len() >= 2, "{}", rule.id);
        }
        assert!(set.rules.windows(2).all(|two| two[0].id < two[1].id));
    }

    #[test]
    fn suppression_rules_have_no_pattern() {
        let set = builtin().unwrap();
        assert!(!set.own.is_empty());
        assert_eq!(check(set.ignore.as_ref().unwrap()), Ok(()));
        assert!(set.own.iter().all(|rule| rule.public && rule.anchors.is_empty() && rule.regex.is_empty()));
        assert_eq!(set.all().len(), set.rules.len() + set.own.len());
        assert!(set.all().windows(2).all(|two| two[0].id < two[1].id));
    }

    #[test]
    fn invalid_rules_are_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        let head =
            "name='n'\nmessage='m'\nsummary='s'\nseverity='error'\nconfidence='high'\nfix='f'\ndocs='d'\n";
        for (body, word) in [
            ("id='a b'\nanchors=['abc']\nregex='(abc)'", "lower-case"),
            ("id='a'\nanchors=['ab']\nregex='(ab)'", "three ASCII"),
            ("id='a'\nanchors=['abc']\nregex='abc'", "group"),
            ("id='a'\nanchors=['abc']\nregex='(abc'", "unclosed"),
            ("id='a'\nanchors=['abc']\nregex='((a{0,1000}){0,1000}){0,1000}b'", "size"),
            ("id='telnyx-api-key'\nanchors=['abc']\nregex='(abc)'", "taken"),
            ("id='a'\nanchors=['abc']\nregex='(abc)'\ncolour='red'", "colour"),
        ] {
            std::fs::write(&file, format!("[[rule]]\n{head}{body}\n")).unwrap();
            let error = extend(&mut builtin().unwrap(), &file).unwrap_err().to_string();
            assert!(error.contains(word), "{body}: {error}");
        }
    }
}
