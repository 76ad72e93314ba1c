//! Decides which values of a record identify its stream: by their names, and by whether they repeat.

use std::collections::HashMap;

/// Number of records after which an id with a different value in each record identifies the record, not the stream.
const LEARNED_AFTER: usize = 3;
/// Maximum number of remembered values of one name.
const REMEMBERED: usize = 64;
/// Maximum number of names whose values are remembered.
const MOST_NAMES: usize = 256;

/// The role of a value, from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// Identifies the stream.
    Stream,
    /// An id or an index: identifies the stream, unless it differs in every record.
    Id,
    /// Does not identify the stream.
    Other,
}

/// Names that identify a stream, in lower case, without separators.
const STREAMS: [&[u8]; 33] = [
    b"stream",
    b"session",
    b"sessionid",
    b"pod",
    b"podname",
    b"poduid",
    b"container",
    b"containername",
    b"containerid",
    b"channel",
    b"thread",
    b"threadid",
    b"conversation",
    b"conversationid",
    b"host",
    b"hostname",
    b"namespace",
    b"namespacename",
    b"type",
    b"event",
    b"kind",
    b"method",
    b"sessionupdate",
    b"source",
    b"fd",
    b"unit",
    b"systemdunit",
    b"syslogidentifier",
    b"service",
    b"pid",
    b"streamid",
    b"topic",
    b"partition",
];
/// Suffixes of names that identify a stream.
const STREAM_ENDS: [&[u8]; 3] = [b"outputindex", b"contentindex", b"blockindex"];
/// Ids that differ in every record.
const EVENT_IDS: [&[u8]; 6] = [b"eventid", b"chunkid", b"uuid", b"guid", b"sequenceid", b"seqid"];

/// Returns the role of a value from its name in a JSON object.
pub(super) fn of_name(name: &[u8]) -> Name {
    if name.len() > 40 {
        return Name::Other;
    }
    let mut buffer = [0; 40];
    let mut length = 0;
    for byte in name.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        buffer[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    let plain = &buffer[..length];
    if STREAMS.contains(&plain) || STREAM_ENDS.iter().any(|end| plain.ends_with(end)) {
        Name::Stream
    } else if plain == b"index" {
        Name::Id
    } else if EVENT_IDS.contains(&plain) || !is_id(name) {
        Name::Other
    } else {
        Name::Id
    }
}

/// Returns whether a name is `id` or ends with `id` as a word.
fn is_id(name: &[u8]) -> bool {
    match name {
        b"id" | b"ID" | b"Id" | [.., b'I', b'd' | b'D'] => true,
        [.., separator, b'i', b'd'] => matches!(separator, b'_' | b'-' | b'.'),
        _ => false,
    }
}

/// Adds `bytes` to a hash.
pub(super) fn mix(hash: u64, bytes: &[u8]) -> u64 {
    let mut hash = hash ^ (bytes.len() as u64).rotate_left(56);
    for part in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        hash = (hash.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= hash >> 29;
    }
    hash
}

/// The values of ids in the records so far.
#[derive(Debug, Default)]
pub(super) struct Ids {
    seen: HashMap<u64, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    count: usize,
    values: Vec<u64>,
    repeated: bool,
}

impl Ids {
    /// Records a value of the id with this path.
    pub(super) fn note(&mut self, path: u64, value: u64) {
        if self.seen.len() >= MOST_NAMES && !self.seen.contains_key(&path) {
            return;
        }
        let seen = self.seen.entry(path).or_default();
        seen.count += 1;
        if seen.repeated || seen.values.contains(&value) {
            seen.repeated = true;
        } else if seen.values.len() < REMEMBERED {
            seen.values.push(value);
        } else {
            seen.values[seen.count % REMEMBERED] = value;
        }
    }

    /// Returns whether the id with this path differed in every record.
    pub(super) fn is_unique(&self, path: u64) -> bool {
        self.seen.get(&path).is_some_and(|seen| !seen.repeated && seen.count >= LEARNED_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_streams() {
        for name in ["stream", "output_index", "sessionId", "pod_name", "_SYSTEMD_UNIT", "contentBlockIndex"]
        {
            assert_eq!(of_name(name.as_bytes()), Name::Stream, "{name}");
        }
        for name in ["id", "index", "item_id", "responseId", "messageID"] {
            assert_eq!(of_name(name.as_bytes()), Name::Id, "{name}");
        }
        for name in ["time", "delta", "event_id", "uuid", "paid", "chunk_index", "log"] {
            assert_eq!(of_name(name.as_bytes()), Name::Other, "{name}");
        }
    }

    #[test]
    fn an_id_that_never_repeats_is_that_of_a_record() {
        let mut ids = Ids::default();
        for value in 0..3 {
            assert!(!ids.is_unique(1));
            ids.note(1, value);
        }
        assert!(ids.is_unique(1));
        ids.note(1, 0);
        assert!(!ids.is_unique(1) && !ids.is_unique(2));
    }
}
