//! Reads content in overlapping chunks into one buffer and counts the lines that leave it. Does not search.

use std::io::{self, Read};
use std::ops::Range;

use super::Chunk;
use super::budget::Budget;
use super::line_counter::{Place, newlines};
use super::stream::Scratch;

/// Number of bytes read at a time; fits into the second-level cache.
pub(super) const CHUNK: usize = 256 << 10;
/// Number of bytes kept before and after a chunk border; more than the width of any window.
pub(super) const MARGIN: usize = 8 << 10;
/// Maximum size of the buffer for something that must be seen as a whole, in bytes.
const LARGEST: usize = 24 << 20;

/// A reader of overlapping chunks.
pub(super) struct ChunkReader<'a> {
    reader: &'a mut dyn Read,
    pub(super) buffer: Vec<u8>,
    /// Number of bytes in the buffer that are content.
    pub(super) length: usize,
    /// Number of bytes to read into the buffer before it is searched.
    wanted: usize,
    /// Offset of the first byte of the buffer in the content.
    pub(super) offset: u64,
    /// Offset in the buffer of the first byte that was not searched yet.
    pub(super) from: usize,
    /// Number of newlines before that byte.
    pub(super) lines: u64,
    /// Offset in the content at which the search ends, although the content may continue.
    pub(super) until: u64,
    pub(super) ended: bool,
}

impl<'a> ChunkReader<'a> {
    pub(super) fn new(reader: &'a mut dyn Read, buffer: Vec<u8>) -> Self {
        let until = u64::MAX;
        Self { reader, buffer, length: 0, wanted: CHUNK, offset: 0, from: 0, lines: 0, until, ended: false }
    }

    /// Creates a reader for a part of some content: anchors are searched in `part` (byte offsets). `reader` starts
    /// [`MARGIN`] bytes before it, or at the start of the content, and continues after it.
    pub(super) fn of_part(reader: &'a mut dyn Read, scratch: Scratch, part: Range<u64>) -> Self {
        let before = part.start.min(MARGIN as u64);
        let mut pieces = Self::new(reader, scratch.buffer);
        (pieces.offset, pieces.from, pieces.until) = (part.start - before, before as usize, part.end);
        // An error here occurs again on the next call.
        let _again = pieces.fill();
        pieces.lines = newlines(&pieces.bytes()[..pieces.from.min(pieces.length)]);
        pieces
    }

    /// Reads until the buffer contains the wanted number of bytes, or to the end.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        if self.buffer.len() < self.wanted {
            self.buffer.resize(self.wanted, 0);
        }
        while self.length < self.wanted && !self.ended {
            match self.reader.read(&mut self.buffer[self.length..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Returns the buffer, the number of bytes in it, and the reader of what follows.
    pub(super) fn into_rest(self) -> (Vec<u8>, usize, &'a mut dyn Read) {
        (self.buffer, self.length, self.reader)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    pub(super) fn chunk(&self) -> Chunk<'_> {
        let to = if self.ended { self.length } else { self.length - MARGIN };
        let until = usize::try_from(self.until.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        // If the file was truncated, a part may end before its first byte.
        let to = to.min(until).max(self.from).min(self.length);
        Chunk { raw: self.bytes(), from: self.from.min(to), to, last: self.ended || self.wanted >= LARGEST }
    }

    /// Returns whether nothing is left to search after this chunk.
    pub(super) fn is_last(&self) -> bool {
        self.ended || self.offset + self.chunk().to as u64 >= self.until
    }

    /// Returns the number of bytes of the content that have been searched.
    pub(super) fn searched(&self) -> u64 {
        self.offset + self.chunk().to as u64
    }

    /// Returns the bytes of the last chunk before the first chunk of the next part.
    pub(super) fn behind(&self) -> &[u8] {
        &self.buffer[..self.chunk().to.saturating_sub(MARGIN)]
    }

    /// Enlarges the buffer for more content before the next search.
    pub(super) fn grow(&mut self) {
        self.wanted = (self.wanted * 4).min(LARGEST);
    }

    /// Records that something was not read completely if the buffer has reached its maximum size.
    pub(super) fn note_cut(&self, budget: &Budget) {
        if self.wanted == LARGEST && !self.ended {
            budget.missed("compressed data inside more than 24 MiB of base64; only its beginning was read");
        }
    }

    /// Returns the bytes that the next [`Self::shift`] removes.
    pub(super) fn leaving(&self) -> &[u8] {
        // A multiple of four keeps characters of wide text whole.
        &self.buffer[..(self.length - 2 * MARGIN) / 4 * 4]
    }

    /// Moves on to the next chunk: `start`, the location of the first byte of the buffer, advances over the bytes that
    /// leave it. `searched` is the number of newlines in the part that was searched; of those, only the ones that the
    /// buffer keeps, in at most one margin, are counted here.
    pub(super) fn advance(&mut self, searched: u64, start: &mut Place) {
        let leaving = self.leaving();
        let kept = newlines(&self.buffer[leaving.len()..self.chunk().to]);
        start.advance_known(leaving, || (self.lines + searched).saturating_sub(kept));
        self.shift();
        self.lines = kept;
    }

    /// Moves the last bytes to the start of the buffer as context of the following bytes.
    pub(super) fn shift(&mut self) {
        let drop = self.leaving().len();
        self.from = self.length - MARGIN - drop;
        self.buffer.copy_within(drop..self.length, 0);
        self.length -= drop;
        self.offset += drop as u64;
        self.wanted = CHUNK;
        self.buffer.truncate(CHUNK.max(self.length));
        self.buffer.shrink_to(CHUNK);
    }
}
