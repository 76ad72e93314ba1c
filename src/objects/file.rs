//! The bytes of a pack: whole in memory, or through positioned reads where the pack is too large for that. A mapped
//! file would need `unsafe`, and dies when another process truncates it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::entry;
use super::error::ObjectError;
use super::threads;
use crate::faults;

/// Packs up to this size are read whole; of larger ones, piece by piece what is decoded, so that memory does not grow with
/// them. The tests' packs lie on both sides of it.
const IN_MEMORY: u64 = if cfg!(test) { 4 << 10 } else { 256 << 20 };
/// Bytes that one thread reads at a time when a pack is read whole.
const PIECE: usize = 1 << 20;

/// Opens a regular file; never waits at a pipe, and refuses what is not a file.
///
/// # Errors
///
/// That of the system, or that it is no regular file.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = faults::opened(OpenOptions::new().read(true).custom_flags(nonblock).open(path)?)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

/// Reads a regular file whole.
///
/// # Errors
///
/// That of the system; `OutOfMemory` instead of an abort.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let len = usize::try_from(file.metadata()?.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    faults::input(file).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of one pack.
#[derive(Debug)]
pub(super) enum Bytes {
    /// All of them.
    Whole(Vec<u8>),
    /// A file and its length.
    File(File, u64),
}

impl Bytes {
    /// Opens a pack without reading it.
    ///
    /// # Errors
    ///
    /// That of the system.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        let len = file.metadata()?.len();
        Ok(Self::File(file, len))
    }

    /// Opens a pack to decode all of it: read whole on `threads` threads, unless it is very large.
    ///
    /// # Errors
    ///
    /// That of the system.
    pub(super) fn load(path: &Path, threads: usize) -> io::Result<Self> {
        let file = open(path)?;
        let len = file.metadata()?.len();
        let size = usize::try_from(len).ok().filter(|_| len <= IN_MEMORY);
        // Asked first, because a vector of zeros (which costs nothing until it is touched) aborts when there is no
        // memory.
        let Some(size) = size.filter(|size| Vec::<u8>::new().try_reserve_exact(*size).is_ok()) else {
            return Ok(Self::File(file, len));
        };
        let mut bytes = vec![0; size];
        let pieces = std::sync::Mutex::new(bytes.chunks_mut(PIECE).enumerate());
        let reader = || -> io::Result<()> {
            loop {
                let next = pieces.lock().map_err(|_| io::Error::other("a thread failed"))?.next();
                let Some((number, piece)) = next else { return Ok(()) };
                faults::read_exact_at(&file, piece, (number * PIECE) as u64)?;
            }
        };
        let results = threads::each(threads.min(size / PIECE + 1), reader);
        results.into_iter().collect::<io::Result<()>>()?;
        Ok(Self::Whole(bytes))
    }

    /// Length of the pack in bytes.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::File(_, len) => *len,
        }
    }

    /// How many of its bytes are in memory.
    pub(super) fn in_memory(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::File(..) => 0,
        }
    }

    /// The bytes of a range, through `room` if they are not in memory. A range that ends beyond the pack is cut.
    ///
    /// # Errors
    ///
    /// `Place` if it begins beyond the pack, `Memory`, `System`.
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
            Self::Whole(bytes) => part(bytes, range.start, end),
            Self::File(file, _) => {
                let len = end - range.start;
                let size = usize::try_from(len).map_err(|_| ObjectError::TooLarge(len))?;
                room.clear();
                room.try_reserve_exact(size).map_err(|_| ObjectError::Memory(len))?;
                room.resize(size, 0);
                faults::read_exact_at(file, room, range.start)?;
                Ok(room)
            }
        }
    }

    /// The first bytes of an entry, enough for its header, without memory for it.
    ///
    /// # Errors
    ///
    /// `Place`, `System`.
    pub(super) fn head<'a>(
        &'a self,
        offset: u64,
        room: &'a mut [u8; entry::LONGEST],
    ) -> Result<&'a [u8], ObjectError> {
        let end = offset.saturating_add(entry::LONGEST as u64).min(self.len());
        if offset >= end {
            return Err(ObjectError::Place);
        }
        match self {
            Self::Whole(bytes) => part(bytes, offset, end),
            Self::File(file, _) => {
                let size = usize::try_from(end - offset).map_err(|_| ObjectError::Place)?;
                let room = room.get_mut(..size).ok_or(ObjectError::Place)?;
                faults::read_exact_at(file, room, offset)?;
                Ok(room)
            }
        }
    }
}

/// A part of bytes in memory.
fn part(bytes: &[u8], start: u64, end: u64) -> Result<&[u8], ObjectError> {
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    range.and_then(|(start, end)| bytes.get(start..end)).ok_or(ObjectError::Place)
}

/// Reads a part of a pack from its beginning to its end, for a stream that is too long to hold.
#[derive(Debug)]
pub(super) struct PartReader<'a> {
    bytes: &'a Bytes,
    range: Range<u64>,
}

impl<'a> PartReader<'a> {
    /// A reader of `range`.
    pub(super) fn new(bytes: &'a Bytes, range: Range<u64>) -> Self {
        Self { bytes, range }
    }
}

impl Read for PartReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let end = self.range.end.min(self.bytes.len());
        let left = usize::try_from(end.saturating_sub(self.range.start)).unwrap_or(usize::MAX);
        let len = left.min(out.len());
        let out = out.get_mut(..len).unwrap_or_default();
        let done = match self.bytes {
            Bytes::Whole(bytes) => {
                let from = part(bytes, self.range.start, self.range.start + len as u64);
                out.copy_from_slice(from.map_err(io::Error::other)?);
                len
            }
            Bytes::File(file, _) => faults::read_at(file, out, self.range.start)?,
        };
        self.range.start += done as u64;
        Ok(done)
    }
}
