//! Adds the pieces of a record to the texts of its streams: a string of JSON, a line, output of a terminal.

use super::terminal::{self, Terminal};
use super::text::{Place, entry};
use super::{Joiner, json};

impl Joiner {
    /// Adds the JSON string in `range` of `line`, without quotation marks, to a stream.
    pub(super) fn string(
        &mut self,
        stream: u64,
        line: &[u8],
        range: std::ops::Range<usize>,
        screen: Option<Terminal>,
    ) {
        let bytes = &line[range.clone()];
        if bytes.is_empty() {
            return;
        }
        let place = self.place(line, range.start);
        let lane = self.lanes.get(stream, self.line);
        let boundary = lane.text.bytes.last().copied();
        let old = lane.text.bytes.len();
        lane.text.start(place);
        if let Some(screen) = screen {
            let mut terminal = lane.terminal.take().unwrap_or(screen);
            lane.crossing = true;
            json::unescape(bytes, |part, at, length| {
                for (index, &byte) in part.iter().enumerate() {
                    let at = place.offset + at as u64;
                    let raw =
                        if part.len() == length { entry(at + index as u64, 1) } else { entry(at, length) };
                    terminal.write(&mut lane.text, byte, raw);
                }
            });
            lane.terminal = Some(terminal);
        } else {
            json::unescape(bytes, |part, at, length| {
                let at = place.offset + at as u64;
                if part.len() == length {
                    lane.text.extend(part, at);
                } else {
                    part.iter().for_each(|&byte| lane.text.push(byte, entry(at, length)));
                }
            });
            let first = lane.text.bytes.get(old);
            lane.crossing |= boundary.is_some_and(|last| !last.is_ascii_whitespace())
                && first.is_some_and(|first| !first.is_ascii_whitespace());
        }
        self.lanes.added(stream);
    }

    /// Adds the text in `range` of `line` to a stream: with a line end if `ends`, as terminal output if `screen`.
    pub(super) fn text(
        &mut self,
        stream: u64,
        line: &[u8],
        range: std::ops::Range<usize>,
        (ends, screen): (bool, bool),
    ) {
        let place = self.place(line, range.start);
        let end = self.offset + range.end as u64;
        let bytes = &line[range];
        let lane = self.lanes.get(stream, self.line);
        lane.crossing |= screen || !lane.text.bytes.is_empty();
        lane.lines |= ends && !screen;
        lane.text.start(place);
        if screen {
            let mut terminal = lane.terminal.take().unwrap_or_default();
            terminal::write_all(&mut terminal, &mut lane.text, bytes, place.offset);
            terminal.write(&mut lane.text, b'\n', entry(end, 1));
            lane.terminal = Some(terminal);
        } else {
            lane.text.extend(bytes, place.offset);
            if ends {
                lane.text.push(b'\n', entry(end, 1));
            }
        }
        self.lanes.added(stream);
    }

    /// Returns the location of the byte of `line` at `at`.
    pub(super) fn place(&self, line: &[u8], at: usize) -> Place {
        // A printed record has several lines.
        let start = memchr::memrchr(b'\n', &line[..at]).map_or(0, |newline| newline + 1);
        let lines = if start > 0 { memchr::memchr_iter(b'\n', &line[..start]).count() as u64 } else { 0 };
        let characters = line[start..at].iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u64;
        Place { offset: self.offset + at as u64, line: self.line + lines + 1, column: characters + 1 }
    }
}
