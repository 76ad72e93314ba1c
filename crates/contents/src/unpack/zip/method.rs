//! The compression methods of zip, each as a reader that ends where the member ends. The decoders are libraries; this
//! module makes them stop at the right byte.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use deflate64::InflaterManaged;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use memchr::memmem;

use super::header::{DESCRIPTOR_SIGNATURE, Local, descriptor};
use crate::unpack::peek_reader::{PeekReader, damaged, truncated};
use crate::unpack::small_reads::SmallReads;

/// Maximum dictionary of LZMA and xz in KiB: twice what `xz -9` needs.
const MAX_DICTIONARY_KIB: u32 = 128 << 10;
/// Length of the header before LZMA data, in bytes (APPNOTE 5.8.8).
const LZMA_HEADER_BYTES: usize = 9;

/// The compressed bytes of one member, with a count: as many as its header says, or all that follow.
pub(super) struct Span<'a, R> {
    ahead: &'a mut PeekReader<R>,
    left: Option<u64>,
    count: Rc<Cell<u64>>,
    /// Whether to return single bytes, for decoders that would otherwise read too far.
    single_bytes: bool,
}

impl<'a, R: Read> Span<'a, R> {
    /// Creates the span. `left` is its length in bytes, if known; `count` is increased by the bytes read.
    pub(super) fn new(ahead: &'a mut PeekReader<R>, left: Option<u64>, count: Rc<Cell<u64>>) -> Self {
        Self { ahead, left, count, single_bytes: false }
    }
}

impl<R: Read> BufRead for Span<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let room = self.left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        if room == 0 {
            return Ok(&[]);
        }
        let ready = self.ahead.ready()?;
        if ready.is_empty() {
            return Err(truncated());
        }
        Ok(&ready[..ready.len().min(room)])
    }

    fn consume(&mut self, count: usize) {
        self.ahead.advance(count);
        self.count.set(self.count.get() + count as u64);
        self.left = self.left.map(|left| left.saturating_sub(count as u64));
    }
}

impl<R: Read> Read for Span<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = if self.single_bytes { buffer.len().min(1) } else { buffer.len() };
        if room == 0 {
            return Ok(0);
        }
        let ready = self.fill_buf()?;
        let count = ready.len().min(room);
        buffer[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Returns whether this compression method (APPNOTE 4.4.5) is supported.
pub(super) fn is_known(method: u16) -> bool {
    matches!(method, 0 | 8 | 9 | 12 | 14 | 20 | 93 | 95)
}

/// Opens a decoder for the member. `inflate` is reused for deflate, to avoid an allocation per member.
///
/// # Errors
/// Returns an error if the method is not supported, if the start of the member is damaged, or if it needs too much
/// memory.
pub(super) fn open<'a, R: Read>(
    local: &Local,
    mut span: Span<'a, R>,
    inflate: &'a mut Decompress,
) -> io::Result<Box<dyn Read + 'a>> {
    span.single_bytes = local.packed.is_none();
    Ok(match local.method {
        0 if local.packed.is_none() => Box::new(Stored::new(span)),
        0 => Box::new(span),
        8 => {
            inflate.reset(false);
            Box::new(Inflate { span, inflate, done: false })
        }
        9 => Box::new(Inflate64 { span, inflate: Box::new(InflaterManaged::new()) }),
        12 => Box::new(bzip2::bufread::BzDecoder::new(span)),
        14 => lzma(local, span)?,
        20 | 93 => Box::new(zstd::stream::read::Decoder::with_buffer(span)?.single_frame()),
        95 => Box::new(SmallReads::new(lzma_rust2::XzReader::new_mem_limit(span, false, MAX_DICTIONARY_KIB))),
        _ => return Err(damaged("uses an unsupported compression method")),
    })
}

