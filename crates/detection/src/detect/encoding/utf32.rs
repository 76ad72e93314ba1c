//! UTF-32, which differs from UTF-16 in the width of its characters alone.

use super::{
    Anchor, Candidate, DecodedWindow, Decoder, Form, Interpretation, LiteralTable, Verification, utf16,
};
use crate::detect::text_cache::TextCache;

/// The decoder of UTF-32.
pub(crate) struct Utf32;

impl Decoder for Utf32 {
    /// The shift is zero: a literal begins with the low byte of a character.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        utf16::add_literals(Form::Utf32, 4, index, anchor, table);
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        utf16::verify(candidate, 4, meaning, anchor)
    }

    fn window(&self, raw: &[u8], at: usize, offset: u64, _texts: &mut TextCache) -> Option<DecodedWindow> {
        Some(utf16::decode(raw, at, 4, offset))
    }
}
