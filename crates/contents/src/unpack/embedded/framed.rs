//! Reader for compressed streams that are split into parts, each after a length field: tables in PostgreSQL dumps, HTTP
//! bodies with chunked transfer coding. The parts are read as one stream.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use crate::unpack::peek_reader::PeekReader;

/// Framing of the parts of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Not split.
    None,
    /// One sign byte and a 4-byte little-endian length (`WriteInt` in pg_backup_archiver.c); length 0 ends the stream.
    Postgres,
    /// The length in hexadecimal digits on its own line, and an empty line after each part (RFC 9112, 7.1).
    Http,
}

/// Number of bytes before a stream that are checked to detect its framing.
pub(super) const BEFORE: usize = 16;
/// Maximum length of a line with a length field, in bytes.
const LINE: usize = 18;

/// Returns the framing of the stream that follows `before`, and the length of its first part in bytes. `dump`: the
/// stream is in a PostgreSQL dump.
pub(super) fn of(before: &[u8], dump: bool) -> (Framing, u64) {
    if dump && let Some(&[0, a, b, c, d]) = before.last_chunk() {
        let length = u32::from_le_bytes([a, b, c, d]);
        if length > 0 && length < 1 << 30 {
            return (Framing::Postgres, length.into());
        }
    }
    match before.strip_suffix(b"\r\n").and_then(|before| {
        let line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]);
        hexadecimal(line).filter(|_| line.len() < before.len())
    }) {
        Some(length) if length > 0 => (Framing::Http, length),
        _ => (Framing::None, u64::MAX),
    }
}

fn hexadecimal(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?.trim(), 16).ok()
}

/// Reads the parts of a stream as one stream and counts the bytes.
pub(super) struct Parts<'a, R> {
    ahead: &'a mut PeekReader<R>,
    framing: Framing,
    left: u64,
    count: Rc<Cell<u64>>,
}

impl<'a, R: Read> Parts<'a, R> {
    /// Creates a reader that is positioned in the first part.
    pub(super) fn new(
        ahead: &'a mut PeekReader<R>,
        (framing, left): (Framing, u64),
        count: Rc<Cell<u64>>,
    ) -> Self {
        Self { ahead, framing, left, count }
    }

    /// Moves to the next part. Returns `false` if there is none.
    fn next(&mut self) -> io::Result<bool> {
        match self.framing {
            Framing::None => return Ok(false),
            Framing::Postgres => {
                let head = self.ahead.peek(5)?;
                let Some([0, length @ ..]) = head.first_chunk::<5>() else { return Ok(false) };
                self.left = u32::from_le_bytes(*length).into();
                self.ahead.advance(5);
            }
            Framing::Http => {
                let head = self.ahead.peek(LINE + 2)?;
                let Some(line) = head.strip_prefix(b"\r\n") else { return Ok(false) };
                let Some(end) = memchr::memmem::find(line, b"\r\n") else { return Ok(false) };
                self.left = hexadecimal(&line[..end]).unwrap_or(0);
                self.ahead.advance(end + 4);
            }
        }
        Ok(self.left > 0)
    }
}

impl<R: Read> BufRead for Parts<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 && !self.next()? {
            return Ok(&[]);
        }
        let ready = self.ahead.ready()?;
        let room = usize::try_from(self.left).map_or(ready.len(), |left| left.min(ready.len()));
        Ok(&ready[..room])
    }

    fn consume(&mut self, count: usize) {
        self.ahead.advance(count);
        self.count.set(self.count.get() + count as u64);
        self.left = self.left.saturating_sub(count as u64);
    }
}

impl<R: Read> Read for Parts<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_one_stream() {
        assert_eq!(of(b"x\0\x05\0\0\0", true), (Framing::Postgres, 5));
        assert_eq!(of(b"x\0\x05\0\0\0", false), (Framing::None, u64::MAX));
        assert_eq!(of(b"gzip\r\n\r\n1aF\r\n", false), (Framing::Http, 0x1AF));
        assert_eq!(of(b"gzip\r\n\r\n", false).0, Framing::None);
        assert_eq!(of(b"face\r\n", false).0, Framing::None);
        for (bytes, framing) in [
            (&b"abc\0\x02\0\0\0de\0\0\0\0\0rest"[..], Framing::Postgres),
            (b"abc\r\n2\r\nde\r\n0\r\n\r\nrest", Framing::Http),
        ] {
            let mut ahead = PeekReader::new(bytes, 0);
            let mut text = String::new();
            Parts::new(&mut ahead, (framing, 3), Rc::default()).read_to_string(&mut text).unwrap();
            assert_eq!(text, "abcde");
        }
    }
}
