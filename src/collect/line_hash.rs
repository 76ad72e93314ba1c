//! The hash by which GitHub code scanning knows a line again when it moves (`primaryLocationLineHash`), as the action
//! upload-sarif computes it from a checkout. Content that is in no checkout (history) has to bring it along.
//!
//! For each line: a polynomial over the next hundred UTF-16 units that are no blank and no tab, modulo 2^64, and how often
//! that value has been met so far. Any line ending is one line feed; a mark and then zeros stand behind the end.

use std::collections::{BTreeMap, HashMap, VecDeque};

/// Units that count for a line.
const BLOCK: usize = 100;
/// Base of the polynomial.
const BASE: u64 = 37;
/// The unit that stands for the end of the content.
const END: u16 = 0xFFFF;

/// The hashes of some lines (1-based, ascending) of `content`: those that are there.
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
    hasher.text(END);
    for _ in 0..BLOCK {
        hasher.tell();
        hasher.push(0);
    }
    hasher.hashes
}

struct Hasher<'l> {
    wanted: &'l [u64],
    hashes: BTreeMap<u64, String>,
    /// The last units, oldest first, and the line that begins with each, if one does.
    window: VecDeque<(u16, Option<u64>)>,
    hash: u64,
    /// [`BASE`] to the power of [`BLOCK`].
    oldest: u64,
    line: u64,
    starts: bool,
    after_return: bool,
    met: HashMap<u64, u64>,
}

impl<'l> Hasher<'l> {
    fn new(wanted: &'l [u64]) -> Self {
        Self {
            wanted,
            hashes: BTreeMap::new(),
            window: VecDeque::from(vec![(0, None); BLOCK]),
            hash: 0,
            oldest: (0..BLOCK).fold(1u64, |power, _| power.wrapping_mul(BASE)),
            line: 0,
            starts: true,
            after_return: false,
            met: HashMap::new(),
        }
    }

    /// Takes one unit of the content.
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
        self.tell();
        if self.starts {
            self.line += 1;
            if let Some(oldest) = self.window.front_mut() {
                oldest.1 = Some(self.line);
            }
        }
        self.starts = unit == LF;
        self.push(unit);
    }

    /// Tells the hash of the line that begins with the oldest unit.
    fn tell(&mut self) {
        let Some(line) = self.window.front_mut().and_then(|oldest| oldest.1.take()) else { return };
        let count = self.met.entry(self.hash).or_default();
        *count += 1;
        if self.wanted.binary_search(&line).is_ok() {
            self.hashes.insert(line, format!("{:x}:{count}", self.hash));
        }
    }

    /// Puts a unit in the place of the oldest; the mark of a line that was put on that place stays with it.
    fn push(&mut self, unit: u16) {
        let (oldest, line) = self.window.pop_front().unwrap_or_default();
        self.window.push_back((unit, line));
        let gone = self.oldest.wrapping_mul(u64::from(oldest));
        self.hash = self.hash.wrapping_mul(BASE).wrapping_add(u64::from(unit)).wrapping_sub(gone);
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

    /// What GitHub's own program (codeql-action, `fingerprints.ts`) says of these.
    #[test]
    fn lines_have_the_hashes_that_github_gives_them() {
        for (text, expected) in VECTORS {
            assert_eq!(hashes(text), *expected, "{text:?}");
        }
    }

    /// Characters of one, two and four bytes, and a line longer than what counts.
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
