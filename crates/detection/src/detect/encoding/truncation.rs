//! Content that ends within an encoded anchor: could what is still missing confirm it? `false` is certain; `true` may be
//! wrong and costs a short wait.

use crate::detect::decoding_cursor::Cursor;
use crate::detect::{escapes, separators};

/// Maximum length of an escape, in bytes.
pub(super) const MAX_ESCAPE_BYTES: usize = 24;
/// Maximum total length of the separators between two characters, in bytes.
const MAX_SEPARATOR_BYTES: usize = 1200;

/// Result of a step over the text.
#[derive(PartialEq, Eq)]
pub(super) enum Step {
    /// The next character is the wanted one.
    Taken,
    /// The next character is another one, whatever follows.
    Other,
    /// The text ends before the next character.
    Ends,
}

pub(super) fn step(raw: &[u8], cursor: &mut Cursor<'_>, accept: impl Fn(u8) -> bool) -> Step {
    if cursor.next(accept).is_some() {
        Step::Taken
    } else if may_continue(raw, cursor.position()) {
        Step::Ends
    } else {
        Step::Other
    }
}

/// Returns whether the bytes at `at`, where no wanted character could be read, may be the start of an escape or of
/// separators that is cut by the end of the text.
pub(super) fn may_continue(raw: &[u8], at: usize) -> bool {
    let Some(&first) = raw.get(at) else { return true };
    let length = raw.len() - at;
    if escapes::starts(first) && length < MAX_ESCAPE_BYTES && !raw[at..].contains(&b'\n') {
        return true;
    }
    separators::starts(first) && length < MAX_SEPARATOR_BYTES && is_joint_like(&raw[at..])
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
