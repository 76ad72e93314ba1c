//! A Teddy prefilter: reports the candidate offsets at which one of the literals may start.
//!
//! Looks up the bytes at each offset in the tables of `buckets`, 64 or 32 offsets at a time where the processor
//! supports it: four bytes by their lower six bits if it has 64-byte table lookups, otherwise three bytes by their
//! nibbles. There are no false negatives. About one offset in 400 is a false positive; `search` verifies every
//! candidate. Newlines are counted in the same pass.

#[cfg(target_arch = "x86_64")]
pub(super) mod buckets;
pub(crate) mod byte_frequency;

use archmage::{SimdToken, X64V3Token, X64V4Token, X64V4xToken, arcane};

#[cfg(target_arch = "x86_64")]
use self::buckets::SixTables;
use self::buckets::{HalfTables, LOOKED_AT, SIX_LOOKED_AT};
use crate::detect::encoding::Literal;

/// Number of offsets that are checked together.
pub(crate) const WORD: usize = 64;
/// Maximum number of words of 64 offsets per call.
pub(crate) const WORDS: usize = 32;
/// Candidates are written in groups of this size, so the output buffer needs this many spare slots.
pub(crate) const STEP: usize = 4;

/// Number of bytes after an offset that must be available.
pub(crate) const BEHIND: usize = SIX_LOOKED_AT - 1;

/// Result of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Number of candidates written.
    pub(crate) places: usize,
    /// Number of newlines at the offsets that were checked.
    pub(crate) newlines: usize,
}

/// The prefilter for a set of literals: an implementation for this processor with its tables.
#[derive(Debug)]
pub(crate) enum Filter {
    /// AVX-512 with 64-byte table lookups (VBMI).
    #[cfg(target_arch = "x86_64")]
    Sixes(X64V4xToken, Box<SixTables>),
    /// AVX-512 with nibble lookups.
    #[cfg(target_arch = "x86_64")]
    Halves512(X64V4Token, Box<HalfTables>),
    /// AVX2 with nibble lookups.
    #[cfg(target_arch = "x86_64")]
    Halves256(X64V3Token, Box<HalfTables>),
    /// Scalar: the nibble tables expanded to whole bytes, one bit per bucket.
    Plain(Box<[[u32; 256]; LOOKED_AT]>),
}

/// 64 offsets and the bytes that are read after the last of them.
type View = [u8; WORD + BEHIND];

impl Filter {
    /// Creates a prefilter for `literals` with the fastest implementation for this processor.
    pub(crate) fn new(literals: &[Literal]) -> Self {
        Self::vectors(literals).next().unwrap_or_else(|| Self::plain(literals))
    }

