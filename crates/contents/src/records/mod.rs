//! Records that are pieces of one text: lines of a container log, server-sent events, JSON lines of a model response,
//! terminal recordings, lines with a name or a timestamp before the text.
//!
//! A [`Joiner`] reads content as it arrives, detects the format of each record separately and joins the texts of one
//! stream. Each byte of a joined text has its location in the content. Records of different streams are never joined.
//! The module does not scan, and its memory is bounded.
//!
//! Formats: Docker's json-file driver (`log`, `stream`), the Kubernetes CRI log format (`P` and `F`), server-sent events
//! (WHATWG HTML 9.2), asciicast v1 to v3, ttyrec, AWS event streams, HAR and VCR, RFC 3164 and RFC 5424 syslog.

mod casts;
mod elements;
mod entities;
mod escaped;
mod flowed;
mod identity;
mod json;
mod lanes;
mod latex;
mod lexer;
mod markup;
mod messages;
mod nested;
mod notebook;
mod output;
mod pieces;
mod prefix;
mod printed;
mod recorded;
mod rich;
mod rows;
mod rtf;
mod runs;
mod sniff;
mod terminal;
mod text;
mod unfinished;
mod wide;
mod wrapped;

pub use escaped::Escapes;
pub use lanes::Lane;
pub use markup::Dialect;
pub use runs::{Format, RunReader, sniff as sniff_runs, sniff_inside};
pub use sniff::{
    has_record_lines, is_edited_at_start, may_have_key_parts, may_have_records, may_have_run_parts,
    was_edited,
};
pub use text::{Place, Text};

use identity::{Ids, Name, mix};
use json::Record;
use lanes::Lanes;
use prefix::Prefix;
use terminal::Terminal;
use text::entry;
use wrapped::Wraps;

/// Maximum length of a line that can be a record, in bytes.
const LONGEST_LINE: usize = 4 << 20;
/// Number of records from which repeating ids are learned in advance.
const LEARNED_RECORDS: usize = 64;
/// Hashes of streams without a name: edited lines of a terminal, events of plain text, numbered strings.
const SCREEN: u64 = 11;
const EVENTS: u64 = 12;
const NUMBERED: u64 = 13;
/// Maximum length of the words before a record at the end of a line, in bytes.
const LONGEST_WORDS: usize = 128;
/// Name of the text in a record of Docker's json-file driver.
const LOG: &[u8] = b"log";

/// Joins the texts of the streams of one content.
#[derive(Debug, Default)]
pub struct Joiner {
    /// The start of a line that has not ended.
    rest: Vec<u8>,
    /// Whether the line is too long for a record.
    overlong: bool,
    /// Offset of the line in the content.
    offset: u64,
    /// Number of the line, 0-based.
    line: u64,
    lanes: Lanes,
    record: Record,
    ids: Ids,
    wraps: Wraps,
    printed: printed::Printed,
    recorded: recorded::Recorded,
    output: casts::Output,
    /// Format of the messages, in binary content.
    messages: Option<messages::Kind>,
    /// Offset up to which ids were learned in advance.
    learned: u64,
    /// Hash of the name of the current event.
    event: u64,
    /// Whether the current event already has data.
    has_data: bool,
}

impl Joiner {
    /// Learns from the records in `head`, the start of the content, which ids identify a stream.
    pub fn learn(&mut self, head: &[u8]) {
        self.messages = messages::sniff(head);
        self.recorded.is_recording = recorded::is_recording(head);
        let mut at = 0;
        for line in head.split_inclusive(|&byte| byte == b'\n').take(4 * LEARNED_RECORDS) {
            let whole = line.ends_with(b"\n");
            at += line.len() as u64;
            if !whole {
                break;
            }
            let start = memchr::memchr(b'{', &line[..line.len().min(256)]).unwrap_or(0);
            if self.record.read(line[start..].trim_ascii_end()) {
                self.note_ids(&line[start..]);
            }
            self.learned = at;
        }
    }

