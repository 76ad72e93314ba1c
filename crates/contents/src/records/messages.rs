//! Records in binary messages: event streams of AWS (`application/vnd.amazon.eventstream`: lengths, headers, a JSON payload,
//! with CRC-32 checksums) and terminal recordings of `ttyrec` (a time, a length and output).

use super::{Joiner, mix, terminal};

/// Maximum length of a message in bytes; content with a longer one is not read further.
const LONGEST_MESSAGE: usize = 1 << 20;
/// Length of the lengths of an event and their checksum, and of the checksum at its end.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
/// Length of the times and the length before the output of `ttyrec`.
const HEADER_BYTES: usize = 12;
/// The earliest time of a terminal recording, in seconds since 1970.
const EARLIEST: u32 = 1 << 29;
/// Longest pause in a terminal recording, in seconds.
const LONGEST_PAUSE: u32 = 1 << 22;
/// Hash of the streams of messages.
const STREAM: u64 = 17;

/// The format of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An event stream of AWS.
    Events,
    /// A terminal recording of `ttyrec`.
    Terminal,
}

/// Returns the format of content that starts with `head`, if it consists of messages.
pub(super) fn sniff(head: &[u8]) -> Option<Kind> {
    // Lengths are small: their first or last bytes are zeros.
    match head.get(..HEADER_BYTES)? {
        [0, .., _, _, _, _] if is_event(head) => Some(Kind::Events),
        [.., 0, _, _, 0, 0] if is_recording(head) => Some(Kind::Terminal),
        _ => None,
    }
}

/// Returns whether the checksum of the first lengths is right.
fn is_event(head: &[u8]) -> bool {
    let length = big(head, 0) as usize;
    let fits = (PRELUDE_BYTES + CHECKSUM_BYTES..=LONGEST_MESSAGE).contains(&length);
    fits && big(head, 4) as usize <= length - PRELUDE_BYTES - CHECKSUM_BYTES
        && crc32(&head[..8]) == big(head, 8)
}

/// Returns whether the first two headers are those of a terminal recording.
fn is_recording(head: &[u8]) -> bool {
    let header = |at: usize| {
        head.get(at..at + HEADER_BYTES)
            .map(|_| (little(head, at), little(head, at + 4), little(head, at + 8) as usize))
    };
    let is_header = |(time, micros, length): (u32, u32, usize)| {
        time >= EARLIEST && micros < 1_000_000 && (1..=0xFFFF).contains(&length)
    };
    let Some(first) = header(0).filter(|first| is_header(*first)) else { return false };
    header(HEADER_BYTES + first.2)
        .is_some_and(|next| is_header(next) && next.0 >= first.0 && next.0 - first.0 <= LONGEST_PAUSE)
}

/// Returns the CRC-32 of a few bytes (ITU-T V.42).
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = !0;
    for &byte in bytes {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

fn four(bytes: &[u8], at: usize) -> [u8; 4] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}

fn big(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(four(bytes, at))
}

fn little(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(four(bytes, at))
}

impl Joiner {
    /// Reads the next bytes of content that consists of messages.
    pub(super) fn push_messages(&mut self, kind: Kind, bytes: &[u8]) {
        if self.overlong {
            self.offset += bytes.len() as u64;
            return;
        }
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(length) = length(kind, &rest[at..]) {
            if length > LONGEST_MESSAGE || length == 0 {
                self.overlong = true;
                at = rest.len();
                break;
            }
            let Some(message) = rest.get(at..at + length) else { break };
            self.message(kind, message);
            self.offset += length as u64;
            self.line += memchr::memchr_iter(b'\n', message).count() as u64;
            at += length;
        }
        rest.drain(..at);
        self.rest = rest;
    }

    fn message(&mut self, kind: Kind, message: &[u8]) {
        match kind {
            Kind::Events => {
                let start = PRELUDE_BYTES + big(message, 4) as usize;
                let end = message.len() - CHECKSUM_BYTES;
                if let Some(headers) = message.get(PRELUDE_BYTES..start)
                    && start < end
                {
                    self.values(&message[..end], start, mix(STREAM, headers));
                }
            }
            Kind::Terminal => {
                let place = self.place(message, HEADER_BYTES);
                let lane = self.lanes.get(STREAM, self.line);
                lane.crossing = true;
                lane.text.start(place);
                let mut terminal = lane.terminal.take().unwrap_or_default();
                terminal::write_all(&mut terminal, &mut lane.text, &message[HEADER_BYTES..], place.offset);
                lane.terminal = Some(terminal);
                self.lanes.added(STREAM);
            }
        }
    }
}

/// Returns the length of the first message in `bytes`, 0 if it is damaged. Returns `None` if its header is not complete.
fn length(kind: Kind, bytes: &[u8]) -> Option<usize> {
    bytes.get(..HEADER_BYTES)?;
    match kind {
        Kind::Events if is_event(bytes) => Some(big(bytes, 0) as usize),
        Kind::Events => Some(0),
        Kind::Terminal => Some(HEADER_BYTES + little(bytes, 8) as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_recognised_by_their_first_headers() {
        let mut event = [0, 0, 0, 20, 0, 0, 0, 0].to_vec();
        event.extend(crc32(&event).to_be_bytes());
        assert_eq!(sniff(&event), Some(Kind::Events));
        event[11] ^= 1;
        assert_eq!(sniff(&event), None);
        let one = |time: u32| [&time.to_le_bytes()[..], &[0; 4], &[1, 0, 0, 0], b"x"].concat();
        assert_eq!(sniff(&[one(EARLIEST), one(EARLIEST + 1)].concat()), Some(Kind::Terminal));
        assert_eq!(sniff(&[one(EARLIEST), one(1)].concat()), None);
        assert_eq!(sniff(b"some text of a file"), None);
        // The check value of CRC-32.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
