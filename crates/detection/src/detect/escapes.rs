//! Decodes one escaped character: `%4B`, `\x4b`, `\u004b`, `\113`, `&#75;`, `=4B` and variants.
//!
//! Handles single characters only; `view` applies them to whole strings.

use super::byte_set::nibble;
use crate::finding::Encoding;

/// Replacement for any character outside ASCII. Credentials are ASCII, so the actual character never matters.
pub(crate) const OTHER: u8 = 0xFF;

/// One decoded escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// The decoded character, or [`OTHER`].
    pub(crate) byte: u8,
    /// Offset after the escape.
    pub(crate) end: usize,
    /// Kind of escape.
    pub(crate) kind: Encoding,
    /// Number of times the same escape was applied: 2 for `%254B`.
    pub(crate) times: u8,
}

/// Returns whether an escape may start with this byte.
#[inline]
pub(crate) fn starts(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'=')
}

/// Decodes the escape at `at`, if there is one. `quoted_printable` enables `=4B`; in most text the `=` is an
/// assignment.
pub(crate) fn step(raw: &[u8], at: usize, quoted_printable: bool) -> Option<Step> {
    match *raw.get(at)? {
        b'%' => percent(raw, at),
        b'\\' => backslash(raw, at),
        b'&' => entity(raw, at),
        b'=' if quoted_printable => {
            let byte = pair(raw, at + 1)?;
            let upper = raw[at + 1..at + 3].iter().all(|b| !b.is_ascii_lowercase());
            (upper && (0x20..0x7F).contains(&byte)).then_some(Step {
                byte,
                end: at + 3,
                kind: Encoding::QuotedPrintable,
                times: 1,
            })
        }
        _ => None,
    }
}

/// Returns the value of two hexadecimal digits at `at`.
pub(crate) fn pair(raw: &[u8], at: usize) -> Option<u8> {
    Some(nibble(*raw.get(at)?)? << 4 | nibble(*raw.get(at + 1)?)?)
}

/// Reads `min` to `max` hexadecimal digits at `at`. Returns the value and the offset after them.
fn digits(raw: &[u8], at: usize, min: usize, max: usize) -> Option<(u32, usize)> {
    let count = raw[at.min(raw.len())..].iter().take(max).take_while(|b| b.is_ascii_hexdigit()).count();
    if count < min {
        return None;
    }
    let value = raw[at..at + count].iter().filter_map(|&b| nibble(b)).fold(0, |v, n| v << 4 | u32::from(n));
    Some((value, at + count))
}

fn character(value: u32) -> u8 {
    if value < 0x80 { value as u8 } else { OTHER }
}

fn percent(raw: &[u8], at: usize) -> Option<Step> {
    let mut from = at + 1;
    let mut times = 1;
    while raw.get(from..from + 2) == Some(b"25") && pair(raw, from + 2).is_some() && times < 8 {
        from += 2;
        times += 1;
    }
    if raw.get(from) == Some(&b'u') {
        let (value, end) = digits(raw, from + 1, 4, 4)?;
        return Some(Step { byte: character(value), end, kind: Encoding::UnicodeEscape, times: 1 });
    }
    let byte = pair(raw, from)?;
    if let Some((inner, end)) = (byte == b'%').then(|| escaped_digits(raw, from + 2)).flatten() {
        return Some(Step { byte: character(u32::from(inner)), end, kind: Encoding::Percent, times: 2 });
    }
    Some(Step { byte: character(u32::from(byte)), end: from + 2, kind: Encoding::Percent, times })
}

/// Reads two hexadecimal digits that are themselves percent-encoded, as in `%25%34%42`. Returns the value and the
/// offset after them.
fn escaped_digits(raw: &[u8], at: usize) -> Option<(u8, usize)> {
    let digit = |from: usize| (raw.get(from) == Some(&b'%')).then(|| nibble(pair(raw, from + 1)?)).flatten();
    Some((digit(at)? << 4 | digit(at + 3)?, at + 6))
}

