//! Reads assignments of literal values to names, for every language and format.
//!
//! Each [`Assignment`] is the name of a secret, in any case and with any separators, and the literal assigned to it.
//! The reader looks at the surroundings of each name instead of parsing a grammar, so a part of a file, a log line and
//! a snippet in a document are read like a whole file. The rules decide what a name and a value mean; [`literal`]
//! decides whether a literal is a secret at all, and [`Text::owner`] whether it belongs to a host.
//!
//! Does not open files or know about rules.

mod bare;
mod expressions;
mod frames;
mod literal;
mod markup;
mod names;
mod operators;
mod pairs;
mod scope;
mod stems;
mod style;
mod tables;
mod unescape;
mod values;
mod words;
mod yaml;

use std::cell::OnceCell;
use std::ops::Range;

use frames::{Frames, Kind};
use names::Name;
use scope::Surroundings;
use style::{LazyStyle, Style};
use values::Literal;

pub use literal::Strength;
pub(crate) use literal::{judge, masked_values};
pub(crate) use unescape::unescaped;
pub(crate) use values::Quote;

/// Maximum number of enclosing frames whose names become part of a path.
const MAX_PATH_LEVELS: usize = 8;

/// A name and the literal assigned to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// Byte range of the name.
    pub(crate) name: Range<usize>,
    /// Words of the name in lower case, joined by `_`.
    pub(crate) words: String,
    /// Byte range of the value, without its delimiters.
    pub(crate) value: Range<usize>,
    /// Delimiter of the value.
    pub(crate) quote: Quote,
    /// Byte range of the row that contains the value, if it is in a table.
    row: Option<Range<usize>>,
}

/// Returns the offset of the last possible name of a secret in `text`. Without one, [`first_value`] returns `None`.
pub fn last_stem(text: &[u8]) -> Option<usize> {
    names::last_stem(text)
}

/// Returns the offset of the first value in `text` that has the name of a password, token or secret: a host after it
/// may make it a credential. `text` may be cut at any offset, so unquoted words count as values in every style.
pub fn first_value(text: &[u8]) -> Option<usize> {
    let read = Text::styled(text, Style::Yaml.into());
    let is_value = |one: &&Assignment| {
        let value = String::from_utf8_lossy(&text[one.value.clone()]);
        !one.words.ends_with("key") && judge(&value, one.quote, Strength::Any).is_ok()
    };
    read.assignments().iter().filter(is_value).map(|one| one.value.start).min()
}

/// A text with its assignments.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    text: &'a [u8],
    style: LazyStyle<'a>,
    assignments: Vec<Assignment>,
    /// Offsets of the names of secrets that have a value.
    credentials: Vec<usize>,
    frames: OnceCell<Frames>,
    foreign: OnceCell<Vec<usize>>,
}

impl<'a> Text<'a> {
    /// Reads the assignments of `text`.
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self::styled(text, LazyStyle::new(text))
    }

    fn styled(text: &'a [u8], style: LazyStyle<'a>) -> Self {
        let mut read = Self {
            text,
            style,
            assignments: Vec::new(),
            credentials: Vec::new(),
            frames: OnceCell::new(),
            foreign: OnceCell::new(),
        };
        for name in &names::all(text) {
            read.name(name);
        }
        read
    }

    /// Reads the value or values assigned to one name.
    fn name(&mut self, name: &Name) {
        let text = self.text;
        let slot = operators::after(text, name);
        let value = pairs::value(text, name, &self.style).or_else(|| values::at(text, slot?, &self.style));
        if value.is_none() && !tables::is_header(text, name) {
            return;
        }
        let Some(words) = name.words(text) else { return };
        let new = |words: String, value: Literal, row| Assignment {
            name: name.span.clone(),
            words,
            value: value.span,
            quote: value.quote,
            row,
        };
        if let Some(value) = value {
            self.credentials.push(name.span.start);
            self.assignments.push(new(words, value, None));
        } else {
            let cells = tables::below(text, name, &words).into_iter();
            self.assignments.extend(cells.map(|cell| new(cell.words, cell.value, Some(cell.row))));
        }
    }

    /// Returns the assignments, in the order of their names.
    pub(crate) fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    fn frames(&self) -> &Frames {
        self.frames.get_or_init(|| Frames::of(self.text, self.style.get()))
    }

    /// Returns the full path of an assignment: the names of the enclosing frames and its own name, joined by `_`.
    pub(crate) fn path(&self, one: &Assignment) -> String {
        self.path_below(one, None)
    }

    fn path_below(&self, one: &Assignment, top: Option<usize>) -> String {
        if one.row.is_some() {
            return one.words.clone();
        }
        let frames = self.frames();
        let chain = frames.outwards(frames.innermost(one.name.start));
        let mut parts: Vec<&str> = chain
            .take_while(|&index| Some(index) != top)
            .take(MAX_PATH_LEVELS)
            .map(|index| frames.get(index))
            .filter(|frame| !frame.name.is_empty() && frame.span.start + 1 < one.name.start)
            .map(|frame| frame.name.as_str())
            .collect();
        parts.reverse();
        parts.push(&one.words);
        parts.join("_")
    }

    /// Returns the path of an assignment below the smallest section, element, object, statement or row in which it
    /// belongs to one of `places` (sorted offsets), or `None` if it belongs to none of them.
    pub(crate) fn owner(&self, one: &Assignment, places: &[usize]) -> Option<String> {
        if let Some(row) = &one.row {
            let column = names::normalized(&self.text[one.name.clone()]);
            return (!scope::within(places, row).is_empty()).then_some(column);
        }
        let frames = self.frames();
        let around =
            Surroundings { text: self.text, style: self.style.get(), frames, credentials: &self.credentials };
        let foreign = self.foreign.get_or_init(|| around.foreign_hosts());
        let index = around.owner(one.name.start, &one.words, places, foreign)?;
        Some(self.path_below(one, Some(index)))
    }

    /// Returns whether a value is an entry of `data` in a Kubernetes secret, which is base64-encoded.
    pub(crate) fn is_secret_data(&self, one: &Assignment) -> bool {
        let is_secret = |mark: &[u8]| memchr::memmem::find(self.text, mark).is_some();
        if !is_secret(b"kind: Secret") && !is_secret(b"\"kind\": \"Secret\"") {
            return false;
        }
        let frames = self.frames();
        let data =
            frames.outwards(frames.innermost(one.name.start)).find(|&index| frames.get(index).name == "data");
        data.is_some_and(|index| frames.get(index).kind == Kind::Object)
    }
}
