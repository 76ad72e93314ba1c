//! Lines and columns of offsets in content that is read in chunks.

/// Character encoding of the content, as far as lines and columns depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Charset {
    /// Single bytes: ASCII, UTF-8 or other.
    #[default]
    Bytes,
    /// UTF-16; `true` for little-endian.
    Utf16(bool),
    /// UTF-32; `true` for little-endian.
    Utf32(bool),
}

impl Charset {
    /// Number of bytes at the start of the content that determine the charset.
    pub(crate) const SNIFFED: usize = 256;

    /// Detects the charset of content that starts with `head`: by its byte order mark, or by zeros in the other bytes
    /// of characters.
    pub(crate) fn sniff(head: &[u8]) -> Self {
        match head {
            [0xFF, 0xFE, 0, 0, ..] => Self::Utf32(true),
            [0, 0, 0xFE, 0xFF, ..] => Self::Utf32(false),
            [0xFF, 0xFE, text @ ..] if !is_plain(text) => Self::Utf16(true),
            [0xFE, 0xFF, text @ ..] if !is_plain(text) => Self::Utf16(false),
            _ => Self::by_zeros(&head[..head.len().min(Self::SNIFFED)]),
        }
    }

    fn by_zeros(head: &[u8]) -> Self {
        if head.len() < 16 || memchr::memchr(0, head).is_none() {
            return Self::Bytes;
        }
        let mut zeros = [0_u32; 4];
        for four in head.chunks_exact(4) {
            for (zeros, byte) in zeros.iter_mut().zip(four) {
                *zeros += u32::from(*byte == 0);
            }
        }
        let quarter = (head.len() / 4) as u32;
        let most = |count: u32| count * 10 >= quarter * 9;
        match zeros.map(most) {
            [false, true, true, true] => Self::Utf32(true),
            [true, true, true, false] => Self::Utf32(false),
            [false, true, false, true] => Self::Utf16(true),
            [true, false, true, false] => Self::Utf16(false),
            _ => Self::Bytes,
        }
    }

    /// Returns the size of a code unit in bytes, and whether the low byte comes first.
    pub(crate) fn unit(self) -> (usize, bool) {
        match self {
            Self::Bytes => (1, true),
            Self::Utf16(little) => (2, little),
            Self::Utf32(little) => (4, little),
        }
    }
}

/// Returns whether `text` starts with single-byte ASCII, despite a byte order mark before it.
fn is_plain(text: &[u8]) -> bool {
    text.len() >= 8 && text.iter().take(64).all(|byte| matches!(byte, b'\t'..=b'\r' | b' '..=b'~'))
}

/// A position that advances through the content and knows its line and column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    charset: Charset,
    line: u64,
    column: u64,
}

impl Place {
    /// Creates the position at the start of content in `charset`.
    pub(crate) fn new(charset: Charset) -> Self {
        Self { charset, line: 1, column: 1 }
    }

    /// Returns the 1-based line and column; columns count Unicode characters.
    pub(crate) fn get(&self) -> (u64, u64) {
        (self.line, self.column)
    }

    /// Advances over `bytes`.
    pub(crate) fn advance(&mut self, bytes: &[u8]) {
        self.advance_known(bytes, || newlines(bytes));
    }

    /// Advances over `bytes`. `lines` returns the number of newlines (single bytes) in them, and is called only if it
    /// is needed.
    pub(crate) fn advance_known(&mut self, bytes: &[u8], lines: impl FnOnce() -> u64) {
        let (width, little) = self.charset.unit();
        if width > 1 {
            return self.advance_units(bytes, width, little);
        }
        let last = memchr::memrchr(b'\n', bytes);
        if last.is_some() {
            self.line += lines();
            self.column = 1;
        }
        self.column += characters(last.map_or(bytes, |at| &bytes[at + 1..]));
    }

    fn advance_units(&mut self, bytes: &[u8], width: usize, little: bool) {
        for unit in bytes.chunks_exact(width) {
            let value = if little {
                unit.iter().rev().fold(0u32, |v, &b| v << 8 | u32::from(b))
            } else {
                unit.iter().fold(0u32, |v, &b| v << 8 | u32::from(b))
            };
            if value == u32::from(b'\n') {
                self.line += 1;
                self.column = 1;
            } else if !(0xDC00..0xE000).contains(&value) && value != 0xFEFF {
                self.column += 1;
            }
        }
    }
}

