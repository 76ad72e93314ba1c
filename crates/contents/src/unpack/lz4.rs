//! lz4 frames, including legacy and skippable ones. If a block is truncated or damaged, this module decodes the part
//! before the error; the decoder of the library only accepts whole blocks.

use std::io::{self, BufRead, Read};

use lz4_flex::frame::FrameDecoder;

use super::peek_reader::truncated;
use super::streams::{ConcatenatedStream, Input};

/// Maximum distance of a match, in bytes.
const WINDOW_BYTES: usize = 64 << 10;
/// Maximum size of a block in bytes: 4 MiB in a frame, 8 MiB in a legacy frame.
const MAX_BLOCK_BYTES: usize = 8 << 20;

/// An lz4 frame, or a skippable frame.
pub(super) enum Lz4<'i> {
    Frame(Box<Frame<'i>>),
    Skipped(Input<'i>),
}

impl Read for Lz4<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Frame(frame) => frame.read(buffer),
            Self::Skipped(_) => Ok(0),
        }
    }
}

impl<'i> ConcatenatedStream<'i> for Lz4<'i> {
    fn starts_with(head: &[u8]) -> bool {
        head.starts_with(&[0x04, 0x22, 0x4D, 0x18])
            || head.starts_with(&[0x02, 0x21, 0x4C, 0x18])
            || super::format::is_skippable_frame(head)
    }

    fn open(mut input: Input<'i>) -> io::Result<Self> {
        let head = input.peek(8)?;
        if !super::format::is_skippable_frame(head) {
            // Legacy frames have no end mark.
            let endless = head.first() == Some(&2);
            return Ok(Self::Frame(Box::new(Frame::new(input, endless))));
        }
        let size = head
            .get(4..8)
            .and_then(|bytes| bytes.first_chunk())
            .map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let whole = u64::from(size) + 8;
        let skipped = io::copy(&mut (&mut input).take(whole), &mut io::sink())?;
        if skipped < whole {
            return Err(truncated());
        }
        Ok(Self::Skipped(input))
    }

    fn close(self) -> io::Result<Input<'i>> {
        match self {
            Self::Skipped(input) => Ok(input),
            Self::Frame(frame) => {
                let input = frame.decoder.into_inner().inner;
                // The decoder treats the end of the input as the end of the frame.
                if input.has_ended() && !frame.endless { Err(truncated()) } else { Ok(input) }
            }
        }
    }
}

/// A frame.
pub(super) struct Frame<'i> {
    decoder: FrameDecoder<RecordingReader<Input<'i>>>,
    endless: bool,
    /// Whether the header of the frame was read.
    begun: bool,
    /// The last decoded bytes.
    history: Vec<u8>,
    /// The decoded part of the block that failed, with a read position, and the error.
    failed: Option<(io::Cursor<Vec<u8>>, Option<io::Error>)>,
}

impl<'i> Frame<'i> {
    fn new(input: Input<'i>, endless: bool) -> Self {
        let decoder = FrameDecoder::new(RecordingReader { inner: input, bytes: Vec::new() });
        Self { decoder, endless, begun: false, history: Vec::new(), failed: None }
    }

    /// Returns the compressed bytes of the block that failed, without the frame header (if the block is the first) and
    /// the block size, and whether the block is stored uncompressed.
    fn failed_block(&self) -> Option<(&[u8], bool)> {
        let mut bytes = &self.decoder.get_ref().bytes[..];
        if !self.begun {
            let flags = *bytes.get(4)?;
            let fields = if flags & 8 != 0 { 8 } else { 0 } + if flags & 1 != 0 { 4 } else { 0 };
            bytes = bytes.get(if self.endless { 4 } else { 7 + fields }..)?;
        }
        let size = u32::from_le_bytes(*bytes.first_chunk()?);
        let (is_plain, size) = (!self.endless && size >> 31 == 1, size as usize & 0x7FFF_FFFF);
        let block = &bytes[4..];
        Some((&block[..block.len().min(size).min(MAX_BLOCK_BYTES)], is_plain))
    }

    /// Decodes the failed block up to its end or its first error.
    fn decode_failed_block(&self) -> Vec<u8> {
        match self.failed_block() {
            Some((block, true)) => block.to_vec(),
            Some((block, false)) => sequences(block, &self.history, MAX_BLOCK_BYTES),
            None => Vec::new(),
        }
    }

    fn remember(&mut self, bytes: &[u8]) {
        self.history.extend_from_slice(&bytes[bytes.len().saturating_sub(WINDOW_BYTES)..]);
        if self.history.len() > 4 * WINDOW_BYTES {
            self.history.drain(..self.history.len() - WINDOW_BYTES);
        }
    }
}

impl Read for Frame<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_none() {
            self.decoder.get_mut().bytes.clear();
            match self.decoder.fill_buf() {
                Ok(ready) => {
                    let count = ready.len().min(buffer.len());
                    buffer[..count].copy_from_slice(&ready[..count]);
                    self.decoder.consume(count);
                    self.begun = true;
                    self.remember(&buffer[..count]);
                    return Ok(count);
                }
                Err(error) => self.failed = Some((io::Cursor::new(self.decode_failed_block()), Some(error))),
            }
        }
        let Some((rescued, error)) = &mut self.failed else { return Ok(0) };
        match rescued.read(buffer)? {
            0 => error.take().map_or(Ok(0), Err),
            count => Ok(count),
        }
    }
}

/// Decodes the sequences of a block up to its end, its first error, or until there are `most` bytes. `history` is the output
/// before it.
pub(super) fn sequences(block: &[u8], history: &[u8], most: usize) -> Vec<u8> {
    let mut out = history.to_vec();
    let mut rest = block;
    while sequence(&mut rest, &mut out).is_some() && out.len() - history.len() < most {}
    out.split_off(history.len())
}

/// Decodes one sequence: literals and a match. Returns `None` at the end.
fn sequence(rest: &mut &[u8], out: &mut Vec<u8>) -> Option<()> {
    let token = rest.split_off_first()?;
    let literals = length(usize::from(token >> 4), rest)?;
    out.extend_from_slice(&rest[..rest.len().min(literals)]);
    *rest = rest.get(literals..)?;
    let back = usize::from(u16::from_le_bytes(*rest.first_chunk()?));
    *rest = &rest[2..];
    let count = length(usize::from(token & 15), rest)? + 4;
    let from = out.len().checked_sub(back).filter(|_| back > 0)?;
    for at in from..from + count.min(MAX_BLOCK_BYTES) {
        out.push(out[at]);
    }
    Some(())
}

/// Reads a length that starts with `first`, the value in the token.
fn length(first: usize, rest: &mut &[u8]) -> Option<usize> {
    let mut length = first;
    let mut more = first == 15;
    while more {
        let next = *rest.split_off_first()?;
        length += usize::from(next);
        more = next == u8::MAX;
    }
    Some(length)
}

/// A reader that keeps the bytes read through it.
struct RecordingReader<R> {
    inner: R,
    bytes: Vec<u8>,
}

impl<R: Read> Read for RecordingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}