    /// Creates prefilters for all vector extensions of this processor, the fastest first.
    #[cfg(target_arch = "x86_64")]
    fn vectors(literals: &[Literal]) -> impl Iterator<Item = Self> {
        let sixes =
            || X64V4xToken::summon().map(|token| Self::Sixes(token, Box::new(SixTables::new(literals))));
        let halves = || Box::new(HalfTables::new(literals));
        let halves_512 = move || X64V4Token::summon().map(|token| Self::Halves512(token, halves()));
        let halves_256 = move || X64V3Token::summon().map(|token| Self::Halves256(token, halves()));
        std::iter::once_with(sixes)
            .chain(std::iter::once_with(halves_512))
            .chain(std::iter::once_with(halves_256))
            .flatten()
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn vectors(_: &[Literal]) -> impl Iterator<Item = Self> {
        std::iter::empty()
    }

    fn plain(literals: &[Literal]) -> Self {
        let tables = HalfTables::new(literals);
        let mut bytes = Box::new([[0; 256]; LOOKED_AT]);
        for (at, row) in bytes.iter_mut().enumerate() {
            for (byte, buckets) in (0..=u8::MAX).zip(row) {
                *buckets = tables.buckets(at, byte);
            }
        }
        Self::Plain(bytes)
    }

    /// Writes the candidate offsets in `text` to `places`, in order. Checks at most `words` (at most [`WORDS`]) times
    /// 64 offsets, and only words that are followed by three more bytes of `text`. `places` needs room for all of these
    /// offsets and [`STEP`] more.
    pub(crate) fn places(&self, text: &[u8], words: usize, places: &mut [u16]) -> Seen {
        let mut marks = [0; WORDS];
        let task = Task { text, marks: &mut marks[..words.min(WORDS)], places };
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Sixes(token, tables) => sixes(*token, tables, task),
            #[cfg(target_arch = "x86_64")]
            Self::Halves512(token, tables) => halves_512(*token, tables, task),
            #[cfg(target_arch = "x86_64")]
            Self::Halves256(token, tables) => halves_256(*token, tables, task),
            Self::Plain(tables) => plain(tables, task),
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
    fn words<'t>(text: &'t [u8], marks: &'t mut [u64]) -> impl Iterator<Item = (&'t View, &'t mut u64)> {
        (0..).step_by(WORD).map_while(|base| text.get(base..)?.first_chunk()).zip(marks)
    }

    /// Writes the marked offsets. Inlined into every implementation, so that it uses the same processor extensions.
    #[inline(always)]
    fn finish(self, newlines: usize) -> Seen {
        Seen { places: write_down(self.marks, self.places), newlines }
    }
}

fn plain([first, second, third]: &[[u32; 256]; LOOKED_AT], task: Task<'_>) -> Seen {
    let look_up = |row: &[u32; 256], byte: u8| row[usize::from(byte)];
    let mut newlines = 0;
    for (view, marks) in Task::words(task.text, task.marks) {
        for (at, three) in view[..WORD + LOOKED_AT - 1].windows(LOOKED_AT).enumerate() {
            let both = look_up(first, three[0]) & look_up(second, three[1]);
            *marks |= u64::from(both & look_up(third, three[2]) != 0) << at;
            newlines += usize::from(three[0] == b'\n');
        }
    }
    task.finish(newlines)
}

/// The lookup instruction for 64-byte tables uses the lower six bits of each byte and ignores the others.
#[cfg(target_arch = "x86_64")]
#[arcane(import_intrinsics)]
fn sixes(_: X64V4xToken, SixTables(tables): &SixTables, task: Task<'_>) -> Seen {
    let tables = tables.each_ref().map(|set| set.each_ref().map(|table| _mm512_loadu_si512(table)));
    let (zero, one, newline) = (_mm512_setzero_si512(), _mm512_set1_epi8(1), _mm512_set1_epi8(10));
    let mut newlines = zero;
    for (view, marks) in Task::words(task.text, task.marks) {
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|at| {
            let bytes: &[u8; 64] = view[at..].first_chunk().unwrap_or(&[0; 64]);
            _mm512_loadu_si512(bytes)
        });
        let mut any = zero;
        for [of_first, of_second, of_third, of_fourth] in tables {
            let one_and_two = _mm512_and_si512(
                _mm512_permutexvar_epi8(first, of_first),
                _mm512_permutexvar_epi8(second, of_second),
            );
            let three_and_four = _mm512_and_si512(
                _mm512_permutexvar_epi8(third, of_third),
                _mm512_permutexvar_epi8(fourth, of_fourth),
            );
            any = _mm512_or_si512(any, _mm512_and_si512(one_and_two, three_and_four));
        }
        // The byte after a literal of three characters is arbitrary.
        let wide = _mm512_or_si512(first, _mm512_or_si512(second, third));
        *marks = _mm512_test_epi8_mask(any, any) & !_mm512_movepi8_mask(wide);
        // One where the bytes are equal. A comparison would compete with the lookups for the same execution port.
        let same = _mm512_subs_epu8(one, _mm512_xor_si512(first, newline));
        newlines = _mm512_add_epi8(newlines, same);
    }
    task.finish(_mm512_reduce_add_epi64(_mm512_sad_epu8(newlines, zero)) as usize)
}

#[cfg(target_arch = "x86_64")]
#[arcane(import_intrinsics)]
fn halves_512(_: X64V4Token, tables: &HalfTables, task: Task<'_>) -> Seen {
    let table = |table: &[u8; 16]| _mm512_broadcast_i32x4(_mm_loadu_si128(table));
    let low = tables.low.each_ref().map(|set| set.each_ref().map(table));
    let high = tables.high.each_ref().map(|set| set.each_ref().map(table));
    let (zero, one, newline) = (_mm512_setzero_si512(), _mm512_set1_epi8(1), _mm512_set1_epi8(10));
    let mut newlines = zero;
    for (view, marks) in Task::words(task.text, task.marks) {
        let bytes = [0, 1, 2].map(|at| {
            let bytes: &[u8; 64] = view[at..].first_chunk().unwrap_or(&[0; 64]);
            _mm512_loadu_si512(bytes)
        });
        let upper = bytes.map(|bytes| _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), _mm512_set1_epi8(15)));
        let mut any = zero;
        for (low, high) in low.iter().zip(&high) {
            let [first, second, third] = [0, 1, 2].map(|at| {
                _mm512_and_si512(
                    _mm512_shuffle_epi8(low[at], bytes[at]),
                    _mm512_shuffle_epi8(high[at], upper[at]),
                )
            });
            any = _mm512_or_si512(any, _mm512_and_si512(first, _mm512_and_si512(second, third)));
        }
        *marks = _mm512_test_epi8_mask(any, any);
        let same = _mm512_subs_epu8(one, _mm512_xor_si512(bytes[0], newline));
        newlines = _mm512_add_epi8(newlines, same);
    }
    task.finish(_mm512_reduce_add_epi64(_mm512_sad_epu8(newlines, zero)) as usize)
}

