//! Magic numbers at which a compressed stream or an archive may start inside other data, searched in one pass; and a
//! check whether data can contain any.

use std::sync::OnceLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};
#[cfg(target_arch = "x86_64")]
use archmage::{SimdToken, X64V3Token, arcane};

/// The format that a magic number indicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Gzip,
    Zlib,
    Bzip2,
    Xz,
    Zstd,
    Lz4,
    /// Snappy blocks in the framing of Java programs (Kafka).
    Snappy,
    Zip,
    SevenZip,
    Rar,
    /// A text chunk of a PNG image; its compressed part starts after its keyword.
    PngText,
}

/// All magic numbers. zlib has only the four that its library writes with the largest window size.
const MARKS: [(&[u8], Mark); 15] = [
    (b"\x1F\x8B\x08", Mark::Gzip),
    (b"\x78\x01", Mark::Zlib),
    (b"\x78\x5E", Mark::Zlib),
    (b"\x78\x9C", Mark::Zlib),
    (b"\x78\xDA", Mark::Zlib),
    (b"BZh", Mark::Bzip2),
    (b"\xFD7zXZ\0", Mark::Xz),
    (b"\x28\xB5\x2F\xFD", Mark::Zstd),
    (b"\x04\x22\x4D\x18", Mark::Lz4),
    (b"\x82SNAPPY\0", Mark::Snappy),
    (b"PK\x03\x04", Mark::Zip),
    (b"7z\xBC\xAF\x27\x1C", Mark::SevenZip),
    (b"Rar!\x1A\x07", Mark::Rar),
    (b"zTXt", Mark::PngText),
    (b"iTXt", Mark::PngText),
];
/// Length of the longest magic number, in bytes.
pub(super) const LONGEST: usize = 8;

/// Number of bytes at the start and at the end in which every byte is checked for all control characters.
const FULL_CHECK_BYTES: usize = 4 << 10;
const TAIL_CHECK_BYTES: usize = 1 << 10;
/// Number of bytes at the start in which every byte is checked for the most frequent control characters of binary data.
const FAST_CHECK_BYTES: usize = 16 << 10;
/// Number of bytes that are checked in each later interval.
const SAMPLE_BYTES: usize = 32;
const INTERVAL_BYTES: usize = 256;

/// The magic numbers that are searched in one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkSet {
    All,
    /// Without the 2-byte magic numbers of zlib, which occur in machine code by chance.
    Program,
}

impl MarkSet {
    /// Returns the set for an input that starts with `head`: `Program` for executables and libraries (ELF, PE, Mach-O)
    /// and compiled Python, `All` for any other input.
    pub(super) fn of(head: &[u8]) -> Self {
        let programs: [&[u8]; 5] =
            [b"\x7FELF", b"MZ", b"\xCF\xFA\xED\xFE", b"\xCE\xFA\xED\xFE", b"\xCA\xFE\xBA\xBE"];
        let is_python = head.get(2..4) == Some(b"\r\n") && head.get(1) == Some(&13);
        let is_program = is_python || programs.iter().any(|mark| head.starts_with(mark));
        if is_program { Self::Program } else { Self::All }
    }

    fn marks(self) -> impl Iterator<Item = (&'static [u8], Mark)> {
        MARKS.into_iter().filter(move |(_, mark)| self == Self::All || *mark != Mark::Zlib)
    }

    /// Returns the offset and the format of the first magic number in `bytes`.
    pub(super) fn find(self, bytes: &[u8]) -> Option<(usize, Mark)> {
        static SEARCHERS: [OnceLock<Option<Searcher>>; 2] = [OnceLock::new(), OnceLock::new()];
        let searcher = SEARCHERS[self as usize].get_or_init(|| {
            let marks = self.marks().map(|(mark, _)| mark);
            Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(marks).build()
        });
        match searcher {
            Some(searcher) => {
                let found = searcher.find(bytes)?;
                self.marks().nth(found.pattern().as_usize()).map(|(_, mark)| (found.start(), mark))
            }
            // Fallback for processors without the vector instructions that the searcher needs.
            None => (0..bytes.len()).find_map(|at| {
                let mark = self.marks().find(|(mark, _)| bytes[at..].starts_with(mark))?;
                Some((at, mark.1))
            }),
        }
    }
}

/// Returns whether `bytes` are binary data: they contain control characters that do not occur in text. In long data
/// only samples are checked.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = X64V3Token::summon() {
        return is_binary_avx2(token, bytes);
    }
    is_binary_in(bytes)
}

/// [`is_binary_in`], compiled for processors with AVX2.
#[cfg(target_arch = "x86_64")]
#[arcane]
fn is_binary_avx2(_: X64V3Token, bytes: &[u8]) -> bool {
    is_binary_in(bytes)
}

#[inline(always)]
fn is_binary_in(bytes: &[u8]) -> bool {
    let (front, rest) = bytes.split_at(bytes.len().min(FULL_CHECK_BYTES));
    let (fast, rest) = rest.split_at(rest.len().min(FAST_CHECK_BYTES - FULL_CHECK_BYTES));
    has(front, is_control)
        || has(fast, |byte| byte < 9)
        || has(&rest[rest.len().saturating_sub(TAIL_CHECK_BYTES)..], is_control)
        || rest.chunks(INTERVAL_BYTES).any(|piece| has(&piece[..piece.len().min(SAMPLE_BYTES)], is_control))
}

/// Returns whether `byte` is a control character of binary data. Escape (27) occurs in coloured terminal output.
#[inline(always)]
fn is_control(byte: u8) -> bool {
    (byte < 9) | (byte.wrapping_sub(14) < 13) | (byte.wrapping_sub(28) < 4)
}

/// Returns whether `kind` is true for any byte. Has no branch per byte, so that the compiler can vectorize it.
#[inline(always)]
fn has(bytes: &[u8], kind: impl Fn(u8) -> bool) -> bool {
    bytes.chunks(256).any(|piece| piece.iter().fold(false, |any, &byte| any | kind(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_found_and_text_is_no_binary_data() {
        for (mark, kind) in MARKS {
            let data = [b"some text", mark, b"more of it that is longer than a vector of bytes"].concat();
            assert_eq!(MarkSet::All.find(&data), Some((9, kind)));
            assert!(mark.len() <= LONGEST);
        }
        assert!(MarkSet::All.find(b"").is_none() && MarkSet::All.find(b"nothing").is_none());
        assert!(
            MarkSet::of(b"\x7FELF\x02").find(b"code \x78\x9C code, longer than a vector of bytes").is_none()
        );
        let text = "A text: \u{1b}[31mcoloured\u{1b}[0m\r\n\tÄ → 😀\x0c\n".repeat(20_000);
        assert!(!is_binary(text.as_bytes()) && !is_binary(b""));
        let mut bytes = text.into_bytes();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 256].fill(3);
        assert!(is_binary(&bytes) && is_binary(b"\x1F\x8B\x08"));
    }
}
