//! Deals the literals of the searcher out to buckets, and makes of them the tables that the filter looks bytes up in.
//!
//! The filter tells bytes apart only so far, and answers for every mixture of the bytes in a bucket. So what costs time
//! is not the number of literals but which of them share a bucket: they are dealt out so that few chance mixtures occur
//! in what is scanned.

use super::forms::Literal;
use super::frequency::{self, KINDS};

/// Bytes of each literal that the filter looks at by halves. No literal is shorter.
pub(crate) const LOOKED_AT: usize = 3;
/// Bytes that it looks at by six bits, where a literal has so many.
pub(crate) const SIX_LOOKED_AT: usize = 4;
/// Buckets are bits of a byte.
const BITS: usize = 8;
/// Sets of eight buckets where bytes are looked up by halves; each costs as much time as the first.
pub(crate) const HALF_SETS: usize = 3;
/// Sets of eight buckets where bytes are looked up by six bits.
pub(crate) const SIX_SETS: usize = 2;

/// For each set, each byte that is looked at, and each value of one half of that byte: in which buckets there is a
/// literal that has it there.
#[derive(Debug, Clone)]
pub(crate) struct HalfTables {
    /// By the lower four bits.
    pub(crate) low: [[[u8; 16]; LOOKED_AT]; HALF_SETS],
    /// By the upper four bits, of which the first is never set: literals are ASCII.
    pub(crate) high: [[[u8; 16]; LOOKED_AT]; HALF_SETS],
}

impl HalfTables {
    /// The tables for the first bytes of `literals`.
    pub(crate) fn new(literals: &[Literal]) -> Self {
        let buckets = dealt::<Halves, LOOKED_AT>(literals, HALF_SETS * BITS);
        let low = tables(&buckets, |halves, half| halves.low >> half & 1 == 1);
        let high = tables(&buckets, |halves, half| halves.high >> half & 1 == 1);
        Self { low, high }
    }

    /// The buckets that have a literal with this byte at this place, a bit for each.
    pub(crate) fn buckets(&self, at: usize, byte: u8) -> u32 {
        let of_set = |set: usize| {
            self.low[set][at][usize::from(byte & 15)] & self.high[set][at][usize::from(byte >> 4)]
        };
        (0..HALF_SETS).map(|set| u32::from(of_set(set)) << (BITS * set)).sum()
    }
}

/// For each set, each byte that is looked at, and each value of its lower six bits: in which buckets there is a literal
/// that has it there, or is too short to have any. Bytes outside ASCII are left to whoever looks up.
#[derive(Debug, Clone)]
pub(crate) struct SixTables(pub(crate) [[[u8; 64]; SIX_LOOKED_AT]; SIX_SETS]);

impl SixTables {
    /// The tables for the first bytes of `literals`.
    pub(crate) fn new(literals: &[Literal]) -> Self {
        let buckets = dealt::<Sixes, SIX_LOOKED_AT>(literals, SIX_SETS * BITS);
        Self(tables(&buckets, |sixes, six| sixes.0 >> six & 1 == 1))
    }
}

/// For each set of buckets and each byte: which buckets have which of `N` values there.
fn tables<C: Class, const N: usize, const L: usize, const SETS: usize>(
    buckets: &[Bucket<'_, C, L>],
    has: impl Fn(C, usize) -> bool,
) -> [[[u8; N]; L]; SETS] {
    let mut tables = [[[0; N]; L]; SETS];
    for (index, bucket) in buckets.iter().enumerate() {
        for (at, class) in bucket.classes.iter().enumerate() {
            for value in (0..N).filter(|value| has(*class, *value)) {
                tables[index / BITS][at][value] |= 1 << (index % BITS);
            }
        }
    }
    tables
}

/// A set of bytes as the filter sees it: it may have more members than were put in.
trait Class: Copy + PartialEq {
    /// No byte.
    const NONE: Self;
    /// All bytes.
    const ALL: Self;

    fn with(self, byte: u8) -> Self;
    /// All ASCII characters in it.
    fn members(self) -> impl Iterator<Item = u8>;
}

/// Which low and which high halves occur, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Halves {
    low: u16,
    high: u16,
}

