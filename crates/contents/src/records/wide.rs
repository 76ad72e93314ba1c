//! Reader of markup in UTF-16.

use super::markup::{Dialect, Markup};
use super::output::{Output, PIECE_BYTES, Size};

/// The state of the reader.
#[derive(Debug)]
pub(super) struct Wide {
    big_endian: bool,
    /// Bytes of a character that is not complete.
    rest: Vec<u8>,
    markup: Markup,
}

/// Returns whether UTF-16 that starts with `head` is big-endian, if `head` starts as markup in UTF-16 does.
pub(super) fn order(head: &[u8]) -> Option<bool> {
    match head {
        [0xFF, 0xFE, b'<', 0, ..] | [b'<', 0, b'!' | b'?' | b'A'..=b'z', 0, ..] => Some(false),
        [0xFE, 0xFF, 0, b'<', ..] | [0, b'<', 0, b'!' | b'?' | b'A'..=b'z', ..] => Some(true),
        _ => None,
    }
}

/// Returns the UTF-16 text in `bytes` as UTF-8.
pub(super) fn decoded(bytes: &[u8], big_endian: bool) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]], big_endian));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn unit(pair: [u8; 2], big_endian: bool) -> u16 {
    if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
}

impl Wide {
    pub(super) fn new(dialect: Dialect, big_endian: bool) -> Self {
        Self { big_endian, rest: Vec::new(), markup: Markup::new(dialect) }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Output) {
        out.translate_on();
        bytes.chunks(PIECE_BYTES).for_each(|piece| self.read(piece, out));
    }

    fn read(&mut self, bytes: &[u8], out: &mut Output) {
        self.rest.extend_from_slice(bytes);
        let (mut text, mut at) = (String::new(), 0);
        while let Some(pair) = self.rest.get(at..).and_then(|rest| rest.first_chunk::<2>()) {
            let mut units = vec![unit(*pair, self.big_endian)];
            if (0xD800..0xDC00).contains(&units[0]) {
                let Some(low) = self.rest.get(at + 2..).and_then(|rest| rest.first_chunk::<2>()) else {
                    break;
                };
                units.push(unit(*low, self.big_endian));
            }
            let character = char::decode_utf16(units).next().and_then(Result::ok);
            let bytes = if character.is_some_and(|one| one.len_utf16() == 2) { 4 } else { 2 };
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            let start = text.len();
            text.push(character);
            out.feed(&text.as_bytes()[start..], Size { bytes, columns: 1, ends_line: character == '\n' });
            at += bytes;
        }
        self.rest.drain(..at);
        self.markup.push(text.as_bytes(), out);
    }
}
