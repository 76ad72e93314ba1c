//! The header of one entry of a pack: its type, its size, and for a delta what it is made from. It says nothing of
//! the data behind it. Format: gitformat-pack(5).

use super::id::{HashFormat, Kind, ObjectId};

/// Longest header in bytes: ten of size, and a name of 32 (a distance has ten at most).
pub(super) const LONGEST: usize = 42;

/// What an entry is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// It is whole.
    Whole(Kind),
    /// It is a delta against the entry that begins so many bytes before it.
    Before(u64),
    /// It is a delta against the object of this name.
    Named(ObjectId),
}

/// The header of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) body: Body,
    /// Bytes that its data inflates to: as declared, not believed.
    pub(super) size: u64,
    /// Bytes of the header.
    pub(super) len: usize,
}

/// Reads the header with which `bytes` begins; none if it is cut off or makes no sense.
pub(super) fn parse(bytes: &[u8], format: HashFormat) -> Option<Header> {
    let first = *bytes.first()?;
    let (mut size, mut at, mut more) = (u64::from(first & 0x0f), 1, first & 0x80 != 0);
    while more {
        let byte = *bytes.get(at)?;
        let shift = 4 + 7 * (u32::try_from(at).ok()? - 1);
        // 60 bits: no object is longer.
        if shift > 53 {
            return None;
        }
        size |= u64::from(byte & 0x7f) << shift;
        more = byte & 0x80 != 0;
        at += 1;
    }
    let body = match first >> 4 & 7 {
        6 => {
            let (distance, len) = distance(bytes.get(at..)?)?;
            at += len;
            Body::Before(distance)
        }
        7 => {
            let name = bytes.get(at..at + format.id_len())?;
            at += format.id_len();
            Body::Named(ObjectId::from_bytes(name)?)
        }
        number => Body::Whole(Kind::from_pack(number)?),
    };
    Some(Header { body, size, len: at })
}

/// The distance to a base and the bytes it takes. Each continued byte adds one, so that every number has one form.
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
