//! The counterpart of `confirm` for content that is still arriving: could more content confirm a hit that is not
//! confirmed yet? `false` is certain. `true` may be wrong, which costs a short delay.

use super::class::sextet;
use super::cursor::{Base64Cursor, Cursor};
use super::forms::{Anchor, Form, Use};
use super::{confirm, decode, escape, joint};

/// Maximum length of an escape, in bytes.
const ESCAPE: usize = 24;
/// Maximum total length of the separators between two characters, in bytes.
const JOINTS: usize = 1200;

/// Result of a step over the text.
#[derive(PartialEq, Eq)]
enum Step {
    /// The next character is the wanted one.
    Taken,
    /// The next character is another one, whatever follows.
    Other,
    /// The text ends before the next character.
    Ends,
}

/// Returns whether more content after `raw` could confirm the hit at `hit`, which `raw` alone does not confirm.
pub(crate) fn may_be_confirmed(raw: &[u8], hit: usize, meaning: &Use, anchor: &Anchor) -> bool {
    match meaning.form {
        Form::Text => {
            (0..=usize::from(meaning.shift).min(hit)).any(|back| text(raw, hit - back, meaning, anchor))
        }
        Form::Base64 => base64(raw, hit, meaning),
        Form::Hex => hex(raw, hit + usize::from(meaning.shift), meaning),
        Form::Codes => codes(raw, hit + usize::from(meaning.shift), meaning),
        Form::Wide16 => wide(raw, hit, 2, meaning),
        Form::Wide32 => wide(raw, hit, 4, meaning),
        // Only the bytes before the hit matter.
        Form::Reversed => false,
        Form::Deflated => {
            let mut cursor = Cursor::new(raw, hit);
            (0..64)
                .map(|_| step(raw, &mut cursor, |byte| sextet(byte).is_some()))
                .find(|step| *step != Step::Taken)
                == Some(Step::Ends)
        }
    }
}

fn step(raw: &[u8], cursor: &mut Cursor<'_>, accept: impl Fn(u8) -> bool) -> Step {
    if cursor.next(accept).is_some() {
        Step::Taken
    } else if goes_on(raw, cursor.position()) {
        Step::Ends
    } else {
        Step::Other
    }
}

/// Returns whether the bytes at `at`, where no wanted character could be read, may be the start of an escape or of
/// separators that is cut by the end of the text.
fn goes_on(raw: &[u8], at: usize) -> bool {
    let Some(&first) = raw.get(at) else { return true };
    let length = raw.len() - at;
    if escape::starts(first) && length < ESCAPE && !raw[at..].contains(&b'\n') {
        return true;
    }
    joint::starts(first) && length < JOINTS && is_joint_like(&raw[at..])
}

/// Returns whether all of `text` could be between two pieces of one string.
fn is_joint_like(text: &[u8]) -> bool {
    let line = |byte: &u8| matches!(byte, b'\n' | b'\r');
    match text {
        // A terminal colour code.
        [0x1B, ..] => text.len() < 300 && !text[1..].iter().any(line),
        // A line end and the prefix of the next line.
        [b'\n' | b'\r', rest @ ..] => rest.iter().all(|byte| {
            matches!(
                byte,
                b' ' | b'\t' | b'\n' | b'\r' | b'#' | b'*' | b'>' | b'|' | b';' | b'%' | b'/' | b'-'
            )
        }),
        [b'\\' | b'"' | b'\'' | b'`', ..] => is_concat_like(text),
        // A three-byte invisible character, or a mark before a line end.
        _ => text.len() < 4,
    }
}

