//! The cheap test behind each hit of the searcher: do the bytes there go on like the anchor, in this form?
//!
//! Almost every chance hit ends here, after a few bytes. What passes is worth a decoded window.

use super::class::{nibble, sextet};
use super::cursor::{Base64Cursor, Cursor};
use super::forms::{Anchor, Follow, Form, Use};
use super::{decode, escape};

/// Decoded bytes of an anchor's run that are looked at in forms other than text, where the window is searched
/// again anyway.
const PEEK: usize = 12;

/// Where the decoded content begins and which rules may match there.
pub(crate) struct Confirmed {
    /// Text: offset of the first expected character. Base64: of a group boundary. Others: of a character.
    pub(crate) at: usize,
    /// Indices of rules; for text only.
    pub(crate) rules: Vec<usize>,
    /// Text: raw bytes that a decoded character takes, rounded up. Compressed data: layers of base64 round it.
    pub(crate) width: usize,
}

/// Tests a hit at `hit`.
#[inline]
pub(crate) fn confirm(raw: &[u8], hit: usize, meaning: &Use, anchor: &Anchor) -> Option<Confirmed> {
    let found = |at| Some(Confirmed { at, rules: Vec::new(), width: 1 });
    match meaning.form {
        Form::Text => text(raw, hit, meaning, anchor),
        Form::Base64 => base64(raw, hit, meaning, anchor).and_then(found),
        Form::Hex => {
            let start = hit + usize::from(meaning.shift);
            let view = hex_at(raw, start, meaning.expect.len() + PEEK);
            continues(&view, meaning, anchor).then(|| found(start)).flatten()
        }
        Form::Codes => codes(raw, hit + usize::from(meaning.shift), meaning, anchor).and_then(found),
        Form::Wide16 => wide(raw, hit, 2, meaning, anchor).and_then(found),
        Form::Wide32 => wide(raw, hit, 4, meaning, anchor).and_then(found),
        Form::Reversed => backwards(raw, hit + usize::from(meaning.shift), meaning, anchor).and_then(found),
        Form::Deflated => deflated(raw, hit).map(|at| Confirmed {
            at,
            rules: Vec::new(),
            width: usize::from(meaning.shift),
        }),
    }
}

fn text(raw: &[u8], hit: usize, meaning: &Use, anchor: &Anchor) -> Option<Confirmed> {
    for back in 0..=usize::from(meaning.shift).min(hit) {
        let start = hit - back;
        // Before the hit only an escape that reaches over it can begin.
        if back > 0 && !escape::step(raw, start, false).is_some_and(|step| step.end > hit) {
            continue;
        }
        let mut cursor = Cursor::new(raw, start);
        if !cursor.expect(&meaning.expect) {
            continue;
        }
        let behind = cursor.position();
        let mut rules = Vec::new();
        let mut width = 1;
        for (class, min, of) in &anchor.runs {
            let mut run = Cursor::new(raw, behind);
            if run.run(class, *min) {
                width = width.max((run.position() - start).div_ceil(meaning.expect.len() + min));
                rules.extend_from_slice(of);
            }
        }
        if !rules.is_empty() {
            return Some(Confirmed { at: start, rules, width });
        }
    }
    None
}

/// Whether decoded bytes begin as expected and go on like one of the anchor's runs. Bytes that are themselves
/// escaped end the test in favour of the hit: the window decides.
fn continues(bytes: &[u8], meaning: &Use, anchor: &Anchor) -> bool {
    let Some(rest) = bytes.strip_prefix(&meaning.expect[..]) else { return false };
    let rest = &rest[..rest.len().min(PEEK)];
    match meaning.follow {
        Follow::Any => true,
        Follow::Base64 => {
            rest.len() == PEEK && rest.iter().all(|&b| sextet(b).is_some() || b.is_ascii_whitespace())
        }
        Follow::Run => anchor.runs.iter().any(|(class, min, _)| {
            let held = rest.iter().take(*min).take_while(|&&b| class.has(b)).count();
            held >= PEEK.min(*min)
                || rest.get(held).is_some_and(|&b| escape::starts(b) || super::joint::starts(b))
        }),
    }
}

fn base64(raw: &[u8], hit: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    let mut cursor = Base64Cursor::new(raw, hit, meaning.shift)?;
    let at = cursor.position();
    let want = meaning.expect.len() + PEEK;
    let mut bytes = [0u8; 64];
    let mut count = 0;
    while count < want.min(bytes.len()) {
        let Some(byte) = cursor.next() else { break };
        if count < meaning.expect.len() && meaning.expect[count] != byte {
            return None;
        }
        bytes[count] = byte;
        count += 1;
    }
    continues(&bytes[..count], meaning, anchor).then_some(at)
}

fn hex_at(raw: &[u8], start: usize, count: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(count);
    let mut next = Some(start);
    while let Some(at) = next.filter(|_| out.len() < count) {
        let Some(byte) = escape::pair(raw, at) else { break };
        out.push(byte);
        next = decode::pair_after(raw, at + 2);
    }
    out
}

fn codes(raw: &[u8], start: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    if start > 0 && raw[start - 1].is_ascii_digit() {
        return None;
    }
    let mut bytes = Vec::with_capacity(meaning.expect.len() + PEEK);
    let mut pos = start;
    while bytes.len() < meaning.expect.len() + PEEK {
        let Some((value, end)) = escape::decimal(raw, pos, 4) else { break };
        let Ok(byte) = u8::try_from(value) else { break };
        if meaning.expect.get(bytes.len()).is_some_and(|&want| want != byte) {
            return None;
        }
        bytes.push(byte);
        pos = end + raw[end..].iter().take(decode::CODE_GAP).take_while(|b| !b.is_ascii_digit()).count();
    }
    continues(&bytes, meaning, anchor).then_some(start)
}

fn wide(raw: &[u8], hit: usize, width: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    let mut bytes = [0u8; 64];
    let mut count = 0;
    for unit in raw[hit..].chunks(width).take((meaning.expect.len() + PEEK).min(bytes.len())) {
        if unit[1..].iter().any(|&b| b != 0) && unit.len() == width {
            break;
        }
        bytes[count] = unit[0];
        count += 1;
    }
    continues(&bytes[..count], meaning, anchor).then_some(hit)
}

/// `end` is the offset behind the reversed anchor.
fn backwards(raw: &[u8], end: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    let want = meaning.expect.len() + PEEK;
    let bytes: Vec<u8> = raw[..end].iter().rev().take(want).copied().collect();
    continues(&bytes, meaning, anchor).then_some(end)
}

/// Compressed data begins where a base64 text begins, and is at least as long as a compressed key.
fn deflated(raw: &[u8], hit: usize) -> Option<usize> {
    const SHORTEST: usize = 64;
    if hit > 0 && (sextet(raw[hit - 1]).is_some() && raw[hit - 1] != b'/') {
        return None;
    }
    let mut cursor = Cursor::new(raw, hit);
    let mut digits = 0;
    for _ in 0..SHORTEST {
        let byte = cursor.next(|byte| sextet(byte).is_some())?;
        digits += usize::from(nibble(byte).is_some() && byte.is_ascii_digit());
    }
    // Words in camelCase have no digits; base64 of compressed bytes has one in six.
    (digits > 0).then_some(hit)
}
