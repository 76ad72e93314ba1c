//! Compressed streams and archives that do not start at the beginning of their file: HTTP bodies in dumps, tables in
//! database dumps, text in images, self-extracting programs, containers of any program. Their magic numbers are
//! searched in binary data. Each stream that decodes is passed to the sink, and the search continues after it, so that
//! each byte is decoded once.

mod framed;
mod marks;
mod trial;

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use flate2::Decompress;
use flate2::bufread::{GzDecoder, ZlibDecoder};

use self::framed::{BEFORE, Framing, Parts};
use self::marks::{LONGEST, Mark, MarkSet};
use self::trial::{AHEAD, UntilError, Verdict};
use super::metadata::MetadataBuffer;
use super::pages::lz::snappy;
use super::peek_reader::PeekReader;
use super::push_reader::PushReader;
use super::streams::{LZMA_MEMORY_KIB, ZSTD_WINDOW_LOG};
use super::{Budget, Kind, Sink};
use crate::input::{Content, Stream};

/// Number of bytes that are searched at a time.
const WINDOW: usize = 128 << 10;
/// Number of bytes that may be decoded without success, in addition to four times the number of searched bytes.
const IN_VAIN: u64 = 1 << 20;
/// Maximum size of a snappy block that is read, in bytes.
const SNAPPY: usize = 64 << 10;

/// Returns whether `bytes` contain binary data. In long data only samples are checked.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    marks::is_binary(bytes)
}

/// Returns whether `bytes`, a part of a content that starts with `head`, contain a probable compressed stream or archive.
pub(super) fn any(head: &[u8], bytes: &[u8]) -> bool {
    let (mut at, mut vain, mut inflate) = (0, 0, None);
    let marks = MarkSet::of(head);
    while let Some((found, mark)) = marks.find(&bytes[at..]) {
        at += found;
        let candidate = &bytes[at..bytes.len().min(at + AHEAD)];
        match trial::look(mark, candidate, &mut inflate) {
            Verdict::Nothing(_) if mark == Mark::PngText => return true,
            Verdict::Nothing(count) => vain += count as u64,
            _ => return true,
        }
        if vain > IN_VAIN + 4 * at as u64 {
            return true;
        }
        at += 1;
    }
    false
}

/// Passes the streams and archives inside other data to `sink`, and the other data.
///
/// # Errors
/// Returns an error if the input cannot be read or a limit is reached.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut ahead = PeekReader::new(&mut *input, 0);
    let head = ahead.peek(5)?;
    let (dump, marks) = (head.starts_with(b"PGDMP"), MarkSet::of(head));
    let mut walk = Walk {
        budget,
        keeps_own: sink.wants_metadata(),
        sink,
        own: MetadataBuffer::default(),
        inflate: None,
        before: Vec::new(),
        vain: 0,
        untried: false,
        dump,
        marks,
    };
    let outcome = walk.through(&mut ahead);
    walk.own.finish(walk.sink);
    if walk.untried {
        walk.sink.unseen("", "too much in it only looks compressed; not all of it was tried");
    }
    outcome
}

/// The state of one pass over the data.
struct Walk<'w, 'l> {
    budget: &'w Budget<'l>,
    sink: &'w mut dyn Sink,
    own: MetadataBuffer,
    /// Whether the sink takes the data between the streams.
    keeps_own: bool,
    inflate: Option<Decompress>,
    /// The last bytes before the current offset.
    before: Vec<u8>,
    /// Number of bytes that were decoded without success.
    vain: u64,
    /// Whether candidates were skipped because `vain` exceeded its limit.
    untried: bool,
    /// Whether the data is a PostgreSQL dump.
    dump: bool,
    /// The magic numbers that are searched.
    marks: MarkSet,
}

