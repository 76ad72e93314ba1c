//! A prefilter for parts of a content: can a finding start there?
//!
//! `true` means "maybe": the caller must scan the content. Decodes nothing and applies no rule.

use std::ops::Range;

use super::encoding::{Candidate, Interpretation};
use super::line_counter::Charset;
use super::{Detector, separators};

/// Maximum number of bytes after a range in which the searched piece of an anchor may be if the anchor starts in the
/// range: a separator may precede that piece.
const REACH: usize = separators::LONGEST + 16;

impl Detector {
    /// Returns whether a finding may start in one of `ranges` of `content` (sorted, disjoint byte ranges; bytes after
    /// the end of the content are ignored). If `false`, no anchor of any rule is there in any form.
    ///
    /// `true` is weak: a verified anchor starts in a range or shortly after it, or a range shows that the content is
    /// UTF-16 or UTF-32, which only a scan can decide. Searches only the bytes of the ranges and a few after each; the
    /// verification of a hit reads the bytes around it.
    pub fn may_match(&self, content: &[u8], ranges: &[Range<usize>]) -> bool {
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

    /// Returns whether a hit that starts in `part` of `content` is verified.
    fn confirms(&self, content: &[u8], part: Range<usize>) -> bool {
        let outcome = self.searcher.each_hit(content, part, |hit, literal| {
            let candidate = Candidate::new(content, hit);
            let is_verified =
                |one: &Interpretation| candidate.verify(one, &self.anchors[one.anchor]).verified().is_some();
            if literal.uses.iter().any(is_verified) { Err(Suspect) } else { Ok(()) }
        });
        outcome.is_err()
    }
}

/// Ends the search at the first suspect.
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

    fn may_match(content: &str, range: Range<usize>) -> bool {
        detector().may_match(content.as_bytes(), std::slice::from_ref(&range))
    }

    #[test]
    fn only_ranges_with_anchors_are_suspect() {
        let filler = "nothing stands here\n".repeat(20);
        let content = format!("{filler}{}\n{filler}", key());
        let (start, end, length) = (filler.len(), filler.len() + key().len(), content.len());
        assert!(may_match(&content, start..end));
        assert!(may_match(&content, 0..length));
        assert!(may_match(&content, 0..length + 9));
        assert!(detector().may_match(content.as_bytes(), &[0..5, 20..20, start..start + 1]));
        assert!(!may_match(&content, 0..start - REACH));
        assert!(!may_match(&content, end..length));
        assert!(!may_match(&content, length + 5..length + 9));
        assert!(!detector().may_match(content.as_bytes(), &[]));
        assert!(!detector().may_match(b"", &[0..0, 0..7]));
    }

    #[test]
    fn anchor_split_at_the_end_of_a_range() {
        let key = key();
        let (head, tail) = key.split_at(2);
        let content = format!("key = \"{head}\" +\n    \"{tail}\"\n");
        let end = content.find('\n').unwrap() + 1;
        assert!(may_match(&content, 0..end));
    }

    #[test]
    fn wide_text_is_always_suspect() {
        let content = "p\0l\0a\0i\0n\0 \0".repeat(9);
        assert!(may_match(&content, 0..10));
        assert!(!may_match(&content, 10..10));
    }
}
