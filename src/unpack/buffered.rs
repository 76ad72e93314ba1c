//! A buffered reader that can be asked for some bytes ahead: the formats' marks stand where one stream ends and another
//! may begin.

use std::io::{self, BufRead, ErrorKind, Read};

/// Bytes read at a time.
const SIZE: usize = 64 << 10;

/// A reader with a buffer.
pub(super) struct Buffered<R> {
    inner: R,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    /// Bytes handed out.
    position: u64,
    /// Whether the inner reader has said that it has no more.
    ended: bool,
}

impl<R: Read> Buffered<R> {
    /// A buffer before `inner`.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, buffer: vec![0; SIZE], from: 0, to: 0, position: 0, ended: false }
    }

    /// The next bytes, `count` of them (at most 32 KiB) or all that are left.
    ///
    /// # Errors
    /// Those of the inner reader.
    pub(super) fn ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.to - self.from < count {
            self.buffer.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        while self.to - self.from < count && !self.ended {
            match self.inner.read(&mut self.buffer[self.to..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.to += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.buffer[self.from..self.to])
    }

    /// Bytes handed out so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Whether the end was met: somebody asked for more than there was.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }
}

impl<R: Read> BufRead for Buffered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.from == self.to {
            self.ahead(1)?;
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.to - self.from);
        self.from += count;
        self.position += count as u64;
    }
}

impl<R: Read> Read for Buffered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}