/// Checks 32 offsets at a time.
#[cfg(target_arch = "x86_64")]
#[arcane(import_intrinsics)]
fn halves_256(_: X64V3Token, tables: &HalfTables, task: Task<'_>) -> Seen {
    let table = |table: &[u8; 16]| _mm256_broadcastsi128_si256(_mm_loadu_si128(table));
    let low = tables.low.each_ref().map(|set| set.each_ref().map(table));
    let high = tables.high.each_ref().map(|set| set.each_ref().map(table));
    let zero = _mm256_setzero_si256();
    let mut newlines = 0;
    for (view, marks) in Task::words(task.text, task.marks) {
        for half in [0, 32] {
            let bytes = [0, 1, 2].map(|at| {
                let bytes: &[u8; 32] = view[half + at..].first_chunk().unwrap_or(&[0; 32]);
                _mm256_loadu_si256(bytes)
            });
            let upper =
                bytes.map(|bytes| _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15)));
            let mut any = zero;
            for (low, high) in low.iter().zip(&high) {
                let [first, second, third] = [0, 1, 2].map(|at| {
                    _mm256_and_si256(
                        _mm256_shuffle_epi8(low[at], bytes[at]),
                        _mm256_shuffle_epi8(high[at], upper[at]),
                    )
                });
                any = _mm256_or_si256(any, _mm256_and_si256(first, _mm256_and_si256(second, third)));
            }
            let none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(any, zero)).cast_unsigned();
            *marks |= u64::from(!none) << half;
            let same = _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes[0], _mm256_set1_epi8(10)));
            newlines += same.count_ones() as usize;
        }
    }
    task.finish(newlines)
}

/// Writes the positions of the set bits and returns their number.
#[inline(always)]
fn write_down(marks: &[u64], places: &mut [u16]) -> usize {
    let mut marked = [0; WORDS];
    let mut words = 0;
    for (index, &marks) in marks.iter().enumerate() {
        // Branchless: whether a word is zero is unpredictable.
        marked[words % WORDS] = index;
        words += usize::from(marks != 0);
    }
    let mut count = 0;
    for &index in &marked[..words] {
        let (mut left, mut next) = (marks[index], count);
        count += left.count_ones() as usize;
        // Most words have few marks. Writing a fixed group is cheaper than a mispredicted branch; surplus slots are
        // overwritten by the next group.
        while left != 0 {
            let Some(some) = places.get_mut(next..next + STEP) else { break };
            for place in some {
                *place = (index * WORD + (left.trailing_zeros() & 63) as usize) as u16;
                left &= left.wrapping_sub(1);
            }
            next += STEP;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates prefilters with every implementation for this processor.
    fn filters(literals: &[&str]) -> Vec<Filter> {
        let literal = |text: &&str| Literal { bytes: text.as_bytes().to_vec(), uses: Vec::new() };
        let all: Vec<Literal> = literals.iter().map(literal).collect();
        Filter::vectors(&all).chain([Filter::plain(&all)]).collect()
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
        let newlines = text[..15 * WORD].iter().filter(|&&byte| byte == b'\n').count();
        let stands = |at: usize| literals.iter().any(|one| text[at..].starts_with(one.as_bytes()));
        let (mut by_halves, mut most) = (Vec::new(), 0);
        for filter in filters(literals) {
            let mut places = [0; WORDS * WORD + STEP];
            let seen = filter.places(text, 15, &mut places);
            let places = places[..seen.places].to_vec();
            assert_eq!(seen.newlines, newlines, "by {filter:?}");
            for at in 0..15 * WORD {
                assert!(!stands(at) || places.contains(&(at as u16)), "{at} by {filter:?}");
            }
            assert!(places.is_sorted_by(|one, next| one < next));
            let wide = |at: &u16| !text[usize::from(*at)..].iter().take(LOOKED_AT).all(u8::is_ascii);
            assert!(!places.iter().any(wide), "outside ASCII by {filter:?}");
            most = most.max(places.iter().filter(|at| !stands(usize::from(**at))).count());
            #[cfg(target_arch = "x86_64")]
            if matches!(filter, Filter::Sixes(..)) {
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
        assert!(chance * 10 < 15 * WORD, "{chance}");
        // Too many for one set of buckets.
        let many = "aab aac aad aba abc aca ada bab bac bad bba bca bda cab cba cca dab dba dde";
        marks_all(&many.split(' ').collect::<Vec<_>>(), &text);
    }

    #[test]
    fn every_offset_can_be_marked_and_truncated_words_are_not() {
        for filter in filters(&["aaa"]) {
            let mut places = [0; WORDS * WORD + STEP];
            let text = [b'a'; WORDS * WORD + 99];
            let mut count =
                |length: usize, words: usize| filter.places(&text[..length], words, &mut places).places;
            assert_eq!(count(WORD + BEHIND - 1, 9), 0);
            assert_eq!(count(WORD + BEHIND, 9), WORD);
            assert_eq!(count(5 * WORD, 2), 2 * WORD);
            assert_eq!(count(5 * WORD, 0), 0);
            assert_eq!(count(text.len(), usize::MAX), WORDS * WORD);
            assert!((0..WORDS * WORD).all(|at| usize::from(places[at]) == at));
        }
    }

    #[test]
    fn newlines_are_counted_in_every_word() {
        for filter in filters(&["aaa"]) {
            let text = [b'\n'; WORDS * WORD + BEHIND];
            let seen = filter.places(&text, WORDS, &mut [0; WORDS * WORD + STEP]);
            assert_eq!(seen, Seen { places: 0, newlines: WORDS * WORD });
        }
    }
}