/// Returns whether `text` contains nothing that certainly ends a concatenation, such as a colon or a digit.
fn is_concat_like(text: &[u8]) -> bool {
    // After a comment mark, or within a word, anything may follow up to the end of the line.
    let marks = [&b"#"[..], b"//", b"--", b"/*"];
    let certain =
        marks.iter().filter_map(|mark| memchr::memmem::find(text, mark)).min().unwrap_or(text.len());
    // The first half of a comment mark may be at the end.
    let certain = certain.min(text.len() - usize::from(text.ends_with(b"/") || text.ends_with(b"-")));
    text[..certain].iter().all(|&byte| {
        byte.is_ascii_alphabetic()
            || byte.is_ascii_whitespace()
            || b"\"'`\\+.&~|,<>^()[]{}_@$;=".contains(&byte)
    })
}

fn text(raw: &[u8], start: usize, meaning: &Use, anchor: &Anchor) -> bool {
    let mut cursor = Cursor::new(raw, start);
    for &want in &meaning.expect {
        match step(raw, &mut cursor, |byte| byte == want) {
            Step::Taken => {}
            Step::Other => return false,
            Step::Ends => return true,
        }
    }
    let behind = cursor.position();
    anchor.runs.iter().any(|(class, min, _)| {
        let mut run = Cursor::new(raw, behind);
        let ended =
            (0..*min).map(|_| step(raw, &mut run, |byte| class.has(byte))).find(|one| *one != Step::Taken);
        ended == Some(Step::Ends)
    })
}

/// Returns whether the bytes decoded so far are the expected ones.
fn fits(bytes: &[u8], meaning: &Use) -> bool {
    bytes.iter().zip(&meaning.expect).all(|(one, want)| one == want)
}

fn base64(raw: &[u8], hit: usize, meaning: &Use) -> bool {
    let mut skip = Cursor::new(raw, hit);
    for _ in 0..meaning.shift {
        match step(raw, &mut skip, |byte| sextet(byte).is_some()) {
            Step::Taken => {}
            Step::Other => return false,
            Step::Ends => return true,
        }
    }
    let Some(mut cursor) = Base64Cursor::new(raw, hit, meaning.shift) else { return true };
    let (mut bytes, enough) = (Vec::new(), confirm::looked_at(meaning));
    while let Some(byte) = cursor.next().filter(|_| bytes.len() < enough) {
        bytes.push(byte);
    }
    bytes.len() < enough && fits(&bytes, meaning) && goes_on(raw, cursor.position())
}

fn hex(raw: &[u8], start: usize, meaning: &Use) -> bool {
    let mut bytes = Vec::new();
    let mut next = start;
    while let Some(byte) = escape::pair(raw, next) {
        bytes.push(byte);
        if !fits(&bytes, meaning) || bytes.len() >= confirm::looked_at(meaning) {
            return false;
        }
        match decode::pair_after(raw, next + 2) {
            Some(after) => next = after,
            // A gap between pairs may contain the margins of a dump.
            None => return raw.len() - (next + 2) < 160,
        }
    }
    // Not even the first pair is complete.
    true
}

fn codes(raw: &[u8], start: usize, meaning: &Use) -> bool {
    let mut bytes = Vec::new();
    let mut pos = start;
    while let Some((value, end)) = escape::decimal(raw, pos, 4) {
        if end == raw.len() {
            return true;
        }
        let Ok(byte) = u8::try_from(value) else { return false };
        bytes.push(byte);
        if !fits(&bytes, meaning) || bytes.len() >= confirm::looked_at(meaning) {
            return false;
        }
        let gap = raw[end..].iter().take(decode::CODE_GAP).take_while(|b| !b.is_ascii_digit()).count();
        pos = end + gap;
    }
    pos >= raw.len()
}

fn wide(raw: &[u8], hit: usize, width: usize, meaning: &Use) -> bool {
    let mut bytes = Vec::new();
    for unit in raw[hit..].chunks(width) {
        if unit.len() < width {
            return true;
        }
        if unit[1..].iter().any(|&b| b != 0) || bytes.len() >= confirm::looked_at(meaning) {
            return false;
        }
        bytes.push(unit[0]);
        if !fits(&bytes, meaning) {
            return false;
        }
    }
    true
}
