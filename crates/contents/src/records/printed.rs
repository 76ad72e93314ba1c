//! JSON records that are printed over several lines: the objects of an array or a sequence, as a program that prints with
//! indentation writes them. An object ends at the line with the indentation of its first line.
//!
//! Most printed JSON is not pieces of a text. Only objects with the names that pieces have are read, and after a few
//! others none is.

use super::Joiner;

/// Maximum length of a printed object in bytes.
const LONGEST_OBJECT: usize = 32 << 10;
/// Number of other objects after which no more are read.
const MOST_OTHERS: u32 = 4;
/// Number of bytes of an object in which names are searched.
const NAMED_BYTES: usize = 2 << 10;
/// Names of members that contain a piece of a text, in the APIs of language models.
const NAMES: [&[u8]; 16] = [
    b"delta\"",
    b"choices\"",
    b"candidates\"",
    b"content\"",
    b"text\"",
    b"token\"",
    b"chunk\"",
    b"completion\"",
    b"response\"",
    b"generation\"",
    b"generated_text\"",
    b"message\"",
    b"output\"",
    b"bytes\"",
    b"data\"",
    b"line\"",
];
/// Marks of rich text, whose paragraphs are objects and not pieces of one text; `rich` reads it. No API of a language model
/// has them in pieces of an answer.
const RICH_TEXT: [&[u8]; 3] = [b"\"type\": \"text\"", b"\"textRun\": {", b"\"children\": ["];
/// Hash of the stream of printed objects.
const STREAM: u64 = 14;

/// An object whose last line was not read yet.
#[derive(Debug, Default)]
pub(super) struct Printed {
    /// The lines so far; empty if no object is open.
    pub(super) bytes: Vec<u8>,
    /// Offset and number of its first line.
    pub(super) offset: u64,
    line: u64,
    /// Offset of its opening brace in its first line.
    from: usize,
    /// Number of blanks before it.
    indent: usize,
    /// Number of objects without the names of pieces since the last one with them.
    others: u32,
}

impl Joiner {
    /// Reads a line that may be a part of a record over several lines. Returns whether it is nothing else: a member of a
    /// printed object, or an event of a recorded answer.
    pub(super) fn over_lines(&mut self, line: &[u8]) -> bool {
        self.printed(line);
        let is_event = self.recorded(line);
        self.cast(line);
        is_event || !self.printed.bytes.is_empty() && line.trim_ascii_start().starts_with(b"\"")
    }

    /// Reads a line that may be a part of a printed object.
    fn printed(&mut self, line: &[u8]) {
        if self.printed.bytes.is_empty() {
            if line.last() == Some(&b'{') {
                self.open(line, 0);
            }
            return;
        }
        if self.printed.bytes.len() + line.len() > LONGEST_OBJECT {
            return self.reopen(line);
        }
        let at = (self.offset - self.printed.offset) as usize;
        let printed = &mut self.printed;
        // The bytes of a line end.
        printed.bytes.resize((at - 1).max(printed.bytes.len()), b' ');
        printed.bytes.resize(at, b'\n');
        printed.bytes.extend_from_slice(line);
        let indent = printed.indent;
        if line.get(indent) == Some(&b'}') && is_blank(&line[..indent]) {
            printed.bytes.truncate(at + indent + 1);
            self.close();
            // `},{`
            if line.last() == Some(&b'{') {
                self.open(line, indent + 1);
            }
        }
    }

    /// Starts an object if `line`, from `from`, is only its opening brace.
    fn open(&mut self, line: &[u8], from: usize) {
        let brace = line.len() - 1;
        let indent = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let is_start = line[from..brace].iter().all(|byte| matches!(byte, b' ' | b'\t' | b'[' | b','));
        let others = self.printed.others;
        if is_start && others < MOST_OTHERS {
            let (offset, number) = (self.offset, self.line);
            self.printed =
                Printed { bytes: line.to_vec(), offset, line: number, from: brace, indent, others };
        }
    }

    /// Reads the object, which is complete.
    fn close(&mut self) {
        let printed = std::mem::take(&mut self.printed);
        let object = &printed.bytes[printed.from..];
        let mut others = printed.others + 1;
        if has_names(object) && !is_rich_text(object) {
            let now = (self.offset, self.line, self.learned);
            (self.offset, self.line, self.learned) = (printed.offset, printed.line, 0);
            if self.values(&printed.bytes, printed.from, STREAM) {
                others = 0;
            }
            (self.offset, self.line, self.learned) = now;
        }
        self.printed.others = others;
    }

    /// Drops the object, which is too long, and starts with the first object in it.
    fn reopen(&mut self, line: &[u8]) {
        let printed = std::mem::take(&mut self.printed);
        self.printed.others = printed.others + 1;
        if self.printed.others >= MOST_OTHERS {
            return;
        }
        let now = (self.offset, self.line);
        (self.offset, self.line) = (printed.offset, printed.line);
        for (number, inner) in printed.bytes.split(|&byte| byte == b'\n').enumerate() {
            if number > 0 {
                self.printed(inner.strip_suffix(b" ").unwrap_or(inner));
            }
            self.offset += inner.len() as u64 + 1;
            self.line += 1;
        }
        (self.offset, self.line) = now;
        self.printed(line);
    }
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Returns whether an object has a member whose name is that of a piece of a text.
pub(super) fn has_names(object: &[u8]) -> bool {
    let start = &object[..object.len().min(NAMED_BYTES)];
    let is_name = |text: &[u8]| {
        text.first().is_some_and(|first| b"bcdglmort".contains(first))
            && NAMES.iter().any(|name| text.starts_with(name))
    };
    memchr::memchr_iter(b'"', start).any(|at| is_name(&start[at + 1..]))
}

fn is_rich_text(object: &[u8]) -> bool {
    RICH_TEXT.iter().any(|mark| memchr::memmem::find(object, mark).is_some())
}

/// Returns whether `line` consists only of brackets and ends with the opening brace of an object.
pub(super) fn opens(line: &[u8]) -> bool {
    line.split_last().is_some_and(|(last, before)| {
        *last == b'{' && before.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'[' | b','))
    })
}