fn backslash(raw: &[u8], at: usize) -> Option<Step> {
    let slashes = raw[at..].iter().take(16).take_while(|&&b| b == b'\\').count();
    let from = at + slashes;
    let times = if slashes > 1 { 2 } else { 1 };
    let made = |(value, end): (u32, usize), kind| Some(Step { byte: character(value), end, kind, times });
    match *raw.get(from)? {
        b'x' => made(braced(raw, from + 1).or_else(|| digits(raw, from + 1, 2, 2))?, Encoding::HexEscape),
        b'u' => made(braced(raw, from + 1).or_else(|| digits(raw, from + 1, 4, 4))?, Encoding::UnicodeEscape),
        b'U' => made(digits(raw, from + 1, 8, 8)?, Encoding::UnicodeEscape),
        b'0'..=b'7' => made(octal(raw, from)?, Encoding::OctalEscape),
        _ if slashes > 1 => plain_escape(b'\\', at + 2),
        b'n' => plain_escape(b'\n', from + 1),
        b'r' => plain_escape(b'\r', from + 1),
        b't' => plain_escape(b'\t', from + 1),
        mark if mark.is_ascii_punctuation() => plain_escape(mark, from + 1),
        _ => None,
    }
}

fn plain_escape(byte: u8, end: usize) -> Option<Step> {
    Some(Step { byte, end, kind: Encoding::StringEscape, times: 1 })
}

fn braced(raw: &[u8], at: usize) -> Option<(u32, usize)> {
    if raw.get(at) != Some(&b'{') {
        return None;
    }
    let (value, end) = digits(raw, at + 1, 1, 6)?;
    (raw.get(end) == Some(&b'}')).then_some((value, end + 1))
}

/// Decodes `\113` and `\0113`; shorter forms are back-references and NULs.
fn octal(raw: &[u8], at: usize) -> Option<(u32, usize)> {
    let from = if raw.get(at) == Some(&b'0') && raw.get(at + 1) == Some(&b'1') { at + 1 } else { at };
    let text = raw.get(from..from + 3)?;
    let value =
        text.iter().try_fold(0u32, |v, b| matches!(b, b'0'..=b'7').then(|| v << 3 | u32::from(b - b'0')))?;
    Some((value, from + 3))
}

/// Named entities that can occur in or next to a credential.
const NAMED: [(&[u8], u8); 11] = [
    (b"lowbar;", b'_'),
    (b"UnderBar;", b'_'),
    (b"hyphen;", b'-'),
    (b"dash;", b'-'),
    (b"quot;", b'"'),
    (b"apos;", b'\''),
    (b"amp;", b'&'),
    (b"lt;", b'<'),
    (b"gt;", b'>'),
    (b"plus;", b'+'),
    (b"equals;", b'='),
];

fn entity(raw: &[u8], at: usize) -> Option<Step> {
    let escaped = raw.get(at + 1..at + 6) == Some(b"amp;#");
    let (from, times) = if escaped { (at + 5, 2) } else { (at + 1, 1) };
    let kind = Encoding::HtmlEntity;
    if raw.get(from) != Some(&b'#') {
        let rest = &raw[from.min(raw.len())..];
        let &(name, byte) = NAMED.iter().find(|(name, _)| rest.starts_with(name))?;
        return Some(Step { byte, end: from + name.len(), kind, times });
    }
    let (value, end) = match raw.get(from + 1)? {
        b'x' | b'X' => digits(raw, from + 2, 1, 8)?,
        _ => decimal(raw, from + 1, 8)?,
    };
    let end = if raw.get(end) == Some(&b';') { end + 1 } else { end };
    Some(Step { byte: character(value), end, kind, times })
}

