//! Bounds the strings of a JSON text that is parsed as a stream: they are all that the parser buffers.

use std::io::{self, Read};

use memchr::{memchr, memchr2};

/// Maximum length of a string, in bytes.
const MAX_STRING_BYTES: usize = 256 << 20;
/// The UTF-8 byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Ends the input early if a string becomes too long. Replaces a byte order mark at the beginning by blanks.
pub(super) struct BoundedStrings<R> {
    inner: R,
    begun: bool,
    /// Bytes read of the current string; `None` outside strings.
    length: Option<usize>,
    /// Whether the next byte of it follows a backslash.
    escaped: bool,
}

impl<R: Read> BoundedStrings<R> {
    /// Creates the reader.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, begun: false, length: None, escaped: false }
    }

    /// Updates the state with the next `bytes`.
    fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let passed = match self.length {
                None => match memchr(b'"', bytes) {
                    Some(at) => {
                        self.length = Some(0);
                        at + 1
                    }
                    None => bytes.len(),
                },
                Some(length) if self.escaped => {
                    self.escaped = false;
                    self.length = Some(length + 1);
                    1
                }
                Some(length) => match memchr2(b'"', b'\\', bytes) {
                    Some(at) => {
                        self.escaped = bytes[at] == b'\\';
                        self.length = self.escaped.then_some(length + at + 1);
                        at + 1
                    }
                    None => {
                        self.length = Some(length + bytes.len());
                        bytes.len()
                    }
                },
            };
            bytes = &bytes[passed..];
        }
    }
}

impl<R: Read> Read for BoundedStrings<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let bytes = &mut buffer[..count];
        if !self.begun && count > 0 {
            self.begun = true;
            if bytes.starts_with(BYTE_ORDER_MARK) {
                bytes[..BYTE_ORDER_MARK.len()].fill(b' ');
            }
        }
        self.follow(bytes);
        match self.length {
            // Reported as a premature end of the document, not as an I/O error: the entries before it are valid.
            Some(length) if length > MAX_STRING_BYTES => Ok(0),
            _ => Ok(count),
        }
    }
}
