//! Computes how far back the credential of an anchor may begin. The result depends on the content alone, so the masked
//! ranges do not depend on what has already been written.

use crate::assignments::{first_value, last_stem};

/// Maximum number of bytes before an anchor at which its credential may begin on a long line.
const MAX_LINE_LOOKBACK_BYTES: usize = 2048;
/// Maximum number of bytes before an anchor at which a value that belongs to it may be; the detector reads names in the
/// same range.
const MAX_VALUE_LOOKBACK_BYTES: usize = crate::detect::SURROUNDINGS;

/// Returns the offset in `content` of the start of the line that contains `at`, at most [`MAX_LINE_LOOKBACK_BYTES`]
/// before `at`.
pub(super) fn line(content: &[u8], at: usize) -> usize {
    let at = at.min(content.len());
    let low = at.saturating_sub(MAX_LINE_LOOKBACK_BYTES);
    memchr::memrchr(b'\n', &content[low..at]).map_or(low, |newline| low + newline + 1)
}

/// Returns the offset in `content` before which nothing belongs to a credential whose anchor is at or after `at`: the
/// start of the line, or the first value with the name of a secret on the lines before it.
pub(super) fn floor(content: &[u8], at: usize) -> usize {
    let line = line(content, at);
    above(content, line).map_or(line, |value| line.min(value))
}

/// Returns the offset of the first value before the line that starts at `line`.
fn above(content: &[u8], line: usize) -> Option<usize> {
    let from = line.saturating_sub(MAX_VALUE_LOOKBACK_BYTES);
    first_value(&content[from..line]).map(|value| from + value)
}

/// Length of the longest stem of a name in bytes, rounded up: a stem may start in content that was already searched.
const MAX_STEM_OVERLAP_BYTES: u64 = 8;

/// Tracks the values with the name of a secret in arriving content, so that each line is searched only once.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// Offset up to which the content was searched for stems.
    seen: u64,
    /// Offset of the last stem.
    last: Option<u64>,
    /// For each of the two tracked offsets, the start of its line and the first value before it.
    known: [Option<(u64, u64)>; 2],
}

impl Values {
    /// Like [`floor`], for two offsets that advance through the content: its end (0) and the first undecided anchor
    /// (1).
    /// `start` is the offset of the first byte of `content`.
    pub(super) fn floor(&mut self, content: &[u8], start: u64, which: usize, at: usize) -> usize {
        let line = line(content, at);
        self.look(content, start);
        let offset = start + line as u64;
        if self.last.is_none_or(|last| last + (MAX_VALUE_LOOKBACK_BYTES as u64) < offset) {
            return line;
        }
        let known = self.known[which].filter(|(of, _)| *of == offset).map(|(_, value)| value);
        let value =
            known.unwrap_or_else(|| above(content, line).map_or(offset, |value| start + value as u64));
        self.known[which] = Some((offset, value));
        line.min(value.saturating_sub(start) as usize)
    }

    fn look(&mut self, content: &[u8], start: u64) {
        let from = self.seen.saturating_sub(MAX_STEM_OVERLAP_BYTES).max(start);
        if let Some(stem) = last_stem(&content[(from - start) as usize..]) {
            self.last = Some(from + stem as u64);
        }
        self.seen = start + content.len() as u64;
    }
}
