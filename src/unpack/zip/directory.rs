//! Compares the central directory of a zip archive with the members that were met on the way to it.

use super::header::Central;

/// Bytes of names of missing members that are kept; hostile directories name more than memory holds.
const NAMES: usize = 16 << 20;
/// Missing members that are kept while the end of their directory is not seen.
const MISSING: usize = 1 << 20;

/// A member that a directory names and that was not met.
#[derive(Debug)]
pub(super) struct Missing {
    /// Where its local header should be.
    pub(super) offset: u64,
    /// Its name, as it is.
    pub(super) name: Vec<u8>,
}

/// What the directories of an archive told.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Offsets of the local headers that were met, in order.
    met: Vec<u64>,
    missing: Vec<Missing>,
    /// The first of `missing` that belongs to the directory that is being read.
    current: usize,
    /// Where that directory begins.
    begin: Option<u64>,
    names: usize,
    /// Missing members beyond what is kept.
    dropped: u64,
    /// Entries of the directory that is being read.
    entries: u64,
    /// Whether a directory had fewer entries than its end says.
    short: bool,
    ended: bool,
}

impl Directory {
    /// A local header lies here.
    pub(super) fn meet(&mut self, offset: u64) {
        if self.met.last().is_none_or(|last| *last < offset) {
            self.met.push(offset);
        }
    }

    /// An entry of a directory, which lies at `at`.
    pub(super) fn entry(&mut self, at: u64, entry: Central) {
        self.begin.get_or_insert(at);
        self.entries += 1;
        if self.has_met(entry.offset) {
            return;
        }
        if self.missing.len() == MISSING || self.names + entry.name.len() > NAMES {
            self.dropped += 1;
            return;
        }
        self.names += entry.name.len();
        self.missing.push(Missing { offset: entry.offset, name: entry.name });
    }

    /// The end of a directory, which itself says that it begins at `told`: in an archive with something in front, all
    /// offsets may be too small by the same number. `count`: how many entries it says that the directory has, if that is
    /// fewer than 65,535.
    pub(super) fn end(&mut self, told: Option<u64>, count: Option<u64>) {
        self.ended = true;
        self.short |= self.begin.is_some() && count.is_some_and(|count| self.entries < count);
        self.entries = 0;
        let shift = match (self.begin.take(), told) {
            (Some(begin), Some(told)) => begin.wrapping_sub(told),
            _ => 0,
        };
        for missing in &mut self.missing[self.current..] {
            missing.offset = missing.offset.wrapping_add(shift);
        }
        let (met, mut at) = (&self.met, 0);
        let current = self.current;
        self.missing.retain(|missing| {
            at += 1;
            at <= current || met.binary_search(&missing.offset).is_err()
        });
        self.current = self.missing.len();
        self.names = self.missing.iter().map(|missing| missing.name.len()).sum();
    }

    /// Whether the end of a directory was seen.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Whether entries of a directory could not be read.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// Whether any member was met.
    pub(super) fn met_any(&self) -> bool {
        !self.met.is_empty()
    }

    /// What is missing, by offset, each offset once; and how many more there are than were kept.
    pub(super) fn missing(&mut self) -> (Vec<Missing>, u64) {
        let met = &self.met;
        let mut missing = std::mem::take(&mut self.missing);
        missing.retain(|missing| met.binary_search(&missing.offset).is_err());
        missing.sort_by_key(|missing| missing.offset);
        missing.dedup_by_key(|missing| missing.offset);
        (missing, std::mem::take(&mut self.dropped))
    }

    fn has_met(&self, offset: u64) -> bool {
        self.met.binary_search(&offset).is_ok()
    }
}
