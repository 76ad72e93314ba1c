//! A Teddy prefilter: reports the candidate offsets at which one of the literals may start.
//!
//! Teddy is the algorithm of Hyperscan and of the `packed` module of aho-corasick. The literals are assigned to buckets, one
//! bit each ([`buckets`]). For each byte position there is a small table from a part of the byte to the buckets that have a
//! literal with such a byte there. A vector instruction looks up 16 to 64 bytes at once; the intersection of the results of
//! three or four positions has a bit for each bucket of which a literal may start at that offset.
//!
//! # Example
//!
//! The literals `KEY` (bucket 1) and `0VZ` (bucket 2), by the lower and upper nibbles of their first byte, `K` = 4B and
//! `0` = 30:
//!
//! ```text
//! low nibble    0 1 2 3 4 5 6 7 8 9 A B C D E F      high nibble   0 1 2 3 4 5 6 7
//! buckets       2 . . . . . . . . . . 1 . . . .      buckets       . . . 2 1 . . .
//! ```
//!
//! In the text `TKEY` the byte `K` gets `low[B] & high[4]` = bucket 1, and `T` (54) gets `low[4] & high[5]` = none. The same
//! is done with the tables of the second byte for the text shifted by one, and of the third byte for the text shifted by two.
//! Bucket 1 survives all three at offset 1, so offset 1 is a candidate. A bucket accepts every mixture of its literals' nibbles:
//! with `KEY` and `0VZ` in one bucket, `0EY` would be a candidate, too. `buckets` assigns literals so that such mixtures are rare.
//!
//! There are no false negatives. About one offset in 400 is a false positive; `multi_literal` verifies every candidate.
//! Newlines are counted in the same pass. Each instruction set has a file: `avx512_vbmi` looks up four bytes by their lower
//! six bits, `avx512` and `avx2` three bytes by their nibbles, and `scalar` is for all other processors.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avx512_vbmi;
mod bucket_hints;
pub(super) mod buckets;
pub(crate) mod byte_frequency;
mod scalar;

#[cfg(target_arch = "x86_64")]
use archmage::{SimdToken, X64V3Token, X64V4Token, X64V4xToken};

#[cfg(target_arch = "x86_64")]
use self::buckets::SixBitTables;
use self::buckets::{NIBBLE_BYTES, NibbleTables, SIX_BIT_BYTES};
use crate::detect::encoding::Literal;

/// Number of offsets that are checked together.
pub(crate) const WORD_OFFSETS: usize = 64;
/// Maximum number of words of 64 offsets per call.
pub(crate) const MAX_WORDS: usize = 32;
/// Candidates are written in groups of this size, so the output buffer needs this many spare slots.
pub(crate) const CANDIDATE_GROUP: usize = 4;

/// Number of bytes after an offset that must be available.
pub(crate) const LOOKAHEAD_BYTES: usize = SIX_BIT_BYTES - 1;

/// Result of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidates {
    /// Number of candidates written.
    pub(crate) places: usize,
    /// Number of newlines at the offsets that were checked.
    pub(crate) newlines: usize,
}

/// The prefilter for a set of literals: an implementation for this processor with its tables.
#[derive(Debug)]
pub(crate) enum Teddy {
    /// AVX-512 with 64-byte table lookups (VBMI).
    #[cfg(target_arch = "x86_64")]
    Avx512Vbmi(X64V4xToken, Box<SixBitTables>),
    /// AVX-512 with nibble lookups.
    #[cfg(target_arch = "x86_64")]
    Avx512(X64V4Token, Box<NibbleTables>),
    /// AVX2 with nibble lookups.
    #[cfg(target_arch = "x86_64")]
    Avx2(X64V3Token, Box<NibbleTables>),
    /// Scalar: the nibble tables expanded to whole bytes, one bit per bucket.
    Scalar(Box<[[u32; 256]; NIBBLE_BYTES]>),
}

/// 64 offsets and the bytes that are read after the last of them.
type Window = [u8; WORD_OFFSETS + LOOKAHEAD_BYTES];

impl Teddy {
    /// Creates a prefilter for `literals` with the fastest implementation for this processor.
    pub(crate) fn new(literals: &[Literal]) -> Self {
        Self::vectors(literals).next().unwrap_or_else(|| Self::scalar(literals))
    }

