//! Avro: blocks of records that are compressed separately (object container files of Avro 1.12). Deflate and snappy
//! blocks have no magic number and are expanded here; other blocks are passed to the sink without decoding.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use flate2::bufread::DeflateDecoder;

use super::lz::snappy;
use crate::input::{Content, Stream};
use crate::unpack::peek_reader::{PeekReader, Section, damaged, truncated};
use crate::unpack::{Budget, Sink};

/// Magic number of a file.
pub(in crate::unpack) const MAGIC: &[u8; 4] = b"Obj\x01";
/// Maximum length of a number, in bytes.
const NUMBER: usize = 10;
/// Maximum length of a name or a value in the header that is read into memory, in bytes.
const TEXT: u64 = 64 << 10;
/// Length of the sync marker between blocks, in bytes.
const SYNC: u64 = 16;
/// Maximum size of a snappy block that is read, in bytes.
const SNAPPY: u64 = 64 << 20;

/// Passes the compressed blocks of a file to `sink`.
///
/// # Errors
/// Returns an error if the file is damaged, ends early or cannot be read, or if a limit is reached.
pub(in crate::unpack) fn read(
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let mut ahead = PeekReader::new(input, 0);
    ahead.skip(MAGIC.len() as u64)?;
    let codec = codec(&mut ahead)?;
    if codec.is_empty() || codec == b"null" {
        return Ok(());
    }
    ahead.skip(SYNC)?;
    let mut index = 0u64;
    while !ahead.ready()?.is_empty() {
        index += 1;
        let _records = number(&mut ahead)?;
        let size = number(&mut ahead)?.try_into().map_err(|_| damaged("a block is damaged"))?;
        budget.entry()?;
        let name = format!("block {index}");
        let mut part = Section::new(&mut ahead, size);
        let from = Rc::new(Cell::new(size));
        match codec.as_slice() {
            b"deflate" => {
                let decoder = DeflateDecoder::new(io::BufReader::new(&mut part));
                sink.member(&name, &mut Stream(budget.expanding(decoder, from)));
            }
            b"snappy" if size > SNAPPY => sink.unseen(&name, "a block of more than 64 MiB is not read"),
            b"snappy" => {
                let mut packed = Vec::new();
                part.read_to_end(&mut packed)?;
                // A checksum follows the data.
                let block = snappy(&packed[..packed.len().saturating_sub(4)]);
                sink.member(&name, &mut Stream(budget.expanding(&block.bytes[..], from)));
                if !block.whole {
                    sink.unseen(&name, "its snappy data is damaged; what came before was searched");
                }
            }
            _ => sink.member(&name, &mut Stream(&mut part)),
        }
        part.finish()?;
        ahead.skip(SYNC)?;
    }
    Ok(())
}

/// Returns the codec in the header; empty if there is none. Reads the header up to the first sync marker.
fn codec<R: Read>(ahead: &mut PeekReader<R>) -> io::Result<Vec<u8>> {
    let mut codec = Vec::new();
    loop {
        let mut count = number(ahead)?;
        if count < 0 {
            let _bytes = number(ahead)?;
            count = -count;
        }
        if count == 0 {
            return Ok(codec);
        }
        for _ in 0..count {
            let (key, value) = (text(ahead)?, text(ahead)?);
            if key == b"avro.codec" {
                codec = value;
            }
        }
    }
}

/// Reads a text after its length; empty if the text is too long.
fn text<R: Read>(ahead: &mut PeekReader<R>) -> io::Result<Vec<u8>> {
    let size = u64::try_from(number(ahead)?).map_err(|_| damaged("its header is damaged"))?;
    let mut part = Section::new(ahead, size);
    let mut out = Vec::new();
    if size <= TEXT {
        part.read_to_end(&mut out)?;
    }
    part.finish()?;
    Ok(out)
}

/// Reads a zigzag varint: groups of seven bits, least significant first; the lowest bit is the sign.
fn number<R: Read>(ahead: &mut PeekReader<R>) -> io::Result<i64> {
    let mut rest = ahead.peek(NUMBER)?;
    let before = rest.len();
    let number = super::lz::varint(&mut rest).ok_or_else(truncated)?;
    let count = before - rest.len();
    ahead.advance(count);
    Ok((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
}
