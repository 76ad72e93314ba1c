//! How much memory the decoding of a pack may take: a little for each thread, much for one thread at a time.
//!
//! It counts and makes threads wait; it allocates nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes for a pack in memory and what one thread makes of it while it has its turn.
pub(super) const MOST: u64 = 352 << 20;
/// Bytes that all threads may hold together without a turn.
const TOGETHER: u64 = 64 << 20;
/// Bytes that one thread may hold without a turn, at least and at most.
const EACH: (u64, u64) = (4 << 20, 32 << 20);

/// The memory for one pack.
#[derive(Debug)]
pub(super) struct Memory {
    turn: Mutex<()>,
    each: u64,
    most: u64,
}

impl Memory {
    /// For so many threads, and `most` bytes for the one whose turn it is.
    pub(super) fn new(threads: usize, most: u64) -> Self {
        let each = (TOGETHER / threads.max(1) as u64).clamp(EACH.0, EACH.1);
        Self { turn: Mutex::new(()), each, most }
    }
}

/// What one thread has of it.
#[derive(Debug)]
pub(super) struct Share<'a> {
    memory: &'a Memory,
    held: u64,
    turn: Option<MutexGuard<'a, ()>>,
}

impl<'a> Share<'a> {
    /// Nothing yet.
    pub(super) fn new(memory: &'a Memory) -> Self {
        Self { memory, held: 0, turn: None }
    }

    /// Whether so many bytes may be taken beside what is held. Waits for a turn if they are many: who has it needs
    /// nothing of those that wait.
    pub(super) fn allows(&mut self, bytes: u64) -> bool {
        let wanted = self.held.saturating_add(bytes);
        if wanted > self.memory.each {
            self.wait();
        }
        wanted <= self.memory.each.max(self.memory.most)
    }

    /// Waits for the turn, for what cannot be counted beforehand.
    pub(super) fn wait(&mut self) {
        if self.turn.is_none() {
            // Nothing lies behind the lock that a panic could have left half done.
            self.turn = Some(self.memory.turn.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// So many bytes are held from now on.
    pub(super) fn hold(&mut self, bytes: u64) {
        self.held = self.held.saturating_add(bytes);
    }

    /// So many bytes are held no more.
    pub(super) fn release(&mut self, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// Nothing is held any more; the turn is over.
    pub(super) fn end(&mut self) {
        (self.held, self.turn) = (0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_little_is_for_all_and_much_for_one() {
        let memory = Memory::new(2, 300 << 20);
        let (mut one, mut other) = (Share::new(&memory), Share::new(&memory));
        assert!(one.allows(32 << 20) && other.allows(32 << 20));
        one.hold(20 << 20);
        assert!(one.turn.is_none() && one.allows(20 << 20) && one.turn.is_some());
        assert!(one.allows(280 << 20) && !one.allows(281 << 20));
        one.release(20 << 20);
        assert!(one.allows(300 << 20));
        one.end();
        assert!(other.allows(300 << 20) && other.turn.is_some());
        assert!(Share::new(&Memory::new(100, 0)).allows(EACH.0));
    }
}
