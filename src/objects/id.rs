//! Names and kinds of objects: plain data. Nothing here reads or checks content against a name.

use std::fmt;

/// Longest object name in bytes (SHA-256).
const LONGEST: usize = 32;

/// The hash by which a repository names its objects (`extensions.objectFormat`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashFormat {
    /// 20 bytes, the default of git.
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl HashFormat {
    /// Bytes of one object name.
    #[must_use]
    pub const fn id_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => LONGEST,
        }
    }
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A commit: its tree, its parents, people, message.
    Commit,
    /// A directory: modes, names, object names.
    Tree,
    /// The content of a file.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// The kind for a type number of a pack entry; none for deltas and unknown numbers.
    pub(super) const fn from_pack(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Commit),
            2 => Some(Self::Tree),
            3 => Some(Self::Blob),
            4 => Some(Self::Tag),
            _ => None,
        }
    }

    /// The kind for the word that begins a loose object.
    pub(super) const fn from_word(word: &[u8]) -> Option<Self> {
        match word {
            b"commit" => Some(Self::Commit),
            b"tree" => Some(Self::Tree),
            b"blob" => Some(Self::Blob),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }
}

/// The name of an object: 20 or 32 bytes. `Display` writes it as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Bytes behind `len` are zero, so that the derived comparisons hold.
    bytes: [u8; LONGEST],
    len: u8,
}

impl ObjectId {
    /// The name with these bytes; none unless there are 20 or 32 of them.
    #[must_use]
    pub fn from_bytes(from: &[u8]) -> Option<Self> {
        let len = match from.len() {
            20 => 20,
            LONGEST => 32,
            _ => return None,
        };
        let mut bytes = [0; LONGEST];
        bytes.get_mut(..from.len())?.copy_from_slice(from);
        Some(Self { bytes, len })
    }

    /// The name with these hex digits of either case; none unless there are 40 or 64 of them.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if !rest.is_empty() || pairs.len() > LONGEST {
            return None;
        }
        let mut bytes = [0; LONGEST];
        for (out, [high, low]) in bytes.iter_mut().zip(pairs) {
            *out = digit(*high)? << 4 | digit(*low)?;
        }
        Self::from_bytes(bytes.get(..pairs.len())?)
    }

    /// The 20 or 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&self.bytes)
    }

    /// Whether all bytes are zero: how git writes "no object".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.bytes == [0; LONGEST]
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
