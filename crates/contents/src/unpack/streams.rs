//! Compressed streams without members. Streams may be concatenated, as in joined rotated logs, and other data may
//! follow the last one. The decoders are libraries; each reads its input in chunks.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use bzip2::bufread::BzDecoder;
use flate2::bufread::{GzDecoder, ZlibDecoder};
use lzma_rust2::{LzipStream, LzmaReader, XzStream};

use super::budget::CountingReader;
use super::lz4::Lz4;
use super::peek_reader::{PeekReader, damaged};
use super::push_reader::PushReader;
use super::{Budget, Sink};
use crate::input::{Content, Stream};

/// Memory limit of the LZMA decoders in KiB; `xz -9` needs 65 MiB.
pub(super) const LZMA_MEMORY_KIB: u32 = 100 << 10;
/// Base-2 logarithm of the maximum zstd window, in bytes: 128 MiB, as for `zstd -d`.
pub(super) const ZSTD_WINDOW_LOG: u32 = 27;

/// Bytes of an LZMA stream that may follow the last byte its decoder needs.
const LZMA_UNUSED_BYTES: usize = 16;

/// Bytes at the start of a stream in which names and comments are searched.
const HEADER_TEXT_BYTES: usize = 4 << 10;

pub(super) type Input<'i> = PeekReader<CountingReader<&'i mut dyn Content>>;

/// One of several concatenated streams.
pub(super) trait ConcatenatedStream<'i>: Read + Sized {
    /// Returns whether such a stream starts with `head`, which has up to eight bytes.
    fn starts_with(head: &[u8]) -> bool;
    fn open(input: Input<'i>) -> io::Result<Self>;
    /// Hands over the texts in the header of the stream, for formats that have them.
    fn header_texts(_input: &mut Input<'i>, _sink: &mut dyn Sink) -> io::Result<()> {
        Ok(())
    }
    /// Returns the input, positioned after the stream.
    ///
    /// # Errors
    /// Returns an error if the stream is not at its end.
    fn close(self) -> io::Result<Input<'i>>;
}

/// Concatenated streams, read as one.
struct Concatenation<'i, P> {
    part: Option<P>,
    /// The input after the last stream.
    rest: Option<Input<'i>>,
}

impl<'i, P: ConcatenatedStream<'i>> Read for Concatenation<'i, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = &mut self.part {
            let count = part.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            if let Some(part) = self.part.take() {
                let mut input = part.close()?;
                if P::starts_with(input.peek(8)?) {
                    self.part = Some(P::open(input)?);
                } else {
                    self.rest = Some(input);
                }
            }
        }
        Ok(0)
    }
}

/// Hands the content of concatenated `P` streams to `sink`, and then the data after them.
fn expand_concatenated<'i, P: ConcatenatedStream<'i>>(
    input: &'i mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let counted = budget.compressed(input);
    let from = counted.count();
    let mut ahead = PeekReader::new(counted, 0);
    P::header_texts(&mut ahead, sink)?;
    let mut parts = Concatenation { part: Some(P::open(ahead)?), rest: None };
    sink.member("", &mut Stream(budget.expanding(&mut parts, from)));
    parts.rest.map_or(Ok(()), |rest| hand_over_rest(rest, sink))
}

/// Hands over the data after the last stream, without the zeros at its beginning.
fn hand_over_rest(mut input: Input<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    loop {
        let ready = input.ready()?;
        if ready.is_empty() {
            return Ok(());
        }
        let zeros = ready.iter().position(|byte| *byte != 0).unwrap_or(ready.len());
        if zeros < ready.len() {
            break;
        }
        input.advance(zeros);
    }
    sink.member("", &mut Stream(input));
    Ok(())
}

/// Expands gzip, with any number of members. Name and comment of the first member are metadata.
pub(super) fn gzip(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    expand_concatenated::<GzDecoder<Input<'_>>>(input, budget, sink)
}

