//! Masks that replace credentials in the output.

use std::ops::Range;

use crate::detect::StreamMatch;
use crate::finding::{Encoding, Severity};

/// Maximum length of the rest of a hex dump line after the last byte of a key, in bytes: the same bytes as plain text.
const MAX_DUMP_REST_BYTES: usize = 120;

/// How masks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MaskStyle {
    /// As in reports, with an ellipsis and in marks if the credential is encoded.
    #[default]
    Marked,
    /// With letters, digits and `_.-` only, so that a file of any format and character set stays valid.
    Plain,
    /// As [`Self::Plain`], in as many bytes as the credential has.
    SameLength,
}

/// A range of the content that is replaced, and its replacement.
#[derive(Debug, Clone)]
pub(super) struct Mask {
    /// Offsets in the content.
    pub(super) span: Range<u64>,
    shown: String,
    rank: (u32, bool),
    wide: Option<Encoding>,
    /// Whether this is a part of a credential in several records.
    pub(super) is_part: bool,
    /// Whether another part is before it.
    pub(super) continues: bool,
}

impl Mask {
    /// Returns the parts of this mask over the `runs` of content that contain the credential.
    pub(super) fn over(&self, runs: &[Range<u64>]) -> Vec<Self> {
        let part = |(index, span): (usize, &Range<u64>)| {
            let shown = format!("‹joined: {}›", self.shown.trim_start_matches('‹').trim_end_matches('›'));
            let rank = (self.rank.0, false);
            Self { span: span.clone(), shown, rank, wide: None, is_part: true, continues: index > 0 }
        };
        runs.iter().enumerate().map(part).collect()
    }

    /// Creates the mask for a secret in `raw`, which starts at offset `base`. Returns `None` if the secret is not
    /// masked or ends before `earliest`; the mask never starts before `earliest`.
    pub(super) fn new(found: &StreamMatch, raw: &[u8], base: u64, earliest: u64) -> Option<Self> {
        if found.severity < Severity::Warning && !found.expires {
            return None;
        }
        let compressed = found.encoding.iter().any(|kind| kind.is_container());
        let end = match found.encoding.first() {
            Some(Encoding::Hex) => end_of_dump(raw, &found.span),
            Some(Encoding::Base64 | Encoding::Base64Url) if compressed => end_of_base64(raw, &found.span),
            _ => found.span.end,
        };
        let wide = found.encoding.first().copied().filter(|kind| {
            matches!(kind, Encoding::Utf16Le | Encoding::Utf16Be | Encoding::Utf32Le | Encoding::Utf32Be)
        });
        let (start, end) = (base + found.span.start as u64, base + end as u64);
        let span = start.max(earliest)..end;
        let rank = (found.rank, found.encoding.is_empty());
        (span.start < span.end).then(|| Self {
            span,
            shown: quoted_in_list(found, raw),
            rank,
            wide,
            is_part: false,
            continues: false,
        })
    }

    /// Takes the text of `other`, a mask of the same range, if that has a higher rank. The result does not depend on the
    /// order in which streams are searched.
    pub(super) fn prefer(&mut self, other: Self) {
        if (other.rank, &self.shown) > (self.rank, &other.shown) {
            *self = other;
        }
    }

    /// Extends the mask to cover `other`. The text of the mask with the higher rank is kept.
    pub(super) fn unite(&mut self, other: Self) {
        let span = self.span.start.min(other.span.start)..self.span.end.max(other.span.end);
        if other.rank > self.rank {
            *self = other;
        }
        self.span = span;
    }

    /// Returns the replacement bytes, as wide as the credential, for the last `length` bytes of the range. If the start
    /// of the credential has already been written, this is only an ellipsis.
    pub(super) fn text(&self, is_cut: bool, length: usize, style: MaskStyle) -> Vec<u8> {
        let marked = if is_cut || self.continues { "…" } else { &self.shown };
        let text = match style {
            MaskStyle::Marked => marked.to_owned(),
            MaskStyle::Plain => plain(self.without_width(marked)),
            MaskStyle::SameLength => filled(&plain(self.without_width(marked)), length / self.width()),
        };
        let mut bytes: Vec<u8> = match self.wide {
            Some(Encoding::Utf16Le) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Some(Encoding::Utf16Be) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Some(Encoding::Utf32Le) => text.chars().flat_map(|one| u32::from(one).to_le_bytes()).collect(),
            Some(Encoding::Utf32Be) => text.chars().flat_map(|one| u32::from(one).to_be_bytes()).collect(),
            _ => text.into_bytes(),
        };
        if style == MaskStyle::SameLength {
            bytes.resize(length, 0);
        }
        bytes
    }

    /// Removes the name of the encoding that the mask has, too.
    fn without_width<'t>(&self, marked: &'t str) -> &'t str {
        let inner = self.wide.and_then(|kind| marked.strip_prefix('‹')?.strip_prefix(kind.as_str()));
        inner.map_or(marked, |inner| inner.trim_start_matches([',', ':', ' ']))
    }

    /// Returns the number of bytes of a character of the credential.
    fn width(&self) -> usize {
        match self.wide {
            Some(Encoding::Utf16Le | Encoding::Utf16Be) => 2,
            Some(Encoding::Utf32Le | Encoding::Utf32Be) => 4,
            _ => 1,
        }
    }
}

