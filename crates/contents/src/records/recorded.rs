//! Recorded answers of servers: events in a string of a printed JSON document (HAR, cassettes of VCR), in a quoted string of
//! YAML, or in an indented block of YAML. Each answer is a stream of its own.

use super::text::{Text, entry};
use super::{Joiner, json, mix, nested};

/// Maximum length of a quoted string over several lines, in bytes.
const LONGEST_STRING: usize = 128 << 10;
/// Maximum length of the name before a string, in bytes.
const LONGEST_NAME: usize = 64;
/// Number of bytes at the start of a content that show its format.
const SNIFFED_BYTES: usize = 160;
/// Hash of the streams of recorded answers.
const STREAM: u64 = 15;

/// The current answer.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// Number of the line at which it starts.
    line: u64,
    /// Number of blanks before its lines; 0 if there is no answer.
    indent: usize,
    /// Whether the content is a recording: indented events are parts of an answer.
    pub(super) is_recording: bool,
    /// A quoted string that has not ended, from the line with its start.
    pub(super) quoted: Option<Quoted>,
}

/// A quoted string of YAML over several lines.
#[derive(Debug)]
pub(super) struct Quoted {
    bytes: Vec<u8>,
    /// Offset and number of its first line.
    pub(super) offset: u64,
    line: u64,
    /// Offset of its first character in that line.
    from: usize,
    mark: u8,
}

/// Returns whether content that starts with `head` is a recording of answers of servers.
pub(super) fn is_recording(head: &[u8]) -> bool {
    let start = &head[..head.len().min(SNIFFED_BYTES)];
    match start.first() {
        Some(b'{') => [&b"\"log\""[..], b"interactions\""].iter().any(|name| has(start, name)),
        Some(b'-' | b'h' | b'i' | b'v') => has(start, b"interactions:\n") || has(start, b"interactions:\r\n"),
        _ => false,
    }
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(bytes, word).is_some()
}

impl Joiner {
    /// Reads a line that may be a part of a recorded answer. Returns whether it is an event of one.
    pub(super) fn recorded(&mut self, line: &[u8]) -> bool {
        if self.recorded.quoted.is_some() {
            self.continue_quoted(line);
            return true;
        }
        // An item of a list starts with a dash.
        let indent = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'-')).count();
        let text = &line[indent..];
        if indent == 0 || text.is_empty() {
            return false;
        }
        let is_event = text.starts_with(b"data: {") || text.starts_with(b"data: [{");
        if is_event && self.recorded.is_recording {
            if self.recorded.indent == 0 {
                (self.recorded.line, self.recorded.indent) = (self.line, indent);
            }
            return self.values(line, indent + 6, self.answer());
        }
        if indent < self.recorded.indent {
            self.recorded.indent = 0;
        }
        let Some(colon) = memchr::memchr(b':', &text[..text.len().min(LONGEST_NAME)]) else { return false };
        if let [b' ', mark @ (b'"' | b'\''), rest @ ..] = &text[colon + 1..]
            && nested::may_have_records(rest)
        {
            self.answer_in_string(line, indent + colon + 3, *mark);
        }
        false
    }

    /// Returns the hash of the stream of the current answer.
    fn answer(&self) -> u64 {
        mix(STREAM, &self.recorded.line.to_le_bytes())
    }

    /// Reads an answer in a string with quotation marks `mark`, which starts at `from` of `line`.
    fn answer_in_string(&mut self, line: &[u8], from: usize, mark: u8) {
        self.recorded.line = self.line;
        if let Some(length) = string_end(&line[from..], mark) {
            return self.answer_of(line, from..from + length, mark);
        }
        let (bytes, offset, number) = (line.to_vec(), self.offset, self.line);
        self.recorded.quoted = Some(Quoted { bytes, offset, line: number, from, mark });
    }

    fn continue_quoted(&mut self, line: &[u8]) {
        let Some(mut quoted) = self.recorded.quoted.take() else { return };
        let at = (self.offset - quoted.offset) as usize;
        if at + line.len() > LONGEST_STRING {
            return;
        }
        quoted.bytes.resize((at - 1).max(quoted.bytes.len()), b' ');
        quoted.bytes.resize(at, b'\n');
        quoted.bytes.extend_from_slice(line);
        match string_end(line, quoted.mark) {
            None => self.recorded.quoted = Some(quoted),
            Some(length) => {
                let now = (self.offset, self.line);
                (self.offset, self.line) = (quoted.offset, quoted.line);
                self.answer_of(&quoted.bytes, quoted.from..at + length, quoted.mark);
                (self.offset, self.line) = now;
            }
        }
    }

    fn answer_of(&mut self, line: &[u8], range: std::ops::Range<usize>, mark: u8) {
        let (bytes, offset) = (&line[range.clone()], self.offset + range.start as u64);
        if nested::is_base64(bytes) {
            return self.nested(self.answer(), line, range);
        }
        self.nested_text(self.answer(), line, &decode(bytes, offset, mark));
    }
}

