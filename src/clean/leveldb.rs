//! Logs and tables of LevelDB (`log_format.md` and `table_format.md` of google/leveldb): values are overwritten by masks
//! of the same length, in the compressed data too, and the checksums are computed again. No offset and no size changes,
//! since the manifest of the database has them.

use std::ops::Range;

use super::content::Masker;
use super::snappy::{self, varint};
use crate::redact::MaskStyle;

/// Size of a block of a log in bytes.
const LOG_BLOCK: usize = 32 << 10;
/// Bytes before a record of a log: checksum, length, type.
const LOG_HEADER: usize = 7;
/// Bytes at the end of a table: two block handles and the magic number.
const FOOTER: usize = 48;
/// The magic number of a table, little-endian.
const MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();
/// Bytes after a block of a table: type and checksum.
const TRAILER: usize = 5;
/// Added to a rotated checksum before it is stored.
const CHECKSUM_OFFSET: u32 = 0xa282_ead8;

const DAMAGED: &str = "the LevelDB file is damaged or of another version";
const SHARED: &str = "the credential shares compressed data with other values, or is part of a key";

/// Masks the values of a log or a table.
///
/// # Errors
/// Returns why that is not possible.
pub(super) fn masked(masker: &Masker<'_>, bytes: &[u8]) -> Result<(Vec<u8>, u64), String> {
    let mut out = bytes.to_vec();
    let count = if bytes.ends_with(&MAGIC) { table(masker, &mut out) } else { log(masker, &mut out) };
    count.map(|count| (out, count)).map_err(str::to_owned)
}

/// A fragment of a record in a log: the range of its header and data.
struct Fragment {
    header: usize,
    data: Range<usize>,
    kind: u8,
}

fn log(masker: &Masker<'_>, out: &mut [u8]) -> Result<u64, &'static str> {
    let (mut count, mut record) = (0, Vec::new());
    for fragment in fragments(out)? {
        // 1 is a whole record; 2, 3 and 4 are its first, middle and last fragments.
        let is_last = matches!(fragment.kind, 1 | 4);
        record.push(fragment);
        if is_last {
            count += masked_record(masker, out, &std::mem::take(&mut record));
        }
    }
    Ok(count + masked_record(masker, out, &record))
}

fn fragments(bytes: &[u8]) -> Result<Vec<Fragment>, &'static str> {
    let (mut at, mut all) = (0, Vec::new());
    while at + LOG_HEADER <= bytes.len() {
        let left = LOG_BLOCK - at % LOG_BLOCK;
        if left < LOG_HEADER {
            at += left;
            continue;
        }
        let length = usize::from(u16::from_le_bytes([bytes[at + 4], bytes[at + 5]]));
        let kind = bytes[at + 6];
        if kind == 0 && length == 0 {
            // Space that was reserved and not used.
            at += left;
            continue;
        }
        let data = at + LOG_HEADER..at + LOG_HEADER + length;
        if kind > 4 || LOG_HEADER + length > left {
            return Err(DAMAGED);
        }
        if data.end > bytes.len() {
            // The program ended while it wrote this record, which LevelDB ignores.
            break;
        }
        if bytes[at..at + 4] != checksum(&bytes[at + 6..data.end]) {
            return Err(DAMAGED);
        }
        let end = data.end;
        all.push(Fragment { header: at, data, kind });
        at = end;
    }
    Ok(all)
}

/// Masks a record in its fragments and returns the number of masks.
fn masked_record(masker: &Masker<'_>, out: &mut [u8], record: &[Fragment]) -> u64 {
    let joined: Vec<u8> = record.iter().flat_map(|one| out[one.data.clone()].iter().copied()).collect();
    let (masked, count) = masker.plain(&joined, MaskStyle::SameLength);
    if count == 0 || masked.len() != joined.len() {
        return 0;
    }
    let mut rest = masked.as_slice();
    for one in record {
        let (data, after) = rest.split_at(one.data.len());
        out[one.data.clone()].copy_from_slice(data);
        let sum = checksum(&out[one.header + 6..one.data.end]);
        out[one.header..one.header + 4].copy_from_slice(&sum);
        rest = after;
    }
    count
}

