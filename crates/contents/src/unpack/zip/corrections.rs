//! Reads the central directory first, if there is random access, for the sizes of members whose local headers differ
//! from it. Other tools use the directory, so the members that they can extract are scanned here, too.

use std::collections::HashMap;
use std::io::{self, Read, SeekFrom};

use memchr::memmem;

use super::header::{self, Central, Local, Sizes};
use crate::input::ReadSeek;
use crate::unpack::peek_reader::{PeekReader, u32_at, u64_at};

/// Maximum number of directory entries that are compared.
const MAX_ENTRIES: usize = 1 << 20;
/// Bytes of a local header that are read first: its fixed part.
const LOCAL_FIXED_BYTES: usize = header::LOCAL_BYTES;

/// The values of the directory that differ from a local header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Correction {
    /// The values in the directory.
    pub(super) sizes: Sizes,
    /// Whether the member ends where the directory says, and not where the local header says.
    pub(super) packed: bool,
}

/// Corrections by the offset of the local header.
pub(super) type Corrections = HashMap<u64, Correction>;

/// Compares the directory at the end of an archive with the local headers.
///
/// # Errors
/// Returns the I/O error if the archive cannot be read.
pub(super) fn read(random: &mut dyn ReadSeek) -> io::Result<Corrections> {
    let mut out = Corrections::new();
    let Some((begin, shift)) = directory(random)? else { return Ok(out) };
    for entry in entries(random, begin)? {
        let at = entry.offset.wrapping_add(shift);
        if let Some(correction) = compare(random, at, entry.sizes)? {
            out.insert(at, correction);
        }
    }
    Ok(out)
}

/// Returns the offset of the last directory, and the amount by which offsets in it are too small.
fn directory(random: &mut dyn ReadSeek) -> io::Result<Option<(u64, u64)>> {
    let size = random.seek(SeekFrom::End(0))?;
    let tail_at = size.saturating_sub(crate::unpack::TAIL);
    let tail = bytes_at(random, tail_at, crate::unpack::TAIL as usize)?;
    let Some(end) = memmem::rfind(&tail, header::END_SIGNATURE) else { return Ok(None) };
    let wide = memmem::rfind(&tail[..end], header::ZIP64_END_SIGNATURE);
    let record = &tail[end..];
    let narrow = u32_at(record, 12).zip(u32_at(record, 16));
    let numbers = match (narrow, wide) {
        (Some((u32::MAX, _) | (_, u32::MAX)), Some(wide)) => u64_at(&tail[wide..], 40)
            .zip(u64_at(&tail[wide..], 48))
            .map(|(size, stated)| (wide, size, stated)),
        (Some((size, stated)), wide) => Some((wide.unwrap_or(end), size.into(), stated.into())),
        (None, _) => None,
    };
    Ok(numbers.and_then(|(after, size, stated)| {
        let begin = (tail_at + after as u64).checked_sub(size)?;
        Some((begin, begin.wrapping_sub(stated)))
    }))
}

/// Returns the entries of the directory at `begin`.
fn entries(random: &mut dyn ReadSeek, begin: u64) -> io::Result<Vec<Central>> {
    random.seek(SeekFrom::Start(begin))?;
    let mut ahead = PeekReader::new(random, begin);
    let mut out = Vec::new();
    while out.len() < MAX_ENTRIES
        && ahead.peek(header::CENTRAL_SIGNATURE.len())?.starts_with(header::CENTRAL_SIGNATURE)
    {
        let Some(length) = Central::length(ahead.peek(header::CENTRAL_BYTES)?) else { break };
        let Some(mut entry) = Central::parse(ahead.peek(length)?) else { break };
        // The names are not needed; do not keep them all.
        entry.name = Vec::new();
        out.push(entry);
        ahead.advance(length);
    }
    Ok(out)
}

/// Returns the values of the directory that differ from the local header at `at`.
fn compare(random: &mut dyn ReadSeek, at: u64, sizes: Sizes) -> io::Result<Option<Correction>> {
    let fixed = bytes_at(random, at, LOCAL_FIXED_BYTES)?;
    let Some(length) = Local::length(&fixed).filter(|_| fixed.starts_with(header::LOCAL_SIGNATURE)) else {
        return Ok(None);
    };
    let same = |field: usize, number: u64| u32_at(&fixed, field).map(u64::from) == Some(number);
    if same(14, sizes.crc.into()) && same(18, sizes.packed) && same(22, sizes.size) {
        return Ok(None);
    }
    let Some(local) = Local::parse(&bytes_at(random, at, length)?) else { return Ok(None) };
    if (local.crc, local.packed, local.size) == (Some(sizes.crc), Some(sizes.packed), Some(sizes.size)) {
        return Ok(None);
    }
    let data = at.saturating_add(length as u64);
    let mut ends_at = |packed: u64| ends_at(random, data.saturating_add(packed), &local, sizes);
    let by_local = match local.packed {
        Some(packed) => packed == sizes.packed || ends_at(packed)?,
        None => false,
    };
    let packed = !by_local && ends_at(sizes.packed)?;
    Ok(Some(Correction { sizes, packed }))
}

/// Returns whether a member can end at `offset`: a record of the archive follows there.
fn ends_at(random: &mut dyn ReadSeek, offset: u64, local: &Local, sizes: Sizes) -> io::Result<bool> {
    let next = bytes_at(random, offset, 24)?;
    let marks = [
        header::LOCAL_SIGNATURE,
        header::CENTRAL_SIGNATURE,
        header::END_SIGNATURE,
        header::ZIP64_END_SIGNATURE,
        header::DESCRIPTOR_SIGNATURE,
    ];
    let described =
        local.descriptor_follows() && header::descriptor(&next, sizes.packed, sizes.size).is_some();
    Ok(described || marks.iter().any(|mark| next.starts_with(*mark)))
}

/// Reads up to `count` bytes at `offset`.
fn bytes_at(random: &mut dyn ReadSeek, offset: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(count.min(1 << 17));
    random.seek(SeekFrom::Start(offset.min(i64::MAX.unsigned_abs())))?;
    random.take(count as u64).read_to_end(&mut out)?;
    Ok(out)
}
