//! The searcher: many short literals over one buffer, each group of them in one pass.

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, Span};

use super::forms::{Literal, Literals};

/// Literals a group may hold. Up to here the searcher's eight buckets stay selective (see `benches/README.md`).
const GROUP: usize = 40;

/// A group of literals that is searched in one pass.
#[derive(Debug)]
pub(crate) struct Group {
    literals: Vec<Literal>,
    engine: Engine,
    in_runs: bool,
}

#[derive(Debug)]
enum Engine {
    /// SIMD search; needs a processor that has it.
    Packed(Searcher),
    Automaton(AhoCorasick),
}

impl Group {
    /// Spreads `literals` over groups.
    pub(crate) fn all(literals: &Literals) -> Result<Vec<Self>, aho_corasick::BuildError> {
        let both = [(&literals.everywhere, false), (&literals.in_runs, true)];
        let mut groups = Vec::new();
        for (literals, in_runs) in both {
            let count = literals.len().div_ceil(GROUP).max(1);
            for group in literals.chunks(literals.len().div_ceil(count).max(1)) {
                groups.push(Self::new(bucketed(group), in_runs)?);
            }
        }
        Ok(groups)
    }

    fn new(literals: Vec<Literal>, in_runs: bool) -> Result<Self, aho_corasick::BuildError> {
        let patterns = || literals.iter().map(|literal| &literal.bytes);
        let mut builder = packed::Config::new().match_kind(packed::MatchKind::LeftmostFirst).builder();
        let engine = match builder.extend(patterns()).build() {
            Some(searcher) => Engine::Packed(searcher),
            None => Engine::Automaton(AhoCorasick::new(patterns())?),
        };
        Ok(Self { literals, engine, in_runs })
    }

    /// Whether this group's literals mean anything only in long runs of base64 characters.
    pub(crate) fn in_runs(&self) -> bool {
        self.in_runs
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
}

impl Group {
    /// The literals of this group.
    pub(crate) fn literals(&self) -> &[Literal] {
        &self.literals
    }
}

/// Puts literals that look alike into the same of the searcher's eight buckets, which it fills in turn: a bucket
/// answers for every mixture of its members' bytes, so members that share bytes make fewer false candidates.
fn bucketed(literals: &[Literal]) -> Vec<Literal> {
    let depth = literals.len().div_ceil(8).max(1);
    let rows = (0..depth).flat_map(|row| literals.iter().skip(row).step_by(depth));
    rows.cloned().collect()
}