/// Returns the number of newlines in `bytes`.
pub(crate) fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Returns the number of characters in UTF-8 text: all bytes except continuation bytes, without a byte order mark.
fn characters(text: &[u8]) -> u64 {
    let mark = u64::from(text.starts_with(b"\xEF\xBB\xBF"));
    // Byte sums over short chunks can be vectorized.
    let in_piece =
        |piece: &[u8]| u64::from(piece.iter().map(|&byte| u8::from(byte & 0xC0 != 0x80)).sum::<u8>());
    text.chunks(192).map(in_piece).sum::<u64>() - mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_independent_of_chunks() {
        let text = "aé\nβγδ\n\nxyz".as_bytes();
        for cut in 0..=text.len() {
            let mut place = Place::new(Charset::Bytes);
            place.advance(&text[..cut]);
            place.advance(&text[cut..]);
            assert_eq!(place.get(), (4, 4), "cut at {cut}");
        }
    }

    #[test]
    fn wide_text_is_detected_with_and_without_bom() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(Charset::sniff(&wide("\u{feff}ab")), Charset::Utf16(true));
        assert_eq!(Charset::sniff(&wide("TELNYX_API_KEY=1")), Charset::Utf16(true));
        assert_eq!(Charset::sniff(b"TELNYX_API_KEY=1"), Charset::Bytes);
        assert_eq!(Charset::sniff(&[0; 64]), Charset::Bytes);
        let mut place = Place::new(Charset::Utf16(true));
        place.advance(&wide("\u{feff}a\nb\u{10A}😀"));
        assert_eq!(place.get(), (2, 4));
    }

    #[test]
    fn byte_order_marks_and_zero_patterns() {
        for (head, charset) in [
            (&b"\xFF\xFEa\0"[..], Charset::Utf16(true)),
            (b"\xFE\xFF\0a", Charset::Utf16(false)),
            (b"\xFF\xFE\0\0a\0\0\0", Charset::Utf32(true)),
            (b"\0\0\xFE\xFF\0\0\0a", Charset::Utf32(false)),
            // A byte order mark before ASCII is a mistake; before very few bytes it is ambiguous.
            (b"\xFF\xFEplain text", Charset::Bytes),
            (b"\xFE\xFFplain text", Charset::Bytes),
            (b"\xFF\xFEplainte", Charset::Utf16(true)),
            (b"\xFF\xFEplaintex", Charset::Bytes),
            (b"\xFF\xFEpl\tin te\x7f", Charset::Utf16(true)),
            (b"a\0b\0c\0d\0e\0f\0g\0h\0", Charset::Utf16(true)),
            (b"a\0b\0c\0d\0e\0f\0g\0h", Charset::Bytes),
            (b"\0a\0b\0c\0d\0e\0f\0g\0h", Charset::Utf16(false)),
            (b"a\0\0\0b\0\0\0c\0\0\0d\0\0\0", Charset::Utf32(true)),
            (b"\0\0\0a\0\0\0b\0\0\0c\0\0\0d", Charset::Utf32(false)),
        ] {
            assert_eq!(Charset::sniff(head), charset, "{head:?}");
        }
        // At least nine of ten characters must be ASCII.
        let mostly = |others: usize| {
            let units = (0..40).flat_map(|at| if at < others { [b'x', 1] } else { [b'x', 0] });
            Charset::sniff(&units.collect::<Vec<u8>>())
        };
        assert_eq!((mostly(2), mostly(10)), (Charset::Utf16(true), Charset::Bytes));
    }

    #[test]
    fn columns_in_wide_text_count_characters() {
        let text = "a\nb\u{10A}\u{A0A}😀c\n\nde";
        let units: [(Charset, Vec<u8>); 4] = [
            (Charset::Utf16(true), text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            (Charset::Utf16(false), text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            (Charset::Utf32(true), text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
            (Charset::Utf32(false), text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect()),
        ];
        for (charset, bytes) in units {
            let mut place = Place::new(charset);
            place.advance(&bytes);
            assert_eq!(place.get(), (4, 3), "{charset:?}");
        }
    }

    #[test]
    fn byte_order_mark_is_not_a_character() {
        let mut place = Place::new(Charset::Bytes);
        place.advance("\u{feff}ab".as_bytes());
        assert_eq!(place.get(), (1, 3));
        let long = "é".repeat(1000);
        place.advance(long.as_bytes());
        assert_eq!(place.get(), (1, 1003));
    }
}