impl<'i> ConcatenatedStream<'i> for GzDecoder<Input<'i>> {
    fn header_texts(input: &mut Input<'i>, sink: &mut dyn Sink) -> io::Result<()> {
        let head = input.peek(HEADER_TEXT_BYTES)?;
        // FEXTRA, FNAME and FCOMMENT.
        if head.get(3).is_some_and(|flags| flags & 0x1C != 0) {
            sink.metadata(0, &head[..head.len().min(HEADER_TEXT_BYTES)]);
        }
        Ok(())
    }

    fn starts_with(head: &[u8]) -> bool {
        head.starts_with(b"\x1F\x8B\x08")
    }

    fn open(input: Input<'i>) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn close(self) -> io::Result<Input<'i>> {
        Ok(self.into_inner())
    }
}

/// Expands zlib: one stream.
pub(super) fn zlib(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    expand_concatenated::<ZlibDecoder<Input<'_>>>(input, budget, sink)
}

impl<'i> ConcatenatedStream<'i> for ZlibDecoder<Input<'i>> {
    fn starts_with(_head: &[u8]) -> bool {
        false
    }

    fn open(input: Input<'i>) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn close(self) -> io::Result<Input<'i>> {
        Ok(self.into_inner())
    }
}

/// Expands bzip2, with any number of streams.
pub(super) fn bzip2(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    expand_concatenated::<BzDecoder<Input<'_>>>(input, budget, sink)
}

impl<'i> ConcatenatedStream<'i> for BzDecoder<Input<'i>> {
    fn starts_with(head: &[u8]) -> bool {
        head.starts_with(b"BZh")
    }

    fn open(input: Input<'i>) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn close(self) -> io::Result<Input<'i>> {
        Ok(self.into_inner())
    }
}

/// Expands lz4 frames, including legacy and skippable ones.
pub(super) fn lz4(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    expand_concatenated::<Lz4<'_>>(input, budget, sink)
}

/// Hands the output of a single decoder to `sink`. `make` creates the decoder for the counted input.
fn expand_single<'i, R: Read>(
    input: &'i mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
    make: impl FnOnce(Input<'i>) -> io::Result<R>,
) -> io::Result<()> {
    let counted = budget.compressed(input);
    let from = counted.count();
    let decoder = make(PeekReader::new(counted, 0))?;
    sink.member("", &mut Stream(budget.expanding(decoder, from)));
    Ok(())
}

/// Expands xz: streams, with padding between them.
pub(super) fn xz(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    expand_single(input, budget, sink, |input| {
        Ok(PushReader::new(input, XzStream::new_mem_limit(true, LZMA_MEMORY_KIB)))
    })
}

/// Expands LZMA alone.
pub(super) fn lzma(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let counted = budget.compressed(input);
    let from = counted.count();
    let mut decoder = LzmaReader::new_mem_limit(PeekReader::new(counted, 0), LZMA_MEMORY_KIB, None)?;
    decoder.set_defer_errors(true);
    let mut metered = budget.expanding(&mut decoder, from);
    sink.member("", &mut Stream(&mut metered));
    let rest = io::copy(&mut metered, &mut io::sink());
    drop(metered);
    if rest.is_ok() && decoder.into_inner().peek(LZMA_UNUSED_BYTES + 1)?.len() > LZMA_UNUSED_BYTES {
        return Err(damaged("unexpected data follows the size in its header"));
    }
    Ok(())
}

/// Expands lzip, with any number of members.
pub(super) fn lzip(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    expand_single(input, budget, sink, |input| {
        Ok(PushReader::new(input, LzipStream::new_mem_limit(true, LZMA_MEMORY_KIB)))
    })
}

/// Expands Zstandard frames, including skippable ones.
pub(super) fn zstd(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    expand_single(input, budget, sink, |input| {
        let mut decoder = zstd::Decoder::with_buffer(input)?;
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Ok(decoder)
    })
}

/// Expands brotli.
pub(super) fn brotli(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    expand_single(input, budget, sink, |input| Ok(Decompressor::new(input, 64 << 10)))
}
