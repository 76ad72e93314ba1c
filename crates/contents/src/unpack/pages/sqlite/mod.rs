//! SQLite: records that continue on other pages are joined, in a database, its write-ahead log and its rollback
//! journal. All pages are read, also free ones: deleted data remains until another record overwrites it.
//!
//! The caller scans the raw bytes of the file, so only what they do not show is passed to the sink: records with
//! separated columns, and columns that are containers.

mod cells;
mod chains;
mod names;
mod stale;
mod store;

use std::io::{self, Cursor, Read};

use self::cells::{Cell, Column, MOST_HEADER, bytes_of, columns, decode};
use self::chains::{Chain, Visits};
use self::names::Names;
use self::store::Store;
pub(in crate::unpack) use self::store::{FILE, JOURNAL, LOG};
use crate::input::{Content, Stream};
use crate::unpack::peek_reader::damaged;
use crate::unpack::{Budget, Sink, sniff};

/// Maximum size of a record that is read into memory, in bytes.
const WHOLE: u64 = 16 << 20;
/// Maximum size of a number or a short text, which cannot be a container, in bytes.
const SHORT: usize = 16;

/// Passes the records of a database to `sink`.
///
/// # Errors
/// Returns an error if the database cannot be read, its header is invalid, or a limit is reached.
pub(in crate::unpack) fn read(
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    super::with_random(input, "a database", &mut |source| {
        let Some(store) = Store::open(source)? else {
            return Err(damaged("its header is not that of a database"));
        };
        let slots = store.slots();
        if store.is_too_large() {
            sink.unseen("", "it has more pages than are read; the rest was searched as it is only");
        } else if store.is_file() && u64::from(slots) < store.told {
            sink.unseen("", "it ends too early; what came before was searched");
        }
        let visits = Visits::new(slots);
        let mut walk = Walk {
            store,
            visits,
            trees: Vec::new(),
            names: None,
            budget,
            sink: &mut *sink,
            text: Vec::new(),
        };
        walk.records()?;
        walk.stale()?;
        if walk.visits.crossed {
            walk.sink
                .unseen("", "records share pages, as if it is damaged; each page was read a few times only");
        }
        Ok(())
    })
}

/// The state of one pass over a database.
struct Walk<'w, 'l, 'r> {
    store: Store<'r>,
    visits: Visits,
    /// Whether the page in each slot is a b-tree page, with cells or with child pages.
    trees: Vec<bool>,
    names: Option<Names>,
    budget: &'w Budget<'l>,
    sink: &'w mut dyn Sink,
    /// Reused buffer for the text of one record.
    text: Vec<u8>,
}

