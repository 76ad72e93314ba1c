//! Records inside the strings of a record: events or JSON values in the messages of a container log, or in a recorded
//! answer of a server.

use super::json::{self, Record};
use super::text::{Text, entry};
use super::{Joiner, mix};
use std::ops::Range;

/// Number of bytes at the start of a string that are checked for a record.
const CHECKED_BYTES: usize = 8;

/// Base64 of the start of a record and of events.
const BASE64_STARTS: [&[u8]; 3] = [b"eyJ", b"ZGF0YTog", b"ZXZlbnQ6"];

/// Returns whether the JSON string `bytes` may contain records.
pub(super) fn may_have_records(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(CHECKED_BYTES)];
    let is_json = start.starts_with(b"{\\\"") || start.starts_with(b"[{\\\"");
    let is_event = start.starts_with(b"data:") || start.starts_with(b"event:");
    is_json || is_event || is_base64(start)
}

/// Returns whether a string is base64 of a record or of events.
pub(super) fn is_base64(bytes: &[u8]) -> bool {
    BASE64_STARTS.iter().any(|start| bytes.starts_with(start))
}

/// Decodes a JSON string at `offset` of the content.
fn unescaped(bytes: &[u8], offset: u64) -> Text {
    let mut text = Text::default();
    json::unescape(bytes, |part, at, length| {
        let at = offset + at as u64;
        if part.len() == length {
            text.extend(part, at);
        } else {
            part.iter().for_each(|&byte| text.push(byte, entry(at, length)));
        }
    });
    text
}

/// Decodes base64 at `offset` of the content. Each byte has the range of the two characters that encode it.
fn base64(bytes: &[u8], offset: u64) -> Text {
    let mut text = Text::default();
    let sextet = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    for (group, characters) in bytes.chunks(4).enumerate() {
        for (number, pair) in characters.windows(2).enumerate() {
            let (Some(high), Some(low)) = (sextet(pair[0]), sextet(pair[1])) else { return text };
            let both = u16::from(high) << 6 | u16::from(low);
            let at = offset + (4 * group + number) as u64;
            text.push((both >> (4 - 2 * number)) as u8, entry(at, 2));
        }
    }
    text
}

/// A decoded string, and the offset in it at which a record starts.
#[derive(Clone, Copy)]
struct Decoded<'t> {
    text: &'t Text,
    from: usize,
}

impl Joiner {
    /// Adds the strings of the records in a JSON string, the `range` of `line`, to streams of their own.
    pub(super) fn nested(&mut self, stream: u64, line: &[u8], range: Range<usize>) {
        let offset = self.offset + range.start as u64;
        let bytes = &line[range];
        let text = if is_base64(bytes) { base64(bytes, offset) } else { unescaped(bytes, offset) };
        self.nested_text(stream, line, &text);
    }

    /// Adds the strings of the records in `text`, which was decoded from `line`, to streams of their own.
    pub(super) fn nested_text(&mut self, stream: u64, line: &[u8], text: &Text) {
        let mut record = Record::default();
        let mut start = 0;
        for part in text.bytes().split_inclusive(|&byte| byte == b'\n') {
            let skipped =
                if part.starts_with(b"data: ") { 6 } else { 5 * usize::from(part.starts_with(b"data:")) };
            let value = part[skipped..].trim_ascii_end();
            let from = start + skipped;
            start += part.len();
            if matches!(value.first(), Some(b'{' | b'[')) && record.read(value) {
                self.identify(value, &mut record);
                self.nested_strings(mix(stream, b"nested"), line, Decoded { text, from }, &record);
            }
        }
    }

    /// Adds the strings of a record that starts at an offset of `text`, a decoded string of `line`.
    fn nested_strings(&mut self, stream: u64, line: &[u8], decoded: Decoded<'_>, record: &Record) {
        let Decoded { text, from } = decoded;
        for leaf in record.texts() {
            let range = from + leaf.range.start..from + leaf.range.end;
            if range.is_empty() {
                continue;
            }
            let raw = |at: usize, length: usize| {
                let (first, last) = (text.raw(range.start + at), text.raw(range.start + at + length - 1));
                entry(first.start, last.end.saturating_sub(first.start) as usize)
            };
            let place = self.place(line, (text.raw(range.start).start - self.offset) as usize);
            let stream = mix(mix(stream, &leaf.path.to_le_bytes()), &record.identity(leaf).to_le_bytes());
            let lane = self.lanes.get(stream, self.line);
            lane.crossing |= !lane.text.bytes.is_empty();
            lane.text.start(place);
            json::unescape(&text.bytes()[range.clone()], |part, at, length| {
                for (index, &byte) in part.iter().enumerate() {
                    let plain = part.len() == length;
                    let entry = if plain { raw(at + index, 1) } else { raw(at, length) };
                    lane.text.push(byte, entry);
                }
            });
            self.lanes.added(stream);
        }
    }
}
