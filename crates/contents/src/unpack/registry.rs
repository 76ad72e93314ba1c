//! The registry of formats: name, description, group and parser of each. A new format is a module with its parser, a
//! variant of [`Kind`] with its magic number, and a row here; docs/formats.md is checked against these rows.

use std::io;

use super::{Budget, Kind, Sink};
use super::{ar, asar, cpio, embedded, foreign, pages, rpm, sevenz, snappy, streams, tar, zip};
use crate::input::Content;

/// A parser: hands the members and the metadata of an input to the sink.
pub(super) type Parser = fn(&mut dyn Content, &Budget<'_>, &mut dyn Sink) -> io::Result<()>;

/// Category of a format; determines how it is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A compressed stream: a single content, no members.
    Stream,
    /// An archive: its members are scanned, and its metadata.
    Archive,
    /// A file of records or other data, a part of which is plain: its raw bytes are scanned, and the data that they do
    /// not show.
    Records,
    /// A document: its raw bytes are scanned, and the text that is decoded from them.
    Document,
    /// A format that is detected and not supported: reported as skipped, its raw bytes are scanned.
    Unsupported,
}

impl Group {
    /// Returns the heading of the group in the documentation.
    pub fn title(self) -> &'static str {
        match self {
            Self::Stream => "compressed streams",
            Self::Archive => "archives",
            Self::Records => "databases, logs and other data",
            Self::Document => "documents",
            Self::Unsupported => "listed as skipped",
        }
    }
}

/// A row of the registry.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Short name, as in `formats` of the configuration.
    pub name: &'static str,
    /// Description for display.
    pub title: &'static str,
    /// How the format is handled.
    pub group: Group,
    pub(super) parser: Parser,
}

const fn row(name: &'static str, title: &'static str, group: Group, parser: Parser) -> Format {
    Format { name, title, group, parser }
}

/// The parser of unsupported formats: does nothing.
fn none(_: &mut dyn Content, _: &Budget<'_>, _: &mut dyn Sink) -> io::Result<()> {
    Ok(())
}

/// All supported kinds, in the order of the documentation.
const KINDS: [Kind; 24] = [
    Kind::Gzip,
    Kind::Zlib,
    Kind::Bzip2,
    Kind::Xz,
    Kind::Lzma,
    Kind::Lzip,
    Kind::Zstd,
    Kind::Lz4,
    Kind::Brotli,
    Kind::Snappy,
    Kind::MozLz4,
    Kind::Zip,
    Kind::Tar,
    Kind::SevenZip,
    Kind::Ar,
    Kind::Cpio,
    Kind::Rpm,
    Kind::Asar,
    Kind::Sqlite,
    Kind::LevelTable,
    Kind::LevelLog,
    Kind::Rdb,
    Kind::Avro,
    Kind::Embedded,
];

/// Returns the row of a format.
pub(super) fn format(kind: Kind) -> Format {
    use Group::{Archive, Records, Stream};
    match kind {
        Kind::Gzip => row("gzip", "gzip, also several members", Stream, streams::gzip),
        Kind::Zlib => row("zlib", "zlib", Stream, streams::zlib),
        Kind::Bzip2 => row("bzip2", "bzip2, also several streams", Stream, streams::bzip2),
        Kind::Xz => row("xz", "xz, also several streams", Stream, streams::xz),
        Kind::Lzma => row("lzma", "LZMA alone", Stream, streams::lzma),
        Kind::Lzip => row("lzip", "lzip", Stream, streams::lzip),
        Kind::Zstd => row("zstd", "Zstandard", Stream, streams::zstd),
        Kind::Lz4 => row("lz4", "lz4 frames, also legacy ones", Stream, streams::lz4),
        Kind::Brotli => row("brotli", "brotli, by its name only", Stream, streams::brotli),
        Kind::Snappy => row("snappy", "snappy in its framing format", Stream, snappy::read),
        Kind::MozLz4 => row("mozlz4", "mozLz4 of Firefox and Thunderbird", Stream, pages::mozlz4),
        Kind::Zip => row(
            "zip",
            "zip and its relatives, after any other data, also the last volume",
            Archive,
            zip::read,
        ),
        Kind::Tar => row("tar", "tar: ustar, pax, GNU, v7, sparse files", Archive, tar::read),
        Kind::SevenZip => row("7z", "7z, also self-extracting", Archive, sevenz::read),
        Kind::Ar => row("ar", "Unix ar, Debian packages", Archive, ar::read),
        Kind::Cpio => row("cpio", "cpio", Archive, cpio::read),
        Kind::Rpm => row("rpm", "RPM packages", Archive, rpm::read),
        Kind::Asar => row("asar", "asar of Electron", Archive, asar::read),
        Kind::Sqlite => {
            row("sqlite", "SQLite databases, write-ahead logs, rollback journals", Records, pages::sqlite)
        }
        Kind::LevelTable => row("leveldb", "tables of LevelDB and RocksDB", Records, pages::table),
        Kind::LevelLog => row("leveldb-log", "logs of LevelDB and RocksDB", Records, pages::log),
        Kind::Rdb => row("rdb", "dumps of Redis (LZF)", Records, pages::rdb),
        Kind::Avro => row("avro", "Avro object container files", Records, pages::avro),
        Kind::Embedded => row(
            "embedded",
            "streams and archives inside other binary data: gzip, zlib, bzip2, xz, zstd, lz4, snappy of Java, zip, 7z",
            Records,
            embedded::read,
        ),
        Kind::Foreign(what) => row(what.name, what.title, Group::Unsupported, none),
    }
}

/// Returns all formats of this module, supported ones first.
pub fn formats() -> Vec<Format> {
    let unsupported = foreign::all().map(|what| format(Kind::Foreign(what)));
    KINDS.into_iter().map(format).chain(unsupported).collect()
}
