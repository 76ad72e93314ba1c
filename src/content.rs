//! What can be read: a stream of bytes that may also offer random access or know its neighbours.
//!
//! Plain interfaces between those who open content and those who look into it; opens nothing itself.

use std::io::{Cursor, Read, Seek};

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
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Content for Stream<R> {}
