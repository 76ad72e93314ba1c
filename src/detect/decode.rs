//! Decoders of the encodings that are not text: base64, hex, character codes, UTF-16 and UTF-32, reversed text. Each
//! returns a [`View`] of the bytes around a hit, which is then searched like any other content.

use std::sync::Arc;

use super::class::{nibble, sextet};
use super::escape::{self, OTHER};
use super::texts::Texts;
use super::view::View;
use crate::finding::Encoding;

/// Raw bytes decoded before a hit: enough for the assignment or host before a secret.
pub(crate) const LEFT: usize = 800;
/// Raw bytes decoded after a hit: a key encoded three times, or a token of a few hundred characters.
pub(crate) const RIGHT: usize = 4000;

/// Bytes at the end of a clipped window in which a secret may be truncated.
const CUT: usize = 1500;
/// Maximum distance between the end of the decoded bytes and the end of the window if the encoding may continue after
/// it.
const GAP: usize = 1200;
/// Raw bytes decoded before a reversed anchor, which contain its secret.
const BEHIND: usize = 1500;
/// Raw bytes after a reversed anchor that belong to it: the text before its secret.
const BEFORE: usize = 200;

/// Maximum number of bytes between two character codes: an operator, a call, a line break and indentation.
pub(crate) const CODE_GAP: usize = 40;

/// A decoded window.
pub(crate) struct Decoded {
    /// The decoded bytes. Their raw offsets are relative to [`Decoded::base`].
    pub(crate) view: View,
    /// Raw offset at which the window starts.
    pub(crate) base: usize,
    /// The encodings around it, as far as they are known before the secret is located.
    pub(crate) text: Arc<View>,
    /// The decoded encoding.
    pub(crate) kind: Encoding,
    /// Number of bytes from the offset of a decoded byte to the offset of its hit.
    pub(crate) lead: usize,
}

impl Decoded {
    /// Returns the raw offset before which every hit has all its surroundings in this window, which was decoded from
    /// `raw` for a hit at `at`.
    pub(crate) fn until(&self, raw: &[u8], at: usize) -> usize {
        let end = self.base + self.view.end();
        if self.kind == Encoding::Reversed {
            // A reversed anchor ends at its hit.
            return if end < raw.len() { end.saturating_sub(BEFORE) } else { end + 1 };
        }
        let is_clipped = at + RIGHT < raw.len() && end + GAP > at + RIGHT;
        if is_clipped { end.saturating_sub(CUT) } else { end }
    }
}

fn window(raw: &[u8], at: usize) -> std::ops::Range<usize> {
    at.saturating_sub(LEFT)..raw.len().min(at + RIGHT)
}

/// Decodes base64 around a group boundary at `at`.
pub(crate) fn base64(raw: &[u8], at: usize, texts: &mut Texts) -> Option<Decoded> {
    let span = window(raw, at);
    let (base, text) = texts.base64(raw, span.clone());
    // Text outside the window belongs to other hits.
    let span = text.index_of(span.start - base)..text.index_of(span.end - base);
    let bytes = text.bytes();
    let middle = text.index_of(at - base);
    let of_alphabet = |b: &&u8| sextet(**b).is_some();
    let left = bytes[span.start..middle].iter().rev().take_while(of_alphabet).count();
    let right = bytes[middle..span.end].iter().take_while(of_alphabet).count();
    let chars = middle - left / 4 * 4..middle + right;
    let url = bytes[chars.clone()].iter().any(|b| matches!(b, b'-' | b'_'));
    let mut view = View::with_capacity(chars.len());
    for group in chars.step_by(4) {
        let last = (group + 3).min(middle + right - 1);
        for (index, first) in (group..last).enumerate() {
            let (high, low) = (sextet(bytes[first])?, sextet(bytes[first + 1])?);
            let byte = (u16::from(high) << 6 | u16::from(low)) >> (4 - 2 * index);
            view.push(byte as u8, text.place(first).0, text.place(first + 1).1);
        }
    }
    let kind = if url { Encoding::Base64Url } else { Encoding::Base64 };
    Some(Decoded { view, base, text, kind, lead: 0 })
}

