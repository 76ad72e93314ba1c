//! Compressed streams without members: several of them may follow one another, as in rotated logs that were joined, and
//! something else may follow the last. Decoders are libraries; each reads its input piece by piece.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use bzip2::bufread::BzDecoder;
use flate2::bufread::{GzDecoder, ZlibDecoder};
use lzma_rust2::{LzipStream, LzmaReader, XzStream};

use super::ahead::{Ahead, damaged};
use super::budget::Counted;
use super::lz4::Lz4;
use super::stepped::Stepped;
use super::{Budget, Sink};
use crate::content::{Content, Stream};

/// KiB that a decoder of the LZMA family may take; `xz -9` needs 65 MiB.
pub(super) const LZMA_KIB: u32 = 100 << 10;
/// Logarithm of the longest zstd window that is accepted: 128 MiB, as `zstd -d` does.
pub(super) const ZSTD_WINDOW: u32 = 27;

/// Bytes of an LZMA stream behind the last that its decoder has to have.
const AFTER: usize = 16;

/// Bytes at the front of a stream in which names and comments are looked for.
const HEADER: usize = 4 << 10;

pub(super) type Input<'i> = Ahead<Counted<&'i mut dyn Content>>;

/// One of several streams that may follow one another.
pub(super) trait Part<'i>: Read + Sized {
    /// Whether such a stream begins here; up to eight bytes are shown.
    fn begins(head: &[u8]) -> bool;
    fn open(input: Input<'i>) -> io::Result<Self>;
    /// Hands over the texts that stand in front of the content, where there may be some.
    fn texts(_input: &mut Input<'i>, _sink: &mut dyn Sink) -> io::Result<()> {
        Ok(())
    }
    /// Gives the input back, just behind the stream.
    ///
    /// # Errors
    /// The stream is not at its end.
    fn close(self) -> io::Result<Input<'i>>;
}

/// Streams one behind the other, read as one.
struct Parts<'i, P> {
    part: Option<P>,
    /// What follows the last stream.
    rest: Option<Input<'i>>,
}

impl<'i, P: Part<'i>> Read for Parts<'i, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = &mut self.part {
            let count = part.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            if let Some(part) = self.part.take() {
                let mut input = part.close()?;
                if P::begins(input.peek(8)?) {
                    self.part = Some(P::open(input)?);
                } else {
                    self.rest = Some(input);
                }
            }
        }
        Ok(0)
    }
}

/// Hands the content of `P` streams to `sink`, and then what follows them.
fn parts<'i, P: Part<'i>>(
    input: &'i mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let counted = budget.compressed(input);
    let from = counted.count();
    let mut ahead = Ahead::new(counted, 0);
    P::texts(&mut ahead, sink)?;
    let mut parts = Parts { part: Some(P::open(ahead)?), rest: None };
    sink.member("", &mut Stream(budget.expanding(&mut parts, from)));
    parts.rest.map_or(Ok(()), |rest| leftover(rest, sink))
}

/// Hands over what follows the last stream, which may be anything. Padding is left out.
fn leftover(mut input: Input<'_>, sink: &mut dyn Sink) -> io::Result<()> {
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

/// gzip: members. The first one's name and comment are searched as well.
pub(super) fn gzip(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    parts::<GzDecoder<Input<'_>>>(input, budget, sink)
}

impl<'i> Part<'i> for GzDecoder<Input<'i>> {
    fn texts(input: &mut Input<'i>, sink: &mut dyn Sink) -> io::Result<()> {
        let head = input.peek(HEADER)?;
        // FEXTRA, FNAME and FCOMMENT.
        if head.get(3).is_some_and(|flags| flags & 0x1C != 0) {
            sink.own(0, &head[..head.len().min(HEADER)]);
        }
        Ok(())
    }

    fn begins(head: &[u8]) -> bool {
        head.starts_with(b"\x1F\x8B\x08")
    }

    fn open(input: Input<'i>) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn close(self) -> io::Result<Input<'i>> {
        Ok(self.into_inner())
    }
}

/// zlib: one stream.
pub(super) fn zlib(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    parts::<ZlibDecoder<Input<'_>>>(input, budget, sink)
}

impl<'i> Part<'i> for ZlibDecoder<Input<'i>> {
    fn begins(_head: &[u8]) -> bool {
        false
    }

    fn open(input: Input<'i>) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn close(self) -> io::Result<Input<'i>> {
        Ok(self.into_inner())
    }
}

/// bzip2: streams.
pub(super) fn bzip2(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    parts::<BzDecoder<Input<'_>>>(input, budget, sink)
}

impl<'i> Part<'i> for BzDecoder<Input<'i>> {
    fn begins(head: &[u8]) -> bool {
        head.starts_with(b"BZh")
    }

    fn open(input: Input<'i>) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn close(self) -> io::Result<Input<'i>> {
        Ok(self.into_inner())
    }
}

/// lz4: frames, also of the old form and those that are to be skipped.
pub(super) fn lz4(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    parts::<Lz4<'_>>(input, budget, sink)
}

/// Hands what one decoder makes to `sink`. `make` is given the counted input.
fn one<'i, R: Read>(
    input: &'i mut dyn Content,
    (budget, sink): (&Budget<'_>, &mut dyn Sink),
    make: impl FnOnce(Input<'i>) -> io::Result<R>,
) -> io::Result<()> {
    let counted = budget.compressed(input);
    let from = counted.count();
    let decoder = make(Ahead::new(counted, 0))?;
    sink.member("", &mut Stream(budget.expanding(decoder, from)));
    Ok(())
}

/// xz: streams, with padding between them.
pub(super) fn xz(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    one(input, (budget, sink), |input| Ok(Stepped::new(input, XzStream::new_mem_limit(true, LZMA_KIB))))
}

/// LZMA alone.
pub(super) fn lzma(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let counted = budget.compressed(input);
    let from = counted.count();
    let mut decoder = LzmaReader::new_mem_limit(Ahead::new(counted, 0), LZMA_KIB, None)?;
    decoder.set_defer_errors(true);
    let mut metered = budget.expanding(&mut decoder, from);
    sink.member("", &mut Stream(&mut metered));
    let rest = io::copy(&mut metered, &mut io::sink());
    drop(metered);
    // The encoder writes a few bytes more than the decoder needs.
    if rest.is_ok() && decoder.into_inner().peek(AFTER + 1)?.len() > AFTER {
        return Err(damaged("more follows than its header says"));
    }
    Ok(())
}

/// lzip: members.
pub(super) fn lzip(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    one(input, (budget, sink), |input| Ok(Stepped::new(input, LzipStream::new_mem_limit(true, LZMA_KIB))))
}

/// Zstandard: frames, also those that are to be skipped.
pub(super) fn zstd(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    one(input, (budget, sink), |input| {
        let mut decoder = zstd::Decoder::with_buffer(input)?;
        decoder.window_log_max(ZSTD_WINDOW)?;
        Ok(decoder)
    })
}

/// brotli.
pub(super) fn brotli(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    one(input, (budget, sink), |input| Ok(Decompressor::new(input, 64 << 10)))
}
