//! The bytes of a pack: whole in memory, or through positioned reads if the pack is too large. Does not map the file,
//! because that needs `unsafe` and crashes when another process truncates the file.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use telleaks_platform::open_no_wait;

use super::error::ObjectError;
use super::pack_entry;
use super::threads;
use crate::fault_injection;

/// Packs up to this size, in bytes, are read whole. Of larger ones only the entries being decoded are read, so that
/// memory does not grow with the pack. The packs of the tests are on both sides of the limit.
const MAX_IN_MEMORY_BYTES: u64 = if cfg!(test) { 4 << 10 } else { 256 << 20 };
/// Bytes that one thread reads at a time when a pack is read whole.
const CHUNK_BYTES: usize = 1 << 20;

/// Opens a regular file, without blocking on a pipe.
///
/// # Errors
///
/// Returns the I/O error, or an error if `path` is not a regular file.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let file = fault_injection::opened(open_no_wait(path)?)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

/// Reads a whole regular file.
///
/// # Errors
///
/// Returns the I/O error, or `OutOfMemory` instead of aborting.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let len = usize::try_from(file.metadata()?.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    fault_injection::input(file).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of one pack.
#[derive(Debug)]
pub(super) enum Bytes {
    /// The whole pack in memory.
    Whole(Vec<u8>),
    /// A file and its length in bytes.
    File(File, u64),
}

impl Bytes {
    /// Opens a pack without reading it.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        let len = file.metadata()?.len();
        Ok(Self::File(file, len))
    }

    /// Opens a pack to decode all of it. It is read whole on `threads` threads, unless it is very large.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub(super) fn load(path: &Path, threads: usize) -> io::Result<Self> {
        let file = open(path)?;
        let len = file.metadata()?.len();
        let size = usize::try_from(len).ok().filter(|_| len <= MAX_IN_MEMORY_BYTES);
        // Checked first, because `vec!` (whose zeros cost nothing until they are touched) aborts if there is no memory.
        let Some(size) = size.filter(|size| Vec::<u8>::new().try_reserve_exact(*size).is_ok()) else {
            return Ok(Self::File(file, len));
        };
        let mut bytes = vec![0; size];
        let pieces = std::sync::Mutex::new(bytes.chunks_mut(CHUNK_BYTES).enumerate());
        let reader = || -> io::Result<()> {
            loop {
                let next = pieces.lock().map_err(|_| io::Error::other("a thread failed"))?.next();
                let Some((number, piece)) = next else { return Ok(()) };
                fault_injection::read_exact_at(&file, piece, (number * CHUNK_BYTES) as u64)?;
            }
        };
        let results = threads::broadcast(threads.min(size / CHUNK_BYTES + 1), reader);
        results.into_iter().collect::<io::Result<()>>()?;
        Ok(Self::Whole(bytes))
    }

    /// Returns the length of the pack in bytes.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::File(_, len) => *len,
        }
    }

    /// Returns the number of bytes held in memory.
    pub(super) fn in_memory(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::File(..) => 0,
        }
    }

    /// Returns the bytes of a range, read into `room` if they are not in memory. A range that ends after the pack is
    /// truncated.
    ///
    /// # Errors
    ///
    /// Returns `Place` if the range starts after the end of the pack, `Memory` or `System` if it cannot be read.
    pub(super) fn get<'a>(
        &'a self,
        range: Range<u64>,
        room: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], ObjectError> {
        let end = range.end.min(self.len());
        if range.start >= end {
            return Err(ObjectError::Place);
        }
        match self {
            Self::Whole(bytes) => slice(bytes, range.start, end),
            Self::File(file, _) => {
                let len = end - range.start;
                let size = usize::try_from(len).map_err(|_| ObjectError::TooLarge(len))?;
                room.clear();
                room.try_reserve_exact(size).map_err(|_| ObjectError::Memory(len))?;
                room.resize(size, 0);
                fault_injection::read_exact_at(file, room, range.start)?;
                Ok(room)
            }
        }
    }

    /// Returns the first bytes of an entry, enough for its header, without allocating.
    ///
    /// # Errors
    ///
    /// Returns `Place` if the offset is after the end of the pack, `System` if it cannot be read.
    pub(super) fn head<'a>(
        &'a self,
        offset: u64,
        room: &'a mut [u8; pack_entry::MAX_HEADER_BYTES],
    ) -> Result<&'a [u8], ObjectError> {
        let end = offset.saturating_add(pack_entry::MAX_HEADER_BYTES as u64).min(self.len());
        if offset >= end {
            return Err(ObjectError::Place);
        }
        match self {
            Self::Whole(bytes) => slice(bytes, offset, end),
            Self::File(file, _) => {
                let size = usize::try_from(end - offset).map_err(|_| ObjectError::Place)?;
                let room = room.get_mut(..size).ok_or(ObjectError::Place)?;
                fault_injection::read_exact_at(file, room, offset)?;
                Ok(room)
            }
        }
    }
}

/// Returns a range of bytes in memory.
fn slice(bytes: &[u8], start: u64, end: u64) -> Result<&[u8], ObjectError> {
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    range.and_then(|(start, end)| bytes.get(start..end)).ok_or(ObjectError::Place)
}

/// A reader of a range of a pack, for a stream that is too long to hold in memory.
#[derive(Debug)]
pub(super) struct RangeReader<'a> {
    bytes: &'a Bytes,
    range: Range<u64>,
}

impl<'a> RangeReader<'a> {
    /// Creates a reader of `range`.
    pub(super) fn new(bytes: &'a Bytes, range: Range<u64>) -> Self {
        Self { bytes, range }
    }
}

impl Read for RangeReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let end = self.range.end.min(self.bytes.len());
        let left = usize::try_from(end.saturating_sub(self.range.start)).unwrap_or(usize::MAX);
        let len = left.min(out.len());
        let out = out.get_mut(..len).unwrap_or_default();
        let done = match self.bytes {
            Bytes::Whole(bytes) => {
                let from = slice(bytes, self.range.start, self.range.start + len as u64);
                out.copy_from_slice(from.map_err(io::Error::other)?);
                len
            }
            Bytes::File(file, _) => fault_injection::read_at(file, out, self.range.start)?,
        };
        self.range.start += done as u64;
        Ok(done)
    }
}
