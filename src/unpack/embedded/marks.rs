//! The marks at which a compressed stream or an archive may begin inside other data, searched all at once; and whether data
//! can hold any.

use std::sync::OnceLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};

/// What a mark may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Gzip,
    Zlib,
    Bzip2,
    Xz,
    Zstd,
    Lz4,
    /// Blocks of snappy as Java programs frame them (Kafka).
    Snappy,
    Zip,
    SevenZip,
    Rar,
    /// The text of a picture (PNG), whose compressed part comes behind its name.
    PngText,
}

/// All marks. Those of zlib are only the four that its library writes with its largest window.
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
/// The longest mark, in bytes.
pub(super) const LONGEST: usize = 8;

/// Bytes at the beginning and at the end that are all looked at, and how many of how many between.
const FRONT: usize = 16 << 10;
const BACK: usize = 1 << 10;
const SAMPLE: usize = 32;
const EVERY: usize = 256;

/// The first mark in `bytes`, with its place.
pub(super) fn find(bytes: &[u8]) -> Option<(usize, Mark)> {
    static SEARCHER: OnceLock<Option<Searcher>> = OnceLock::new();
    let searcher = SEARCHER.get_or_init(|| {
        Config::new()
            .match_kind(MatchKind::LeftmostFirst)
            .builder()
            .extend(MARKS.map(|(mark, _)| mark))
            .build()
    });
    match searcher {
        Some(searcher) => {
            let found = searcher.find(bytes)?;
            Some((found.start(), MARKS[found.pattern().as_usize()].1))
        }
        // On processors without the vector instructions that it needs.
        None => (0..bytes.len()).find_map(|at| {
            let mark = MARKS.iter().find(|(mark, _)| bytes[at..].starts_with(mark))?;
            Some((at, mark.1))
        }),
    }
}

/// Whether some of `bytes` are no text: control characters that no text has. Of long data only samples are looked at.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let front = &bytes[..bytes.len().min(FRONT)];
    let back = &bytes[bytes.len().saturating_sub(BACK)..];
    has_control(front)
        || bytes.len() > FRONT
            && (has_control(back)
                || bytes[FRONT..].chunks(EVERY).any(|piece| has_control(&piece[..piece.len().min(SAMPLE)])))
}

fn has_control(bytes: &[u8]) -> bool {
    // Without a branch for each byte this becomes vector instructions. Escape (27) is in coloured output.
    let control = |byte: u8| (byte < 9) | (byte.wrapping_sub(14) < 13) | (byte.wrapping_sub(28) < 4);
    bytes.chunks(256).any(|piece| piece.iter().fold(false, |any, &byte| any | control(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_found_and_text_is_no_binary_data() {
        for (mark, kind) in MARKS {
            let data = [b"some text", mark, b"more of it that is longer than a vector of bytes"].concat();
            assert_eq!(find(&data), Some((9, kind)));
            assert!(mark.len() <= LONGEST);
        }
        assert!(find(b"").is_none() && find(b"nothing").is_none());
        let text = "A text: \u{1b}[31mcoloured\u{1b}[0m\r\n\tÄ → 😀\x0c\n".repeat(20_000);
        assert!(!is_binary(text.as_bytes()) && !is_binary(b""));
        let mut bytes = text.into_bytes();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 256].fill(3);
        assert!(is_binary(&bytes) && is_binary(b"\x1F\x8B\x08"));
    }
}
