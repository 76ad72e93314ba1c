//! Reader of rich text in JSON: the texts of objects that follow each other in one array are one text.
//!
//! Formats: Quill deltas (`insert`), Atlassian document format, ProseMirror, Slate, Lexical, Portable Text and blocks of
//! Slack (`text`), Notion (`plain_text`, `text.content`), Google Docs (`textRun.content`), exports of Telegram (`text` is an
//! array of strings and objects).

use super::lexer::{Lexer, Part};
use super::notebook::write;
use super::output::Output;

/// Number of bytes at the start of a content in which its marks are searched.
const SNIFFED_BYTES: usize = 16 << 10;
/// Names of members that the formats have.
const MARKS: [&[u8]; 4] = [b"\"text\"", b"\"insert\"", b"\"plain_text\"", b"\"textRun\""];
/// Texts: of most formats, and the one that Notion adds.
const TEXT: usize = 0;
const PLAIN: usize = 1;
/// Ends a text that has no lines which a wrapped key continues: the record separator of ASCII.
const BREAK: u8 = 0x1E;
/// Maximum nesting depth that is tracked.
const DEPTH: usize = 256;

/// Returns whether the content that starts with `head` may have rich text.
pub(super) fn sniff(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let start = &text[..text.len().min(SNIFFED_BYTES)];
    matches!(text.first(), Some(b'{' | b'['))
        && MARKS.iter().any(|mark| memchr::memmem::find(start, mark).is_some())
}

/// The state of the reader.
#[derive(Debug, Default)]
pub(super) struct Rich {
    lexer: Lexer,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    key: Key,
    open: Vec<Level>,
    /// Number of arrays so far.
    arrays: u64,
    /// For each text, the number of the array and the index in it of the last object that has a part.
    last: [Option<(u64, u64)>; 2],
}

/// An open object or array.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// Number of the array; 0 of an object.
    array: u64,
    /// Index of the current value in the array.
    index: u64,
    /// Name of the member whose value it is.
    key: Key,
}

/// The name of a member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Key {
    Text,
    Plain,
    /// Text if it is in an object with the name of one.
    Content,
    /// The name of an object with text.
    Run,
    #[default]
    Other,
}

impl Rich {
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Output) {
        let Self { lexer, state } = self;
        lexer.push(bytes, &mut |part| state.take(part, out));
    }
}

impl State {
    fn take(&mut self, part: Part<'_>, out: &mut Output) {
        match part {
            Part::Between(bytes) => {
                bytes.iter().for_each(|byte| self.structure(*byte));
                out.skip(bytes);
            }
            Part::Key(name) => {
                self.key = match name {
                    b"text" | b"insert" => Key::Text,
                    b"plain_text" => Key::Plain,
                    b"content" => Key::Content,
                    b"textRun" => Key::Run,
                    _ => Key::Other,
                };
                out.skip(name);
            }
            Part::Value(string) => self.value(string, out),
        }
    }

    fn structure(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' if self.open.len() < DEPTH => {
                self.arrays += u64::from(byte == b'[');
                let array = if byte == b'[' { self.arrays } else { 0 };
                self.open.push(Level { array, index: 0, key: self.key });
            }
            b'}' | b']' => {
                self.open.pop();
            }
            b',' => {
                if let Some(level) = self.open.last_mut().filter(|level| level.array > 0) {
                    level.index += 1;
                    self.key = level.key;
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, string: &[u8], out: &mut Output) {
        let outer = self.open.last().map_or(Key::Other, |level| level.key);
        let channel = match self.key {
            Key::Text => TEXT,
            Key::Plain => PLAIN,
            Key::Content if matches!(outer, Key::Text | Key::Run) => TEXT,
            _ => return out.skip(string),
        };
        let here =
            self.open.iter().rev().find(|level| level.array > 0).map(|level| (level.array, level.index));
        out.select(channel);
        let continues = here
            .zip(self.last[channel])
            .is_some_and(|((array, index), (other, last))| array == other && index == last + 1);
        if !continues {
            out.end_line();
            out.add(BREAK);
            out.add(b'\n');
        }
        self.last[channel] = here;
        write(string, out);
    }
}
