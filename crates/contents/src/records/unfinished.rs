//! Text at the end of a line that may continue in a later line: the first part of a key, base64, a row of a dump.

use super::rows::{SAMPLE_BYTES, Sample};

/// Maximum number of bytes of a line in which a row starts.
const ROW_BYTES: usize = 384;
/// Length of a key in bytes.
const KEY_LENGTH: usize = 58;
/// Minimum length of base64 at the end of a line, in bytes.
pub(super) const SHORTEST_BASE64: usize = 52;
/// Maximum number of bytes of base64, or of quotation marks after a text, that are checked.
pub(super) const LONGEST_TAIL: usize = 160;

/// Returns whether a byte belongs to base64, its URL variant or the padding.
pub(super) fn is_base64(byte: &u8) -> bool {
    BASE64[usize::from(*byte)]
}

/// The characters of base64 and its URL variant, with the padding.
static BASE64: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    with_bytes(table, b"+/=_-")
};

/// Marks after a text that continues in the next line.
static MARKS: [bool; 256] = with_bytes([false; 256], b"\"'`\\+,.&; \r");

/// Returns whether a byte is a mark after a text that continues.
pub(super) fn is_mark(byte: &u8) -> bool {
    MARKS[usize::from(*byte)]
}

/// Returns `table` with `bytes` added to it.
const fn with_bytes(mut table: [bool; 256], bytes: &[u8]) -> [bool; 256] {
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

/// Returns whether a line ends as a row of a dump: with groups of digits, or with the characters between bars.
pub(super) fn ends_as_row(line: &[u8]) -> bool {
    let end = &line[line.len().saturating_sub(12)..];
    end.ends_with(b"|") || end.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b' ')
}

/// Returns `line` without the marks after a text that continues: quotation marks, a backslash, a plus sign.
pub(super) fn without_marks(line: &[u8]) -> &[u8] {
    let low = line.len().saturating_sub(LONGEST_TAIL);
    let end = line[low..].iter().rposition(|byte| !is_mark(byte)).map_or(low, |at| low + at + 1);
    &line[..end]
}

/// The text at the end of a line that may continue in a later line, with the offset at which it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// The first part of a key.
    Key(usize),
    /// Base64 after a prefix.
    Base64(usize),
    /// A row of a dump.
    Row(usize),
}

impl Unfinished {
    /// Returns the text at the end of `line` that may continue. All bytes of a text are read once.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let row = || may_have_row(line).then(|| row_start(line)).flatten();
        Self::word(line).or_else(|| row().map(Self::Row))
    }

    /// Returns the part of a key or the base64 at the end of `line`.
    pub(super) fn word(line: &[u8]) -> Option<Self> {
        let end = without_marks(line).len();
        let low = line.len().saturating_sub(LONGEST_TAIL).min(end);
        let tail = &line[low..end];
        let start = tail.iter().rposition(|byte| !is_base64(byte)).map_or(low, |at| low + at + 1);
        let text = &line[start..end];
        let key = text.iter().rposition(|byte| matches!(byte, b'+' | b'/' | b'=')).map_or(0, |at| at + 1);
        let word = &text[key..];
        let is_key =
            word.first() == Some(&b'K') && word.iter().zip(b"KEY").all(|(byte, wanted)| byte == wanted);
        if is_key && word.len() < KEY_LENGTH {
            return Some(Self::Key(start + key));
        }
        is_wrapped_base64(line, start, text).then_some(Self::Base64(start))
    }

    /// Returns the offset at which the text starts.
    pub(super) fn start(self) -> usize {
        let (Self::Key(start) | Self::Base64(start) | Self::Row(start)) = self;
        start
    }
}

/// Returns whether a part of the start of `line` has only digits and blanks, as a row of a dump has.
fn may_have_row(line: &[u8]) -> bool {
    let start = &line[..line.len().min(ROW_BYTES)];
    start
        .chunks_exact(SAMPLE_BYTES)
        .step_by(2)
        .any(|sample| Sample::of(sample).is_some_and(Sample::may_be_row))
}

/// Returns whether `text`, all of whose bytes are of base64, at `start` in `line` is base64 after a prefix. The prefix is
/// directly before it: a value with a name ends with its line.
fn is_wrapped_base64(line: &[u8], start: usize, text: &[u8]) -> bool {
    let is_prefix = start > 0 && matches!(line[start - 1], b' ' | b'\t' | b'|' | b'>' | b']' | b')' | b':');
    if !is_prefix || text.len() < SHORTEST_BASE64 {
        return false;
    }
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let is_padded = !text[..text.len() - padding].contains(&b'=');
    let has = |kind: fn(&u8) -> bool| text.iter().any(kind);
    is_padded && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Returns where the groups of digits of a row of a dump start.
pub(super) fn row_start(line: &[u8]) -> Option<usize> {
    let (mut at, mut first, mut count, mut width) = (0, 0, 0, 0);
    for word in line[..line.len().min(ROW_BYTES)].split(|&byte| byte == b' ') {
        let digits = matches!(word.len(), 2..=16) && word.iter().all(u8::is_ascii_hexdigit);
        if !digits || word.len() != width {
            (first, count, width) = (at, 0, if digits { word.len() } else { 0 });
        }
        count += usize::from(digits);
        if count >= 4 {
            return Some(first);
        }
        at += word.len() + 1;
    }
    None
}