impl Class for Halves {
    const NONE: Self = Self { low: 0, high: 0 };
    const ALL: Self = Self { low: u16::MAX, high: u16::MAX };

    fn with(self, byte: u8) -> Self {
        Self { low: self.low | 1 << (byte & 15), high: self.high | 1 << (byte >> 4) }
    }

    fn members(self) -> impl Iterator<Item = u8> {
        let Self { low, high } = self;
        bits(high.into()).flat_map(move |row| bits(low.into()).map(move |column| (row << 4 | column) as u8))
    }
}

/// Which lower six bits occur, a bit for each value.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sixes(u64);

impl Class for Sixes {
    const NONE: Self = Self(0);
    const ALL: Self = Self(u64::MAX);

    fn with(self, byte: u8) -> Self {
        Self(self.0 | 1 << (byte & 63))
    }

    fn members(self) -> impl Iterator<Item = u8> {
        bits(self.0).flat_map(|six| [six as u8, six as u8 | 64])
    }
}

/// How often some mixture of the bytes occurs at each of the places, for each kind of content.
type Shares<const L: usize> = [[f64; L]; KINDS];

/// A bucket in the making, of which `L` bytes are looked at.
#[derive(Debug, Clone)]
struct Bucket<'l, C, const L: usize> {
    /// The first bytes of literals, `L` of each that has so many.
    members: Vec<&'l [u8]>,
    classes: [C; L],
    shares: Shares<L>,
}

impl<'l, C: Class, const L: usize> Bucket<'l, C, L> {
    const EMPTY: Self = Self { members: Vec::new(), classes: [C::NONE; L], shares: [[0.0; L]; KINDS] };

    /// What it costs to take one more.
    fn price(&self, start: &[u8]) -> f64 {
        cost(&self.with(start).1) - cost(&self.shares)
    }

    fn put(&mut self, start: &'l [u8]) {
        (self.classes, self.shares) = self.with(start);
        self.members.push(start);
    }

    fn take(&mut self, at: usize) -> &'l [u8] {
        let start = self.members.swap_remove(at);
        let members = std::mem::replace(self, Self::EMPTY).members;
        members.into_iter().for_each(|one| self.put(one));
        start
    }

    fn with(&self, start: &[u8]) -> ([C; L], Shares<L>) {
        let (mut classes, mut shares) = (self.classes, self.shares);
        for at in 0..L {
            let wider = start.get(at).map_or(C::ALL, |byte| classes[at].with(*byte));
            if wider != classes[at] {
                classes[at] = wider;
                for (kind, shares) in shares.iter_mut().enumerate() {
                    shares[at] =
                        f64::from(wider.members().map(|byte| frequency::of(byte, kind)).sum::<u32>());
                }
            }
        }
        (classes, shares)
    }
}

/// How often a place passes by chance, in no particular unit.
fn cost<const L: usize>(shares: &Shares<L>) -> f64 {
    shares.iter().map(|of_kind| of_kind.iter().product::<f64>()).sum()
}

/// The places of the bits that are set.
fn bits(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask - 1;
        Some(at)
    })
}

/// Gives each literal the bucket that suits it, the most common first; then each may move once, since all others
/// are known by then.
fn dealt<C: Class, const L: usize>(literals: &[Literal], count: usize) -> Vec<Bucket<'_, C, L>> {
    let mut starts: Vec<&[u8]> =
        literals.iter().map(|literal| &literal.bytes[..literal.bytes.len().min(L)]).collect();
    starts.sort_unstable();
    starts.dedup();
    let alone = Bucket::<C, L>::EMPTY;
    starts.sort_by(|a, b| alone.price(b).total_cmp(&alone.price(a)));
    let mut buckets = vec![Bucket::EMPTY; count];
    for start in starts {
        put_cheapest(&mut buckets, start);
    }
    for index in 0..count {
        for _ in 0..buckets[index].members.len() {
            let start = buckets[index].take(0);
            put_cheapest(&mut buckets, start);
        }
    }
    buckets
}

fn put_cheapest<'l, C: Class, const L: usize>(buckets: &mut [Bucket<'l, C, L>], start: &'l [u8]) {
    if let Some(best) = buckets.iter_mut().min_by(|a, b| a.price(start).total_cmp(&b.price(start))) {
        best.put(start);
    }
}