impl Walk<'_, '_> {
    /// Searches the data to its end.
    fn through(&mut self, ahead: &mut PeekReader<&mut dyn Content>) -> io::Result<()> {
        loop {
            let ready = ahead.peek(WINDOW)?;
            if ready.is_empty() {
                return Ok(());
            }
            // A magic number may start in the last available bytes and end after them.
            let last = ready.len() < WINDOW;
            let searched = if last { ready.len() } else { ready.len() - LONGEST };
            match self.marks.find(ready).filter(|(at, _)| *at < searched) {
                None => self.pass(ahead, searched),
                Some((at, mark)) => {
                    self.pass(ahead, at);
                    self.candidate(ahead, mark)?;
                }
            }
        }
    }

    /// Advances past bytes that belong to no stream.
    fn pass(&mut self, ahead: &mut PeekReader<&mut dyn Content>, count: usize) {
        let at = ahead.offset();
        // These bytes were peeked before, so they are available.
        let Ok(ready) = ahead.peek_exactly(count) else { return };
        if self.keeps_own {
            self.own.add(at, ready, self.sink);
        }
        let end = &ready[count.saturating_sub(BEFORE)..];
        self.before.drain(..(self.before.len() + end.len()).saturating_sub(BEFORE).min(self.before.len()));
        self.before.extend_from_slice(end);
        ahead.advance(count);
    }

    /// Checks the candidate at the current offset and reads it if it is a stream or an archive.
    fn candidate(&mut self, ahead: &mut PeekReader<&mut dyn Content>, mark: Mark) -> io::Result<()> {
        let offset = ahead.offset();
        if mark == Mark::PngText {
            let skipped = png_text(ahead.peek(AHEAD)?);
            self.pass(ahead, skipped.max(1));
            return if skipped > 0 { self.candidate(ahead, Mark::Zlib) } else { Ok(()) };
        }
        // The pixel data and the colour profile of an image contain no text.
        let pixels = mark == Mark::Zlib && (self.before.ends_with(b"IDAT") || self.before.ends_with(b"iCCP"));
        let spent = self.vain > IN_VAIN + 4 * offset;
        self.untried |= spent;
        if pixels || spent {
            self.pass(ahead, 1);
            return Ok(());
        }
        let framing = framed::of(&self.before, self.dump);
        let ready = ahead.peek(AHEAD)?;
        let part = usize::try_from(framing.1).map_or(ready.len(), |first| first.min(ready.len()));
        match trial::look(mark, &ready[..part], &mut self.inflate) {
            Verdict::Nothing(count) => {
                self.vain += count as u64;
                self.pass(ahead, 1);
            }
            Verdict::Whole(content, packed) => {
                self.budget.entry()?;
                let metered = self.budget.expanding(&content[..], Rc::new(Cell::new(packed as u64)));
                self.sink.member(&format!("stream at {offset}"), &mut Stream(metered));
                ahead.advance(packed);
            }
            Verdict::Stream { certain } => self.stream(ahead, (mark, certain), framing)?,
            Verdict::Archive(kind) => self.archive(ahead, kind)?,
        }
        Ok(())
    }

