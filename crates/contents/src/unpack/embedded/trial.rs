//! Checks whether a magic number inside other data starts a stream of its format: the first bytes are decoded. If
//! decoding fails, the data is not compressed, and no error is reported.

use std::io::{self, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::marks::{Mark, is_binary};
use crate::unpack::Kind;
use crate::unpack::peek_reader::{u16_at, u32_at};

/// Number of bytes of a candidate that are checked.
pub(super) const AHEAD: usize = 16 << 10;
/// Maximum number of bytes that a candidate is expanded to.
const MAX_TRIAL_BYTES: usize = 32 << 10;
/// Minimum number of bytes that the decoder of a format with a longer magic number must return.
const MIN_PROBE_BYTES: usize = 64;

/// What a decoder with a large memory costs for a candidate that is not a stream, as a number of decoded bytes.
const DECODER_COST_BYTES: usize = 4 << 10;

/// The result of the check of a candidate.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Not a stream; the number of bytes that were decoded to find out.
    Nothing(usize),
    /// A complete compressed stream: its content, and its compressed size in bytes.
    Whole(Vec<u8>, usize),
    /// A compressed stream. If it is not certain, an error in it only shows that it is not a stream.
    Stream { certain: bool },
    /// An archive.
    Archive(Kind),
}

/// Checks the candidate at the start of `bytes`: the next [`AHEAD`] bytes, or all remaining bytes.
pub(super) fn look(mark: Mark, bytes: &[u8], inflate: &mut Option<Decompress>) -> Verdict {
    let begins = |good: bool, kind| if good { Verdict::Archive(kind) } else { Verdict::Nothing(0) };
    match mark {
        // Reserved flags are zero.
        Mark::Gzip if bytes.get(3).is_none_or(|flags| flags & 0xE0 != 0) => Verdict::Nothing(0),
        Mark::Gzip => of_decoder(GzDecoder::new(bytes), bytes),
        Mark::Zlib => zlib(bytes, inflate),
        Mark::Bzip2 if !is_bzip2(bytes) => Verdict::Nothing(0),
        Mark::Bzip2 => at_cost(DECODER_COST_BYTES, of_decoder(bzip2::bufread::BzDecoder::new(bytes), bytes)),
        Mark::Xz => of_decoder(lzma_rust2::XzReader::new_mem_limit(bytes, false, 100 << 10), bytes),
        Mark::Zstd if !is_zstd(bytes) => Verdict::Nothing(0),
        Mark::Zstd => match zstd::stream::read::Decoder::with_buffer(bytes) {
            Ok(decoder) => at_cost(DECODER_COST_BYTES, of_decoder(decoder.single_frame(), bytes)),
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

/// Returns `verdict` with the least cost of a failed check.
fn at_cost(least: usize, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Nothing(count) => Verdict::Nothing(count.max(least)),
        other => other,
    }
}

/// Returns whether the first block of a bzip2 stream can start at `bytes`: its number, a pointer inside the block and at
/// least one used group of symbols. The decoder needs memory for a block before it looks at them.
fn is_bzip2(bytes: &[u8]) -> bool {
    let level = bytes.get(3).map_or(0, |level| u32::from(level.saturating_sub(b'0')));
    let Some(head) =
        bytes.get(14..22).and_then(|head| head.first_chunk()).map(|head| u64::from_be_bytes(*head))
    else {
        return false;
    };
    // One bit for randomised blocks, 24 of the pointer, 16 of the groups.
    let (pointer, groups) = ((head >> 39) as u32 & 0xFF_FFFF, (head >> 23) & 0xFFFF);
    bytes.get(4..10) == Some(b"1AY&SY") && pointer < level * 100_000 && groups != 0
}

/// Returns whether a zstd frame can start at `bytes`: its reserved bit is zero (RFC 8878, 3.1.1.1.1).
fn is_zstd(bytes: &[u8]) -> bool {
    bytes.get(4).is_some_and(|descriptor| descriptor & 8 == 0)
}

/// Checks a candidate with the decoder of a format with a long magic number: it must decode the first bytes.
fn of_decoder(mut decoder: impl Read, input: &[u8]) -> Verdict {
    let mut out = [0; MIN_PROBE_BYTES];
    let mut count = 0;
    while count < MIN_PROBE_BYTES {
        match decoder.read(&mut out[count..]) {
            Ok(0) => return if count > 0 { Verdict::Stream { certain: true } } else { Verdict::Nothing(0) },
            Ok(more) => count += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // In some formats the first block is longer than the available input.
            Err(error) => {
                let cut = error.kind() == ErrorKind::UnexpectedEof && (count > 0 || input.len() == AHEAD);
                return if cut { Verdict::Stream { certain: count > 0 } } else { Verdict::Nothing(count) };
            }
        }
    }
    Verdict::Stream { certain: true }
}

/// Checks a zlib candidate. The magic number of zlib occurs in other data every few kilobytes, so a stream must end
/// with the right checksum or be long. Other data can also decode to a long output, but rarely to text.
fn zlib(bytes: &[u8], inflate: &mut Option<Decompress>) -> Verdict {
    if !is_deflate(bytes.get(2..).unwrap_or_default()) {
        return Verdict::Nothing(0);
    }
    // Allocated on first use, because most data does not need it.
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

/// Returns whether `bytes` can start with a deflate block (RFC 1951, 3.2.3). Most other data cannot, and this check
/// needs no decoder.
fn is_deflate(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first() else { return false };
    match first >> 1 & 3 {
        // Stored: the length is stored twice, the second time inverted.
        0 => u16_at(bytes, 1).zip(u16_at(bytes, 3)).is_some_and(|(length, inverse)| length == !inverse),
        1 => true,
        2 => {
            let head = bytes.iter().take(10).rev().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
            let (literals, distances) = (head >> 3 & 31, head >> 8 & 31);
            let count = (head >> 13 & 15) + 4;
            // The code of the code lengths must be complete.
            let lengths = (0..count).map(|index| head >> (17 + 3 * index) & 7);
            let space: u32 = lengths.filter(|length| *length > 0).map(|length| 128 >> length).sum();
            literals < 30 && distances < 30 && space == 128
        }
        _ => false,
    }
}

/// Returns whether a 7z archive starts at `bytes`: the checksum of its first header is right.
fn is_seven_zip(bytes: &[u8]) -> bool {
    let mut crc = Crc::new();
    crc.update(bytes.get(12..32).unwrap_or_default());
    u32_at(bytes, 8) == Some(crc.sum())
}

/// Returns whether a RAR archive starts at `bytes`: its first header has the right type and checksum (technote.txt of
/// RAR, versions 4 and 5).
fn is_rar(bytes: &[u8]) -> bool {
    let mut crc = Crc::new();
    if bytes.get(6) == Some(&0) {
        crc.update(bytes.get(9..20).unwrap_or_default());
        return bytes.get(9) == Some(&0x73) && u16_at(bytes, 7) == Some(crc.sum() as u16);
    }
    // In practice the header size fits in one byte.
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
    /// Creates the reader. If `quiet` is false, errors are returned.
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
