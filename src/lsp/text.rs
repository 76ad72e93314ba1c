//! The text of an open document: byte offsets for the scan, positions in the units of the client for the protocol.
//!
//! Lines end with LF, CRLF or CR, as the protocol says. The text is a rope, so an edit costs the logarithm of the
//! length, and so does a position.

use std::ops::Range;

use lsp_types::{Position, PositionEncodingKind, Range as Span};
use ropey::Rope;

/// What the characters of a position count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Units {
    /// Bytes of UTF-8.
    Utf8,
    /// Code units of UTF-16, the default of the protocol.
    #[default]
    Utf16,
    /// Unicode characters.
    Utf32,
}

impl Units {
    /// Returns the best units among those that the client offers: bytes, then characters, then UTF-16.
    pub fn negotiate(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offered = offered.unwrap_or_default();
        match offered {
            _ if offered.contains(&PositionEncodingKind::UTF8) => Self::Utf8,
            _ if offered.contains(&PositionEncodingKind::UTF32) => Self::Utf32,
            _ => Self::Utf16,
        }
    }

    /// Returns the name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }
}

/// A change of a text: the bytes from `start` to `old_end` became those from `start` to `new_end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// First changed byte.
    pub start: usize,
    /// End of the replaced bytes, in the text before the change.
    pub old_end: usize,
    /// End of the new bytes, in the text after it.
    pub new_end: usize,
}

/// A text with positions.
#[derive(Debug, Clone, Default)]
pub struct Text(Rope);

impl Text {
    /// Creates a text.
    pub fn new(text: &str) -> Self {
        Self(Rope::from_str(text))
    }

    /// Returns the length in bytes.
    pub fn len(&self) -> usize {
        self.0.len_bytes()
    }

    /// Returns whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the byte offset of a position. A position after the end of its line is that end; a line after the last
    /// one is the end of the text; a position inside a character is its start.
    pub fn offset(&self, position: Position, units: Units) -> usize {
        let line = position.line as usize;
        if line >= self.0.len_lines() {
            return self.len();
        }
        let (wanted, start) = (position.character as usize, self.0.line_to_char(line));
        let end = self.end_of_line(line);
        let char = match units {
            Units::Utf8 => {
                let at = self.0.char_to_byte(start).saturating_add(wanted);
                self.0.byte_to_char(at.min(self.len()))
            }
            Units::Utf16 => {
                let at = self.0.char_to_utf16_cu(start).saturating_add(wanted);
                self.0.utf16_cu_to_char(at.min(self.0.len_utf16_cu()))
            }
            Units::Utf32 => start.saturating_add(wanted),
        };
        self.0.char_to_byte(char.min(end))
    }

    /// Returns the character at which a line ends, before its terminator.
    fn end_of_line(&self, line: usize) -> usize {
        let start = self.0.line_to_char(line);
        let mut end = self.0.line_to_char(line + 1);
        while end > start && matches!(self.0.char(end - 1), '\n' | '\r') {
            end -= 1;
        }
        end
    }

