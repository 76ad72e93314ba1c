//! Checks whether content may have records, from a few lines, so that the cost for other content is negligible.

use super::{casts, messages, prefix, printed, recorded, rows, terminal, wrapped};

/// Maximum number of lines that are checked at the start.
const FIRST_LINES: usize = 16;
/// Number of bytes after which no more lines are checked, if at least `FEW_LINES` were checked.
const FIRST_BYTES: usize = 8 << 10;
/// Maximum number of bytes in which [`was_edited`] checks every byte, not only samples.
const COMPLETE_CHECK_BYTES: usize = 2 * FIRST_BYTES;
/// Number of lines that are always checked, and number of lines that are checked at each later sample.
const FEW_LINES: usize = 4;
/// Number of bytes in which control characters of terminals are searched.
const TERMINAL_BYTES: usize = 64 << 10;
/// Number of bytes of each sample of a long content in which control characters of terminals are searched first.
const SAMPLE_BYTES: usize = 2 << 10;
/// Maximum number of control characters of terminals that are checked closely.
const MAX_MARKS: usize = 64;
/// Start of an API v2 key.
const KEY_START: &[u8] = b"KEY0";
/// Number of bytes at the start that are checked to detect binary content.
const BINARY_BYTES: usize = 512;

/// Kind of record that a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Json,
    Event,
    Prefixed,
    Numbered,
}

/// Returns whether `bytes`, a content or a part of one that starts with a line, may have records to join.
pub fn may_have_records(bytes: &[u8]) -> bool {
    was_edited(bytes) || has_record_lines(bytes)
}

/// Returns whether samples of `bytes` show lines that were edited in a terminal.
pub fn was_edited(bytes: &[u8]) -> bool {
    messages::sniff(bytes).is_some() || !is_binary(bytes) && (casts::is_recording(bytes) || has_edits(bytes))
}

/// Returns whether samples of `bytes` show lines that look like records.
pub fn has_record_lines(bytes: &[u8]) -> bool {
    let is_sample = |&(index, from): &(usize, usize)| index == 0 || from > 0;
    !is_binary(bytes)
        && samples(bytes).into_iter().enumerate().filter(is_sample).any(|(_, from)| {
            let start = if from == 0 { 0 } else { from + line_end(&bytes[from..]) };
            has_lines(&bytes[start..], if from == 0 { FIRST_LINES } else { FEW_LINES })
                || from == 0 && wrapped::share_prefixes(bytes)
        })
}

fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(BINARY_BYTES)]).is_some()
}

/// Returns the offsets of the samples; those of a short content are all zero.
fn samples(bytes: &[u8]) -> [usize; 4] {
    if bytes.len() < 2 * FIRST_BYTES {
        return [0; 4];
    }
    [0, bytes.len() / 4, bytes.len() / 2, bytes.len() / 4 * 3]
}

/// Returns whether a line at the start of `bytes` was edited in a terminal. Slower than [`was_edited`], and without gaps.
pub fn is_edited_at_start(bytes: &[u8]) -> bool {
    is_edited(&bytes[..bytes.len().min(TERMINAL_BYTES)])
}

/// Returns whether `bytes` may contain the first part of a key that continues in the next record. That part has the first
/// four characters of a key, or it ends its record: before a quotation mark, an escape, a control character or a line end.
/// Base64 at the end of a line and rows of a dump may contain it, too.
/// So may text in which letters are escaped, and records in base64.
pub fn may_have_key_parts(bytes: &[u8]) -> bool {
    // The lines of a printed document have no prefixes.
    has_key_start(bytes)
        || is_encoded(bytes)
        || has_encoded_events(bytes)
        || !is_document(bytes) && rows::has_rows(bytes)
}

/// Returns whether the start of `bytes` has escaped letters, or a record in base64.
fn is_encoded(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(FIRST_BYTES)];
    memchr::memchr_iter(b'\\', start).any(|at| matches!(start[at + 1..], [b'u', b'0', b'0', b'4'..=b'7', ..]))
        || memchr::memmem::find(start, b"\"bytes\":")
            .is_some_and(|at| start[at + 8..].trim_ascii_start().starts_with(b"\"eyJ"))
}

/// Returns whether a recording of answers has events in base64.
fn has_encoded_events(bytes: &[u8]) -> bool {
    recorded::is_recording(bytes) && memchr::memmem::find(bytes, b"ZGF0YTog").is_some()
}

/// Returns whether `bytes` starts like a document that is printed over several lines.
fn is_document(bytes: &[u8]) -> bool {
    let line = bytes[..line_end(&bytes[..bytes.len().min(8)])].trim_ascii_end();
    matches!(line, b"{" | b"[" | b"[{")
}

/// Returns whether `bytes` may contain the first part of a key that continues in the next run of a text.
pub fn may_have_run_parts(bytes: &[u8]) -> bool {
    has_key_start(bytes)
}

