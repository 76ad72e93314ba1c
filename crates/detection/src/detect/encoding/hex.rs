//! Pairs of hexadecimal digits: plain, with separators or `0x`, and in dumps with offsets and margins.

use super::expected::ExpectedBytes;
use super::literals::both_cases;
use super::{
    Anchor, Candidate, Continuation, DecodedWindow, Decoder, Form, Interpretation, LiteralTable,
    Verification, Verified, window,
};
use crate::detect::byte_set::nibble;
use crate::detect::escapes::{self, OTHER};
use crate::detect::mapped_text::View;
use crate::detect::text_cache::TextCache;
use crate::finding::Encoding;

/// Maximum number of bytes between two pairs: the margin of a dump.
const MAX_MARGIN_BYTES: usize = 160;

/// Characters of a nested encoding that are searched.
const NESTED_CHARS: usize = 3;

/// The decoder of hexadecimal digits.
pub(crate) struct Hex;

impl Decoder for Hex {
    /// The shift is the number of bytes from the literal to the first pair.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        if !anchor.is_in_all_forms() {
            return;
        }
        let mut add = |literal: &str, shift, at: usize| {
            table.add(literal.as_bytes(), Interpretation::new(Form::Hex, index, shift, &anchor.text[at..]));
        };
        for at in [0, 1, 2] {
            for hex in both_cases(&anchor.text[at..=at]) {
                add(&format!("x{hex}"), 1, at);
                // A list of code points: `U+004B U+0045`.
                add(&format!("+00{hex}"), 3, at);
            }
        }
        // `xxd -i -u`, Visual Basic, and the cells of a spreadsheet.
        for hex in both_cases(&anchor.text[1..2]) {
            add(&format!("0X{hex}"), 2, 1);
            add(&format!("&H{hex}"), 2, 1);
            add(&format!("_x00{hex}"), 4, 1);
        }
        for at in 1..anchor.text.len().min(4) - 1 {
            for literal in both_cases(&anchor.text[at..at + 2]) {
                add(&literal, 0, at);
            }
        }
        let first = both_cases(&anchor.text[..1]);
        let (second, third) = (both_cases(&anchor.text[1..2]), both_cases(&anchor.text[2..3]));
        // Escapes of CSS with six digits: `\00004b`.
        add("\\0000", 5, 0);
        // A line of a dump without offsets may end between the other two.
        for (first, second) in first.iter().zip(&second) {
            add(&format!("{first} {second}"), 0, 0);
        }
        for between in [" ", ":", "-", ",", " \\"] {
            for (second, third) in second.iter().zip(&third) {
                add(&format!("{second}{between}{third}"), 0, 1);
            }
        }
        if let Some(fourth) = anchor.text.get(3..4).map(both_cases) {
            for (third, fourth) in third.iter().zip(&fourth) {
                add(&format!("{third},{fourth}"), 0, 2);
            }
        }
        add_encoded(index, anchor, table);
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        let raw = candidate.raw;
        let start = candidate.at + usize::from(meaning.shift);
        let mut bytes = ExpectedBytes::new(meaning);
        let (mut next, mut end) = (Some(start), start);
        while let Some(at) = next.filter(|_| bytes.wants_more()) {
            let Some(byte) = escapes::pair(raw, at) else { break };
            if !bytes.push(byte) {
                return Verification::No;
            }
            end = at + 2;
            next = pair_after(raw, end);
        }
        if bytes.fit(anchor) {
            return Verified::at(start);
        }
        Verification::undecided(bytes.wants_more() && raw.len() < end + MAX_MARGIN_BYTES)
    }

    fn window(&self, raw: &[u8], at: usize, _offset: u64, _texts: &mut TextCache) -> Option<DecodedWindow> {
        Some(decode(raw, at))
    }
}

/// Adds the digits of encodings of the anchor: of base64, of percent escapes, and of UTF-16.
fn add_encoded(index: usize, anchor: &Anchor, table: &mut LiteralTable) {
    for inner in anchor.nested() {
        for literal in both_cases(&inner[..NESTED_CHARS]) {
            let meaning = Interpretation::new(Form::Hex, index, 0, &inner);
            table.add(literal.as_bytes(), Interpretation { follow: Continuation::Any, ..meaning });
        }
    }
    // UTF-16 in an export of the Windows registry, whose lines may end after any pair, and in SQL.
    for (at, between) in
        [(1, ""), (1, ","), (2, ",")].into_iter().filter(|(at, _)| at + 1 < anchor.text.len())
    {
        let wide: Vec<u8> = anchor.text[at..].iter().flat_map(|&byte| [byte, 0]).collect();
        let (one, other) = (both_cases(&anchor.text[at..=at]), both_cases(&anchor.text[at + 1..at + 2]));
        for (one, other) in one.iter().zip(&other) {
            let meaning = Interpretation::new(Form::Hex, index, 0, &wide);
            let literal = [one, "00", other].join(between);
            table.add(literal.as_bytes(), Interpretation { follow: Continuation::Any, ..meaning });
        }
    }
}

