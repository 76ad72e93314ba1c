//! Reads an event from standard input, within bounds of size and time.

use std::io;
use std::time::{Duration, Instant};

use telleaks_platform::{WaitingReader, stdin_file};

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
    let read = |file: &_, buffer: &mut _| undisturbed(|| fault_injection::read(file, buffer));
    let mut input = WaitingReader::new(stdin_file()?, read);
    let start = Instant::now();
    let mut tried = 0;
    loop {
        if start.elapsed() >= LIMIT {
            return Ok(Some("the event did not end in time".to_owned()));
        }
        if input.is_ready(QUIET) {
            let at = bytes.len();
            bytes.resize(at + READ_BYTES, 0);
            let count = input.read(&mut bytes[at..]);
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
