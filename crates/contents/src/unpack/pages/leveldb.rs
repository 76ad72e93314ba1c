//! Tables of LevelDB, RocksDB and Pebble: sorted blocks, usually compressed with snappy, listed in an index at the end
//! (doc/table_format.md of google/leveldb). A key is stored without the prefix that it shares with the previous key, so
//! each block is passed to the sink with complete keys.

use std::cell::Cell;
use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use super::lz::{snappy, varint};
use crate::input::{Content, ReadSeek, Stream};
use crate::unpack::peek_reader::damaged;
use crate::unpack::{Budget, Sink, lz4};

/// Last bytes of a table, for LevelDB and for RocksDB.
const MAGIC: [u8; 8] = 0xDB47_7524_8B80_FB57u64.to_le_bytes();
const ROCKS_MAGIC: [u8; 8] = 0x88E2_41B7_85F4_CFF7u64.to_le_bytes();
/// Length of the footer of a table in bytes, with its magic number.
const FOOTER: u64 = 48;
const ROCKS_FOOTER: u64 = 53;
/// Maximum stored size of a block, in bytes; usual blocks have 4 to 64 KiB.
const MOST: u64 = 64 << 20;
/// Maximum size of an expanded block, in bytes.
const MOST_PLAIN: usize = 64 << 20;

/// Returns whether `tail`, the last bytes of a content, is the end of a table.
pub(in crate::unpack) fn is_table(tail: &[u8]) -> bool {
    tail.len() as u64 >= FOOTER && (tail.ends_with(&MAGIC) || tail.ends_with(&ROCKS_MAGIC))
}

/// Passes the blocks of a table to `sink`.
///
/// # Errors
/// Returns an error if the table is damaged or cannot be read, or if a limit is reached.
pub(in crate::unpack) fn read(
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    super::with_random(input, "a table of LevelDB", &mut |mut source| {
        let mut table = Table::open(&mut *source)?;
        for (number, place) in table.index()?.into_iter().enumerate() {
            let name = format!("block {}", number + 1);
            match table.block(place)? {
                Ok(bytes) => hand_over(&name, &entries(&bytes), place.1, budget, &mut *sink)?,
                Err((bytes, reason)) => {
                    hand_over(&name, &bytes, place.1, budget, &mut *sink)?;
                    sink.unseen(&name, reason);
                }
            }
        }
        Ok(())
    })
}

/// Position of a block: offset and length, in bytes.
type Place = (u64, u64);

struct Table<'s> {
    source: &'s mut dyn ReadSeek,
    length: u64,
    rocks: bool,
    index: Place,
}

impl<'s> Table<'s> {
    fn open(source: &'s mut dyn ReadSeek) -> io::Result<Self> {
        let length = source.seek(SeekFrom::End(0))?;
        let footer = bytes_at(source, length.saturating_sub(ROCKS_FOOTER), ROCKS_FOOTER)?;
        let rocks = footer.ends_with(&ROCKS_MAGIC);
        // The footer of RocksDB starts with a byte for the checksum type.
        let handles = if rocks { footer.get(1..) } else { footer.get((ROCKS_FOOTER - FOOTER) as usize..) };
        let mut handles = handles.unwrap_or_default();
        let _meta = place(&mut handles);
        let index = place(&mut handles).ok_or_else(|| damaged("its end is damaged"))?;
        Ok(Self { source, length, rocks, index })
    }

    /// Returns the positions of all blocks.
    fn index(&mut self) -> io::Result<Vec<Place>> {
        let Ok(index) = self.block(self.index)? else { return Err(damaged("its index is damaged")) };
        let mut out = Vec::new();
        let whole = each_entry(&index, true, &mut |_, value| out.extend(place(&mut &value[..])));
        if whole.is_none() || out.is_empty() {
            // Newer RocksDB indexes omit the lengths of values.
            out.clear();
            each_entry(&index, false, &mut |_, _| {}).ok_or_else(|| damaged("its index is damaged"))?;
            return Err(damaged("its index is of a form that is not known"));
        }
        Ok(out)
    }

