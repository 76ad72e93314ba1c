//! UTF-16, and what it shares with UTF-32: ASCII characters whose other bytes are zero, in either byte order and at any
//! offset.

use super::expected::ExpectedBytes;
use super::{
    Anchor, Candidate, Continuation, DecodedWindow, Decoder, Form, Interpretation, LiteralTable,
    Verification, Verified, window,
};
use crate::detect::escapes::OTHER;
use crate::detect::mapped_text::View;
use crate::detect::text_cache::TextCache;
use crate::finding::Encoding;

/// The decoder of UTF-16.
pub(crate) struct Utf16;

impl Decoder for Utf16 {
    /// The shift is zero: a literal begins with the low byte of a character.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        add_literals(Form::Utf16, 2, index, anchor, table);
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        verify(candidate, 2, meaning, anchor)
    }

    fn window(&self, raw: &[u8], at: usize, offset: u64, _texts: &mut TextCache) -> Option<DecodedWindow> {
        Some(decode(raw, at, 2, offset))
    }
}

/// Adds the literal of an anchor in characters of `width` bytes: the low bytes of its first two characters and the
/// zeros between them, which are the same in both byte orders.
pub(super) fn add_literals(
    form: Form,
    width: usize,
    index: usize,
    anchor: &Anchor,
    table: &mut LiteralTable,
) {
    if anchor.is_in_all_forms() {
        let mut literal = vec![0; width + 1];
        (literal[0], literal[width]) = (anchor.text[0], anchor.text[1]);
        table.add(&literal, Interpretation::new(form, index, 0, &anchor.text));
    }
    // Base64 in a script.
    for inner in anchor.nested().into_iter().take(3) {
        let mut literal = vec![0; 2 * width + 1];
        (literal[0], literal[width], literal[2 * width]) = (inner[0], inner[1], inner[2]);
        let meaning = Interpretation::new(form, index, 0, &inner);
        table.add(&literal, Interpretation { follow: Continuation::Any, ..meaning });
    }
}

/// Verifies a candidate in characters of `width` bytes.
pub(super) fn verify(
    candidate: &Candidate<'_>,
    width: usize,
    meaning: &Interpretation,
    anchor: &Anchor,
) -> Verification {
    let Candidate { raw, at: hit, .. } = *candidate;
    let mut bytes = ExpectedBytes::new(meaning);
    let is_clear = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.iter().all(|&byte| byte == 0));
    let mut is_cut = false;
    let mut low = hit;
    while bytes.wants_more() {
        // A character whose bytes are not all there may be a wanted one.
        is_cut = low + width > raw.len() && raw[low.min(raw.len())..].iter().skip(1).all(|&byte| byte == 0);
        let Some(&byte) = raw.get(low) else { break };
        let continues = is_clear(raw.get(low + 1..low + width));
        // The last character of big-endian text has zeros before it only.
        if !continues && !is_clear(raw.get((low + 1).wrapping_sub(width)..low)) {
            break;
        }
        if !bytes.push(byte) {
            return Verification::No;
        }
        if !continues {
            break;
        }
        low += width;
    }
    if bytes.fit(anchor) {
        return Verified::at(hit);
    }
    Verification::undecided(bytes.wants_more() && is_cut)
}

/// Decodes UTF-16 (`width` 2) or UTF-32 (`width` 4) around `at`, the low byte of a character. `offset` is the offset of
/// `raw` in its file.
pub(super) fn decode(raw: &[u8], at: usize, width: usize, offset: u64) -> DecodedWindow {
    let span = window::range(raw, at);
    let Order { little, more } = order(raw, at, width, offset);
    // Number of bytes of a character before its low byte.
    let lead = if little { 0 } else { width - 1 };
    let base = span.start + (at - span.start + width - lead) % width;
    let mut view = View::with_capacity((span.end - base) / width + 1);
    for unit in (base..span.end).step_by(width) {
        let (low, end) = (unit + lead, raw.len().min(unit + width));
        if end - unit < width && more != Some(low) {
            break;
        }
        let is_whole = is_whole(raw, low, width, little) || more == Some(low);
        let byte = if is_whole { raw[low] } else { OTHER };
        view.push(byte, unit - base, end - base);
    }
    DecodedWindow { lead, ..DecodedWindow::new(view, base, kind_of(width, little)) }
}

/// Byte order of the characters.
struct Order {
    little: bool,
    /// The low byte of one more character, which would be complete in the other byte order.
    more: Option<usize>,
}

/// Returns whether the byte at `low` is an ASCII character whose other bytes, after or before it, exist and are zero.
fn is_whole(raw: &[u8], low: usize, width: usize, little: bool) -> bool {
    let rest =
        if little { raw.get(low + 1..low + width) } else { raw.get((low + 1).wrapping_sub(width)..low) };
    let is_clear = rest.is_some_and(|rest| rest.iter().all(|&byte| byte == 0));
    is_clear && raw.get(low).is_some_and(u8::is_ascii)
}

/// Returns the byte order of the characters around the low byte at `at`. Within a text, both orders look alike. The
/// first character is complete in only one order unless a zero precedes it, and the last unless a zero follows it. If
/// neither decides, little-endian characters are assumed at multiples of the width in the file.
fn order(raw: &[u8], at: usize, width: usize, offset: u64) -> Order {
    let span = window::range(raw, at);
    let is_letter = |low: &usize, little| raw[*low] != 0 && is_whole(raw, *low, width, little);
    let left =
        |little| (span.start..=at).rev().step_by(width).take_while(|low| is_letter(low, little)).count();
    let right = |little| (at..span.end).step_by(width).take_while(|low| is_letter(low, little)).count();
    let (length, big_length) = (right(true), right(false));
    let (first, last) = (left(true) > left(false), big_length > length);
    let little = first || !last && (offset + at as u64).is_multiple_of(width as u64);
    // Either the first or the last character belongs to other data, and it is not known which.
    Order { little, more: (first && last).then_some(at + length * width) }
}

fn kind_of(width: usize, little: bool) -> Encoding {
    match (width, little) {
        (2, true) => Encoding::Utf16Le,
        (2, false) => Encoding::Utf16Be,
        (_, true) => Encoding::Utf32Le,
        (_, false) => Encoding::Utf32Be,
    }
}

/// Decodes text that is UTF-16 or UTF-32 from its first byte.
pub(crate) fn decode_wide_text(raw: &[u8], width: usize, little: bool) -> DecodedWindow {
    let mut view = View::with_capacity(raw.len() / width);
    for (index, unit) in raw.chunks_exact(width).enumerate() {
        let (low, high) = if little { (unit[0], &unit[1..]) } else { (unit[width - 1], &unit[..width - 1]) };
        let byte = if low.is_ascii() && high.iter().all(|&b| b == 0) { low } else { OTHER };
        view.push(byte, index * width, (index + 1) * width);
    }
    DecodedWindow::new(view, 0, kind_of(width, little))
}
