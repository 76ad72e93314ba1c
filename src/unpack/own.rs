//! Gathers the bytes of a container that belong to no member, so that its sink gets them in pieces of a useful size.

use std::io::{self, Read};

use super::Sink;
use super::ahead::{Ahead, Part};

/// The longest piece, in bytes.
const PIECE: usize = 1 << 20;
/// How far two pieces of one run overlap, in bytes: more than the longest secret in its longest written form.
const OVERLAP: usize = 4 << 10;
/// Bytes of scattered headers that are gathered before the sink sees them.
const SCATTERED: usize = 64 << 10;

/// Bytes on their way to [`Sink::own`].
#[derive(Default)]
pub(super) struct Own {
    run: Vec<u8>,
    /// Where `run` begins in the container.
    run_at: u64,
    /// Bytes at the beginning of `run` that the sink has seen.
    seen: usize,
    scattered: Vec<u8>,
    scattered_at: u64,
}

impl Own {
    /// Bytes at `offset`. Those that follow each other without a gap make one run.
    pub(super) fn add(&mut self, offset: u64, mut bytes: &[u8], sink: &mut dyn Sink) {
        if self.run_at + self.run.len() as u64 != offset {
            self.end_run(sink);
            self.run_at = offset;
        }
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.run.len()));
            self.run.extend_from_slice(now);
            bytes = later;
            if self.run.len() == PIECE {
                sink.own(self.run_at, &self.run);
                self.run.drain(..PIECE - OVERLAP);
                self.run_at += (PIECE - OVERLAP) as u64;
                self.seen = OVERLAP;
            }
        }
    }

    /// A header between two members. Many are handed over together, with the offset of the first.
    pub(super) fn header(&mut self, offset: u64, bytes: &[u8], sink: &mut dyn Sink) {
        if self.scattered.len() + bytes.len() > SCATTERED {
            self.end_scattered(sink);
        }
        if self.scattered.is_empty() {
            self.scattered_at = offset;
        }
        self.scattered.extend_from_slice(bytes);
    }

    /// The next `count` bytes of the container.
    ///
    /// # Errors
    /// The content could not be read, or ends before.
    pub(super) fn part<R: Read>(
        &mut self,
        ahead: &mut Ahead<R>,
        count: u64,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        let mut at = ahead.offset();
        let mut part = Part::new(ahead, count);
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

    /// All that is left of the container.
    ///
    /// # Errors
    /// The content could not be read.
    pub(super) fn rest<R: Read>(&mut self, ahead: &mut Ahead<R>, sink: &mut dyn Sink) -> io::Result<()> {
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

    /// Hands over what is still gathered.
    pub(super) fn finish(&mut self, sink: &mut dyn Sink) {
        self.end_scattered(sink);
        self.end_run(sink);
    }

    fn end_run(&mut self, sink: &mut dyn Sink) {
        if self.run.len() > self.seen {
            sink.own(self.run_at, &self.run);
        }
        self.run.clear();
        self.seen = 0;
    }

    fn end_scattered(&mut self, sink: &mut dyn Sink) {
        if !self.scattered.is_empty() {
            sink.own(self.scattered_at, &self.scattered);
        }
        self.scattered.clear();
    }
}
