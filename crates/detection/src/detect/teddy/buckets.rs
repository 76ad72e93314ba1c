//! Assigns the literals to Teddy buckets and builds the lookup tables (masks) of the prefilter.
//!
//! The prefilter distinguishes bytes only by a part of their bits, and it accepts every mixture of the bytes of a
//! bucket's literals. The cost is therefore not the number of literals but which of them share a bucket: they are
//! assigned so that few mixtures occur by chance in scanned content. For the literals of the built-in rules,
//! [`super::bucket_hints`] has an assignment that was computed beforehand; others are assigned greedily.

use std::collections::HashMap;

use super::bucket_hints::NIBBLE_HINTS;
#[cfg(any(target_arch = "x86_64", test))]
use super::bucket_hints::SIX_BIT_HINTS;
use super::byte_frequency::{self, KINDS};
use crate::detect::encoding::Literal;

/// Number of leading bytes of each literal that are checked by nibbles. No literal is shorter.
pub(crate) const NIBBLE_BYTES: usize = 3;
/// Number of leading bytes that are checked by their lower six bits, for literals that have as many.
pub(crate) const SIX_BIT_BYTES: usize = 4;
/// Buckets per set: one per bit of a byte.
const BITS: usize = 8;
/// Number of bucket sets in the nibble tables. The cost is proportional to it.
pub(crate) const NIBBLE_SETS: usize = 3;
/// Number of bucket sets in the six-bit tables.
#[cfg(any(target_arch = "x86_64", test))]
pub(crate) const SIX_BIT_SETS: usize = 2;

/// Nibble masks. For each set, byte position and nibble value: the buckets with a literal that has this nibble at this
/// position.
#[derive(Debug, Clone)]
pub(crate) struct NibbleTables {
    /// Indexed by the lower nibble.
    pub(crate) low: [[[u8; 16]; NIBBLE_BYTES]; NIBBLE_SETS],
    /// Indexed by the upper nibble. Its first bit is never set, because literals are ASCII.
    pub(crate) high: [[[u8; 16]; NIBBLE_BYTES]; NIBBLE_SETS],
}

impl NibbleTables {
    /// Builds the tables for the first bytes of `literals`.
    pub(crate) fn new(literals: &[Literal]) -> Self {
        let buckets = assign::<Nibbles, NIBBLE_BYTES>(literals, &NIBBLE_HINTS);
        let low = tables(&buckets, |halves, half| halves.low >> half & 1 == 1);
        let high = tables(&buckets, |halves, half| halves.high >> half & 1 == 1);
        Self { low, high }
    }

    /// Returns the buckets with a literal that may have `byte` at position `at`, one bit per bucket.
    pub(crate) fn buckets(&self, at: usize, byte: u8) -> u32 {
        let of_set = |set: usize| {
            self.low[set][at][usize::from(byte & 15)] & self.high[set][at][usize::from(byte >> 4)]
        };
        (0..NIBBLE_SETS).map(|set| u32::from(of_set(set)) << (BITS * set)).sum()
    }
}

/// Six-bit masks. For each set, byte position and value of the lower six bits: the buckets with a literal that has this
/// value there, or is too short to have a byte there. The caller handles bytes outside ASCII.
#[cfg(any(target_arch = "x86_64", test))]
#[derive(Debug, Clone)]
pub(crate) struct SixBitTables(pub(crate) [[[u8; 64]; SIX_BIT_BYTES]; SIX_BIT_SETS]);

#[cfg(any(target_arch = "x86_64", test))]
impl SixBitTables {
    /// Builds the tables for the first bytes of `literals`.
    pub(crate) fn new(literals: &[Literal]) -> Self {
        let buckets = assign::<SixBits, SIX_BIT_BYTES>(literals, &SIX_BIT_HINTS);
        Self(tables(&buckets, |sixes, six| sixes.0 >> six & 1 == 1))
    }
}

/// Returns, for each set of buckets, byte position and value, the buckets that accept the value there.
fn tables<C: ByteClass, const N: usize, const L: usize, const SETS: usize>(
    buckets: &[[C; L]],
    has: impl Fn(C, usize) -> bool,
) -> [[[u8; N]; L]; SETS] {
    let mut tables = [[[0; N]; L]; SETS];
    for (index, classes) in buckets.iter().enumerate() {
        for (at, class) in classes.iter().enumerate() {
            for value in (0..N).filter(|value| has(*class, *value)) {
                tables[index / BITS][at][value] |= 1 << (index % BITS);
            }
        }
    }
    tables
}

