//! The hash with which GitHub code scanning recognizes a line that moved (`primaryLocationLineHash`), as the action
//! upload-sarif computes it from a checkout. Findings in history are not in any checkout, so their report must contain
//! it.
//!
//! For each line: a polynomial over the next hundred UTF-16 code units except blanks and tabs, modulo 2^64, and how
//! many times that value has occurred so far. Any line ending counts as one line feed; an end marker and zeros follow
//! the content.

use std::collections::{BTreeMap, HashMap, VecDeque};

/// Number of UTF-16 code units that are hashed for a line.
const HASHED_UNITS: usize = 100;
/// Base of the polynomial.
const BASE: u64 = 37;
/// The code unit that marks the end of the content.
const END_UNIT: u16 = 0xFFFF;

/// Returns the hashes of the given lines of `content` (1-based, ascending). Lines after the end are omitted.
pub(super) fn line_hashes(content: &[u8], lines: &[u64]) -> BTreeMap<u64, String> {
    let mut hasher = Hasher::new(lines);
    for chunk in content.utf8_chunks() {
        chunk.valid().encode_utf16().for_each(|unit| hasher.text(unit));
        if !chunk.invalid().is_empty() {
            hasher.text(0xFFFD);
        }
        if hasher.is_done() {
            return hasher.hashes;
        }
    }
    hasher.text(END_UNIT);
    for _ in 0..HASHED_UNITS {
        hasher.record_hash();
        hasher.push(0);
    }
    hasher.hashes
}

struct Hasher<'l> {
    wanted: &'l [u64],
    hashes: BTreeMap<u64, String>,
    /// The last [`HASHED_UNITS`] code units, oldest first, each with the number of the line that starts at it.
    window: VecDeque<(u16, Option<u64>)>,
    hash: u64,
    /// [`BASE`] to the power of [`HASHED_UNITS`].
    oldest: u64,
    line: u64,
    starts: bool,
    after_return: bool,
    occurrences: HashMap<u64, u64>,
}

impl<'l> Hasher<'l> {
    fn new(wanted: &'l [u64]) -> Self {
        Self {
            wanted,
            hashes: BTreeMap::new(),
            window: VecDeque::from(vec![(0, None); HASHED_UNITS]),
            hash: 0,
            oldest: (0..HASHED_UNITS).fold(1u64, |power, _| power.wrapping_mul(BASE)),
            line: 0,
            starts: true,
            after_return: false,
            occurrences: HashMap::new(),
        }
    }

    /// Adds one code unit of the content.
    fn text(&mut self, unit: u16) {
        const LF: u16 = b'\n' as u16;
        const CR: u16 = b'\r' as u16;
        let second = self.after_return && unit == LF;
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || second {
            self.after_return = false;
            return;
        }
        self.after_return = unit == CR;
        let unit = if unit == CR { LF } else { unit };
        self.record_hash();
        if self.starts {
            self.line += 1;
            if let Some(oldest) = self.window.front_mut() {
                oldest.1 = Some(self.line);
            }
        }
        self.starts = unit == LF;
        self.push(unit);
    }

    /// Records the hash of the line that starts at the oldest code unit, if one does.
    fn record_hash(&mut self) {
        let Some(line) = self.window.front_mut().and_then(|oldest| oldest.1.take()) else { return };
        let count = self.occurrences.entry(self.hash).or_default();
        *count += 1;
        if self.wanted.binary_search(&line).is_ok() {
            self.hashes.insert(line, format!("{:x}:{count}", self.hash));
        }
    }

    /// Replaces the oldest code unit by a new one. The line number set on the oldest slot moves to the new unit.
    fn push(&mut self, unit: u16) {
        let (oldest, line) = self.window.pop_front().unwrap_or_default();
        self.window.push_back((unit, line));
        let dropped = self.oldest.wrapping_mul(u64::from(oldest));
        self.hash = self.hash.wrapping_mul(BASE).wrapping_add(u64::from(unit)).wrapping_sub(dropped);
    }

    fn is_done(&self) -> bool {
        self.hashes.len() == self.wanted.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<String> {
        let lines: Vec<u64> = (1..=1 + text.matches(['\n', '\r']).count() as u64).collect();
        line_hashes(text.as_bytes(), &lines).into_values().collect()
    }

    /// Results of GitHub's own implementation (codeql-action, `fingerprints.ts`).
    #[test]
    fn hashes_match_codeql_action() {
        for (text, expected) in VECTORS {
            assert_eq!(hashes(text), *expected, "{text:?}");
        }
    }

    /// Characters of one, two and four bytes, and a line longer than [`HASHED_UNITS`].
    const LONG: &str = concat!(
        "größe 😀\n\tlong ",
        "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
        "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
        "\nend\n"
    );

    const VECTORS: &[(&str, &[&str])] = &[
        ("", &["c129715d7a2bc9a3:1"]),
        ("x\n", &["828973aa50c68d6d:1", "c129715d7a2bc9a3:1"]),
        (
            "a\n\n b\r\nc\rd",
            &[
                "b6731cb574dd1021:1",
                "a5fbde895f7a36da:1",
                "54703d4cd895b18:1",
                "180aee12dab6264:1",
                "a23a3dc5e078b07b:1",
            ],
        ),
        (
            " \t\n\t x = 1\nx=1\n x = 1",
            &["b1e39b983df64887:1", "bdc556faf577e919:1", "b6e86ff8baa3b05d:1", "d38b34bb229aa761:1"],
        ),
        (LONG, &["1278dbc2ca9da9f2:1", "ee98aa788202bbc0:1", "fe2be582c6296f40:1", "c129715d7a2bc9a3:1"]),
        (
            "\u{feff}mark\n\n\n",
            &["75d5089e3f742527:1", "5b5d4caf73a13177:1", "3c5bef55b72b93c9:1", "c129715d7a2bc9a3:1"],
        ),
    ];
}
