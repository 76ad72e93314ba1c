//! The texts that a reader of runs extracts from one content, with the location in the content of each byte.

use std::collections::VecDeque;

use super::lanes::Lane;
use super::text::{Place, entry};

/// Number of new bytes of text after which it is searched.
const DUE_BYTES: usize = 64 << 10;
/// Number of bytes that are decoded at a time before a reader gets them.
pub(super) const PIECE_BYTES: usize = 4 << 10;
/// Maximum number of texts of one content.
const CHANNELS: usize = 4;

/// The texts, and the current location of the reader in the content.
#[derive(Debug)]
pub(super) struct Output {
    lanes: [Lane; CHANNELS],
    /// Index of the text to which bytes are added.
    channel: usize,
    /// Location of the next byte of the content.
    cursor: Place,
    /// Locations of bytes that were decoded before the reader gets them.
    origins: VecDeque<Origin>,
    /// Whether the reader gets decoded bytes, which have origins.
    translated: bool,
    /// Offset after the last byte that was added from an origin.
    after: u64,
}

/// The location of a decoded byte, and the number of content bytes that encode it.
#[derive(Debug, Clone, Copy)]
struct Origin {
    place: Place,
    length: usize,
}

/// The size of a character in the content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Its length in bytes.
    pub(super) bytes: usize,
    /// Its length in characters of the content.
    pub(super) columns: u64,
    /// Whether it ends a line of the content.
    pub(super) ends_line: bool,
}

impl Size {
    /// Returns the size of an escape sequence of `bytes` ASCII characters.
    pub(super) fn of_escape(bytes: usize) -> Self {
        Self { bytes, columns: bytes as u64, ends_line: false }
    }
}

impl Default for Output {
    fn default() -> Self {
        let lane = || {
            let mut lane = Lane::default();
            (lane.lines, lane.crossing) = (true, true);
            lane
        };
        Self {
            lanes: std::array::from_fn(|_| lane()),
            channel: 0,
            cursor: Place { offset: 0, line: 1, column: 1 },
            origins: VecDeque::new(),
            translated: false,
            after: u64::MAX,
        }
    }
}

impl Output {
    /// Calls `search` with each text of which enough is new; with `all`, with each text.
    pub(super) fn each_lane(&mut self, all: bool, mut search: impl FnMut(&mut Lane)) {
        for lane in &mut self.lanes {
            let length = lane.text.bytes().len();
            if all && length > 0 || length >= lane.searched + DUE_BYTES {
                search(lane);
                lane.crossing = true;
            }
        }
    }

    /// Adds all following bytes to the text with the index `channel`, below 4.
    pub(super) fn select(&mut self, channel: usize) {
        self.channel = channel.min(CHANNELS - 1);
    }

    fn lane(&mut self) -> &mut Lane {
        &mut self.lanes[self.channel]
    }

    /// Skips bytes that are not text.
    pub(super) fn skip(&mut self, bytes: &[u8]) {
        if self.translated {
            self.origins.drain(..bytes.len().min(self.origins.len()));
        } else {
            self.advance(bytes);
        }
    }

    fn advance(&mut self, bytes: &[u8]) {
        self.cursor.offset += bytes.len() as u64;
        // Most runs are a few bytes of a tag.
        if let [byte] = bytes
            && *byte != b'\n'
        {
            self.cursor.column += u64::from(byte & 0xC0 != 0x80);
            return;
        }
        let last = memchr::memrchr(b'\n', bytes);
        if last.is_some() {
            self.cursor.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
            self.cursor.column = 1;
        }
        let rest = &bytes[last.map_or(0, |at| at + 1)..];
        self.cursor.column += rest.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u64;
    }

