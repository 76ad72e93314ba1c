//! Rate limiting, retries and when to stop. Knows nothing of HTTP but the status.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::classify::judge;
use super::client::{Answer, Client};
use super::{now, unknown};
use crate::finding::{Liveness, Secret};

/// Delay before a retry if the server does not request one.
const DEFAULT_DELAY: Duration = Duration::from_secs(1);
/// Stop after this many consecutive responses with status 429.
const MAX_LIMITED: u32 = 3;
/// Stop after this many consecutive requests without a response: the host is unreachable.
const MAX_FAILED: u32 = 5;

/// Rate limiter shared by all threads.
pub(super) struct RateLimiter {
    state: Mutex<State>,
    interval: Duration,
    longest: Duration,
}

#[derive(Debug)]
struct State {
    /// Earliest time of the next request.
    next: Instant,
    /// Number of consecutive responses with status 429.
    limited: u32,
    /// Number of consecutive requests without a response.
    failed: u32,
    /// Why no more requests are sent.
    stopped: Option<&'static str>,
}

impl RateLimiter {
    /// Allows at most `per_second` requests per second; delays are at most `longest`.
    pub(super) fn new(per_second: u32, longest: Duration) -> Self {
        let state = State { next: Instant::now(), limited: 0, failed: 0, stopped: None };
        Self { state: Mutex::new(state), interval: Duration::from_secs(1) / per_second.max(1), longest }
    }

    /// Waits until a request may be sent and reserves it. Returns the reason if no more may be sent.
    fn acquire(&self) -> Result<(), &'static str> {
        loop {
            let mut state = self.lock();
            if let Some(reason) = state.stopped {
                return Err(reason);
            }
            let now = Instant::now();
            if state.next <= now {
                state.next = now + self.interval;
                return Ok(());
            }
            let left = state.next - now;
            drop(state);
            std::thread::sleep(left);
        }
    }

    /// Records a response: too many consecutive failures stop the probe, and a 429 delays all threads.
    fn record(&self, answer: &Answer) {
        let mut state = self.lock();
        match answer {
            Answer::Http { status: 429, .. } => {
                state.limited += 1;
                state.failed = 0;
                let pause = Instant::now() + self.pause(answer);
                state.next = state.next.max(pause);
            }
            Answer::Http { .. } => (state.limited, state.failed) = (0, 0),
            Answer::Failed(_) => state.failed += 1,
        }
        if state.limited >= MAX_LIMITED {
            state.stopped = Some("not probed: three answers in a row were 429, too many requests");
        } else if state.failed >= MAX_FAILED {
            state.stopped = Some("not probed: five requests in a row had no answer");
        }
    }

    /// Returns the delay before the next request.
    fn pause(&self, answer: &Answer) -> Duration {
        let asked = match answer {
            Answer::Http { wait, .. } => *wait,
            Answer::Failed(_) => None,
        };
        asked.unwrap_or(DEFAULT_DELAY).min(self.longest)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Probes single keys.
pub(super) struct Prober<'a> {
    pub(super) client: &'a Client,
    pub(super) pace: &'a RateLimiter,
}

impl Prober<'_> {
    /// Probes `key` with one request, and one retry after a 429 or a server error.
    pub(super) fn about(&self, key: &Secret) -> Liveness {
        if let Err(reason) = self.pace.acquire() {
            return unknown(reason);
        }
        let first = self.request(key);
        let again = match &first {
            Answer::Http { status: 429, .. } => true,
            Answer::Http { status: 500..=599, .. } => {
                std::thread::sleep(self.pace.pause(&first));
                true
            }
            _ => false,
        };
        if again && self.pace.acquire().is_ok() { verdict(&self.request(key)) } else { verdict(&first) }
    }

    fn request(&self, key: &Secret) -> Answer {
        let answer = self.client.balance(key);
        self.pace.record(&answer);
        answer
    }
}

fn verdict(answer: &Answer) -> Liveness {
    match answer {
        Answer::Http { status, body, .. } => {
            let (status, reason) = judge(*status, body);
            now(status, reason)
        }
        Answer::Failed(failure) => unknown(failure.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::client::Failure;
    use super::*;

    fn http(status: u16, wait: Option<Duration>) -> Answer {
        Answer::Http { status, body: zeroize::Zeroizing::default(), wait }
    }

    #[test]
    fn three_consecutive_429_stop_the_probe() {
        let pace = RateLimiter::new(1000, Duration::ZERO);
        for status in [429, 429, 200, 429, 429, 500] {
            pace.record(&http(status, None));
            assert_eq!(pace.acquire(), Ok(()));
        }
        for _ in 0..3 {
            pace.record(&http(429, None));
        }
        assert!(pace.acquire().is_err());
    }

    #[test]
    fn five_consecutive_failures_stop_the_probe() {
        let pace = RateLimiter::new(1000, Duration::ZERO);
        for _ in 0..4 {
            pace.record(&Answer::Failed(Failure("no")));
        }
        assert_eq!(pace.acquire(), Ok(()));
        pace.record(&Answer::Failed(Failure("no")));
        assert!(pace.acquire().is_err());
    }

    #[test]
    fn requested_delay_is_bounded() {
        let pace = RateLimiter::new(1, Duration::from_secs(20));
        assert_eq!(pace.pause(&http(429, None)), DEFAULT_DELAY);
        assert_eq!(pace.pause(&http(429, Some(Duration::ZERO))), Duration::ZERO);
        assert_eq!(pace.pause(&http(503, Some(Duration::from_secs(3600)))), Duration::from_secs(20));
    }

    #[test]
    fn requests_are_spaced() {
        let pace = RateLimiter::new(50, Duration::ZERO);
        let start = Instant::now();
        for _ in 0..4 {
            pace.acquire().unwrap();
        }
        assert!(start.elapsed() >= Duration::from_millis(59));
    }
}