/// Decodes pairs of hexadecimal digits around `at`, where a pair starts.
pub(crate) fn hex(raw: &[u8], at: usize) -> Decoded {
    let span = window(raw, at);
    let base = span.start;
    let mut before = Vec::new();
    let mut pos = at;
    while let Some(start) = pair_before(raw, pos).filter(|&start| start >= base) {
        before.push(start);
        pos = start;
    }
    let mut view = View::with_capacity(RIGHT / 2);
    for &start in before.iter().rev() {
        view.push(escape::pair(raw, start).unwrap_or(OTHER), start - base, start + 2 - base);
    }
    let mut next = Some(at);
    while let Some(start) = next.filter(|&start| start < span.end) {
        let Some(byte) = escape::pair(raw, start) else { break };
        view.push(byte, start - base, start + 2 - base);
        next = pair_after(raw, start + 2);
    }
    Decoded { view, base, text: Arc::default(), kind: Encoding::Hex, lead: 0 }
}

/// Returns whether a byte may be between two pairs of a dump.
fn between(byte: u8) -> bool {
    matches!(byte, b' ' | b':' | b'-' | b',' | b'\n' | b'\r' | b'\t' | b'"' | b'\\' | b'\'' | b'+')
}

/// Returns the start of the pair after `at`, over separators, `0x`, and the margins of a hex dump.
pub(crate) fn pair_after(raw: &[u8], at: usize) -> Option<usize> {
    if escape::pair(raw, at).is_some() {
        return Some(at);
    }
    // Fast path for the most common array syntax; the rest gives the same result.
    if raw[at..].starts_with(b", 0x") && escape::pair(raw, at + 4).is_some() {
        return Some(at + 4);
    }
    if let Some(line) = dump_margin(raw, at) {
        return Some(line);
    }
    let mut pos = at + raw[at..].iter().take(40).take_while(|&&b| between(b)).count();
    if raw.get(pos) == Some(&b'0') && matches!(raw.get(pos + 1), Some(b'x' | b'X')) {
        pos += 2;
    } else if raw.get(pos.wrapping_sub(1)) == Some(&b'\\') && raw.get(pos) == Some(&b'x') {
        pos += 1;
    }
    (pos > at && escape::pair(raw, pos).is_some()).then_some(pos)
}

/// In a dump with offsets (`xxd`, `hexdump -C`, `od -t x1`), returns the offset of the first byte of the next line,
/// given the end `at` of the bytes of a line.
fn dump_margin(raw: &[u8], at: usize) -> Option<usize> {
    let rest = &raw[at..raw.len().min(at + 120)];
    if !matches!(rest, [b' ', b' ' | b'|' | b'>', ..] | [b'\n' | b'\r', ..]) {
        return None;
    }
    // `hexdump -C` has two blanks in the middle of a line; in `xxd`, whose offsets end with a colon, they end the
    // bytes.
    let line = memchr::memrchr(b'\n', &raw[..at]).map_or(0, |newline| newline + 1);
    let colon = offset_at(raw, line).is_some_and(|end| raw.get(end) == Some(&b':'));
    if !colon && rest.starts_with(b"  ") && escape::pair(raw, at + 2).is_some() {
        return Some(at + 2);
    }
    let next = at + memchr::memchr(b'\n', rest)? + 1;
    let mut pos = offset_at(raw, next)?;
    pos += raw[pos..].iter().take(8).take_while(|b| matches!(b, b':' | b' ' | b'\t')).count();
    escape::pair(raw, pos).map(|_| pos)
}

/// Returns the end of the offset at the start of the dump line at `line`.
fn offset_at(raw: &[u8], line: usize) -> Option<usize> {
    let digits = raw[line..].iter().take(17).take_while(|b| b.is_ascii_hexdigit()).count();
    let end = line + digits;
    ((4..=16).contains(&digits) && matches!(raw.get(end), Some(b':' | b' ' | b'\t'))).then_some(end)
}

