//! A reader cut into overlapping pieces in one buffer. It counts what leaves the buffer and searches nothing.

use std::io::{self, Read};
use std::ops::Range;

use super::Chunk;
use super::budget::Budget;
use super::lines::newlines;
use super::stream::Scratch;

/// Bytes read at a time; small enough for the second-level cache.
pub(super) const CHUNK: usize = 256 << 10;
/// Bytes kept on either side of a chunk's border: more than any window is wide.
pub(super) const MARGIN: usize = 8 << 10;
/// Bytes up to which the buffer grows for something that has to be seen whole.
const LARGEST: usize = 24 << 20;

/// A reader cut into overlapping pieces.
pub(super) struct Pieces<'a> {
    reader: &'a mut dyn Read,
    pub(super) buffer: Vec<u8>,
    /// Bytes of the buffer that hold content.
    pub(super) length: usize,
    /// Bytes wanted in the buffer before it is searched.
    wanted: usize,
    /// Offset of the buffer's first byte in the content.
    pub(super) offset: u64,
    /// First byte of the buffer that was not searched yet.
    pub(super) from: usize,
    /// Newlines before that byte.
    pub(super) lines: u64,
    /// Offset in the content at which the search ends, although the content may go on.
    pub(super) until: u64,
    pub(super) ended: bool,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(reader: &'a mut dyn Read, buffer: Vec<u8>) -> Self {
        let until = u64::MAX;
        Self { reader, buffer, length: 0, wanted: CHUNK, offset: 0, from: 0, lines: 0, until, ended: false }
    }

    /// The pieces of a part of some content: anchors are looked for in `part` (offsets in bytes). `reader` begins
    /// [`MARGIN`] bytes before it, or at the beginning of the content, and goes on behind it.
    pub(super) fn of_part(reader: &'a mut dyn Read, scratch: Scratch, part: Range<u64>) -> Self {
        let before = part.start.min(MARGIN as u64);
        let mut pieces = Self::new(reader, scratch.buffer);
        (pieces.offset, pieces.from, pieces.until) = (part.start - before, before as usize, part.end);
        // What fails here fails again at once.
        let _again = pieces.fill();
        pieces.lines = newlines(&pieces.bytes()[..pieces.from.min(pieces.length)]);
        pieces
    }

    /// Reads until the buffer holds what is wanted, or the end.
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

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    pub(super) fn chunk(&self) -> Chunk<'_> {
        let to = if self.ended { self.length } else { self.length - MARGIN };
        let until = usize::try_from(self.until.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        // A part of a file that has become shorter meanwhile may end before the first byte that is looked at.
        let to = to.min(until).max(self.from).min(self.length);
        Chunk { raw: self.bytes(), from: self.from.min(to), to, last: self.ended || self.wanted >= LARGEST }
    }

    /// Whether nothing is left to be searched behind this piece.
    pub(super) fn is_last(&self) -> bool {
        self.ended || self.offset + self.chunk().to as u64 >= self.until
    }

    /// Bytes of the content up to where the search has ended.
    pub(super) fn searched(&self) -> u64 {
        self.offset + self.chunk().to as u64
    }

    /// The bytes of the last piece that lie before the first piece of the next part.
    pub(super) fn behind(&self) -> &[u8] {
        &self.buffer[..self.chunk().to.saturating_sub(MARGIN)]
    }

    /// Makes room for more content before the next search.
    pub(super) fn grow(&mut self) {
        self.wanted = (self.wanted * 4).min(LARGEST);
    }

    /// Says so if the buffer may not grow any more although something in it goes on.
    pub(super) fn note_cut(&self, budget: &Budget) {
        if self.wanted == LARGEST && !self.ended {
            budget.missed("compressed data inside more than 24 MiB of base64; only its beginning was read");
        }
    }

    /// The bytes that the next [`Self::shift`] drops.
    pub(super) fn leaving(&self) -> &[u8] {
        // A multiple of four keeps the units of wide text whole.
        &self.buffer[..(self.length - 2 * MARGIN) / 4 * 4]
    }

    /// From the newlines in the searched part of the buffer: those in the bytes that the next [`Self::shift`] drops,
    /// and those that it keeps before what comes next. Only the latter, a margin's worth, have to be looked for.
    pub(super) fn lines_leaving(&self, searched: u64) -> (u64, u64) {
        let kept = newlines(&self.buffer[self.leaving().len()..self.chunk().to]);
        ((self.lines + searched).saturating_sub(kept), kept)
    }

    /// Keeps the last bytes, as surroundings of what comes next.
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
