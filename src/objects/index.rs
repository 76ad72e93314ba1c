//! The index of a pack (`.idx`, version 2): which objects lie in it and where. It is read whole; the pack is not
//! looked at. Format: gitformat-pack(5).

use super::id::{HashFormat, ObjectId};

const MAGIC: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
/// Where the names begin: behind the magic number and 256 counts, the last of which is that of all.
const NAMES: usize = 8 + 256 * 4;

/// A parsed index.
#[derive(Debug)]
pub(super) struct Index {
    bytes: Vec<u8>,
    format: HashFormat,
    count: usize,
}

impl Index {
    /// Takes the bytes of an index file.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for a person.
    pub(super) fn parse(bytes: Vec<u8>, format: HashFormat) -> Result<Self, &'static str> {
        if bytes.get(..8) != Some(&MAGIC) {
            return Err("its index has another version than 2");
        }
        let mut index = Self { bytes, format, count: 0 };
        // The other counts say only what the names say too, and a wrong one would hide names: they are not used.
        let count = index.word(NAMES - 4).ok_or("its index is cut off or damaged")? as usize;
        index.count = count;
        // Names, checksums and places; then any number of long places; then two checksums.
        let fixed = count
            .checked_mul(format.id_len() + 8)
            .and_then(|all| all.checked_add(NAMES + 2 * format.id_len()));
        let long = fixed.and_then(|fixed| index.bytes.len().checked_sub(fixed));
        if long.is_none_or(|long| long % 8 != 0) {
            return Err("its index is cut off or damaged");
        }
        let names = index.bytes.get(NAMES..NAMES + count * format.id_len()).unwrap_or_default();
        if !names.chunks_exact(format.id_len()).is_sorted() {
            return Err("its index is damaged");
        }
        Ok(index)
    }

    fn word(&self, at: usize) -> Option<u32> {
        self.bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// How many objects there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The name at a position, as bytes; empty beyond the last.
    pub(super) fn name(&self, position: usize) -> &[u8] {
        let len = self.format.id_len();
        let at = NAMES + position * len;
        if position < self.count { self.bytes.get(at..at + len).unwrap_or_default() } else { &[] }
    }

    /// The name at a position.
    pub(super) fn id(&self, position: usize) -> Option<ObjectId> {
        ObjectId::from_bytes(self.name(position))
    }

    /// Where in the pack the object at a position begins.
    pub(super) fn offset(&self, position: usize) -> Option<u64> {
        if position >= self.count {
            return None;
        }
        let places = NAMES + self.count * (self.format.id_len() + 4);
        let short = self.word(places + position * 4)?;
        if short & 0x8000_0000 == 0 {
            return Some(u64::from(short));
        }
        let at = places + self.count * 4 + (short & 0x7fff_ffff) as usize * 8;
        let end = self.bytes.len() - 2 * self.format.id_len();
        let long = self.bytes.get(at..at + 8).filter(|_| at + 8 <= end)?;
        long.try_into().ok().map(u64::from_be_bytes)
    }

    /// The position of a name. Names are hashes and so lie evenly between the first and the last: a guess by their
    /// value is off by a few places only, where halving would take twenty looks, each into cold memory.
    pub(super) fn find(&self, id: &ObjectId) -> Option<usize> {
        let name = id.as_bytes();
        let (mut low, mut high) = (0, self.count);
        let wanted = value(name);
        // Values between which the wanted one lies.
        let (mut least, mut most) = (0, u64::MAX);
        for look in 0.. {
            if low >= high {
                return None;
            }
            let middle = if look < GUESSES {
                low + share(wanted.saturating_sub(least), most.saturating_sub(least), high - low)
            } else {
                low + (high - low) / 2
            };
            let there = self.name(middle);
            match value(there).cmp(&wanted).then_with(|| there.cmp(name)) {
                std::cmp::Ordering::Less => (low, least) = (middle + 1, value(there)),
                std::cmp::Ordering::Greater => (high, most) = (middle, value(there)),
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The checksum that the pack ends with.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        let end = self.bytes.len() - self.format.id_len();
        self.bytes.get(end - self.format.id_len()..end).unwrap_or_default()
    }
}

/// Looks that are guesses; names that somebody has chosen may not lie evenly, and then halving is sure.
const GUESSES: usize = 6;

/// The first eight bytes of a name, as a number.
fn value(name: &[u8]) -> u64 {
    name.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// The place among `count` of what lies at `part` of `whole`.
fn share(part: u64, whole: u64, count: usize) -> usize {
    let place = u128::from(part) * count as u128 / (u128::from(whole) + 1);
    usize::try_from(place).unwrap_or(0).min(count.saturating_sub(1))
}
