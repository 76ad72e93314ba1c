//! Percent-encoding of another encoding, character by character: `%53%30%56%5A` is base64. Escaped plain text belongs to
//! `text`, which also reads text of which only some characters are escaped.

use super::expected::ExpectedBytes;
use super::{
    Anchor, Candidate, Continuation, DecodedWindow, Decoder, Form, Interpretation, LiteralTable,
    Verification, Verified, window,
};
use crate::detect::escapes;
use crate::detect::mapped_text::View;
use crate::detect::text_cache::TextCache;
use crate::finding::Encoding;

/// Length of `%XX`, in bytes.
const ESCAPE_BYTES: usize = 3;

/// The decoder of percent-encoded encodings.
pub(crate) struct Escaped;

impl Decoder for Escaped {
    /// The shift is zero: a literal begins with an escape.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        for inner in anchor.nested() {
            let meaning = Interpretation::new(Form::Escaped, index, 0, &inner);
            for literal in
                [format!("%{:02X}%{:02X}", inner[0], inner[1]), format!("%{:02x}%{:02x}", inner[0], inner[1])]
            {
                let meaning = Interpretation { follow: Continuation::Any, ..meaning.clone() };
                table.add(literal.as_bytes(), meaning);
            }
        }
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        let Candidate { raw, at: hit, .. } = *candidate;
        let mut bytes = ExpectedBytes::new(meaning);
        let mut at = hit;
        while bytes.wants_more()
            && let Some(byte) = escape_at(raw, at)
        {
            if !bytes.push(byte) {
                return Verification::No;
            }
            at += ESCAPE_BYTES;
        }
        if bytes.fit(anchor) {
            return Verified::at(hit);
        }
        Verification::undecided(bytes.wants_more() && raw.len() < at + ESCAPE_BYTES)
    }

    fn window(&self, raw: &[u8], at: usize, _offset: u64, _texts: &mut TextCache) -> Option<DecodedWindow> {
        let span = window::range(raw, at);
        let mut start = at;
        while start >= span.start + ESCAPE_BYTES && escape_at(raw, start - ESCAPE_BYTES).is_some() {
            start -= ESCAPE_BYTES;
        }
        let mut view = View::with_capacity(window::RIGHT_BYTES / ESCAPE_BYTES);
        while let Some(byte) = escape_at(raw, start).filter(|_| start < span.end) {
            view.push(byte, start - span.start, start + ESCAPE_BYTES - span.start);
            start += ESCAPE_BYTES;
        }
        Some(DecodedWindow::new(view, span.start, Encoding::Percent))
    }
}

/// Returns the byte of the escape at `at`.
fn escape_at(raw: &[u8], at: usize) -> Option<u8> {
    (raw.get(at) == Some(&b'%')).then(|| escapes::pair(raw, at + 1))?
}
