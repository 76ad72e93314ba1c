//! Cheap verification of a candidate: do the bytes at its offset continue like the anchor in this encoding?
//!
//! Rejects almost every false positive after a few bytes. Only verified candidates get a decoded window.

use std::cell::OnceCell;

use super::class::{Class, sextet};
use super::cursor::{Base64Cursor, Cursor};
use super::forms::{Anchor, Follow, Form, Use};
use super::{decode, escape, joint};

/// Maximum number of decoded bytes of an anchor's run that are checked in base64. The window search decodes more than
/// is decoded here, and the longer the run, the more likely something that only the window search decodes interrupts
/// it.
const PEEK: usize = 12;
/// The same limit for the other encodings, which are decoded identically here and there: the length of a key.
const PEEK_FAR: usize = 56;

/// Returns the maximum number of decoded bytes that are checked after the expected ones.
fn peek(form: Form) -> usize {
    if form == Form::Base64 { PEEK } else { PEEK_FAR }
}

/// Returns the maximum number of decoded bytes that are checked in total, in encodings other than text.
pub(crate) fn looked_at(meaning: &Use) -> usize {
    meaning.expect.len() + peek(meaning.form)
}

/// A verified candidate: where the decoded content begins, and which rules may match.
pub(crate) struct Confirmed {
    /// Text: offset of the first expected character. Base64: offset of a group boundary. Others: offset of a character.
    pub(crate) at: usize,
    /// Indices of rules, for text only.
    pub(crate) rules: Vec<usize>,
    /// Text: raw bytes per decoded character, rounded up. Compressed data: number of base64 layers around it.
    pub(crate) width: usize,
}

/// A literal at an offset, shared by all its interpretations.
pub(crate) struct Hit<'a> {
    raw: &'a [u8],
    at: usize,
    /// The escapes and separators that end shortly before it, computed on first use.
    ends: OnceCell<Vec<End>>,
}

/// Range of an escape or a separator.
struct End {
    from: usize,
    to: usize,
    is_joint: bool,
}

impl<'a> Hit<'a> {
    /// Creates the candidate for a literal at offset `at` of `raw`.
    pub(crate) fn new(raw: &'a [u8], at: usize) -> Self {
        Self { raw, at, ends: OnceCell::new() }
    }

    /// Returns the content.
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    fn ends(&self) -> &[End] {
        self.ends.get_or_init(|| {
            let mut ends = Vec::new();
            for from in self.at.saturating_sub(FARTHEST + LONGEST)..self.at {
                let byte = self.raw[from];
                if escape::starts(byte) {
                    let soft = matches!(self.raw[from..], [b'=', b'\n', ..]).then_some(from + 2);
                    let soft =
                        soft.or(matches!(self.raw[from..], [b'=', b'\r', b'\n', ..]).then_some(from + 3));
                    let step = escape::step(self.raw, from, true).map(|step| step.end);
                    ends.extend(soft.into_iter().chain(step).map(|to| End { from, to, is_joint: false }));
                }
                if joint::starts(byte) {
                    let joint = joint::skip(self.raw, from);
                    ends.extend(joint.map(|(to, _)| End { from, to, is_joint: true }));
                }
            }
            ends
        })
    }
}

