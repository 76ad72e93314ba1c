//! Running one function on several threads. Who does what is up to the function.

use std::thread;

/// Runs `work` on `threads` threads, this one among them, and waits for all. What each returned, in any order.
pub(super) fn each<R: Send>(threads: usize, work: impl Fn() -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        // Where the system gives fewer threads, those do it all.
        let start = |_| thread::Builder::new().spawn_scoped(scope, &work).ok();
        let others: Vec<_> = (1..threads).map_while(start).collect();
        let mut results = vec![work()];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

/// Does two things, at once if there may be more than one thread.
pub(super) fn both<A, B: Send>(
    threads: usize,
    one: impl FnOnce() -> A,
    other: impl Fn() -> B + Sync,
) -> (A, B) {
    if threads == 1 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let started = thread::Builder::new().spawn_scoped(scope, &other).ok();
        let first = one();
        let second = match started.map(thread::ScopedJoinHandle::join) {
            Some(Ok(second)) => second,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            // The system gives no thread.
            None => other(),
        };
        (first, second)
    })
}
