//! Compressed data in base64 or hexadecimal digits, and frames: decoded as a stream within a budget, and searched like a
//! file of its own.

use bzip2::bufread::BzDecoder;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use lzma_rust2::{LzmaReader, XzReader};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use super::budget::Budget;
use super::decoded_windows::DecodedWindows;
use super::decoding_cursor::{Base64Cursor, Base64Reader};
use super::encoding::{HEX_LAYERS, RAW_LAYERS};
use super::frames::{self, MAX_FRAME_BYTES};
use super::nested::VerifiedCandidate;
use super::window::chain;
use super::zip_stream::ZipStream;
use super::{DEPTH, Detector, NeedMore, RawMatch, Scope, escapes};
use crate::finding::Encoding;

/// Below this chunk size, in bytes, more input is requested speculatively; above it, only if it is certainly needed.
const MUCH: usize = 1 << 20;
/// Size of the read buffer of the inflater, in bytes. It is small because each of several short texts in a row is
/// decoded again for all compressed texts that start within this distance before it.
const AHEAD: usize = 512;
/// Maximum memory of the decoder of lzma, in KiB.
const LZMA_KIBIBYTES: u32 = 96 << 10;
/// Number of inflated bytes below which an error only means that the text was not compressed data.
const BELIEVED: u64 = 4096;

/// A reader that stops at the budget and counts the bytes read.
struct Counted<'a, R> {
    inner: R,
    budget: &'a Budget,
    count: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = self.budget.room(out.len());
        let count = if room > 0 { self.inner.read(&mut out[..room])? } else { 0 };
        self.budget.inflate(count as u64);
        self.count += count as u64;
        Ok(count)
    }
}

/// A buffered reader that counts the consumed bytes: compressed data ends before its reader if more base64 characters
/// follow.
struct Taken<'a, R> {
    inner: BufReader<R>,
    count: &'a Cell<u64>,
}

impl<'a, R: Read> Taken<'a, R> {
    fn new(inner: R, count: &'a Cell<u64>) -> Self {
        Self { inner: BufReader::with_capacity(AHEAD, inner), count }
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

/// Encoded text from which compressed data is read.
enum Text<'a> {
    Base64(Base64Cursor<'a>),
    /// Digits and the offset of the next pair.
    Hex(&'a [u8], usize),
}

impl<'a> Text<'a> {
    fn new(raw: &'a [u8], at: usize, layers: usize) -> Option<Self> {
        if layers == usize::from(HEX_LAYERS) {
            return Some(Self::Hex(raw, at));
        }
        Base64Cursor::new(raw, at, 0).map(Self::Base64)
    }

    /// Returns the offset of the next character.
    fn position(&self) -> usize {
        match self {
            Self::Base64(cursor) => cursor.position(),
            Self::Hex(_, at) => *at,
        }
    }
}

impl Read for Text<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Base64(cursor) => cursor.read(out),
            Self::Hex(raw, at) => {
                let mut count = 0;
                while let Some(place) = out.get_mut(count)
                    && let Some(byte) = escapes::pair(raw, *at)
                {
                    *place = byte;
                    (count, *at) = (count + 1, *at + 2);
                }
                Ok(count)
            }
        }
    }
}

/// Returns the encodings of `layers` layers of base64, or of hexadecimal digits.
fn layers_of(layers: usize) -> Vec<Encoding> {
    match u8::try_from(layers) {
        Ok(HEX_LAYERS) => vec![Encoding::Hex],
        Ok(RAW_LAYERS) => vec![Encoding::Base64],
        _ => vec![Encoding::Base64; layers],
    }
}

/// Returns a reader of the compressed data that `text` decodes to, by its first bytes; `None` for raw deflate.
fn decompress<'a>(
    text: impl BufRead + 'a,
    start: Option<[u8; 4]>,
) -> io::Result<(Box<dyn Read + 'a>, Encoding)> {
    let Some(start) = start else { return Ok((Box::new(DeflateDecoder::new(text)), Encoding::Deflate)) };
    Ok(match start {
        [0x1F, 0x8B, ..] => (Box::new(GzDecoder::new(text)), Encoding::Gzip),
        [b'P', b'K', 3, 4] => (Box::new(ZipStream::new(text)), Encoding::Zip),
        [0x28, 0xB5, 0x2F, 0xFD] => {
            (Box::new(zstd::stream::read::Decoder::with_buffer(text)?), Encoding::Zstd)
        }
        [0xFD, b'7', b'z', b'X'] => (Box::new(XzReader::new(text, false)), Encoding::Xz),
        [b'B', b'Z', b'h', _] => (Box::new(BzDecoder::new(text)), Encoding::Bzip2),
        [0x5D, 0, 0, _] => {
            let reader = LzmaReader::new_mem_limit(text, LZMA_KIBIBYTES, None)?;
            (Box::new(reader), Encoding::Lzma)
        }
        _ => (Box::new(ZlibDecoder::new(text)), Encoding::Zlib),
    })
}

