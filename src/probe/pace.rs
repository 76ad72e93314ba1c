//! How fast to ask, when to try again, when to stop. It knows nothing of HTTP but a status.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::client::{Answer, Client};
use super::verdict::judge;
use super::{now, unknown};
use crate::finding::{Liveness, Secret};

/// A pause before a retry where the server names none.
const PAUSE: Duration = Duration::from_secs(1);
/// So many answers 429 in a row end the asking.
const MAX_LIMITED: u32 = 3;
/// So many requests in a row without any answer end the asking: the host cannot be reached from here.
const MAX_FAILED: u32 = 5;

/// What all threads share.
pub(super) struct Pace {
    state: Mutex<State>,
    interval: Duration,
    longest: Duration,
}

#[derive(Debug)]
struct State {
    /// When the next request may be sent.
    next: Instant,
    /// Answers 429 in a row.
    limited: u32,
    /// Requests in a row without an answer.
    failed: u32,
    /// Why nothing more is sent.
    stopped: Option<&'static str>,
}

impl Pace {
    /// At most `per_second` requests a second; no pause is longer than `longest`.
    pub(super) fn new(per_second: u32, longest: Duration) -> Self {
        let state = State { next: Instant::now(), limited: 0, failed: 0, stopped: None };
        Self { state: Mutex::new(state), interval: Duration::from_secs(1) / per_second.max(1), longest }
    }

    /// Waits until a request may be sent, and takes that right; or says why none may be sent any more.
    fn turn(&self) -> Result<(), &'static str> {
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

    /// Takes note of an answer: too many of one kind in a row end the asking, and after a 429 all wait.
    fn note(&self, answer: &Answer) {
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
            state.stopped = Some("not asked: three answers in a row were 429, too many requests");
        } else if state.failed >= MAX_FAILED {
            state.stopped = Some("not asked: five requests in a row had no answer");
        }
    }

    /// How long to wait before asking again.
    fn pause(&self, answer: &Answer) -> Duration {
        let asked = match answer {
            Answer::Http { wait, .. } => *wait,
            Answer::Failed(_) => None,
        };
        asked.unwrap_or(PAUSE).min(self.longest)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks about one key after another.
pub(super) struct Judge<'a> {
    pub(super) client: &'a Client,
    pub(super) pace: &'a Pace,
}

impl Judge<'_> {
    /// Asks about `key`: one request, and one more if the first was answered with 429 or an error of the server.
    pub(super) fn about(&self, key: &Secret) -> Liveness {
        if let Err(reason) = self.pace.turn() {
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
        if again && self.pace.turn().is_ok() { verdict(&self.request(key)) } else { verdict(&first) }
    }

    fn request(&self, key: &Secret) -> Answer {
        let answer = self.client.balance(key);
        self.pace.note(&answer);
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
    fn three_429_in_a_row_end_the_asking_and_another_answer_between_them_does_not() {
        let pace = Pace::new(1000, Duration::ZERO);
        for status in [429, 429, 200, 429, 429, 500] {
            pace.note(&http(status, None));
            assert_eq!(pace.turn(), Ok(()));
        }
        for _ in 0..3 {
            pace.note(&http(429, None));
        }
        assert!(pace.turn().is_err());
    }

    #[test]
    fn five_failures_in_a_row_end_the_asking() {
        let pace = Pace::new(1000, Duration::ZERO);
        for _ in 0..4 {
            pace.note(&Answer::Failed(Failure("no")));
        }
        assert_eq!(pace.turn(), Ok(()));
        pace.note(&Answer::Failed(Failure("no")));
        assert!(pace.turn().is_err());
    }

    #[test]
    fn a_pause_is_what_the_server_asks_for_within_reason() {
        let pace = Pace::new(1, Duration::from_secs(20));
        assert_eq!(pace.pause(&http(429, None)), PAUSE);
        assert_eq!(pace.pause(&http(429, Some(Duration::ZERO))), Duration::ZERO);
        assert_eq!(pace.pause(&http(503, Some(Duration::from_secs(3600)))), Duration::from_secs(20));
    }

    #[test]
    fn requests_are_spread() {
        let pace = Pace::new(50, Duration::ZERO);
        let start = Instant::now();
        for _ in 0..4 {
            pace.turn().unwrap();
        }
        assert!(start.elapsed() >= Duration::from_millis(59));
    }
}
