//! Compressed data inside base64: inflated as a stream, under a budget, and searched like a file of its own.

use flate2::bufread::{GzDecoder, ZlibDecoder};
use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Read};

use super::cursor::{Base64Cursor, Base64Reader};
use super::done::Done;
use super::nested::Spot;
use super::trace::Trace;
use super::window::{NEAR, chain};
use super::{DEPTH, Detector, Match, NeedMore, Scope};
use crate::finding::Encoding;

/// Bytes that may be inflated for one file.
const INFLATED: u64 = 256 << 20;
/// Bytes of content from which on more is asked for only once it is sure that it is needed.
const MUCH: usize = 1 << 20;
/// Below this, an error in the stream only means that the text was no compressed data.
const BELIEVED: u64 = 4096;

/// What one file may still cost, and what was left out for that.
#[derive(Debug)]
pub(crate) struct Budget {
    inflated: Cell<u64>,
    unseen: RefCell<Vec<String>>,
    /// What became of anchors.
    pub(crate) trace: Trace,
}

impl Default for Budget {
    fn default() -> Self {
        Self { inflated: Cell::new(INFLATED), unseen: RefCell::default(), trace: Trace::default() }
    }
}

impl Budget {
    /// One that also keeps what became of anchors, if that is `traced`.
    pub(crate) fn new(traced: bool) -> Self {
        Self { trace: Trace::new(traced), ..Self::default() }
    }

    /// Notes something that was not looked at.
    pub(crate) fn missed(&self, what: &str) {
        let mut unseen = self.unseen.borrow_mut();
        if !unseen.iter().any(|known| known == what) {
            unseen.push(what.to_owned());
        }
    }

    /// Everything that was noted.
    pub(crate) fn into_unseen(self) -> Vec<String> {
        self.unseen.into_inner()
    }
}

/// Reads within the budget and remembers how much.
struct Counted<'a, R> {
    inner: R,
    budget: &'a Budget,
    count: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.inflated.get();
        if left == 0 {
            self.budget
                .missed("more compressed data inside base64 than 256 MiB; the rest of it was not read");
            return Ok(0);
        }
        let room = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let count = self.inner.read(&mut out[..room])?;
        self.budget.inflated.set(left - count as u64);
        self.count += count as u64;
        Ok(count)
    }
}

/// Remembers how many bytes were taken of what it holds ready: compressed data ends before its reader does where more
/// base64 characters follow.
struct Taken<'a, R> {
    inner: BufReader<R>,
    count: &'a Cell<u64>,
}

impl<'a, R: Read> Taken<'a, R> {
    fn new(inner: R, count: &'a Cell<u64>) -> Self {
        Self { inner: BufReader::new(inner), count }
    }
}

impl<R: Read> Read for Taken<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

impl<R: Read> BufRead for Taken<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.count.set(self.count.get() + count as u64);
    }
}

/// Offset behind the base64 of the first `count` bytes that `layers` layers of it give from `at` on, and behind what fills
/// it up.
fn end_of(raw: &[u8], at: usize, layers: usize, count: u64) -> Option<usize> {
    let mut base64 = Base64Cursor::new(raw, at, 0)?;
    let read = if layers == 2 {
        io::copy(&mut Base64Reader::new(&mut base64).take(count), &mut io::sink())
    } else {
        io::copy(&mut (&mut base64).take(count), &mut io::sink())
    };
    let end = read.is_ok().then(|| base64.position())?;
    Some(end + raw[end..].iter().take(2).take_while(|&&byte| byte == b'=').count())
}

