//! The encodings in which an anchor may be written, one file each: the literals that are searched, the cheap verification
//! of a candidate, and the decoded window around it.
//!
//! To add an encoding, write a file with a type that implements [`Decoder`], declare its module, and add a line to the
//! list of [`encodings!`] below. The searcher, the scanner of files and the scanner of streams need no change.

mod base32;
mod base64;
mod char_codes;
mod compressed;
mod escaped;
mod expected;
mod framed;
mod hex;
mod literals;
mod reversed;
mod text;
mod truncation;
mod utf16;
mod utf32;
mod window;

use std::cell::OnceCell;

pub(crate) use self::compressed::{HEX_LAYERS, RAW_LAYERS, raw_start};
use self::literals::LiteralTable;
pub(crate) use self::literals::{Anchor, Continuation, Interpretation, Literal, literals};
use self::text::Preceding;
pub(crate) use self::text::matching_chars;
pub(crate) use self::utf16::decode_wide_text;
pub(crate) use self::window::DecodedWindow;
use super::text_cache::TextCache;

/// Declares [`Form`], whose variants name the decoders.
macro_rules! encodings {
    ($($(#[$doc:meta])* $decoder:ident = $module:ident),* $(,)?) => {
        /// An encoding of an anchor.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Form {
            $($(#[$doc])* $decoder),*
        }

        impl Form {
            /// All encodings, in the order in which their literals are made.
            const ALL: &[Self] = &[$(Self::$decoder),*];

            /// Returns the decoder of this encoding.
            pub(crate) fn decoder(self) -> &'static dyn Decoder {
                match self {
                    $(Self::$decoder => &$module::$decoder),*
                }
            }
        }
    };
}

encodings! {
    /// Characters, some or all of them escaped, possibly in several pieces.
    Text = text,
    /// Base64 in either alphabet.
    Base64 = base64,
    /// Percent-encoding of another encoding.
    Escaped = escaped,
    /// Base32 in either case.
    Base32 = base32,
    /// UTF-16.
    Utf16 = utf16,
    /// UTF-32.
    Utf32 = utf32,
    /// Pairs of hexadecimal digits.
    Hex = hex,
    /// Reversed text.
    Reversed = reversed,
    /// Decimal character codes.
    CharCodes = char_codes,
    /// gzip, zlib, zip, zstd, xz or bzip2 in base64 or hexadecimal digits, and raw deflate in base64 after a mark.
    Compressed = compressed,
    /// Text blocks with a mark of their own: dumps, uuencode, ascii85, git binary patches.
    Framed = framed,
}

/// What the scanner needs of an encoding.
pub(crate) trait Decoder: Sync {
    /// Adds the literals of anchor number `index` to `table`.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable);

    /// Checks the first bytes of a candidate. This is called for every occurrence of a literal, so it must be cheap.
    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification;

    /// Decodes the window around offset `at` of `raw`, which a verification returned. `offset` is the offset of `raw` in
    /// its file. Returns `None` if the scanner treats this encoding in its own way (text and compressed data).
    fn window(&self, _raw: &[u8], _at: usize, _offset: u64, _texts: &mut TextCache) -> Option<DecodedWindow> {
        None
    }

    /// Number of decoded bytes between two offsets at which a literal of the same alignment can occur.
    fn alignment(&self) -> usize {
        1
    }
}

/// Result of a verification: one answer for complete content and for content that is still arriving.
#[derive(Debug)]
pub(crate) enum Verification {
    /// The candidate is worth a decoded window.
    Yes(Verified),
    /// The candidate is not an anchor, whatever follows.
    No,
    /// The content ends before the candidate is decided. For complete content this means no.
    NeedMore,
}

impl Form {
    /// Returns whether the scanner decodes it as a stream of its own, instead of a window.
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, Self::Compressed | Self::Framed)
    }
}

impl Verification {
    /// Returns the verified candidate of complete content.
    pub(crate) fn verified(self) -> Option<Verified> {
        match self {
            Self::Yes(verified) => Some(verified),
            Self::No | Self::NeedMore => None,
        }
    }

    /// Returns [`Self::NeedMore`] if more content could still confirm the candidate, else [`Self::No`].
    fn undecided(may_continue: bool) -> Self {
        if may_continue { Self::NeedMore } else { Self::No }
    }
}

/// A verified candidate: where the decoded content begins, and which rules may match.
#[derive(Debug)]
pub(crate) struct Verified {
    /// Text: offset of the first expected character. Base64: offset of a group boundary. Others: offset of a character.
    pub(crate) at: usize,
    /// Indices of rules, for text only.
    pub(crate) rules: Vec<usize>,
    /// Text: raw bytes per decoded character, rounded up. Compressed data: number of base64 layers around it.
    pub(crate) width: usize,
}

impl Verified {
    /// Returns the result for encodings other than text.
    fn at(at: usize) -> Verification {
        Verification::Yes(Self { at, rules: Vec::new(), width: 1 })
    }
}

/// A literal at an offset, shared by all its interpretations.
pub(crate) struct Candidate<'a> {
    raw: &'a [u8],
    at: usize,
    /// The escapes and separators that end shortly before it, computed on first use.
    preceding: OnceCell<Vec<Preceding>>,
}

impl<'a> Candidate<'a> {
    /// Creates the candidate for a literal at offset `at` of `raw`.
    pub(crate) fn new(raw: &'a [u8], at: usize) -> Self {
        Self { raw, at, preceding: OnceCell::new() }
    }

    /// Returns the content.
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Verifies one interpretation of the literal.
    #[inline]
    pub(crate) fn verify(&self, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        meaning.form.decoder().verify(self, meaning, anchor)
    }
}
