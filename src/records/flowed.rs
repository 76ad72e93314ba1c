//! The text of a mail with flowed lines (RFC 3676): a line that ends with a blank continues on the next one.

use super::runs::Output;

/// The state of a reader of flowed lines.
#[derive(Debug, Default)]
pub(super) struct Flowed {
    /// Whether the line before ended with a blank, and the quotation marks of this line are to be left out.
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
