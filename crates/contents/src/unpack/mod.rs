//! Expands compressed streams and archives into their members, as streams.
//!
//! [`sniff`] detects a format from the first bytes, [`expand`] hands the members to a [`Sink`], one after the other.
//! Does not search content, write to disk, or use member names as paths. Sizes in headers are untrusted: bytes are
//! counted while they are read, under a [`Budget`]. The sink decides whether to expand nested containers.

mod ar;
mod asar;
mod budget;
mod cpio;
mod embedded;
mod foreign;
mod format;
mod lz4;
mod magic;
mod metadata;
mod pages;
mod peek_reader;
mod push_reader;
mod registry;
mod rpm;
mod sevenz;
mod small_reads;
mod snappy;
mod streams;
mod tar;
mod zip;

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Read};

pub use budget::{Budget, Limits};
pub use foreign::foreign_names;
pub use format::{Foreign, Kind, sniff};
pub use registry::{Format, Group, formats};

use crate::input::{Content, ReadSeek};

/// Receives the members of a container.
pub trait Sink {
    /// Receives one member. `name` is its name in the container, for display: `/` separates components, bytes that are
    /// not UTF-8 are written as `\xNN`, control characters are kept; empty for the only content of a compressed stream.
    ///
    /// The sink may read any part of `content`, and must report its errors. Unread bytes are skipped.
    fn member(&mut self, name: &str, content: &mut dyn Content);

    /// Receives metadata, the bytes of the container that belong to no member: headers, names, comments, and data
    /// between or after the members. `offset` (bytes) is their offset in the container.
    fn metadata(&mut self, offset: u64, bytes: &[u8]);

    /// Returns whether metadata is wanted.
    fn wants_metadata(&self) -> bool {
        true
    }

    /// Returns whether decoded bytes may contain something; otherwise they need not be handed over.
    fn may_match(&self, _bytes: &[u8]) -> bool {
        true
    }

    /// Reports a member in an unsupported format. An empty name means the container itself.
    fn foreign(&mut self, name: &str, what: Foreign) {
        self.unseen(name, &format!("{}: unsupported format", what.title));
    }

    /// Reports that a member was skipped or only partly read, and why. An empty name means the container itself.
    fn unseen(&mut self, name: &str, reason: &str);
}

/// Input whose first bytes were read ahead.
pub struct Opened<'r> {
    /// The first bytes: all of the input, or as many as the buffer had room for.
    head: &'r [u8],
    at: usize,
    rest: &'r mut dyn Content,
}

impl<'r> Opened<'r> {
    /// Creates an input that starts with `head`, which was read from `rest` already.
    pub fn new(head: &'r [u8], rest: &'r mut dyn Content) -> Self {
        Self { head, at: 0, rest }
    }
}

impl Read for Opened<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = &self.head[self.at..];
        if ready.is_empty() {
            return self.rest.read(buffer);
        }
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Content for Opened<'_> {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        self.rest.random()
    }

    fn read_from(&self, offset: u64) -> Option<Box<dyn Read + Send + '_>> {
        self.rest.read_from(offset)
    }

    fn beside(&mut self, name: &str) -> Option<Box<dyn Read + '_>> {
        self.rest.beside(name)
    }
}

/// Bytes at the end of an input in which the end record of an appended zip archive is searched: the record and a
/// comment of maximum length.
pub const TAIL: u64 = 66 << 10;

/// Detects the format of an input from its end: a zip archive after any other data, or a table of LevelDB. `tail` is the
/// whole input, or its last [`TAIL`] bytes.
pub fn sniff_end(tail: &[u8]) -> Option<Kind> {
    if pages::is_table(tail) {
        return Some(Kind::LevelTable);
    }
    zip::is_appended(tail).then_some(Kind::Zip)
}

/// Returns whether `tail`, the last bytes of an input, contains the end record of a zip archive, possibly before other
/// data.
pub fn has_zip_end(tail: &[u8]) -> bool {
    zip::has_end(tail)
}

/// Returns whether `bytes` are binary data, in which compressed streams and archives may be embedded. Of long data only
/// samples are checked.
pub fn is_binary(bytes: &[u8]) -> bool {
    embedded::is_binary(bytes)
}

/// Returns whether `bytes`, a part of binary data that starts with `head`, seem to contain a compressed stream or an archive.
pub fn has_embedded(head: &[u8], bytes: &[u8]) -> bool {
    embedded::any(head, bytes)
}

/// Hands the members and the metadata of a container to `sink`.
///
/// # Errors
/// Returns an error if the container is damaged, ends early, or is encoded in an unsupported way; the message is for
/// display. Members before the error were handed over.
pub fn expand(
    kind: Kind,
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    if let Kind::Foreign(what) = kind {
        sink.foreign("", what);
    }
    (registry::format(kind).parser)(input, budget, sink)
}

/// Returns whether an error inside a container is an exceeded limit, rather than a defect of the container.
pub fn is_limit(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<budget::LimitExceeded>() {
            return true;
        }
        // `io::Error::source` skips the inner error.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source());
    }
    false
}

/// Formats a member name for display.
pub(crate) fn name(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _written = write!(out, "\\x{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests;