/// Decodes pairs of hexadecimal digits around `at`, where a pair starts.
pub(super) fn decode(raw: &[u8], at: usize) -> DecodedWindow {
    let span = window::range(raw, at);
    let base = span.start;
    let mut before = Vec::new();
    let mut pos = at;
    while let Some(start) = pair_before(raw, pos).filter(|&start| start >= base) {
        before.push(start);
        pos = start;
    }
    let mut view = View::with_capacity(window::RIGHT_BYTES / 2);
    for &start in before.iter().rev() {
        view.push(escapes::pair(raw, start).unwrap_or(OTHER), start - base, start + 2 - base);
    }
    let mut next = Some(at);
    while let Some(start) = next.filter(|&start| start < span.end) {
        let Some(byte) = escapes::pair(raw, start) else { break };
        view.push(byte, start - base, start + 2 - base);
        next = pair_after(raw, start + 2);
    }
    DecodedWindow::new(view, base, Encoding::Hex)
}

/// Casts and calls before a number.
const WORDS: [&[u8]; 8] =
    [b"(byte) ", b"(byte)", b"[char]", b"[byte]", b"ChrW(&H", b"Chr(&H", b"ChrW$(&H", b"_x00"];
/// Maximum length of the name of an address in a dump of memory, with its marks, in bytes.
const MAX_SYMBOL_BYTES: usize = 80;

/// Returns whether a byte may be between two pairs of a dump.
fn between(byte: u8) -> bool {
    matches!(byte, b' ' | b':' | b'-' | b',' | b'\n' | b'\r' | b'\t' | b'"' | b'\\' | b'\'' | b'+')
}

/// Returns the start of the pair after `at`, over separators, `0x`, and the margins of a hex dump.
pub(super) fn pair_after(raw: &[u8], at: usize) -> Option<usize> {
    if escapes::pair(raw, at).is_some() {
        return Some(at);
    }
    // Fast path for the most common array syntax; the rest gives the same result.
    if raw[at..].starts_with(b", 0x") && escapes::pair(raw, at + 4).is_some() {
        return Some(at + 4);
    }
    if let Some(line) = dump_margin(raw, at) {
        return Some(line);
    }
    // The suffix of a Rust literal, the end of a call or of an escaped character.
    let ends = [&b"_u8"[..], b"u8", b")", b"_"];
    let end = ends.iter().find(|end| raw[at..].starts_with(end)).map_or(0, |end| end.len());
    let at = at + end;
    let mut pos =
        at + raw[at..].iter().take(40).take_while(|&&b| between(b) || end == 1 && b == b'&').count();
    if let Some(word) = WORDS.iter().find(|word| raw[pos..].starts_with(word)) {
        pos += word.len();
    }
    if let Some(prefix) =
        [&b"U+00"[..], b"u+00", b"0000"].into_iter().find(|prefix| is_prefixed(raw, pos, prefix))
    {
        pos += prefix.len();
    } else if raw.get(pos) == Some(&b'0') && matches!(raw.get(pos + 1), Some(b'x' | b'X')) {
        pos += 2;
    } else if raw.get(pos.wrapping_sub(1)) == Some(&b'\\') && raw.get(pos) == Some(&b'x') {
        pos += 1;
    }
    (pos > at && escapes::pair(raw, pos).is_some()).then_some(pos)
}

/// Returns whether `prefix` of a code point and exactly two digits are at `at`.
fn is_prefixed(raw: &[u8], at: usize, prefix: &[u8]) -> bool {
    let end = at + prefix.len() + 2;
    raw[at..].starts_with(prefix)
        && escapes::pair(raw, end - 2).is_some()
        && raw.get(end).is_none_or(|byte| !byte.is_ascii_hexdigit())
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
    let has_text = raw[line] == b' ' || offset_at(raw, line).is_some_and(|end| raw.get(end) == Some(&b':'));
    if !has_text && rest.starts_with(b"  ") && escapes::pair(raw, at + 2).is_some() {
        return Some(at + 2);
    }
    margin(raw, at + memchr::memchr(b'\n', rest)? + 1)
}

