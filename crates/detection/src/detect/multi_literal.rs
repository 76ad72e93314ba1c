//! Multi-literal search: finds all literals in one pass over a buffer.
//!
//! Works block by block in three steps, each on the output of the previous one: the prefilter marks candidates, a
//! branchless lookup of their first bytes in a small hash table removes most of them, and the others are compared with
//! the literals. Does not know what a literal means.

use std::ops::Range;

use super::encoding::Literal;
use super::teddy::buckets::NIBBLE_BYTES;
use super::teddy::{CANDIDATE_GROUP, Candidates, LOOKAHEAD_BYTES, MAX_WORDS, Teddy, WORD_OFFSETS};

/// Number of offsets per block: its candidates and bytes fit into the first-level cache.
const BLOCK: usize = MAX_WORDS * WORD_OFFSETS;
/// Length of a short range, such as one changed by a delta, for which clearing a whole block would take longer than the
/// search.
const SHORT: usize = 10 * WORD_OFFSETS;
/// Error: the anchors of the rules result in more literals than the searcher supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {} literals to search", u16::MAX)]
pub struct TooManyLiterals;

/// Searcher for a set of literals.
#[derive(Debug)]
pub(crate) struct Searcher {
    literals: Vec<Literal>,
    filter: Teddy,
    starts: Starts,
}

impl Searcher {
    /// Creates a searcher for `literals`, each of at least three ASCII characters.
    ///
    /// # Errors
    /// Returns an error if there are more than 65,535 literals.
    pub(crate) fn new(literals: Vec<Literal>) -> Result<Self, TooManyLiterals> {
        if literals.len() > usize::from(u16::MAX) {
            return Err(TooManyLiterals);
        }
        let filter = Teddy::new(&literals);
        let starts = Starts::new(&literals);
        Ok(Self { literals, filter, starts })
    }

    /// Returns the literals.
    pub(crate) fn literals(&self) -> &[Literal] {
        &self.literals
    }

    /// Calls `visit` for every literal that starts in `range` of `raw`, with its offset, in order of the offsets. A
    /// literal may end after the range. Does not allocate. Returns the number of newlines in the range.
    ///
    /// # Errors
    /// Returns the first error of `visit`, which ends the search.
    pub(crate) fn each_hit<E>(
        &self,
        raw: &[u8],
        range: Range<usize>,
        visit: impl FnMut(usize, &Literal) -> Result<(), E>,
    ) -> Result<u64, E> {
        let range = range.start..range.end.min(raw.len());
        if range.len() <= SHORT {
            self.each_hit_with(&mut [0; SHORT + CANDIDATE_GROUP], raw, range, visit)
        } else {
            self.each_hit_with(&mut [0; BLOCK + CANDIDATE_GROUP], raw, range, visit)
        }
    }

    /// Like [`Self::each_hit`], with a buffer for the candidates of one block.
    #[inline(always)]
    fn each_hit_with<E>(
        &self,
        places: &mut [u16],
        raw: &[u8],
        range: Range<usize>,
        mut visit: impl FnMut(usize, &Literal) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut newlines = 0;
        let mut from = range.start;
        while from < range.end {
            let length = length_of_block(raw.len() - from, range.end - from);
            let seen = self.likely(&raw[from..], length, places);
            newlines += seen.newlines as u64;
            for &place in &places[..seen.places] {
                let at = from + usize::from(place);
                for &one in self.starts.at(first(&raw[at..])) {
                    let literal = &self.literals[usize::from(one)];
                    if stands(&raw[at..], &literal.bytes) {
                        visit(at, literal)?;
                    }
                }
            }
            from += length;
        }
        Ok(newlines)
    }

    /// Writes the candidates among the first `length` offsets of `text`, at most one block, and counts the newlines
    /// there.
    fn likely(&self, text: &[u8], length: usize, places: &mut [u16]) -> Candidates {
        match text.get(..length.next_multiple_of(WORD_OFFSETS) + LOOKAHEAD_BYTES) {
            Some(text) => self.likely_in(text, length, places),
            None => self.likely_at_the_end(text, length, places),
        }
    }

    /// Like [`Self::likely`] for a text that ends too early for the prefilter; it is padded with zeros.
    #[cold]
    fn likely_at_the_end(&self, text: &[u8], length: usize, places: &mut [u16]) -> Candidates {
        let mut padded = [0; 2 * WORD_OFFSETS + LOOKAHEAD_BYTES];
        padded[..text.len()].copy_from_slice(text);
        self.likely_in(&padded[..length.next_multiple_of(WORD_OFFSETS) + LOOKAHEAD_BYTES], length, places)
    }

