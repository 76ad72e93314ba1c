//! A reader that keeps the end of a stream, in which the end record of an appended zip archive is searched.

use std::io::{self, Read};

use super::scanner::end_of;
use crate::input::Content;
use crate::unpack;

/// A reader that keeps the last bytes it has read.
pub(super) struct TailReader<'c> {
    inner: &'c mut dyn Content,
    tail: Vec<u8>,
}

impl<'c> TailReader<'c> {
    /// Creates a reader over `inner`, of which `before` was read already.
    pub(super) fn new(inner: &'c mut dyn Content, before: &[u8]) -> Self {
        Self { inner, tail: end_of(before).to_vec() }
    }

    /// Returns the last bytes: at least the last [`unpack::TAIL`], or all of a shorter input.
    pub(super) fn tail(&self) -> &[u8] {
        &self.tail
    }
}

impl Read for TailReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let most = unpack::TAIL as usize;
        self.tail.extend_from_slice(end_of(&buffer[..count]));
        if self.tail.len() > 4 * most {
            self.tail.drain(..self.tail.len() - most);
        }
        Ok(count)
    }
}