/// Verifies a candidate for one interpretation.
#[inline]
pub(crate) fn confirm(place: &Hit<'_>, meaning: &Use, anchor: &Anchor) -> Option<Confirmed> {
    let Hit { raw, at: hit, .. } = *place;
    let found = |at| Some(Confirmed { at, rules: Vec::new(), width: 1 });
    match meaning.form {
        // The text after the literal is checked first: that is faster and decides more often.
        Form::Text => {
            text(raw, hit, meaning, anchor).filter(|_| may_stand_before(&meaning.before, place, anchor.cut))
        }
        Form::Base64 => base64(raw, hit, meaning, anchor).and_then(found),
        Form::Hex => hex(raw, hit + usize::from(meaning.shift), meaning, anchor).and_then(found),
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
        // Before the literal, only an escape that extends over it can begin.
        if back > 0 && escape::step(raw, start, false).is_none_or(|step| step.end <= hit) {
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
        if anchor.names || !rules.is_empty() {
            return Some(Confirmed { at: start, rules, width });
        }
    }
    None
}

/// Returns how many characters of a run follow the expected ones after a text literal, at most as many as it needs.
pub(crate) fn follow(raw: &[u8], hit: usize, meaning: &Use, (class, needed): (&Class, usize)) -> usize {
    let mut cursor = Cursor::new(raw, hit);
    if !cursor.expect(&meaning.expect) {
        return 0;
    }
    (0..needed).take_while(|_| cursor.run(class, 1)).count()
}

/// Maximum length of an escape or separator before a literal, in bytes.
const LONGEST: usize = 40;
/// Maximum distance between the start of an anchor and a literal of it, in bytes.
const FARTHEST: usize = 40;

/// Returns whether `text` may precede the literal. The bytes are compared backwards up to a possible escape or
/// separator;
/// nothing further back is checked. The last character of an escape may equal the escaped one (`%31`).
fn may_stand_before(text: &[u8], place: &Hit<'_>, cut: bool) -> bool {
    let before = &place.raw[..place.at];
    let same = text.iter().rev().zip(before.iter().rev()).take_while(|(wanted, byte)| wanted == byte);
    let same = same.count();
    // An escape or separator may end anywhere in the equal bytes, or at either end of them.
    let ends = place.at - same..=place.at;
    same == text.len()
        || cut && ends.clone().any(|end| before[..end].last().is_none_or(|&last| may_end_joint(last)))
        || place
            .ends()
            .iter()
            .any(|end| ends.contains(&end.to) && end.to - end.from <= LONGEST && (cut || !end.is_joint))
}

/// Returns whether a separator may end with this byte, which is neither a letter nor a digit.
fn may_end_joint(byte: u8) -> bool {
    match byte {
        b'"' | b'\'' | b'/' | b'-' | b'#' | b'*' | b'>' | b'|' | b';' | b'%' | 7 => true,
        // White space, invisible characters, and the end of a colour code.
        _ => {
            byte.is_ascii_whitespace()
                || byte >= 0x80
                || (b'@'..=b'~').contains(&byte) && !byte.is_ascii_alphabetic()
        }
    }
}

/// Returns whether `rest`, which follows the expected bytes, continues like one of the anchor's runs. An escaped byte
/// ends the check early and accepts the candidate; the window search decides.
fn continues(rest: &[u8], meaning: &Use, anchor: &Anchor) -> bool {
    let enough = peek(meaning.form);
    match meaning.follow {
        Follow::Any => true,
        Follow::Base64 => {
            rest.len() == enough && rest.iter().all(|&b| sextet(b).is_some() || b.is_ascii_whitespace())
        }
        Follow::Run => anchor.runs.iter().any(|(class, min, _)| {
            let held = rest.iter().take(*min).take_while(|&&b| class.has(b)).count();
            held >= enough.min(*min) || rest.get(held).is_some_and(|&b| escape::starts(b) || joint::starts(b))
        }),
    }
}

fn base64(raw: &[u8], hit: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    let mut cursor = Base64Cursor::new(raw, hit, meaning.shift)?;
    let at = cursor.position();
    let mut bytes = Peeked::new(meaning);
    while bytes.wants_more()
        && let Some(byte) = cursor.next()
    {
        if !bytes.push(byte) {
            return None;
        }
    }
    bytes.fit(anchor).then_some(at)
}

fn hex(raw: &[u8], start: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    let mut bytes = Peeked::new(meaning);
    let mut next = Some(start);
    while let Some(at) = next.filter(|_| bytes.wants_more()) {
        let Some(byte) = escape::pair(raw, at) else { break };
        if !bytes.push(byte) {
            return None;
        }
        next = decode::pair_after(raw, at + 2);
    }
    bytes.fit(anchor).then_some(start)
}

fn codes(raw: &[u8], start: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    if start > 0 && raw[start - 1].is_ascii_digit() {
        return None;
    }
    let mut bytes = Peeked::new(meaning);
    let mut pos = start;
    while bytes.wants_more() {
        let Some((value, end)) = escape::decimal(raw, pos, 4) else { break };
        let Ok(byte) = u8::try_from(value) else { break };
        if !bytes.push(byte) {
            return None;
        }
        pos = end + raw[end..].iter().take(decode::CODE_GAP).take_while(|b| !b.is_ascii_digit()).count();
    }
    bytes.fit(anchor).then_some(start)
}

fn wide(raw: &[u8], hit: usize, width: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    let mut bytes = Peeked::new(meaning);
    let clear = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.iter().all(|&byte| byte == 0));
    for low in (hit..raw.len()).step_by(width) {
        let goes_on = clear(raw.get(low + 1..low + width));
        // The last character of big-endian text has zeros before it only.
        if !bytes.wants_more() || !goes_on && !clear(raw.get((low + 1).wrapping_sub(width)..low)) {
            break;
        }
        if !bytes.push(raw[low]) {
            return None;
        }
        if !goes_on {
            break;
        }
    }
    bytes.fit(anchor).then_some(hit)
}

