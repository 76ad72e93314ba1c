//! Terminal output as it is visible on the screen: applies backspaces, cursor movements in the current line and line
//! wraps. Removes colours and titles.

use super::text::{Text, entry};

/// Number of bytes before the end of the text that an edit can reach; bounds the cost of an edit.
const REACH_BYTES: usize = 1024;
/// Maximum length of an escape sequence in bytes; a longer sequence is cut.
const LONGEST_ESCAPE_BYTES: usize = 256;
/// Minimum length of a row, in bytes, for which a repeated character at a carriage return is a wrap.
const WRAP_COLUMNS: usize = 30;

/// The state of a terminal between two pieces of its output.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    /// Number of bytes of the text after the cursor.
    after_cursor: usize,
    /// Whether the last byte was a carriage return.
    returned: bool,
    /// An escape sequence that has not ended.
    escape: Vec<u8>,
}

impl Terminal {
    /// Writes one byte of output to `text`. `at` is its map entry in the content.
    pub(super) fn write(&mut self, text: &mut Text, byte: u8, at: u64) {
        if !self.escape.is_empty() {
            return self.continue_escape(text, byte);
        }
        if self.returned && byte != b'\r' {
            self.returned = false;
            if byte != b'\n' {
                self.end_of_row(text, byte, at);
            }
        }
        match byte {
            0x1B => self.escape.push(byte),
            0x08 => self.left(text, 1),
            b'\r' => self.returned = true,
            b'\n' => {
                self.after_cursor = 0;
                text.push(byte, at);
            }
            0..0x20 if byte != b'\t' => {}
            0x7F => {}
            _ => self.put(text, byte, at),
        }
    }

    /// Handles a carriage return before `next`: a wrapped row continues, any other row ends.
    fn end_of_row(&mut self, text: &mut Text, next: u8, at: u64) {
        self.after_cursor = 0;
        let row = row_start(text);
        match text.bytes[row..].last() {
            None => {}
            Some(b' ') => truncate(text, text.bytes.len() - 1),
            Some(&last) if last == next && text.bytes.len() - row > WRAP_COLUMNS => {
                truncate(text, text.bytes.len() - 1);
            }
            Some(_) => text.push(b'\n', at & !0xF),
        }
    }

    fn put(&mut self, text: &mut Text, byte: u8, at: u64) {
        let index = text.bytes.len() - self.after_cursor;
        if self.after_cursor == 0 {
            return text.push(byte, at);
        }
        if byte & 0xC0 != 0x80 {
            let width = character(&text.bytes[index..]);
            text.bytes.drain(index..index + width);
            text.map.drain(index..index + width);
            self.after_cursor -= width;
        }
        text.bytes.insert(index, byte);
        text.map.insert(index, at);
    }

    fn left(&mut self, text: &Text, count: usize) {
        let row = row_start(text);
        for _ in 0..count.min(REACH_BYTES) {
            let mut index = text.bytes.len() - self.after_cursor;
            while index > row {
                index -= 1;
                self.after_cursor += 1;
                if text.bytes[index] & 0xC0 != 0x80 {
                    break;
                }
            }
        }
    }

    fn right(&mut self, text: &Text, count: usize) {
        for _ in 0..count.min(REACH_BYTES) {
            let index = text.bytes.len() - self.after_cursor;
            self.after_cursor -= character(&text.bytes[index..]);
        }
    }

    fn continue_escape(&mut self, text: &mut Text, byte: u8) {
        self.escape.push(byte);
        let ended = match self.escape.get(1) {
            Some(b'[') => self.escape.len() > 2 && (0x40..0x7F).contains(&byte),
            Some(b']' | b'P' | b'_' | b'^') => byte == 7 || self.escape.ends_with(b"\x1B\\"),
            Some(b'(' | b')' | b'#' | b' ') => self.escape.len() > 2,
            _ => true,
        };
        if ended || self.escape.len() >= LONGEST_ESCAPE_BYTES {
            let escape = std::mem::take(&mut self.escape);
            if let [0x1B, b'[', parameters @ .., last] = &escape[..] {
                self.control(text, parameters, *last);
            }
        }
    }

