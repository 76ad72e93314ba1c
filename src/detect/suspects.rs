//! A first look at some parts of a piece of content: can a finding begin there at all?
//!
//! It only saves work: who gets a yes has to scan the content. It decodes nothing and tries no rule.

use std::ops::Range;

use super::forms::Use;
use super::lines::Charset;
use super::{Detector, confirm, joint};

/// Bytes behind a range in which the searched piece of an anchor may stand that begins in the range: a joint may cut
/// the anchor before that piece.
const REACH: usize = joint::LONGEST + 16;

impl Detector {
    /// Whether a finding may begin in one of `ranges` of `content` (byte offsets, ascending, disjoint; what lies
    /// behind the content's end is left out). If not, no anchor of any rule stands there in any form.
    ///
    /// A yes means little: a confirmed anchor begins in a range or shortly behind it, or a range shows the content to
    /// be text of two-byte or four-byte characters, which only a scan can tell. Only the bytes of the ranges and the
    /// few behind each are searched; confirming a hit looks at those around it.
    pub fn suspects(&self, content: &[u8], ranges: &[Range<usize>]) -> bool {
        let Some(first) = ranges.iter().find(|range| !range.is_empty()) else { return false };
        if first.start < Charset::SNIFFED && Charset::sniff(content).unit().0 > 1 {
            return true;
        }
        let mut done = 0;
        ranges.iter().filter(|range| !range.is_empty()).any(|range| {
            let from = range.start.max(done);
            done = content.len().min(range.end.saturating_add(REACH));
            from < done && self.confirms(content, from..done)
        })
    }

    /// Whether a hit that begins in `part` of `content` is confirmed.
    fn confirms(&self, content: &[u8], part: Range<usize>) -> bool {
        let outcome = self.searcher.each_hit(content, part, |hit, literal| {
            let place = confirm::Hit::new(content, hit);
            let confirmed = |one: &Use| confirm::confirm(&place, one, &self.anchors[one.anchor]).is_some();
            if literal.uses.iter().any(confirmed) { Err(Suspect) } else { Ok(()) }
        });
        outcome.is_err()
    }
}

/// Ends a search that has seen enough.
struct Suspect;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    fn key() -> String {
        format!("KEY{}_{}", "0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG")
    }

    fn detector() -> Detector {
        Detector::new(rules::builtin().unwrap(), false).unwrap()
    }

    fn suspects(content: &str, range: Range<usize>) -> bool {
        detector().suspects(content.as_bytes(), std::slice::from_ref(&range))
    }

    #[test]
    fn only_a_range_with_an_anchor_is_suspect() {
        let filler = "nothing stands here\n".repeat(20);
        let content = format!("{filler}{}\n{filler}", key());
        let (start, end, length) = (filler.len(), filler.len() + key().len(), content.len());
        assert!(suspects(&content, start..end));
        assert!(suspects(&content, 0..length));
        assert!(suspects(&content, 0..length + 9));
        assert!(detector().suspects(content.as_bytes(), &[0..5, 20..20, start..start + 1]));
        assert!(!suspects(&content, 0..start - REACH));
        assert!(!suspects(&content, end..length));
        assert!(!suspects(&content, length + 5..length + 9));
        assert!(!detector().suspects(content.as_bytes(), &[]));
        assert!(!detector().suspects(b"", &[0..0, 0..7]));
    }

    #[test]
    fn an_anchor_that_is_cut_at_the_end_of_a_range() {
        let key = key();
        let (head, tail) = key.split_at(2);
        let content = format!("key = \"{head}\" +\n    \"{tail}\"\n");
        let end = content.find('\n').unwrap() + 1;
        assert!(suspects(&content, 0..end));
    }

    #[test]
    fn wide_text_is_always_suspect() {
        let content = "p\0l\0a\0i\0n\0 \0".repeat(9);
        assert!(suspects(&content, 0..10));
        assert!(!suspects(&content, 10..10));
    }
}
