//! Long runs of base64 characters, found by samples: the cheap test that spares most content the search for what can
//! only stand in such runs.

use std::ops::Range;

/// Bytes of one sample.
const SAMPLE: usize = 16;
/// Bytes from one sample to the next. Two samples in a row lie inside every run of `SAMPLE + 2 * STRIDE - 1` = 63
/// bytes; base64 is broken into lines of 64 or 76.
const STRIDE: usize = 24;
/// Bytes on either side of two such samples that may belong to the run without being sampled.
const REACH: usize = 2 * STRIDE;

/// Iterates over the parts of some content that hold long runs, in order and without overlap.
pub(crate) struct Runs<'r> {
    raw: &'r [u8],
    at: usize,
    to: usize,
    floor: usize,
}

impl<'r> Runs<'r> {
    /// Looks between `from` and `to`.
    pub(crate) fn new(raw: &'r [u8], from: usize, to: usize) -> Self {
        // A run may have begun before: the first samples lie there.
        Self { raw, at: from.saturating_sub(REACH), to: to.min(raw.len()), floor: from }
    }

    fn sampled(&self, at: usize) -> bool {
        self.raw.get(at..at + SAMPLE).is_some_and(is_base64)
    }

    /// Whether a run reaches from one sample to the next.
    fn holds(&self, at: usize) -> bool {
        self.sampled(at) && self.sampled(at + STRIDE)
    }
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        while self.at < self.to && !self.holds(self.at) {
            self.at += STRIDE;
        }
        if self.at >= self.to {
            return None;
        }
        let start = self.at.saturating_sub(REACH).max(self.floor);
        while self.at < self.to && self.holds(self.at) {
            self.at += STRIDE;
        }
        let end = (self.at + STRIDE + SAMPLE + REACH).min(self.to);
        self.floor = end;
        (start < end).then_some(start..end)
    }
}

/// Whether all of a sample could be base64, in either alphabet. Written without branches, so that the compiler makes
/// a few vector instructions of it.
#[inline]
fn is_base64(sample: &[u8]) -> bool {
    let other = sample.iter().fold(0u8, |other, &byte| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        let mark = (byte == b'+') | (byte == b'/') | (byte == b'-') | (byte == b'_');
        other | u8::from(!(letter | digit | mark))
    });
    other == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_of_63_is_covered_wherever_it_lies() {
        for start in 0..200 {
            for length in [63, 64, 76, 300] {
                let mut raw = vec![b' '; 600];
                raw[start..start + length].fill(b'Q');
                let ranges: Vec<Range<usize>> = Runs::new(&raw, 0, raw.len()).collect();
                let covered = |at: usize| ranges.iter().any(|range| range.contains(&at));
                assert!((start..start + length).all(covered), "{start} {length} {ranges:?}");
                assert!(ranges.windows(2).all(|two| two[0].end <= two[1].start));
            }
        }
    }

    #[test]
    fn plain_text_has_none() {
        let text = "the quick brown fox jumps over /usr/share/dictionary ".repeat(40);
        assert_eq!(Runs::new(text.as_bytes(), 0, text.len()).count(), 0);
    }
}
