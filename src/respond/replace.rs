//! The file for `git filter-repo --replace-text`. It holds the secrets in clear and is as sensitive as they are.

use std::io::{self, Write};

use super::leak::Leak;
use crate::rules::Rule;

/// What the file can replace.
#[derive(Debug, Default)]
pub struct Replacements<'a> {
    /// Secrets in clear.
    literals: Vec<&'a str>,
    /// Secrets that the report shows masked only.
    pub masked: usize,
    /// Secrets with a line end in them, which a line of the file cannot hold.
    pub unwritable: usize,
}

/// The secrets of `leaks` that are to go. Notes stay, and what gives nothing away (the id of a key, the name of a
/// variable), which `rules` know.
pub fn replacements<'a>(leaks: &'a [Leak], rules: &[Rule]) -> Replacements<'a> {
    let mut out = Replacements::default();
    for leak in leaks.iter().filter(|leak| leak.needs_plan() && !leak.is_public(rules)) {
        match leak.secret.as_ref().map(|secret| secret.expose()) {
            None => out.masked += 1,
            Some(text) if text.contains(['\n', '\r']) => out.unwritable += 1,
            Some(text) => out.literals.push(text),
        }
    }
    // A secret that holds another has to go first, or only the other would be replaced.
    out.literals.sort_by_key(|text| (std::cmp::Reverse(text.len()), *text));
    out.literals.dedup();
    out
}

impl Replacements<'_> {
    /// How many secrets the file replaces.
    pub fn count(&self) -> usize {
        self.literals.len()
    }

    /// Writes the file: a line for each secret. `literal:` keeps one that begins with `regex:` or `glob:` from being
    /// taken for a pattern; git filter-repo looks for the last `==>` of a line.
    ///
    /// # Errors
    /// `out` cannot be written to.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for text in &self.literals {
            writeln!(out, "literal:{text}==>***REMOVED***")?;
        }
        Ok(())
    }
}
