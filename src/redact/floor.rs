//! How far back a credential may begin whose anchor stands at some place. It says so from the content alone, so that
//! what is masked does not depend on what has left already.

use crate::assignments::{first_value, last_stem};

/// Bytes before an anchor in which its credential may begin, on a line without an end.
const BACK: usize = 2048;
/// Bytes before an anchor in which a value may be that belongs to it: those in which the detector reads names.
const ABOVE: usize = crate::detect::SURROUNDINGS;

/// Offset in `content` of the beginning of the line of `at`, or of a place near it on a long line.
pub(super) fn line(content: &[u8], at: usize) -> usize {
    let at = at.min(content.len());
    let low = at.saturating_sub(BACK);
    memchr::memrchr(b'\n', &content[low..at]).map_or(low, |newline| low + newline + 1)
}

/// Offset in `content` before which nothing belongs to a credential whose anchor stands at `at` or follows it: the
/// beginning of the line, or that of a value on the lines before it that has the name of a secret.
pub(super) fn floor(content: &[u8], at: usize) -> usize {
    let line = line(content, at);
    above(content, line).map_or(line, |value| line.min(value))
}

/// Offset of the first value before the line at `line`.
fn above(content: &[u8], line: usize) -> Option<usize> {
    let from = line.saturating_sub(ABOVE);
    first_value(&content[from..line]).map(|value| from + value)
}

/// Bytes of the longest stem of a name, less one: it may begin in what was looked at before.
const STEM: u64 = 8;

/// Where values with the name of a secret are in content that arrives, so that lines are looked at once only.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// Offset up to which the content was looked at.
    seen: u64,
    /// Offset of the last place where a name may be.
    last: Option<u64>,
    /// Offsets of lines and of the first value before each.
    known: [Option<(u64, u64)>; 2],
}

impl Values {
    /// As [`floor`], for two places that move through the content: its end (0) and the first anchor that is not decided
    /// yet (1). `start` is the offset of the first byte of `content`.
    pub(super) fn floor(&mut self, content: &[u8], start: u64, (which, at): (usize, usize)) -> usize {
        let line = line(content, at);
        self.look(content, start);
        let offset = start + line as u64;
        if self.last.is_none_or(|last| last + (ABOVE as u64) < offset) {
            return line;
        }
        let known = self.known[which].filter(|(of, _)| *of == offset).map(|(_, value)| value);
        let value =
            known.unwrap_or_else(|| above(content, line).map_or(offset, |value| start + value as u64));
        self.known[which] = Some((offset, value));
        line.min(value.saturating_sub(start) as usize)
    }

    fn look(&mut self, content: &[u8], start: u64) {
        let from = self.seen.saturating_sub(STEM).max(start);
        if let Some(stem) = last_stem(&content[(from - start) as usize..]) {
            self.last = Some(from + stem as u64);
        }
        self.seen = start + content.len() as u64;
    }
}
