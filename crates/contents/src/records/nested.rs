//! Records inside the strings of a record: events or JSON values in the messages of a container log, or in a recorded
//! answer of a server.

use super::json::{self, Record};
use super::text::{Text, entry};
use super::{Joiner, mix};
use std::ops::Range;

/// Number of bytes at the start of a string that are checked for a record.
const CHECKED_BYTES: usize = 8;

/// Returns whether the JSON string `bytes` may contain records.
pub(super) fn may_have_records(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(CHECKED_BYTES)];
    let is_json = start.starts_with(b"{\\\"") || start.starts_with(b"[{\\\"");
    is_json || start.starts_with(b"data:") || start.starts_with(b"event:")
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
        let mut text = Text::default();
        let offset = self.offset + range.start as u64;
        json::unescape(&line[range], |part, at, length| {
            let at = offset + at as u64;
            if part.len() == length {
                text.extend(part, at);
            } else {
                part.iter().for_each(|&byte| text.push(byte, entry(at, length)));
            }
        });
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
                self.nested_strings(mix(stream, b"nested"), line, Decoded { text: &text, from }, &record);
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
