//! Memory budget for pack decoding: a small quota for each thread, and one large quota held by one thread at a time.
//!
//! Only counts bytes and blocks threads; does not allocate.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Budget in bytes for a pack in memory and the thread that holds the large quota.
pub(super) const TOTAL_BYTES: u64 = 352 << 20;
/// Bytes that all threads together may use without the large quota.
const SMALL_QUOTAS_BYTES: u64 = 64 << 20;
/// Minimum and maximum of the small quota of a thread, in bytes.
const SMALL_QUOTA_LIMITS: (u64, u64) = (4 << 20, 32 << 20);

/// The memory budget for one pack.
#[derive(Debug)]
pub(super) struct MemoryBudget {
    large: Mutex<()>,
    each: u64,
    most: u64,
}

impl MemoryBudget {
    /// Creates a budget for `threads` threads. The large quota is `most` bytes.
    pub(super) fn new(threads: usize, most: u64) -> Self {
        let each =
            (SMALL_QUOTAS_BYTES / threads.max(1) as u64).clamp(SMALL_QUOTA_LIMITS.0, SMALL_QUOTA_LIMITS.1);
        Self { large: Mutex::new(()), each, most }
    }
}

/// One thread's share of the budget.
#[derive(Debug)]
pub(super) struct Quota<'a> {
    memory: &'a MemoryBudget,
    held: u64,
    large: Option<MutexGuard<'a, ()>>,
}

impl<'a> Quota<'a> {
    /// Creates an empty share.
    pub(super) fn new(memory: &'a MemoryBudget) -> Self {
        Self { memory, held: 0, large: None }
    }

    /// Returns whether `bytes` more may be used. If that exceeds the small quota, blocks until the large quota is free;
    /// its holder never waits for the blocked threads.
    pub(super) fn allows(&mut self, bytes: u64) -> bool {
        let wanted = self.held.saturating_add(bytes);
        if wanted > self.memory.each {
            self.wait();
        }
        wanted <= self.memory.each.max(self.memory.most)
    }

    /// Acquires the large quota, for allocations whose size is not known in advance.
    pub(super) fn wait(&mut self) {
        if self.large.is_none() {
            // The mutex guards no data, so a poisoned lock is harmless.
            self.large = Some(self.memory.large.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Adds `bytes` to the bytes in use.
    pub(super) fn hold(&mut self, bytes: u64) {
        self.held = self.held.saturating_add(bytes);
    }

    /// Subtracts `bytes` from the bytes in use.
    pub(super) fn release(&mut self, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// Releases everything, including the large quota.
    pub(super) fn end(&mut self) {
        (self.held, self.large) = (0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_quota_for_all_and_large_quota_for_one() {
        let memory = MemoryBudget::new(2, 300 << 20);
        let (mut one, mut other) = (Quota::new(&memory), Quota::new(&memory));
        assert!(one.allows(32 << 20) && other.allows(32 << 20));
        one.hold(20 << 20);
        assert!(one.large.is_none() && one.allows(20 << 20) && one.large.is_some());
        assert!(one.allows(280 << 20) && !one.allows(281 << 20));
        one.release(20 << 20);
        assert!(one.allows(300 << 20));
        one.end();
        assert!(other.allows(300 << 20) && other.large.is_some());
        assert!(Quota::new(&MemoryBudget::new(100, 0)).allows(SMALL_QUOTA_LIMITS.0));
    }
}
