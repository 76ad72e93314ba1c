//! What stands in the place of a credential.

use std::ops::Range;

use crate::detect::Secreted;
use crate::finding::{Encoding, Severity};

/// Bytes that the rest of a dump's line may have behind the last byte of a key: the same text in clear.
const MARGIN: usize = 120;

/// A stretch of the content that does not leave, and what leaves in its place.
#[derive(Debug, Clone)]
pub(super) struct Mask {
    /// Offsets in the content.
    pub(super) span: Range<u64>,
    shown: String,
    rank: (u32, bool),
    wide: Option<Encoding>,
}

impl Mask {
    /// The mask for a secret in `raw`, which begins at offset `base`; none if the secret may be seen. Nothing before
    /// `earliest` is masked.
    pub(super) fn new(found: &Secreted, raw: &[u8], base: u64, earliest: u64) -> Option<Self> {
        if found.severity < Severity::Warning && !found.expires {
            return None;
        }
        let compressed = found.encoding.iter().any(|kind| matches!(kind, Encoding::Gzip | Encoding::Zlib));
        let end = match found.encoding.first() {
            Some(Encoding::Hex) => end_of_dump(raw, &found.span),
            _ if compressed => end_of_base64(raw, &found.span),
            _ => found.span.end,
        };
        let wide = found.encoding.first().copied().filter(|kind| {
            matches!(kind, Encoding::Utf16Le | Encoding::Utf16Be | Encoding::Utf32Le | Encoding::Utf32Be)
        });
        let (start, end) = (base + found.span.start as u64, base + end as u64);
        let span = start.max(earliest)..end;
        let rank = (found.rank, found.encoding.is_empty());
        (span.start < span.end).then(|| Self { span, shown: found.shown(), rank, wide })
    }

    /// Covers what `other` covers, too; the name of the one with the higher rank stays.
    pub(super) fn unite(&mut self, other: Self) {
        let span = self.span.start.min(other.span.start)..self.span.end.max(other.span.end);
        if other.rank > self.rank {
            *self = other;
        }
        self.span = span;
    }

    /// The bytes in its place, wide if the credential was; only a mark if its beginning has left already.
    pub(super) fn text(&self, is_cut: bool) -> Vec<u8> {
        let text = if is_cut { "…" } else { &self.shown };
        match self.wide {
            Some(Encoding::Utf16Le) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Some(Encoding::Utf16Be) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Some(Encoding::Utf32Le) => text.chars().flat_map(|one| u32::from(one).to_le_bytes()).collect(),
            Some(Encoding::Utf32Be) => text.chars().flat_map(|one| u32::from(one).to_be_bytes()).collect(),
            _ => text.as_bytes().to_vec(),
        }
    }
}

/// In a dump, the end of the line in which the last byte of a key stands; else the end of the key.
fn end_of_dump(raw: &[u8], span: &Range<usize>) -> usize {
    if memchr::memchr(b'\n', &raw[span.clone()]).is_none() {
        return span.end;
    }
    let rest = &raw[span.end..raw.len().min(span.end + MARGIN)];
    span.end + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
}

/// Where the base64 of compressed data ends. Its reader goes on over line ends and whatever else may join the pieces of a
/// string; a line of other text behind it is not masked.
fn end_of_base64(raw: &[u8], span: &Range<usize>) -> usize {
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=\"'\\, \t\r".contains(byte);
    let other = |at: &usize| {
        let rest = raw[at + 1..].trim_ascii_start();
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        !line.iter().all(of_base64) || line.trim_ascii().contains(&b' ')
    };
    memchr::memchr_iter(b'\n', &raw[span.clone()]).map(|at| span.start + at).find(other).unwrap_or(span.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(span: Range<u64>, shown: &str, rank: u32) -> Mask {
        Mask { span, shown: shown.into(), rank: (rank, true), wide: None }
    }

    #[test]
    fn two_that_overlap_cover_both_and_the_higher_rank_is_named() {
        for (first, second, shown) in [(1, 2, "b"), (2, 1, "a"), (1, 1, "a")] {
            let mut one = mask(5..10, "a", first);
            one.unite(mask(3..8, "b", second));
            assert_eq!((one.span.clone(), one.shown.as_str()), (3..10, shown));
            one.unite(mask(9..12, "a", 0));
            assert_eq!((one.span, one.shown.as_str()), (3..12, shown));
        }
    }

    #[test]
    fn a_mask_is_as_wide_as_its_credential() {
        let text = |wide| Mask { wide: Some(wide), ..mask(0..1, "ä", 0) }.text(false);
        assert_eq!(text(Encoding::Utf16Le), [0xe4, 0]);
        assert_eq!(text(Encoding::Utf16Be), [0, 0xe4]);
        assert_eq!(text(Encoding::Utf32Le), [0xe4, 0, 0, 0]);
        assert_eq!(text(Encoding::Utf32Be), [0, 0, 0, 0xe4]);
        assert_eq!(mask(0..1, "ä", 0).text(false), "ä".as_bytes());
        assert_eq!(mask(0..1, "ä", 0).text(true), "…".as_bytes());
    }

    #[test]
    fn the_rest_of_a_dump_has_an_end() {
        let raw = format!("ab\ncd{}", "x".repeat(500));
        assert_eq!(end_of_dump(raw.as_bytes(), &(1..5)), 5 + MARGIN);
        assert_eq!(end_of_dump(raw.as_bytes(), &(3..5)), 5);
        assert_eq!(end_of_dump(b"ab\ncd efg\nhi", &(1..5)), 9);
    }
}
