//! Reusable buffers for decoded objects, which grow and are not zeroed again, and the inflater that fills them.

use sirocco::Format;
use sirocco::inflate::{Decoder, Reader};
use std::io::{BufReader, Read};

use super::error::ObjectError;

/// Spare bytes after the content of every buffer, so that short copies may write a whole block and the inflater can
/// keep its fast loop until the end.
pub(super) const SLACK: usize = 64;
/// Upper bound of the compression ratio: deflate cannot expand by more than 1032. A larger declared size is invalid.
const MAX_INFLATION_RATIO: u64 = 1100;
/// Larger buffers, in bytes, are not kept for the next object.
pub(super) const MAX_POOLED_BYTES: usize = 8 << 20;
/// Maximum total size of the buffers in a pool, in bytes.
const MAX_POOL_BYTES: usize = 16 << 20;

/// The content of one object.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    /// At least `len + SLACK` bytes once there is content.
    bytes: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// Resizes the content to `len` bytes. The bytes are initialised but unspecified.
    ///
    /// # Errors
    ///
    /// Returns `Memory` if the allocation fails.
    pub(super) fn resize(&mut self, len: usize) -> Result<(), ObjectError> {
        let refused = ObjectError::Memory(len as u64);
        let need = len.checked_add(SLACK).ok_or_else(|| refused.clone())?;
        if self.bytes.len() < need {
            self.bytes.clear();
            // 1.5 times the size, so that a series of growing objects does not allocate for each one. Large ones are
            // rare.
            let size = if need < MAX_POOLED_BYTES { (need + need / 2).max(4096) } else { need };
            self.bytes.try_reserve_exact(size).map_err(|_| refused)?;
            self.bytes.resize(size, 0);
        }
        self.len = len;
        Ok(())
    }

    /// Returns the content.
    pub(super) fn content(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Returns the content and the spare bytes after it.
    pub(super) fn with_slack(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the content and the spare bytes after it, for writing.
    pub(super) fn with_slack_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Creates a buffer with this content.
    ///
    /// # Errors
    ///
    /// Returns `Memory` if the allocation fails.
    pub(super) fn of(mut bytes: Vec<u8>) -> Result<Self, ObjectError> {
        let len = bytes.len();
        bytes.try_reserve_exact(SLACK).map_err(|_| ObjectError::Memory(len as u64))?;
        bytes.resize(len + SLACK, 0);
        Ok(Self { bytes, len })
    }

    /// Returns the memory in use, in bytes.
    pub(super) fn cost(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Frees the memory if there is much of it.
    pub(super) fn shrink(&mut self) {
        if self.bytes.len() > MAX_POOLED_BYTES {
            *self = Self::default();
        }
    }

    /// Returns the content as a vector.
    pub(super) fn into_vec(mut self) -> Vec<u8> {
        self.bytes.truncate(self.len);
        self.bytes
    }
}

/// A pool of buffers, last in, first out: the last one returned is probably still in the CPU cache.
#[derive(Debug, Default)]
pub(super) struct Pool {
    buffers: Vec<Buffer>,
    bytes: usize,
}

impl Pool {
    /// Takes a buffer with unspecified content.
    pub(super) fn take(&mut self) -> Buffer {
        let buffer = self.buffers.pop().unwrap_or_default();
        self.bytes -= buffer.bytes.len();
        buffer
    }

    /// Returns a buffer to the pool.
    pub(super) fn give(&mut self, buffer: Buffer) {
        let size = buffer.bytes.len();
        if size <= MAX_POOLED_BYTES && self.bytes + size <= MAX_POOL_BYTES && self.buffers.len() < 64 {
            self.bytes += size;
            self.buffers.push(buffer);
        }
    }
}

/// Returns whether `compressed` bytes can inflate to `size` bytes.
pub(super) fn may_inflate(compressed: u64, size: u64) -> bool {
    size <= MAX_INFLATION_RATIO.saturating_mul(compressed.saturating_add(1))
}

/// An inflater of zlib streams that reuses its tables.
#[derive(Debug)]
pub(super) struct Inflater(Box<Decoder>);

impl Default for Inflater {
    fn default() -> Self {
        Self(Box::new(Decoder::new(Format::Zlib)))
    }
}

impl Inflater {
    /// Inflates the stream at the start of `input` into `out`, and ignores bytes after the stream.
    ///
    /// # Errors
    ///
    /// Returns `Size` unless the stream is exactly `size` bytes, `Stream` if the data or its checksum is wrong,
    /// `Memory` if the allocation fails.
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

    /// Inflates a stream that must extend to the end of `input`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`exact`](Self::exact), and `Stream` if bytes follow.
    pub(super) fn whole(&mut self, input: &[u8], size: u64, out: &mut Buffer) -> Result<(), ObjectError> {
        self.exact(input, size, out)?;
        if self.consumed() == input.len() as u64 { Ok(()) } else { Err(ObjectError::Stream) }
    }

    /// Returns the number of compressed bytes of the last stream.
    pub(super) fn consumed(&self) -> u64 {
        self.0.total_in()
    }

    /// Inflates a stream from a reader, without knowing its compressed size.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`exact`](Self::exact), with `Stream` for read errors.
    pub(super) fn read_from(
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
        // Reading to the end verifies the checksum.
        match reader.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(ObjectError::Size),
            Err(_) => Err(ObjectError::Stream),
        }
    }

    /// Inflates up to `room` bytes from the start of a stream into `out`, whose length becomes the number of bytes.
    ///
    /// # Errors
    ///
    /// Returns `Stream` if the data is damaged, `Memory` if the allocation fails.
    pub(super) fn prefix(&mut self, input: &[u8], room: usize, out: &mut Buffer) -> Result<(), ObjectError> {
        out.resize(room)?;
        self.0.reset();
        let place = out.bytes.get_mut(..room).ok_or(ObjectError::Size)?;
        let progress = self.0.decompress(input, place, false).map_err(|_| ObjectError::Stream)?;
        out.len = progress.output.len();
        Ok(())
    }
}