fn has_key_start(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'K', bytes).any(|at| {
        let same = bytes[at..].iter().zip(KEY_START).take_while(|(byte, wanted)| byte == wanted).count();
        if same == KEY_START.len() {
            return true;
        }
        // A word in capitals often ends in K.
        let is_word =
            bytes[..at].last().is_some_and(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let next = bytes.get(at + same);
        (same > 1 || !is_word) && next.is_none_or(|next| matches!(next, b'"' | b'\\' | b'<' | b'&' | 0..0x20))
    })
}

/// Returns whether two of the first lines look like records of the same kind.
fn has_lines(bytes: &[u8], most: usize) -> bool {
    if has_several(bytes) || recorded::is_recording(bytes) {
        return true;
    }
    let (mut at, mut known, mut printed) = (0, [0; 4], false);
    for count in 0..most {
        if at >= bytes.len() || count >= FEW_LINES && at > FIRST_BYTES {
            return false;
        }
        let end = at + line_end(&bytes[at..]);
        if !printed && printed::opens(bytes[at..end].trim_ascii_end()) {
            printed = true;
            if printed::has_names(&bytes[end..]) {
                return true;
            }
        }
        if let Some(look) = look(bytes[at..end].trim_ascii_end()) {
            let known = &mut known[look as usize];
            *known += 1;
            if *known > 1 {
                return true;
            }
        }
        at = end;
    }
    false
}

/// Returns whether the first line has several records: in an array, or as events in a string.
fn has_several(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(FIRST_BYTES)];
    let has = |word: &[u8]| memchr::memmem::find(start, word).is_some();
    match start {
        [b'[', b'{', b'"', ..] => true,
        [b'{', b'"', ..] => has(b"\"data: {\\\"") || has(b"}{\""),
        [b'{', ..] => has(b"\"data: {\\\""),
        _ => false,
    }
}

/// Returns the length of the first line with its end.
fn line_end(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1)
}

fn look(line: &[u8]) -> Option<Look> {
    let line = line.strip_prefix(b"\x1E").unwrap_or(line);
    let value = line.strip_suffix(b",").unwrap_or(line);
    match line {
        [b'{', b'"', ..] if value.ends_with(b"}") => Some(Look::Json),
        [b'[', b'0'..=b'9' | b'"', ..] if value.ends_with(b"]") => Some(Look::Json),
        [b'd', b'a', b't', b'a', b':', ..] => Some(Look::Event),
        [b'0'..=b'9' | b'a'..=b'f', b':', b'"', .., b'"'] => Some(Look::Numbered),
        _ => prefix::split(line).map(|_| Look::Prefixed),
    }
}

/// Returns whether a line was edited in a terminal. A long content is checked closely only if a sample has marks of a
/// terminal.
fn has_edits(bytes: &[u8]) -> bool {
    if bytes.len() <= COMPLETE_CHECK_BYTES {
        return is_edited(bytes);
    }
    let sample = |from: usize| &bytes[from..bytes.len().min(from + SAMPLE_BYTES)];
    let has_marks = |part: &[u8]| {
        memchr::memchr2(0x08, 0x1B, part).is_some() || memchr::memmem::find(part, b" \r").is_some()
    };
    samples(bytes).map(sample).into_iter().any(has_marks) && is_edited_at_start(bytes)
}

fn is_edited(bytes: &[u8]) -> bool {
    let edited = |at: usize| {
        let from = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
        let end = at + line_end(&bytes[at..]);
        terminal::is_edited(&bytes[from.max(at.saturating_sub(8))..end.min(at + 8)])
    };
    let wraps = |at: usize| {
        let next = bytes.get(at + 1);
        bytes[..at].ends_with(b" ") && next.is_some_and(|next| !matches!(next, b'\r' | b'\n'))
    };
    let mut marks = 0;
    memchr::memchr3_iter(0x08, 0x1B, b'\r', bytes).any(|at| {
        if bytes[at] == b'\r' {
            return wraps(at);
        }
        marks += 1;
        marks <= MAX_MARKS && edited(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_lines_tell() {
        for text in [
            "{\"a\":1}\n{\"a\":2}\n",
            "HTTP/1.1 200 OK\r\n\r\nevent: x\ndata: a\n\ndata: b\n\n",
            "a | x\na | y\n",
            "0:\"a\"\n0:\"b\"\n",
            "$ export A=x\u{8} \u{8}y\n",
            "aaa \rbbb\n",
            "[0.1, \"o\", \"x\"]\n[0.2, \"o\", \"y\"]\n",
        ] {
            assert!(may_have_records(text.as_bytes()), "{text:?}");
        }
        for text in [
            "",
            "{\n  \"a\": 1\n}\n",
            "fn main() {\n    let a = b;\n}\n",
            "{\"a\":1}\n",
            "a \r\nb \r\n",
            "\u{1b}[31mred\u{1b}[0m\n",
            "A=1\nB=2\n",
            "\0\u{8}\u{8}\n",
        ] {
            assert!(!may_have_records(text.as_bytes()), "{text:?}");
        }
        let far = format!("{}{}", "a line\n".repeat(9000), "web | a line\n".repeat(9000));
        assert!(may_have_records(far.as_bytes()));
    }
}
