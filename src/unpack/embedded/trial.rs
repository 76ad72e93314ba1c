//! Whether a mark inside other data begins what it seems to: some of it is decoded. What fails then was no compressed
//! data, and nothing is said of it.

use std::io::{self, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::marks::{Mark, is_binary};
use crate::unpack::Kind;
use crate::unpack::peek_reader::{u16_at, u32_at};

/// Bytes of a candidate that are looked at.
pub(super) const AHEAD: usize = 16 << 10;
/// Maximum number of bytes that a candidate is expanded to.
const MAX_TRIAL_BYTES: usize = 32 << 10;
/// Bytes that the decoder of a format with a longer magic number must return.
const MIN_PROBE_BYTES: usize = 64;

/// What a mark begins.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nothing; so many bytes were decoded to find out.
    Nothing(usize),
    /// A compressed stream that is whole: its content, and its compressed bytes.
    Whole(Vec<u8>, usize),
    /// A compressed stream. Unless it is certain, an error in it only shows that it is none.
    Stream { certain: bool },
    /// An archive.
    Archive(Kind),
}

/// Looks at a candidate that begins with `bytes`: the next [`AHEAD`], or all that are left.
pub(super) fn look(mark: Mark, bytes: &[u8], inflate: &mut Option<Decompress>) -> Verdict {
    let begins = |good: bool, kind| if good { Verdict::Archive(kind) } else { Verdict::Nothing(0) };
    match mark {
        // Reserved flags are zero.
        Mark::Gzip if bytes.get(3).is_none_or(|flags| flags & 0xE0 != 0) => Verdict::Nothing(0),
        Mark::Gzip => of_decoder(GzDecoder::new(bytes), bytes),
        Mark::Zlib => zlib(bytes, inflate),
        Mark::Bzip2 if bytes.get(4..10).is_none_or(|mark| mark != b"1AY&SY") => Verdict::Nothing(0),
        Mark::Bzip2 => of_decoder(bzip2::bufread::BzDecoder::new(bytes), bytes),
        Mark::Xz => of_decoder(lzma_rust2::XzReader::new_mem_limit(bytes, false, 100 << 10), bytes),
        Mark::Zstd => match zstd::stream::read::Decoder::with_buffer(bytes) {
            Ok(decoder) => of_decoder(decoder.single_frame(), bytes),
            Err(_) => Verdict::Nothing(0),
        },
        Mark::Lz4 => of_decoder(lz4_flex::frame::FrameDecoder::new(bytes), bytes),
        Mark::Snappy => Verdict::Stream { certain: true },
        Mark::Zip => begins(crate::unpack::zip::is_believable(bytes), Kind::Zip),
        Mark::SevenZip => begins(is_seven_zip(bytes), Kind::SevenZip),
        Mark::Rar => begins(is_rar(bytes), Kind::Foreign(crate::unpack::foreign::RAR)),
        Mark::PngText => Verdict::Nothing(0),
    }
}

/// A decoder of a format with a long mark: it has to make something of its first bytes.
fn of_decoder(mut decoder: impl Read, input: &[u8]) -> Verdict {
    let mut out = [0; MIN_PROBE_BYTES];
    let mut count = 0;
    while count < MIN_PROBE_BYTES {
        match decoder.read(&mut out[count..]) {
            Ok(0) => return if count > 0 { Verdict::Stream { certain: true } } else { Verdict::Nothing(0) },
            Ok(more) => count += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // The first block of some formats is longer than what is at hand.
            Err(error) => {
                let cut = error.kind() == ErrorKind::UnexpectedEof && (count > 0 || input.len() == AHEAD);
                return if cut { Verdict::Stream { certain: count > 0 } } else { Verdict::Nothing(count) };
            }
        }
    }
    Verdict::Stream { certain: true }
}

