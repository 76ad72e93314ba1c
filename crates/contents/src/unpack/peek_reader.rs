//! A buffered reader with `offset` and `peek`, shared by the archive parsers. Independent of any format.

use std::io::{self, BufRead, ErrorKind, Read};

/// Maximum number of bytes that can be peeked. The largest header of any format here (an entry of a zip directory: 46
/// bytes and three fields of at most 65,535) fits.
pub(super) const MAX_PEEK_BYTES: usize = 256 << 10;
/// Initial size of the buffer in bytes; many parsers read a single header only.
const INITIAL_BUFFER_BYTES: usize = 8 << 10;

/// A buffered reader that tracks its offset.
pub(super) struct PeekReader<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    /// Whether the inner reader has reported its end.
    ended: bool,
}

impl<R: Read> PeekReader<R> {
    /// Creates a reader over `inner`, whose next byte is at `offset` of the container.
    pub(super) fn new(inner: R, offset: u64) -> Self {
        Self { inner, buffer: vec![0; INITIAL_BUFFER_BYTES], start: 0, end: 0, offset, ended: false }
    }

    /// Returns whether a read has reached the end of the input.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Returns the underlying reader, whose position is after the buffered bytes.
    pub(super) fn inner(&mut self) -> &mut R {
        &mut self.inner
    }

    /// Returns the offset of the next byte in the container.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the next bytes without consuming them: at least `count` (at most [`MAX_PEEK_BYTES`]), or all that are
    /// left.
    ///
    /// # Errors
    /// Returns the I/O error of the input.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        let count = count.min(MAX_PEEK_BYTES);
        if self.end - self.start < count {
            self.make_room(count);
        }
        while self.end - self.start < count {
            match retrying(|| self.inner.read(&mut self.buffer[self.end..]))? {
                0 => {
                    self.ended = true;
                    break;
                }
                more => self.end += more,
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Makes room for `count` bytes (at most [`MAX_PEEK_BYTES`]) from `start` on. Grows the buffer each time it is
    /// drained.
    fn make_room(&mut self, count: usize) {
        if self.start + count > self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let larger = if self.start == self.end { 2 * self.buffer.len() } else { self.buffer.len() };
        let room = larger.max(count.next_power_of_two()).min(MAX_PEEK_BYTES);
        if room > self.buffer.len() {
            self.buffer.resize(room, 0);
        }
    }

    /// Returns exactly the next `count` bytes (at most [`MAX_PEEK_BYTES`]), without consuming them.
    ///
    /// # Errors
    /// Returns an error if the input cannot be read or ends early.
    pub(super) fn peek_exactly(&mut self, count: usize) -> io::Result<&[u8]> {
        self.peek(count)?.get(..count).ok_or_else(truncated)
    }

    /// Returns the next buffered bytes without consuming them; empty at the end.
    ///
    /// # Errors
    /// Returns the I/O error of the input.
    pub(super) fn ready(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    /// Consumes `count` bytes that were peeked, at most those in the buffer.
    pub(super) fn advance(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Skips `count` bytes.
    ///
    /// # Errors
    /// Returns an error if the input cannot be read or ends early.
    pub(super) fn skip(&mut self, mut count: u64) -> io::Result<()> {
        while count > 0 {
            let ready = self.ready()?.len() as u64;
            if ready == 0 {
                return Err(truncated());
            }
            let step = ready.min(count);
            self.advance(usize::try_from(step).unwrap_or(usize::MAX));
            count -= step;
        }
        Ok(())
    }
}

impl<R: Read> Read for PeekReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && buffer.len() >= MAX_PEEK_BYTES / 4 {
            let count = retrying(|| self.inner.read(buffer))?;
            self.ended |= count == 0;
            self.offset += count as u64;
            return Ok(count);
        }
        let ready = if buffer.is_empty() { &[] } else { self.ready()? };
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.advance(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for PeekReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.ready()
    }

    fn consume(&mut self, count: usize) {
        self.advance(count);
    }
}

/// A section of the input with the size declared in its header. Reading fails if the input ends early.
pub(super) struct Section<'a, R> {
    ahead: &'a mut PeekReader<R>,
    left: u64,
}

impl<'a, R: Read> Section<'a, R> {
    /// Creates a reader over the next `size` bytes.
    pub(super) fn new(ahead: &'a mut PeekReader<R>, size: u64) -> Self {
        Self { ahead, left: size }
    }

    /// Skips the bytes that were not read.
    ///
    /// # Errors
    /// Returns an error if the input cannot be read or ends early.
    pub(super) fn finish(self) -> io::Result<()> {
        self.ahead.skip(self.left)
    }
}

impl<R: Read> Read for Section<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if room == 0 {
            return Ok(0);
        }
        let count = self.ahead.read(&mut buffer[..room])?;
        self.left -= count as u64;
        if count == 0 { Err(truncated()) } else { Ok(count) }
    }
}

/// Returns the error for an input that ends in the middle.
pub(super) fn truncated() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "it ends early, as if cut off")
}

/// Returns an error for damaged input, with a human-readable message.
pub(super) fn damaged(text: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, text)
}

fn retrying(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Returns the little-endian number at offset `at`; `None` if bytes are missing.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Returns the little-endian number at offset `at`; `None` if bytes are missing.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Returns the little-endian number at offset `at`; `None` if bytes are missing.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
