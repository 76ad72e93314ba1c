//! The records of a zip archive, as defined by PKWARE's APPNOTE 6.3.10 (numbers in parentheses are its sections).
//! Parses bytes only; makes no decisions.

use super::corrections::Correction;
use crate::unpack::peek_reader::{u16_at, u32_at, u64_at};

/// Signature of a local header, before each member (4.3.7).
pub(super) const LOCAL_SIGNATURE: &[u8; 4] = b"PK\x03\x04";
/// Signature of an entry of the central directory (4.3.12).
pub(super) const CENTRAL_SIGNATURE: &[u8; 4] = b"PK\x01\x02";
/// Signature of the end of the central directory (4.3.16).
pub(super) const END_SIGNATURE: &[u8; 4] = b"PK\x05\x06";
/// The same for zip64 (4.3.14).
pub(super) const ZIP64_END_SIGNATURE: &[u8; 4] = b"PK\x06\x06";
/// Signature of the descriptor after a member whose sizes were not known in advance (4.3.9).
pub(super) const DESCRIPTOR_SIGNATURE: &[u8; 4] = b"PK\x07\x08";

/// Length of the fixed part of a local header, in bytes.
pub(super) const LOCAL_BYTES: usize = 30;
/// Length of the fixed part of a directory entry, in bytes.
pub(super) const CENTRAL_BYTES: usize = 46;
/// Length of the fixed part of the end record, in bytes.
pub(super) const END_BYTES: usize = 22;
/// Length of the zip64 end record up to and including the directory offset, in bytes.
pub(super) const ZIP64_END_BYTES: usize = 56;

/// Id of the extra field with 64-bit sizes (4.5.3).
const ZIP64_FIELD: u16 = 1;
/// Marks a 32-bit size whose value is in the zip64 field.
const IN_ZIP64: u32 = u32::MAX;

/// The header before a member.
#[derive(Debug)]
pub(super) struct Local {
    /// General purpose bits (4.4.4).
    pub(super) flags: u16,
    /// Compression method (4.4.5).
    pub(super) method: u16,
    /// CRC-32 of the uncompressed member, if given here.
    pub(super) crc: Option<u32>,
    /// Compressed size in bytes, if given here.
    pub(super) packed: Option<u64>,
    /// Uncompressed size in bytes, if given here.
    pub(super) size: Option<u64>,
    /// The name, as stored.
    pub(super) name: Vec<u8>,
}

impl Local {
    /// Returns the length in bytes of the header at the start of `bytes`. `None` if there are fewer than
    /// [`LOCAL_BYTES`] bytes.
    pub(super) fn length(bytes: &[u8]) -> Option<usize> {
        Some(LOCAL_BYTES + usize::from(u16_at(bytes, 26)?) + usize::from(u16_at(bytes, 28)?))
    }

    /// Returns whether `bytes` can be a header although it does not follow a member: version and method exist, and the
    /// name has printable characters only.
    pub(super) fn is_plausible(bytes: &[u8]) -> bool {
        let (Some(version), Some(method)) = (u16_at(bytes, 4), u16_at(bytes, 8)) else { return false };
        let Some(length) = u16_at(bytes, 26).map(usize::from) else { return false };
        let name = bytes.get(LOCAL_BYTES..LOCAL_BYTES + length.min(64)).unwrap_or(&[]);
        version & 0xFF < 100
            && matches!(method, 0..=20 | 92..=99)
            && !name.is_empty()
            && name.iter().all(|byte| *byte >= b' ' && *byte != 0x7F)
    }

