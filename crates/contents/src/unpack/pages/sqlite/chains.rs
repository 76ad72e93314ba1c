//! Records that continue on other pages: the pages of an overflow chain are read as one stream. A page is read for a
//! limited number of chains, so that crossing chains cost at most a small multiple of the file size.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};

use super::store::{Store, number};

/// Maximum number of chains for which a page is read.
const MOST: u8 = 8;
/// Maximum number of chains of a log that are remembered, so that each is read once.
const MOST_KNOWN: usize = 1 << 20;

/// Counts how often each page was read as a part of a chain.
#[derive(Debug)]
pub(super) struct Visits {
    counts: Vec<u8>,
    known: HashSet<u64>,
    /// Whether a chain was abandoned because one of its pages is in too many other chains.
    pub(super) crossed: bool,
}

impl Visits {
    /// Creates the counters for a store with `slots` slots.
    pub(super) fn new(slots: u32) -> Self {
        Self { counts: vec![0; slots as usize], known: HashSet::new(), crossed: false }
    }

    /// Returns whether the page in a slot was not read as a part of a chain.
    pub(super) fn is_free(&self, slot: u32) -> bool {
        self.counts.get(slot as usize).is_some_and(|count| *count == 0)
    }

    fn visit(&mut self, slot: u32) -> bool {
        let Some(count) = self.counts.get_mut(slot as usize).filter(|count| **count < MOST) else {
            self.crossed = true;
            return false;
        };
        *count += 1;
        true
    }

    /// Returns whether a record that starts with `local` and continues in this slot was read before. A log has many
    /// versions of a page, and a file has pages that are no longer used.
    pub(super) fn is_known(&mut self, slot: u32, local: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        (slot, local).hash(&mut hasher);
        self.known.len() < MOST_KNOWN && !self.known.insert(hasher.finish())
    }
}

/// Reads the bytes of a chain.
pub(super) struct Chain<'s, 'r> {
    store: &'s mut Store<'r>,
    visits: &'s mut Visits,
    /// Slot of the page that refers to the chain.
    from: u32,
    /// Number of the next page; 0 at the end.
    next: u32,
    /// Remaining bytes of the record.
    left: u64,
    page: Vec<u8>,
    at: usize,
}

impl<'s, 'r> Chain<'s, 'r> {
    /// Creates a reader of at most `left` bytes from page `next`, in the version that the page in slot `from` refers
    /// to.
    pub(super) fn new(
        store: &'s mut Store<'r>,
        visits: &'s mut Visits,
        from: u32,
        next: u32,
        left: u64,
    ) -> Self {
        Self { store, visits, from, next, left, page: Vec::new(), at: 0 }
    }

    /// Moves to the next page. Returns `false` at the end and if the chain is broken.
    fn turn(&mut self) -> io::Result<bool> {
        let slot = Some(self.next).filter(|next| *next > 0).and_then(|next| self.store.find(next, self.from));
        let Some(slot) = slot.filter(|slot| self.visits.visit(*slot)) else { return Ok(false) };
        self.store.read(slot, &mut self.page)?;
        self.page.truncate(self.store.usable);
        self.next = number(&self.page, 0, 4) as u32;
        self.at = 4;
        Ok(true)
    }
}

impl Read for Chain<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() || self.at >= self.page.len() && !self.turn()? {
            self.left = if buffer.is_empty() { self.left } else { 0 };
            return Ok(0);
        }
        let ready = &self.page[self.at..];
        let room = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let count = ready.len().min(room);
        buffer[..count].copy_from_slice(&ready[..count]);
        self.at += count;
        self.left -= count as u64;
        Ok(count)
    }
}
