//! A reader for decoders that drop what they have decoded for the piece at hand when they fail: it asks for small pieces.

use std::io::{self, ErrorKind, Read};

/// Bytes that a decoder is asked for at a time.
const PIECE: usize = 512;

/// Reads a decoder in small pieces. An error comes after all pieces that were decoded before it.
pub(super) struct Pieces<R> {
    decoder: R,
    failed: Option<io::Error>,
}

impl<R: Read> Pieces<R> {
    pub(super) fn new(decoder: R) -> Self {
        Self { decoder, failed: None }
    }
}

impl<R: Read> Read for Pieces<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut count = 0;
        while count < buffer.len() {
            let end = buffer.len().min(count + PIECE);
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

    /// Drops a piece of which it has only a part.
    struct Dropping(usize);

    impl Read for Dropping {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(buffer.len()).ok_or(ErrorKind::UnexpectedEof)?;
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }

    #[test]
    fn what_was_decoded_before_an_error_is_handed_over() {
        let mut out = Vec::new();
        let error = Pieces::new(Dropping(3 * PIECE + 7)).read_to_end(&mut out).unwrap_err();
        // As much as it can be of what a piece is cut from.
        assert!(out.len() >= 2 * PIECE, "{}", out.len());
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        let mut out = Vec::new();
        Pieces::new(&b"all of it"[..]).read_to_end(&mut out).unwrap();
        assert_eq!(out, b"all of it");
    }
}
