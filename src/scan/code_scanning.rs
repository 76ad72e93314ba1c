//! Fields that only code scanning services need: GitHub's line hash, and edits that remove the secret. Both need the
//! whole content, which is read again only if such a report is written.

use std::ops::Range;

use super::Scanner;
use super::github_line_hash::line_hashes;
use super::second_pass::{MAX_WORK_BYTES, read};
use crate::detect::Match;
use crate::finding::{Location, Replacement};
use crate::fix::{self, Edit, Known};
use crate::input::Content;

/// Files of a Terraform directory in which variables are usually declared.
const DECLARATION_FILES: [&str; 3] = ["variables.tf", "vars.tf", "main.tf"];

impl Scanner<'_> {
    /// Enables the fields for code scanning services.
    pub fn for_code_scanning(mut self, wanted: bool) -> Self {
        self.scanning = wanted;
        self
    }

    /// Adds hashes and edits to the matches in the input `name`, if it can be read again. Matches in members get
    /// neither.
    pub(super) fn add_code_scanning(&self, name: &str, found: &mut [Match], content: &mut dyn Content) {
        if !self.scanning || found.iter().all(|one| !one.location.path.is_empty()) {
            return;
        }
        let Some(bytes) = content.random().and_then(read) else { return };
        let lines =
            found.iter().filter(|one| one.location.path.is_empty()).map(|one| one.location.start_line);
        let mut lines: Vec<u64> = lines.collect();
        lines.sort_unstable();
        lines.dedup();
        let hashes = line_hashes(&bytes, &lines);
        for one in found.iter_mut().filter(|one| one.location.path.is_empty()) {
            one.line_hash = hashes.get(&one.location.start_line).cloned();
        }
        if let Ok(text) = std::str::from_utf8(&bytes) {
            self.add_edits(name, text, found, content);
        }
    }

    fn add_edits(&self, name: &str, text: &str, found: &mut [Match], content: &mut dyn Content) {
        let rules: Vec<&str> = self.detector().rules().map(|rule| rule.id.as_str()).collect();
        let mut known = Known::default();
        if name.ends_with(".tf") {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            for file in DECLARATION_FILES {
                let beside =
                    content.beside(file).and_then(read).and_then(|bytes| String::from_utf8(bytes).ok());
                known.declare_in(folder, &beside.unwrap_or_default());
            }
        }
        let source = fix::Source::new(name, text);
        fix::prepare(found, &mut known);
        let mut left = MAX_WORK_BYTES;
        for one in found {
            let Some(rest) = left.checked_sub(text.len() as u64) else { return };
            left = rest;
            let edits = fix::alone(&source, one, rules[one.rule], &mut known);
            one.edits = edits.into_iter().map(|edit| replacement(text, edit)).collect();
        }
    }
}

/// Converts an edit to lines and columns, in content without a path.
fn replacement(text: &str, edit: Edit) -> Replacement {
    let Range { start, end } = edit.span;
    let ((start_line, start_column), (end_line, end_column)) = (place(text, start), place(text, end));
    let at = Location {
        path: String::new(),
        start_line,
        start_column,
        end_line,
        end_column,
        byte_start: start as u64,
        byte_end: end as u64,
    };
    Replacement { at, text: edit.text }
}

/// Returns the 1-based line and column (in characters) of a byte offset.
fn place(text: &str, at: usize) -> (u64, u64) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before[line..].trim_start_matches('\u{feff}').chars().count();
    (1 + memchr::memchr_iter(b'\n', before.as_bytes()).count() as u64, 1 + column as u64)
}
