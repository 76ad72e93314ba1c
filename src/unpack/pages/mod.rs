//! Files that consist of pages or blocks: databases and their logs. What is in them is partly to be seen in their bytes,
//! so these are searched as they are by whoever calls a reader, and the readers hand over what the bytes do not show:
//! records that go on elsewhere, and blocks that are compressed.

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

/// The largest content that is read where there is no random access, in bytes.
const IN_MEMORY: u64 = 64 << 20;

/// Whether content that begins with `head` is a database of SQLite, or a log or a journal of one.
pub(super) fn is_sqlite(head: &[u8]) -> bool {
    let log =
        head.first_chunk::<4>().is_some_and(|mark| [mark[0], mark[1], mark[2], mark[3] & !1] == *sqlite::LOG);
    head.starts_with(sqlite::FILE) || head.starts_with(sqlite::JOURNAL) || log
}

/// Gives all of the input to `work`. `what` names it for a person.
///
/// # Errors
/// It is too large to be kept in memory, could not be read, or `work` failed.
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
