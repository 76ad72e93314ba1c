//! The records of a zip archive, as PKWARE's APPNOTE 6.3.10 describes them (the numbers below are its sections).
//! Reads bytes that are there; decides nothing.

use super::corrections::Correction;
use crate::unpack::ahead::{u16_at, u32_at, u64_at};

/// Before each member (4.3.7).
pub(super) const LOCAL: &[u8; 4] = b"PK\x03\x04";
/// An entry of the central directory (4.3.12).
pub(super) const CENTRAL: &[u8; 4] = b"PK\x01\x02";
/// The end of the central directory (4.3.16).
pub(super) const END: &[u8; 4] = b"PK\x05\x06";
/// The same for zip64 (4.3.14).
pub(super) const WIDE_END: &[u8; 4] = b"PK\x06\x06";
/// Behind a member whose sizes were not known before (4.3.9).
pub(super) const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";

/// Fixed bytes of a local header.
pub(super) const LOCAL_SIZE: usize = 30;
/// Fixed bytes of an entry of the directory.
pub(super) const CENTRAL_SIZE: usize = 46;
/// Fixed bytes of the end record.
pub(super) const END_SIZE: usize = 22;
/// Bytes of the zip64 end record up to and with the directory's offset.
pub(super) const WIDE_END_SIZE: usize = 56;

/// The extra field that holds 64-bit sizes (4.5.3).
const ZIP64: u16 = 1;
/// A 32-bit size that stands in the zip64 field instead.
const ELSEWHERE: u32 = u32::MAX;

/// What stands before a member.
#[derive(Debug)]
pub(super) struct Local {
    /// General purpose bits (4.4.4).
    pub(super) flags: u16,
    /// How it is compressed (4.4.5).
    pub(super) method: u16,
    /// CRC-32 of the expanded member, if told here.
    pub(super) crc: Option<u32>,
    /// Compressed bytes, if told here.
    pub(super) packed: Option<u64>,
    /// Expanded bytes, if told here.
    pub(super) size: Option<u64>,
    /// The name, as it is.
    pub(super) name: Vec<u8>,
}

impl Local {
    /// How long the header is that begins with `bytes`, in bytes. `None` if fewer than [`LOCAL_SIZE`] are there.
    pub(super) fn length(bytes: &[u8]) -> Option<usize> {
        Some(LOCAL_SIZE + usize::from(u16_at(bytes, 26)?) + usize::from(u16_at(bytes, 28)?))
    }

    /// Whether `bytes`, the beginning of a header that nothing led to, can be one: a version and a method that exist,
    /// and a name of printable characters.
    pub(super) fn believable(bytes: &[u8]) -> bool {
        let (Some(version), Some(method)) = (u16_at(bytes, 4), u16_at(bytes, 8)) else { return false };
        let Some(length) = u16_at(bytes, 26).map(usize::from) else { return false };
        let name = bytes.get(LOCAL_SIZE..LOCAL_SIZE + length.min(64)).unwrap_or(&[]);
        version & 0xFF < 100
            && matches!(method, 0..=20 | 92..=99)
            && !name.is_empty()
            && name.iter().all(|byte| *byte >= b' ' && *byte != 0x7F)
    }

    /// Reads a whole header; `None` if bytes are missing.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let length = usize::from(u16_at(bytes, 26)?);
        let name = bytes.get(LOCAL_SIZE..LOCAL_SIZE + length)?.to_vec();
        let extra = bytes.get(LOCAL_SIZE + length..Self::length(bytes)?)?;
        let (flags, method) = (u16_at(bytes, 6)?, u16_at(bytes, 8)?);
        let (packed, size) = (u32_at(bytes, 18)?, u32_at(bytes, 22)?);
        let mut wide = Wide::find(extra);
        let size = wide.number(size);
        let packed = wide.number(packed);
        // With a descriptor, a packed size of 0 means that it is not known yet. Some writers (bsdtar) write the expanded
        // size all the same, and the descriptor has it again.
        let later = flags & 8 != 0 && packed == 0;
        let told = |number| (!later).then_some(number);
        let crc = u32_at(bytes, 14)?;
        // Nor is the checksum; but where one stands, it is that of the member: that a descriptor follows may be damage.
        let crc = (flags & 8 == 0 || crc != 0).then_some(crc);
        Some(Self { flags, method, crc, packed: told(packed), size: told(size), name })
    }

    /// Takes over what the directory says otherwise and is right.
    pub(super) fn correct(&mut self, correction: &Correction) {
        if correction.packed {
            self.packed = Some(correction.sizes.packed);
        }
        // Some writers leave these out without saying so. The checks at the end take either number.
        if correction.packed || matches!(self.size, Some(0 | 0xFFFF_FFFF)) {
            self.size = Some(correction.sizes.size);
        }
    }

    /// Whether the member is encrypted, in one of the three ways (4.4.4: bits 0, 6, 13).
    pub(super) fn encrypted(&self) -> bool {
        self.flags & (1 | 1 << 6 | 1 << 13) != 0 || self.method == 99
    }

    /// Whether a descriptor follows the member.
    pub(super) fn descriptor_follows(&self) -> bool {
        self.flags & 8 != 0
    }
}

