//! Checks the header of a 7z archive before the library parses it, because the library trusts its numbers: a few bytes
//! could make it allocate gigabytes. Parses only as much of the header as is needed to count (described in 7zFormat.txt
//! of 7-Zip), and decodes nothing but the header.

use std::io::{self, Read, Seek, SeekFrom};

use lzma_rust2::{Lzma2Reader, LzmaReader};

use crate::unpack::peek_reader::{damaged, truncated, u32_at, u64_at};

/// Bytes before the packed streams.
const START_HEADER_BYTES: u64 = 32;
/// Maximum size of the header as stored in the archive, in bytes.
const MAX_PACKED_HEADER_BYTES: u64 = 4 << 20;
/// Maximum size of the decoded header, in bytes.
const MAX_HEADER_BYTES: u64 = 16 << 20;
/// Maximum number of members; each takes about 150 bytes of memory in the library.
const MAX_MEMBERS: u64 = 250_000;
/// Maximum number of blocks ("folders"); each takes about 500 bytes of memory in the library.
const MAX_BLOCKS: u64 = 100_000;

const HEADER_ID: u8 = 0x01;
const PROPERTIES: u8 = 0x02;
const STREAMS: u8 = 0x04;
const FILES: u8 = 0x05;
const PACKED: u8 = 0x06;
const BLOCK_INFO: u8 = 0x07;
const SUB_STREAMS: u8 = 0x08;
const SIZES: u8 = 0x09;
const CHECKSUMS: u8 = 0x0A;
const BLOCK: u8 = 0x0B;
const BLOCK_SIZES: u8 = 0x0C;
const COUNTS: u8 = 0x0D;
const ENCODED: u8 = 0x17;

/// Id of the encryption method, as defined by 7-Zip.
pub(super) const AES: &[u8] = &[6, 0xF1, 7, 1];

/// The header of an archive that passed the checks.
pub(super) struct Header {
    /// Offset of the header in the archive, in bytes.
    pub(super) offset: u64,
    /// The decoded header; empty if the archive is.
    pub(super) bytes: Vec<u8>,
}

