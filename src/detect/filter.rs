//! The filter before the searcher: at which places of a text may one of the literals begin?
//!
//! For each place it looks up the halves of three bytes in the tables of `buckets`, 64 or 32 places at a time where
//! the processor can. It lets every literal through, and about one place in five hundred by chance; what really
//! stands there is the searcher's business. The newlines it counts by the way, while the bytes are at hand.

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

use super::buckets::{LOOKED_AT, SETS, Tables};

/// Places that are looked at together.
pub(crate) const WORD: usize = 64;
/// Words of 64 places that are looked at in one call at most.
pub(crate) const WORDS: usize = 32;
/// Places that are written down at a time, needed or not.
const STEP: usize = 4;

/// Room for the places of one call, and for what is written too much.
pub(crate) type Places = [u16; WORDS * WORD + STEP];

/// What one call saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Places that were written down.
    pub(crate) places: usize,
    /// Newlines among the bytes at the places that were looked at.
    pub(crate) newlines: usize,
}

/// A filter for some literals.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    tables: Tables,
    /// The same for whole bytes, a bit for each bucket.
    bytes: Box<[[u32; 256]; LOOKED_AT]>,
    means: Means,
}

/// What the processor can do.
#[derive(Debug, Clone, Copy)]
enum Means {
    #[cfg(target_arch = "x86_64")]
    Avx512(V4),
    #[cfg(target_arch = "x86_64")]
    Avx2(V3),
    Plain,
}

impl Means {
    /// All that this processor has, the best first.
    fn all() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        let wide = [V4::try_new().map(Self::Avx512), V3::try_new().map(Self::Avx2)];
        #[cfg(not(target_arch = "x86_64"))]
        let wide: [Option<Self>; 0] = [];
        wide.into_iter().flatten().chain([Self::Plain]).collect()
    }
}

impl Filter {
    /// A filter that looks bytes up in `tables`, with the best means of this processor.
    pub(crate) fn new(tables: Tables) -> Self {
        let mut bytes = Box::new([[0; 256]; LOOKED_AT]);
        for (at, row) in bytes.iter_mut().enumerate() {
            for (byte, buckets) in row.iter_mut().enumerate() {
                let of_set = |set: usize| tables.low[set][at][byte & 15] & tables.high[set][at][byte >> 4];
                *buckets = (0..SETS).map(|set| u32::from(of_set(set)) << (8 * set)).sum();
            }
        }
        let means = Means::all().first().copied().unwrap_or(Means::Plain);
        Self { tables, bytes, means }
    }

    /// Writes down where in `text` a literal may begin, in order. It looks at the first `words` times 64 places (at
    /// most [`WORDS`] times), as far as two more bytes of `text` stand behind each 64.
    pub(crate) fn places(&self, text: &[u8], words: usize, places: &mut Places) -> Seen {
        let task = Task { text, words: words.min(WORDS), places };
        match self.means {
            #[cfg(target_arch = "x86_64")]
            Means::Avx512(lanes) => lanes.vectorize(Pass { lanes, tables: &self.tables, task }),
            #[cfg(target_arch = "x86_64")]
            Means::Avx2(lanes) => lanes.vectorize(Pass { lanes, tables: &self.tables, task }),
            Means::Plain => self.places_plain(task),
        }
    }

    fn places_plain(&self, task: Task<'_>) -> Seen {
        let [first, second, third] = &*self.bytes;
        let look_up = |row: &[u32; 256], byte: u8| row[usize::from(byte)];
        let mut newlines = 0;
        let places = task.run(|view| {
            let mut marks = 0;
            for (at, three) in view.windows(LOOKED_AT).enumerate() {
                let both = look_up(first, three[0]) & look_up(second, three[1]);
                marks |= u64::from(both & look_up(third, three[2]) != 0) << at;
                newlines += usize::from(three[0] == b'\n');
            }
            marks
        });
        Seen { places, newlines }
    }
}

/// 64 places and the bytes that are looked at behind the last of them.
type View = [u8; WORD + LOOKED_AT - 1];

/// One run of the filter over a text.
struct Task<'a> {
    text: &'a [u8],
    words: usize,
    places: &'a mut Places,
}

impl Task<'_> {
    /// Asks `look` about one view of the text after the other (a bit for each of its places, the lowest for the first)
    /// and writes the marked places down; how many.
    #[inline(always)]
    fn run(self, mut look: impl FnMut(&View) -> u64) -> usize {
        let mut marks = [0; WORDS];
        for (base, marks) in (0..).step_by(WORD).zip(marks.iter_mut().take(self.words)) {
            let Some(view) = self.text.get(base..).and_then(|rest| rest.first_chunk()) else { break };
            *marks = look(view);
        }
        write_down(&marks, self.places)
    }
}

