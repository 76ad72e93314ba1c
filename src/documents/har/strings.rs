//! A bound for the strings of a JSON text that is read as a stream: they are the only thing that a reader has to keep
//! whole.

use std::io::{self, Read};

use memchr::{memchr, memchr2};

/// Bytes of a string, at most.
const LARGEST: usize = 256 << 20;
/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads on until a string becomes too long. A byte order mark at the beginning is blanked out.
pub(super) struct Strings<R> {
    inner: R,
    begun: bool,
    /// Bytes of the string that is being read, if one is.
    length: Option<usize>,
    /// Whether the next byte of it stands behind a backslash.
    escaped: bool,
}

impl<R: Read> Strings<R> {
    /// Nothing is read yet.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, begun: false, length: None, escaped: false }
    }

    /// Goes on behind `bytes`.
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

impl<R: Read> Read for Strings<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let bytes = &mut buffer[..count];
        if !self.begun && count > 0 {
            self.begun = true;
            if bytes.starts_with(MARK) {
                bytes[..MARK.len()].fill(b' ');
            }
        }
        self.follow(bytes);
        match self.length {
            // An error of the content, not of the reading: what comes before it counts.
            Some(length) if length > LARGEST => Ok(0),
            _ => Ok(count),
        }
    }
}
