//! The index of a pack (`.idx`, versions 1 and 2): the names and offsets of its objects. It is read whole. Does not read the
//! pack. Format: gitformat-pack(5).

use std::ops::Range;

use super::id::{HashFormat, ObjectId};

const MAGIC: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
/// Offset of the names: after the magic number and 256 counts, the last of which is the total.
const NAMES_OFFSET: usize = 8 + 256 * 4;

/// A parsed index.
#[derive(Debug)]
pub(super) struct Index {
    bytes: Vec<u8>,
    format: HashFormat,
    count: usize,
    /// Number of leading bits of a name that select its group.
    bits: u32,
    /// The position of the first name of each group, and the number of names at the end.
    groups: Vec<u32>,
}

/// Average number of names in a group: they fill one or two cache lines. The index's own fan-out table has only 256
/// groups, so that each lookup in a large pack would take a dozen steps through cold memory.
const NAMES_PER_GROUP: usize = 4;
/// Groups of up to this many names are searched linearly. A larger one is a rare coincidence, or the names were chosen.
const MAX_LINEAR_SEARCH: usize = 16;
/// Maximum number of group bits. Larger indexes have larger groups: the table is only an optimisation, and 4 MiB are
/// enough for it.
const MAX_GROUP_BITS: u32 = 20;

impl Index {
    /// Parses an index file.
    ///
    /// # Errors
    ///
    /// Returns the reason for display if the index is damaged or of an unknown version.
    pub(super) fn parse(bytes: Vec<u8>, format: HashFormat) -> Result<Self, &'static str> {
        let bytes = match bytes.get(..8) {
            Some(head) if head == MAGIC => bytes,
            Some(head) if head[..4] == MAGIC[..4] => return Err("its index is of an unknown version"),
            _ => from_version_1(&bytes, format).ok_or("its index is truncated or damaged")?,
        };
        let mut index = Self { bytes, format, count: 0, bits: 0, groups: Vec::new() };
        // The other counts are redundant and a wrong one would hide names, so they are not used.
        let count = index.word(NAMES_OFFSET - 4).ok_or("its index is truncated or damaged")? as usize;
        index.count = count;
        // Names, CRCs and 4-byte offsets; then any number of 8-byte offsets; then two checksums.
        let fixed = count
            .checked_mul(format.id_len() + 8)
            .and_then(|all| all.checked_add(NAMES_OFFSET + 2 * format.id_len()));
        let long = fixed.and_then(|fixed| index.bytes.len().checked_sub(fixed));
        if long.is_none_or(|long| long % 8 != 0) {
            return Err("its index is truncated or damaged");
        }
        let names = index.bytes.get(NAMES_OFFSET..NAMES_OFFSET + count * format.id_len()).unwrap_or_default();
        if !names.chunks_exact(format.id_len()).is_sorted() {
            return Err("its index is damaged");
        }
        index.bits = group_bits(count);
        index.groups = groups(names, format.id_len(), index.bits);
        Ok(index)
    }

    /// Creates an index for a pack that has none. The name of each object is its offset in the pack.
    pub(super) fn of_offsets(offsets: &[u64], format: HashFormat) -> Option<Self> {
        let width = format.id_len();
        let names: Vec<Vec<u8>> =
            offsets.iter().map(|offset| [&vec![0; width - 8][..], &offset.to_be_bytes()].concat()).collect();
        let mut counts = vec![0; 255 * 4];
        counts.extend(u32::try_from(offsets.len()).ok()?.to_be_bytes());
        let objects = offsets.iter().copied().zip(names.iter().map(Vec::as_slice));
        Self::parse(version_2(objects, &counts, &vec![0; 2 * width]), format).ok()
    }

    fn word(&self, at: usize) -> Option<u32> {
        self.bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// Returns the number of objects.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Returns the name at a position as bytes; empty after the last one.
    pub(super) fn name(&self, position: usize) -> &[u8] {
        let len = self.format.id_len();
        let at = NAMES_OFFSET + position * len;
        if position < self.count { self.bytes.get(at..at + len).unwrap_or_default() } else { &[] }
    }

    /// Returns the name at a position.
    pub(super) fn id(&self, position: usize) -> Option<ObjectId> {
        ObjectId::from_bytes(self.name(position))
    }

    /// Returns the offset in the pack of the object at a position.
    pub(super) fn offset(&self, position: usize) -> Option<u64> {
        if position >= self.count {
            return None;
        }
        let places = NAMES_OFFSET + self.count * (self.format.id_len() + 4);
        let short = self.word(places + position * 4)?;
        if short & 0x8000_0000 == 0 {
            return Some(u64::from(short));
        }
        let at = places + self.count * 4 + (short & 0x7fff_ffff) as usize * 8;
        let end = self.bytes.len() - 2 * self.format.id_len();
        let long = self.bytes.get(at..at + 8).filter(|_| at + 8 <= end)?;
        long.try_into().ok().map(u64::from_be_bytes)
    }

    /// Returns the position of a name. Names are hashes and so evenly distributed: only a few share their first bits.
    pub(super) fn find(&self, id: &ObjectId) -> Option<usize> {
        let name = id.as_bytes();
        let group = first_bits(name, self.bits);
        let (low, high) = (*self.groups.get(group)? as usize, *self.groups.get(group + 1)? as usize);
        let wanted = value(name);
        let is_below = |position: usize| value(self.name(position)) < wanted;
        let first = if high - low <= MAX_LINEAR_SEARCH {
            // Branchless: compares every name, so that nothing is mispredicted while waiting for memory.
            low + (low..high).map(|position| usize::from(is_below(position))).sum::<usize>()
        } else {
            binary_search(low..high, is_below)
        };
        let mut same = (first..high).take_while(|position| value(self.name(*position)) == wanted);
        same.find(|position| self.name(*position) == name)
    }

    /// Returns the checksum at the end of the pack.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        let end = self.bytes.len() - self.format.id_len();
        self.bytes.get(end - self.format.id_len()..end).unwrap_or_default()
    }
}

