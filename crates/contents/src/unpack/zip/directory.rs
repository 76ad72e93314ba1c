//! Compares the central directory of a zip archive with the members that were found before it.

use super::header::Central;

/// Maximum bytes kept for the names of missing members; hostile directories list more than fits in memory.
const MAX_NAME_BYTES: usize = 16 << 20;
/// Maximum number of missing members kept before the end of their directory.
const MAX_MISSING: usize = 1 << 20;

/// A member that a directory lists and that was not found.
#[derive(Debug)]
pub(super) struct Missing {
    /// Expected offset of its local header.
    pub(super) offset: u64,
    /// Its name, as stored.
    pub(super) name: Vec<u8>,
}

/// The contents of the directories of an archive.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Offsets of the local headers that were found, ascending.
    found: Vec<u64>,
    missing: Vec<Missing>,
    /// Index of the first of `missing` that belongs to the current directory.
    current: usize,
    /// Offset of the current directory.
    begin: Option<u64>,
    names: usize,
    /// Number of missing members that were not kept.
    dropped: u64,
    /// Number of entries in the current directory.
    entries: u64,
    /// Whether a directory had fewer entries than its end record says.
    short: bool,
    ended: bool,
}

impl Directory {
    /// Records a local header at `offset`.
    pub(super) fn record_header(&mut self, offset: u64) {
        if self.found.last().is_none_or(|last| *last < offset) {
            self.found.push(offset);
        }
    }

    /// Records a directory entry at offset `at`.
    pub(super) fn entry(&mut self, at: u64, entry: Central) {
        self.begin.get_or_insert(at);
        self.entries += 1;
        if self.has_found(entry.offset) {
            return;
        }
        if self.missing.len() == MAX_MISSING || self.names + entry.name.len() > MAX_NAME_BYTES {
            self.dropped += 1;
            return;
        }
        self.names += entry.name.len();
        self.missing.push(Missing { offset: entry.offset, name: entry.name });
    }

    /// Ends a directory. `stated` is its offset according to its end record: if data precedes the archive, all offsets
    /// may be too small by the same amount. `count` is its number of entries according to the end record, if that is
    /// below 65,535.
    pub(super) fn end(&mut self, stated: Option<u64>, count: Option<u64>) {
        self.ended = true;
        self.short |= self.begin.is_some() && count.is_some_and(|count| self.entries < count);
        self.entries = 0;
        let shift = match (self.begin.take(), stated) {
            (Some(begin), Some(stated)) => begin.wrapping_sub(stated),
            _ => 0,
        };
        for missing in &mut self.missing[self.current..] {
            missing.offset = missing.offset.wrapping_add(shift);
        }
        let (found, mut at) = (&self.found, 0);
        let current = self.current;
        self.missing.retain(|missing| {
            at += 1;
            at <= current || found.binary_search(&missing.offset).is_err()
        });
        self.current = self.missing.len();
        self.names = self.missing.iter().map(|missing| missing.name.len()).sum();
    }

    /// Returns whether the end of a directory was found.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Returns whether entries of a directory could not be read.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// Returns whether any member was found.
    pub(super) fn found_any(&self) -> bool {
        !self.found.is_empty()
    }

    /// Returns the missing members by offset, each offset once, and the number of those that were not kept.
    pub(super) fn missing(&mut self) -> (Vec<Missing>, u64) {
        let found = &self.found;
        let mut missing = std::mem::take(&mut self.missing);
        missing.retain(|missing| found.binary_search(&missing.offset).is_err());
        missing.sort_by_key(|missing| missing.offset);
        missing.dedup_by_key(|missing| missing.offset);
        (missing, std::mem::take(&mut self.dropped))
    }

    fn has_found(&self, offset: u64) -> bool {
        self.found.binary_search(&offset).is_ok()
    }
}
