//! Parser of b-tree pages: the cells of a page, and the columns of the record in each cell
//! (https://sqlite.org/fileformat.html, sections 1.6 and 2.1). Only parses bytes; decides nothing.

use std::ops::Range;

use super::store::{Encoding, HEADER, number};

/// Types of pages: interior and leaf pages of indexes and of tables.
const INNER_INDEX: u8 = 2;
const INNER_TABLE: u8 = 5;
const INDEX: u8 = 10;
const TABLE: u8 = 13;
/// Maximum length of a record header that is read, in bytes.
pub(super) const MOST_HEADER: usize = 64 << 10;

/// A cell with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// The row id, in tables that have one.
    pub(super) row: Option<i64>,
    /// Size of the record, in bytes.
    pub(super) size: u64,
    /// Range of the page that holds the first part of the record.
    pub(super) local: Range<usize>,
    /// Number of the page on which the record continues.
    pub(super) next: Option<u32>,
}

/// The header of a page that may be a b-tree page.
struct Tree<'p> {
    page: &'p [u8],
    kind: u8,
    at: usize,
    count: usize,
}

impl<'p> Tree<'p> {
    fn of(page: &'p [u8], page_number: u32) -> Option<Self> {
        let at = if page_number == 1 { HEADER } else { 0 };
        let kind = *page.get(at)?;
        let count = number(page, at + 3, 2) as usize;
        let known = matches!(kind, INNER_INDEX | INNER_TABLE | INDEX | TABLE);
        // A cell takes at least four bytes and its pointer two.
        (known && count <= page.len() / 6).then_some(Self { page, kind, at, count })
    }

    fn is_inner(&self) -> bool {
        matches!(self.kind, INNER_INDEX | INNER_TABLE)
    }

    /// Returns the offsets of the cells.
    fn pointers(&self) -> impl Iterator<Item = usize> {
        let first = self.at + if self.is_inner() { 12 } else { 8 };
        let (page, least) = (self.page, first + 2 * self.count);
        (0..self.count)
            .map(move |index| number(page, first + 2 * index, 2) as usize)
            .filter(move |at| *at >= least)
    }
}

/// Returns whether a page is an interior b-tree page.
pub(super) fn is_inner(page: &[u8], page_number: u32) -> bool {
    Tree::of(page, page_number).is_some_and(|tree| tree.is_inner())
}

/// Returns whether a page starts like a b-tree page.
pub(super) fn is_tree(page: &[u8], page_number: u32) -> bool {
    Tree::of(page, page_number).is_some()
}

/// Returns the numbers of the child pages of an interior page.
pub(super) fn children(page: &[u8], page_number: u32) -> Vec<u32> {
    let Some(tree) = Tree::of(page, page_number).filter(Tree::is_inner) else { return Vec::new() };
    let last = number(page, tree.at + 8, 4) as u32;
    tree.pointers().map(|at| number(page, at, 4) as u32).chain([last]).collect()
}

/// Returns the cells of a page that contain records. `usable`: number of used bytes of the page.
pub(super) fn cells(page: &[u8], page_number: u32, usable: usize) -> Vec<Cell> {
    let Some(tree) = Tree::of(page, page_number).filter(|tree| tree.kind != INNER_TABLE) else {
        return Vec::new();
    };
    tree.pointers().filter_map(|at| cell(page.get(..usable)?, tree.kind, at)).collect()
}

fn cell(page: &[u8], kind: u8, at: usize) -> Option<Cell> {
    let mut rest = page.get(if kind == INNER_INDEX { at + 4 } else { at }..)?;
    let size = varint(&mut rest)?;
    let row = if kind == TABLE { Some(varint(&mut rest)?.cast_signed()) } else { None };
    let start = page.len() - rest.len();
    let length = local(size, page.len() as u64, kind == TABLE);
    let local = start..start.checked_add(usize::try_from(length).ok()?)?;
    page.get(local.clone())?;
    // SQLite cannot store longer records.
    if size == 0 || size > i32::MAX.cast_unsigned().into() {
        return None;
    }
    let next = if length < size {
        let next = number(page.get(local.end..local.end + 4)?, 0, 4) as u32;
        Some(next).filter(|next| *next > 0)
    } else {
        None
    };
    Some(Cell { row, size, local, next })
}

