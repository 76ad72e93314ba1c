//! The header of one pack entry: its type, its size, and for a delta its base. Does not read the data after it. Format:
//! gitformat-pack(5).

use super::id::{HashFormat, Kind, ObjectId};

/// Maximum length of a header in bytes: 10 for the size, and 32 for the name of the base (an offset takes at most 10).
pub(super) const MAX_HEADER_BYTES: usize = 42;

/// The type of an entry, with the base of a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    /// A complete object.
    Base(Kind),
    /// A delta against the entry that starts this many bytes before it.
    OffsetDelta(u64),
    /// A delta against the object of this name.
    RefDelta(ObjectId),
}

/// The header of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: EntryKind,
    /// Inflated size of its data in bytes, as declared; untrusted.
    pub(super) size: u64,
    /// Length of the header in bytes.
    pub(super) len: usize,
}

/// Parses the header at the start of `bytes`. Returns `None` if it is truncated or invalid.
pub(super) fn parse(bytes: &[u8], format: HashFormat) -> Option<Header> {
    let first = *bytes.first()?;
    let (mut size, mut at, mut more) = (u64::from(first & 0x0f), 1, first & 0x80 != 0);
    while more {
        let byte = *bytes.get(at)?;
        let shift = 4 + 7 * (u32::try_from(at).ok()? - 1);
        // 60 bits are enough for any object.
        if shift > 53 {
            return None;
        }
        size |= u64::from(byte & 0x7f) << shift;
        more = byte & 0x80 != 0;
        at += 1;
    }
    let kind = match first >> 4 & 7 {
        6 => {
            let (distance, len) = distance(bytes.get(at..)?)?;
            at += len;
            EntryKind::OffsetDelta(distance)
        }
        7 => {
            let name = bytes.get(at..at + format.id_len())?;
            at += format.id_len();
            EntryKind::RefDelta(ObjectId::from_bytes(name)?)
        }
        number => EntryKind::Base(Kind::from_pack(number)?),
    };
    Some(Header { kind, size, len: at })
}

/// Parses the distance to a base, and returns it with its encoded length. Each continuation byte adds one, so every
/// number has a unique encoding.
fn distance(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let (mut value, mut at, mut more) = (u64::from(first & 0x7f), 1, first & 0x80 != 0);
    while more {
        let byte = *bytes.get(at)?;
        if value >= 1 << 55 {
            return None;
        }
        value = (value + 1) << 7 | u64::from(byte & 0x7f);
        more = byte & 0x80 != 0;
        at += 1;
    }
    (value > 0).then_some((value, at))
}