/// Reads and checks the header of an archive.
///
/// # Errors
/// Returns an error if the header is damaged, encrypted, or larger than the limits.
pub(super) fn check<R: Read + Seek>(archive: &mut R) -> io::Result<Header> {
    let mut start = [0; START_HEADER_BYTES as usize];
    archive.seek(SeekFrom::Start(0))?;
    archive.read_exact(&mut start).map_err(|_| truncated())?;
    let number = |at| u64_at(&start, at).ok_or_else(damaged_header);
    let (offset, size) =
        (START_HEADER_BYTES.checked_add(number(12)?).ok_or_else(damaged_header)?, number(20)?);
    if u32_at(&start, 8) == Some(0) {
        return Err(damaged("its start header is missing, as if writing it was interrupted"));
    }
    // A header whose size became zero would look like an empty archive.
    if u32_at(&start, 8) != Some(checksum(&start[12..])) {
        return Err(damaged("the checksum of its start header is wrong"));
    }
    if size > MAX_PACKED_HEADER_BYTES {
        return Err(damaged("its header is larger than 4 MiB"));
    }
    let mut bytes = part(archive, offset, size)?;
    if bytes.first() == Some(&ENCODED) {
        bytes = decode(archive, &bytes[1..])?;
    }
    if !bytes.is_empty() {
        count(&bytes)?;
    }
    Ok(Header { offset, bytes })
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn part<R: Read + Seek>(archive: &mut R, offset: u64, size: u64) -> io::Result<Vec<u8>> {
    archive.seek(SeekFrom::Start(offset.min(i64::MAX.unsigned_abs())))?;
    let mut bytes = Vec::new();
    archive.take(size).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < size { Err(truncated()) } else { Ok(bytes) }
}

/// Decodes a header that is compressed like a member.
fn decode<R: Read + Seek>(archive: &mut R, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut streams = Streams::default();
    streams.read(&mut Bytes(bytes))?;
    let (Some(coder), Some(&size)) = (&streams.coder, streams.sizes.first()) else {
        return Err(damaged_header());
    };
    if coder.id == AES {
        return Err(damaged("is encrypted, with the names in it"));
    }
    if streams.blocks.len() != 1 || streams.blocks[0] != 1 {
        return Err(damaged("the compression of its header is not supported"));
    }
    if size > MAX_HEADER_BYTES {
        return Err(damaged("its header is larger than 16 MiB"));
    }
    let offset = START_HEADER_BYTES.checked_add(streams.packed_at).ok_or_else(damaged_header)?;
    archive.seek(SeekFrom::Start(offset.min(i64::MAX.unsigned_abs())))?;
    let packed = archive.take(streams.packed_size);
    let mut out = Vec::new();
    match (coder.id.as_slice(), coder.properties.as_slice()) {
        ([0], _) => packed.take(size).read_to_end(&mut out)?,
        ([3, 1, 1], [properties, dictionary @ ..]) if dictionary.len() == 4 => {
            let dictionary = u32_at(dictionary, 0).ok_or_else(damaged_header)?;
            LzmaReader::new_with_props(packed, size, *properties, dictionary, None)?
                .take(size)
                .read_to_end(&mut out)?
        }
        // The dictionary need not be larger than the decoded header.
        ([0x21], _) => {
            Lzma2Reader::new(packed, MAX_HEADER_BYTES as u32, None).take(size).read_to_end(&mut out)?
        }
        _ => return Err(damaged("the compression of its header is not supported")),
    };
    if out.len() as u64 == size { Ok(out) } else { Err(damaged_header()) }
}

/// Parses a decoded header up to the number of its members.
fn count(bytes: &[u8]) -> io::Result<()> {
    let bytes = &mut Bytes(bytes);
    if bytes.byte()? != HEADER_ID {
        return Err(damaged_header());
    }
    let mut id = bytes.byte()?;
    if id == PROPERTIES {
        while bytes.byte()? != 0 {
            let size = bytes.number()?;
            bytes.skip(size)?;
        }
        id = bytes.byte()?;
    }
    if id == STREAMS {
        Streams::default().read(bytes)?;
        id = bytes.byte()?;
    }
    if id == FILES {
        bytes.number().and_then(|files| at_most(files, MAX_MEMBERS, "members"))?;
    }
    Ok(())
}

#[derive(Default)]
struct Coder {
    id: Vec<u8>,
    properties: Vec<u8>,
}

/// The fields of a stream list that are needed here.
#[derive(Default)]
struct Streams {
    packed_at: u64,
    /// Size of the first packed stream, in bytes.
    packed_size: u64,
    /// Number of outputs of each block.
    blocks: Vec<u64>,
    /// The first coder.
    coder: Option<Coder>,
    /// Unpacked size of each output of the blocks, in bytes.
    sizes: Vec<u64>,
    /// Whether each block has a checksum.
    checked: Vec<bool>,
}

impl Streams {
    fn read(&mut self, bytes: &mut Bytes<'_>) -> io::Result<()> {
        let mut id = bytes.byte()?;
        if id == PACKED {
            self.packed(bytes)?;
            id = bytes.byte()?;
        }
        if id == BLOCK_INFO {
            self.block_info(bytes)?;
            id = bytes.byte()?;
        }
        if id == SUB_STREAMS {
            self.sub_streams(bytes)?;
            id = bytes.byte()?;
        }
        if id == 0 { Ok(()) } else { Err(damaged_header()) }
    }

    fn packed(&mut self, bytes: &mut Bytes<'_>) -> io::Result<()> {
        self.packed_at = bytes.number()?;
        let count = at_most(bytes.number()?, MAX_MEMBERS, "packed streams")?;
        let mut id = bytes.byte()?;
        if id == SIZES {
            for index in 0..count {
                let size = bytes.number()?;
                if index == 0 {
                    self.packed_size = size;
                }
            }
            id = bytes.byte()?;
        }
        if id == CHECKSUMS {
            bytes.checksums(count)?;
            id = bytes.byte()?;
        }
        if id == 0 { Ok(()) } else { Err(damaged_header()) }
    }

    fn block_info(&mut self, bytes: &mut Bytes<'_>) -> io::Result<()> {
        bytes.expect(BLOCK)?;
        let count = at_most(bytes.number()?, MAX_BLOCKS, "blocks")?;
        bytes.expect(0)?;
        for _ in 0..count {
            let outputs = self.block(bytes)?;
            self.blocks.push(outputs);
        }
        bytes.expect(BLOCK_SIZES)?;
        for _ in 0..self.blocks.iter().sum() {
            let size = bytes.number()?;
            self.sizes.push(size);
        }
        self.checked = vec![false; self.blocks.len()];
        let mut id = bytes.byte()?;
        if id == CHECKSUMS {
            self.checked = bytes.checksums(count)?;
            id = bytes.byte()?;
        }
        if id == 0 { Ok(()) } else { Err(damaged_header()) }
    }

    /// Parses one block. Returns the number of outputs of its coders.
    fn block(&mut self, bytes: &mut Bytes<'_>) -> io::Result<u64> {
        let coders = bytes.number()?;
        let (mut inputs, mut outputs) = (0u64, 0u64);
        if !(1..=64).contains(&coders) {
            return Err(damaged_header());
        }
        for _ in 0..coders {
            let flags = bytes.byte()?;
            let id = bytes.take(u64::from(flags & 0x0F))?.to_vec();
            let complex = flags & 0x10 != 0;
            let (more, out) = if complex { (bytes.number()?, bytes.number()?) } else { (1, 1) };
            (inputs, outputs) = (inputs.saturating_add(more), outputs.saturating_add(out));
            let length = if flags & 0x20 != 0 { bytes.number()? } else { 0 };
            let properties = bytes.take(length)?.to_vec();
            self.coder.get_or_insert(Coder { id, properties });
        }
        if inputs > 64 || outputs > 64 || outputs == 0 {
            return Err(damaged_header());
        }
        for _ in 0..outputs - 1 {
            bytes.number()?;
            bytes.number()?;
        }
        let packed = (inputs + 1).checked_sub(outputs).ok_or_else(damaged_header)?;
        if packed > 1 {
            for _ in 0..packed {
                bytes.number()?;
            }
        }
        Ok(outputs)
    }

    fn sub_streams(&mut self, bytes: &mut Bytes<'_>) -> io::Result<()> {
        let mut counts = vec![1; self.blocks.len()];
        let mut id = bytes.byte()?;
        if id == COUNTS {
            let mut sum = 0u64;
            for count in &mut counts {
                *count = bytes.number()?;
                sum = at_most(sum.saturating_add(*count), MAX_MEMBERS, "members")?;
            }
            id = bytes.byte()?;
        }
        if id == SIZES {
            for _ in 0..counts.iter().map(|count| count.saturating_sub(1)).sum::<u64>() {
                bytes.number()?;
            }
            id = bytes.byte()?;
        }
        if id == CHECKSUMS {
            let known = |(count, checked): (&u64, &bool)| if *count == 1 && *checked { 0 } else { *count };
            bytes.checksums(counts.iter().zip(&self.checked).map(known).sum())?;
            id = bytes.byte()?;
        }
        if id == 0 { Ok(()) } else { Err(damaged_header()) }
    }
}

/// A cursor over the rest of a header.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn byte(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn expect(&mut self, byte: u8) -> io::Result<()> {
        if self.byte()? == byte { Ok(()) } else { Err(damaged_header()) }
    }

    fn take(&mut self, count: u64) -> io::Result<&'b [u8]> {
        let count = usize::try_from(count).map_err(|_| damaged_header())?;
        let (taken, left) = self.0.split_at_checked(count).ok_or_else(damaged_header)?;
        self.0 = left;
        Ok(taken)
    }

    fn skip(&mut self, count: u64) -> io::Result<()> {
        self.take(count).map(|_| ())
    }

    /// Parses a number of 1 to 9 bytes: the leading one bits of the first byte give the number of bytes that follow.
    fn number(&mut self) -> io::Result<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let low = self.take(more.into())?.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let high = u64::from(first) & (0x7F_u64 >> more);
        Ok(low | high.checked_shl(8 * more).unwrap_or(0))
    }

    /// Parses the checksums of up to `count` streams. Returns which of them have one.
    fn checksums(&mut self, count: u64) -> io::Result<Vec<bool>> {
        let count = usize::try_from(count).map_err(|_| damaged_header())?;
        let defined = if self.byte()? == 0 {
            let bits = self.take(count.div_ceil(8) as u64)?;
            (0..count).map(|at| bits[at / 8] << (at % 8) & 0x80 != 0).collect()
        } else {
            vec![true; count]
        };
        self.skip(4 * defined.iter().filter(|defined| **defined).count() as u64)?;
        Ok(defined)
    }
}

fn at_most(count: u64, most: u64, what: &str) -> io::Result<u64> {
    if count > most { Err(damaged(&format!("it lists more than {most} {what}"))) } else { Ok(count) }
}

fn damaged_header() -> io::Error {
    damaged("its header is damaged")
}