    fn likely_in(&self, text: &[u8], length: usize, places: &mut [u16]) -> Candidates {
        let mut seen = self.filter.places(text, length.div_ceil(WORD_OFFSETS), places);
        let too_many = &text[length..length.next_multiple_of(WORD_OFFSETS)];
        seen.newlines -= too_many.iter().filter(|&&byte| byte == b'\n').count();
        while seen.places > 0 && usize::from(places[seen.places - 1]) >= length {
            seen.places -= 1;
        }
        Candidates { places: self.starts.keep(text, &mut places[..seen.places]), ..seen }
    }
}

/// Returns how many of the next `wanted` offsets to search at once if `rest` bytes are left: as many as are followed by
/// enough bytes or, if there are none, the remaining few.
fn length_of_block(rest: usize, wanted: usize) -> usize {
    let length = wanted.min(BLOCK);
    let whole = rest.saturating_sub(LOOKAHEAD_BYTES) / WORD_OFFSETS * WORD_OFFSETS;
    if whole == 0 { length } else { length.min(whole) }
}

/// Returns whether `text` starts with `literal`. Avoids a call for literals of few bytes.
#[inline]
fn stands(text: &[u8], literal: &[u8]) -> bool {
    text.len() >= literal.len() && text.iter().zip(literal).all(|(one, other)| one == other)
}

/// Returns the first four bytes of a text as a number; missing bytes are zero.
#[inline]
fn first(text: &[u8]) -> u32 {
    match text.first_chunk::<4>() {
        Some(four) => u32::from_le_bytes(*four),
        None => text.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte)),
    }
}

/// Mask for the bytes of [`first`] that every literal has.
const START: u32 = (1 << (8 * NIBBLE_BYTES)) - 1;

/// Minimum number of slots per literal: few collisions, and a table that fits into the first-level cache.
const SLOTS_PER_LITERAL: usize = 8;

/// A hash table of the first bytes of the literals, optimized for misses.
#[derive(Debug)]
struct Starts {
    /// Multiplier of the hash function.
    factor: u32,
    /// Number of bits to shift a product right to get the slot index.
    shift: u32,
    slots: Vec<Slot>,
    /// Indices of the literals of each slot, empty for unused slots.
    members: Vec<Vec<u16>>,
}

/// Condition for a slot: nearly always a single start of literals.
#[derive(Debug, Clone, Copy)]
struct Slot {
    /// The bits of the text to compare with `wanted`: three bytes, four bytes, or none if several starts share the
    /// slot.
    mask: u32,
    wanted: u32,
}

/// Never matches.
const EMPTY: Slot = Slot { mask: 0, wanted: 1 };

impl Starts {
    fn new(literals: &[Literal]) -> Self {
        let bits = (literals.len() * SLOTS_PER_LITERAL).next_power_of_two().ilog2().clamp(8, 20);
        let starts: Vec<u32> = literals.iter().map(|literal| first(&literal.bytes) & START).collect();
        let shift = u32::BITS - bits;
        let factor = best_factor(&starts, shift);
        let mut members = vec![Vec::new(); 1 << bits];
        for (index, &start) in (0..).zip(&starts) {
            members[slot_of(start, factor, shift)].push(index);
        }
        let slots = members.iter().map(|members| Slot::of(literals, members)).collect();
        Self { factor, shift, slots, members }
    }

    /// Keeps those `places` in `text` whose slot matches, moves them to the front, and returns their number.
    fn keep(&self, text: &[u8], places: &mut [u16]) -> usize {
        let mut kept = 0;
        for index in 0..places.len() {
            let place = places[index];
            let begin = text.get(usize::from(place)..).map_or(0, first);
            let slot = self.slots[slot_of(begin & START, self.factor, self.shift)];
            places[kept] = place;
            kept += usize::from(begin & slot.mask == slot.wanted);
        }
        kept
    }

    /// Returns the indices of the literals that may start with `begin`.
    fn at(&self, begin: u32) -> &[u16] {
        &self.members[slot_of(begin & START, self.factor, self.shift)]
    }
}

impl Slot {
    fn of(literals: &[Literal], members: &[u16]) -> Self {
        let begins =
            || members.iter().map(|&one| &literals[usize::from(one)].bytes).map(|bytes| first(bytes));
        let Some(wanted) = begins().next() else { return EMPTY };
        let short = members.iter().any(|&one| literals[usize::from(one)].bytes.len() == NIBBLE_BYTES);
        let masks = [u32::MAX, START].into_iter().skip(usize::from(short));
        let mask = masks.into_iter().find(|mask| begins().all(|begin| begin & mask == wanted & mask));
        let mask = mask.unwrap_or_default();
        Self { mask, wanted: wanted & mask }
    }
}

