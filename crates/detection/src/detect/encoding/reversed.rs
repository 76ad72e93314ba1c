//! Reversed text, as in `"…YEK".split("").reverse()`.

use super::expected::ExpectedBytes;
use super::{
    Anchor, Candidate, DecodedWindow, Decoder, Form, Interpretation, LiteralTable, Verification, Verified,
    window,
};
use crate::detect::mapped_text::View;
use crate::detect::text_cache::TextCache;
use crate::finding::Encoding;

/// Raw bytes decoded before a reversed anchor, which contain its secret.
const SECRET_BYTES: usize = 1500;
/// Characters of the anchor that are searched.
const LITERAL_CHARS: usize = 3;

/// The decoder of reversed text.
pub(crate) struct Reversed;

impl Decoder for Reversed {
    /// The shift is the number of bytes from the literal to the end of the anchor.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        if anchor.is_in_all_forms() {
            let literal: Vec<u8> = anchor.text[..LITERAL_CHARS].iter().rev().copied().collect();
            let meaning = Interpretation::new(Form::Reversed, index, LITERAL_CHARS as u8, &anchor.text);
            table.add(&literal, meaning);
        }
    }

    /// What decides precedes the literal, so this never needs more content.
    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        let end = candidate.at + usize::from(meaning.shift);
        let mut bytes = ExpectedBytes::new(meaning);
        for &byte in candidate.raw[..end].iter().rev() {
            if !bytes.wants_more() {
                break;
            }
            if !bytes.push(byte) {
                return Verification::No;
            }
        }
        if bytes.fit(anchor) { Verified::at(end) } else { Verification::No }
    }

    fn window(&self, raw: &[u8], at: usize, _offset: u64, _texts: &mut TextCache) -> Option<DecodedWindow> {
        Some(decode(raw, at))
    }
}

/// Reverses the bytes before and after `at`, so that following hits need no window of their own.
pub(super) fn decode(raw: &[u8], at: usize) -> DecodedWindow {
    let base = at.saturating_sub(SECRET_BYTES);
    let end = raw.len().min(at + window::RIGHT_BYTES);
    let mut view = View::with_capacity(end - base);
    for pos in (base..end).rev() {
        view.push(raw[pos], pos - base, pos - base + 1);
    }
    DecodedWindow::new(view, base, Encoding::Reversed)
}