    /// Reads the stream at the current offset.
    fn stream(
        &mut self,
        ahead: &mut PeekReader<&mut dyn Content>,
        (mark, certain): (Mark, bool),
        framing: (Framing, u64),
    ) -> io::Result<()> {
        self.budget.entry()?;
        let offset = ahead.offset();
        let count = Rc::new(Cell::new(0));
        let parts = Parts::new(ahead, framing, Rc::clone(&count));
        let decoder: Box<dyn Read + '_> = match mark {
            Mark::Gzip => Box::new(GzDecoder::new(parts)),
            Mark::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(parts)),
            Mark::Xz => {
                let decoder = lzma_rust2::XzStream::new_mem_limit(false, LZMA_MEMORY_KIB);
                Box::new(PushReader::embedded(parts, decoder))
            }
            Mark::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(parts)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(decoder.single_frame())
            }
            Mark::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(parts)),
            Mark::Snappy => Box::new(Xerial { parts, block: Vec::new(), at: 0, begun: false }),
            _ => Box::new(ZlibDecoder::new(parts)),
        };
        let decoder = UntilError::new(decoder, !certain);
        let mut metered = self.budget.expanding(decoder, Rc::clone(&count));
        self.sink.member(&format!("stream at {offset}"), &mut Stream(&mut metered));
        // Reads what the sink did not read. The sink has reported any error itself, or needed no more data.
        let rest = io::copy(&mut metered, &mut io::sink());
        drop(metered);
        self.before.clear();
        if count.get() == 0 {
            self.pass(ahead, 1);
        }
        match (rest, self.budget.spent()) {
            (Err(error), Some(_)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads the archive at the current offset.
    fn archive(&mut self, ahead: &mut PeekReader<&mut dyn Content>, kind: Kind) -> io::Result<()> {
        match kind {
            Kind::SevenZip => {
                let size = super::sevenz::size(ahead.peek_exactly(super::sevenz::SIGNATURE_HEADER_BYTES)?);
                let base = ahead.offset();
                let random = ahead
                    .inner()
                    .random()
                    .map(|random| super::sevenz::read_at(random, base, self.budget, self.sink));
                let outcome = random.unwrap_or_else(|| {
                    let input = &mut Stream((&mut *ahead).take(size));
                    super::sevenz::read(input, self.budget, self.sink)
                });
                if let Err(error) = outcome {
                    if self.budget.spent().is_some() {
                        return Err(error);
                    }
                    self.sink.unseen("", &format!("the 7z archive at {base}: {error}"));
                }
                let taken = ahead.offset() - base;
                // The archive may end before the size in its header.
                let _end = ahead.skip(size.saturating_sub(taken));
                Ok(())
            }
            Kind::Foreign(what) => {
                self.sink.foreign("", what);
                self.pass(ahead, 1);
                Ok(())
            }
            _ => super::zip::read(&mut Stream(&mut *ahead), self.budget, self.sink),
        }
    }
}

/// Returns the offset of the compressed part of a text chunk from its magic number; 0 if it has none (PNG, 11.3.3).
fn png_text(bytes: &[u8]) -> usize {
    let name = |from: usize| {
        let end = bytes.get(from..bytes.len().min(from + 80))?;
        memchr::memchr(0, end).map(|length| from + length + 1)
    };
    let Some(after) = name(4) else { return 0 };
    if bytes.starts_with(b"zTXt") {
        return if bytes.get(after) == Some(&0) { after + 1 } else { 0 };
    }
    match bytes.get(after..after + 2) {
        // Compression flag 1 and method 0, the only one; a language tag and a translated keyword follow.
        Some([1, 0]) => name(after + 2).and_then(name).unwrap_or(0),
        _ => 0,
    }
}

/// Decodes snappy blocks after a magic number and two version fields; each block follows its length
/// (xerial/snappy-java).
struct Xerial<R> {
    parts: R,
    block: Vec<u8>,
    at: usize,
    begun: bool,
}

impl<R: BufRead> Read for Xerial<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.begun {
            io::copy(&mut (&mut self.parts).take(16), &mut io::sink())?;
            self.begun = true;
        }
        if self.at == self.block.len() {
            let mut size = [0; 4];
            (self.at, self.block) = (0, Vec::new());
            if !self.parts.fill_buf()?.is_empty() && self.parts.fill_buf()?[0] == 0 {
                self.parts.read_exact(&mut size)?;
            }
            let size = u32::from_be_bytes(size);
            if size > 0 && size as usize <= SNAPPY {
                let mut packed = Vec::new();
                (&mut self.parts).take(size.into()).read_to_end(&mut packed)?;
                self.block = snappy(&packed).bytes;
            }
        }
        let count = buffer.len().min(self.block.len() - self.at);
        buffer[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
