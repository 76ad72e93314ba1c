//! Whether a long text is text up to its end: samples of it are looked at while it is read. What is no text may hold
//! compressed streams, and is then read once more for these.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::unpack::is_binary;

/// Bytes that are looked at, of how many. A stream of more than that is met for sure.
const SAMPLE: usize = 32;
const EVERY: usize = 1 << 10;

/// Whether some of the samples were no text. Shared by all threads that read one content.
#[derive(Debug, Default)]
pub(super) struct Samples(AtomicBool);

impl Samples {
    /// Watches what is read of `reader`.
    pub(super) fn watch<R>(&self, reader: R) -> Sampled<'_, R> {
        Sampled { reader, samples: self }
    }

    /// Whether something was no text.
    pub(super) fn binary(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A reader that is watched.
pub(super) struct Sampled<'s, R> {
    reader: R,
    samples: &'s Samples,
}

impl<R: Read> Read for Sampled<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if !self.samples.binary() {
            let mut pieces = buffer[..count].chunks(EVERY);
            if pieces.any(|piece| is_binary(&piece[..piece.len().min(SAMPLE)])) {
                self.samples.0.store(true, Ordering::Relaxed);
            }
        }
        Ok(count)
    }
}
