//! Reads an event from standard input, within bounds of size and time.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::fault_injection;
use crate::input::undisturbed;

/// Maximum size of an event in bytes.
const MAX_BYTES: usize = 64 << 20;
/// Time after which an event without an end is decided, unless bytes are still arriving.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time after which an event is decided in any case.
const LIMIT: Duration = Duration::from_secs(5);
/// Time without new bytes after which a whole document is taken for the whole event.
const QUIET: Duration = Duration::from_millis(25);
/// Bytes of one read.
const READ_BYTES: usize = 256 << 10;

/// What arrived.
pub(super) struct Input {
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// Why the rest is missing, if it is.
    pub(super) failure: Option<String>,
}

/// Reads standard input to its end, or until the time or the size is used up.
pub(super) fn read() -> Input {
    let mut bytes = Vec::new();
    let failure = fill(&mut bytes).unwrap_or_else(|error| Some(format!("standard input: {error}")));
    Input { bytes, failure }
}

fn fill(bytes: &mut Vec<u8>) -> io::Result<Option<String>> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let start = Instant::now();
    let mut tried = 0;
    loop {
        if start.elapsed() >= LIMIT {
            return Ok(Some("the event did not end in time".to_owned()));
        }
        if is_ready(&input, QUIET) {
            let at = bytes.len();
            bytes.resize(at + READ_BYTES, 0);
            let count = undisturbed(|| fault_injection::read(&input, &mut bytes[at..]));
            bytes.truncate(at + count.as_ref().copied().unwrap_or(0));
            if count? == 0 {
                return Ok(None);
            }
            if bytes.len() > MAX_BYTES {
                return Ok(Some("the event is larger than 64 MiB".to_owned()));
            }
            continue;
        }
        if bytes.len() > tried {
            tried = bytes.len();
            if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
                return Ok(None);
            }
        }
        if start.elapsed() >= PATIENCE {
            return Ok(Some("the event did not end in time".to_owned()));
        }
    }
}

/// Returns whether input, or its end, can be read within `wait`.
fn is_ready(input: &File, wait: Duration) -> bool {
    let mut fds = [PollFd::new(input, PollFlags::IN)];
    let timeout = Timespec { tv_sec: wait.as_secs().cast_signed(), tv_nsec: wait.subsec_nanos().into() };
    // If polling fails, the read will report the error.
    !matches!(poll(&mut fds, Some(&timeout)), Ok(0))
}
