//! Budget for compressed data within one content, and a log of what was skipped because of it.
//!
//! Compressed data can expand to thousands of times its size, so the search in it is limited relative to the size of
//! the content. The content itself needs no limit: its size bounds the cost.

use std::cell::{Cell, RefCell};

use super::rejections::Trace;

/// Steps charged for an anchor in inflated data, whose surroundings are decoded. A candidate costs one step per
/// interpretation.
pub(crate) const ANCHOR: u64 = 500;
/// Steps granted per MiB of content.
const STEPS: u64 = 3_000_000;

/// The remaining budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remaining {
    /// Bytes that may still be inflated.
    inflated: u64,
    /// Steps of the search in inflated data.
    steps: u64,
}

impl Remaining {
    /// Budget of one file, whatever its size.
    pub(crate) const FIRST: Self = Self { inflated: 256 << 20, steps: 3 * STEPS };

    /// Returns the budget after `bytes` more bytes of an endless content, at most the initial one.
    pub(crate) fn after(self, bytes: u64) -> Self {
        let inflated = (self.inflated + 16 * bytes).min(Self::FIRST.inflated);
        Self { inflated, steps: (self.steps + steps(bytes)).min(Self::FIRST.steps) }
    }
}

fn steps(bytes: u64) -> u64 {
    (bytes * STEPS) >> 20
}

/// Budget of one file, and a log of what was skipped.
#[derive(Debug)]
pub(crate) struct Budget {
    left: Cell<Remaining>,
    unseen: RefCell<Vec<String>>,
    /// Buffers of finished streams, for reuse.
    buffers: RefCell<Vec<Vec<u8>>>,
    /// Trace of anchors for `explain`.
    pub(crate) trace: Trace,
}

impl Default for Budget {
    fn default() -> Self {
        Self::with(Remaining::FIRST)
    }
}

impl Budget {
    /// Creates a budget with `left` remaining.
    pub(crate) fn with(left: Remaining) -> Self {
        Self {
            left: Cell::new(left),
            unseen: RefCell::default(),
            buffers: RefCell::default(),
            trace: Trace::default(),
        }
    }

    /// Creates a full budget. With `traced`, it also records a trace of the anchors.
    pub(crate) fn new(traced: bool) -> Self {
        Self { trace: Trace::new(traced), ..Self::default() }
    }

    /// Returns the remaining budget.
    pub(crate) fn left(&self) -> Remaining {
        self.left.get()
    }

    /// Grants budget for `bytes` bytes read from the file.
    pub(crate) fn read(&self, bytes: u64) {
        let left = self.left.get();
        self.left.set(Remaining { steps: left.steps + steps(bytes), ..left });
    }

    /// Returns how many of `wanted` bytes may be inflated.
    pub(crate) fn room(&self, wanted: usize) -> usize {
        let Remaining { inflated, steps } = self.left.get();
        if inflated == 0 {
            self.missed("more compressed data inside base64 than 256 MiB; the rest of it was not read");
        }
        if steps == 0 { 0 } else { wanted.min(usize::try_from(inflated).unwrap_or(usize::MAX)) }
    }

    /// Charges `bytes` inflated bytes.
    pub(crate) fn inflate(&self, bytes: u64) {
        let left = self.left.get();
        self.left.set(Remaining { inflated: left.inflated.saturating_sub(bytes), ..left });
    }

    /// Charges steps of the search in inflated data. Returns `false` if none are left.
    pub(crate) fn step(&self, steps: u64) -> bool {
        let left = self.left.get();
        let rest = left.steps.saturating_sub(steps);
        self.left.set(Remaining { steps: rest, ..left });
        if rest == 0 {
            self.missed(
                "compressed data inside base64 has too many places that look like credentials; the rest of it was not searched",
            );
        }
        rest > 0
    }

    /// Records something that was skipped, once.
    pub(crate) fn missed(&self, what: &str) {
        let mut unseen = self.unseen.borrow_mut();
        if !unseen.iter().any(|known| known == what) {
            unseen.push(what.to_owned());
        }
    }

    /// Returns whether anything was skipped.
    pub(crate) fn has_missed(&self) -> bool {
        !self.unseen.borrow().is_empty()
    }

    /// Returns everything that was skipped.
    pub(crate) fn into_unseen(self) -> Vec<String> {
        self.unseen.into_inner()
    }

    /// Returns a buffer for one stream; pass it to [`Self::give_back`] afterwards.
    pub(crate) fn buffer(&self) -> Vec<u8> {
        self.buffers.borrow_mut().pop().unwrap_or_default()
    }

    /// Returns a buffer from [`Self::buffer`] for reuse.
    pub(crate) fn give_back(&self, buffer: Vec<u8>) {
        self.buffers.borrow_mut().push(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflated_bytes_are_limited_and_skips_are_recorded_once() {
        let budget = Budget::with(Remaining { inflated: 10, steps: 9 });
        for (wanted, room) in [(4, 4), (20, 6), (20, 0), (1, 0)] {
            assert_eq!(budget.room(wanted), room);
            budget.inflate(room as u64);
        }
        budget.missed("something else");
        budget.missed("something else");
        assert!(budget.has_missed());
        let unseen = budget.into_unseen();
        assert_eq!((unseen.len(), unseen[1].as_str()), (2, "something else"));
    }

    #[test]
    fn steps_are_proportional_to_file_size() {
        let budget = Budget::with(Remaining { inflated: 10, steps: 3 });
        assert!(budget.step(2) && !budget.has_missed());
        budget.read(1 << 20);
        assert!(budget.step(STEPS) && budget.room(5) == 5);
        assert!(!budget.step(1) && budget.has_missed());
        assert_eq!(budget.room(5), 0);
        assert_eq!(Remaining::FIRST.after(1 << 30), Remaining::FIRST);
        let more = Remaining { inflated: 0, steps: 0 }.after(1 << 20);
        assert_eq!(more, Remaining { inflated: 16 << 20, steps: STEPS });
    }
}