/// Returns the start of the pair before `at`.
fn pair_before(raw: &[u8], at: usize) -> Option<usize> {
    let digits = |end: usize| end >= 2 && escape::pair(raw, end - 2).is_some();
    if digits(at) && raw.get(at.wrapping_sub(1)).is_some_and(|&b| nibble(b).is_some()) {
        return Some(at - 2);
    }
    let mut pos = at;
    if pos >= 2 && matches!(raw[pos - 1], b'x' | b'X') && matches!(raw[pos - 2], b'0' | b'\\') {
        pos -= 2;
    }
    pos -= raw[..pos].iter().rev().take(40).take_while(|&&b| between(b)).count();
    (pos < at && digits(pos)).then(|| pos - 2)
}

/// Decodes decimal character codes around `at`, where one starts.
pub(crate) fn codes(raw: &[u8], at: usize) -> Decoded {
    let span = window(raw, at);
    let base = span.start;
    let mut view = View::with_capacity(256);
    let mut pos = base;
    let mut gap = 0;
    while pos < span.end {
        if !raw[pos].is_ascii_digit() {
            gap += 1;
            pos += 1;
        } else if let Some((value, end)) = escape::decimal(raw, pos, 10) {
            let byte = u8::try_from(value).ok().filter(u8::is_ascii);
            if gap > CODE_GAP || byte.is_none() {
                // A different list: stop if the previous one contained the hit, otherwise start over.
                if pos > at {
                    break;
                }
                view = View::with_capacity(256);
            }
            if let Some(byte) = byte {
                view.push(byte, pos - base, end - base);
            }
            gap = 0;
            pos = end;
        }
    }
    Decoded { view, base, text: Arc::default(), kind: Encoding::CharCodes, lead: 0 }
}

/// Decodes UTF-16 (`width` 2) or UTF-32 (`width` 4) around `at`, the low byte of a character. `offset` is the offset of
/// `raw` in its file.
pub(crate) fn wide(raw: &[u8], at: usize, width: usize, offset: u64) -> Decoded {
    let span = window(raw, at);
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
    Decoded { view, base, text: Arc::default(), kind: wide_kind(width, little), lead }
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
    let span = window(raw, at);
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

fn wide_kind(width: usize, little: bool) -> Encoding {
    match (width, little) {
        (2, true) => Encoding::Utf16Le,
        (2, false) => Encoding::Utf16Be,
        (_, true) => Encoding::Utf32Le,
        (_, false) => Encoding::Utf32Be,
    }
}

/// Decodes text that is UTF-16 or UTF-32 from its first byte.
pub(crate) fn wide_text(raw: &[u8], width: usize, little: bool) -> Decoded {
    let mut view = View::with_capacity(raw.len() / width);
    for (index, unit) in raw.chunks_exact(width).enumerate() {
        let (low, high) = if little { (unit[0], &unit[1..]) } else { (unit[width - 1], &unit[..width - 1]) };
        let byte = if low.is_ascii() && high.iter().all(|&b| b == 0) { low } else { OTHER };
        view.push(byte, index * width, (index + 1) * width);
    }
    Decoded { view, base: 0, text: Arc::default(), kind: wide_kind(width, little), lead: 0 }
}

/// Reverses the bytes before and after `at`, so that following hits need no window of their own.
pub(crate) fn reversed(raw: &[u8], at: usize) -> Decoded {
    let base = at.saturating_sub(BEHIND);
    let end = raw.len().min(at + RIGHT);
    let mut view = View::with_capacity(end - base);
    for pos in (base..end).rev() {
        view.push(raw[pos], pos - base, pos - base + 1);
    }
    Decoded { view, base, text: Arc::default(), kind: Encoding::Reversed, lead: 0 }
}

#[cfg(test)]
mod tests;
