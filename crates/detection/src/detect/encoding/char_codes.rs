//! Decimal character codes: lists of numbers, and calls such as `chr(75)`.

use super::expected::ExpectedBytes;
use super::{
    Anchor, Candidate, DecodedWindow, Decoder, Form, Interpretation, LiteralTable, Verification, Verified,
    window,
};
use crate::detect::escapes;
use crate::detect::mapped_text::View;
use crate::detect::text_cache::TextCache;
use crate::finding::Encoding;

/// Maximum number of bytes between two character codes: an operator, a call, a line break and indentation.
const MAX_GAP_BYTES: usize = 40;
/// Capacity of a window at first, in characters.
const USUAL_CHARS: usize = 256;

/// The decoder of character codes.
pub(crate) struct CharCodes;

impl Decoder for CharCodes {
    /// The shift is the number of bytes from the literal to the first digit.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        if !anchor.is_in_rare_forms() {
            return;
        }
        let (first, second) = (anchor.text[1], anchor.text[2]);
        let meaning = |shift| Interpretation::new(Form::CharCodes, index, shift, &anchor.text[1..]);
        let lists = [",", ", ", ",  ", " ", "\n"].map(|between| format!("{first}{between}{second}"));
        for literal in lists.into_iter().chain([format!("{first},\n")]) {
            table.add(literal.as_bytes(), meaning(0));
        }
        // A call, a cast, an element with its index.
        for (literal, shift) in [
            (format!("({first})"), 1),
            (format!("){first},"), 1),
            (format!(":{first},\""), 1),
            (format!("]{first}+"), 1),
            (format!("{first}u8,"), 0),
        ] {
            table.add(literal.as_bytes(), meaning(shift));
        }
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        let raw = candidate.raw;
        let start = candidate.at + usize::from(meaning.shift);
        if start > 0 && raw[start - 1].is_ascii_digit() {
            return Verification::No;
        }
        let mut bytes = ExpectedBytes::new(meaning);
        let (mut pos, mut is_cut) = (start, false);
        while bytes.wants_more() {
            is_cut = pos >= raw.len();
            let Some((value, end)) = escapes::decimal(raw, pos, 4) else { break };
            // More digits may follow the last number of the content.
            is_cut = end == raw.len();
            let Ok(byte) = u8::try_from(value) else { break };
            if !bytes.push(byte) {
                return Verification::undecided(is_cut);
            }
            pos = end + gap(raw, end);
        }
        if bytes.fit(anchor) {
            return Verified::at(start);
        }
        Verification::undecided(bytes.wants_more() && is_cut)
    }

    fn window(&self, raw: &[u8], at: usize, _offset: u64, _texts: &mut TextCache) -> Option<DecodedWindow> {
        Some(decode(raw, at))
    }
}

/// Returns the number of bytes between the code that ends at `end` and the next one.
fn gap(raw: &[u8], end: usize) -> usize {
    let no_digit =
        |at: usize| raw[at..].iter().take(MAX_GAP_BYTES).take_while(|b| !b.is_ascii_digit()).count();
    let suffix = suffix(raw, end);
    let first = suffix + no_digit(end + suffix);
    // The index of an element, as `JSON.stringify` writes a typed array: `"1":69,"2":89`.
    match index_end(raw, end + first) {
        Some(after) => after - end + no_digit(after),
        None => first,
    }
}

/// Returns the length of the suffix of a Rust literal at `at`, which has a digit.
fn suffix(raw: &[u8], at: usize) -> usize {
    if raw[at..].starts_with(b"u8") { 2 } else { 0 }
}

/// Returns the offset after the digits at `at` if they are a quoted index, that is, before `":`.
fn index_end(raw: &[u8], at: usize) -> Option<usize> {
    if at == 0 || raw[at - 1] != b'"' {
        return None;
    }
    let (_, end) = escapes::decimal(raw, at, 10)?;
    raw[end..].starts_with(b"\":").then_some(end)
}

/// Decodes decimal character codes around `at`, where one starts.
pub(super) fn decode(raw: &[u8], at: usize) -> DecodedWindow {
    let span = window::range(raw, at);
    let base = span.start;
    let mut view = View::with_capacity(USUAL_CHARS);
    let mut pos = base;
    let mut gap = 0;
    while pos < span.end {
        if !raw[pos].is_ascii_digit() {
            gap += 1;
            pos += 1;
        } else if let Some(end) = index_end(raw, pos) {
            gap += 1;
            pos = end;
        } else if let Some((value, end)) = escapes::decimal(raw, pos, 10) {
            let byte = u8::try_from(value).ok().filter(u8::is_ascii);
            if gap > MAX_GAP_BYTES || byte.is_none() {
                // A different list: stop if the previous one contained the hit, otherwise start over.
                if pos > at {
                    break;
                }
                view = View::with_capacity(USUAL_CHARS);
            }
            if let Some(byte) = byte {
                view.push(byte, pos - base, end - base);
            }
            gap = 0;
            pos = end + suffix(raw, end);
        }
    }
    DecodedWindow::new(view, base, Encoding::CharCodes)
}
