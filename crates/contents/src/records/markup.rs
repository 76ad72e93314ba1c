//! Reader of the visible text of markup: removes tags and comments, decodes entities, ends a line at each block
//! element.
//! Text that is deleted, notes and the codes of fields and formulas are texts of their own.

use super::elements::{BLOCKS, UNSEEN};
use super::entities::{character, is_invisible};
use super::output::Output;

/// Maximum number of bytes of a tag that are kept for its name.
const NAME_BYTES: usize = 32;
/// Start of a comment.
const COMMENT: &[u8] = b"<!--";
/// Maximum length of an entity, in bytes.
const ENTITY_BYTES: usize = 24;

/// Texts: what is shown; what is deleted, or noted; codes.
const SHOWN: usize = 0;
const ASIDE: usize = 1;
const CODE: usize = 2;
/// Elements of OpenDocument whose text is not a part of the paragraph around them.
const NOTES: [&[u8]; 2] = [b"annotation", b"note"];

/// A kind of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Office Open XML: only a few elements have text.
    Office,
    /// OpenDocument.
    OpenDocument,
    /// HTML and SVG.
    Html,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum State {
    Text,
    /// In a tag; the quotation mark of an attribute value, if in one.
    Tag(Option<u8>),
    Comment,
    Entity,
}

/// The state of the reader.
#[derive(Debug)]
pub(super) struct Markup {
    dialect: Dialect,
    state: State,
    /// The start of the tag, or the entity, as raw bytes.
    kept: Vec<u8>,
    /// The last two bytes of a comment or a tag.
    last: [u8; 2],
    /// Name of the current element whose content is not text.
    unseen: Option<&'static [u8]>,
    /// Whether character data is text: always, or only in a `t` element.
    in_text: bool,
    /// Whether only white space followed the last line end.
    indented: bool,
    /// Name of the open element with a note.
    note: Option<&'static [u8]>,
}

impl Markup {
    pub(super) fn new(dialect: Dialect) -> Self {
        let in_text = dialect != Dialect::Office;
        Self {
            dialect,
            state: State::Text,
            kept: Vec::new(),
            last: [0; 2],
            unseen: None,
            in_text,
            indented: false,
            note: None,
        }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Output) {
        while !bytes.is_empty() {
            let used = match self.state {
                State::Text => self.text(bytes, out),
                State::Tag(quote) => self.tag(bytes, quote, out),
                State::Comment => self.comment(bytes, out),
                State::Entity => self.entity(bytes, out),
            };
            bytes = &bytes[used..];
        }
    }

    fn text(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let length = memchr::memchr2(b'<', b'&', bytes).unwrap_or(bytes.len());
        let text = &bytes[..length];
        if !self.in_text || self.unseen.is_some() {
            out.skip(text);
        } else if self.dialect == Dialect::OpenDocument {
            self.unindented(text, out);
        } else {
            out.copy(text);
        }
        match bytes.get(length) {
            Some(b'<') => (self.state, self.last) = (State::Tag(None), [0; 2]),
            Some(_) => self.state = State::Entity,
            None => {}
        }
        self.kept.clear();
        length
    }

