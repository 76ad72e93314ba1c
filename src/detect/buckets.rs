//! Deals the literals of the searcher out to buckets, and makes of them the tables that the filter looks bytes up in.
//!
//! The filter tells bytes apart only by their two halves, and answers for every mixture of the bytes in a bucket. So
//! what costs time is not the number of literals but which of them share a bucket: they are dealt out so that few
//! chance mixtures occur in what is scanned.

use super::forms::Literal;
use super::frequency::{self, KINDS};

/// Bytes of each literal that the filter looks at. No literal is shorter.
pub(crate) const LOOKED_AT: usize = 3;
/// Buckets are bits of a byte, so there are eight to a set; each set costs as much time as the first.
pub(crate) const SETS: usize = 3;
const BUCKETS: usize = 8 * SETS;

/// For each set, each byte that is looked at, and each value of one half of that byte: in which buckets there is a
/// literal that has it there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    /// By the lower four bits.
    pub(crate) low: [[[u8; 16]; LOOKED_AT]; SETS],
    /// By the upper four bits, of which the first is never set: literals are ASCII.
    pub(crate) high: [[[u8; 16]; LOOKED_AT]; SETS],
}

impl Tables {
    /// The tables for the first bytes of `literals`.
    pub(crate) fn new(literals: &[Literal]) -> Self {
        let mut tables = Self::default();
        for (index, bucket) in dealt(literals).iter().enumerate() {
            let (set, bit) = (index / 8, 1 << (index % 8));
            for (at, &(low, high)) in bucket.halves.iter().enumerate() {
                for half in 0..16 {
                    if low >> half & 1 == 1 {
                        tables.low[set][at][half] |= bit;
                    }
                    if high >> half & 1 == 1 {
                        tables.high[set][at][half] |= bit;
                    }
                }
            }
        }
        tables
    }
}

/// For each byte that is looked at, which low and which high halves occur, a bit for each.
type Halves = [(u16, u16); LOOKED_AT];
/// How often some mixture of the halves occurs at each of the bytes, for each kind of content.
type Shares = [[f64; LOOKED_AT]; KINDS];
type Start = [u8; LOOKED_AT];

/// A bucket in the making.
#[derive(Debug, Clone, Default)]
struct Bucket {
    members: Vec<Start>,
    halves: Halves,
    shares: Shares,
}

impl Bucket {
    /// What it costs to take one more.
    fn price(&self, start: Start) -> f64 {
        cost(&self.with(start).1) - cost(&self.shares)
    }

    fn put(&mut self, start: Start) {
        (self.halves, self.shares) = self.with(start);
        self.members.push(start);
    }

    fn take(&mut self, at: usize) -> Start {
        let start = self.members.swap_remove(at);
        let members = std::mem::take(self).members;
        members.into_iter().for_each(|one| self.put(one));
        start
    }

    fn with(&self, start: Start) -> (Halves, Shares) {
        let (mut halves, mut shares) = (self.halves, self.shares);
        for (at, byte) in start.into_iter().enumerate() {
            let wider = (halves[at].0 | 1 << (byte & 15), halves[at].1 | 1 << (byte >> 4));
            if wider != halves[at] {
                halves[at] = wider;
                for (kind, shares) in shares.iter_mut().enumerate() {
                    shares[at] = f64::from(share(wider, kind));
                }
            }
        }
        (halves, shares)
    }
}

/// How often a place passes by chance, in no particular unit.
fn cost(shares: &Shares) -> f64 {
    shares.iter().map(|of_kind| of_kind.iter().product::<f64>()).sum()
}

fn share((low, high): (u16, u16), kind: usize) -> u32 {
    let rows = bits(high).flat_map(|row| bits(low).map(move |column| (row << 4 | column) as u8));
    rows.map(|byte| frequency::of(byte, kind)).sum()
}

/// The places of the bits that are set.
fn bits(mut mask: u16) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask - 1;
        Some(at)
    })
}

/// Gives each literal the bucket that suits it, the most common first; then each may move once, since all others
/// are known by then.
fn dealt(literals: &[Literal]) -> Vec<Bucket> {
    let start = |literal: &Literal| [literal.bytes[0], literal.bytes[1], literal.bytes[2]];
    let mut starts: Vec<Start> = literals.iter().map(start).collect();
    starts.sort_unstable();
    starts.dedup();
    let alone = Bucket::default();
    starts.sort_by(|a, b| alone.price(*b).total_cmp(&alone.price(*a)));
    let mut buckets = vec![Bucket::default(); BUCKETS];
    for start in starts {
        put_cheapest(&mut buckets, start);
    }
    for index in 0..BUCKETS {
        for _ in 0..buckets[index].members.len() {
            let start = buckets[index].take(0);
            put_cheapest(&mut buckets, start);
        }
    }
    buckets
}

fn put_cheapest(buckets: &mut [Bucket], start: Start) {
    if let Some(best) = buckets.iter_mut().min_by(|a, b| a.price(start).total_cmp(&b.price(start))) {
        best.put(start);
    }
}