/// An entry of the central directory.
#[derive(Debug)]
pub(super) struct Central {
    /// Where it says that the local header lies.
    pub(super) offset: u64,
    /// What it says of the member.
    pub(super) sizes: Sizes,
    /// The name, as it is.
    pub(super) name: Vec<u8>,
}

/// The numbers of a member in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// CRC-32 of the expanded member.
    pub(super) crc: u32,
    /// Compressed bytes.
    pub(super) packed: u64,
    /// Expanded bytes.
    pub(super) size: u64,
}

impl Central {
    /// How long the entry is that begins with `bytes`, in bytes. `None` if fewer than [`CENTRAL_SIZE`] are there.
    pub(super) fn length(bytes: &[u8]) -> Option<usize> {
        bytes.get(..CENTRAL_SIZE)?;
        [28, 30, 32].iter().try_fold(CENTRAL_SIZE, |sum, at| Some(sum + usize::from(u16_at(bytes, *at)?)))
    }

    /// Reads a whole entry; `None` if bytes are missing.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (name, extra) = (usize::from(u16_at(bytes, 28)?), usize::from(u16_at(bytes, 30)?));
        let mut wide = Wide::find(bytes.get(CENTRAL_SIZE + name..CENTRAL_SIZE + name + extra)?);
        let (packed, size) = (u32_at(bytes, 20)?, u32_at(bytes, 24)?);
        let size = wide.number(size);
        let packed = wide.number(packed);
        let offset = wide.number(u32_at(bytes, 42)?);
        let sizes = Sizes { crc: u32_at(bytes, 16)?, packed, size };
        Some(Self { offset, sizes, name: bytes.get(CENTRAL_SIZE..CENTRAL_SIZE + name)?.to_vec() })
    }
}

/// The numbers of a zip64 field; only those stand there that did not fit their place.
struct Wide<'b>(&'b [u8]);

impl<'b> Wide<'b> {
    fn find(mut extra: &'b [u8]) -> Self {
        while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
            let Some(field) = extra.get(4..4 + usize::from(length)) else { break };
            if id == ZIP64 {
                return Self(field);
            }
            extra = &extra[4 + usize::from(length)..];
        }
        Self(&[])
    }

    fn number(&mut self, narrow: u32) -> u64 {
        match (narrow, u64_at(self.0, 0)) {
            (ELSEWHERE, Some(number)) => {
                self.0 = &self.0[8..];
                number
            }
            _ => narrow.into(),
        }
    }
}

/// The descriptor that `bytes` begin with, if it tells these sizes: its length in bytes and the CRC-32 in it. It may
/// come without its mark, and with 32 or 64 bits for a size (4.3.9).
pub(super) fn descriptor(bytes: &[u8], packed: u64, size: u64) -> Option<(usize, u32)> {
    let marked = if bytes.starts_with(DESCRIPTOR) { &[4usize, 0][..] } else { &[0] };
    // As in a 32-bit field, sizes of 4 GiB and more are told without their upper half by some writers.
    let low = |number: u64| number as u32;
    for &start in marked {
        let crc = u32_at(bytes, start)?;
        if u64_at(bytes, start + 4) == Some(packed) && u64_at(bytes, start + 12) == Some(size) {
            return Some((start + 20, crc));
        }
        if u32_at(bytes, start + 4) == Some(low(packed)) && u32_at(bytes, start + 8) == Some(low(size)) {
            return Some((start + 12, crc));
        }
    }
    None
}