    /// Parses a whole header; `None` if bytes are missing.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let length = usize::from(u16_at(bytes, 26)?);
        let name = bytes.get(LOCAL_BYTES..LOCAL_BYTES + length)?.to_vec();
        let extra = bytes.get(LOCAL_BYTES + length..Self::length(bytes)?)?;
        let (flags, method) = (u16_at(bytes, 6)?, u16_at(bytes, 8)?);
        let (packed, size) = (u32_at(bytes, 18)?, u32_at(bytes, 22)?);
        let mut wide = Zip64Numbers::find(extra);
        let size = wide.number(size);
        let packed = wide.number(packed);
        // With a descriptor, a packed size of 0 means that it is not known yet. Some writers (bsdtar) write the
        // uncompressed size anyway, and the descriptor repeats it.
        let later = flags & 8 != 0 && packed == 0;
        let if_known = |number| (!later).then_some(number);
        let crc = u32_at(bytes, 14)?;
        // Nor is the checksum known; but if there is one, it is that of the member: the descriptor flag may be damaged.
        let crc = (flags & 8 == 0 || crc != 0).then_some(crc);
        Some(Self { flags, method, crc, packed: if_known(packed), size: if_known(size), name })
    }

    /// Applies the values of the directory where they are correct and the header is not.
    pub(super) fn correct(&mut self, correction: &Correction) {
        if correction.packed {
            self.packed = Some(correction.sizes.packed);
        }
        // Some writers omit these without setting the flag. The checks at the end accept either value.
        if correction.packed || matches!(self.size, Some(0 | 0xFFFF_FFFF)) {
            self.size = Some(correction.sizes.size);
        }
    }

    /// Returns whether the member is encrypted, in one of the three ways (4.4.4: bits 0, 6, 13).
    pub(super) fn encrypted(&self) -> bool {
        self.flags & (1 | 1 << 6 | 1 << 13) != 0 || self.method == 99
    }

    /// Returns whether a descriptor follows the member.
    pub(super) fn descriptor_follows(&self) -> bool {
        self.flags & 8 != 0
    }
}

/// An entry of the central directory.
#[derive(Debug)]
pub(super) struct Central {
    /// The offset of the local header according to the directory.
    pub(super) offset: u64,
    /// The values of the member in the directory.
    pub(super) sizes: Sizes,
    /// The name, as stored.
    pub(super) name: Vec<u8>,
}

/// The values of a member in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// CRC-32 of the uncompressed member.
    pub(super) crc: u32,
    /// Compressed size in bytes.
    pub(super) packed: u64,
    /// Uncompressed size in bytes.
    pub(super) size: u64,
}

impl Central {
    /// Returns the length in bytes of the entry at the start of `bytes`. `None` if there are fewer than
    /// [`CENTRAL_BYTES`] bytes.
    pub(super) fn length(bytes: &[u8]) -> Option<usize> {
        bytes.get(..CENTRAL_BYTES)?;
        [28, 30, 32].iter().try_fold(CENTRAL_BYTES, |sum, at| Some(sum + usize::from(u16_at(bytes, *at)?)))
    }

    /// Parses a whole entry; `None` if bytes are missing.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (name, extra) = (usize::from(u16_at(bytes, 28)?), usize::from(u16_at(bytes, 30)?));
        let mut wide = Zip64Numbers::find(bytes.get(CENTRAL_BYTES + name..CENTRAL_BYTES + name + extra)?);
        let (packed, size) = (u32_at(bytes, 20)?, u32_at(bytes, 24)?);
        let size = wide.number(size);
        let packed = wide.number(packed);
        let offset = wide.number(u32_at(bytes, 42)?);
        let sizes = Sizes { crc: u32_at(bytes, 16)?, packed, size };
        Some(Self { offset, sizes, name: bytes.get(CENTRAL_BYTES..CENTRAL_BYTES + name)?.to_vec() })
    }
}

/// The numbers in a zip64 field, which contains only those that did not fit into the 32-bit field.
struct Zip64Numbers<'b>(&'b [u8]);

impl<'b> Zip64Numbers<'b> {
    fn find(mut extra: &'b [u8]) -> Self {
        while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
            let Some(field) = extra.get(4..4 + usize::from(length)) else { break };
            if id == ZIP64_FIELD {
                return Self(field);
            }
            extra = &extra[4 + usize::from(length)..];
        }
        Self(&[])
    }

    fn number(&mut self, narrow: u32) -> u64 {
        match (narrow, u64_at(self.0, 0)) {
            (IN_ZIP64, Some(number)) => {
                self.0 = &self.0[8..];
                number
            }
            _ => narrow.into(),
        }
    }
}

/// Returns the length in bytes and the CRC-32 of the descriptor at the start of `bytes`, if it has these sizes. The
/// signature is optional, and sizes have 32 or 64 bits (4.3.9).
pub(super) fn descriptor(bytes: &[u8], packed: u64, size: u64) -> Option<(usize, u32)> {
    let marked = if bytes.starts_with(DESCRIPTOR_SIGNATURE) { &[4usize, 0][..] } else { &[0] };
    // As in a 32-bit field, some writers omit the upper half of sizes of 4 GiB and more.
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