impl Walk<'_, '_, '_> {
    /// Reads all pages.
    fn records(&mut self) -> io::Result<()> {
        let mut page = Vec::new();
        for slot in 0..self.store.slots() {
            self.store.read_next(slot, &mut page)?;
            let number = self.store.number(slot);
            let cells = cells::cells(&page, number, self.store.usable);
            // A page that no longer has cells keeps its old bytes.
            self.trees.push(!cells.is_empty() || cells::is_tree(&page, number));
            let wanted = self.may_hold_match(&page, &cells);
            for (index, cell) in cells.into_iter().enumerate() {
                if cell.next.is_some() || wanted {
                    self.record(slot, &page, index, cell)?;
                }
            }
        }
        Ok(())
    }

    /// Returns whether a record that is whole on its page may hold a match, in its text or in a container. The raw page
    /// does not show it: compressed data has no text, and the byte before a column may belong to the alphabet of base64.
    fn may_hold_match(&mut self, page: &[u8], cells: &[Cell]) -> bool {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let mut has_container = false;
        for cell in cells.iter().filter(|cell| cell.next.is_none()) {
            let record = &page[cell.local.clone()];
            let Some(columns) = columns(record) else {
                text.extend_from_slice(record);
                continue;
            };
            for (column, at) in &columns {
                has_container |= self.add_column(*column, bytes_of(record, at), &mut text);
            }
        }
        let found = has_container || self.sink.may_match(&text);
        self.text = text;
        found
    }

    /// Appends the bytes of a column that have text, with a newline. Returns whether it is a container, whose bytes are
    /// not appended.
    fn add_column(&self, column: Column, bytes: &[u8], text: &mut Vec<u8>) -> bool {
        match column {
            Column::Number => return false,
            Column::Text => decode(bytes, self.store.encoding, text),
            Column::Blob if bytes.len() > SHORT && sniff(bytes, &String::new).is_some() => return true,
            Column::Blob => text.extend_from_slice(bytes),
        }
        text.push(b'\n');
        false
    }

    /// Scans the record of one cell.
    fn record(&mut self, slot: u32, page: &[u8], index: usize, cell: Cell) -> io::Result<()> {
        let place = (slot, cell.row.map_or_else(|| format!("cell {}", index + 1), |row| row.to_string()));
        let local = &page[cell.local.clone()];
        let Some(next) = cell.next else { return self.columns(&place, local) };
        let first = self.store.find(next, slot);
        if first.is_none_or(|first| self.visits.is_known(first, local)) {
            return Ok(());
        }
        if cell.size > WHOLE {
            return self.large(&place, local, &cell);
        }
        let mut record = local.to_vec();
        let left = cell.size - local.len() as u64;
        Chain::new(&mut self.store, &mut self.visits, slot, next, left).read_to_end(&mut record)?;
        self.columns(&place, &record)
    }

    /// Scans the columns of a record in memory: all texts together, each container separately.
    fn columns(&mut self, place: &(u32, String), record: &[u8]) -> io::Result<()> {
        let Some(columns) = columns(record) else {
            return self.named(place, None, record);
        };
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        for (number, (column, at)) in columns.iter().enumerate() {
            let bytes = bytes_of(record, at);
            if self.add_column(*column, bytes, &mut text) {
                self.named(place, Some(number + 1), bytes)?;
            }
        }
        let outcome = if self.sink.may_match(&text) { self.named(place, None, &text) } else { Ok(()) };
        self.text = text;
        outcome
    }

    /// Passes a record, or one of its columns, to the sink under the name of its table.
    fn named(&mut self, place: &(u32, String), column: Option<usize>, bytes: &[u8]) -> io::Result<()> {
        if column.is_none() && !self.sink.may_match(bytes) {
            return Ok(());
        }
        let name = self.name(place, column)?;
        self.hand_over(&name, bytes)
    }

    /// Passes bytes to the sink under `name`.
    fn hand_over(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.budget.entry()?;
        self.sink.member(name, &mut Cursor::new(bytes));
        Ok(())
    }

    fn name(&mut self, (slot, row): &(u32, String), column: Option<usize>) -> io::Result<String> {
        let names = match self.names.take() {
            Some(names) => names,
            None => Names::read(&mut self.store)?,
        };
        let page = self.store.number(*slot);
        let table = names.of(page).map_or_else(|| format!("page {page}"), str::to_owned);
        self.names = Some(names);
        let column = column.map(|column| format!("/column {column}")).unwrap_or_default();
        Ok(format!("{table}/{row}{column}"))
    }

    /// Scans a record that is too large for memory: each column separately.
    fn large(&mut self, place: &(u32, String), local: &[u8], cell: &Cell) -> io::Result<()> {
        let name = self.name(place, None)?;
        self.budget.entry()?;
        let (next, left) = (cell.next.unwrap_or(0), cell.size - local.len() as u64);
        let chain = Chain::new(&mut self.store, &mut self.visits, place.0, next, left);
        let mut record = local.chain(chain);
        let mut head = Vec::new();
        (&mut record).take(MOST_HEADER as u64).read_to_end(&mut head)?;
        let Some(columns) = columns(&head) else {
            self.sink.member(&name, &mut Stream((&head[..]).chain(record)));
            return Ok(());
        };
        let begin = columns.first().map_or(0, |(_, at)| at.start);
        let mut record =
            (&head[usize::try_from(begin).unwrap_or(usize::MAX).min(head.len())..]).chain(record);
        for (number, (_, at)) in columns.iter().enumerate() {
            let mut column = (&mut record).take(at.end - at.start);
            if at.end - at.start > SHORT as u64 {
                self.sink.member(&format!("{name}/column {}", number + 1), &mut Stream(&mut column));
            }
            io::copy(&mut column, &mut io::sink())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
