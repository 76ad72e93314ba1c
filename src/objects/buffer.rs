//! Memory for decoded objects that is used again and again: it grows and is never zeroed twice. And the inflating
//! into it.

use sirocco::Format;
use sirocco::inflate::{Decoder, Reader};
use std::io::{BufReader, Read};

use super::error::ObjectError;

/// Bytes behind the content of every buffer, so that short copies may write a whole block and the inflater need not
/// slow down before the end.
pub(super) const SLACK: usize = 64;
/// No deflate stream grows to more than 1032 times its size; a declared size beyond that is a lie.
const GROWTH: u64 = 1100;
/// Buffers up to this many bytes are kept for the next object.
pub(super) const KEPT: usize = 8 << 20;
/// Bytes of all buffers that wait.
const WAITING: usize = 16 << 20;

/// The content of one object.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    /// At least `len + SLACK` long once there is content.
    bytes: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// Makes room for `len` bytes of content, with undefined (but initialised) bytes in it.
    ///
    /// # Errors
    ///
    /// `Memory`, when there is none.
    pub(super) fn resize(&mut self, len: usize) -> Result<(), ObjectError> {
        let refused = ObjectError::Memory(len as u64);
        let need = len.checked_add(SLACK).ok_or_else(|| refused.clone())?;
        if self.bytes.len() < need {
            self.bytes.clear();
            // Half as much again, that a row of growing objects does not allocate for each; large ones are rare.
            let size = if need < KEPT { (need + need / 2).max(4096) } else { need };
            self.bytes.try_reserve_exact(size).map_err(|_| refused)?;
            self.bytes.resize(size, 0);
        }
        self.len = len;
        Ok(())
    }

    /// The content.
    pub(super) fn content(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The content and the bytes behind it.
    pub(super) fn with_slack(&self) -> &[u8] {
        &self.bytes
    }

    /// The content to write, and the bytes behind it.
    pub(super) fn with_slack_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// A buffer with this content.
    ///
    /// # Errors
    ///
    /// `Memory`.
    pub(super) fn of(mut bytes: Vec<u8>) -> Result<Self, ObjectError> {
        let len = bytes.len();
        bytes.try_reserve_exact(SLACK).map_err(|_| ObjectError::Memory(len as u64))?;
        bytes.resize(len + SLACK, 0);
        Ok(Self { bytes, len })
    }

    /// How much memory it takes, in bytes.
    pub(super) fn cost(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Gives the memory back if it is much.
    pub(super) fn shrink(&mut self) {
        if self.bytes.len() > KEPT {
            *self = Self::default();
        }
    }

    /// The content as a vector.
    pub(super) fn into_vec(mut self) -> Vec<u8> {
        self.bytes.truncate(self.len);
        self.bytes
    }
}

/// Buffers that wait for their next use; the last one given back comes first, since it is still in the cache.
#[derive(Debug, Default)]
pub(super) struct Pool {
    buffers: Vec<Buffer>,
    bytes: usize,
}

impl Pool {
    /// A buffer with any content.
    pub(super) fn take(&mut self) -> Buffer {
        let buffer = self.buffers.pop().unwrap_or_default();
        self.bytes -= buffer.bytes.len();
        buffer
    }

    /// Gives a buffer back.
    pub(super) fn give(&mut self, buffer: Buffer) {
        let size = buffer.bytes.len();
        if size <= KEPT && self.bytes + size <= WAITING && self.buffers.len() < 64 {
            self.bytes += size;
            self.buffers.push(buffer);
        }
    }
}

/// Whether so many compressed bytes can inflate to `size` bytes.
pub(super) fn may_inflate(compressed: u64, size: u64) -> bool {
    size <= GROWTH.saturating_mul(compressed.saturating_add(1))
}

/// An inflater of zlib streams; its tables are used again.
#[derive(Debug)]
pub(super) struct Inflater(Box<Decoder>);

impl Default for Inflater {
    fn default() -> Self {
        Self(Box::new(Decoder::new(Format::Zlib)))
    }
}

impl Inflater {
    /// Inflates the stream with which `input` begins into `out`; bytes behind the stream are not looked at.
    ///
    /// # Errors
    ///
    /// `Size` unless exactly `size` bytes came out or could come out, `Stream` if the data or its checksum is wrong,
    /// `Memory`.
    pub(super) fn exact(&mut self, input: &[u8], size: u64, out: &mut Buffer) -> Result<(), ObjectError> {
        if !may_inflate(input.len() as u64, size) {
            return Err(ObjectError::Size);
        }
        let size = usize::try_from(size).map_err(|_| ObjectError::TooLarge(size))?;
        out.resize(size)?;
        self.0.reset();
        let room = out.bytes.get_mut(..size + SLACK).ok_or(ObjectError::Size)?;
        let progress = self.0.decompress(input, room, true).map_err(|_| ObjectError::Stream)?;
        if progress.done && progress.output.len() == size { Ok(()) } else { Err(ObjectError::Size) }
    }

    /// Inflates a stream behind which nothing may stand.
    ///
    /// # Errors
    ///
    /// As those of [`exact`](Self::exact).
    pub(super) fn whole(&mut self, input: &[u8], size: u64, out: &mut Buffer) -> Result<(), ObjectError> {
        self.exact(input, size, out)?;
        if self.0.total_in() == input.len() as u64 { Ok(()) } else { Err(ObjectError::Stream) }
    }

    /// Inflates a stream whose end is not known.
    ///
    /// # Errors
    ///
    /// As those of [`exact`](Self::exact), and `System`.
    pub(super) fn slowly(
        &mut self,
        input: impl Read,
        size: u64,
        out: &mut Buffer,
    ) -> Result<(), ObjectError> {
        let len = usize::try_from(size).map_err(|_| ObjectError::TooLarge(size))?;
        out.resize(len)?;
        let mut reader = Reader::new(Format::Zlib, BufReader::new(input));
        let room = out.bytes.get_mut(..len).ok_or(ObjectError::Size)?;
        reader.read_exact(room).map_err(|_| ObjectError::Stream)?;
        // The checksum is read together with the end.
        match reader.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(ObjectError::Size),
            Err(_) => Err(ObjectError::Stream),
        }
    }

    /// Inflates the beginning of a stream: up to `room` bytes into `out`, whose length says how many came.
    ///
    /// # Errors
    ///
    /// `Stream`, `Memory`.
    pub(super) fn prefix(&mut self, input: &[u8], room: usize, out: &mut Buffer) -> Result<(), ObjectError> {
        out.resize(room)?;
        self.0.reset();
        let place = out.bytes.get_mut(..room).ok_or(ObjectError::Size)?;
        let progress = self.0.decompress(input, place, false).map_err(|_| ObjectError::Stream)?;
        out.len = progress.output.len();
        Ok(())
    }
}