    /// Reads a block. If it cannot be expanded, returns the bytes that were decoded, and the reason.
    fn block(&mut self, (offset, length): Place) -> io::Result<Outcome> {
        if length > MOST || offset.checked_add(length).is_none_or(|end| end >= self.length) {
            return Ok(Err((Vec::new(), "its place is not in the file, or it is too large")));
        }
        let mut bytes = bytes_at(self.source, offset, length + 1)?;
        let kind = bytes.pop().unwrap_or(0);
        Ok(match (kind, self.rocks) {
            (0, _) => Ok(bytes),
            (1, _) => {
                let block = snappy(&bytes);
                if block.whole { Ok(block.bytes) } else { Err((block.bytes, "its snappy data is damaged")) }
            }
            (4 | 5, true) => {
                let size = varint(&mut &bytes[..]).map_or(0, |size| size as usize).min(MOST_PLAIN);
                let mut rest = &bytes[..];
                let _size = varint(&mut rest);
                Ok(lz4::sequences(rest, &[], size))
            }
            (2, false) | (7, true) => zstd_block(&bytes, self.rocks),
            (2, true) => deflate_block(&bytes),
            _ => Err((Vec::new(), "is compressed by a method that is not known")),
        })
    }
}

/// The bytes of a block, or the bytes that were decoded and the reason why decoding stopped.
type Outcome = Result<Vec<u8>, (Vec<u8>, &'static str)>;

fn zstd_block(bytes: &[u8], sized: bool) -> Outcome {
    let mut rest = bytes;
    if sized {
        let _size = varint(&mut rest);
    }
    let mut out = Vec::new();
    let decoder = zstd::stream::read::Decoder::with_buffer(rest);
    match decoder.and_then(|decoder| decoder.take(MOST_PLAIN as u64).read_to_end(&mut out)) {
        Ok(_) => Ok(out),
        Err(_) => Err((out, "its zstd data is damaged, or needs a dictionary")),
    }
}

fn deflate_block(bytes: &[u8]) -> Outcome {
    let mut rest = bytes;
    let _size = varint(&mut rest);
    let mut out = Vec::new();
    let decoder = flate2::bufread::DeflateDecoder::new(rest);
    match decoder.take(MOST_PLAIN as u64).read_to_end(&mut out) {
        Ok(_) => Ok(out),
        Err(_) => Err((out, "its deflate data is damaged")),
    }
}

/// Passes a block that has `packed` bytes in the file to the sink, if it may match a rule.
fn hand_over(
    name: &str,
    bytes: &[u8],
    packed: u64,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let mut metered = budget.expanding(bytes, Rc::new(Cell::new(packed)));
    if sink.may_match(bytes) {
        budget.entry()?;
        sink.member(name, &mut Stream(&mut metered));
    }
    // The expanded bytes count for the budget, whether or not the sink read them.
    io::copy(&mut metered, &mut io::sink()).map(|_| ())
}

/// Returns the keys and values of a block, one per line; the block itself if it has none.
fn entries(block: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // Keys that share long prefixes could expand without limit.
    let most = 8 * block.len() + (1 << 20);
    let whole = each_entry(block, true, &mut |key, value| {
        if out.len() < most {
            [key, b"\n", value, b"\n"].iter().for_each(|part| out.extend_from_slice(part));
        }
    });
    if whole.is_none() || out.len() >= most { [&out[..], block].concat() } else { out }
}

/// Calls `each` with every key and value of a block. `sized`: a length precedes each value.
fn each_entry(block: &[u8], sized: bool, each: &mut dyn FnMut(&[u8], &[u8])) -> Option<()> {
    let restarts = u32::from_le_bytes(*block.last_chunk()?) as usize;
    let mut rest = block.get(..block.len().checked_sub(4)?.checked_sub(restarts.checked_mul(4)?)?)?;
    let mut key = Vec::new();
    while !rest.is_empty() {
        let shared = usize::try_from(varint(&mut rest)?).ok()?;
        let own = usize::try_from(varint(&mut rest)?).ok()?;
        let size = if sized { usize::try_from(varint(&mut rest)?).ok()? } else { 0 };
        if shared > key.len() {
            return None;
        }
        key.truncate(shared);
        key.extend_from_slice(rest.split_off(..own)?);
        each(&key, rest.split_off(..size)?);
    }
    Some(())
}

fn place(bytes: &mut &[u8]) -> Option<Place> {
    Some((varint(bytes)?, varint(bytes)?))
}

fn bytes_at(source: &mut dyn ReadSeek, at: u64, count: u64) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    source.seek(SeekFrom::Start(at))?;
    source.take(count).read_to_end(&mut out)?;
    Ok(out)
}