/// Returns the offset after the encoded text, including padding, of the first `count` bytes that `layers` layers at `at`
/// decode to.
fn end_of(raw: &[u8], at: usize, layers: usize, count: u64) -> Option<usize> {
    let mut text = Text::new(raw, at, layers)?;
    let read = if layers == 2 {
        io::copy(&mut Base64Reader::new(&mut text).take(count), &mut io::sink())
    } else {
        io::copy(&mut (&mut text).take(count), &mut io::sink())
    };
    let end = read.is_ok().then(|| text.position())?;
    Some(end + raw[end..].iter().take(2).take_while(|&&byte| byte == b'=').count())
}

/// Returns the first bytes that `layers` layers at `at` decode to.
fn first_bytes(raw: &[u8], at: usize, layers: usize) -> Option<[u8; 4]> {
    let mut text = Text::new(raw, at, layers)?;
    let mut start = [0; 4];
    if layers == 2 {
        Base64Reader::new(&mut text).read_exact(&mut start)
    } else {
        text.read_exact(&mut start)
    }
    .ok()?;
    Some(start)
}

/// Returns a reader of the compressed data that `layers` layers of `text` decode to. It counts in `taken` the bytes that
/// the decompressor takes.
fn compressed<'a, 'r>(text: &'a mut Text<'r>, layers: usize, taken: &'a Cell<u64>) -> Box<dyn BufRead + 'a>
where
    'r: 'a,
{
    if layers == 2 {
        Box::new(Taken::new(Base64Reader::new(text), taken))
    } else {
        Box::new(Taken::new(text, taken))
    }
}

impl Detector {
    /// Inflates the base64 text at `spot` and searches the result. The range of every match is that of the whole text.
    pub(crate) fn inflate(
        &self,
        spot: &VerifiedCandidate<'_>,
        scope: &Scope<'_>,
        done: &mut DecodedWindows,
        out: &mut Vec<RawMatch>,
    ) -> Result<(), NeedMore> {
        let (raw, at) = (spot.chunk.raw, spot.verified.at);
        let layers = spot.verified.width;
        let start = first_bytes(raw, at, layers).filter(|_| scope.depth < DEPTH);
        let Some((mut text, start)) = Text::new(raw, at, layers).zip(start) else {
            return Ok(());
        };
        if !spot.chunk.last && raw.len() < MUCH && is_all_base64(&raw[at..]) {
            return Err(NeedMore);
        }
        let taken = Cell::new(0);
        let start = Some(start).filter(|_| layers != usize::from(RAW_LAYERS));
        let Ok((stream, kind)) = decompress(compressed(&mut text, layers, &taken), start) else {
            return Ok(());
        };
        let inner = scope.of_stream(raw, at);
        let mut counted = Counted { inner: stream, budget: scope.budget, count: 0 };
        let (mut found, mark) = (Vec::new(), scope.budget.trace.mark());
        let outcome = self.search_stream(&mut counted, &inner, &mut found);
        let count = counted.count;
        drop(counted);
        let end = text.position();
        if count > 0 && end >= raw.len() && !spot.chunk.last {
            scope.budget.trace.revise(mark, |_| false);
            return Err(NeedMore);
        }
        done.window(spot.form, at, vec![at], at + 1);
        if outcome.is_err() && count >= BELIEVED {
            scope.budget.missed("damaged compressed data inside base64; what could be inflated was read");
        }
        scope.budget.trace.revise(mark, |step| {
            step.at = at;
            step.encoding = chain(layers_of(layers), kind, std::mem::take(&mut step.encoding));
            true
        });
        // Damaged or truncated data does not mark its end.
        let whole = outcome.is_ok() && !found.is_empty();
        let own_end = whole.then(|| end_of(raw, at, layers, taken.get())).flatten();
        let end = own_end.unwrap_or_else(|| if found.is_empty() { end } else { rest_of(&mut text) });
        for mut one in found {
            one.encoding = chain(layers_of(layers), kind, one.encoding);
            one.span = at..end;
            out.push(one);
        }
        Ok(())
    }

    /// Decodes the frame at `spot` and searches it. The range of every match is that of the whole frame.
    pub(crate) fn search_frame(
        &self,
        spot: &VerifiedCandidate<'_>,
        scope: &Scope<'_>,
        done: &mut DecodedWindows,
        out: &mut Vec<RawMatch>,
    ) -> Result<(), NeedMore> {
        let (raw, at) = (spot.chunk.raw, spot.verified.at);
        let kind = frames::Kind::ALL[spot.verified.width];
        let Some(frame) = kind.decode(raw, at).filter(|_| scope.depth < DEPTH) else { return Ok(()) };
        let is_cut = frame.end - frame.start.min(at) >= MAX_FRAME_BYTES;
        if frame.end >= raw.len() && !spot.chunk.last && !is_cut {
            return Err(NeedMore);
        }
        if is_cut {
            scope
                .budget
                .missed("a dump or encoded block of more than 16 MiB; the rest of it was not decoded");
        }
        done.window(spot.form, at, vec![at], at + 1);
        let inner = scope.of_stream(raw, at);
        let (mut found, mark) = (Vec::new(), scope.budget.trace.mark());
        // A reader of memory cannot fail.
        let _read = self.search_stream(&mut &frame.bytes[..], &inner, &mut found);
        scope.budget.trace.revise(mark, |step| {
            step.at = at;
            step.encoding = chain(Vec::new(), kind.encoding(), std::mem::take(&mut step.encoding));
            true
        });
        for &start in &frame.readings {
            self.search_packed(&frame.bytes[start..], &inner, &mut found);
        }
        for mut one in found {
            one.encoding = chain(Vec::new(), kind.encoding(), one.encoding);
            one.span = frame.start..frame.end;
            out.push(one);
        }
        Ok(())
    }

    /// Inflates and searches the bytes of a frame, if they are compressed data.
    fn search_packed(&self, bytes: &[u8], scope: &Scope<'_>, out: &mut Vec<RawMatch>) {
        let Some(&start) = bytes.first_chunk::<4>().filter(|start| is_packed(**start)) else { return };
        let Ok((stream, packed)) = decompress(bytes, Some(start)) else { return };
        let mut counted = Counted { inner: stream, budget: scope.budget, count: 0 };
        let mut found = Vec::new();
        // An error means that the bytes were another reading, or ends damaged data.
        let _outcome = self.search_stream(&mut counted, scope, &mut found);
        for mut one in found {
            one.encoding = chain(Vec::new(), packed, one.encoding);
            out.push(one);
        }
    }
}

/// Returns whether compressed data starts with these bytes.
fn is_packed(start: [u8; 4]) -> bool {
    matches!(
        start,
        [0x1F, 0x8B, 8, _]
            | [b'P', b'K', 3, 4]
            | [0x28, 0xB5, 0x2F, 0xFD]
            | [0xFD, b'7', b'z', b'X']
            | [b'B', b'Z', b'h', _]
            | [0x5D, 0, 0, _]
            | [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..]
    )
}

/// Returns the offset after the rest of a base64 text, or after its next 8 KiB.
fn rest_of(text: &mut Text<'_>) -> usize {
    // Reading from memory into a sink cannot fail.
    let _read = io::copy(&mut text.take(8 << 10), &mut io::sink());
    text.position()
}

/// Returns whether `text` consists of lines of base64 up to its last byte. Then it very likely continues, and inflating
/// it now would have to be repeated.
fn is_all_base64(text: &[u8]) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'-' | b'_' | b'\n' | b'\r');
    // Branchless, so that the compiler vectorizes it.
    text.chunks(256).all(|piece| piece.iter().fold(true, |all, &byte| all & plain(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_base64_lines_up_to_the_end_are_all_base64() {
        let long = "aGVsbG8g\r\n+/-_".repeat(100);
        assert!(is_all_base64(long.as_bytes()) && is_all_base64(b""));
        for other in [" ", "=", ".", "\"", "\0", "\t", "\x7f", "\u{e9}", "@", "[", "`", "{", ":", "^"] {
            assert!(!is_all_base64(format!("{other}{long}").as_bytes()), "{other}");
            assert!(!is_all_base64(format!("{long}{other}").as_bytes()), "{other}");
        }
    }
}
