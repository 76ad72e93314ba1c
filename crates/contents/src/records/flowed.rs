//! Reader of mail text with flowed lines (RFC 3676): a line that ends with a space continues on the next line.

use super::output::Output;

/// The state of the reader.
#[derive(Debug, Default)]
pub(super) struct Flowed {
    /// Whether the previous line ended with a space; the quote marks of the current line are skipped.
    continued: bool,
}

impl Flowed {
    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Output) {
        while !bytes.is_empty() {
            if self.continued {
                let marks =
                    bytes.iter().take_while(|&&byte| matches!(byte, b'>' | b' ' | b'\r' | b'\n')).count();
                self.continued = marks == bytes.len();
                out.skip(&bytes[..marks]);
                bytes = &bytes[marks..];
                continue;
            }
            let length = memchr::memchr2(b'\r', b'\n', bytes).unwrap_or(bytes.len());
            out.copy(&bytes[..length]);
            bytes = &bytes[length..];
            if length > 0 || bytes.is_empty() {
                continue;
            }
            if out.last() == Some(b' ') {
                out.remove_last();
                self.continued = true;
            } else {
                out.copy(&bytes[..1]);
                bytes = &bytes[1..];
            }
        }
    }
}