    /// Adds text without line ends and the white space after them, which only indent the markup.
    fn unindented(&mut self, mut text: &[u8], out: &mut Output) {
        while let Some(&byte) = text.first() {
            let ends = matches!(byte, b'\n' | b'\r' | b'\t');
            let blank = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'\t' | b' ');
            let length = if ends || self.indented && byte == b' ' {
                self.indented = true;
                text.iter().take_while(|byte| blank(byte)).count()
            } else {
                text.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r' | b'\t')).count()
            };
            if blank(&byte) && self.indented {
                out.skip(&text[..length]);
            } else {
                self.indented = false;
                out.copy(&text[..length]);
            }
            text = &text[length..];
        }
    }

    fn tag(&mut self, bytes: &[u8], quote: Option<u8>, out: &mut Output) -> usize {
        if self.kept.len() < COMMENT.len() {
            return self.start_of_tag(bytes[0], out);
        }
        let end = match quote {
            Some(mark) => memchr::memchr(mark, bytes),
            None => memchr::memchr3(b'>', b'"', b'\'', bytes),
        };
        let room = NAME_BYTES.saturating_sub(self.kept.len());
        let length = end.map_or(bytes.len(), |at| at + 1);
        self.kept.extend_from_slice(&bytes[..length.min(room)]);
        out.skip(&bytes[..length]);
        let before = if length > 1 { bytes[length - 2] } else { self.last[1] };
        self.last[1] = bytes[length - 1];
        match (quote, end.map(|at| bytes[at])) {
            (_, None) => {}
            (None, Some(byte)) => self.in_tag(byte, before, out),
            (Some(_), Some(_)) => self.state = State::Tag(None),
        }
        length
    }

    /// Reads the first bytes of a tag one by one. Returns the number of bytes that were read.
    fn start_of_tag(&mut self, byte: u8, out: &mut Output) -> usize {
        let other = self.unseen.is_none() && (byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?'));
        let starts = other || byte == b'/';
        if self.kept.len() == 1 && !starts {
            // A less-than sign that starts no tag.
            self.state = State::Text;
            if self.in_text && self.unseen.is_none() {
                out.copy(b"<");
            } else {
                out.skip(b"<");
            }
            return 0;
        }
        self.kept.push(byte);
        match self.kept.len() {
            1 => return 1,
            2 => out.skip(&[b'<', byte]),
            _ => out.skip(&[byte]),
        }
        let before = std::mem::replace(&mut self.last[1], byte);
        if self.kept == COMMENT {
            (self.state, self.last) = (State::Comment, [0; 2]);
        } else {
            self.in_tag(byte, before, out);
        }
        1
    }

    /// Handles a byte of a tag outside an attribute value.
    fn in_tag(&mut self, byte: u8, before: u8, out: &mut Output) {
        match byte {
            b'>' => self.end_tag(before == b'/', out),
            // A script contains no tags except its end tag.
            b'"' | b'\'' if self.unseen.is_some() => self.state = State::Text,
            b'"' | b'\'' => self.state = State::Tag(Some(byte)),
            _ => {}
        }
    }

    fn end_tag(&mut self, empty: bool, out: &mut Output) {
        self.state = State::Text;
        let tag = &self.kept[1..];
        let (closing, tag) = tag.strip_prefix(b"/").map_or((false, tag), |tag| (true, tag));
        let length = tag.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        let name = &tag[..length.unwrap_or(tag.len())];
        let name = &name[name.iter().position(|&byte| byte == b':').map_or(0, |colon| colon + 1)..];
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        if let Some(unseen) = self.unseen {
            if closing && is(unseen) {
                self.unseen = None;
            }
            return;
        }
        match self.dialect {
            Dialect::Office => Self::office(&mut self.in_text, name, !closing && !empty, out),
            Dialect::OpenDocument if is(b"s") => out.add(b' '),
            Dialect::OpenDocument if !empty => {
                let note = NOTES.into_iter().find(|note| is(note));
                if note.is_some() && (self.note.is_none() || closing && self.note == note) {
                    self.note = note.filter(|_| !closing);
                    out.select(ASIDE);
                    out.end_line();
                    out.select(if self.note.is_some() { ASIDE } else { SHOWN });
                }
            }
            Dialect::Html if !closing && !empty => {
                self.unseen = UNSEEN.into_iter().find(|unseen| is(unseen));
            }
            _ => {}
        }
        if BLOCKS.iter().any(|block| is(block)) {
            if self.dialect == Dialect::Office { out.end_lines(SHOWN..CODE + 1) } else { out.end_line() }
        }
    }

    /// Handles the start or the end of an element of Office Open XML.
    fn office(in_text: &mut bool, name: &[u8], starts: bool, out: &mut Output) {
        let channel = match name {
            b"t" => SHOWN,
            b"delText" => ASIDE,
            b"instrText" | b"delInstrText" | b"f" => CODE,
            _ => return,
        };
        if name == b"f" && *in_text && !starts {
            out.join_literals();
            out.end_line();
        }
        *in_text = starts;
        out.select(if starts { channel } else { SHOWN });
    }

    /// Ends the markup: what is incomplete has no meaning, and a line ends.
    pub(super) fn end(&mut self, out: &mut Output) {
        self.flush(out);
        (self.state, self.unseen, self.indented) = (State::Text, None, false);
        out.end_line();
    }

    /// Adds the bytes of an entity that is incomplete.
    pub(super) fn flush(&mut self, out: &mut Output) {
        match self.state {
            State::Entity => {
                self.state = State::Text;
                self.write_entity(false, out);
            }
            State::Tag(_) if self.kept.len() == 1 => {
                self.state = State::Text;
                out.copy(b"<");
                self.kept.clear();
            }
            _ => {}
        }
    }

    fn comment(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let Some(at) = memchr::memchr(b'>', bytes) else {
            for &byte in &bytes[bytes.len().saturating_sub(2)..] {
                self.last = [self.last[1], byte];
            }
            out.skip(bytes);
            return bytes.len();
        };
        for &byte in &bytes[at.saturating_sub(2)..at] {
            self.last = [self.last[1], byte];
        }
        if self.last == *b"--" {
            self.state = State::Text;
        }
        self.last = [self.last[1], b'>'];
        out.skip(&bytes[..=at]);
        at + 1
    }

    fn entity(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        for (index, &byte) in bytes.iter().enumerate() {
            let part = self.kept.is_empty() || byte.is_ascii_alphanumeric() || byte == b'#';
            if part && self.kept.len() < ENTITY_BYTES {
                self.kept.push(byte);
                continue;
            }
            self.state = State::Text;
            let ended = byte == b';';
            if ended {
                self.kept.push(byte);
            }
            self.write_entity(ended, out);
            return index + usize::from(ended);
        }
        bytes.len()
    }

    fn write_entity(&mut self, ended: bool, out: &mut Output) {
        let kept = std::mem::take(&mut self.kept);
        if !self.in_text || self.unseen.is_some() {
            return out.skip(&kept);
        }
        match character(kept[1..].strip_suffix(b";").unwrap_or_default()).filter(|_| ended) {
            Some(character) if is_invisible(character) => out.skip(&kept),
            Some(character) => out.decode(&kept, character),
            None => out.copy(&kept),
        }
    }
}
