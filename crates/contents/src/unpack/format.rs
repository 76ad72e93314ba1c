//! Detects the format of a container from its first bytes; from its name only if the format has no magic number.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::ZlibDecoder;
use lzma_rust2::LzmaReader;

use super::registry::{self, Group};

/// A container format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// gzip (RFC 1952), with any number of members.
    Gzip,
    /// zlib (RFC 1950).
    Zlib,
    /// bzip2, with any number of streams.
    Bzip2,
    /// xz, with any number of streams.
    Xz,
    /// LZMA alone, the predecessor of xz.
    Lzma,
    /// lzip.
    Lzip,
    /// Zstandard (RFC 8878), with any number of frames.
    Zstd,
    /// lz4 frames.
    Lz4,
    /// brotli (RFC 7932), detected by its name.
    Brotli,
    /// tar: ustar, pax, GNU, v7.
    Tar,
    /// zip, and all formats that are zip files under another name.
    Zip,
    /// 7z.
    SevenZip,
    /// Unix ar, including Debian packages.
    Ar,
    /// cpio: the "new" ASCII format, with and without checksums, and the old ones.
    Cpio,
    /// An RPM package.
    Rpm,
    /// An archive of Electron.
    Asar,
    /// A SQLite database, its write-ahead log or its rollback journal.
    Sqlite,
    /// A table of LevelDB or of a related database.
    LevelTable,
    /// A log of LevelDB or of a related database.
    LevelLog,
    /// A Redis dump.
    Rdb,
    /// An Avro object container file.
    Avro,
    /// Snappy in its framing format.
    Snappy,
    /// A file of Firefox that is compressed with lz4.
    MozLz4,
    /// Other data in which compressed streams and archives are embedded.
    Embedded,
    /// A format that is detected and not supported.
    Foreign(Foreign),
}

/// A format that is detected and not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    /// Its short name: `rar`.
    pub name: &'static str,
    /// The description of such a file in reports: `a RAR archive`.
    pub title: &'static str,
}

impl Kind {
    /// Returns whether the format has a single content and no members.
    pub fn is_stream(self) -> bool {
        registry::format(self).group == Group::Stream
    }

    /// Returns whether a part of the content is in plain bytes, so that the raw bytes are scanned as well.
    pub fn is_partly_plain(self) -> bool {
        registry::format(self).group == Group::Records
    }
}

/// Size of a tar block in bytes.
const TAR_BLOCK_BYTES: usize = 512;
/// Bytes that a decoder must return before a stream without a magic number is accepted.
const MIN_PROBE_BYTES: usize = 64;

/// Detects the format of a container from its first bytes `head`. `name` returns the file name, if known; it is called
/// only if the bytes do not suffice.
pub fn sniff(head: &[u8], name: &dyn Fn() -> String) -> Option<Kind> {
    by_magic(head)
        .or_else(|| is_tar(head).then_some(Kind::Tar))
        .or_else(|| super::pages::is_log(head).then_some(Kind::LevelLog))
        .or_else(|| is_brotli(head, name).then_some(Kind::Brotli))
}

fn by_magic(head: &[u8]) -> Option<Kind> {
    let starts = |mark: &[u8]| head.starts_with(mark);
    Some(match head.first()? {
        0x1F if starts(b"\x1F\x8B\x08") => Kind::Gzip,
        b'B' if is_bzip2(head) => Kind::Bzip2,
        0xFD if starts(b"\xFD7zXZ\0") => Kind::Xz,
        0x28 if starts(b"\x28\xB5\x2F\xFD") => Kind::Zstd,
        0x04 if starts(b"\x04\x22\x4D\x18") => Kind::Lz4,
        0x02 if starts(b"\x02\x21\x4C\x18") => Kind::Lz4,
        0x50..=0x5F if is_skippable_frame(head) => skippable(head),
        b'L' if starts(b"LZIP\x01") => Kind::Lzip,
        0x78 if is_zlib(head) => Kind::Zlib,
        0x5D if is_lzma(head) => Kind::Lzma,
        b'm' if starts(b"mozLz40\0") => Kind::MozLz4,
        b'S' | 0x37 | 0xD9 if super::pages::is_sqlite(head) => Kind::Sqlite,
        b'O' if starts(super::pages::AVRO_MAGIC) => Kind::Avro,
        0xFF if starts(super::snappy::MAGIC) => Kind::Snappy,
        b'R' if super::pages::is_dump(head) => Kind::Rdb,
        _ => return super::magic::archive(head),
    })
}

