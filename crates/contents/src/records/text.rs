//! Text that is joined from several ranges of a content, with a map from each of its bytes to the content.

use std::collections::VecDeque;
use std::ops::Range;

/// Number of bits of a map entry that hold the number of content bytes that encode one byte of the text.
const LENGTH_BITS: u32 = 4;
/// Number of bytes of text for which memory is kept.
const MOST_KEPT_BYTES: usize = 32 << 10;

/// A location in the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Offset in bytes.
    pub offset: u64,
    /// Line, 1-based.
    pub line: u64,
    /// Column in characters, 1-based.
    pub column: u64,
}

/// Joined text, with the range of the content that encodes each byte.
#[derive(Debug, Default)]
pub struct Text {
    pub(super) bytes: Vec<u8>,
    /// For each byte of the text: offset in the content, and number of content bytes that encode it.
    pub(super) map: Vec<u64>,
    /// Locations at which the pieces of the text start, in the order of the pieces.
    places: VecDeque<Place>,
}

/// Returns the map entry for a byte of the text that `length` content bytes at `offset` encode.
pub(super) fn entry(offset: u64, length: usize) -> u64 {
    offset << LENGTH_BITS | (length as u64).min((1 << LENGTH_BITS) - 1)
}

impl Text {
    /// Returns the text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Records that a piece starts at `place`.
    pub(super) fn start(&mut self, place: Place) {
        self.places.push_back(place);
    }

    /// Appends a byte that the content bytes of `entry` encode.
    pub(super) fn push(&mut self, byte: u8, entry: u64) {
        self.bytes.push(byte);
        self.map.push(entry);
    }

    /// Appends bytes that are unencoded in the content, from `offset`.
    pub(super) fn extend(&mut self, bytes: &[u8], offset: u64) {
        self.bytes.extend_from_slice(bytes);
        self.map.extend((offset..).take(bytes.len()).map(|at| entry(at, 1)));
    }

    /// Returns the range of the content that encodes the byte of the text at `at`.
    pub fn raw(&self, at: usize) -> Range<u64> {
        let entry = self.map.get(at).copied().unwrap_or_default();
        let start = entry >> LENGTH_BITS;
        start..start + (entry & ((1 << LENGTH_BITS) - 1))
    }

    /// Returns the ranges of the content that encode `range` of the text, in the order of the text.
    pub fn runs(&self, range: Range<usize>) -> Vec<Range<u64>> {
        let mut runs: Vec<Range<u64>> = Vec::new();
        for at in range {
            let raw = self.raw(at);
            match runs.last_mut() {
                Some(last) if last.end == raw.start => last.end = raw.end,
                // All bytes of one character have the same range.
                Some(last) if *last == raw || raw.is_empty() => {}
                _ => runs.push(raw),
            }
        }
        runs
    }

    /// Returns the location in the content of the byte of the text at `at`; with `end`, the location of its end.
    pub fn place(&self, at: usize, end: bool) -> Place {
        let raw = self.raw(at);
        let offset = if end { raw.end } else { raw.start };
        let index = self.places.partition_point(|place| place.offset <= raw.start);
        let Some(start) = index.checked_sub(1).and_then(|index| self.places.get(index)) else {
            return Place { offset, line: 1, column: 1 };
        };
        let first = self.map[..=at].iter().rposition(|entry| entry >> LENGTH_BITS < start.offset);
        let piece = first.map_or(0, |before| before + 1)..at;
        // A UTF-8 continuation byte counts only if it is unencoded in the content.
        let continued = piece.filter(|&at| self.bytes[at] & 0xC0 == 0x80 && self.raw(at).count() == 1);
        let continued = continued.count() as u64;
        let column = start.column + (offset - start.offset).saturating_sub(continued);
        Place { offset, line: start.line, column }
    }

    /// Removes the first `count` bytes.
    pub(super) fn drain(&mut self, count: usize) {
        self.bytes.drain(..count);
        self.map.drain(..count);
        // Releases the memory of a long piece.
        self.bytes.shrink_to(MOST_KEPT_BYTES);
        self.map.shrink_to(MOST_KEPT_BYTES);
        let Some(first) = self.map.iter().map(|entry| entry >> LENGTH_BITS).min() else {
            return self.places.clear();
        };
        let unused = self.places.partition_point(|place| place.offset <= first).saturating_sub(1);
        self.places.drain(..unused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_knows_its_place() {
        let mut text = Text::default();
        text.start(Place { offset: 10, line: 2, column: 5 });
        text.extend("aé".as_bytes(), 10);
        text.push(b'"', entry(13, 2));
        text.start(Place { offset: 30, line: 3, column: 1 });
        text.extend(b"xy", 30);
        assert_eq!(text.runs(0..6), [10..15, 30..32]);
        assert_eq!(text.runs(4..5).first(), Some(&(30..31)));
        assert_eq!(text.place(3, false), Place { offset: 13, line: 2, column: 7 });
        assert_eq!(text.place(5, true), Place { offset: 32, line: 3, column: 3 });
        text.drain(4);
        assert_eq!(text.place(0, false), Place { offset: 30, line: 3, column: 1 });
    }
}