    /// Creates prefilters for all vector extensions of this processor, the fastest first.
    #[cfg(target_arch = "x86_64")]
    fn vectors(literals: &[Literal]) -> impl Iterator<Item = Self> {
        let sixes = || {
            X64V4xToken::summon().map(|token| Self::Avx512Vbmi(token, Box::new(SixBitTables::new(literals))))
        };
        let halves = || Box::new(NibbleTables::new(literals));
        let halves_512 = move || X64V4Token::summon().map(|token| Self::Avx512(token, halves()));
        let halves_256 = move || X64V3Token::summon().map(|token| Self::Avx2(token, halves()));
        std::iter::once_with(sixes)
            .chain(std::iter::once_with(halves_512))
            .chain(std::iter::once_with(halves_256))
            .flatten()
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn vectors(_: &[Literal]) -> impl Iterator<Item = Self> {
        std::iter::empty()
    }

    fn scalar(literals: &[Literal]) -> Self {
        let tables = NibbleTables::new(literals);
        let mut bytes = Box::new([[0; 256]; NIBBLE_BYTES]);
        for (at, row) in bytes.iter_mut().enumerate() {
            for (byte, buckets) in (0..=u8::MAX).zip(row) {
                *buckets = tables.buckets(at, byte);
            }
        }
        Self::Scalar(bytes)
    }

    /// Writes the candidate offsets in `text` to `places`, in order. Checks at most `words` (at most [`MAX_WORDS`]) times
    /// 64 offsets, and only words that are followed by three more bytes of `text`. `places` needs room for all of these
    /// offsets and [`CANDIDATE_GROUP`] more.
    pub(crate) fn places(&self, text: &[u8], words: usize, places: &mut [u16]) -> Candidates {
        let mut marks = [0; MAX_WORDS];
        let task = Task { text, marks: &mut marks[..words.min(MAX_WORDS)], places };
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vbmi(token, tables) => avx512_vbmi::find(*token, tables, task),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(token, tables) => avx512::find(*token, tables, task),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(token, tables) => avx2::find(*token, tables, task),
            Self::Scalar(tables) => scalar::find(tables, task),
        }
    }
}

/// One run over a text.
struct Task<'a> {
    text: &'a [u8],
    /// One bit per offset, least significant bit first; initially zero.
    marks: &'a mut [u64],
    places: &'a mut [u16],
}

impl Task<'_> {
    /// Iterates over the complete words of the text, with the marks of each.
    #[inline(always)]
    fn words<'t>(text: &'t [u8], marks: &'t mut [u64]) -> impl Iterator<Item = (&'t Window, &'t mut u64)> {
        (0..).step_by(WORD_OFFSETS).map_while(|base| text.get(base..)?.first_chunk()).zip(marks)
    }

    /// Writes the marked offsets. Inlined into every implementation, so that it uses the same processor extensions.
    #[inline(always)]
    fn finish(self, newlines: usize) -> Candidates {
        Candidates { places: write_down(self.marks, self.places), newlines }
    }
}

