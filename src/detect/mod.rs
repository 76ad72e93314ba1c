//! From bytes to matches: search the anchors, confirm each hit, decode a window round it, try the rules there.
//!
//! Content in which no anchor stands is read once by the searcher and never decoded. This module opens no file
//! and knows no repository; [`Detector::scan_reader`] takes whatever can be read.

mod buckets;
mod budget;
mod checks;
mod class;
mod compiled;
mod confirm;
mod cursor;
mod decode;
mod done;
mod escape;
mod excerpt;
mod filter;
mod forms;
mod frequency;
mod inflate;
mod joint;
mod lines;
mod live;
mod measure;
mod named;
mod nested;
mod open;
mod parts;
mod pieces;
mod search;
mod stream;
mod suspects;
mod tally;
#[cfg(test)]
mod tests;
mod texts;
mod trace;
mod view;
mod window;

use std::ops::Range;

use crate::finding::{Confidence, Encoding, Secret, Severity};
use crate::rules::{Rule, RuleSet};

use compiled::Compiled;
use done::Done;
use forms::{Anchor, Form};
use search::Searcher;

pub(crate) use checks::payload;
pub use live::{Live, Looked, SURROUNDINGS, Secreted, Watch};
pub use measure::LiteralCost;
pub use parts::{first_byte, parts};
pub use search::TooManyLiterals;
pub use stream::{Beginning, Found, Ignored, Scan, Scratch};
pub use tally::Listing;
pub use trace::{Refusal, Traced};

/// How many encodings may lie one in another.
const DEPTH: usize = 6;

/// Finds the secrets of a set of rules in any content. Shared by all threads.
#[derive(Debug)]
pub struct Detector {
    rules: Vec<Compiled>,
    anchors: Vec<Anchor>,
    searcher: Searcher,
    /// Indices of the rules that find values under names.
    named: Vec<usize>,
    published: Vec<String>,
    examples: bool,
    traced: bool,
}

/// One match in a piece of content.
#[derive(Debug, Clone)]
pub(crate) struct Match {
    rule: usize,
    /// Bytes of the content in which the secret is written.
    span: Range<usize>,
    /// Bytes of the name under which it is written, if it was found by that.
    name: Option<Range<usize>>,
    secret: Secret,
    encoding: Vec<Encoding>,
    severity: Severity,
    confidence: Confidence,
    reason: Option<String>,
}

/// A piece of content and the part of it in which anchors are looked for; the rest is there to be looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk<'a> {
    raw: &'a [u8],
    from: usize,
    to: usize,
    /// False if the content goes on behind `raw`.
    last: bool,
}

/// What surrounds a piece of content.
pub(crate) struct Scope<'a> {
    /// The content that this one was decoded from.
    parent: Option<&'a Scope<'a>>,
    /// Bytes of the parent round the place of this content.
    around: &'a [u8],
    depth: usize,
    /// Whether the content is read backwards already.
    reversed: bool,
    /// Whether the content is, or is in, what was inflated.
    inflated: bool,
    /// Offset of the content's first byte in its file.
    offset: u64,
    /// What could not be looked at, and how much may still be inflated.
    budget: &'a budget::Budget,
}

impl<'a> Scope<'a> {
    /// That of a content that is in no other one; its first byte is at `offset` of its file.
    fn of(budget: &'a budget::Budget, offset: u64) -> Self {
        Self { parent: None, around: &[], depth: 0, reversed: false, inflated: false, offset, budget }
    }

    /// The surroundings, innermost first.
    fn around(&self) -> impl Iterator<Item = &'a [u8]> {
        std::iter::successors(Some(self), |scope| scope.parent).map(|scope| scope.around)
    }
}

/// The content at hand ends in the middle of something that has to be seen whole.
#[derive(Debug)]
pub(crate) struct NeedMore;

impl Detector {
    /// Makes a detector for `rules`. `examples` asks for placeholders and published examples as notes.
    ///
    /// # Errors
    /// The rules' anchors are more than the searcher can take.
    pub fn new(rules: RuleSet, examples: bool) -> Result<Self, TooManyLiterals> {
        let published = rules.published;
        let rules: Vec<Compiled> = rules.rules.into_iter().map(Compiled::new).collect();
        let anchors = compiled::anchors(&rules);
        let searcher = Searcher::new(forms::literals(&anchors))?;
        let named = (0..rules.len()).filter(|&index| !rules[index].rule.assignments.is_empty()).collect();
        Ok(Self { rules, anchors, searcher, named, published, examples, traced: false })
    }

