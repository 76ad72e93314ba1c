//! The bytes of an archive on their way to the library that reads its headers: what follows the end of a member is watched,
//! and the data of a member can be read past the library.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::ops::Range;

use super::super::Sink;

/// Bytes in a block.
pub(super) const BLOCK: usize = 512;
/// Bytes before the end of a member that are searched with its padding, if that is not empty: more than the longest secret in
/// its longest written form.
const BEFORE: u64 = 4 << 10;
/// Maximum number of bytes of headers in a row that are kept.
const MAX_HEADERS: usize = 4 << 20;

/// The end of the member at hand with its padding, which belongs to nobody and should be empty. A size that lies could hide
/// there what it cuts off.
#[derive(Default)]
pub(super) struct Ends(RefCell<End>);

#[derive(Default)]
struct End {
    /// Bytes of the archive that are kept.
    kept: Range<u64>,
    /// How many of them are the member's.
    own: usize,
    bytes: Vec<u8>,
}

impl Ends {
    /// The member of `size` bytes at `at` comes now.
    pub(super) fn expect(&self, at: u64, size: u64) {
        let end = at.saturating_add(size);
        let from = end.saturating_sub(BEFORE.min(size));
        let kept = from..end.checked_next_multiple_of(BLOCK as u64).unwrap_or(end);
        *self.0.borrow_mut() = End { kept, own: (end - from) as usize, bytes: Vec::new() };
    }

    /// Keeps what of these bytes at `at` is wanted.
    fn pass(&self, at: u64, bytes: &[u8]) {
        let mut end = self.0.borrow_mut();
        let (from, to) = (end.kept.start.max(at), end.kept.end.min(at + bytes.len() as u64));
        if let Some(part) = from.checked_sub(at).zip(to.checked_sub(at)).filter(|_| from < to)
            && let Some(part) = bytes.get(part.0 as usize..part.1 as usize)
        {
            end.bytes.extend_from_slice(part);
        }
    }

    /// Hands over the end of the member that was, if its padding is not empty.
    pub(super) fn tell(&self, sink: &mut dyn Sink) {
        let end = self.0.take();
        if end.bytes.get(end.own..).is_some_and(|padding| padding.iter().any(|byte| *byte != 0)) {
            sink.own(end.kept.start, &end.bytes);
        }
    }
}

/// An archive that is watched while it is read.
pub(super) struct Source<R> {
    inner: RefCell<R>,
    /// Bytes that were read.
    at: Cell<u64>,
    /// Bytes that were read past the library, which it has yet to ask for.
    past: Cell<u64>,
    /// The blocks that were read last, one at a time.
    headers: RefCell<Vec<u8>>,
    pub(super) ends: Ends,
}

impl<R: Read> Source<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner: RefCell::new(inner),
            at: Cell::new(0),
            past: Cell::new(0),
            headers: RefCell::default(),
            ends: Ends::default(),
        }
    }

    /// The offset of the next byte in the archive.
    pub(super) fn at(&self) -> u64 {
        self.at.get()
    }

    /// The bytes from an offset up to the next byte, if these were headers.
    pub(super) fn headers_from(&self, offset: u64) -> Option<Vec<u8>> {
        let headers = self.headers.borrow();
        let count = usize::try_from(self.at.get().checked_sub(offset)?).ok()?;
        headers.len().checked_sub(count).map(|from| headers[from..].to_vec())
    }

    /// Drops the headers that were kept: those of the member at hand are done with.
    pub(super) fn drop_headers(&self) {
        self.headers.borrow_mut().clear();
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.borrow_mut().read(buffer)?;
        self.ends.pass(self.at.get(), &buffer[..count]);
        self.at.set(self.at.get() + count as u64);
        let mut headers = self.headers.borrow_mut();
        // The library reads headers block by block, and everything else in larger pieces.
        if buffer.len() > BLOCK || headers.len() + count > MAX_HEADERS {
            headers.clear();
        } else {
            headers.extend_from_slice(&buffer[..count]);
        }
        Ok(count)
    }
}

/// For the library. What was read past it is replaced by zeros: it only skips that.
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

/// Reads the data of the member at hand past the library.
pub(super) struct Past<'s, R>(pub(super) &'s Source<R>);

impl<R: Read> Read for Past<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = Source::read(self.0, buffer)?;
        self.0.past.set(self.0.past.get() + count as u64);
        Ok(count)
    }
}