/// Returns the end of the offset at the start of the dump line at `line`.
fn offset_at(raw: &[u8], line: usize) -> Option<usize> {
    let digits = raw[line..].iter().take(17).take_while(|b| b.is_ascii_hexdigit()).count();
    let end = line + digits;
    ((4..=16).contains(&digits) && matches!(raw.get(end), Some(b':' | b' ' | b'\t'))).then_some(end)
}

/// Returns the start of the pair before `at`.
pub(super) fn pair_before(raw: &[u8], at: usize) -> Option<usize> {
    let digits = |end: usize| end >= 2 && escapes::pair(raw, end - 2).is_some();
    // The zeros of `_x004B__x0045_` are not a pair.
    if let Some(before) = raw[..at].strip_suffix(b"__x00") {
        return digits(before.len()).then(|| before.len() - 2);
    }
    if digits(at) && raw.get(at.wrapping_sub(1)).is_some_and(|&b| nibble(b).is_some()) {
        return Some(at - 2);
    }
    let mut pos = at;
    if pos >= 2 && matches!(raw[pos - 1], b'x' | b'X') && matches!(raw[pos - 2], b'0' | b'\\') {
        pos -= 2;
    }
    if pos >= 4 && (raw[..pos].ends_with(b"+00") || raw[..pos].ends_with(b"\\0000")) {
        pos -= if raw[pos - 1 - 2] == b'+' { 4 } else { 5 };
    }
    if let Some(end) = pair_of_line_before(raw, pos) {
        return Some(end - 2);
    }
    let word = WORDS.iter().find(|word| raw[..pos].ends_with(word)).map_or(0, |word| word.len());
    pos -= word;
    pos -= raw[..pos].iter().rev().take(40).take_while(|&&b| between(b) || word > 0 && b == b'&').count();
    if let Some(end) = [&b"_u8"[..], b"u8", b")", b"_"].iter().find(|end| raw[..pos].ends_with(end)) {
        pos -= end.len();
    }
    (pos < at && digits(pos)).then(|| pos - 2)
}

/// If the first pair of a line of a dump is at `at`, returns the end of the last pair in the line before it.
fn pair_of_line_before(raw: &[u8], at: usize) -> Option<usize> {
    // Addresses end with a colon or a blank.
    if !matches!(raw.get(at.checked_sub(1)?)?, b':' | b' ' | b'\t') {
        return None;
    }
    let low = at.saturating_sub(MAX_MARGIN_BYTES);
    let newline = low + memchr::memrchr(b'\n', &raw[low..at])?;
    let is_first = |at: usize| margin(raw, newline + 1).is_some_and(|first| first == at || first == at + 2);
    if !is_first(at) {
        return None;
    }
    let low = newline.saturating_sub(MAX_MARGIN_BYTES);
    let line = memchr::memrchr(b'\n', &raw[low..newline]).map_or(low, |before| low + before + 1);
    let mut pos = margin(raw, line)?;
    let mut end = None;
    while pos < newline && escapes::pair(raw, pos).is_some() {
        pos += 2;
        end = Some(pos);
        let blank = usize::from(matches!(raw.get(pos), Some(b' ' | b'\t' | b'-')));
        let next = pos + blank;
        pos = if raw[next..].starts_with(b"0x") { next + 2 } else { next };
    }
    end
}

/// Returns the offset of the first pair after the address at the start of the dump line at `line`: `0010 `,
/// `0010 - `, `  0x00000010 `, `0x7ffe10 <name+8>:`.
fn margin(raw: &[u8], line: usize) -> Option<usize> {
    let blanks = raw[line..].iter().take(4).take_while(|&&byte| byte == b' ').count();
    let mut pos = line + blanks;
    let prefix = if raw[pos..].starts_with(b"0x") { 2 } else { 0 };
    let digits = raw[pos + prefix..].iter().take(17).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if !(4..=16).contains(&digits) {
        return None;
    }
    pos += prefix + digits;
    if raw[pos..].starts_with(b" <") {
        let rest = &raw[pos..raw.len().min(pos + MAX_SYMBOL_BYTES)];
        pos += memchr::memchr2(b'>', b'\n', rest).filter(|&end| rest[end] == b'>')? + 1;
    }
    let gap = raw[pos..].iter().take(8).take_while(|byte| matches!(byte, b':' | b' ' | b'\t')).count();
    pos += gap;
    if raw[pos..].starts_with(b"- ") {
        pos += 2;
    }
    let pair = if raw[pos..].starts_with(b"0x") { pos + 2 } else { pos };
    (gap > 0 && escapes::pair(raw, pair).is_some()).then_some(pair)
}