/// A set of bytes at the resolution of the prefilter, which may contain more bytes than were added.
trait ByteClass: Copy + PartialEq {
    /// The empty set.
    const NONE: Self;
    /// The set of all bytes.
    const ALL: Self;

    fn with(self, byte: u8) -> Self;
    /// Calls `visit` for each ASCII character that the set contains with `byte` and not without it.
    fn each_added(self, byte: u8, visit: impl FnMut(u8));
}

/// The lower and upper nibbles that occur, one bit per value.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Nibbles {
    low: u16,
    high: u16,
}

impl ByteClass for Nibbles {
    const NONE: Self = Self { low: 0, high: 0 };
    const ALL: Self = Self { low: u16::MAX, high: u16::MAX };

    fn with(self, byte: u8) -> Self {
        Self { low: self.low | 1 << (byte & 15), high: self.high | 1 << (byte >> 4) }
    }

    fn each_added(self, byte: u8, mut visit: impl FnMut(u8)) {
        let (low, high) = (byte & 15, byte >> 4);
        let wider = self.with(byte);
        if wider.low != self.low {
            bits(self.high.into()).for_each(|row| visit((row as u8) << 4 | low));
        }
        if wider.high != self.high {
            bits(wider.low.into()).for_each(|column| visit(high << 4 | column as u8));
        }
    }
}

/// The values of the lower six bits that occur, one bit per value.
#[cfg(any(target_arch = "x86_64", test))]
#[derive(Debug, Clone, Copy, PartialEq)]
struct SixBits(u64);

#[cfg(any(target_arch = "x86_64", test))]
impl ByteClass for SixBits {
    const NONE: Self = Self(0);
    const ALL: Self = Self(u64::MAX);

    fn with(self, byte: u8) -> Self {
        Self(self.0 | 1 << (byte & 63))
    }

    fn each_added(self, byte: u8, visit: impl FnMut(u8)) {
        if self.with(byte) != self {
            [byte & 63, byte & 63 | 64].into_iter().for_each(visit);
        }
    }
}

/// For each kind of content and byte position, how many of ten thousand bytes are accepted.
type Shares<const L: usize> = [[f64; L]; KINDS];

/// The shares of all ASCII characters.
static ALL_SHARES: [f64; KINDS] = all_shares();

const fn all_shares() -> [f64; KINDS] {
    let mut shares = [0.0; KINDS];
    let mut kind = 0;
    while kind < KINDS {
        let mut byte = 0;
        while byte < 128 {
            shares[kind] += byte_frequency::of(byte, kind) as f64;
            byte += 1;
        }
        kind += 1;
    }
    shares
}

/// Minimum number of starts with the same first two bytes that are assigned together. Such a family, like the literals of
/// ascii85 (`<~` and any character), would make many buckets wider; in one bucket it costs as much as its first two bytes.
const FAMILY_STARTS: usize = 16;

/// Starts of literals that are assigned to the same bucket: nearly always one. A start is the first `L` bytes of a literal,
/// or all of them if it is shorter.
type Family<'f, 'l> = &'f [&'l [u8]];

/// A bucket under construction, for `L` byte positions.
#[derive(Debug, Clone)]
struct Bucket<'f, 'l, C, const L: usize> {
    members: Vec<Family<'f, 'l>>,
    classes: [C; L],
    shares: Shares<L>,
}

impl<'f, 'l, C: ByteClass, const L: usize> Bucket<'f, 'l, C, L> {
    const EMPTY: Self = Self { members: Vec::new(), classes: [C::NONE; L], shares: [[0.0; L]; KINDS] };

    /// Returns the increase in false positives if `family` joins this bucket, in the units of [`cost`].
    fn price(&self, family: Family<'_, '_>) -> f64 {
        cost(&self.with(family).1) - cost(&self.shares)
    }

    fn put(&mut self, family: Family<'f, 'l>) {
        (self.classes, self.shares) = self.with(family);
        self.members.push(family);
    }

