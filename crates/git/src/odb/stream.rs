//! A large object as a stream, which reports damage at its end.

use sirocco::Format;
use sirocco::inflate::Reader;
use std::io::{self, BufReader, Read};

use super::error::ObjectError;

/// Inflates an object while it is read.
pub(super) struct ObjectStream<R: Read> {
    reader: Reader<BufReader<R>>,
    /// Bytes that are still missing.
    left: u64,
    error: Option<ObjectError>,
}

impl<R: Read> ObjectStream<R> {
    /// Creates a stream of the object with this compressed data and this declared size.
    pub(super) fn new(input: R, size: u64) -> Self {
        let reader = Reader::new(Format::Zlib, BufReader::with_capacity(1 << 18, input));
        Self { reader, left: size, error: None }
    }

    /// Skips `count` bytes at the start that are not part of the object.
    pub(super) fn skip(mut self, count: u64) -> io::Result<Self> {
        io::copy(&mut (&mut self.reader).take(count), &mut io::sink())?;
        Ok(self)
    }

    /// Reads and discards the rest.
    ///
    /// # Errors
    ///
    /// Returns `Stream` or `Size`, including an error that was met earlier.
    pub(super) fn finish(mut self) -> Result<(), ObjectError> {
        let rest = io::copy(&mut self, &mut io::sink());
        match self.error {
            Some(error) => Err(error),
            None if rest.is_err() => Err(ObjectError::Stream),
            None => Ok(()),
        }
    }

    fn fail(&mut self, error: ObjectError) -> io::Error {
        self.error = Some(error.clone());
        io::Error::other(error)
    }
}

impl<R: Read> Read for ObjectStream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = &self.error {
            return Err(io::Error::other(error.clone()));
        }
        if out.is_empty() {
            return Ok(0);
        }
        match self.reader.read(out) {
            Ok(0) if self.left > 0 => Err(self.fail(ObjectError::Size)),
            Ok(count) if count as u64 > self.left => Err(self.fail(ObjectError::Size)),
            Ok(count) => {
                self.left -= count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(_) => Err(self.fail(ObjectError::Stream)),
        }
    }
}