/// Reads up to `max` decimal digits at `at`. Returns the value and the offset after them.
pub(crate) fn decimal(raw: &[u8], at: usize, max: usize) -> Option<(u32, usize)> {
    let count = raw[at.min(raw.len())..].iter().take(max).take_while(|b| b.is_ascii_digit()).count();
    // Ten digits may exceed 32 bits.
    let digit = |b: &u8| u32::from(b - b'0');
    let value = raw[at..at + count].iter().fold(0u32, |v, b| v.saturating_mul(10).saturating_add(digit(b)));
    (count > 0).then_some((value, at + count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<(char, usize, Encoding, u8)> {
        step(text.as_bytes(), 0, true).map(|s| (char::from(s.byte), s.end, s.kind, s.times))
    }

    #[test]
    fn every_escape_of_k() {
        use Encoding::*;
        let ways = [
            ("%4B", Percent, 1),
            ("%4b", Percent, 1),
            ("%254B", Percent, 2),
            ("%25254B", Percent, 3),
            ("%25%34%42", Percent, 2),
            (r"\x4b", HexEscape, 1),
            (r"\\x4b", HexEscape, 2),
            (r"\x{4b}", HexEscape, 1),
            (r"\u004B", UnicodeEscape, 1),
            (r"\u{4b}", UnicodeEscape, 1),
            (r"\U0000004B", UnicodeEscape, 1),
            ("%u004B", UnicodeEscape, 1),
            (r"\113", OctalEscape, 1),
            (r"\0113", OctalEscape, 1),
            ("&#75;", HtmlEntity, 1),
            ("&#0075;", HtmlEntity, 1),
            ("&#x4b;", HtmlEntity, 1),
            ("&amp;#75;", HtmlEntity, 2),
            ("=4B", QuotedPrintable, 1),
        ];
        for (text, kind, times) in ways {
            assert_eq!(one(text), Some(('K', text.len(), kind, times)), "{text}");
        }
    }

    #[test]
    fn number_above_32_bits_is_not_a_character() {
        assert_eq!(decimal(b"4294967299", 0, 10), Some((u32::MAX, 10)));
    }

    #[test]
    fn other_characters() {
        assert_eq!(one("&lowbar;x").map(|s| s.0), Some('_'));
        assert_eq!(one(r"\_").map(|s| s.0), Some('_'));
        assert_eq!(one(r"\u00e9").map(|s| s.0), Some('\u{ff}'));
        assert_eq!(one(r"\\"), None);
        assert_eq!(one(r#"\\""#).map(|s| (s.0, s.1)), Some(('\\', 2)));
        for not in ["%zz", "=4b", "=\n", "&foo;", r"\", "%", "&#;", r"\q", "&"] {
            assert_eq!(one(not), None, "{not}");
        }
    }

    #[test]
    fn line_ends_and_tabs_have_letter_escapes() {
        for (text, byte) in [(r"\nx", '\n'), (r"\rx", '\r'), (r"\tx", '\t')] {
            assert_eq!(one(text), Some((byte, 2, Encoding::StringEscape, 1)), "{text}");
        }
    }

    #[test]
    fn nested_escapes() {
        use Encoding::*;
        let percent = |times: usize| format!("%{}4B", "25".repeat(times));
        assert_eq!(one(&percent(7)), Some(('K', 17, Percent, 8)));
        assert_eq!(one(&percent(8)), Some(('%', 17, Percent, 8)));
        assert_eq!(one("&amp;amp;#75;"), Some(('&', 5, HtmlEntity, 1)));
        assert_eq!(one("&amp;#x4B;"), Some(('K', 10, HtmlEntity, 2)));
        assert_eq!(one("&amp;lowbar;"), Some(('&', 5, HtmlEntity, 1)));
        assert_eq!(one("&amp;#75"), Some(('K', 8, HtmlEntity, 2)));
        assert_eq!(one("&#128;").map(|s| s.0), Some('\u{ff}'));
        assert_eq!(one("&#127;").map(|s| s.0), Some('\u{7f}'));
    }
}