/// Writes down the places of the bits that are set; how many.
#[inline(always)]
fn write_down(marks: &[u64; WORDS], places: &mut Places) -> usize {
    let mut marked = [0; WORDS];
    let mut words = 0;
    for (index, &marks) in marks.iter().enumerate() {
        // Without a branch: which of them are zero cannot be guessed.
        marked[words % WORDS] = index;
        words += usize::from(marks != 0);
    }
    let mut count = 0;
    for &index in &marked[..words] {
        let (mut left, mut next) = (marks[index % WORDS], count);
        count += left.count_ones() as usize;
        // Most words have few marks: several steps without asking whether one is left cost less than a branch that is
        // guessed wrong. What is written too much is written over.
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

/// The few operations that the filter needs of a processor, on vectors of bytes.
#[cfg(target_arch = "x86_64")]
trait Lanes: Copy {
    type Vector: Copy;
    /// Bytes in a vector.
    const WIDTH: usize;
    /// Loads the first [`Self::WIDTH`] bytes; zeros if there are fewer.
    fn load(self, bytes: &[u8]) -> Self::Vector;
    /// Repeats a table all over the vector.
    fn table(self, table: [u8; 16]) -> Self::Vector;
    /// The upper four bits of each byte.
    fn high(self, bytes: Self::Vector) -> Self::Vector;
    /// Looks up the lower four bits of each byte; zero for bytes outside ASCII.
    fn look_up(self, table: Self::Vector, bytes: Self::Vector) -> Self::Vector;
    fn and(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn or(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// A bit for each byte that is not zero.
    fn nonzero(self, bytes: Self::Vector) -> u64;
    /// Adds one to the bytes of `total` at which `bytes` and `wanted` are the same. No byte may reach 256.
    fn count(self, total: Self::Vector, bytes: Self::Vector, wanted: Self::Vector) -> Self::Vector;
    /// The sum of all bytes.
    fn sum(self, bytes: Self::Vector) -> usize;
}

#[cfg(target_arch = "x86_64")]
impl Lanes for V4 {
    type Vector = std::arch::x86_64::__m512i;
    const WIDTH: usize = 64;

    #[inline(always)]
    fn load(self, bytes: &[u8]) -> Self::Vector {
        pulp::cast(bytes.first_chunk::<64>().copied().unwrap_or([0; 64]))
    }

    #[inline(always)]
    fn table(self, table: [u8; 16]) -> Self::Vector {
        self.avx512f._mm512_broadcast_i32x4(pulp::cast(table))
    }

    #[inline(always)]
    fn high(self, bytes: Self::Vector) -> Self::Vector {
        let shifted = self.avx512bw._mm512_srli_epi16::<4>(bytes);
        self.and(shifted, self.avx512f._mm512_set1_epi8(15))
    }

    #[inline(always)]
    fn look_up(self, table: Self::Vector, bytes: Self::Vector) -> Self::Vector {
        self.avx512bw._mm512_shuffle_epi8(table, bytes)
    }

    #[inline(always)]
    fn and(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        self.avx512f._mm512_and_si512(a, b)
    }

    #[inline(always)]
    fn or(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        self.avx512f._mm512_or_si512(a, b)
    }

    #[inline(always)]
    fn nonzero(self, bytes: Self::Vector) -> u64 {
        self.avx512bw._mm512_test_epi8_mask(bytes, bytes)
    }

    #[inline(always)]
    fn count(self, total: Self::Vector, bytes: Self::Vector, wanted: Self::Vector) -> Self::Vector {
        // A comparison would stand in the way of the lookups, which have only one place in the processor; these do not.
        let differs = self.avx512f._mm512_xor_si512(bytes, wanted);
        let same = self.avx512bw._mm512_subs_epu8(self.avx512f._mm512_set1_epi8(1), differs);
        self.avx512bw._mm512_add_epi8(total, same)
    }

    #[inline(always)]
    fn sum(self, bytes: Self::Vector) -> usize {
        pulp::cast::<_, [u8; 64]>(bytes).into_iter().map(usize::from).sum()
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for V3 {
    type Vector = std::arch::x86_64::__m256i;
    const WIDTH: usize = 32;

    #[inline(always)]
    fn load(self, bytes: &[u8]) -> Self::Vector {
        pulp::cast(bytes.first_chunk::<32>().copied().unwrap_or([0; 32]))
    }

    #[inline(always)]
    fn table(self, table: [u8; 16]) -> Self::Vector {
        self.avx2._mm256_broadcastsi128_si256(pulp::cast(table))
    }

    #[inline(always)]
    fn high(self, bytes: Self::Vector) -> Self::Vector {
        let shifted = self.avx2._mm256_srli_epi16::<4>(bytes);
        self.and(shifted, self.avx._mm256_set1_epi8(15))
    }

    #[inline(always)]
    fn look_up(self, table: Self::Vector, bytes: Self::Vector) -> Self::Vector {
        self.avx2._mm256_shuffle_epi8(table, bytes)
    }

    #[inline(always)]
    fn and(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        self.avx2._mm256_and_si256(a, b)
    }

    #[inline(always)]
    fn or(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        self.avx2._mm256_or_si256(a, b)
    }

    #[inline(always)]
    fn nonzero(self, bytes: Self::Vector) -> u64 {
        let zero = self.avx2._mm256_cmpeq_epi8(bytes, self.avx._mm256_setzero_si256());
        u64::from(!self.avx2._mm256_movemask_epi8(zero) as u32)
    }

    #[inline(always)]
    fn count(self, total: Self::Vector, bytes: Self::Vector, wanted: Self::Vector) -> Self::Vector {
        // What is the same becomes -1.
        self.avx2._mm256_sub_epi8(total, self.avx2._mm256_cmpeq_epi8(bytes, wanted))
    }

    #[inline(always)]
    fn sum(self, bytes: Self::Vector) -> usize {
        pulp::cast::<_, [u8; 32]>(bytes).into_iter().map(usize::from).sum()
    }
}

/// A run with vectors, as `pulp` wants it: what is inlined into it uses the processor's full means.
#[cfg(target_arch = "x86_64")]
struct Pass<'a, L> {
    lanes: L,
    tables: &'a Tables,
    task: Task<'a>,
}

#[cfg(target_arch = "x86_64")]
impl<L: Lanes> pulp::NullaryFnOnce for Pass<'_, L> {
    type Output = Seen;

    #[inline(always)]
    fn call(self) -> Seen {
        let lanes = self.lanes;
        let low = self.tables.low.map(|set| set.map(|table| lanes.table(table)));
        let high = self.tables.high.map(|set| set.map(|table| lanes.table(table)));
        let newline = lanes.table([b'\n'; 16]);
        let mut newlines = lanes.table([0; 16]);
        let mut look = |view: &[u8]| {
            let bytes = [0, 1, 2].map(|at| lanes.load(&view[at..]));
            let halves = bytes.map(|bytes| lanes.high(bytes));
            let mut any = lanes.table([0; 16]);
            for (low, high) in low.iter().zip(&high) {
                let [first, second, third] = [0, 1, 2].map(|at| {
                    lanes.and(lanes.look_up(low[at], bytes[at]), lanes.look_up(high[at], halves[at]))
                });
                any = lanes.or(any, lanes.and(first, lanes.and(second, third)));
            }
            newlines = lanes.count(newlines, bytes[0], newline);
            lanes.nonzero(any)
        };
        let places = self.task.run(|view| {
            let mut marks = 0;
            for part in (0..WORD).step_by(L::WIDTH) {
                marks |= look(&view[part..]) << part;
            }
            marks
        });
        Seen { places, newlines: lanes.sum(newlines) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::forms::Literal;

    fn filter(literals: &[&str], means: Means) -> Filter {
        let literal = |text: &&str| Literal { bytes: text.as_bytes().to_vec(), uses: Vec::new() };
        let all: Vec<Literal> = literals.iter().map(literal).collect();
        Filter { means, ..Filter::new(Tables::new(&all)) }
    }

    #[test]
    fn every_means_marks_the_same_places() {
        let mut seed = 7u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        let text: Vec<u8> = (0..1000)
            .map(|at| match at % 9 {
                0..6 => b'a' + random() % 5,
                6 => b'\n',
                _ => random(),
            })
            .collect();
        let literals = ["abc", "cab", "dde", "eda!", "K\0E", "\\u{"];
        let mut answers = Vec::new();
        for means in Means::all() {
            let mut places = [0; WORDS * WORD + STEP];
            let seen = filter(&literals, means).places(&text, 15, &mut places);
            let places = places[..seen.places].to_vec();
            let newlines = text[..15 * WORD].iter().filter(|&&byte| byte == b'\n').count();
            assert_eq!(seen.newlines, newlines, "by {means:?}");
            for at in 0..15 * WORD {
                let stands = literals.iter().any(|one| text[at..].starts_with(&one.as_bytes()[..3]));
                assert!(!stands || places.contains(&(at as u16)), "{at} by {means:?}");
            }
            assert!(places.is_sorted_by(|one, next| one < next));
            answers.push(places);
        }
        assert!(answers.windows(2).all(|two| two[0] == two[1]));
    }

    #[test]
    fn every_place_may_be_marked_and_an_end_that_is_too_early_is_not() {
        for means in Means::all() {
            let filter = filter(&["aaa"], means);
            let mut places = [0; WORDS * WORD + STEP];
            let text = [b'a'; WORDS * WORD + 99];
            let mut count =
                |length: usize, words: usize| filter.places(&text[..length], words, &mut places).places;
            assert_eq!(count(WORD + 1, 9), 0);
            assert_eq!(count(WORD + 2, 9), WORD);
            assert_eq!(count(5 * WORD, 2), 2 * WORD);
            assert_eq!(count(5 * WORD, 0), 0);
            assert_eq!(count(text.len(), usize::MAX), WORDS * WORD);
            assert!((0..WORDS * WORD).all(|at| usize::from(places[at]) == at));
        }
    }
}
