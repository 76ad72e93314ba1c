//! The framing format of snappy (`.sz`, framing_format.txt of google/snappy): chunks, each compressed by itself or not.

use std::io::{self, Read};

use super::pages::lz::snappy;
use super::peek_reader::{PeekReader, damaged, truncated};
use super::{Budget, Sink};
use crate::input::{Content, Stream};

/// First bytes of a stream.
pub(super) const MAGIC: &[u8; 10] = b"\xFF\x06\0\0sNaPpY";
/// Bytes before each chunk: its kind and its length.
const HEADER: usize = 4;
/// Bytes of the checksum in a chunk of data.
const CHECKSUM: usize = 4;

/// Hands the content of a stream to `sink`.
///
/// # Errors
/// No stream is there.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let counted = budget.compressed(input);
    let from = counted.count();
    let chunks = Chunks { input: PeekReader::new(counted, 0), ready: Vec::new(), at: 0, failed: false };
    sink.member("", &mut Stream(budget.expanding(chunks, from)));
    Ok(())
}

struct Chunks<R> {
    input: PeekReader<R>,
    ready: Vec<u8>,
    at: usize,
    failed: bool,
}

impl<R: Read> Chunks<R> {
    /// Reads the next chunk; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        let head = self.input.peek(HEADER)?;
        if head.is_empty() {
            return Ok(false);
        }
        let &[kind, a, b, c] = head.first_chunk().ok_or_else(truncated)?;
        let length = u64::from(u32::from_le_bytes([a, b, c, 0]));
        self.input.advance(HEADER);
        (self.at, self.ready) = (0, Vec::new());
        if kind > 1 {
            // A mark again, padding, or what may be left out.
            self.failed = kind < 0x80;
            self.input.skip(length)?;
            return if self.failed {
                Err(damaged("a chunk is of a kind that is not known"))
            } else {
                Ok(true)
            };
        }
        let mut chunk = Vec::new();
        (&mut self.input).take(length).read_to_end(&mut chunk)?;
        let data = chunk.get(CHECKSUM..).unwrap_or_default();
        if kind == 1 {
            self.ready = data.to_vec();
        } else {
            let block = snappy(data);
            self.failed = !block.whole;
            self.ready = block.bytes;
        }
        if (chunk.len() as u64) < length { Err(truncated()) } else { Ok(true) }
    }
}

impl<R: Read> Read for Chunks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() {
            if self.failed {
                return Err(damaged("its snappy data is damaged"));
            }
            if !self.next()? {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.ready.len() - self.at);
        buffer[..count].copy_from_slice(&self.ready[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
