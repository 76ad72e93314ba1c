//! Maps each page to its table or index, from the schema on the first page. Read only when a name is needed.

use std::io;

use super::cells::{bytes_of, cells, children, columns, decode, is_inner};
use super::store::{Store, number};

/// Maximum number of pages of a database whose pages are named.
const MOST_PAGES: u32 = 1 << 24;
/// Maximum number of tables and indexes that are named.
const MOST_NAMES: usize = u16::MAX as usize - 1;
/// Maximum number of levels of a b-tree; with two entries per page, this reaches every possible page.
const MOST_LEVELS: usize = 40;

/// The names of pages.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<String>,
    /// For each page, 1 plus the index of its name; 0 for none.
    of_page: Vec<u16>,
}

impl Names {
    /// Reads the schema and traverses all b-trees.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub(super) fn read(store: &mut Store<'_>) -> io::Result<Self> {
        let mut out = Self::default();
        if store.slots() > MOST_PAGES {
            return Ok(out);
        }
        let most = (0..store.slots()).map(|slot| store.number(slot)).max().unwrap_or(0).min(MOST_PAGES);
        out.of_page = vec![0; most as usize + 1];
        out.names.push("sqlite_schema".to_owned());
        out.walk(store, 1)?;
        let schema: Vec<u32> = (1..=most).filter(|page| out.of_page[*page as usize] == 1).collect();
        for page in schema {
            for (name, root) in entries(store, page)? {
                if out.names.len() == MOST_NAMES {
                    return Ok(out);
                }
                out.names.push(name);
                out.walk(store, root)?;
            }
        }
        Ok(out)
    }

    /// Returns the name of the table or index to which a page belongs.
    pub(super) fn of(&self, page: u32) -> Option<&str> {
        let index = usize::from(*self.of_page.get(page as usize)?);
        Some(self.names.get(index.checked_sub(1)?)?.as_str())
    }

    /// Assigns the last name to all pages of the b-tree at `root`. Its leaves are not read, because all are on one
    /// level.
    fn walk(&mut self, store: &mut Store<'_>, root: u32) -> io::Result<()> {
        let mut page = Vec::new();
        let mut level = vec![root];
        let mut depth = 0;
        let mut first = root;
        while depth < MOST_LEVELS && load(store, first, &mut page)? && is_inner(&page, first) {
            depth += 1;
            first = children(&page, first).first().copied().unwrap_or(0);
        }
        for inner in (0..=depth).rev() {
            level.retain(|page| self.take(*page));
            if inner == 0 {
                return Ok(());
            }
            let mut below = Vec::new();
            for number in level {
                if load(store, number, &mut page)? {
                    below.append(&mut children(&page, number));
                }
            }
            level = below;
        }
        Ok(())
    }

    fn take(&mut self, page: u32) -> bool {
        let number = self.names.len() as u16;
        let free = self.of_page.get_mut(page as usize).filter(|name| **name == 0);
        free.map(|name| *name = number).is_some()
    }
}

fn load(store: &mut Store<'_>, number: u32, page: &mut Vec<u8>) -> io::Result<bool> {
    let Some(slot) = store.latest(number) else { return Ok(false) };
    store.read(slot, page)?;
    Ok(true)
}

/// Returns the tables and indexes in a page of the schema, each with the number of its root page.
fn entries(store: &mut Store<'_>, page_number: u32) -> io::Result<Vec<(String, u32)>> {
    let mut page = Vec::new();
    let mut out = Vec::new();
    if !load(store, page_number, &mut page)? {
        return Ok(out);
    }
    for cell in cells(&page, page_number, store.usable) {
        // A long statement continues on other pages; the needed columns precede it.
        let record = &page[cell.local];
        let columns = columns(record).unwrap_or_default();
        let [_, name, _, root, ..] = columns.as_slice() else { continue };
        let mut text = Vec::new();
        decode(bytes_of(record, &name.1), store.encoding, &mut text);
        let root = bytes_of(record, &root.1);
        if root.len() <= 4 && !root.is_empty() {
            out.push((String::from_utf8_lossy(&text).into_owned(), number(root, 0, root.len()) as u32));
        }
    }
    Ok(out)
}
