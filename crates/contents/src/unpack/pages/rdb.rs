//! Redis dumps (also of Valkey, KeyDB, Dragonfly): strings of more than 20 bytes are compressed with LZF
//! (`rdbSaveLzfStringObject` in rdb.c). The header of such a string holds its compressed and decoded lengths. Data at
//! any offset that decodes to exactly the decoded length is accepted as a string, so the reader does not parse the
//! value types.

use std::io::{self, Read, SeekFrom};

use memchr::memchr;

use super::lz::{Block, lzf};
use crate::input::{Content, ReadSeek};
use crate::unpack::peek_reader::damaged;
use crate::unpack::{Budget, Sink, sniff};

/// Magic number of a dump; a version of four digits follows.
pub(in crate::unpack) const MAGIC: &[u8; 5] = b"REDIS";
/// First byte of a compressed string.
const PACKED: u8 = 0xC3;
/// Maximum length of the first byte and the two lengths, in bytes.
const HEADER: usize = 1 + 9 + 9;
/// Number of bytes that are read at a time.
const RUN: usize = 256 << 10;
/// Maximum size of a compressed string that is read, in bytes.
const MOST: u64 = 64 << 20;
/// Number of bytes that may be decoded without success, in addition to four times the size of the dump.
const IN_VAIN: u64 = 16 << 20;

/// Returns whether content that starts with `head` is a dump.
pub(in crate::unpack) fn is_dump(head: &[u8]) -> bool {
    head.starts_with(MAGIC) && head.get(5..9).is_some_and(|version| version.iter().all(u8::is_ascii_digit))
}

/// Passes the compressed strings of a dump to `sink`.
///
/// # Errors
/// Returns an error if the dump cannot be read or a limit is reached.
pub(in crate::unpack) fn read(
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    super::with_random(input, "a dump of Redis", &mut |mut source| {
        let length = source.seek(SeekFrom::End(0))?;
        let mut vain = IN_VAIN + 4 * length;
        let (mut at, mut run) = (0, Vec::new());
        while at < length {
            fill(&mut *source, at, RUN, &mut run)?;
            // A string that starts at the end of this chunk is checked in the next one.
            let last = at + run.len() as u64 >= length;
            let searched = if last { run.len() } else { run.len().saturating_sub(HEADER).max(1) };
            let Some(found) = memchr(PACKED, &run[..searched]) else {
                at += searched as u64;
                continue;
            };
            at += found as u64;
            let Some((head, packed, size)) = header(&run[found..]) else {
                at += 1;
                continue;
            };
            let start = at + head as u64;
            let there = packed <= MOST && size <= MOST && start + packed <= length;
            let block =
                if there { string(&mut *source, (&run, found + head), (start, packed), size)? } else { None };
            match block {
                Some(block) if block.whole => {
                    hand_over(at, &block.bytes, budget, &mut *sink)?;
                    at = start + packed;
                }
                Some(block) => {
                    vain = vain
                        .checked_sub(packed + block.bytes.len() as u64)
                        .ok_or_else(|| damaged("it has too much that only looks like compressed strings"))?;
                    at += 1;
                }
                None => at += 1,
            }
        }
        Ok(())
    })
}

/// Decodes the string of `packed` bytes at `start`. If the string is short, its bytes are in `run` from offset `from`.
fn string(
    source: &mut dyn ReadSeek,
    (run, from): (&[u8], usize),
    (start, packed): (u64, u64),
    size: u64,
) -> io::Result<Option<Block>> {
    let (count, size) = (packed as usize, size as usize);
    if let Some(bytes) = run.get(from..from + count) {
        return Ok(Some(lzf(bytes, size)));
    }
    let mut bytes = Vec::new();
    fill(source, start, count, &mut bytes)?;
    Ok(Some(lzf(&bytes, size)))
}

fn fill(source: &mut dyn ReadSeek, at: u64, count: usize, run: &mut Vec<u8>) -> io::Result<()> {
    run.clear();
    source.seek(SeekFrom::Start(at))?;
    source.take(count as u64).read_to_end(run).map(|_| ())
}

/// Returns the length of the header at the start of `bytes`, and its two lengths: compressed and decoded.
fn header(bytes: &[u8]) -> Option<(usize, u64, u64)> {
    let mut rest = bytes.get(1..)?;
    let (packed, size) = (length(&mut rest)?, length(&mut rest)?);
    // Redis stores the compressed form only if it is shorter.
    (packed > 0 && packed < size).then(|| (bytes.len() - rest.len(), packed, size))
}

/// Reads a Redis length: 6, 14, 32 or 64 bits.
fn length(rest: &mut &[u8]) -> Option<u64> {
    let first = *rest.split_off_first()?;
    let count = match first >> 6 {
        0 => return Some(first.into()),
        1 => return Some(u64::from(first & 0x3F) << 8 | u64::from(*rest.split_off_first()?)),
        2 if first == 0x80 => 4,
        2 if first == 0x81 => 8,
        _ => return None,
    };
    Some(rest.split_off(..count)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Passes the string at offset `at` to the sink, if it may match a rule or is a container.
fn hand_over(at: u64, bytes: &[u8], budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut metered = budget.expanding(bytes, std::rc::Rc::new(std::cell::Cell::new(bytes.len() as u64)));
    if sink.may_match(bytes) || sniff(bytes, &String::new).is_some() {
        budget.entry()?;
        sink.member(&format!("string at {at}"), &mut crate::input::Stream(&mut metered));
    }
    io::copy(&mut metered, &mut io::sink()).map(|_| ())
}