fn table(masker: &Masker<'_>, out: &mut [u8]) -> Result<u64, &'static str> {
    let footer = out.len().checked_sub(FOOTER).ok_or(DAMAGED)?;
    let (_, length) = handle(&out[footer..]).ok_or(DAMAGED)?;
    let (index, _) = handle(&out[footer + length..]).ok_or(DAMAGED)?;
    let index = block(out, &index)?;
    let mut count = 0;
    for (_, value) in entries(&index.bytes).ok_or(DAMAGED)? {
        let (data, _) = handle(&index.bytes[value]).ok_or(DAMAGED)?;
        count += masked_block(masker, out, &data)?;
    }
    Ok(count)
}

fn masked_block(masker: &Masker<'_>, out: &mut [u8], at: &Range<usize>) -> Result<u64, &'static str> {
    let old = block(out, at)?;
    let (new, count) = masker.plain(&old.bytes, MaskStyle::SameLength);
    if count == 0 {
        return Ok(0);
    }
    if new.len() != old.bytes.len() || keys(&new) != keys(&old.bytes) {
        return Err(SHARED);
    }
    for (index, byte) in new.iter().enumerate().filter(|(index, byte)| old.bytes[*index] != **byte) {
        out[at.start + old.places[index]] = *byte;
    }
    let sum = checksum(&out[at.start..=at.end]);
    out[at.end + 1..at.end + TRAILER].copy_from_slice(&sum);
    if block(out, at)?.bytes == new { Ok(count) } else { Err(SHARED) }
}

/// Reads a block of a table; its bytes have their places in the block.
fn block(bytes: &[u8], at: &Range<usize>) -> Result<snappy::Decoded, &'static str> {
    let stored = bytes.get(at.start..at.end + TRAILER).ok_or(DAMAGED)?;
    let (data, trailer) = stored.split_at(at.len());
    if trailer[1..] != checksum(&stored[..=at.len()]) {
        return Err(DAMAGED);
    }
    match trailer[0] {
        0 => Ok(snappy::Decoded { bytes: data.to_vec(), places: (0..data.len()).collect() }),
        1 => snappy::decoded(data).ok_or(DAMAGED),
        _ => Err("the LevelDB table is compressed in a way that is not supported"),
    }
}

/// Reads a block handle and returns the range of the block and the length of the handle.
fn handle(bytes: &[u8]) -> Option<(Range<usize>, usize)> {
    let (offset, first) = varint(bytes)?;
    let (size, second) = varint(bytes.get(first..)?)?;
    let (offset, size) = (usize::try_from(offset).ok()?, usize::try_from(size).ok()?);
    Some((offset..offset.checked_add(size)?, first + second))
}

/// Returns the entries of a block: the bytes that its key does not share with the key before, and the range of its value.
fn entries(block: &[u8]) -> Option<Vec<(&[u8], Range<usize>)>> {
    let restarts = u32::from_le_bytes(*block.last_chunk()?) as usize;
    let end = block.len().checked_sub(4 + restarts.checked_mul(4)?)?;
    let (mut at, mut all) = (0, Vec::new());
    while at < end {
        let mut numbers = [0; 3];
        for number in &mut numbers {
            let (value, length) = varint(&block[at..end])?;
            *number = usize::try_from(value).ok()?;
            at += length;
        }
        let [_, key, value] = numbers;
        let start = at.checked_add(key)?;
        let stop = start.checked_add(value).filter(|stop| *stop <= end)?;
        all.push((&block[at..start], start..stop));
        at = stop;
    }
    Some(all)
}

fn keys(block: &[u8]) -> Option<Vec<&[u8]>> {
    Some(entries(block)?.into_iter().map(|(key, _)| key).collect())
}

/// Returns the CRC-32C (Castagnoli) of `bytes` as LevelDB stores it.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let crc = !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg()))
    });
    crc.rotate_right(15).wrapping_add(CHECKSUM_OFFSET).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_is_rotated_crc32c() {
        // RFC 3720, B.4: 32 bytes of zeros have the CRC-32C 8A9136AA.
        let plain = 0x8A91_36AA_u32;
        assert_eq!(checksum(&[0; 32]), plain.rotate_right(15).wrapping_add(CHECKSUM_OFFSET).to_le_bytes());
    }
}
