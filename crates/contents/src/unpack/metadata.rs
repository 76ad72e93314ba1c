//! Buffers container metadata (headers, padding, gaps) and hands it to the sink in chunks of a useful size.

use std::io::{self, Read};

use super::Sink;
use super::peek_reader::{PeekReader, Section};

/// Maximum length of a chunk in bytes.
const MAX_CHUNK_BYTES: usize = 1 << 20;
/// Overlap of two chunks of one run in bytes: more than the longest secret in its longest encoding.
const OVERLAP_BYTES: usize = 4 << 10;
/// Bytes of scattered headers that are buffered before they are handed over.
const MAX_SCATTERED_BYTES: usize = 64 << 10;

/// A buffer in front of [`Sink::metadata`].
#[derive(Default)]
pub(super) struct MetadataBuffer {
    run: Vec<u8>,
    /// Offset of `run` in the container.
    run_at: u64,
    /// Number of bytes at the start of `run` that were handed over.
    seen: usize,
    scattered: Vec<u8>,
    scattered_at: u64,
}

impl MetadataBuffer {
    /// Adds bytes at `offset`. Adjacent bytes form one run.
    pub(super) fn add(&mut self, offset: u64, mut bytes: &[u8], sink: &mut dyn Sink) {
        if self.run_at + self.run.len() as u64 != offset {
            self.end_run(sink);
            self.run_at = offset;
        }
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(MAX_CHUNK_BYTES - self.run.len()));
            self.run.extend_from_slice(now);
            bytes = later;
            if self.run.len() == MAX_CHUNK_BYTES {
                sink.metadata(self.run_at, &self.run);
                self.run.drain(..MAX_CHUNK_BYTES - OVERLAP_BYTES);
                self.run_at += (MAX_CHUNK_BYTES - OVERLAP_BYTES) as u64;
                self.seen = OVERLAP_BYTES;
            }
        }
    }

    /// Adds a header between two members. Headers are concatenated and handed over with the offset of the first.
    pub(super) fn header(&mut self, offset: u64, bytes: &[u8], sink: &mut dyn Sink) {
        if self.scattered.len() + bytes.len() > MAX_SCATTERED_BYTES {
            self.end_scattered(sink);
        }
        if self.scattered.is_empty() {
            self.scattered_at = offset;
        }
        self.scattered.extend_from_slice(bytes);
    }

    /// Adds the next `count` bytes of the container.
    ///
    /// # Errors
    /// Returns an error if the input cannot be read or ends early.
    pub(super) fn part<R: Read>(
        &mut self,
        ahead: &mut PeekReader<R>,
        count: u64,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        let mut at = ahead.offset();
        let mut part = Section::new(ahead, count);
        let mut buffer = vec![0; usize::try_from(count).unwrap_or(usize::MAX).min(64 << 10)];
        loop {
            match part.read(&mut buffer)? {
                0 => return Ok(()),
                more => {
                    self.add(at, &buffer[..more], sink);
                    at += more as u64;
                }
            }
        }
    }

    /// Adds the rest of the container.
    ///
    /// # Errors
    /// Returns the I/O error of the input.
    pub(super) fn rest<R: Read>(&mut self, ahead: &mut PeekReader<R>, sink: &mut dyn Sink) -> io::Result<()> {
        loop {
            let at = ahead.offset();
            let ready = ahead.ready()?;
            if ready.is_empty() {
                return Ok(());
            }
            self.add(at, ready, sink);
            let count = ready.len();
            ahead.advance(count);
        }
    }

    /// Hands over everything that is still buffered.
    pub(super) fn finish(&mut self, sink: &mut dyn Sink) {
        self.end_scattered(sink);
        self.end_run(sink);
    }

    fn end_run(&mut self, sink: &mut dyn Sink) {
        if self.run.len() > self.seen {
            sink.metadata(self.run_at, &self.run);
        }
        self.run.clear();
        self.seen = 0;
    }

    fn end_scattered(&mut self, sink: &mut dyn Sink) {
        if !self.scattered.is_empty() {
            sink.metadata(self.scattered_at, &self.scattered);
        }
        self.scattered.clear();
    }
}
