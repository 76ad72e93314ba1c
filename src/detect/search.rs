//! The searcher: many short literals over one buffer, each group of them in one pass.
//!
//! The SIMD searcher puts its literals into sixteen buckets and answers for every mixture of the bytes in a bucket
//! before it looks closer, so what costs time is not the number of literals but which of them share a bucket. They
//! are dealt out here so that few chance mixtures occur in what is scanned.

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, Span};

use super::forms::Literal;
use super::frequency::FREQUENCY;

/// Buckets of the searcher.
const BUCKETS: usize = 16;
/// Literals in a bucket; the searcher takes 64 in all.
const DEPTH: usize = 4;

/// A group of literals that is searched in one pass.
#[derive(Debug)]
pub(crate) struct Group {
    literals: Vec<Literal>,
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    /// SIMD search; needs a processor that has it.
    Packed(Searcher),
    Automaton(AhoCorasick),
}

impl Group {
    /// Spreads `literals` over groups: those of three bytes apart from longer ones, since the shortest literal of a
    /// group decides how many bytes the searcher looks at before it calls a place a candidate.
    pub(crate) fn all(literals: Vec<Literal>) -> Result<Vec<Self>, aho_corasick::BuildError> {
        let (short, long): (Vec<Literal>, Vec<Literal>) =
            literals.into_iter().partition(|literal| literal.bytes.len() < 4);
        let mut groups = Vec::new();
        for (literals, looked_at) in [(short, 3), (long, 4)] {
            for part in literals.chunks(BUCKETS * DEPTH) {
                groups.push(Self::new(dealt(part, looked_at))?);
            }
        }
        Ok(groups)
    }

    fn new(literals: Vec<Literal>) -> Result<Self, aho_corasick::BuildError> {
        let patterns = || literals.iter().map(|literal| &literal.bytes);
        let mut config = packed::Config::new();
        // Sixteen buckets make half as many steps a second as eight, and far fewer candidates.
        config.match_kind(packed::MatchKind::LeftmostFirst).only_teddy(true).only_teddy_fat(Some(true));
        let mut builder = config.builder();
        let engine = match builder.extend(patterns()).build() {
            Some(searcher) => Engine::Packed(searcher),
            None => Engine::Automaton(AhoCorasick::new(patterns())?),
        };
        Ok(Self { literals, engine })
    }

    /// The first literal that begins at or behind `from` and ends before `to`.
    #[inline]
    pub(crate) fn find(&self, raw: &[u8], from: usize, to: usize) -> Option<(usize, &Literal)> {
        let span = Span { start: from, end: to };
        let found = match &self.engine {
            Engine::Packed(searcher) => searcher.find_in(raw, span)?,
            Engine::Automaton(automaton) => automaton.find(aho_corasick::Input::new(raw).span(span))?,
        };
        Some((found.start(), &self.literals[found.pattern().as_usize()]))
    }

    /// The literals of this group; some stand twice.
    pub(crate) fn literals(&self) -> &[Literal] {
        &self.literals
    }
}

/// A bucket in the making: for each byte that is looked at, which low and which high halves its literals have.
#[derive(Debug, Clone, Default)]
struct Bucket {
    members: Vec<usize>,
    halves: [(u16, u16); 4],
}

impl Bucket {
    fn with(&self, bytes: &[u8], looked_at: usize) -> [(u16, u16); 4] {
        let mut halves = self.halves;
        for (half, &byte) in halves.iter_mut().zip(bytes).take(looked_at) {
            half.0 |= 1 << (byte & 15);
            half.1 |= 1 << (byte >> 4);
        }
        halves
    }
}

/// How often a bucket makes a candidate, times what looking at it costs.
fn cost(halves: &[(u16, u16); 4], members: usize, looked_at: usize) -> f64 {
    if members == 0 {
        return 0.0;
    }
    let share = |&(low, high): &(u16, u16)| {
        let mut sum = 0u32;
        for row in (0..16).filter(|row| high >> row & 1 == 1) {
            for column in (0..16).filter(|column| low >> column & 1 == 1) {
                sum += u32::from(FREQUENCY[row * 16 + column]);
            }
        }
        f64::from(sum) / 10_000.0
    };
    halves.iter().take(looked_at).map(share).product::<f64>() * (3 + members) as f64
}

/// Puts literals in the order in which the searcher, which fills its buckets in turn, gives each the bucket that
/// suits it. Buckets that are less full are filled up with one of their own literals.
fn dealt(literals: &[Literal], looked_at: usize) -> Vec<Literal> {
    let mut buckets = vec![Bucket::default(); BUCKETS];
    let room = literals.len().div_ceil(BUCKETS);
    let mut order: Vec<usize> = (0..literals.len()).collect();
    let common = |index: &usize| {
        let bytes = literals[*index].bytes.iter().take(looked_at);
        bytes.map(|&byte| u64::from(FREQUENCY[usize::from(byte)])).product::<u64>()
    };
    order.sort_by_key(|index| std::cmp::Reverse(common(index)));
    for index in order {
        let bytes = &literals[index].bytes;
        let more = |bucket: &Bucket| {
            let count = bucket.members.len();
            cost(&bucket.with(bytes, looked_at), count + 1, looked_at)
                - cost(&bucket.halves, count, looked_at)
        };
        let open = buckets.iter_mut().filter(|bucket| bucket.members.len() < room);
        if let Some(best) = open.min_by(|a, b| more(a).total_cmp(&more(b))) {
            best.halves = best.with(bytes, looked_at);
            best.members.push(index);
        }
    }
    let depth = buckets.iter().map(|bucket| bucket.members.len()).max().unwrap_or_default();
    let rows = (0..depth).flat_map(|row| buckets.iter().map(move |bucket| (row, bucket)));
    let filled = rows.filter_map(|(row, bucket)| bucket.members.get(row).or(bucket.members.first()));
    filled.map(|&index| literals[index].clone()).collect()
}