/// `end` is the offset after the reversed anchor.
fn backwards(raw: &[u8], end: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    let mut bytes = Peeked::new(meaning);
    for &byte in raw[..end].iter().rev() {
        if !bytes.wants_more() {
            break;
        }
        if !bytes.push(byte) {
            return None;
        }
    }
    bytes.fit(anchor).then_some(end)
}

/// The first decoded bytes of a candidate, in a fixed-size buffer.
struct Peeked<'m> {
    meaning: &'m Use,
    /// Number of expected bytes seen so far.
    expected: usize,
    /// The decoded bytes after them.
    rest: [u8; PEEK_FAR],
    count: usize,
}

impl<'m> Peeked<'m> {
    fn new(meaning: &'m Use) -> Self {
        Self { meaning, expected: 0, rest: [0; PEEK_FAR], count: 0 }
    }

    fn wants_more(&self) -> bool {
        self.expected + self.count < looked_at(self.meaning)
    }

    /// Appends a byte if more are wanted. Returns `false` if a different byte is expected.
    fn push(&mut self, byte: u8) -> bool {
        if let Some(&wanted) = self.meaning.expect.get(self.expected) {
            self.expected += 1;
            return wanted == byte;
        }
        if let Some(place) = self.rest.get_mut(self.count) {
            *place = byte;
            self.count += 1;
        }
        true
    }

    /// Returns whether all expected bytes were seen and the rest continues as required.
    fn fit(&self, anchor: &Anchor) -> bool {
        self.expected == self.meaning.expect.len()
            && continues(&self.rest[..self.count], self.meaning, anchor)
    }
}

/// Compressed data starts at the start of a base64 text and is at least as long as a compressed key.
fn deflated(raw: &[u8], hit: usize) -> Option<usize> {
    const SHORTEST: u32 = 64;
    if hit > 0 && sextet(raw[hit - 1]).is_some() && raw[hit - 1] != b'/' || is_inside_block(raw, hit) {
        return None;
    }
    let mut cursor = Cursor::new(raw, hit);
    let (mut digits, mut capitals) = (0, 0);
    for _ in 0..SHORTEST {
        let byte = cursor.next(|byte| sextet(byte).is_some())?;
        digits += u32::from(byte.is_ascii_digit());
        capitals += u32::from(byte.is_ascii_uppercase());
    }
    // Words in camelCase have no digits and few capitals; in base64 of compressed data, one character in six is a digit
    // and two in five are capitals.
    (digits > 0 || capitals > SHORTEST / 4).then_some(hit)
}