    fn note_ids(&mut self, line: &[u8]) {
        for leaf in self.record.leaves.iter().filter(|leaf| leaf.name == Name::Id) {
            self.ids.note(leaf.path, mix(0, &line[leaf.range.clone()]));
        }
    }

    /// Reads the next bytes of the content.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if let Some(kind) = self.messages {
            return self.push_messages(kind, bytes);
        }
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, next) = (&bytes[..end], &bytes[end + 1..]);
            let (length, overlong) = (self.rest.len() + line.len(), self.overlong);
            if self.rest.is_empty() && !self.overlong {
                self.read(line);
            } else {
                self.keep(line);
                self.end_line();
            }
            self.offset += if overlong { line.len() } else { length } as u64 + 1;
            self.line += 1;
            bytes = next;
        }
        self.keep(bytes);
    }

    /// Reads the last line if the content does not end with a line end.
    pub fn finish(&mut self) {
        self.end_line();
    }

    /// Calls `search` with each stream that has enough new text; with `all`, with every stream.
    pub fn each_lane(&mut self, all: bool, search: impl FnMut(&mut Lane)) {
        self.lanes.each(all, search);
    }

    /// Returns the offset in the content of the line or the printed record that has not ended.
    pub fn line_start(&self) -> u64 {
        let printed = Some(self.printed.offset).filter(|_| !self.printed.bytes.is_empty());
        let quoted = self.recorded.quoted.as_ref().map(|quoted| quoted.offset);
        printed.into_iter().chain(quoted).min().unwrap_or(self.offset)
    }

    fn keep(&mut self, part: &[u8]) {
        if self.overlong || self.rest.len() + part.len() > LONGEST_LINE {
            self.overlong = true;
            self.offset += (self.rest.len() + part.len()) as u64;
            self.rest.clear();
        } else {
            self.rest.extend_from_slice(part);
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.rest);
        if !std::mem::take(&mut self.overlong) && !line.is_empty() {
            self.read(&line);
        }
        self.rest = line;
        self.rest.clear();
    }

    /// Reads one line without its end.
    fn read(&mut self, line: &[u8]) {
        // Binary data and wide text have no records.
        if memchr::memchr(0, line).is_some() {
            return;
        }
        let edited = terminal::is_edited(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.over_lines(line) {
            return;
        }
        match line.first() {
            None => (self.event, self.has_data) = (0, false),
            Some(b'{' | b'[') if self.values(line, 0, 0) => {}
            // RFC 7464: a record separator is before each value.
            Some(0x1E) if self.values(line, 1, 0) => {}
            Some(b'd') if line.starts_with(b"data:") => self.data(line),
            Some(b'e') if line.starts_with(b"event:") => self.event = mix(EVENTS, &line[6..]),
            Some(b'0'..=b'9' | b'a'..=b'f')
                if matches!(line, [_, b':', b'"', .., b'"']) && line.len() > 4 =>
            {
                self.string(mix(NUMBERED, &line[..1]), line, 3..line.len() - 1, None);
            }
            _ => {
                match prefix::split(line) {
                    Some(prefix) => {
                        self.prefixed(line, prefix);
                        // Such records say themselves which of them belong together.
                        if prefix.marked {
                            return;
                        }
                    }
                    None if edited => self.text(SCREEN, line, 0..line.len(), (true, true)),
                    None if line.ends_with(b"}") => self.value_after_words(line, 0, 0),
                    None => {}
                }
                self.continued(line);
            }
        }
    }

    /// Adds a line to the texts that it continues, and starts those that may continue in a later line.
    fn continued(&mut self, line: &[u8]) {
        let mut wraps = std::mem::take(&mut self.wraps);
        wraps.read(line, |stream, text| self.text(stream, line, text..line.len(), (true, false)));
        self.wraps = wraps;
    }

    /// Reads a data line of a server-sent event.
    fn data(&mut self, line: &[u8]) {
        let start = if line.get(5) == Some(&b' ') { 6 } else { 5 };
        let stream = mix(self.event, b"data");
        if matches!(line.get(start), Some(b'{' | b'[')) && self.values(line, start, stream) {
            return;
        }
        if start < line.len() && &line[start..] != b"[DONE]" {
            if std::mem::replace(&mut self.has_data, true) {
                let lane = self.lanes.get(stream, self.line);
                lane.text.push(b'\n', entry(self.offset, 0));
            }
            self.text(stream, line, start..line.len(), (false, false));
        }
    }

    /// Reads a line with a prefix before its text.
    fn prefixed(&mut self, line: &[u8], prefix: Prefix) {
        let Prefix { stream, text, partial, .. } = prefix;
        self.text(stream, line, text..line.len(), (!partial, false));
        if partial {
            self.lanes.get(stream, self.line).explicit = true;
        }
        let from = text + usize::from(line[text..].starts_with(b"data: ")) * 6;
        if matches!(line.get(from), Some(b'{' | b'[')) {
            self.values(line, from, stream);
        } else if line.ends_with(b"}") {
            self.value_after_words(line, from, stream);
        }
    }

    /// Reads the JSON record at the end of a line, after words that start at `from`. The words are a part of the name of the
    /// stream.
    fn value_after_words(&mut self, line: &[u8], from: usize, stream: u64) {
        let words = &line[from..line.len().min(from + LONGEST_WORDS)];
        if let Some(length) = memchr::memmem::find(words, b"{\"") {
            self.values(line, from + length, mix(stream, &words[..length]));
        }
    }

    /// Reads the JSON record in `line` from `start`; `stream` is the hash of the stream of the enclosing line. Returns
    /// whether there is a record.
    fn values(&mut self, line: &[u8], start: usize, stream: u64) -> bool {
        let mut record = std::mem::take(&mut self.record);
        let mut at = start;
        while let Some(length) = record.read_first(&line[at..]) {
            self.strings(line, at..at + length, stream, &mut record);
            at += length;
            if line.get(at) != Some(&b'{') {
                break;
            }
        }
        self.record = record;
        at > start
    }

    fn strings(&mut self, line: &[u8], range: std::ops::Range<usize>, stream: u64, record: &mut Record) {
        let (start, value) = (range.start, &line[range]);
        if let Some((kind, leaf)) = record.terminal_event(value) {
            if matches!(kind, b'o' | b'i') {
                let range = start + leaf.range.start..start + leaf.range.end;
                self.string(mix(stream, &[kind]), line, range, Some(Terminal::default()));
            }
            return;
        }
        self.identify(value, record);
        for leaf in record.texts() {
            let sequence = record
                .sequence(leaf)
                .map(|sequence| mix(mix(stream, &leaf.path.to_le_bytes()), &sequence.to_le_bytes()));
            let stream = mix(mix(stream, &leaf.path.to_le_bytes()), &record.identity(leaf).to_le_bytes());
            let range = start + leaf.range.start..start + leaf.range.end;
            self.string(stream, line, range.clone(), None);
            if let Some(sequence) = sequence {
                self.string(sequence, line, range.clone(), None);
            }
            if nested::may_have_records(&line[range.clone()]) {
                self.nested(sequence.unwrap_or(stream), line, range);
            }
            if leaf.path == json::member(LOG) {
                self.lanes.get(stream, self.line).explicit = true;
            }
        }
    }

    /// Adds the values that identify streams to the identities of `record`, which was read from `value`.
    fn identify(&mut self, value: &[u8], record: &mut Record) {
        for index in 0..record.leaves.len() {
            let leaf = &record.leaves[index];
            let hash = mix(0, &value[leaf.range.clone()]);
            if leaf.name == Name::Id && self.offset >= self.learned {
                self.ids.note(leaf.path, hash);
            }
            if leaf.name == Name::Stream || leaf.name == Name::Id && !self.ids.is_unique(leaf.path) {
                record.identify(index, hash);
            }
        }
    }
}

#[cfg(test)]
mod tests;