    /// Returns the position of a byte offset; inside a character, that of its start.
    pub fn position(&self, byte: usize, units: Units) -> Position {
        let char = self.0.byte_to_char(byte.min(self.len()));
        let line = self.0.char_to_line(char);
        let start = self.0.line_to_char(line);
        let column = match units {
            Units::Utf8 => self.0.char_to_byte(char) - self.0.char_to_byte(start),
            Units::Utf16 => self.0.char_to_utf16_cu(char) - self.0.char_to_utf16_cu(start),
            Units::Utf32 => char - start,
        };
        Position::new(u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }

    /// Returns the range of positions of a byte range.
    pub fn span(&self, range: &Range<usize>, units: Units) -> Span {
        Span::new(self.position(range.start, units), self.position(range.end, units))
    }

    /// Returns the byte range of a range of positions; empty if its end is before its start.
    pub fn range(&self, span: Span, units: Units) -> Range<usize> {
        let start = self.offset(span.start, units);
        start..self.offset(span.end, units).max(start)
    }

    /// Replaces a range, or all of the text without one.
    pub fn change(&mut self, span: Option<Span>, new: &str, units: Units) -> Edit {
        let Some(span) = span else {
            let old_end = self.len();
            self.0 = Rope::from_str(new);
            return Edit { start: 0, old_end, new_end: new.len() };
        };
        let Range { start, end } = self.range(span, units);
        let at = self.0.byte_to_char(start);
        self.0.remove(at..self.0.byte_to_char(end));
        self.0.insert(at, new);
        Edit { start, old_end: end, new_end: start + new.len() }
    }

    /// Returns the bytes of a range, which is widened to whole characters, and the offset at which they start.
    pub fn part(&self, range: &Range<usize>) -> (usize, String) {
        let from = self.0.byte_to_char(range.start.min(self.len()));
        let mut to = self.0.byte_to_char(range.end.min(self.len()));
        if self.0.char_to_byte(to) < range.end.min(self.len()) {
            to += 1;
        }
        (self.0.char_to_byte(from), self.0.slice(from..to).to_string())
    }

    /// Returns the range of the line of a byte offset without its terminator, in bytes.
    pub fn line_of(&self, byte: usize) -> Range<usize> {
        let line = self.0.byte_to_line(byte.min(self.len()));
        self.0.line_to_byte(line)..self.0.char_to_byte(self.end_of_line(line))
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chunks().try_for_each(|chunk| out.write_str(chunk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Units; 3] = [Units::Utf8, Units::Utf16, Units::Utf32];

    #[test]
    fn positions_on_astral_characters_in_all_units() {
        let text = Text::new("a𝄞b\r\n😀é\rx\n");
        for (units, columns) in
            [(Units::Utf8, [1, 5, 6]), (Units::Utf16, [1, 3, 4]), (Units::Utf32, [1, 2, 3])]
        {
            for (byte, column) in [1, 5, 6].into_iter().zip(columns) {
                let position = Position::new(0, column);
                assert_eq!((text.position(byte, units), text.offset(position, units)), (position, byte));
            }
            // After the end of the line, and after the last line.
            assert_eq!(text.offset(Position::new(0, 99), units), 6);
            assert_eq!(text.offset(Position::new(9, 0), units), text.len());
            assert_eq!(text.position(text.len(), units), Position::new(3, 0));
            assert_eq!(text.offset(Position::new(2, 0), units), 15);
        }
        // Inside a character.
        assert_eq!(text.offset(Position::new(0, 2), Units::Utf16), 1);
        assert_eq!(text.offset(Position::new(0, 3), Units::Utf8), 1);
        assert_eq!(text.position(3, Units::Utf16), Position::new(0, 1));
    }

    #[test]
    fn every_offset_of_a_character_has_its_position_and_back() {
        let text = Text::new("ß𝄞\n\n😀x\r\n\u{feff}\u{2028}é\u{b}z");
        let whole = text.to_string();
        for units in ALL {
            for (byte, char) in whole.char_indices().filter(|(_, char)| !matches!(char, '\n' | '\r')) {
                assert_eq!(text.offset(text.position(byte, units), units), byte, "{units:?} {char:?}");
            }
        }
    }

    #[test]
    fn changes() {
        let mut text = Text::new("one\ntwo\n");
        let span = Span::new(Position::new(0, 1), Position::new(1, 2));
        let edit = text.change(Some(span), "😀", Units::Utf16);
        assert_eq!((text.to_string().as_str(), edit), ("o😀o\n", Edit { start: 1, old_end: 6, new_end: 5 }));
        assert_eq!(text.part(&(2..3)), (1, "😀".to_owned()));
        assert_eq!(text.line_of(3), 0..6);
        let backwards = Span::new(Position::new(0, 4), Position::new(0, 1));
        let edit = text.change(Some(backwards), "x", Units::Utf16);
        assert_eq!((text.to_string().as_str(), edit.start), ("o😀ox\n", 6));
        assert_eq!(text.change(None, "", Units::Utf8), Edit { start: 0, old_end: 8, new_end: 0 });
        assert!(text.is_empty());
    }

    #[test]
    fn units_that_a_client_offers() {
        let kinds = [PositionEncodingKind::UTF16, PositionEncodingKind::UTF32, PositionEncodingKind::UTF8];
        assert_eq!(Units::negotiate(Some(&kinds)), Units::Utf8);
        assert_eq!(Units::negotiate(Some(&kinds[..2])), Units::Utf32);
        assert_eq!(Units::negotiate(Some(&[])), Units::Utf16);
        assert_eq!(Units::negotiate(None), Units::Utf16);
    }
}
