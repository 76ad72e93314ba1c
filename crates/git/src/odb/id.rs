//! Names and kinds of objects. Does not read content or check it against a name.

use std::fmt;

/// Length of the longest object name (SHA-256), in bytes.
const MAX_ID_BYTES: usize = 32;

/// The hash function for object names in a repository (`extensions.objectFormat`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashFormat {
    /// 20 bytes; git's default.
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl HashFormat {
    /// Returns the length of an object name in bytes.
    #[must_use]
    pub const fn id_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => MAX_ID_BYTES,
        }
    }
}

/// The kind of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A commit: its tree, parents, author, committer and message.
    Commit,
    /// A directory: modes, names, object names.
    Tree,
    /// The content of a file.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// Returns the kind of a pack entry's type number, or `None` for deltas and unknown numbers.
    pub(super) const fn from_pack(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Commit),
            2 => Some(Self::Tree),
            3 => Some(Self::Blob),
            4 => Some(Self::Tag),
            _ => None,
        }
    }

    /// Returns the kind for the first word of a loose object.
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

/// The name of an object: 20 or 32 bytes. `Display` formats it as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Bytes after `len` are zero, so that the derived comparisons are correct.
    bytes: [u8; MAX_ID_BYTES],
    len: u8,
}

impl ObjectId {
    /// Creates a name from bytes. Returns `None` unless there are 20 or 32 of them.
    #[must_use]
    pub fn from_bytes(from: &[u8]) -> Option<Self> {
        let len = match from.len() {
            20 => 20,
            MAX_ID_BYTES => 32,
            _ => return None,
        };
        let mut bytes = [0; MAX_ID_BYTES];
        bytes.get_mut(..from.len())?.copy_from_slice(from);
        Some(Self { bytes, len })
    }

    /// Parses hex digits of either case. Returns `None` unless there are 40 or 64 of them.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if !rest.is_empty() || pairs.len() > MAX_ID_BYTES {
            return None;
        }
        let mut bytes = [0; MAX_ID_BYTES];
        for (out, [high, low]) in bytes.iter_mut().zip(pairs) {
            *out = digit(*high)? << 4 | digit(*low)?;
        }
        Self::from_bytes(bytes.get(..pairs.len())?)
    }

    /// Returns the 20 or 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&self.bytes)
    }

    /// Returns whether all bytes are zero, which git writes for "no object".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.bytes == [0; MAX_ID_BYTES]
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