    /// Adds bytes that are text as they are.
    pub(super) fn copy(&mut self, bytes: &[u8]) {
        if self.translated {
            for &byte in bytes {
                let Some(origin) = self.origins.pop_front() else { return };
                self.push(&[byte], origin);
            }
            return;
        }
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let place = self.cursor;
            let lane = self.lane();
            lane.text.start(place);
            lane.text.extend(line, place.offset);
            self.advance(line);
        }
    }

    /// Adds the character `text`, which the bytes `raw` encode.
    pub(super) fn decode(&mut self, raw: &[u8], text: char) {
        let mut buffer = [0; 4];
        let bytes = text.encode_utf8(&mut buffer).as_bytes();
        let place = self.place();
        let last = if self.translated { self.origins.get(raw.len().saturating_sub(1)) } else { None };
        let end = last.map_or(place.offset + raw.len() as u64, |last| last.place.offset + last.length as u64);
        self.push(bytes, Origin { place, length: end.saturating_sub(place.offset) as usize });
        self.skip(raw);
    }

    fn push(&mut self, bytes: &[u8], origin: Origin) {
        let Origin { place, length } = origin;
        let continues = self.after == place.offset && length == 1;
        self.after = if length == 1 && bytes != b"\n" { place.offset + 1 } else { u64::MAX };
        let lane = &mut self.lanes[self.channel];
        if !continues {
            lane.text.start(place);
        }
        for &byte in bytes {
            lane.text.push(byte, entry(place.offset, length));
        }
    }

    /// Adds a byte that is not encoded in the content.
    pub(super) fn add(&mut self, byte: u8) {
        let place = self.place();
        self.after = u64::MAX;
        let lane = self.lane();
        lane.text.start(place);
        lane.text.push(byte, entry(place.offset, 0));
    }

    /// Ends the line of the current text, if it has text.
    pub(super) fn end_line(&mut self) {
        if self.last().is_some_and(|last| last != b'\n') {
            self.add(b'\n');
        }
    }

    /// Ends the lines of the texts with the indices `channels`.
    pub(super) fn end_lines(&mut self, channels: std::ops::Range<usize>) {
        let current = self.channel;
        for channel in channels {
            self.select(channel);
            self.end_line();
        }
        self.channel = current;
    }

    /// Returns the last byte of the current text.
    pub(super) fn last(&self) -> Option<u8> {
        self.lanes[self.channel].text.bytes().last().copied()
    }

    /// Removes the last byte of the current text.
    pub(super) fn remove_last(&mut self) {
        let lane = self.lane();
        lane.text.bytes.pop();
        lane.text.map.pop();
        lane.searched = lane.searched.min(lane.text.bytes.len());
    }

    /// Joins the string literals in the last line of the current text that `&` joins: `"a"&"b"`.
    pub(super) fn join_literals(&mut self) {
        let lane = self.lane();
        let text = &mut lane.text;
        let from = memchr::memrchr(b'\n', &text.bytes).map_or(0, |at| at + 1);
        let (mut to, mut at) = (from, from);
        while at < text.bytes.len() {
            if let Some(length) = operator(&text.bytes[at..]) {
                at += length;
                continue;
            }
            text.bytes[to] = text.bytes[at];
            text.map[to] = text.map[at];
            (to, at) = (to + 1, at + 1);
        }
        text.bytes.truncate(to);
        text.map.truncate(to);
        lane.searched = lane.searched.min(from);
    }

    /// Returns the location of the next byte.
    fn place(&self) -> Place {
        self.origins.front().map_or(self.cursor, |origin| origin.place)
    }

    /// From now on, the reader gets bytes that are decoded before, with `true`; or the bytes of the content.
    pub(super) fn translate(&mut self, translated: bool) {
        self.translated = translated;
        self.origins.clear();
        self.after = u64::MAX;
    }

    /// From now on, the reader gets bytes that are decoded before, if it does not yet.
    pub(super) fn translate_on(&mut self) {
        if !self.translated {
            self.translate(true);
        }
    }

    /// Adds the origin of a decoded character, which has this size in the content.
    pub(super) fn feed(&mut self, decoded: &[u8], size: Size) {
        let origin = Origin { place: self.cursor, length: size.bytes };
        self.origins.extend(std::iter::repeat_n(origin, decoded.len()));
        self.cursor.offset += size.bytes as u64;
        if size.ends_line {
            (self.cursor.line, self.cursor.column) = (self.cursor.line + 1, 1);
        } else {
            self.cursor.column += size.columns;
        }
    }

    /// Adds the origins of bytes that are not encoded.
    pub(super) fn feed_plain(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let columns = u64::from(byte & 0xC0 != 0x80);
            self.feed(&[byte], Size { bytes: 1, columns, ends_line: byte == b'\n' });
        }
    }
}

/// Returns the length of `"&"` at the start of `bytes`, perhaps with blanks around the `&`.
fn operator(bytes: &[u8]) -> Option<usize> {
    let inner = bytes.strip_prefix(b"\"")?.trim_ascii_start().strip_prefix(b"&")?;
    let rest = inner.trim_ascii_start().strip_prefix(b"\"")?;
    Some(bytes.len() - rest.len())
}