/// Returns a mask in ASCII, without characters that have a meaning in any format. Quotation marks around it stay.
fn plain(marked: &str) -> String {
    let text = marked.replace(['‹', '›'], "").replace(": ", ".").replace(", ", ".").replace('…', "...");
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-\"".contains(c) { c } else { '.' }).collect()
}

/// Returns a mask of `length` characters.
fn filled(text: &str, length: usize) -> String {
    let start = if text.len() <= length { text } else { "" };
    format!("{start:*<length$}")
}

/// Returns the replacement of a credential: in quotation marks if it replaces numbers of a list, which stays valid JSON.
fn quoted_in_list(found: &StreamMatch, raw: &[u8]) -> String {
    let before = raw.get(..found.span.start).and_then(|before| before.trim_ascii_end().last());
    let after = raw.get(found.span.end..).and_then(|after| after.trim_ascii_start().first());
    let is_list = matches!(before, Some(b'[' | b',')) && matches!(after, Some(b']' | b','));
    if found.encoding.first() == Some(&Encoding::CharCodes) && is_list {
        return format!("\"{}\"", found.shown());
    }
    found.shown()
}

/// Returns the end of the hex dump line that contains the last byte of a key, or the end of the key if it is on one
/// line.
fn end_of_dump(raw: &[u8], span: &Range<usize>) -> usize {
    if memchr::memchr(b'\n', &raw[span.clone()]).is_none() {
        return span.end;
    }
    let rest = &raw[span.end..raw.len().min(span.end + MAX_DUMP_REST_BYTES)];
    span.end + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
}

/// Returns the end of the base64 text of compressed data. The decoder continues over line ends and string separators,
/// but a line of other text after the data is not masked.
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
        Mask { span, shown: shown.into(), rank: (rank, true), wide: None, is_part: false, continues: false }
    }

    #[test]
    fn united_mask_keeps_text_of_higher_rank() {
        for (first, second, shown) in [(1, 2, "b"), (2, 1, "a"), (1, 1, "a")] {
            let mut one = mask(5..10, "a", first);
            one.unite(mask(3..8, "b", second));
            assert_eq!((one.span.clone(), one.shown.as_str()), (3..10, shown));
            one.unite(mask(9..12, "a", 0));
            assert_eq!((one.span, one.shown.as_str()), (3..12, shown));
        }
    }

    #[test]
    fn mask_is_as_wide_as_credential() {
        let text = |wide| Mask { wide: Some(wide), ..mask(0..1, "ä", 0) }.text(false, 1, MaskStyle::Marked);
        assert_eq!(text(Encoding::Utf16Le), [0xe4, 0]);
        assert_eq!(text(Encoding::Utf16Be), [0, 0xe4]);
        assert_eq!(text(Encoding::Utf32Le), [0xe4, 0, 0, 0]);
        assert_eq!(text(Encoding::Utf32Be), [0, 0, 0, 0xe4]);
        assert_eq!(mask(0..1, "ä", 0).text(false, 1, MaskStyle::Marked), "ä".as_bytes());
        assert_eq!(mask(0..1, "ä", 0).text(true, 1, MaskStyle::Marked), "…".as_bytes());
    }

    #[test]
    fn plain_masks_are_ascii_and_may_keep_the_length() {
        let shown = "‹base64, gzip: KEY01_hw…dG›";
        assert_eq!(mask(0..1, shown, 0).text(false, 1, MaskStyle::Plain), b"base64.gzip.KEY01_hw...dG");
        assert_eq!(mask(0..1, "KEY_a…b", 0).text(false, 12, MaskStyle::SameLength), b"KEY_a...b***");
        assert_eq!(mask(0..1, "KEY_a…b", 0).text(false, 5, MaskStyle::SameLength), b"*****");
        let wide = Mask { wide: Some(Encoding::Utf16Le), ..mask(0..1, "a", 0) };
        assert_eq!(wide.text(false, 4, MaskStyle::SameLength), b"a\0*\0");
        let named = Mask { shown: "‹utf-16le: a›".into(), ..wide };
        assert_eq!(named.text(false, 4, MaskStyle::Plain), b"a\0");
        assert_eq!(mask(0..1, "\"a…\"", 0).text(false, 1, MaskStyle::Plain), b"\"a...\"");
    }

    #[test]
    fn rest_of_dump_line_is_limited() {
        let raw = format!("ab\ncd{}", "x".repeat(500));
        assert_eq!(end_of_dump(raw.as_bytes(), &(1..5)), 5 + MAX_DUMP_REST_BYTES);
        assert_eq!(end_of_dump(raw.as_bytes(), &(3..5)), 5);
        assert_eq!(end_of_dump(b"ab\ncd efg\nhi", &(1..5)), 9);
    }
}
