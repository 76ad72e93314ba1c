//! Reader of the texts of a Jupyter notebook: the strings of a list are the lines of one text, as in the source of a
//! cell. The outputs of a cell to one stream are one text. HTML, and cells of Markdown, are read as markup.

use super::json;
use super::lexer::{Lexer, Part};
use super::markup::{Dialect, Markup};
use super::output::{Output, PIECE_BYTES, Size};

/// Texts: of cells, of the two streams, of markup.
const SOURCE: usize = 0;
const STDOUT: usize = 1;
const STDERR: usize = 2;
const MARKUP: usize = 3;

/// The state of the reader.
#[derive(Debug, Default)]
pub(super) struct Notebook {
    lexer: Lexer,
    state: State,
}

#[derive(Debug)]
struct State {
    key: Key,
    /// Whether the cell is one of Markdown.
    markdown: bool,
    /// The stream of the current output.
    stream: usize,
    markup: Markup,
}

/// The names of members with a meaning (nbformat 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    CellType,
    OutputType,
    Name,
    Text,
    Source,
    Html,
    Other,
}

impl Default for State {
    fn default() -> Self {
        Self { key: Key::Other, markdown: false, stream: STDOUT, markup: Markup::new(Dialect::Html) }
    }
}

impl Notebook {
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Output) {
        let Self { lexer, state } = self;
        lexer.push(bytes, &mut |part| state.take(part, out));
    }
}

impl State {
    fn take(&mut self, part: Part<'_>, out: &mut Output) {
        match part {
            Part::Between(bytes) => {
                let parts = |byte: &u8| matches!(byte, b'[' | b']' | b'{' | b'}' | b':');
                out.skip(bytes);
                if bytes.iter().any(parts) {
                    out.end_lines(SOURCE..SOURCE + 1);
                    self.end_markup(out);
                }
            }
            Part::Key(name) => {
                self.key = match name {
                    b"cell_type" => Key::CellType,
                    b"output_type" => Key::OutputType,
                    b"name" => Key::Name,
                    b"text" => Key::Text,
                    b"source" => Key::Source,
                    b"text/html" | b"text/markdown" | b"image/svg+xml" => Key::Html,
                    _ => Key::Other,
                };
                write(name, out);
            }
            Part::Value(string) => self.value(string, out),
        }
    }

    fn value(&mut self, string: &[u8], out: &mut Output) {
        match self.key {
            Key::CellType => {
                self.markdown = string == b"markdown";
                out.end_lines(STDOUT..STDERR + 1);
            }
            Key::OutputType if string != b"stream" => out.end_lines(STDOUT..STDERR + 1),
            Key::Name => self.stream = if string == b"stderr" { STDERR } else { STDOUT },
            Key::Text => {
                out.select(self.stream);
                write(string, out);
                return out.select(SOURCE);
            }
            Key::Html => return self.write_markup(string, out),
            Key::Source if self.markdown => return self.write_markup(string, out),
            _ => {}
        }
        write(string, out);
    }

    /// Adds the text of a string with markup.
    fn write_markup(&mut self, string: &[u8], out: &mut Output) {
        out.select(MARKUP);
        out.translate(true);
        json::unescape(string, |part, at, length| {
            if part.len() != length {
                out.feed(part, Size::of_escape(length));
                return self.markup.push(part, out);
            }
            for plain in string[at..at + length].chunks(PIECE_BYTES) {
                out.feed_plain(plain);
                self.markup.push(plain, out);
            }
        });
        self.markup.flush(out);
        out.translate(false);
        out.select(SOURCE);
    }

    fn end_markup(&mut self, out: &mut Output) {
        out.select(MARKUP);
        self.markup.end(out);
        out.select(SOURCE);
    }
}

/// Adds the decoded string to the text.
pub(super) fn write(string: &[u8], out: &mut Output) {
    json::unescape(string, |text, at, length| {
        let raw = &string[at..at + length];
        match std::str::from_utf8(text).ok().and_then(|text| text.chars().next()) {
            Some(character) if text.len() != length => out.decode(raw, character),
            _ => out.copy(raw),
        }
    });
}
