//! What the compressed data inside one content may cost, and what was left out for that.
//!
//! Compressed data can be thousands of times as long as what it is made from, so what is searched in it is bounded by
//! what it is made from. The content itself is not: its own length bounds what it costs.

use std::cell::{Cell, RefCell};

use super::trace::Trace;

/// Steps for an anchor that begins somewhere: its surroundings are decoded. One that may begin there is a step for each of
/// its meanings.
pub(crate) const ANCHOR: u64 = 500;
/// Steps for each MiB of content.
const STEPS: u64 = 3_000_000;

/// What may still be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    /// Bytes that may be inflated.
    inflated: u64,
    /// Steps of the search in them.
    steps: u64,
}

impl Left {
    /// What one file may cost, however short it is.
    pub(crate) const FIRST: Self = Self { inflated: 256 << 20, steps: 3 * STEPS };

    /// What is left after so many more bytes of content have come, which never ends: never more than at first.
    pub(crate) fn after(self, bytes: u64) -> Self {
        let inflated = (self.inflated + 16 * bytes).min(Self::FIRST.inflated);
        Self { inflated, steps: (self.steps + steps(bytes)).min(Self::FIRST.steps) }
    }
}

fn steps(bytes: u64) -> u64 {
    bytes * STEPS >> 20
}

/// What one file may still cost, and what was left out for that.
#[derive(Debug)]
pub(crate) struct Budget {
    left: Cell<Left>,
    unseen: RefCell<Vec<String>>,
    /// Memory of streams that are no longer read.
    buffers: RefCell<Vec<Vec<u8>>>,
    /// What became of anchors.
    pub(crate) trace: Trace,
}

impl Default for Budget {
    fn default() -> Self {
        Self::with(Left::FIRST)
    }
}

impl Budget {
    /// One of which only this is left.
    pub(crate) fn with(left: Left) -> Self {
        Self {
            left: Cell::new(left),
            unseen: RefCell::default(),
            buffers: RefCell::default(),
            trace: Trace::default(),
        }
    }

    /// One that also keeps what became of anchors, if that is `traced`.
    pub(crate) fn new(traced: bool) -> Self {
        Self { trace: Trace::new(traced), ..Self::default() }
    }

    /// What is left.
    pub(crate) fn left(&self) -> Left {
        self.left.get()
    }

    /// So many bytes of the file were read.
    pub(crate) fn read(&self, bytes: u64) {
        let left = self.left.get();
        self.left.set(Left { steps: left.steps + steps(bytes), ..left });
    }

    /// How many of `wanted` bytes may be inflated.
    pub(crate) fn room(&self, wanted: usize) -> usize {
        let Left { inflated, steps } = self.left.get();
        if inflated == 0 {
            self.missed("more compressed data inside base64 than 256 MiB; the rest of it was not read");
        }
        if steps == 0 { 0 } else { wanted.min(usize::try_from(inflated).unwrap_or(usize::MAX)) }
    }

    /// So many bytes were inflated.
    pub(crate) fn inflate(&self, bytes: u64) {
        let left = self.left.get();
        self.left.set(Left { inflated: left.inflated.saturating_sub(bytes), ..left });
    }

    /// Takes steps for something in what was inflated; false if none are left.
    pub(crate) fn step(&self, steps: u64) -> bool {
        let left = self.left.get();
        let rest = left.steps.saturating_sub(steps);
        self.left.set(Left { steps: rest, ..left });
        if rest == 0 {
            self.missed(
                "compressed data inside base64 has too many places that look like credentials; the rest of it was not searched",
            );
        }
        rest > 0
    }

    /// Notes something that was not looked at.
    pub(crate) fn missed(&self, what: &str) {
        let mut unseen = self.unseen.borrow_mut();
        if !unseen.iter().any(|known| known == what) {
            unseen.push(what.to_owned());
        }
    }

    /// Whether something was not looked at.
    pub(crate) fn has_missed(&self) -> bool {
        !self.unseen.borrow().is_empty()
    }

    /// Everything that was noted.
    pub(crate) fn into_unseen(self) -> Vec<String> {
        self.unseen.into_inner()
    }

    /// Memory for one stream; [`Self::give_back`] takes it again.
    pub(crate) fn buffer(&self) -> Vec<u8> {
        self.buffers.borrow_mut().pop().unwrap_or_default()
    }

    /// See [`Self::buffer`].
    pub(crate) fn give_back(&self, buffer: Vec<u8>) {
        self.buffers.borrow_mut().push(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_inflate_so_much_and_what_is_left_out_is_noted_once() {
        let budget = Budget::with(Left { inflated: 10, steps: 9 });
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
    fn so_many_steps_may_be_taken_for_each_byte_of_the_file() {
        let budget = Budget::with(Left { inflated: 10, steps: 3 });
        assert!(budget.step(2) && !budget.has_missed());
        budget.read(1 << 20);
        assert!(budget.step(STEPS) && budget.room(5) == 5);
        assert!(!budget.step(1) && budget.has_missed());
        assert_eq!(budget.room(5), 0);
        assert_eq!(Left::FIRST.after(1 << 30), Left::FIRST);
        let more = Left { inflated: 0, steps: 0 }.after(1 << 20);
        assert_eq!(more, Left { inflated: 16 << 20, steps: STEPS });
    }
}
