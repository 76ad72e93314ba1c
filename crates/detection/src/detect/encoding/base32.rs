//! Base32 (RFC 4648 section 6) in upper or lower case, also over line breaks.

use super::expected::ExpectedBytes;
use super::literals::pieces;
use super::{
    Anchor, Candidate, DecodedWindow, Decoder, Form, Interpretation, LiteralTable, Verification, Verified,
    window,
};
use crate::detect::mapped_text::View;
use crate::detect::text_cache::TextCache;
use crate::finding::Encoding;
use crate::rules::Forms;

/// Characters of a group.
const GROUP_CHARS: usize = 8;
/// Bytes of a group.
const GROUP_BYTES: usize = 5;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The decoder of base32.
pub(crate) struct Base32;

impl Decoder for Base32 {
    /// The shift is the number of base32 characters from the literal to the next group of eight.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        if !anchor.is_in_rare_forms() {
            return;
        }
        for before in 0..GROUP_BYTES {
            let (first, text) = known(&anchor.text, before);
            for piece in pieces(&text, Forms::Common) {
                let at = first + piece.start;
                let boundary = at.div_ceil(GROUP_CHARS) * GROUP_CHARS;
                let decoded =
                    (boundary / GROUP_CHARS * GROUP_BYTES).saturating_sub(before).min(anchor.text.len());
                let shift = (boundary - at) as u8;
                let literal = &text[piece];
                for literal in [literal.to_ascii_uppercase(), literal.to_ascii_lowercase()] {
                    let meaning = Interpretation::new(Form::Base32, index, shift, &anchor.text[decoded..]);
                    table.add(&literal, meaning);
                }
            }
        }
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        let Candidate { raw, at: hit, .. } = *candidate;
        let mut chars = chars(raw, hit);
        if usize::from(meaning.shift) > chars.by_ref().take(meaning.shift.into()).count() {
            return Verification::undecided(raw.len() < hit + GROUP_CHARS);
        }
        let mut group = chars.clone();
        let Some((at, _)) = group.next() else { return Verification::No };
        let mut bytes = ExpectedBytes::new(meaning);
        let mut reader = Bytes::new(chars);
        while bytes.wants_more()
            && let Some((byte, _)) = reader.next()
        {
            if !bytes.push(byte) {
                return Verification::No;
            }
        }
        if bytes.fit(anchor) {
            return Verified::at(at);
        }
        Verification::undecided(bytes.wants_more() && reader.end >= raw.len())
    }

    fn window(&self, raw: &[u8], at: usize, _offset: u64, _texts: &mut TextCache) -> Option<DecodedWindow> {
        let span = window::range(raw, at);
        let before: Vec<usize> = (span.start..at)
            .rev()
            .take_while(|&at| fits(raw[at]))
            .filter(|&at| five(raw[at]).is_some())
            .collect();
        let start = match before.len() / GROUP_CHARS * GROUP_CHARS {
            0 => at,
            count => before[count - 1],
        };
        let mut view = View::with_capacity(window::RIGHT_BYTES / 2);
        for (byte, place) in Bytes::new(chars(&raw[..span.end], start)) {
            view.push(byte, place.start - span.start, place.end - span.start);
        }
        Some(DecodedWindow::new(view, span.start, Encoding::Base32))
    }

    fn alignment(&self) -> usize {
        GROUP_BYTES
    }
}

/// Returns the base32 characters that depend only on `inner` if `before` bytes precede it in its first group, and the
/// index of the first of them within that group.
fn known(inner: &[u8], before: usize) -> (usize, Vec<u8>) {
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(inner.iter().copied()).collect();
    let (first, last) = ((before * 8).div_ceil(5), padded.len() * 8 / 5);
    let bit = |at: usize| padded.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let char = |at: usize| ALPHABET[usize::from((0..5).fold(0, |value, add| value << 1 | bit(at * 5 + add)))];
    (first, (first..last).map(char).collect())
}

/// Returns the value of a base32 character.
fn five(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// Returns whether a byte can be in base32 text: a character or a line break.
fn fits(byte: u8) -> bool {
    five(byte).is_some() || matches!(byte, b'\n' | b'\r')
}

/// Iterates over the base32 characters from `at` on, with their offsets.
fn chars(raw: &[u8], at: usize) -> impl Iterator<Item = (usize, u8)> + Clone {
    let text = raw[at..].iter().enumerate().take_while(|(_, byte)| fits(**byte));
    text.filter_map(move |(index, &byte)| five(byte).map(|value| (at + index, value)))
}

/// Iterates over the decoded bytes, each with the range of the characters that hold its bits.
struct Bytes<I> {
    chars: I,
    bits: u32,
    have: u8,
    last: usize,
    /// Offset after the last character that was read.
    end: usize,
}

impl<I: Iterator<Item = (usize, u8)>> Bytes<I> {
    fn new(chars: I) -> Self {
        Self { chars, bits: 0, have: 0, last: 0, end: 0 }
    }
}

impl<I: Iterator<Item = (usize, u8)>> Iterator for Bytes<I> {
    type Item = (u8, std::ops::Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut start = (self.have > 0).then_some(self.last);
        while self.have < 8 {
            let (at, value) = self.chars.next()?;
            self.bits = (self.bits << 5 | u32::from(value)) & 0xFFFF;
            self.have += 5;
            (self.last, self.end) = (at, at + 1);
            start.get_or_insert(at);
        }
        self.have -= 8;
        Some(((self.bits >> self.have) as u8, start.unwrap_or(self.last)..self.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_characters_and_decoded_bytes() {
        assert_eq!(known(b"KEY01", 0), (0, b"JNCVSMBR".to_vec()));
        let raw = b"= JNCVSMBR\njncvsmbr=";
        let bytes: Vec<_> = Bytes::new(chars(raw, 2)).collect();
        let text: Vec<u8> = bytes.iter().map(|(byte, _)| *byte).collect();
        assert_eq!(text, b"KEY01KEY01");
        assert_eq!((bytes[0].1.clone(), bytes[5].1.clone()), (2..4, 11..13));
    }
}