impl Detector {
    /// Inflates the base64 text that begins at `spot` and searches what comes out. Every match stands at the place
    /// of the whole text.
    pub(crate) fn inflate(
        &self,
        spot: &Spot<'_>,
        scope: &Scope<'_>,
        done: &mut Done,
        out: &mut Vec<Match>,
    ) -> Result<(), NeedMore> {
        let (raw, at) = (spot.chunk.raw, spot.confirmed.at);
        let Some(mut base64) = Base64Cursor::new(raw, at, 0).filter(|_| scope.depth < DEPTH) else {
            return Ok(());
        };
        if !spot.chunk.last && raw.len() < MUCH && is_all_base64(&raw[at..]) {
            return Err(NeedMore);
        }
        let layers = spot.confirmed.width;
        let taken = Cell::new(0);
        let (stream, kind): (Box<dyn Read + '_>, _) = if layers == 2 {
            let text = Taken::new(Base64Reader::new(&mut base64), &taken);
            (Box::new(GzDecoder::new(text)), Encoding::Gzip)
        } else if raw[at..].starts_with(b"H4s") {
            (Box::new(GzDecoder::new(Taken::new(&mut base64, &taken))), Encoding::Gzip)
        } else {
            (Box::new(ZlibDecoder::new(Taken::new(&mut base64, &taken))), Encoding::Zlib)
        };
        let around = &raw[at.saturating_sub(NEAR)..raw.len().min(at + NEAR)];
        let inner = Scope {
            parent: Some(scope),
            around,
            depth: scope.depth + 1,
            reversed: false,
            offset: 0,
            ..*scope
        };
        let mut counted = Counted { inner: stream, budget: scope.budget, count: 0 };
        let (mut found, mark) = (Vec::new(), scope.budget.trace.mark());
        let outcome = self.search_stream(&mut counted, &inner, &mut found);
        let count = counted.count;
        drop(counted);
        let end = base64.position();
        if count > 0 && end >= raw.len() && !spot.chunk.last {
            scope.budget.trace.revise(mark, |_| false);
            return Err(NeedMore);
        }
        done.window(spot.form, vec![at], false);
        if outcome.is_err() && count >= BELIEVED {
            scope.budget.missed("damaged compressed data inside base64; what could be inflated was read");
        }
        scope.budget.trace.revise(mark, |step| {
            step.at = at;
            step.encoding = chain(vec![Encoding::Base64; layers], kind, std::mem::take(&mut step.encoding));
            true
        });
        // What is damaged or cut off has no end of its own.
        let whole = outcome.is_ok() && !found.is_empty();
        let end = whole.then(|| end_of(raw, at, layers, taken.get())).flatten().unwrap_or(end);
        for mut one in found {
            one.encoding = chain(vec![Encoding::Base64; layers], kind, one.encoding);
            one.span = at..end;
            out.push(one);
        }
        Ok(())
    }
}

/// Whether `text` is lines of base64 up to its last byte. Then it very likely goes on behind that, and what was inflated
/// of it would be inflated once more.
fn is_all_base64(text: &[u8]) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'-' | b'_' | b'\n' | b'\r');
    // Without a branch for each byte this becomes vector instructions.
    text.chunks(256).all(|piece| piece.iter().fold(true, |all, &byte| all & plain(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_cost_so_much_and_what_is_left_out_is_told_once() {
        let budget = Budget { inflated: Cell::new(10), ..Budget::default() };
        let mut out = [0; 4];
        let mut read = |inner: &'static [u8]| {
            let mut counted = Counted { inner, budget: &budget, count: 0 };
            let mut counts = vec![counted.read(&mut out).unwrap(), counted.read(&mut out).unwrap()];
            counts.push(counted.count as usize);
            counts
        };
        assert_eq!(read(b"abcdef"), [4, 2, 6]);
        assert_eq!(read(b"abcdef"), [4, 0, 4]);
        assert_eq!(read(b"abcdef"), [0, 0, 0]);
        budget.missed("something else");
        budget.missed("something else");
        let unseen = budget.into_unseen();
        assert_eq!((unseen.len(), unseen[1].as_str()), (2, "something else"));
    }

    #[test]
    fn only_lines_of_base64_up_to_the_end_are_all_base64() {
        let long = "aGVsbG8g\r\n+/-_".repeat(100);
        assert!(is_all_base64(long.as_bytes()) && is_all_base64(b""));
        for other in [" ", "=", ".", "\"", "\0", "\t", "\x7f", "\u{e9}", "@", "[", "`", "{", ":", "^"] {
            assert!(!is_all_base64(format!("{other}{long}").as_bytes()), "{other}");
            assert!(!is_all_base64(format!("{long}{other}").as_bytes()), "{other}");
        }
    }
}