/// Tries zlib, whose magic number occurs in other data every few kilobytes: a stream has to end with the right checksum, or
/// to be long. Other data can decode for long, too, but hardly to text.
fn zlib(bytes: &[u8], inflate: &mut Option<Decompress>) -> Verdict {
    if !is_deflate(bytes.get(2..).unwrap_or_default()) {
        return Verdict::Nothing(0);
    }
    // It takes memory, and most data does not need it.
    let inflate = inflate.get_or_insert_with(|| Decompress::new(true));
    inflate.reset(true);
    let mut out = Vec::with_capacity(MAX_TRIAL_BYTES);
    loop {
        let before = (inflate.total_in(), out.len());
        let rest = bytes.get(before.0 as usize..).unwrap_or_default();
        let status = inflate.decompress_vec(rest, &mut out, FlushDecompress::None);
        let taken = inflate.total_in();
        match status {
            Ok(Status::StreamEnd) if out.is_empty() => return Verdict::Nothing(0),
            Ok(Status::StreamEnd) => return Verdict::Whole(out, taken as usize),
            Ok(_) if out.len() == out.capacity() => return Verdict::Stream { certain: !is_binary(&out) },
            Ok(_) if (taken, out.len()) == before || taken == bytes.len() as u64 => {
                // The input ends early.
                let some = out.len() >= MIN_PROBE_BYTES;
                let stream = Verdict::Stream { certain: !is_binary(&out) };
                return if some { stream } else { Verdict::Nothing(out.len()) };
            }
            Ok(_) => {}
            Err(_) => return Verdict::Nothing(out.len()),
        }
    }
}

/// Returns whether `bytes` can start with a block of deflate (RFC 1951, 3.2.3): most other data cannot, which is told
/// without a decoder.
fn is_deflate(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first() else { return false };
    match first >> 1 & 3 {
        // Stored: the length is there twice.
        0 => u16_at(bytes, 1).zip(u16_at(bytes, 3)).is_some_and(|(length, inverse)| length == !inverse),
        1 => true,
        2 => {
            let head = bytes.iter().take(10).rev().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
            let (literals, distances) = (head >> 3 & 31, head >> 8 & 31);
            let count = (head >> 13 & 15) + 4;
            // The codes for the lengths of codes use up all that there are.
            let lengths = (0..count).map(|index| head >> (17 + 3 * index) & 7);
            let space: u32 = lengths.filter(|length| *length > 0).map(|length| 128 >> length).sum();
            literals < 30 && distances < 30 && space == 128
        }
        _ => false,
    }
}

/// Whether an archive begins here: the checksum of its first header is right.
fn is_seven_zip(bytes: &[u8]) -> bool {
    let mut crc = Crc::new();
    crc.update(bytes.get(12..32).unwrap_or_default());
    u32_at(bytes, 8) == Some(crc.sum())
}

/// Whether an archive begins here: its first header is one, with the right checksum (technote.txt of RAR, versions 4 and 5).
fn is_rar(bytes: &[u8]) -> bool {
    let mut crc = Crc::new();
    if bytes.get(6) == Some(&0) {
        crc.update(bytes.get(9..20).unwrap_or_default());
        return bytes.get(9) == Some(&0x73) && u16_at(bytes, 7) == Some(crc.sum() as u16);
    }
    // The size of the header is one byte for all that is written.
    let size = usize::from(bytes.get(12).copied().unwrap_or(0));
    crc.update(bytes.get(12..13 + size).unwrap_or_default());
    bytes.get(6..8) == Some(&[1, 0]) && size > 0 && size < 128 && u32_at(bytes, 8) == Some(crc.sum())
}

/// A reader that ends at an error of the decoder.
pub(super) struct UntilError<R> {
    inner: R,
    quiet: bool,
}

impl<R: Read> UntilError<R> {
    /// Creates the reader. Unless it is `quiet`, errors are returned.
    pub(super) fn new(inner: R, quiet: bool) -> Self {
        Self { inner, quiet }
    }
}

impl<R: Read> Read for UntilError<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Err(error) if self.quiet && error.kind() != ErrorKind::Interrupted => Ok(0),
            outcome => outcome,
        }
    }
}
