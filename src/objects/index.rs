//! The index of a pack (`.idx`, version 2): which objects lie in it and where. It is read whole; the pack is not
//! looked at. Format: gitformat-pack(5).

use std::ops::Range;

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
    /// How many first bits of the names choose a group.
    bits: u32,
    /// Where each group of names begins, and behind the last one, where that ends.
    groups: Vec<u32>,
}

/// Names that share a group, about: they fill one or two lines of the processor's cache. The counts in the index itself
/// tell 256 groups apart, which is a dozen steps into cold memory for each name of a large pack.
const GROUP: usize = 4;
/// A group has more only by a rare chance, or because somebody has chosen the names.
const FEW: usize = 16;
/// The groups of a larger index have more names: 4 MiB are enough for what only saves time.
const MOST_BITS: u32 = 20;

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
        let mut index = Self { bytes, format, count: 0, bits: 0, groups: Vec::new() };
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
        index.bits = group_bits(count);
        index.groups = groups(names, format.id_len(), index.bits);
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

    /// The position of a name. Names are hashes and so lie evenly: a few share their first bits.
    pub(super) fn find(&self, id: &ObjectId) -> Option<usize> {
        let name = id.as_bytes();
        let group = first_bits(name, self.bits);
        let (low, high) = (*self.groups.get(group)? as usize, *self.groups.get(group + 1)? as usize);
        let wanted = value(name);
        let is_below = |position: usize| value(self.name(position)) < wanted;
        let first = if high - low <= FEW {
            // Each is looked at, so that nothing has to be guessed while memory is waited for.
            low + (low..high).map(|position| usize::from(is_below(position))).sum::<usize>()
        } else {
            halved(low..high, is_below)
        };
        let mut same = (first..high).take_while(|position| value(self.name(*position)) == wanted);
        same.find(|position| self.name(*position) == name)
    }

    /// The checksum that the pack ends with.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        let end = self.bytes.len() - self.format.id_len();
        self.bytes.get(end - self.format.id_len()..end).unwrap_or_default()
    }
}

/// The first of `range` that is not below; those that are stand before all others.
fn halved(mut range: Range<usize>, is_below: impl Fn(usize) -> bool) -> usize {
    while !range.is_empty() {
        let middle = range.start + range.len() / 2;
        if is_below(middle) { range.start = middle + 1 } else { range.end = middle }
    }
    range.start
}

/// How many of the first bits of names to group them by, so that a group has about [`GROUP`] of them.
fn group_bits(count: usize) -> u32 {
    (count / GROUP).next_power_of_two().ilog2().min(MOST_BITS)
}

/// Where each group of names begins, and where the last one ends.
fn groups(names: &[u8], width: usize, bits: u32) -> Vec<u32> {
    let mut starts = Vec::with_capacity((1 << bits) + 1);
    for (position, name) in (0..).zip(names.chunks_exact(width)) {
        starts.resize(starts.len().max(first_bits(name, bits) + 1), position);
    }
    starts.resize((1 << bits) + 1, (names.len() / width) as u32);
    starts
}

/// The number that so many first bits of a name are.
fn first_bits(name: &[u8], bits: u32) -> usize {
    name.first_chunk()
        .map_or(0, |bytes| (u64::from(u32::from_be_bytes(*bytes)) >> (u32::BITS - bits)) as usize)
}

/// The first eight bytes of a name, as a number.
fn value(name: &[u8]) -> u64 {
    name.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
