//! The other side of `confirm`, for content that still arrives: could a hit that is not confirmed yet be confirmed by
//! what comes? A no is certain. A yes may be wrong; it costs a short wait.

use super::class::sextet;
use super::cursor::{Base64Cursor, Cursor};
use super::forms::{Anchor, Form, Use};
use super::{confirm, decode, escape, joint};

/// Bytes that an escape may be long.
const ESCAPE: usize = 24;
/// Bytes that the joints between two characters may be long.
const JOINTS: usize = 1200;

/// How a step over the text went.
#[derive(PartialEq, Eq)]
enum Step {
    /// The wanted character stands there.
    Taken,
    /// Another one does, whatever comes.
    Other,
    /// The text ends first.
    Ends,
}

/// Whether more content behind `raw` could confirm the hit at `hit`, which `raw` does not confirm.
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
        // What decides stands before the hit.
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

/// Whether what stands at `at`, where no wanted character could be read, may be the beginning of an escape or of
/// joints that the end of the text cuts.
fn goes_on(raw: &[u8], at: usize) -> bool {
    let Some(&first) = raw.get(at) else { return true };
    let length = raw.len() - at;
    if escape::starts(first) && length < ESCAPE && !raw[at..].contains(&b'\n') {
        return true;
    }
    joint::starts(first) && length < JOINTS && is_joint_like(&raw[at..])
}

/// Whether all of `text` could stand between two pieces of one string.
fn is_joint_like(text: &[u8]) -> bool {
    let line = |byte: &u8| matches!(byte, b'\n' | b'\r');
    match text {
        // A terminal colour.
        [0x1B, ..] => text.len() < 300 && !text[1..].iter().any(line),
        // A line end, and what may stand before the next line's text.
        [b'\n' | b'\r', rest @ ..] => rest.iter().all(|byte| {
            matches!(
                byte,
                b' ' | b'\t' | b'\n' | b'\r' | b'#' | b'*' | b'>' | b'|' | b';' | b'%' | b'/' | b'-'
            )
        }),
        [b'\\' | b'"' | b'\'' | b'`', ..] => is_concat_like(text),
        // A mark of three bytes, or one before a line end.
        _ => text.len() < 4,
    }
}

/// Whether `text` has nothing that ends a concatenation for certain: a colon, say, or a digit.
fn is_concat_like(text: &[u8]) -> bool {
    // Behind a comment mark, or in a word, anything may come up to the line's end.
    let marks = [&b"#"[..], b"//", b"--", b"/*"];
    let certain =
        marks.iter().filter_map(|mark| memchr::memmem::find(text, mark)).min().unwrap_or(text.len());
    // The first half of a mark may stand at the end.
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

/// Whether the bytes read so far are those that are expected.
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
            // A gap between pairs may hold the margins of a dump.
            None => return raw.len() - (next + 2) < 160,
        }
    }
    // Where not even the first pair stands whole.
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
