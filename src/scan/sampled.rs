//! Samples a long input while it is scanned: whether a text input is text to its end, and whether binary data may
//! contain compressed streams. Only such input is read a second time for its streams.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::records::may_have_key_parts;
use crate::unpack::{has_embedded, is_binary};

/// Number of bytes that are checked in each interval. A binary part longer than an interval is detected.
const SAMPLE_BYTES: usize = 32;
const INTERVAL_BYTES: usize = 1 << 10;
/// Number of bytes before and after the end of a read that are checked together, because a stream may start across the
/// two reads.
const BORDER_BYTES: usize = 1 << 10;

/// Number of bytes at the start of an input that are kept.
const MAGIC_BYTES: usize = 16;

/// The results for one input. Shared by all threads that read it.
#[derive(Debug, Default)]
pub(super) struct Samples {
    binary: AtomicBool,
    embedded: AtomicBool,
    /// Whether the input is a log in which parts of keys are searched.
    is_log: bool,
    key_parts: AtomicBool,
    /// The first bytes of the input, by which programs are recognised.
    magic: Vec<u8>,
}

impl Samples {
    /// Creates the samples of an input that starts with `head`. `binary`: the input is known to be binary.
    pub(super) fn new(head: &[u8], binary: bool) -> Self {
        let embedded = (binary && has_embedded(head, head)).into();
        let magic = head[..head.len().min(MAGIC_BYTES)].to_vec();
        Self { binary: binary.into(), embedded, magic, ..Self::default() }
    }

    /// Also looks for parts of keys, if the input is a log whose lines have a prefix.
    pub(super) fn with_key_parts(self, is_log: bool, head: &[u8]) -> Self {
        Self { is_log, key_parts: (is_log && may_have_key_parts(head)).into(), ..self }
    }

    /// Returns whether a log seems to contain parts of keys.
    pub(super) fn key_parts(&self) -> bool {
        self.key_parts.load(Ordering::Relaxed)
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
        if has_embedded(&self.magic, bytes) || has_embedded(&self.magic, last) {
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
        let samples = self.samples;
        if samples.is_log && !samples.key_parts() {
            self.check_key_parts(&buffer[..count]);
        } else if !samples.embedded() {
            samples.check(&buffer[..count], &mut self.last);
        }
        Ok(count)
    }
}

impl<R> Sampled<'_, R> {
    /// Checks bytes of a log for parts of keys, also over the border of two reads.
    fn check_key_parts(&mut self, bytes: &[u8]) {
        let (near, rest) =
            (&bytes[..bytes.len().min(BORDER_BYTES)], bytes.len().saturating_sub(BORDER_BYTES));
        self.last.extend_from_slice(near);
        if may_have_key_parts(bytes) || may_have_key_parts(&self.last) {
            self.samples.key_parts.store(true, Ordering::Relaxed);
        }
        self.last.clear();
        self.last.extend_from_slice(&bytes[rest..]);
    }
}