/// Converts an index of version 1 to version 2: 256 counts, then the offset and the name of each object, then two
/// checksums. Returns `None` if its length is wrong.
fn from_version_1(bytes: &[u8], format: HashFormat) -> Option<Vec<u8>> {
    let counts = bytes.get(..256 * 4)?;
    let count = counts.last_chunk().map(|last| u32::from_be_bytes(*last) as usize)?;
    let row = format.id_len() + 4;
    let (rows, checksums) = bytes[256 * 4..].split_at_checked(count.checked_mul(row)?)?;
    if checksums.len() != 2 * format.id_len() {
        return None;
    }
    let objects = rows.chunks_exact(row).filter_map(|row| row.split_first_chunk());
    let objects = objects.map(|(offset, name)| (u64::from(u32::from_be_bytes(*offset)), name));
    Some(version_2(objects, counts, checksums))
}

/// Returns an index of version 2 of `objects`: the offset of each in the pack, and its name, in order of the names.
fn version_2<'a>(
    objects: impl Iterator<Item = (u64, &'a [u8])> + Clone,
    counts: &[u8],
    checksums: &[u8],
) -> Vec<u8> {
    let mut out = [&MAGIC[..], counts].concat();
    out.extend(objects.clone().flat_map(|(_, name)| name));
    // The checksums of the objects, which are not read.
    out.extend(objects.clone().flat_map(|_| [0; 4]));
    let mut long = Vec::new();
    for (offset, _) in objects {
        let short = u32::try_from(offset).ok().filter(|short| short >> 31 == 0);
        out.extend(short.unwrap_or(0x8000_0000 | (long.len() / 8) as u32).to_be_bytes());
        if short.is_none() {
            long.extend(offset.to_be_bytes());
        }
    }
    [out, long, checksums.to_vec()].concat()
}

/// Binary search: returns the first position in `range` for which `is_below` is false.
fn binary_search(mut range: Range<usize>, is_below: impl Fn(usize) -> bool) -> usize {
    while !range.is_empty() {
        let middle = range.start + range.len() / 2;
        if is_below(middle) { range.start = middle + 1 } else { range.end = middle }
    }
    range.start
}

/// Returns the number of leading bits that gives groups of about [`NAMES_PER_GROUP`] names.
fn group_bits(count: usize) -> u32 {
    (count / NAMES_PER_GROUP).next_power_of_two().ilog2().min(MAX_GROUP_BITS)
}

/// Returns the first position of each group, and the end of the last one.
fn groups(names: &[u8], width: usize, bits: u32) -> Vec<u32> {
    let mut starts = Vec::with_capacity((1 << bits) + 1);
    for (position, name) in (0..).zip(names.chunks_exact(width)) {
        starts.resize(starts.len().max(first_bits(name, bits) + 1), position);
    }
    starts.resize((1 << bits) + 1, (names.len() / width) as u32);
    starts
}

/// Returns the first `bits` bits of a name as a number.
fn first_bits(name: &[u8], bits: u32) -> usize {
    name.first_chunk()
        .map_or(0, |bytes| (u64::from(u32::from_be_bytes(*bytes)) >> (u32::BITS - bits)) as usize)
}

/// Returns the first eight bytes of a name as a number.
fn value(name: &[u8]) -> u64 {
    name.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