    /// Executes a control sequence that edits the current line.
    fn control(&mut self, text: &mut Text, parameters: &[u8], last: u8) {
        let number = std::str::from_utf8(parameters).ok().and_then(|digits| digits.parse().ok());
        let index = text.bytes.len() - self.after_cursor;
        match last {
            b'D' => self.left(text, number.unwrap_or(1)),
            b'C' => self.right(text, number.unwrap_or(1)),
            b'K' if number.unwrap_or(0) == 0 => {
                truncate(text, index);
                self.after_cursor = 0;
            }
            b'P' => {
                let count = number.unwrap_or(1).min(self.after_cursor);
                text.bytes.drain(index..index + count);
                text.map.drain(index..index + count);
                self.after_cursor -= count;
            }
            b'@' => {
                let count = number.unwrap_or(1).min(REACH_BYTES).min(self.after_cursor);
                let none = text.map.get(index).map_or(0, |entry| entry & !0xF);
                text.bytes.splice(index..index, std::iter::repeat_n(b' ', count));
                text.map.splice(index..index, std::iter::repeat_n(none, count));
                self.after_cursor += count;
            }
            _ => {}
        }
    }
}

/// Returns whether `line`, without its end, was edited or wrapped in a terminal.
pub(super) fn is_edited(line: &[u8]) -> bool {
    memchr::memchr3_iter(0x08, b'\r', 0x1B, line).any(|at| match line[at] {
        0x08 => true,
        b'\r' => line.get(at + 1).is_some_and(|&next| next != b'\r'),
        _ => {
            line.get(at + 1) == Some(&b'[') && {
                let rest = &line[at + 2..line.len().min(at + 8)];
                let last = rest.iter().find(|byte| !byte.is_ascii_digit());
                matches!(last, Some(b'D' | b'C' | b'P' | b'@'))
            }
        }
    })
}

/// Returns the index in the text at which the current row starts, or the first index that an edit can reach.
fn row_start(text: &Text) -> usize {
    let low = text.bytes.len().saturating_sub(REACH_BYTES);
    memchr::memrchr(b'\n', &text.bytes[low..]).map_or(low, |at| low + at + 1)
}

/// Returns the length of the first character of `bytes`, in bytes.
fn character(bytes: &[u8]) -> usize {
    match bytes {
        [] => 0,
        [_, rest @ ..] => 1 + rest.iter().take(3).take_while(|&&byte| byte & 0xC0 == 0x80).count(),
    }
}

fn truncate(text: &mut Text, length: usize) {
    text.bytes.truncate(length);
    text.map.truncate(length);
}

/// Writes bytes that are unencoded in the content, from `offset`.
pub(super) fn write_all(terminal: &mut Terminal, text: &mut Text, bytes: &[u8], offset: u64) {
    for (at, &byte) in (offset..).zip(bytes) {
        terminal.write(text, byte, entry(at, 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(output: &str) -> String {
        let (mut terminal, mut text) = (Terminal::default(), Text::default());
        write_all(&mut terminal, &mut text, output.as_bytes(), 0);
        assert_eq!(text.bytes.len(), text.map.len());
        String::from_utf8(text.bytes).unwrap()
    }

    #[test]
    fn what_was_edited_is_as_on_the_screen() {
        for (output, want) in [
            ("abx\u{8} \u{8}cd", "abcd"),
            ("abx\u{8}\u{1b}[Kcd", "abcd"),
            ("ac\u{8}\u{1b}[@b", "abc"),
            ("abbc\u{8}\u{8}\u{1b}[Pd", "abd"),
            ("bc\u{1b}[2Dé\u{1b}[Cd", "écd"),
            ("\u{1b}[32mab\u{1b}]0;title\u{7}c\u{1b}[0m\r\nd", "abc\nd"),
            ("ab \rcd", "abcd"),
            ("ab\rcd", "ab\ncd"),
            ("0123456789012345678901234567890123\r3456", "0123456789012345678901234567890123456"),
            ("\u{8}\u{8}a\u{1b}[9D\u{1b}[9Cb", "ab"),
            ("é\u{8}a", "a"),
        ] {
            assert_eq!(shown(output), want, "{output:?}");
        }
    }

    #[test]
    fn only_what_was_edited_is_looked_at() {
        for (line, edited) in [
            ("a\u{8}b", true),
            ("a \rb", true),
            ("a\r", false),
            ("a\u{1b}[31mb", false),
            ("a\u{1b}[2Db", true),
        ] {
            assert_eq!(is_edited(line.as_bytes()), edited, "{line:?}");
        }
    }
}
