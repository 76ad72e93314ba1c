//! The file for `git filter-repo --replace-text`. It contains the secrets in clear and is as sensitive as they are.

use std::io::{self, Write};

use super::leak::Leak;
use crate::rules::Rule;

/// The secrets that the file replaces, and counts of those that it cannot.
#[derive(Debug, Default)]
pub struct Replacements<'a> {
    /// Secrets in clear.
    literals: Vec<&'a str>,
    /// Number of secrets of which the report has only the masked form.
    pub masked: usize,
    /// Number of secrets that contain a line end, which a line of the file cannot represent.
    pub unwritable: usize,
}

/// Returns the secrets of `leaks` to be replaced. Leaves out notes, and values that are public according to `rules`
/// (the id of a key, the name of a variable).
pub fn replacements<'a>(leaks: &'a [Leak], rules: &[Rule]) -> Replacements<'a> {
    let mut out = Replacements::default();
    for leak in leaks.iter().filter(|leak| leak.needs_plan() && !leak.is_public(rules)) {
        match leak.secret.as_ref().map(|secret| secret.expose()) {
            None => out.masked += 1,
            Some(text) if text.contains(['\n', '\r']) => out.unwritable += 1,
            Some(text) => out.literals.push(text),
        }
    }
    // Longest first: a secret that contains another must be replaced before it.
    out.literals.sort_by_key(|text| (std::cmp::Reverse(text.len()), *text));
    out.literals.dedup();
    out
}

impl Replacements<'_> {
    /// Returns the number of secrets that the file replaces.
    pub fn count(&self) -> usize {
        self.literals.len()
    }

    /// Writes the file, one line per secret. The prefix `literal:` keeps a secret that starts with `regex:` or `glob:`
    /// from being parsed as a pattern; git filter-repo splits a line at its last `==>`.
    ///
    /// # Errors
    /// Returns the I/O error if `out` cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for text in &self.literals {
            writeln!(out, "literal:{text}==>***REMOVED***")?;
        }
        Ok(())
    }
}
