//! A reader that knows where it is and can look ahead: what every reader of archive headers needs. It knows no format.

use std::io::{self, BufRead, ErrorKind, Read};

/// Bytes that can be looked ahead. The largest header of any format here (an entry of a zip directory: 46 bytes and
/// three fields of at most 65,535) fits.
pub(super) const AHEAD: usize = 256 << 10;
/// Bytes of the buffer at first; many readers look at a single header only.
const FIRST: usize = 8 << 10;

/// A buffered reader with an offset.
pub(super) struct Ahead<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    /// Whether the inner reader has said that it has no more.
    ended: bool,
}

impl<R: Read> Ahead<R> {
    /// Reads `inner`, whose next byte lies at `offset` of the container.
    pub(super) fn new(inner: R, offset: u64) -> Self {
        Self { inner, buffer: vec![0; FIRST], start: 0, end: 0, offset, ended: false }
    }

    /// Whether somebody has asked for more than there was.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// What it reads, which is further on than this.
    pub(super) fn inner(&mut self) -> &mut R {
        &mut self.inner
    }

    /// Where the next byte lies in the container.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next bytes, without taking them: at least `count` (at most [`AHEAD`]), or all that are left.
    ///
    /// # Errors
    /// The content could not be read.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        let count = count.min(AHEAD);
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

    /// Makes room for `count` bytes (at most [`AHEAD`]) from `start` on, and for more with each time.
    fn make_room(&mut self, count: usize) {
        if self.start + count > self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let larger = if self.start == self.end { 2 * self.buffer.len() } else { self.buffer.len() };
        let room = larger.max(count.next_power_of_two()).min(AHEAD);
        if room > self.buffer.len() {
            self.buffer.resize(room, 0);
        }
    }

    /// Exactly the next `count` bytes (at most [`AHEAD`]), without taking them.
    ///
    /// # Errors
    /// The content could not be read, or ends before.
    pub(super) fn exactly(&mut self, count: usize) -> io::Result<&[u8]> {
        self.peek(count)?.get(..count).ok_or_else(cut)
    }

    /// The next bytes without taking them; empty at the end.
    ///
    /// # Errors
    /// The content could not be read.
    pub(super) fn ready(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    /// Takes `count` bytes that were looked at; no more than these.
    pub(super) fn advance(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Reads `count` bytes without giving them to anybody.
    ///
    /// # Errors
    /// The content could not be read, or ends before.
    pub(super) fn skip(&mut self, mut count: u64) -> io::Result<()> {
        while count > 0 {
            let ready = self.ready()?.len() as u64;
            if ready == 0 {
                return Err(cut());
            }
            let step = ready.min(count);
            self.advance(usize::try_from(step).unwrap_or(usize::MAX));
            count -= step;
        }
        Ok(())
    }
}

impl<R: Read> Read for Ahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && buffer.len() >= AHEAD / 4 {
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

impl<R: Read> BufRead for Ahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.ready()
    }

    fn consume(&mut self, count: usize) {
        self.advance(count);
    }
}

/// A part of the content with a size that its header tells. It is an error if the content ends before.
pub(super) struct Part<'a, R> {
    ahead: &'a mut Ahead<R>,
    left: u64,
}

impl<'a, R: Read> Part<'a, R> {
    /// The next `size` bytes.
    pub(super) fn new(ahead: &'a mut Ahead<R>, size: u64) -> Self {
        Self { ahead, left: size }
    }

    /// Takes what was not read.
    ///
    /// # Errors
    /// The content could not be read, or ends before.
    pub(super) fn finish(self) -> io::Result<()> {
        self.ahead.skip(self.left)
    }
}

impl<R: Read> Read for Part<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if room == 0 {
            return Ok(0);
        }
        let count = self.ahead.read(&mut buffer[..room])?;
        self.left -= count as u64;
        if count == 0 { Err(cut()) } else { Ok(count) }
    }
}

/// The error of what ends in the middle.
pub(super) fn cut() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "it ends early, as if cut off")
}

/// An error with a text for a person.
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

/// The little-endian number at `at`, if it is there.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The little-endian number at `at`, if it is there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The little-endian number at `at`, if it is there.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
