//! Reader of the text of a Jupyter notebook: the strings of a list are the lines of one text, as in the source of a
//! cell.

use super::json;
use super::runs::Output;

/// Maximum length of a string that is decoded, in bytes; a longer string adds no text.
const LONGEST_STRING: usize = 1 << 20;

/// The state of the reader.
#[derive(Debug, Default)]
pub(super) struct Notebook {
    /// The raw bytes of the current string, if in a string.
    string: Option<Vec<u8>>,
    /// Whether the last byte of the string is an unescaped backslash.
    escaped: bool,
}

impl Notebook {
    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Output) {
        while !bytes.is_empty() {
            let used = if self.string.is_some() { self.read(bytes, out) } else { self.between(bytes, out) };
            bytes = &bytes[used..];
        }
    }

    /// Reads up to the next string. Returns the number of bytes that were read.
    fn between(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let length = memchr::memchr(b'"', bytes).map_or(bytes.len(), |at| at + 1);
        out.skip(&bytes[..length]);
        let parts = |byte: &u8| matches!(byte, b'[' | b']' | b'{' | b'}' | b':');
        if bytes[..length].iter().any(parts) && out.last().is_some_and(|last| last != b'\n') {
            out.add(b'\n');
        }
        if bytes[length - 1] == b'"' {
            self.string = Some(Vec::new());
        }
        length
    }

    /// Continues a string. Returns the number of bytes that were read.
    fn read(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let Some(string) = &mut self.string else { return 0 };
        let mut at = 0;
        if std::mem::take(&mut self.escaped) {
            at = 1;
        }
        loop {
            match bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
                None => at = bytes.len(),
                Some(next) if bytes[at + next] == b'\\' => {
                    at += next + 2;
                    if at > bytes.len() {
                        self.escaped = true;
                        at = bytes.len();
                    } else {
                        continue;
                    }
                }
                Some(next) => {
                    at += next;
                    string.extend_from_slice(&bytes[..at]);
                    let string = self.string.take().unwrap_or_default();
                    write(&string, out);
                    out.skip(b"\"");
                    return at + 1;
                }
            }
            string.extend_from_slice(&bytes[..at]);
            if string.len() > LONGEST_STRING {
                out.skip(string);
                string.clear();
            }
            return at;
        }
    }
}

/// Adds the decoded string to the text.
fn write(string: &[u8], out: &mut Output) {
    json::unescape(string, |text, at, length| {
        let raw = &string[at..at + length];
        match std::str::from_utf8(text).ok().and_then(|text| text.chars().next()) {
            Some(character) if text.len() != length => out.decode(raw, character),
            _ => out.copy(raw),
        }
    });
}