/// Returns the offset of the quotation mark that ends the string in `bytes`.
pub(super) fn string_end(bytes: &[u8], mark: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if mark == b'"' => at += 1,
            _ if byte != mark => {}
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 1,
            _ => return Some(at),
        }
        at += 1;
    }
    None
}

/// Decodes a string of YAML: a line end is a blank, further line ends are themselves, and a backslash removes a line end.
/// Other escapes are those of JSON. The string is at `offset` of the content.
fn decode(bytes: &[u8], offset: u64, mark: u8) -> Text {
    let mut text = Text::default();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let is_escape = byte == b'\\' && mark == b'"';
        let from = at + usize::from(is_escape);
        if is_escape && bytes.get(from) == Some(&b'\n') || byte == b'\n' {
            let mut newlines = 0;
            at = from;
            while let Some(blank @ (b' ' | b'\t' | b'\n')) = bytes.get(at) {
                newlines += usize::from(*blank == b'\n');
                at += 1;
            }
            let place = entry(offset + start as u64, 1);
            if newlines > 1 {
                (1..newlines).for_each(|_| text.push(b'\n', place));
            } else if !is_escape {
                text.push(b' ', place);
            }
        } else if is_escape {
            let (character, length) = json::escape(&bytes[at..]);
            at += length;
            let mut buffer = [0; 4];
            let place = entry(offset + start as u64, length);
            character.encode_utf8(&mut buffer).bytes().for_each(|byte| text.push(byte, place));
        } else {
            at += 1 + usize::from(byte == b'\'' && mark == b'\'');
            text.push(byte, entry(offset + start as u64, at - start));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_yaml() {
        for (raw, mark, want) in [
            ("a b", b'"', "a b"),
            ("a\n  b\n\n  c", b'\'', "a b\nc"),
            ("it''s", b'\'', "it's"),
            ("a\\\n   \\ b\\n\\u0041\\\"", b'"', "a b\nA\""),
            ("a\n\n\n  b", b'"', "a\n\nb"),
        ] {
            let text = decode(raw.as_bytes(), 0, mark);
            assert_eq!(String::from_utf8_lossy(text.bytes()), want, "{raw:?}");
        }
        assert_eq!(string_end(b"a\\\"b\" c", b'"'), Some(4));
        assert_eq!(string_end(b"a''b' c", b'\''), Some(4));
        assert_eq!(string_end(b"a", b'\''), None);
    }

    #[test]
    fn recordings_are_recognised_by_their_start() {
        for start in [
            "{\n  \"log\": {\n",
            "{\"http_interactions\":[",
            "interactions:\n- request:\n",
            "---\nhttp_interactions:\n",
            "version: 1\ninteractions:\n",
        ] {
            assert!(is_recording(start.as_bytes()), "{start:?}");
        }
        for start in ["", "{\"a\":1}", "# interactions\n", "services:\n  a:\n"] {
            assert!(!is_recording(start.as_bytes()), "{start:?}");
        }
    }
}
