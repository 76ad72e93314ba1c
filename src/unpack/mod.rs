//! Looks inside: what compressed streams, archives and documents hold, as streams of their own.
//!
//! [`sniff`] tells by content what something is, [`expand`] hands its members to a [`Sink`], one after the other. It
//! never searches anything, never writes to disk, never takes a name for a path, and believes no size in a header:
//! bytes are counted while they are read, under a [`Budget`]. Going into members of members is the sink's part.

mod ahead;
mod ar;
mod asar;
mod budget;
mod cpio;
mod foreign;
mod kind;
mod lz4;
mod marks;
mod mixed;
mod own;
mod pages;
mod pieces;
mod rpm;
mod sevenz;
mod snappy;
mod stepped;
mod streams;
mod tar;
mod zip;

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Read};

pub use budget::{Budget, Limits};
pub use foreign::foreign_names;
pub use kind::{Foreign, Kind, sniff};

use crate::content::{Content, ReadSeek};

/// Receives what a container holds.
pub trait Sink {
    /// One member. `name` is what the container calls it, for a person: `/` between its parts, bytes that are not
    /// UTF-8 as `\xNN`, control characters as they are; empty for the only content of a compressed stream.
    ///
    /// The sink reads as much as it likes; an error of `content` is for the sink to tell. What it leaves unread is
    /// skipped.
    fn member(&mut self, name: &str, content: &mut dyn Content);

    /// Bytes of the container that belong to no member: headers, names, comments, what lies between or behind the
    /// members. `offset` (bytes) is where they begin in the container.
    fn own(&mut self, offset: u64, bytes: &[u8]);

    /// Whether something may be found in these bytes, which a container hides. If not, they need not be handed over.
    fn wants(&self, _bytes: &[u8]) -> bool {
        true
    }

    /// Whether bytes of the container that belong to no member are wanted.
    fn keeps_own(&self) -> bool {
        true
    }

    /// A member of a format that is known and not read; the container itself if the name is empty.
    fn foreign(&mut self, name: &str, what: Foreign) {
        self.unseen(name, &format!("{} is not looked into", what.title));
    }

    /// A member was not, or not wholly, read, and why. The container itself if the name is empty.
    fn unseen(&mut self, name: &str, reason: &str);
}

/// Content whose first bytes were read ahead.
pub struct Opened<'r> {
    /// Its first bytes: all of it, or as many as there was room for.
    head: &'r [u8],
    at: usize,
    rest: &'r mut dyn Content,
}

impl<'r> Opened<'r> {
    /// `head` was read from `rest` already.
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

/// Bytes at the end of content in which the end of an appended zip archive is looked for: its last record and a comment.
pub const TAIL: u64 = 66 << 10;

/// What content that ends with `tail` is by its end: a zip archive behind anything else, or a table of LevelDB. `tail`: its
/// last bytes, all of it or [`TAIL`] of them.
pub fn sniff_end(tail: &[u8]) -> Option<Kind> {
    if pages::is_table(tail) {
        return Some(Kind::LevelTable);
    }
    zip::is_appended(tail).then_some(Kind::Zip)
}

/// Whether the end of a zip archive is in `tail`, the last bytes of some content, with something else behind it perhaps.
pub fn has_zip_end(tail: &[u8]) -> bool {
    zip::has_end(tail)
}

/// Whether content of which these are the first bytes, or the last, may hold compressed streams or archives: it is no text.
pub fn is_binary(bytes: &[u8]) -> bool {
    mixed::is_binary(bytes)
}

/// Whether `bytes`, all of some content that is no text, seem to hold a compressed stream or an archive.
pub fn holds_streams(bytes: &[u8]) -> bool {
    mixed::any(bytes)
}

/// Hands everything that a container of this kind holds to `sink`.
///
/// # Errors
/// The container is damaged, ends early, or is written in a way that is not known; the text is for a person. What came
/// before is with the sink already.
pub fn expand(
    kind: Kind,
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    match kind {
        Kind::Gzip => streams::gzip(input, budget, sink),
        Kind::Zlib => streams::zlib(input, budget, sink),
        Kind::Bzip2 => streams::bzip2(input, budget, sink),
        Kind::Xz => streams::xz(input, budget, sink),
        Kind::Lzma => streams::lzma(input, budget, sink),
        Kind::Lzip => streams::lzip(input, budget, sink),
        Kind::Zstd => streams::zstd(input, budget, sink),
        Kind::Lz4 => streams::lz4(input, budget, sink),
        Kind::Brotli => streams::brotli(input, budget, sink),
        Kind::Tar => tar::read(input, budget, sink),
        Kind::Zip => zip::read(input, budget, sink),
        Kind::SevenZip => sevenz::read(input, budget, sink),
        Kind::Ar => ar::read(input, budget, sink),
        Kind::Cpio => cpio::read(input, budget, sink),
        Kind::Rpm => rpm::read(input, budget, sink),
        Kind::Asar => asar::read(input, budget, sink),
        Kind::Sqlite => pages::sqlite(input, budget, sink),
        Kind::LevelTable => pages::table(input, budget, sink),
        Kind::LevelLog => pages::log(input, budget, sink),
        Kind::Rdb => pages::rdb(input, budget, sink),
        Kind::Avro => pages::avro(input, budget, sink),
        Kind::Snappy => snappy::read(input, budget, sink),
        Kind::Mixed => mixed::read(input, budget, sink),
        Kind::MozLz4 => pages::mozlz4(input, budget, sink),
        Kind::Foreign(what) => {
            sink.foreign("", what);
            Ok(())
        }
    }
}

/// Whether an error inside a container is a limit that was reached, and nothing is wrong with the container.
pub fn is_limit(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<budget::Overrun>() {
            return true;
        }
        // An `io::Error` passes over what it holds itself.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source());
    }
    false
}

/// A name in an archive, for a person.
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