    /// The rules, in the order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|compiled| &compiled.rule)
    }

    /// Appends every match in `chunk` to `out`, unsorted and with duplicates. Returns how many newlines (single bytes)
    /// stand in the part of it in which anchors are looked for.
    fn scan(&self, chunk: Chunk<'_>, scope: &Scope<'_>, out: &mut Vec<Match>) -> Result<u64, NeedMore> {
        let mut done = Done::default();
        let may = |steps| !scope.inflated || scope.budget.step(steps);
        self.searcher.each_hit(chunk.raw, chunk.from..chunk.to, |hit, literal| {
            if !may(literal.uses.len() as u64) {
                return Ok(());
            }
            let place = confirm::Hit::new(chunk.raw, hit);
            for meaning in &literal.uses {
                let anchor = &self.anchors[meaning.anchor];
                let confirmed = confirm::confirm(&place, meaning, anchor);
                if scope.budget.trace.wanted() {
                    let at = confirmed.as_ref().map_or(hit, |confirmed| confirmed.at);
                    if !done.holds(meaning.form, anchor.family, at) {
                        self.trace_short((chunk.raw, hit), meaning, scope);
                    }
                }
                let Some(confirmed) = confirmed else { continue };
                if !done.holds(meaning.form, anchor.family, confirmed.at) && may(budget::ANCHOR) {
                    let spot = nested::Spot { chunk, form: meaning.form, anchor, confirmed: &confirmed };
                    self.follow(&spot, scope, &mut done, out)?;
                }
            }
            Ok(())
        })
    }

    /// Looks closer at a confirmed hit.
    fn follow(
        &self,
        spot: &nested::Spot<'_>,
        scope: &Scope<'_>,
        done: &mut Done,
        out: &mut Vec<Match>,
    ) -> Result<(), NeedMore> {
        let before = out.len();
        match spot.form {
            Form::Text => {
                let mark = scope.budget.trace.mark();
                if !spot.confirmed.rules.is_empty() {
                    let place = window::Place::new(spot.chunk.raw, spot.confirmed, &self.rules);
                    self.try_window(&place, scope, done.texts(), out);
                }
                if spot.anchor.names {
                    self.try_names(spot.chunk.raw, spot.confirmed.at, scope, (done, out));
                }
                scope.budget.trace.revise(mark, |step| {
                    step.anchor = String::from_utf8_lossy(&spot.anchor.text).into_owned();
                    true
                });
                done.matched(spot.form, spot.anchor.family, &out[before..]);
                Ok(())
            }
            Form::Deflated => self.inflate(spot, scope, done, out),
            _ => {
                self.nest(spot, scope, done, out);
                Ok(())
            }
        }
    }

    /// Leaves the best match of each place: where two tell of the same secret, that of the higher rank.
    fn resolve(&self, mut found: Vec<Match>, trace: &trace::Trace) -> Vec<Match> {
        found.sort_by_key(|one| one.span.start);
        let mut kept: Vec<Match> = Vec::with_capacity(found.len());
        let mut cluster: Vec<Match> = Vec::new();
        let mut end = 0;
        for one in found {
            if one.span.start >= end {
                self.best_of(&mut cluster, &mut kept, trace);
            }
            end = end.max(one.span.end);
            cluster.push(one);
        }
        self.best_of(&mut cluster, &mut kept, trace);
        self.drop_named(&mut kept);
        kept.sort_by_key(|one| (one.span.start, one.span.end, one.rule));
        kept
    }

    /// Drops a match that is only the name of a secret whose value was found, too.
    fn drop_named(&self, kept: &mut Vec<Match>) {
        let names: Vec<Range<usize>> = kept.iter().filter_map(|one| one.name.clone()).collect();
        let is_named =
            |span: &Range<usize>| names.iter().any(|name| name.start <= span.start && span.end <= name.end);
        kept.retain(|one| !(self.rules[one.rule].rule.public && is_named(&one.span)));
    }

    /// Moves the best matches of some that overlap to `kept`.
    fn best_of(&self, cluster: &mut Vec<Match>, kept: &mut Vec<Match>, trace: &trace::Trace) {
        let rank = |one: &Match| self.rules[one.rule].rule.rank;
        cluster.sort_by(|a, b| {
            let better = rank(b).cmp(&rank(a)).then(a.encoding.len().cmp(&b.encoding.len()));
            better.then(a.span.start.cmp(&b.span.start)).then(b.span.end.cmp(&a.span.end))
        });
        let first = kept.len();
        for one in cluster.drain(..) {
            match kept[first..].iter().find(|better| same_place(better, &one)) {
                None => kept.push(one),
                Some(better) if better.rule == one.rule => {}
                Some(better) => {
                    trace.note(|| self.step(one.span.start, one.rule, Refusal::Outranked(better.rule)))
                }
            }
        }
    }
}

/// Whether two matches tell of one secret at one place.
fn same_place(a: &Match, b: &Match) -> bool {
    let (one, other) = (a.secret.expose(), b.secret.expose());
    // What is encoded in the value of a name is that value.
    let named = a.name.is_some() != b.name.is_some();
    let meet = a.span.start < b.span.end && b.span.start < a.span.end;
    meet && (named || one.contains(other) || other.contains(one))
}