    /// Removes `family` if it is a member. Returns whether it was.
    fn remove(&mut self, family: Family<'_, '_>) -> bool {
        let Some(at) = self.members.iter().position(|one| std::ptr::eq(*one, family)) else { return false };
        let mut members = std::mem::replace(self, Self::EMPTY).members;
        members.swap_remove(at);
        members.into_iter().for_each(|one| self.put(one));
        true
    }

    fn with(&self, family: Family<'_, '_>) -> ([C; L], Shares<L>) {
        let (mut classes, mut shares) = (self.classes, self.shares);
        for start in family {
            for at in 0..L {
                let Some(&byte) = start.get(at) else {
                    classes[at] = C::ALL;
                    (0..KINDS).for_each(|kind| shares[kind][at] = ALL_SHARES[kind]);
                    continue;
                };
                classes[at].each_added(byte, |added| {
                    // Sums of integers, which are exact.
                    (0..KINDS)
                        .for_each(|kind| shares[kind][at] += f64::from(byte_frequency::of(added, kind)));
                });
                classes[at] = classes[at].with(byte);
            }
        }
        (classes, shares)
    }
}

/// Returns the relative frequency of false positives, in arbitrary units.
fn cost<const L: usize>(shares: &Shares<L>) -> f64 {
    shares.iter().map(|of_kind| of_kind.iter().product::<f64>()).sum()
}

/// Iterates over the positions of the set bits.
fn bits(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask - 1;
        Some(at)
    })
}

/// Returns the families of the first `L` bytes of `starts`, which are sorted and unique.
fn families<'f, 'l>(starts: &'f [&'l [u8]]) -> Vec<Family<'f, 'l>> {
    let mut families = Vec::new();
    for same in starts.chunk_by(|one, other| one[..2] == other[..2]) {
        families.extend(same.chunks(if same.len() < FAMILY_STARTS { 1 } else { same.len() }));
    }
    families
}

/// Returns the first `L` bytes of each literal, sorted and unique.
fn starts<const L: usize>(literals: &[Literal]) -> Vec<&[u8]> {
    let mut starts: Vec<&[u8]> =
        literals.iter().map(|literal| &literal.bytes[..literal.bytes.len().min(L)]).collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// Returns the bytes by which `family` is named in the hints.
fn hint_key<'l>(family: Family<'_, 'l>) -> &'l [u8] {
    match family {
        [start] => start,
        _ => &family[0][..2],
    }
}

/// Assigns each literal to the bucket of `hints` that names it. The others are added to the cheapest bucket each, the most
/// common literals first; then each of them may move once, now that all others are known. Returns the byte classes of each
/// bucket.
fn assign<C: ByteClass, const L: usize>(literals: &[Literal], hints: &[&[&[u8]]]) -> Vec<[C; L]> {
    let starts = starts::<L>(literals);
    let families = families(&starts);
    let mut buckets = vec![Bucket::<C, L>::EMPTY; hints.len()];
    let hinted: HashMap<&[u8], usize> = hints
        .iter()
        .enumerate()
        .flat_map(|(bucket, keys)| keys.iter().map(move |key| (*key, bucket)))
        .collect();
    let mut others = Vec::new();
    for family in families {
        match hinted.get(hint_key(family)) {
            Some(&bucket) => buckets[bucket].put(family),
            None => others.push(family),
        }
    }
    let alone = Bucket::<C, L>::EMPTY;
    others.sort_by(|a, b| alone.price(b).total_cmp(&alone.price(a)));
    for family in &others {
        add_to_cheapest(&mut buckets, family);
    }
    for family in &others {
        if buckets.iter_mut().any(|bucket| bucket.remove(family)) {
            add_to_cheapest(&mut buckets, family);
        }
    }
    buckets.into_iter().map(|bucket| bucket.classes).collect()
}

fn add_to_cheapest<'f, 'l, C: ByteClass, const L: usize>(
    buckets: &mut [Bucket<'f, 'l, C, L>],
    family: Family<'f, 'l>,
) {
    if let Some(best) = buckets.iter_mut().min_by(|a, b| a.price(family).total_cmp(&b.price(family))) {
        best.put(family);
    }
}

#[cfg(test)]
#[path = "annealing.rs"]
mod annealing;
