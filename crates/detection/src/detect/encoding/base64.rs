//! Base64 in either alphabet, over line breaks, escapes and string concatenation; nested base64 and base64 of UTF-16.

use super::expected::ExpectedBytes;
use super::literals::pieces;
use super::truncation::{Step, may_continue, step};
use super::{
    Anchor, Candidate, Continuation, DecodedWindow, Decoder, Form, Interpretation, LiteralTable,
    Verification, Verified, window,
};
use crate::detect::byte_set::sextet;
use crate::detect::decoding_cursor::{Base64Cursor, Cursor};
use crate::detect::mapped_text::View;
use crate::detect::text_cache::TextCache;
use crate::finding::Encoding;
use crate::rules::Forms;

/// The decoder of base64.
pub(crate) struct Base64;

impl Decoder for Base64 {
    /// The shift is the number of base64 characters from the literal to the next group of four.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        if anchor.forms == Forms::Plain {
            return;
        }
        add_literals(&anchor.text, anchor.forms, index, Continuation::Run, table);
        if anchor.is_in_rare_forms() {
            add_nested(index, anchor, table);
        }
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        let Candidate { raw, at: hit, .. } = *candidate;
        let Some(mut cursor) = Base64Cursor::new(raw, hit, meaning.shift) else {
            return Verification::undecided(group_may_continue(raw, hit, meaning.shift));
        };
        let at = cursor.position();
        let mut bytes = ExpectedBytes::new(meaning);
        while bytes.wants_more()
            && let Some(byte) = cursor.next()
        {
            if !bytes.push(byte) {
                return Verification::No;
            }
        }
        if bytes.fit(anchor) {
            return Verified::at(at);
        }
        Verification::undecided(bytes.wants_more() && may_continue(raw, cursor.position()))
    }

    fn window(&self, raw: &[u8], at: usize, _offset: u64, texts: &mut TextCache) -> Option<DecodedWindow> {
        decode(raw, at, texts)
    }

    fn alignment(&self) -> usize {
        3
    }
}

/// Returns whether the content ends before the `skip` base64 characters up to the next group.
fn group_may_continue(raw: &[u8], hit: usize, skip: u8) -> bool {
    let mut cursor = Cursor::new(raw, hit);
    let mut steps = (0..skip).map(|_| step(raw, &mut cursor, |byte| sextet(byte).is_some()));
    steps.find(|step| *step != Step::Taken) == Some(Step::Ends)
}

/// Adds the base64 of `inner` at its three alignments.
fn add_literals(inner: &[u8], forms: Forms, index: usize, follow: Continuation, table: &mut LiteralTable) {
    for before in 0..3 {
        let (first, text) = known(inner, before);
        for piece in pieces(&text, forms) {
            let at = first + piece.start;
            let boundary = at.div_ceil(4) * 4;
            let decoded = (boundary / 4 * 3 - before).min(inner.len());
            // The encoded text may itself be split, and then other characters precede: `before` stays empty.
            let shift = (boundary - at) as u8;
            let meaning = Interpretation::new(Form::Base64, index, shift, &inner[decoded..]);
            table.add(&text[piece], Interpretation { follow, ..meaning });
        }
    }
}

/// Adds base64 of base64, of hexadecimal digits and of percent escapes, base64 of base64 of base64, and base64 of UTF-16
/// and of base64 in UTF-16, which is the format of PowerShell's -EncodedCommand.
fn add_nested(index: usize, anchor: &Anchor, table: &mut LiteralTable) {
    let mut add = |inner: &[u8], follow| add_literals(inner, Forms::Common, index, follow, table);
    add(&wide(&anchor.text), Continuation::Any);
    for before in 0..3 {
        let (_, once) = known(&anchor.text, before);
        add(&once, Continuation::Base64);
        add(&wide(&once), Continuation::Any);
        for before in 0..3 {
            add(&known(&once, before).1, Continuation::Base64);
        }
    }
    for inner in anchor.nested().into_iter().skip(3) {
        add(&inner, Continuation::Any);
    }
}

/// Returns a text in UTF-16, little-endian.
fn wide(text: &[u8]) -> Vec<u8> {
    text.iter().flat_map(|&byte| [byte, 0]).collect()
}

/// Returns the base64 characters that depend only on `inner` if `before` bytes precede it in its first group, and the
/// index of the first of them within that group.
pub(super) fn known(inner: &[u8], before: usize) -> (usize, Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(inner.iter().copied()).collect();
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    let sextet = |at: usize| {
        let bit = at * 6;
        let high = u16::from(padded[bit / 8]) << 8;
        let both = high | padded.get(bit / 8 + 1).map_or(0, |&b| u16::from(b));
        ALPHABET[usize::from(both >> (10 - bit % 8) & 63)]
    };
    (first, (first..last).map(sextet).collect())
}

/// Decodes base64 around a group boundary at `at`.
pub(super) fn decode(raw: &[u8], at: usize, texts: &mut TextCache) -> Option<DecodedWindow> {
    let span = window::range(raw, at);
    let (base, text) = texts.base64(raw, span.clone());
    // Text outside the window belongs to other hits.
    let span = text.index_of(span.start - base)..text.index_of(span.end - base);
    let bytes = text.bytes();
    let middle = text.index_of(at - base);
    let of_alphabet = |b: &&u8| sextet(**b).is_some();
    let left = bytes[span.start..middle].iter().rev().take_while(of_alphabet).count();
    let right = bytes[middle..span.end].iter().take_while(of_alphabet).count();
    // A group of four characters starts at the candidate, and so at every fourth character before it.
    let chars = middle - left / 4 * 4..middle + right;
    let url = bytes[chars.clone()].iter().any(|b| matches!(b, b'-' | b'_'));
    let mut view = View::with_capacity(chars.len());
    for group in chars.clone().step_by(4) {
        // Byte n of a group has the last bits of its character n and the first bits of the next one: 6 and 2, 4 and 4,
        // 2 and 6.
        let last = (group + 3).min(chars.end - 1);
        for (number, at) in (group..last).enumerate() {
            let (high, low) = (sextet(bytes[at])?, sextet(bytes[at + 1])?);
            let two = u16::from(high) << 6 | u16::from(low);
            view.push((two >> (4 - 2 * number)) as u8, text.place(at).0, text.place(at + 1).1);
        }
    }
    let kind = if url { Encoding::Base64Url } else { Encoding::Base64 };
    Some(DecodedWindow { view, base, text, kind, lead: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_keeps_only_characters_determined_by_the_anchor() {
        let text = |before| String::from_utf8(known(b"KEY01", before).1).unwrap();
        assert_eq!(text(0), "S0VZMD");
        assert_eq!(text(1), "tFWTAx");
        assert_eq!(text(2), "LRVkwM");
    }
}