fn is_bzip2(head: &[u8]) -> bool {
    let begins = head.get(4..10).is_some_and(|mark| mark == b"1AY&SY" || mark == b"\x17\x72\x45\x38\x50\x90");
    begins && head.starts_with(b"BZh") && (b'1'..=b'9').contains(&head[3])
}

/// Returns whether `head` starts with a frame that decoders of zstd and lz4 skip.
pub(super) fn is_skippable_frame(head: &[u8]) -> bool {
    head.first().is_some_and(|byte| (0x50..=0x5F).contains(byte)) && head.get(1..4) == Some(b"\x2A\x4D\x18")
}

/// Returns the format after skippable frames, as far as `head` reaches: zstd writes such frames first, lz4 does not.
fn skippable(head: &[u8]) -> Kind {
    let mut rest = head;
    while is_skippable_frame(rest) {
        let size = rest
            .get(4..8)
            .and_then(|bytes| bytes.first_chunk())
            .map_or(u32::MAX, |size| u32::from_le_bytes(*size));
        rest = usize::try_from(size).ok().and_then(|size| rest.get(8..)?.get(size..)).unwrap_or_default();
    }
    if rest.starts_with(b"\x04\x22\x4D\x18") { Kind::Lz4 } else { Kind::Zstd }
}

/// The magic number is two bytes that plain text may start with, so the check decompresses some data.
fn is_zlib(head: &[u8]) -> bool {
    let [first, second, ..] = head else { return false };
    (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31)
        && second & 0x20 == 0
        && yields(ZlibDecoder::new(head), head)
}

/// There is no magic number; accepts the settings that `lzma` and `xz --format=lzma` write.
fn is_lzma(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<13>() else { return false };
    let dictionary = u32::from_le_bytes([header[1], header[2], header[3], header[4]]);
    let size = header[5..13].iter().rev().fold(0u64, |size, byte| size << 8 | u64::from(*byte));
    let likely =
        dictionary.is_power_of_two() || (dictionary / 3).is_power_of_two() && dictionary.is_multiple_of(3);
    // The first byte of the range coder is always zero.
    let size_is_plausible = size == u64::MAX || size < 1 << 40;
    likely
        && (1 << 12..=64 << 20).contains(&dictionary)
        && size_is_plausible
        && head.get(13) == Some(&0)
        && LzmaReader::new_mem_limit(head, 100 << 10, None).is_ok_and(|mut decoder| {
            decoder.set_defer_errors(true);
            // A short stream may have a wrong end, which follows its content.
            decoder.read(&mut [0; MIN_PROBE_BYTES]).is_ok_and(|count| count > 0)
        })
}

fn is_brotli(head: &[u8], name: &dyn Fn() -> String) -> bool {
    // Text is not brotli, and computing a name costs time.
    if head.is_empty() || head.iter().take(MIN_PROBE_BYTES).all(|byte| (0x09..0x7F).contains(byte)) {
        return false;
    }
    let name = name();
    let ends = name.len() > 3 && name.as_bytes()[name.len() - 3..].eq_ignore_ascii_case(b".br");
    ends && yields(Decompressor::new(head, 4 << 10), head)
}

/// Returns whether a decoder accepts its input: it returns some bytes before any error.
fn yields(mut decoder: impl Read, input: &[u8]) -> bool {
    let mut out = [0; MIN_PROBE_BYTES];
    let mut count = 0;
    while count < MIN_PROBE_BYTES {
        match decoder.read(&mut out[count..]) {
            // Valid content that is shorter.
            Ok(0) => return count > 0,
            Ok(more) => count += more,
            // The input ends early where only the beginning is available.
            Err(error) => {
                return error.kind() == std::io::ErrorKind::UnexpectedEof
                    && (count > 0 || input.len() > TAR_BLOCK_BYTES);
            }
        }
    }
    true
}

/// Returns whether `head` starts with a tar header whose checksum is correct.
pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<TAR_BLOCK_BYTES>() else { return false };
    let digit = |byte: &u8| (b'0'..=b'7').contains(byte);
    let checksum = block[148..156].trim_ascii_start();
    let count = checksum.iter().take_while(|byte| digit(byte)).count();
    if count == 0 || block[0] == 0 && &block[257..262] != b"ustar" {
        return false;
    }
    let stated = checksum[..count].iter().fold(0u64, |sum, digit| sum * 8 + u64::from(digit - b'0'));
    let bytes = block[..148].iter().chain(&block[156..]);
    stated == bytes.map(|byte| u64::from(*byte)).sum::<u64>() + 8 * u64::from(b' ')
}