fn lzma<'a, R: Read>(local: &Local, mut span: Span<'a, R>) -> io::Result<Box<dyn Read + 'a>> {
    let mut header = [0; LZMA_HEADER_BYTES];
    span.read_exact(&mut header)?;
    let [_, _, 5, 0, properties, dictionary @ ..] = header else {
        return Err(damaged("its LZMA header is not supported"));
    };
    let dictionary = u32::from_le_bytes(dictionary);
    let size = local.size.unwrap_or(u64::MAX);
    if size.min(dictionary.into()) > u64::from(MAX_DICTIONARY_KIB) << 10 {
        return Err(damaged("it needs a dictionary of more than 128 MiB"));
    }
    // With bit 1, an end mark follows the data; if the size is given as well, it determines the end.
    let decoder = lzma_rust2::LzmaReader::new_with_props(span, size, properties, dictionary, None)?;
    Ok(Box::new(SmallReads::new(decoder)))
}

/// Deflate, which detects its own end.
struct Inflate<'a, R> {
    span: Span<'a, R>,
    inflate: &'a mut Decompress,
    done: bool,
}

impl<R: Read> Read for Inflate<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.done && !buffer.is_empty() {
            let input = self.span.fill_buf()?;
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, buffer, FlushDecompress::None)?;
            let taken = (self.inflate.total_in() - before.0) as usize;
            let made = (self.inflate.total_out() - before.1) as usize;
            let ended = input.is_empty();
            self.span.consume(taken);
            self.done = status == Status::StreamEnd;
            if made > 0 {
                return Ok(made);
            }
            if !self.done && taken == 0 {
                return Err(if ended { truncated() } else { damaged("its deflate data is damaged") });
            }
        }
        Ok(0)
    }
}

/// Deflate64, which detects its own end.
struct Inflate64<'a, R> {
    span: Span<'a, R>,
    inflate: Box<InflaterManaged>,
}

impl<R: Read> Read for Inflate64<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() && !self.inflate.finished() {
            // Its window may still hold output of the last input byte.
            let waits = self.inflate.available_output() > 0;
            let input = if waits { &[] } else { self.span.fill_buf()? };
            let ended = input.is_empty() && !waits;
            let step = self.inflate.inflate(input, buffer);
            self.span.consume(step.bytes_consumed);
            if step.data_error {
                return Err(damaged("its deflate64 data is damaged"));
            }
            if step.bytes_written > 0 {
                return Ok(step.bytes_written);
            }
            if step.bytes_consumed == 0 && !self.inflate.finished() {
                return Err(if ended { truncated() } else { damaged("its deflate64 data is damaged") });
            }
        }
        Ok(0)
    }
}

/// A stored member of unknown size. It ends at a descriptor with exactly the size and the checksum of the bytes before
/// it; a coincidence would need 96 matching bits.
struct Stored<'a, R> {
    span: Span<'a, R>,
    crc: Crc,
    count: u64,
}

/// Maximum length of a descriptor, in bytes.
const MAX_DESCRIPTOR_BYTES: usize = 24;

impl<'a, R: Read> Stored<'a, R> {
    fn new(span: Span<'a, R>) -> Self {
        Self { span, crc: Crc::new(), count: 0 }
    }
}

impl<R: Read> Read for Stored<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.span.ahead.peek(MAX_DESCRIPTOR_BYTES)?;
        if buffer.is_empty() || is_end(ready, self.count, self.crc.sum()) {
            return Ok(0);
        }
        let next = memmem::find(ready.get(1..).unwrap_or(&[]), DESCRIPTOR_SIGNATURE).map(|at| at + 1);
        // The signature may straddle the end of the buffered bytes.
        let unmatched = if ready.len() < MAX_DESCRIPTOR_BYTES { ready.len() } else { ready.len() - 3 };
        let count = next.unwrap_or(unmatched).min(buffer.len());
        if count == 0 {
            return Err(damaged("it is stored without its size, and its end was not found"));
        }
        buffer[..count].copy_from_slice(&ready[..count]);
        self.crc.update(&buffer[..count]);
        self.count += count as u64;
        self.span.consume(count);
        Ok(count)
    }
}

fn is_end(bytes: &[u8], count: u64, crc: u32) -> bool {
    bytes.starts_with(DESCRIPTOR_SIGNATURE)
        && descriptor(bytes, count, count).is_some_and(|(_, stated)| stated == crc)
}
