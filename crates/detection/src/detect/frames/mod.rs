//! Text frames: blocks with a mark of their own around encoded bytes (dumps, uuencode, ascii85, git binary patches, images of firmware). A frame
//! is decoded as a whole, and what it holds is searched like a file of its own.

mod ascii85;
mod dump;
mod git_patch;
mod hex_records;
mod uuencode;

use crate::finding::Encoding;

/// Maximum length of a frame, in bytes of its text. The rest of a longer one is skipped and reported.
pub(crate) const MAX_FRAME_BYTES: usize = 16 << 20;

/// A kind of frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Output of `od`, `hexdump`, `xxd` or a program with lines like theirs.
    Dump,
    /// `begin 644 name` up to `end`.
    Uuencode,
    /// `<~` up to `~>`.
    Ascii85,
    /// `GIT binary patch`.
    GitPatch,
    /// Intel HEX and S-records.
    HexRecords,
}

/// A decoded frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The decoded bytes. A dump that can be read in several ways has all of them, one after the other.
    pub(crate) bytes: Vec<u8>,
    /// Offsets in `bytes` at which the readings start.
    pub(crate) readings: Vec<usize>,
    /// Offset of the first byte of its text.
    pub(crate) start: usize,
    /// Offset after its text.
    pub(crate) end: usize,
}

impl Frame {
    /// Creates a frame that can be read in one way.
    fn new(bytes: Vec<u8>, start: usize, end: usize) -> Self {
        Self { bytes, readings: vec![0], start, end }
    }
}

impl Kind {
    /// All kinds.
    pub(crate) const ALL: [Self; 5] =
        [Self::Dump, Self::Uuencode, Self::Ascii85, Self::GitPatch, Self::HexRecords];

    /// Returns the name of the encoding.
    pub(crate) fn encoding(self) -> Encoding {
        match self {
            Self::Dump => Encoding::Dump,
            Self::Uuencode => Encoding::Uuencode,
            Self::Ascii85 => Encoding::Ascii85,
            Self::GitPatch => Encoding::GitBinary,
            Self::HexRecords => Encoding::Dump,
        }
    }

    /// Returns the literals that mark such a frame.
    pub(crate) fn marks(self) -> Vec<Vec<u8>> {
        let all = |marks: &[&str]| marks.iter().map(|mark| mark.as_bytes().to_vec()).collect();
        match self {
            Self::Dump => all(&dump::MARKS),
            Self::Uuencode => all(&["begin 6", "begin 7"]),
            // A literal needs three bytes.
            Self::Ascii85 => (b'!'..=b'u').map(|third| vec![b'<', b'~', third]).collect(),
            Self::GitPatch => all(&["GIT binary patch"]),
            Self::HexRecords => all(&hex_records::MARKS),
        }
    }

    /// Decodes the frame whose mark is at `at`. Returns `None` if there is no frame.
    pub(crate) fn decode(self, raw: &[u8], at: usize) -> Option<Frame> {
        let raw = &raw[..raw.len().min(at.saturating_add(MAX_FRAME_BYTES))];
        match self {
            Self::Dump => dump::decode(raw, at),
            Self::Uuencode => uuencode::decode(raw, at),
            Self::Ascii85 => ascii85::decode(raw, at),
            Self::GitPatch => git_patch::decode(raw, at),
            Self::HexRecords => hex_records::decode(raw, at),
        }
    }

    /// Returns whether a frame may start at the mark at `at`, by its first bytes.
    pub(crate) fn begins(self, raw: &[u8], at: usize) -> bool {
        let is_line_start =
            |at: usize| at == 0 || matches!(raw[at - 1], b'\n' | b' ' | b'\t' | b'>' | b'"' | b'\'');
        match self {
            Self::Dump => dump::begins(raw, at),
            Self::Uuencode => is_line_start(at) && uuencode::begins(raw, at),
            Self::Ascii85 => ascii85::begins(raw, at),
            Self::GitPatch => is_line_start(at),
            Self::HexRecords => hex_records::begins(raw, at),
        }
    }
}

/// Iterates over the lines of `raw` from `at` on, without their ends, each with the offset after its end.
fn lines(raw: &[u8], at: usize) -> impl Iterator<Item = (&[u8], usize)> {
    let mut next = at;
    std::iter::from_fn(move || {
        let rest = raw.get(next..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        next = raw.len().min(next + length + 1);
        Some((rest[..length].strip_suffix(b"\r").unwrap_or(&rest[..length]), next))
    })
}