/// Returns whether `at` is the start of a line of a base64 block other than the first line.
fn is_inside_block(raw: &[u8], at: usize) -> bool {
    const LINE: usize = 60;
    let before = raw[..at].trim_ascii_end();
    at > 0 && matches!(raw[at - 1], b'\n' | b' ' | b'\t') && before.len() >= LINE && {
        before[before.len() - LINE..].iter().all(|&byte| sextet(byte).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Forms;

    #[test]
    fn text_before_a_piece_is_plain_or_escaped() {
        let may = |text: &str, raw: &str, cut: bool| {
            let hit = raw.find('|').unwrap();
            may_stand_before(text.as_bytes(), &Hit::new(raw.replace('|', "").as_bytes(), hit), cut)
        };
        for (text, raw, uncut, cut) in [
            ("", "x|", true, true),
            ("_T", "VITE_T|ELNYX", true, true),
            ("_T", "\"T|ELNYX", false, true),
            ("_T", "aT|ELNYX", false, false),
            ("_T", "T|ELNYX", false, true),
            ("_T", "VITE_%54|ELNYX", true, true),
            ("_T", "VITE_%54x|ELNYX", false, false),
            ("_T", "VITE%5FT|ELNYX", true, true),
            ("_T", "VITE_=\nT|ELNYX", true, true),
            ("_T", "VITE_=\r\nT|ELNYX", true, true),
            ("_T", "VITE_\r\nT|ELNYX", false, true),
            ("K", "K\u{1b}[0m|EY01", false, true),
            ("K", "K\u{1b}[0mx|EY01", false, false),
            ("v1", "v%31|_secret", true, true),
        ] {
            assert_eq!((may(text, raw, false), may(text, raw, true)), (uncut, cut), "{text} {raw}");
        }
    }

    #[test]
    fn certain_part_of_run_is_checked() {
        let runs = vec![(Class::new("0-9A-F"), 20, vec![0])];
        let anchor =
            Anchor { text: b"KEY".to_vec(), forms: Forms::All, cut: true, names: false, family: 0, runs };
        let fits = |form: Form, follow: Follow, rest: &str| {
            let expect = b"KEY".to_vec();
            let meaning = Use { form, anchor: 0, shift: 0, expect, follow, before: Vec::new() };
            let mut bytes = Peeked::new(&meaning);
            let whole = ["KEY", rest].concat();
            for byte in whole.bytes() {
                if bytes.wants_more() && !bytes.push(byte) {
                    return false;
                }
            }
            bytes.fit(&anchor)
        };
        let digits = "0123456789ABCDEF0123";
        for (rest, far, near) in [
            (digits.to_owned(), true, true),
            (format!("{digits}{digits}{digits}{digits}"), true, true),
            (format!("{};", &digits[..19]), false, true),
            (format!("{};", &digits[..12]), false, true),
            (format!("{};", &digits[..11]), false, false),
            (digits[..11].to_owned(), false, false),
            (format!("{}%", &digits[..11]), true, true),
            (format!("{}\"", &digits[..11]), true, true),
            (String::new(), false, false),
        ] {
            for form in [Form::Hex, Form::Codes, Form::Wide16, Form::Wide32, Form::Reversed] {
                assert_eq!(fits(form, Follow::Run, &rest), far, "{form:?} {rest}");
            }
            assert_eq!(fits(Form::Base64, Follow::Run, &rest), near, "{rest}");
            assert!(fits(Form::Base64, Follow::Any, &rest));
        }
        assert!(fits(Form::Base64, Follow::Base64, "ab+/AB_-12\n4;;"));
        assert!(!fits(Form::Base64, Follow::Base64, "ab+/AB_-12;4"));
        assert!(!fits(Form::Base64, Follow::Base64, "ab+/AB_-12"));
    }

    #[test]
    fn compressed_data_has_a_digit_or_many_capitals() {
        let begins = |text: String| deflated(text.as_bytes(), 0).is_some();
        let filled = |start: &str| format!("{start:x<64}");
        assert!(!begins(filled("eJ")) && begins(filled("eJ7")));
        assert!(
            !begins(filled(&format!("e{}", "J".repeat(16))))
                && begins(filled(&format!("e{}", "J".repeat(17))))
        );
        assert!(begins(filled("e7")) && !begins(filled("e7")[..63].to_owned()));
    }
}