/// Returns how many of the `size` bytes of a record are on its page.
fn local(size: u64, usable: u64, table: bool) -> u64 {
    let most = if table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    if size <= most {
        return size;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fitting = least + (size - least) % (usable - 4);
    if fitting <= most { fitting } else { least }
}

/// Reads a varint: groups of seven bits, most significant first; the ninth byte has eight bits.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for _ in 0..8 {
        let byte = *rest.split_off_first()?;
        number = number << 7 | u64::from(byte & 0x7F);
        if byte < 0x80 {
            return Some(number);
        }
    }
    Some(number << 8 | u64::from(*rest.split_off_first()?))
}

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// A number or NULL.
    Number,
    Text,
    Blob,
}

/// Returns the columns of a record with their ranges in it. Returns `None` if the record header is invalid or longer
/// than `record`. A column may end after `record`.
pub(super) fn columns(record: &[u8]) -> Option<Vec<(Column, Range<u64>)>> {
    let mut rest = record;
    let header = usize::try_from(varint(&mut rest)?).ok().filter(|header| *header <= MOST_HEADER)?;
    let begun = record.len() - rest.len();
    let mut rest = record.get(begun..header)?;
    let (mut out, mut at) = (Vec::new(), header as u64);
    while !rest.is_empty() {
        let kind = varint(&mut rest)?;
        let (column, size) = match kind {
            0 | 8 | 9 => (Column::Number, 0),
            1..=4 => (Column::Number, kind),
            5 => (Column::Number, 6),
            6 | 7 => (Column::Number, 8),
            10 | 11 => return None,
            _ if kind & 1 == 0 => (Column::Blob, (kind - 12) / 2),
            _ => (Column::Text, (kind - 13) / 2),
        };
        let end = at.checked_add(size)?;
        out.push((column, at..end));
        at = end;
    }
    Some(out)
}

/// Returns the bytes of a column that are in `record`.
pub(super) fn bytes_of<'r>(record: &'r [u8], at: &Range<u64>) -> &'r [u8] {
    let end = usize::try_from(at.end).unwrap_or(usize::MAX).min(record.len());
    usize::try_from(at.start).ok().and_then(|start| record.get(start..end)).unwrap_or_default()
}

/// Appends a text as UTF-8.
pub(super) fn decode(text: &[u8], encoding: Encoding, out: &mut Vec<u8>) {
    let unit = match encoding {
        Encoding::Utf8 => return out.extend_from_slice(text),
        Encoding::Utf16Le => u16::from_le_bytes,
        Encoding::Utf16Be => u16::from_be_bytes,
    };
    let units = text.as_chunks().0.iter().map(|pair| unit(*pair));
    for character in char::decode_utf16(units) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_records_are_those_of_the_description() {
        assert_eq!(varint(&mut &[0x81, 0x00][..]), Some(128));
        assert_eq!(varint(&mut &[0xFF; 9][..]), Some(u64::MAX));
        assert_eq!(varint(&mut &[0xFF; 8][..]), None);
        // Section 1.6: the local part of a long record has at least the minimum size, and its overflow pages are full.
        assert_eq!((local(477, 512, true), local(478, 512, true)), (477, 39));
        assert_eq!((local(600, 512, true), local(1000, 512, true)), (39 + (600 - 39) % 508, 39));
        let record = [&[4, 1, 15, 14][..], &[7], b"a", b"b"].concat();
        let found = columns(&record).unwrap();
        assert_eq!(found, [(Column::Number, 4..5), (Column::Text, 5..6), (Column::Blob, 6..7)]);
        assert_eq!(bytes_of(&record, &found[2].1), b"b");
        assert!(columns(&[9, 1]).is_none() && columns(&[3, 10, 11]).is_none() && columns(&[]).is_none());
    }
}
