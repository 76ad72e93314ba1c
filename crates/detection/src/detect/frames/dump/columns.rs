//! The columns of one format of a dump.

use super::Frame;
use super::readings::{self, READINGS};

/// Start of a line that `od` writes in a second format for the bytes of the line before it.
const INDENT: &[u8] = b"       ";
/// Share of the columns that may not fit a reading, in percent: the text beside the numbers.
const MAX_MISFITS_PERCENT: usize = 10;
/// Columns that are read to choose the readings.
const SAMPLED_COLUMNS: usize = 4096;
/// Width of a character of `od -c` and `od -a`, in bytes.
const CHARACTER_WIDTH: usize = 4;

/// Returns whether the line has no offset because the line before it has the same one.
pub(super) fn is_indented(line: &[u8]) -> bool {
    line.starts_with(INDENT)
}

/// The columns of the lines of one format.
#[derive(Debug, Default)]
pub(super) struct Columns<'l> {
    /// The lines without their offsets and the text beside the numbers.
    lines: Vec<&'l [u8]>,
    /// Whether the offsets end with a colon, as those of `xxd` do.
    is_xxd: bool,
}

impl<'l> Columns<'l> {
    /// Adds a line, without its offset.
    pub(super) fn add(&mut self, line: &'l [u8]) {
        self.is_xxd |= line.starts_with(b":");
        let line = line.strip_prefix(b":").unwrap_or(line).trim_ascii_end();
        // `|text|` of hexdump -C, `>text<` of od -z, and two blanks before the text of xxd.
        let bar = [&b"  |"[..], b"  >"].iter().filter_map(|mark| memchr::memmem::find(line, mark)).min();
        let after_numbers = line.len() - line.trim_ascii_start().len();
        let text = if self.is_xxd {
            memchr::memmem::find(&line[after_numbers..], b"  ").map(|at| at + after_numbers)
        } else {
            bar
        };
        self.lines.push(&line[..text.unwrap_or(line.len())]);
    }

    /// Appends the bytes of every reading that fits to `frame`.
    pub(super) fn read(&self, frame: &mut Frame) {
        let Frame { bytes, readings, .. } = frame;
        if self.is_characters() {
            readings.push(bytes.len());
            self.lines.iter().for_each(|line| bytes.extend(fours(line).filter_map(character).flatten()));
            bytes.push(b'\n');
        }
        let columns: Vec<&[u8]> = self.lines.iter().flat_map(|line| split(line)).collect();
        let groups = self.groups();
        for reading in READINGS {
            let columns = if reading.has_fixed_width { &groups } else { &columns };
            let sample = &columns[..columns.len().min(SAMPLED_COLUMNS)];
            let misfits = sample.iter().filter(|column| (reading.bytes)(column).is_none()).count();
            // The last column of a short dump may be the only one that does not fit.
            let most = (sample.len() * MAX_MISFITS_PERCENT / 100).max(1);
            if misfits <= most && misfits < sample.len() {
                readings.push(bytes.len());
                bytes.extend(columns.iter().filter_map(|column| (reading.bytes)(column)).flatten());
                bytes.push(b'\n');
            }
        }
    }

    /// Returns the columns that have the width of the first one and at most the number of those of the first line: what
    /// is next to them is the text. The last group of a dump may be shorter.
    fn groups(&self) -> Vec<&'l [u8]> {
        let first: Vec<&[u8]> = self.lines.first().map_or_else(Vec::new, |line| split(line).collect());
        let width = first.first().map_or(0, |column| column.len());
        let most = first.iter().take_while(|column| column.len() == width).count();
        let of_line = |line: &&'l [u8]| {
            let mut columns: Vec<&[u8]> = split(line).collect();
            let whole = columns.iter().take(most).take_while(|column| column.len() == width).count();
            let is_shorter = |last: &[&[u8]]| matches!(last, [last] if last.len() < width);
            if !is_shorter(&columns[whole..]) {
                columns.truncate(whole);
            }
            columns
        };
        self.lines.iter().flat_map(of_line).collect()
    }

    /// Returns whether all lines are characters of `od -c` or `od -a` and one of them is a blank, which columns between
    /// blanks do not show.
    fn is_characters(&self) -> bool {
        let mut all = self.lines.iter().flat_map(|line| fours(line));
        all.clone().any(is_blank) && all.all(|four| character(four).is_some())
    }
}

fn split(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|column| !column.is_empty())
}

fn fours(line: &[u8]) -> std::slice::Chunks<'_, u8> {
    line.chunks(CHARACTER_WIDTH)
}

fn is_blank(four: &[u8]) -> bool {
    four == b"    "
}

/// Returns the byte of a character with its width.
fn character(four: &[u8]) -> Option<Vec<u8>> {
    if is_blank(four) {
        return Some(vec![b' ']);
    }
    if four.first() == Some(&b' ') { readings::character(four.trim_ascii()) } else { None }
}
