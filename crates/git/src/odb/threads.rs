//! Runs a function on several threads. The function itself distributes the work.

use std::thread;

/// Runs `work` on `threads` threads, including the current one, and waits for all of them. Returns the results in
/// unspecified order.
pub(super) fn broadcast<R: Send>(threads: usize, work: impl Fn() -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        // If the system refuses to create a thread, the others do the work.
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

/// Runs two functions, in parallel if `threads` is not 1.
pub(super) fn join<A, B: Send>(
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
            // The system could not create a thread.
            None => other(),
        };
        (first, second)
    })
}
