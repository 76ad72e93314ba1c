//! Samples a long input while it is scanned: whether a text input is text to its end, and whether binary data may
//! contain compressed streams. Only such input is read a second time for its streams.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::unpack::{has_embedded, is_binary};

/// Number of bytes that are checked in each interval. A binary part longer than an interval is detected.
const SAMPLE_BYTES: usize = 32;
const INTERVAL_BYTES: usize = 1 << 10;
/// Number of bytes before and after the end of a read that are checked together, because a stream may start across the
/// two reads.
const BORDER_BYTES: usize = 1 << 10;

/// The results for one input. Shared by all threads that read it.
#[derive(Debug, Default)]
pub(super) struct Samples {
    binary: AtomicBool,
    embedded: AtomicBool,
}

impl Samples {
    /// Creates the samples of an input that starts with `head`. `binary`: the input is known to be binary.
    pub(super) fn new(head: &[u8], binary: bool) -> Self {
        Self { binary: binary.into(), embedded: (binary && has_embedded(head)).into() }
    }

    /// Returns a reader that samples the bytes of `reader`, which follow `head`.
    pub(super) fn watch<R>(&self, reader: R, head: &[u8]) -> Sampled<'_, R> {
        let last = head[head.len().saturating_sub(BORDER_BYTES)..].to_vec();
        Sampled { reader, samples: self, last }
    }

    /// Returns whether the input seems to contain compressed streams.
    pub(super) fn embedded(&self) -> bool {
        self.embedded.load(Ordering::Relaxed)
    }

    /// Checks bytes that follow `last`.
    fn check(&self, bytes: &[u8], last: &mut Vec<u8>) {
        if !self.binary.load(Ordering::Relaxed) {
            let mut pieces = bytes.chunks(INTERVAL_BYTES);
            if !pieces.any(|piece| is_binary(&piece[..piece.len().min(SAMPLE_BYTES)])) {
                return;
            }
            self.binary.store(true, Ordering::Relaxed);
        }
        last.extend_from_slice(&bytes[..bytes.len().min(BORDER_BYTES)]);
        if has_embedded(bytes) || has_embedded(last) {
            self.embedded.store(true, Ordering::Relaxed);
        }
        last.clear();
        last.extend_from_slice(&bytes[bytes.len().saturating_sub(BORDER_BYTES)..]);
    }
}

/// A reader that samples what it reads.
pub(super) struct Sampled<'s, R> {
    reader: R,
    samples: &'s Samples,
    /// The last bytes of the previous read, in binary data.
    last: Vec<u8>,
}

impl<R: Read> Read for Sampled<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if !self.samples.embedded() {
            self.samples.check(&buffer[..count], &mut self.last);
        }
        Ok(count)
    }
}
