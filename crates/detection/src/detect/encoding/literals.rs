//! From the anchors of the rules to the few short literals that are searched.
//!
//! Every encoding of an anchor is derived by encoding it, and of each only a rare piece of three to four bytes is
//! searched: short literals keep the searcher at memory speed, and the encodings are distinguished only at a candidate. An
//! anchor that is searched in all encodings gets two pieces for each, chosen so that no line break or concatenation can
//! split both.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Form, base64};
use crate::detect::byte_set::Class;
use crate::detect::teddy::byte_frequency::FREQUENCY;
use crate::rules::Forms;

/// One interpretation of a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interpretation {
    /// The encoding.
    pub(crate) form: Form,
    /// Index of the anchor. Unused for [`Form::Compressed`].
    pub(crate) anchor: usize,
    /// Distance from the literal to the anchor. Each encoding counts it in its own units and documents them at its
    /// `literals`.
    pub(crate) shift: u8,
    /// The decoded bytes at this offset must start with these.
    pub(crate) expect: Vec<u8>,
    /// What must follow them.
    pub(crate) follow: Continuation,
    /// For text: the part of the anchor before the literal.
    pub(crate) before: Vec<u8>,
}

/// What must follow the expected bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Continuation {
    /// The run of one of the anchor's rules.
    Run,
    /// More base64 (nested base64).
    Base64,
    /// Anything.
    Any,
}

/// An anchor of the rules.
#[derive(Debug, Clone)]
pub(crate) struct Anchor {
    /// The plain text.
    pub(crate) text: Vec<u8>,
    /// The set of forms in which it is searched.
    pub(crate) forms: Forms,
    /// Whether it may be split into concatenated pieces, because one of its rules is for a secret rather than a name.
    pub(crate) cut: bool,
    /// Whether names and values near it are read.
    pub(crate) names: bool,
    /// Family; anchors that share a rule have the same one.
    pub(crate) family: usize,
    /// Runs that may follow it: character set, minimum length, and the rules that require this run.
    pub(crate) runs: Vec<(Class, usize, Vec<usize>)>,
}

/// A literal with all its interpretations.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    /// The bytes to search for.
    pub(crate) bytes: Vec<u8>,
    /// Possible interpretations of a hit.
    pub(crate) uses: Vec<Interpretation>,
}

impl Interpretation {
    /// Creates one whose expected bytes must be followed by the run of a rule.
    pub(super) fn new(form: Form, anchor: usize, shift: u8, expect: &[u8]) -> Self {
        Self { form, anchor, shift, expect: expect.to_vec(), follow: Continuation::Run, before: Vec::new() }
    }
}

impl Anchor {
    /// Returns whether it is searched in all encodings.
    pub(super) fn is_in_all_forms(&self) -> bool {
        self.forms == Forms::All
    }

    /// Returns whether it is also searched in the rarest encodings, in which the pieces of a shorter anchor are too
    /// common.
    pub(super) fn is_in_rare_forms(&self) -> bool {
        self.forms == Forms::All && self.text.len() >= MIN_RARE_BYTES
    }
}

impl Anchor {
    /// Returns the beginnings of its encodings that may be encoded again: base64 at its three alignments, hexadecimal
    /// digits, and percent escapes. None if it is too short for the rarest encodings.
    pub(super) fn nested(&self) -> Vec<Vec<u8>> {
        if !self.is_in_rare_forms() {
            return Vec::new();
        }
        let percent = |byte: &u8| format!("%{byte:02X}");
        let base64 = (0..3).map(|before| base64::known(&self.text, before).1);
        let hex = both_cases(&self.text).into_iter().map(String::into_bytes);
        let escapes = self.text.iter().map(percent).collect::<String>().into_bytes();
        base64.chain(hex).chain([escapes]).collect()
    }
}

/// Minimum length in bytes of an anchor that is searched in the rarest encodings.
const MIN_RARE_BYTES: usize = 5;

/// Returns the literals for `anchors`. None is a prefix of another.
pub(crate) fn literals(anchors: &[Anchor]) -> Vec<Literal> {
    let mut table = LiteralTable::default();
    for (index, anchor) in anchors.iter().enumerate() {
        for form in Form::ALL {
            form.decoder().literals(index, anchor, &mut table);
        }
    }
    prefix_free(table.0)
}

/// The literals so far, each with its interpretations.
#[derive(Default)]
pub(crate) struct LiteralTable(BTreeMap<Vec<u8>, Vec<Interpretation>>);

impl LiteralTable {
    /// Adds a literal with an interpretation, unless it has it already.
    pub(super) fn add(&mut self, bytes: &[u8], meaning: Interpretation) {
        let uses = self.0.entry(bytes.to_vec()).or_default();
        if !uses.contains(&meaning) {
            uses.push(meaning);
        }
    }
}

/// Drops each literal that has another one as a prefix and adds its interpretations to that one: the searcher reports
/// only one literal per offset.
fn prefix_free(table: BTreeMap<Vec<u8>, Vec<Interpretation>>) -> Vec<Literal> {
    let mut out: Vec<Literal> = Vec::new();
    for (bytes, uses) in table {
        match out.last_mut().filter(|last| bytes.starts_with(&last.bytes)) {
            Some(shorter) => shorter.uses.extend(uses),
            None => out.push(Literal { bytes, uses }),
        }
    }
    out
}

/// Returns the pieces of an encoded anchor that are searched.
pub(super) fn pieces(text: &[u8], forms: Forms) -> Vec<Range<usize>> {
    let length = text.len();
    if forms == Forms::All && length >= 5 {
        return vec![0..3, 2.max(length - 4)..length];
    }
    if forms == Forms::All || length <= 4 {
        return std::iter::once(0..length.min(4)).collect();
    }
    let common = |at: &usize| -> u64 {
        text[*at..at + 4].iter().map(|&b| u64::from(FREQUENCY[usize::from(b)])).product()
    };
    let rarest = (0..=length - 4).min_by_key(common);
    rarest.map(|at| at..at + 4).into_iter().collect()
}

/// Returns the hexadecimal digits of `bytes` in lower and in upper case, once if they are equal.
pub(super) fn both_cases(bytes: &[u8]) -> Vec<String> {
    let lower: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let upper = lower.to_ascii_uppercase();
    if lower == upper { vec![lower] } else { vec![lower, upper] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_have_minimum_length() {
        let anchor = Anchor {
            text: b"KEY01".to_vec(),
            forms: Forms::All,
            cut: true,
            names: false,
            family: 0,
            runs: Vec::new(),
        };
        let all = literals(&[anchor]);
        for one in &all {
            assert!(one.bytes.len() >= 3, "{one:?}");
        }
    }

    #[test]
    fn no_split_of_the_anchor_cuts_both_pieces() {
        for text in ["KEY01", "S0VZMD"] {
            let parts = pieces(text.as_bytes(), Forms::All);
            for cut in 1..text.len() {
                assert!(parts.iter().any(|part| cut <= part.start || cut >= part.end), "{text} cut at {cut}");
            }
        }
    }
}
