//! Logs of LevelDB and RocksDB: records that are split at the ends of 32 KiB blocks, with a header before each part
//! (doc/log_format.md of google/leveldb). Only split records are joined and passed to the sink; the others are complete
//! in the raw bytes.

use std::io::{self, Cursor, Read};

use crate::input::Content;
use crate::unpack::peek_reader::{u16_at, u32_at};
use crate::unpack::{Budget, Sink};

/// Size of a block, in bytes.
const BLOCK: usize = 32 << 10;
/// Length of the header of each part in bytes: checksum, length, type.
const HEADER: usize = 7;
/// Types of parts: a complete record, and the first, a middle and the last part of a record.
const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;
/// Maximum number of bytes of a record that are joined at a time.
const MOST: usize = 16 << 20;
/// Number of bytes of a record that are kept when it is passed to the sink in chunks.
const OVERLAP: usize = 4 << 10;

/// Returns whether content starts with a part of a record that has the right checksum.
pub(in crate::unpack) fn is_log(head: &[u8]) -> bool {
    let (Some(told), Some(length), Some(kind)) = (u32_at(head, 0), u16_at(head, 4), head.get(6)) else {
        return false;
    };
    let length = usize::from(length);
    let known = matches!(*kind, FULL | FIRST) && (1..=BLOCK - HEADER).contains(&length);
    known && head.get(6..HEADER + length).is_some_and(|bytes| masked(crc32c(bytes)) == told)
}

/// Passes the records that cross blocks to `sink`.
///
/// # Errors
/// Returns an error if the log cannot be read or a limit is reached.
pub(in crate::unpack) fn read(
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let (mut record, mut name, mut base) = (Vec::new(), String::new(), 0u64);
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        block.clear();
        (&mut *input).take(BLOCK as u64).read_to_end(&mut block)?;
        if block.is_empty() {
            return Ok(());
        }
        let mut rest = &block[..];
        while let (Some(length), Some(&kind)) = (u16_at(rest, 4), rest.get(6)) {
            let Some(bytes) = rest.get(HEADER..HEADER + usize::from(length)) else { break };
            if kind == FIRST {
                record.clear();
                name = format!("record at {}", base + (block.len() - rest.len()) as u64);
            }
            if matches!(kind, FIRST | MIDDLE | LAST) && !name.is_empty() {
                record.extend_from_slice(bytes);
            }
            if kind == LAST || record.len() > MOST {
                hand_over(&name, &record, budget, sink)?;
                record.drain(..record.len().saturating_sub(if kind == LAST { 0 } else { OVERLAP }));
                if kind == LAST {
                    name.clear();
                }
            }
            rest = &rest[HEADER + bytes.len()..];
            // The end of a block is padded with zeros.
            if kind == 0 && length == 0 {
                break;
            }
        }
        base += block.len() as u64;
    }
}

fn hand_over(name: &str, record: &[u8], budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    if !name.is_empty() && sink.may_match(record) {
        budget.entry()?;
        sink.member(name, &mut Cursor::new(record));
    }
    Ok(())
}

/// Returns the masked checksum, as stored in the log.
fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xA282_EAD8)
}

/// Computes CRC-32C (Castagnoli) bit by bit; it is needed for at most one block.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (0..8).fold(crc, |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0x82F6_3B78 } else { 0 });
    !bytes.iter().fold(!0, |crc, byte| step(crc ^ u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::Kind;
    use crate::unpack::tests::recorded;

    fn part(kind: u8, bytes: &[u8]) -> Vec<u8> {
        let crc = masked(crc32c(&[&[kind], bytes].concat()));
        [&crc.to_le_bytes()[..], &(bytes.len() as u16).to_le_bytes(), &[kind], bytes].concat()
    }

    #[test]
    fn records_over_blocks_are_joined() {
        // RFC 3720, B.4.
        assert_eq!(crc32c(&[0; 32]), 0x8A91_36AA);
        let first = part(FULL, &[b'a'; 100]);
        let room = BLOCK - first.len() - HEADER;
        let bytes = [first, part(FIRST, &vec![b'x'; room]), part(LAST, b"end")].concat();
        assert!(is_log(&bytes) && !is_log(b"a text file") && !is_log(&bytes[1..]));
        let record = recorded(Kind::LevelLog, &bytes);
        assert_eq!(record.names(), ["record at 107"]);
        assert_eq!(record.members[0].1.len(), room + 3);
    }
}
