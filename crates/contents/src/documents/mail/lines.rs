//! Lines of a stream, with a peek at the next line.

use std::io::{self, Read};

use memchr::{memchr, memmem, memrchr};

use crate::input::Content;

/// Longer lines are returned in pieces of at least this many bytes; the buffer holds twice as many.
const MIN_PIECE_BYTES: usize = 64 << 10;

/// Prefixes of lines at which a part may end or start, each with the preceding line feed.
const LINE_MARKS: [&[u8]; 3] = [b"\n--", b"\nFrom ", b"\nbegin "];

/// A line with its line ending, or a piece of a long line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'l> {
    pub(super) text: &'l [u8],
    /// Whether the text starts at the beginning of a line.
    pub(super) begins: bool,
}

/// The lines of an input.
pub(super) struct Lines<'c> {
    input: &'c mut dyn Content,
    buffer: Vec<u8>,
    at: usize,
    /// End of the line returned by `peek`; equal to `at` if there is none.
    end: usize,
    begins: bool,
    ended: bool,
}

impl<'c> Lines<'c> {
    /// Creates the reader.
    pub(super) fn new(input: &'c mut dyn Content) -> Self {
        Self { input, buffer: Vec::new(), at: 0, end: 0, begins: true, ended: false }
    }

    /// Returns the next line without consuming it; `None` at the end.
    pub(super) fn peek(&mut self) -> io::Result<Option<Line<'_>>> {
        while self.end == self.at {
            let ready = &self.buffer[self.at..];
            match memchr(b'\n', ready) {
                Some(length) => self.end = self.at + length + 1,
                None if self.ended || ready.len() >= MIN_PIECE_BYTES => self.end = self.buffer.len(),
                None => {
                    self.fill()?;
                    continue;
                }
            }
            break;
        }
        let text = &self.buffer[self.at..self.end];
        Ok((!text.is_empty()).then_some(Line { text, begins: self.begins }))
    }

    /// Consumes the line returned by `peek`.
    pub(super) fn next(&mut self) {
        if self.end > self.at {
            self.begins = self.buffer[self.end - 1] == b'\n';
            self.at = self.end;
        }
    }

    /// Skips the buffered lines up to the next one that starts with one of [`LINE_MARKS`]. Returns whether the last
    /// skipped line was empty, or `None` if no line was skipped.
    pub(super) fn skip_plain_lines(&mut self) -> Option<bool> {
        let ready = &self.buffer[self.at..];
        let marked = LINE_MARKS.iter().any(|mark| ready.starts_with(&mark[1..]));
        if !self.begins || self.end > self.at || marked {
            return None;
        }
        // Each search is limited to the range up to the nearest mark found so far.
        let last = memrchr(b'\n', ready)?;
        let stop = LINE_MARKS.iter().fold(last, |stop, mark| {
            memmem::find(&ready[..(stop + mark.len()).min(ready.len())], mark).map_or(stop, |at| at.min(stop))
        });
        let dull = ready[..stop].trim_ascii_end();
        let empty = ready[dull.len()..stop].contains(&b'\n') || dull.is_empty();
        self.at += stop + 1;
        self.end = self.at;
        Some(empty)
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.at);
        (self.at, self.end) = (0, 0);
        let room = (2 * MIN_PIECE_BYTES).saturating_sub(self.buffer.len()) as u64;
        let count = (&mut *self.input).take(room).read_to_end(&mut self.buffer)?;
        self.ended = count == 0;
        Ok(())
    }
}
