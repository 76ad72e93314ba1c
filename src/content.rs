//! What can be read: a stream of bytes that may also offer random access or know its neighbours.
//!
//! Plain interfaces between those who open content and those who look into it; opens nothing itself.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use crate::faults;

/// Random access to a whole content.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// Content that is read from its beginning to its end, once.
pub trait Content: Read {
    /// The same content from its very beginning with random access, whatever was read before. `None` for what comes
    /// as a stream (a pipe, a member of an archive).
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        None
    }

    /// The same content from `offset` (bytes) on, however much of it was read; any number of them at a time, for other
    /// threads. `None` as above.
    fn read_from(&self, _offset: u64) -> Option<Box<dyn Read + Send + '_>> {
        None
    }

    /// The file with this name (one part of a path, without `/`) in the same directory, if this is a regular file and
    /// that is one too.
    fn beside(&mut self, _name: &str) -> Option<Box<dyn Read + '_>> {
        None
    }
}

/// Content in memory.
impl Content for Cursor<&[u8]> {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        Some(Box::new(Cursor::new(*self.get_ref())))
    }
}

/// Content of which nothing more is known than how to read it.
pub struct Stream<R>(pub R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Content for Stream<R> {}

/// A file from its beginning, whatever was read of it before and goes on being read: it has a position of its own.
#[derive(Debug)]
pub struct Positioned<'f> {
    file: &'f File,
    at: u64,
}

impl<'f> Positioned<'f> {
    /// The byte at `offset` of `file`.
    pub fn new(file: &'f File, offset: u64) -> Self {
        Self { file, at: offset }
    }
}

impl Read for Positioned<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = undisturbed(|| faults::read_at(self.file, buffer, self.at))?;
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

/// A regular file as content.
#[derive(Debug)]
pub struct Regular(pub File);

impl Read for Regular {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        undisturbed(|| faults::read(&self.0, buffer))
    }
}

impl Content for Regular {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        Some(Box::new(Positioned::new(&self.0, 0)))
    }
}

/// Reads again when a signal came between: not every reader of a format that asks knows that this is no error.
///
/// # Errors
/// Every other error of `read`.
pub fn undisturbed(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
