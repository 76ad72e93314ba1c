//! A reader for decoders that, on an error, drop what they have decoded for the current call: it requests small chunks.

use std::io::{self, ErrorKind, Read};

/// Maximum number of bytes requested from a decoder per call.
const MAX_READ_BYTES: usize = 512;

/// Reads a decoder in small chunks. An error is returned after all chunks that were decoded before it.
pub(super) struct SmallReads<R> {
    decoder: R,
    failed: Option<io::Error>,
}

impl<R: Read> SmallReads<R> {
    pub(super) fn new(decoder: R) -> Self {
        Self { decoder, failed: None }
    }
}

impl<R: Read> Read for SmallReads<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut count = 0;
        while count < buffer.len() {
            let end = buffer.len().min(count + MAX_READ_BYTES);
            match self.decoder.read(&mut buffer[count..end]) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if count == 0 => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A decoder that drops a chunk if it has only a part of it.
    struct Dropping(usize);

    impl Read for Dropping {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(buffer.len()).ok_or(ErrorKind::UnexpectedEof)?;
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }

    #[test]
    fn bytes_before_an_error_are_returned() {
        let mut out = Vec::new();
        let error = SmallReads::new(Dropping(3 * MAX_READ_BYTES + 7)).read_to_end(&mut out).unwrap_err();
        // All but a partial chunk.
        assert!(out.len() >= 2 * MAX_READ_BYTES, "{}", out.len());
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        let mut out = Vec::new();
        SmallReads::new(&b"all of it"[..]).read_to_end(&mut out).unwrap();
        assert_eq!(out, b"all of it");
    }
}
