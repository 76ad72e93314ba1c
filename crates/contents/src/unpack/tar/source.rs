//! The bytes of an archive on their way to the library that parses its headers: records the padding of each member, and
//! lets the data of a member be read without the library.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::ops::Range;

use super::super::Sink;

/// Size of a block in bytes.
pub(super) const BLOCK_BYTES: usize = 512;
/// Bytes before the end of a member that are scanned together with its padding, if that is not empty: more than the
/// longest secret in its longest encoding.
const PADDING_CONTEXT_BYTES: u64 = 4 << 10;
/// Maximum bytes of consecutive headers that are kept.
const MAX_HEADER_BYTES: usize = 4 << 20;

/// The end of the current member with its padding, which belongs to no member and should be zeros. A false size in the
/// header could hide the rest of the member there.
#[derive(Default)]
pub(super) struct MemberEnd(RefCell<End>);

#[derive(Default)]
struct End {
    /// Range of the archive that is kept.
    kept: Range<u64>,
    /// Number of kept bytes that belong to the member.
    member_bytes: usize,
    bytes: Vec<u8>,
}

impl MemberEnd {
    /// Announces a member of `size` bytes at offset `at`.
    pub(super) fn expect(&self, at: u64, size: u64) {
        let end = at.saturating_add(size);
        let from = end.saturating_sub(PADDING_CONTEXT_BYTES.min(size));
        let kept = from..end.checked_next_multiple_of(BLOCK_BYTES as u64).unwrap_or(end);
        *self.0.borrow_mut() = End { kept, member_bytes: (end - from) as usize, bytes: Vec::new() };
    }

    /// Keeps those bytes at offset `at` that are in the range.
    fn record(&self, at: u64, bytes: &[u8]) {
        let mut end = self.0.borrow_mut();
        let (from, to) = (end.kept.start.max(at), end.kept.end.min(at + bytes.len() as u64));
        if let Some(part) = from.checked_sub(at).zip(to.checked_sub(at)).filter(|_| from < to)
            && let Some(part) = bytes.get(part.0 as usize..part.1 as usize)
        {
            end.bytes.extend_from_slice(part);
        }
    }

    /// Hands over the end of the previous member, if its padding is not empty.
    pub(super) fn hand_over(&self, sink: &mut dyn Sink) {
        let end = self.0.take();
        if end.bytes.get(end.member_bytes..).is_some_and(|padding| padding.iter().any(|byte| *byte != 0)) {
            sink.metadata(end.kept.start, &end.bytes);
        }
    }
}

/// An archive whose bytes are recorded while it is read.
pub(super) struct Source<R> {
    inner: RefCell<R>,
    /// Number of bytes read.
    at: Cell<u64>,
    /// Number of bytes read without the library, which it will still request.
    past: Cell<u64>,
    /// The last consecutive blocks that were read one at a time.
    headers: RefCell<Vec<u8>>,
    pub(super) ends: MemberEnd,
}

impl<R: Read> Source<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner: RefCell::new(inner),
            at: Cell::new(0),
            past: Cell::new(0),
            headers: RefCell::default(),
            ends: MemberEnd::default(),
        }
    }

    /// Returns the offset of the next byte in the archive.
    pub(super) fn at(&self) -> u64 {
        self.at.get()
    }

    /// Returns the bytes from `offset` up to the next byte; `None` if they were not all headers.
    pub(super) fn headers_from(&self, offset: u64) -> Option<Vec<u8>> {
        let headers = self.headers.borrow();
        let count = usize::try_from(self.at.get().checked_sub(offset)?).ok()?;
        headers.len().checked_sub(count).map(|from| headers[from..].to_vec())
    }

    /// Drops the kept headers, after the current member is done.
    pub(super) fn drop_headers(&self) {
        self.headers.borrow_mut().clear();
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.borrow_mut().read(buffer)?;
        self.ends.record(self.at.get(), &buffer[..count]);
        self.at.set(self.at.get() + count as u64);
        let mut headers = self.headers.borrow_mut();
        // The library reads headers block by block, and everything else in larger pieces.
        if buffer.len() > BLOCK_BYTES || headers.len() + count > MAX_HEADER_BYTES {
            headers.clear();
        } else {
            headers.extend_from_slice(&buffer[..count]);
        }
        Ok(count)
    }
}

/// For the library. Bytes that were read without it are replaced by zeros: it only skips them.
impl<R: Read> Read for &Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let past = self.past.get();
        if past == 0 {
            return Source::read(self, buffer);
        }
        let count = usize::try_from(past).map_or(buffer.len(), |past| past.min(buffer.len()));
        buffer[..count].fill(0);
        self.past.set(past - count as u64);
        Ok(count)
    }
}

/// Reads the data of the current member without the library.
pub(super) struct DirectReader<'s, R>(pub(super) &'s Source<R>);

impl<R: Read> Read for DirectReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = Source::read(self.0, buffer)?;
        self.0.past.set(self.0.past.get() + count as u64);
        Ok(count)
    }
}
