//! Windows decoded from the forms that are not text: base64, hexadecimal, character codes, UTF-16 and UTF-32,
//! backwards. Each gives a [`View`] of the bytes around a hit, which is then searched like any other content.

use std::sync::LazyLock;

use super::class::{Class, nibble, sextet};
use super::escape::{self, OTHER};
use super::view::View;
use crate::finding::Encoding;

/// Raw bytes decoded on the left of a hit: enough for the assignment or the host in front of a secret.
pub(crate) const LEFT: usize = 800;
/// Raw bytes decoded on the right of a hit: a key encoded three times over, or a token of a few hundred characters.
pub(crate) const RIGHT: usize = 4000;

/// Bytes that may stand between two character codes: an operator, a call, a line break and an indentation.
pub(crate) const CODE_GAP: usize = 40;

/// Characters of both base64 alphabets.
static BASE64: LazyLock<Class> = LazyLock::new(|| Class::new("0-9A-Za-z+/_-"));

/// A decoded window.
pub(crate) struct Decoded {
    /// The decoded bytes; places count from [`Decoded::base`].
    pub(crate) view: View,
    /// Raw offset at which the window begins.
    pub(crate) base: usize,
    /// The layers around it, as far as they can be named before it is known where the secret lies.
    pub(crate) text: View,
    /// The encoding itself.
    pub(crate) kind: Encoding,
}

fn window(raw: &[u8], at: usize) -> std::ops::Range<usize> {
    at.saturating_sub(LEFT)..raw.len().min(at + RIGHT)
}

/// Base64 around a group boundary at `at`.
pub(crate) fn base64(raw: &[u8], at: usize) -> Option<Decoded> {
    let span = window(raw, at);
    let base = span.start;
    let text = View::identity(&raw[span]).unescaped(false).unjoined(0, &BASE64);
    let bytes = text.bytes();
    let middle = text.index_of(at - base);
    let of_alphabet = |b: &&u8| sextet(**b).is_some();
    let left = bytes[..middle].iter().rev().take_while(of_alphabet).count();
    let right = bytes[middle..].iter().take_while(of_alphabet).count();
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
    Some(Decoded { view, base, text, kind })
}

/// Pairs of hexadecimal digits around `at`, where a pair begins.
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
    Decoded { view, base, text: View::default(), kind: Encoding::Hex }
}

/// Bytes that may stand between two pairs of a dump.
fn between(byte: u8) -> bool {
    matches!(byte, b' ' | b':' | b'-' | b',' | b'\n' | b'\r' | b'\t' | b'"' | b'\\' | b'\'' | b'+')
}

/// Where the pair behind `at` begins, over separators, `0x`, and the margins of a hex dump.
pub(crate) fn pair_after(raw: &[u8], at: usize) -> Option<usize> {
    if escape::pair(raw, at).is_some() {
        return Some(at);
    }
    // As nearly every array is written; the rest comes to the same, more slowly.
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

/// In a dump with offsets (`xxd`, `hexdump -C`, `od -t x1`): from the end of one line's bytes at `at` to the first
/// byte of the next line.
fn dump_margin(raw: &[u8], at: usize) -> Option<usize> {
    let rest = &raw[at..raw.len().min(at + 120)];
    if !matches!(rest, [b' ', b' ' | b'|' | b'>', ..] | [b'\n' | b'\r', ..]) {
        return None;
    }
    // `hexdump -C` leaves two blanks in the middle of a line; in `xxd`, whose offsets end in a colon, they end it.
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

/// The end of the offset with which the line at `line` of a dump begins.
fn offset_at(raw: &[u8], line: usize) -> Option<usize> {
    let digits = raw[line..].iter().take(17).take_while(|b| b.is_ascii_hexdigit()).count();
    let end = line + digits;
    ((4..=16).contains(&digits) && matches!(raw.get(end), Some(b':' | b' ' | b'\t'))).then_some(end)
}

/// Where the pair before `at` begins.
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

/// Decimal character codes around `at`, where one begins.
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
                // Another list: it ends here if it held the hit, or begins anew.
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
    Decoded { view, base, text: View::default(), kind: Encoding::CharCodes }
}

/// UTF-16 (`width` 2) or UTF-32 (`width` 4) around `at`, where the low byte of a character stands; `offset` is the
/// place of `raw` in its file.
///
/// Characters in both byte orders look alike from the low byte on, so only the name tells them apart: in a file of
/// such text, little-endian characters begin at multiples of the width.
pub(crate) fn wide(raw: &[u8], at: usize, width: usize, offset: u64) -> Decoded {
    let span = window(raw, at);
    let base = span.start + (at - span.start) % width;
    let little = (offset + at as u64).is_multiple_of(width as u64);
    let mut view = View::with_capacity((span.end - base) / width);
    for unit in (base..span.end.saturating_sub(width - 1)).step_by(width) {
        let high_clear = raw[unit + 1..unit + width].iter().all(|&b| b == 0);
        let byte = if high_clear && raw[unit].is_ascii() { raw[unit] } else { OTHER };
        view.push(byte, unit - base, unit - base + width);
    }
    Decoded { view, base, text: View::default(), kind: wide_kind(width, little) }
}

fn wide_kind(width: usize, little: bool) -> Encoding {
    match (width, little) {
        (2, true) => Encoding::Utf16Le,
        (2, false) => Encoding::Utf16Be,
        (_, true) => Encoding::Utf32Le,
        (_, false) => Encoding::Utf32Be,
    }
}

/// Text that is UTF-16 or UTF-32 from its first byte on.
pub(crate) fn wide_text(raw: &[u8], width: usize, little: bool) -> Decoded {
    let mut view = View::with_capacity(raw.len() / width);
    for (index, unit) in raw.chunks_exact(width).enumerate() {
        let (low, high) = if little { (unit[0], &unit[1..]) } else { (unit[width - 1], &unit[..width - 1]) };
        let byte = if low.is_ascii() && high.iter().all(|&b| b == 0) { low } else { OTHER };
        view.push(byte, index * width, (index + 1) * width);
    }
    Decoded { view, base: 0, text: View::default(), kind: wide_kind(width, little) }
}

/// The bytes up to `at`, backwards.
pub(crate) fn reversed(raw: &[u8], at: usize) -> Decoded {
    let base = at.saturating_sub(1500);
    let end = raw.len().min(at + 200);
    let mut view = View::with_capacity(end - base);
    for pos in (base..end).rev() {
        view.push(raw[pos], pos - base, pos - base + 1);
    }
    Decoded { view, base, text: View::default(), kind: Encoding::Reversed }
}

#[cfg(test)]
mod tests;
