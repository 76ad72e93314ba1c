//! Files that consist of pages or blocks: databases and their logs. A part of their content is plain in the raw bytes,
//! so the caller of a reader scans the raw bytes. The readers pass only the rest to the sink: records that continue on
//! other pages, and compressed blocks.

mod avro;
mod leveldb;
pub(super) mod lz;
mod mozlz4;
mod rdb;
mod records;
mod sqlite;

use std::io::{self, Cursor, Read};

pub(super) use avro::{MAGIC as AVRO_MAGIC, read as avro};
pub(super) use leveldb::{is_table, read as table};
pub(super) use mozlz4::read as mozlz4;
pub(super) use rdb::{is_dump, read as rdb};
pub(super) use records::{is_log, read as log};
pub(super) use sqlite::read as sqlite;

use super::peek_reader::damaged;
use crate::input::{Content, ReadSeek};

/// Maximum size of a content that is read without random access, in bytes.
const IN_MEMORY: u64 = 64 << 20;

/// Returns whether content that starts with `head` is an SQLite database, write-ahead log or rollback journal.
pub(super) fn is_sqlite(head: &[u8]) -> bool {
    let log =
        head.first_chunk::<4>().is_some_and(|mark| [mark[0], mark[1], mark[2], mark[3] & !1] == *sqlite::LOG);
    head.starts_with(sqlite::FILE) || head.starts_with(sqlite::JOURNAL) || log
}

/// Calls `work` with random access to the input. `what` is its name for display.
///
/// # Errors
/// Returns an error if the input is too large for memory or cannot be read, or if `work` fails.
fn with_random(
    input: &mut dyn Content,
    what: &str,
    work: &mut dyn FnMut(Box<dyn ReadSeek + '_>) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(random) = input.random() {
        return work(random);
    }
    let mut bytes = Vec::new();
    input.take(IN_MEMORY + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > IN_MEMORY {
        return Err(damaged(&format!(
            "{what} of more than 64 MiB can only be read as a file; unpack what it is in"
        )));
    }
    work(Box::new(Cursor::new(bytes)))
}
