//! Input abstractions: a stream of bytes that may also support random access or give access to files next to it.
//!
//! Interfaces between the code that opens inputs and the code that scans them. Does not open files.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use crate::fault_injection;

/// A seekable reader over a whole input.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// Input that is read once, from its beginning to its end.
pub trait Content: Read {
    /// Returns a seekable reader over the same input, positioned at its start, no matter how much was read before.
    /// `None` for streams (a pipe, a member of an archive).
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        None
    }

    /// Returns a reader over the same input from `offset` (bytes) on, no matter how much was read before. Several may
    /// exist at a time, on other threads. `None` as above.
    fn read_from(&self, _offset: u64) -> Option<Box<dyn Read + Send + '_>> {
        None
    }

    /// Opens the file of this name (one path component, without `/`) in the same directory. `None` unless both this
    /// input and that file are regular files.
    fn beside(&mut self, _name: &str) -> Option<Box<dyn Read + '_>> {
        None
    }
}

/// Input in memory.
impl Content for Cursor<&[u8]> {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        Some(Box::new(Cursor::new(*self.get_ref())))
    }
}

/// Input that can only be read once.
pub struct Stream<R>(pub R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Content for Stream<R> {}

/// A reader with its own position in a file, independent of other reads of the same file.
#[derive(Debug)]
pub struct Positioned<'f> {
    file: &'f File,
    at: u64,
}

impl<'f> Positioned<'f> {
    /// Creates a reader at byte `offset` of `file`.
    pub fn new(file: &'f File, offset: u64) -> Self {
        Self { file, at: offset }
    }
}

impl Read for Positioned<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = undisturbed(|| fault_injection::read_at(self.file, buffer, self.at))?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Positioned<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.file.metadata()?.len(), by),
        };
        let at = from.checked_add_signed(by);
        self.at =
            at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the beginning"))?;
        Ok(self.at)
    }
}

/// A regular file as input.
#[derive(Debug)]
pub struct Regular {
    file: File,
    /// Bytes read so far.
    at: u64,
}

impl Regular {
    /// Creates the input of a file that was just opened.
    pub fn new(file: File) -> Self {
        Self { file, at: 0 }
    }
}

impl Read for Regular {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = undisturbed(|| fault_injection::read_next(&self.file, buffer, self.at))?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Content for Regular {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        Some(Box::new(Positioned::new(&self.file, 0)))
    }
}

/// Retries on `ErrorKind::Interrupted`; some format readers report it as a failure.
///
/// # Errors
/// Returns every other error of `read`.
pub fn undisturbed(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
