//! Helpers for the tests of all parsers: a sink that keeps everything, and the kinds of input.

use std::io::{Cursor, Read};
use std::sync::atomic::AtomicU64;

use super::{Budget, Kind, Limits, Sink, expand};
use crate::input::{Content, Stream};

/// Everything that a sink received.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub(super) struct Record {
    pub(super) members: Vec<(String, Vec<u8>)>,
    pub(super) metadata: Vec<(u64, Vec<u8>)>,
    pub(super) unseen: Vec<(String, String)>,
    pub(super) error: Option<String>,
}

impl Record {
    pub(super) fn texts(&self) -> Vec<(&str, &str)> {
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or("(no text)");
        self.members.iter().map(|(name, bytes)| (name.as_str(), text(bytes))).collect()
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.members.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(super) fn own_text(&self) -> String {
        self.metadata.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect()
    }

    pub(super) fn reasons(&self, name: &str) -> Vec<&str> {
        self.unseen.iter().filter(|(of, _)| of == name).map(|(_, reason)| reason.as_str()).collect()
    }
}

impl Sink for Record {
    fn member(&mut self, name: &str, content: &mut dyn Content) {
        let mut bytes = Vec::new();
        if let Err(error) = content.read_to_end(&mut bytes) {
            self.unseen.push((name.to_owned(), error.to_string()));
        }
        self.members.push((name.to_owned(), bytes));
    }

    fn metadata(&mut self, offset: u64, bytes: &[u8]) {
        self.metadata.push((offset, bytes.to_vec()));
    }

    fn unseen(&mut self, name: &str, reason: &str) {
        self.unseen.push((name.to_owned(), reason.to_owned()));
    }
}

/// A sink that reads nothing of any member.
#[derive(Default)]
struct Idle(Vec<String>);

impl Sink for Idle {
    fn member(&mut self, name: &str, _: &mut dyn Content) {
        self.0.push(name.to_owned());
    }

    fn metadata(&mut self, _: u64, _: &[u8]) {}

    fn unseen(&mut self, _: &str, _: &str) {}
}

/// Input that returns a few bytes at a time.
struct Drops<'b>(&'b [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(buffer.len()).min(7);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn with(kind: Kind, input: &mut dyn Content, limits: &Limits, sink: &mut dyn Sink) -> Option<String> {
    let total = AtomicU64::new(0);
    let budget = Budget::new(limits, &total);
    expand(kind, input, &budget, sink).err().map(|error| error.to_string())
}

/// Expands `bytes` with random access.
pub(super) fn recorded(kind: Kind, bytes: &[u8]) -> Record {
    recorded_within(kind, bytes, &Limits::default())
}

/// The same with other limits.
pub(super) fn recorded_within(kind: Kind, bytes: &[u8], limits: &Limits) -> Record {
    let mut record = Record::default();
    record.error = with(kind, &mut Cursor::new(bytes), limits, &mut record);
    record
}

/// Expands `bytes` as a stream.
pub(super) fn streamed(kind: Kind, bytes: &[u8]) -> Record {
    let mut record = Record::default();
    record.error = with(kind, &mut Stream(bytes), &Limits::default(), &mut record);
    record
}

/// Expands a valid archive, after trying it as a stream, a few bytes at a time, unread, truncated and damaged.
pub(super) fn all_ways(kind: Kind, bytes: &[u8]) -> Record {
    let record = recorded(kind, bytes);
    assert_eq!(record, streamed(kind, bytes), "as a stream");
    let mut drops = Record::default();
    drops.error = with(kind, &mut Stream(Drops(bytes)), &Limits::default(), &mut drops);
    assert_eq!(record, drops, "drop by drop");
    let mut idle = Idle::default();
    let error = with(kind, &mut Stream(bytes), &Limits::default(), &mut idle);
    assert_eq!(
        (idle.0, error),
        (record.members.iter().map(|(name, _)| name.clone()).collect(), record.error.clone())
    );
    cut_off(kind, bytes, &record);
    damaged(kind, bytes);
    record
}

/// Truncates at every seventh byte: either all members were read before, or an error is reported.
fn cut_off(kind: Kind, bytes: &[u8], whole: &Record) {
    for end in (0..bytes.len()).step_by(7) {
        for record in [recorded(kind, &bytes[..end]), streamed(kind, &bytes[..end])] {
            let reported = record.error.is_some() || !record.unseen.is_empty();
            let nothing_is_lost = record.members == whole.members || kind == Kind::Rpm || kind == Kind::Cpio;
            assert!(
                reported || nothing_is_lost || kind == Kind::Ar,
                "silent when cut off at {end}: {record:?}"
            );
        }
    }
}

/// Changes each byte in two ways; nothing may panic or hang.
fn damaged(kind: Kind, bytes: &[u8]) {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len().min(4096) {
        for flip in [0xFF, 1] {
            bytes[at] ^= flip;
            let _record = recorded(kind, &bytes);
            let _record = streamed(kind, &bytes);
            bytes[at] ^= flip;
        }
    }
}