#[inline]
fn slot_of(start: u32, factor: u32, shift: u32) -> usize {
    (start.wrapping_mul(factor) >> shift) as usize
}

/// Returns a multiplier with few collisions; for a few hundred starts, there are nearly always none.
fn best_factor(starts: &[u32], shift: u32) -> u32 {
    let mut starts = starts.to_vec();
    starts.sort_unstable();
    starts.dedup();
    let clashes = |factor: &u32| {
        let mut slots: Vec<usize> = starts.iter().map(|&start| slot_of(start, *factor, shift)).collect();
        slots.sort_unstable();
        slots.dedup();
        starts.len() - slots.len()
    };
    // Odd numbers without a pattern: multiples of the golden ratio.
    let factors = (1..=64u32).map(|number| number.wrapping_mul(0x9E37_79B9) | 1);
    factors.min_by_key(clashes).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(bytes: &[u8]) -> Literal {
        Literal { bytes: bytes.to_vec(), uses: Vec::new() }
    }

    fn hits(searcher: &Searcher, raw: &[u8], range: Range<usize>) -> Vec<(usize, Vec<u8>)> {
        let mut all = Vec::new();
        let visit = |at, literal: &Literal| -> Result<(), ()> {
            all.push((at, literal.bytes.clone()));
            Ok(())
        };
        let newlines = searcher.each_hit(raw, range.clone(), visit).unwrap();
        let part = &raw[range.start..range.end.min(raw.len())];
        assert_eq!(newlines, part.iter().filter(|&&byte| byte == b'\n').count() as u64);
        all
    }

    fn text(length: usize) -> Vec<u8> {
        let mut seed = 1u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"abc\0abc\n"[(seed >> 29) as usize]
        };
        (0..length).map(|_| random()).collect()
    }

    #[test]
    fn literals_are_found_at_every_offset() {
        let literals: [&[u8]; 7] = [b"abc", b"abcc", b"bca", b"cab\0", b"a\0\0\0b", b"ccccc", b"b\0\0"];
        let searcher = Searcher::new(literals.map(literal).to_vec()).unwrap();
        for length in [0, 1, 3, 63, 64, 65, 67, 130, BLOCK, BLOCK + 1, 2 * BLOCK + 77] {
            let raw = text(length);
            for range in [0..length, length / 3..length, length / 3..length * 2 / 3, 0..length + 5] {
                let mut want = Vec::new();
                for at in range.start..range.end.min(length) {
                    let mut here: Vec<&[u8]> =
                        literals.into_iter().filter(|one| raw[at..].starts_with(one)).collect();
                    here.sort_unstable();
                    want.extend(here.into_iter().map(|one| (at, one.to_vec())));
                }
                let mut found = hits(&searcher, &raw, range.clone());
                found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
                assert_eq!(found, want, "{range:?} of {length}");
            }
        }
    }

    #[test]
    fn every_offset_of_a_range_may_be_a_hit() {
        let searcher = Searcher::new(vec![literal(b"aaa")]).unwrap();
        for length in [3, 66, SHORT - 1, SHORT, SHORT + 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
            let raw = vec![b'a'; length + 99];
            assert_eq!(hits(&searcher, &raw, 0..length).len(), length, "{length}");
            assert_eq!(hits(&searcher, &raw[..length], 0..length).len(), length - 2, "{length}");
        }
    }

    #[test]
    fn literals_that_share_slots_are_found() {
        let all: Vec<Literal> =
            (0..60_000u32).map(|number| literal(format!("{number:05}x").as_bytes())).collect();
        let searcher = Searcher::new(all).unwrap();
        let raw = b"..00017x..59999x..60000x..12345";
        let found: Vec<usize> = hits(&searcher, raw, 0..raw.len()).into_iter().map(|(at, _)| at).collect();
        assert_eq!(found, [2, 10]);
    }

    #[test]
    fn error_ends_the_search() {
        let searcher = Searcher::new(vec![literal(b"aaa")]).unwrap();
        let mut seen = 0;
        let outcome = searcher.each_hit(b"aaaaaa", 0..6, |at, _| {
            seen += 1;
            if at == 2 { Err(at) } else { Ok(()) }
        });
        assert_eq!((outcome, seen), (Err(2), 3));
        let many = vec![literal(b"aaa"); usize::from(u16::MAX) + 1];
        assert_eq!(Searcher::new(many).err(), Some(TooManyLiterals));
    }
}
