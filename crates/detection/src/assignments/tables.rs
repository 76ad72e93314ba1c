//! Tables: rows of values below a header of names, in CSV, Markdown and SQL.

use std::ops::Range;

use super::names::{Name, normalized};
use super::values::{Literal, Quote};

/// Maximum number of rows read per table.
const MAX_ROWS: usize = 400;
/// Maximum number of columns read per table.
const MAX_COLUMNS: usize = 64;
/// Maximum length of a header on either side of the name, in bytes.
const MAX_HEADER_BYTES: usize = 2000;

/// A value in a table.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// Name of the value: that of the table, if it has one, and that of the column.
    pub(crate) words: String,
    /// Byte range of the value.
    pub(crate) value: Literal,
    /// Byte range of the row.
    pub(crate) row: Range<usize>,
}

/// Returns the values below `name` if it is the header of a column.
pub(crate) fn below(text: &[u8], name: &Name, words: &str) -> Vec<Cell> {
    let start = memchr::memrchr(b'\n', &text[..name.span.start]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &text[name.span.end..]).map_or(text.len(), |at| name.span.end + at);
    if name.span.start - start > MAX_HEADER_BYTES || end - start > MAX_HEADER_BYTES {
        return sql(text, name, words);
    }
    for separator in *b",|;\t" {
        if let Some(column) = column(text, start..end, separator, name) {
            let cells = rows(text, end, separator, &column, words);
            if !cells.is_empty() {
                return cells;
            }
        }
    }
    sql(text, name, words)
}

/// Returns whether a name can be the header of a column: only quotes and blanks are between it and the separators.
pub(crate) fn is_header(text: &[u8], name: &Name) -> bool {
    let mark = |b: &&u8| matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*');
    let next = text[name.span.end..].iter().take(40).find(|b| !mark(b) || **b == b'\t');
    let before = text[..name.span.start].iter().rev().take(40).find(|b| !mark(b) || **b == b'\t');
    let separates = |b: &u8| b",|;\t\n\r()".contains(b);
    next.is_none_or(separates) && before.is_none_or(separates)
}

/// Splits a line into cells. Returns nothing if there are more than [`MAX_COLUMNS`].
fn cells(text: &[u8], line: Range<usize>, separator: u8) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut from, mut quote) = (line.start, None);
    for at in line.clone() {
        match (quote, text[at]) {
            (Some(mark), byte) if byte == mark => quote = None,
            (None, b'"' | b'\'') if text[from..at].trim_ascii().is_empty() => quote = Some(text[at]),
            (None, byte) if byte == separator => {
                out.push(from..at);
                from = at + 1;
            }
            _ => {}
        }
        if out.len() > MAX_COLUMNS {
            return Vec::new();
        }
    }
    out.push(from..line.end);
    out
}

/// Trims blanks, quotes and backquotes from both ends of `span`.
fn inner(text: &[u8], span: &Range<usize>) -> Range<usize> {
    let marks = |b: &&u8| b.is_ascii_whitespace() || b"\"'`*".contains(b);
    let left = text[span.clone()].iter().take_while(marks).count();
    let right = text[span.start + left..span.end].iter().rev().take_while(marks).count();
    span.start + left..span.end - right
}

/// A column of a table.
struct Column {
    index: usize,
    /// Number of columns of the table.
    count: usize,
}

/// Returns the column headed by `name`. Every cell of a header must be a name.
fn column(text: &[u8], line: Range<usize>, separator: u8, name: &Name) -> Option<Column> {
    let cells = cells(text, line, separator);
    let of_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-. #/".contains(b);
    let names = cells.iter().all(|cell| {
        let inner = inner(text, cell);
        inner.len() < 40 && text[inner].iter().all(of_name)
    });
    let filled = cells.iter().filter(|cell| !inner(text, cell).is_empty()).count();
    if !names || filled < 2 {
        return None;
    }
    let index = cells.iter().position(|cell| {
        let inner = inner(text, cell);
        inner.contains(&name.start) && inner.end == name.span.end
    })?;
    Some(Column { index, count: cells.len() })
}

fn rows(text: &[u8], mut at: usize, separator: u8, column: &Column, words: &str) -> Vec<Cell> {
    let mut out = Vec::new();
    for _ in 0..MAX_ROWS {
        let start = at + 1;
        if start >= text.len() {
            break;
        }
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
        at = end;
        let cells = cells(text, start..end, separator);
        if cells.len() != column.count {
            break;
        }
        let span = inner(text, &cells[column.index]);
        let ruled = text[span.clone()].iter().all(|b| b"-: ".contains(b));
        if !ruled {
            let value = Literal { span, quote: Quote::Bare };
            out.push(Cell { words: words.to_owned(), value, row: start..end });
        }
    }
    out
}

/// Reads `INSERT INTO t (a, password) VALUES ('…', '…'), (…)`.
fn sql(text: &[u8], name: &Name, own_words: &str) -> Vec<Cell> {
    let low = name.span.start.saturating_sub(MAX_HEADER_BYTES);
    let Some(open) = memchr::memrchr(b'(', &text[low..name.span.start]).map(|at| low + at) else {
        return Vec::new();
    };
    let head = &text[open.saturating_sub(120)..open];
    let lower = head.to_ascii_lowercase();
    let Some(into) = memchr::memmem::rfind(&lower, b"into").map(|at| at + 4) else { return Vec::new() };
    let Some(close) = memchr::memchr(b')', &text[name.span.end..]).map(|at| name.span.end + at) else {
        return Vec::new();
    };
    let columns = cells(text, open + 1..close, b',');
    let own = columns.iter().position(|cell| cell.contains(&name.start));
    let rest = text[close + 1..].trim_ascii_start();
    let (Some(own), true) = (own, rest.len() > 6 && rest[..6].eq_ignore_ascii_case(b"values")) else {
        return Vec::new();
    };
    let words = format!("{}_{own_words}", normalized(&head[into..]));
    tuples(text, text.len() - rest.len() + 6, own, columns.len())
        .into_iter()
        .map(|(value, row)| Cell { words: words.clone(), value, row })
        .collect()
}

/// Returns the value at index `own` of each tuple with `count` values, starting at offset `at`.
fn tuples(text: &[u8], mut at: usize, own: usize, count: usize) -> Vec<(Literal, Range<usize>)> {
    let mut out = Vec::new();
    for _ in 0..MAX_ROWS {
        let blanks = text[at..].iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
        let start = at + blanks;
        if text.get(start) != Some(&b'(') {
            break;
        }
        let Some(end) = tuple_end(text, start) else { break };
        let values = cells(text, start + 1..end, b',');
        if values.len() == count {
            let span = inner(text, &values[own]);
            out.push((Literal { span, quote: Quote::Single }, start..end + 1));
        }
        at = end + 1;
    }
    out
}

fn tuple_end(text: &[u8], start: usize) -> Option<usize> {
    let mut quote = false;
    for (at, &byte) in text.iter().enumerate().skip(start + 1).take(4 * MAX_HEADER_BYTES) {
        match byte {
            b'\'' => quote = !quote,
            b')' if !quote => return Some(at),
            _ => {}
        }
    }
    None
}