/// Writes the positions of the set bits and returns their number.
#[inline(always)]
fn write_down(marks: &[u64], places: &mut [u16]) -> usize {
    let mut marked = [0; MAX_WORDS];
    let mut words = 0;
    for (index, &marks) in marks.iter().enumerate() {
        // Branchless: whether a word is zero is unpredictable.
        marked[words % MAX_WORDS] = index;
        words += usize::from(marks != 0);
    }
    let mut count = 0;
    for &index in &marked[..words] {
        let (mut left, mut next) = (marks[index], count);
        count += left.count_ones() as usize;
        // Most words have few marks. Writing a fixed group is cheaper than a mispredicted branch; surplus slots are
        // overwritten by the next group.
        while left != 0 {
            let Some(some) = places.get_mut(next..next + CANDIDATE_GROUP) else { break };
            for place in some {
                *place = (index * WORD_OFFSETS + (left.trailing_zeros() & 63) as usize) as u16;
                left &= left.wrapping_sub(1);
            }
            next += CANDIDATE_GROUP;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates prefilters with every implementation for this processor.
    fn filters(literals: &[&str]) -> Vec<Teddy> {
        let literal = |text: &&str| Literal { bytes: text.as_bytes().to_vec(), uses: Vec::new() };
        let all: Vec<Literal> = literals.iter().map(literal).collect();
        Teddy::vectors(&all).chain([Teddy::scalar(&all)]).collect()
    }

    /// Returns letters that form some of the literals, with line ends and arbitrary bytes between them.
    fn letters() -> Vec<u8> {
        let mut seed = 7u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        let byte = |at| match at % 9 {
            0..6 => b'a' + random() % 5,
            6 => b'\n',
            _ => random(),
        };
        (0..1000).map(byte).collect()
    }

    /// Tests every implementation on `text`. Returns the maximum number of false positives.
    fn marks_all(literals: &[&str], text: &[u8]) -> usize {
        let newlines = text[..15 * WORD_OFFSETS].iter().filter(|&&byte| byte == b'\n').count();
        let stands = |at: usize| literals.iter().any(|one| text[at..].starts_with(one.as_bytes()));
        let (mut by_halves, mut most) = (Vec::new(), 0);
        for filter in filters(literals) {
            let mut places = [0; MAX_WORDS * WORD_OFFSETS + CANDIDATE_GROUP];
            let seen = filter.places(text, 15, &mut places);
            let places = places[..seen.places].to_vec();
            assert_eq!(seen.newlines, newlines, "by {filter:?}");
            for at in 0..15 * WORD_OFFSETS {
                assert!(!stands(at) || places.contains(&(at as u16)), "{at} by {filter:?}");
            }
            assert!(places.is_sorted_by(|one, next| one < next));
            let wide = |at: &u16| !text[usize::from(*at)..].iter().take(NIBBLE_BYTES).all(u8::is_ascii);
            assert!(!places.iter().any(wide), "outside ASCII by {filter:?}");
            most = most.max(places.iter().filter(|at| !stands(usize::from(**at))).count());
            #[cfg(target_arch = "x86_64")]
            if matches!(filter, Teddy::Avx512Vbmi(..)) {
                continue;
            }
            by_halves.push(places);
        }
        assert!(by_halves.windows(2).all(|two| two[0] == two[1]));
        most
    }

    #[test]
    fn every_implementation_marks_all_literals_and_few_others() {
        let text = letters();
        let chance = marks_all(&["abc", "cab", "dde", "eda!", "K\0E", "\\u{"], &text);
        assert!(chance * 10 < 15 * WORD_OFFSETS, "{chance}");
        // Too many for one set of buckets.
        let many = "aab aac aad aba abc aca ada bab bac bad bba bca bda cab cba cca dab dba dde";
        marks_all(&many.split(' ').collect::<Vec<_>>(), &text);
    }

    #[test]
    fn every_offset_can_be_marked_and_truncated_words_are_not() {
        for filter in filters(&["aaa"]) {
            let mut places = [0; MAX_WORDS * WORD_OFFSETS + CANDIDATE_GROUP];
            let text = [b'a'; MAX_WORDS * WORD_OFFSETS + 99];
            let mut count =
                |length: usize, words: usize| filter.places(&text[..length], words, &mut places).places;
            assert_eq!(count(WORD_OFFSETS + LOOKAHEAD_BYTES - 1, 9), 0);
            assert_eq!(count(WORD_OFFSETS + LOOKAHEAD_BYTES, 9), WORD_OFFSETS);
            assert_eq!(count(5 * WORD_OFFSETS, 2), 2 * WORD_OFFSETS);
            assert_eq!(count(5 * WORD_OFFSETS, 0), 0);
            assert_eq!(count(text.len(), usize::MAX), MAX_WORDS * WORD_OFFSETS);
            assert!((0..MAX_WORDS * WORD_OFFSETS).all(|at| usize::from(places[at]) == at));
        }
    }

    #[test]
    fn newlines_are_counted_in_every_word() {
        for filter in filters(&["aaa"]) {
            let text = [b'\n'; MAX_WORDS * WORD_OFFSETS + LOOKAHEAD_BYTES];
            let seen = filter.places(&text, MAX_WORDS, &mut [0; MAX_WORDS * WORD_OFFSETS + CANDIDATE_GROUP]);
            assert_eq!(seen, Candidates { places: 0, newlines: MAX_WORDS * WORD_OFFSETS });
        }
    }
}
