//! Detection: searches for anchors, verifies each hit, decodes a window around it, and applies the rules there.
//!
//! Content without an anchor is read once by the searcher and never decoded. Does not open files or know about
//! repositories; [`Detector::scan_reader`] accepts any reader.

mod budget;
mod byte_set;
mod compiled;
mod decoded_windows;
mod decoding_cursor;
mod encoding;
mod escapes;
mod excerpt;
mod frames;
mod teddy;
mod validate;

mod chunk_reader;
mod incremental;
mod inflate;
mod line_counter;
mod mapped_text;
mod match_limits;
mod matches;
mod measure;
mod multi_literal;
mod named;
mod nested;
mod parallel;
mod prefilter;
mod rejections;
mod separators;
mod stream;
#[cfg(test)]
mod tests;
mod text_cache;
mod window;
mod zip_stream;

use std::ops::Range;
use std::sync::OnceLock;

use crate::finding::{Confidence, Encoding, Secret, Severity};
use crate::rules::{Rule, RuleSet};

use compiled::Compiled;
use decoded_windows::DecodedWindows;
use encoding::{Anchor, Candidate, Form};
use multi_literal::Searcher;

pub use incremental::{LiveChunk, Progress, SURROUNDINGS, StreamMatch, WatchState};
pub use match_limits::MatchLimits;
pub use matches::{Ignored, Match, Scan};
pub use measure::LiteralCost;
pub use multi_literal::TooManyLiterals;
pub use parallel::{first_byte, parts};
pub use rejections::{RejectReason, TracedAnchor};
pub use stream::{Beginning, Scratch};
pub use validate::payload;

/// Maximum nesting depth of encodings.
const DEPTH: usize = 6;

/// Finds the secrets of a set of rules in any content. Can be shared by threads.
#[derive(Debug)]
pub struct Detector {
    rules: Vec<Compiled>,
    anchors: Vec<Anchor>,
    searcher: Searcher,
    /// Made on first use: only content that is searched as it arrives can be cut.
    cut_literals: OnceLock<incremental::CutLiterals>,
    /// Indices of the rules that find values by name.
    named: Vec<usize>,
    published: Vec<String>,
    examples: bool,
    traced: bool,
}

/// One match in a chunk of content.
#[derive(Debug, Clone)]
pub(crate) struct RawMatch {
    rule: usize,
    /// Byte range of the secret in the content.
    span: Range<usize>,
    /// Byte range of its name, if it was found by name.
    name: Option<Range<usize>>,
    secret: Secret,
    encoding: Vec<Encoding>,
    severity: Severity,
    confidence: Confidence,
    reason: Option<String>,
}

/// A chunk of content. Anchors are searched in a part of it; the rest provides context.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk<'a> {
    raw: &'a [u8],
    from: usize,
    to: usize,
    /// Whether the content ends with `raw`.
    last: bool,
}

/// The surroundings of a content.
pub(crate) struct Scope<'a> {
    /// The content from which this one was decoded.
    parent: Option<&'a Scope<'a>>,
    /// Bytes of the parent around this content.
    around: &'a [u8],
    depth: usize,
    /// Whether the content has been reversed.
    reversed: bool,
    /// Whether the content is, or is within, inflated data.
    inflated: bool,
    /// Offset of the content's first byte in its file.
    offset: u64,
    /// Remaining budget, and what was skipped.
    budget: &'a budget::Budget,
}

impl<'a> Scope<'a> {
    /// Creates the scope of content that is not nested; its first byte is at `offset` in its file.
    fn of(budget: &'a budget::Budget, offset: u64) -> Self {
        Self { parent: None, around: &[], depth: 0, reversed: false, inflated: false, offset, budget }
    }

    /// Returns the scope of content that is decoded as a stream from the text at `at` of `raw`.
    fn of_stream(&'a self, raw: &'a [u8], at: usize) -> Self {
        Self {
            parent: Some(self),
            around: &raw[at.saturating_sub(window::NEAR)..raw.len().min(at + window::NEAR)],
            depth: self.depth + 1,
            reversed: false,
            inflated: true,
            offset: 0,
            ..*self
        }
    }

    /// Iterates over the surroundings, innermost first.
    fn around(&self) -> impl Iterator<Item = &'a [u8]> {
        std::iter::successors(Some(self), |scope| scope.parent).map(|scope| scope.around)
    }
}

/// Returned if the chunk ends within something that must be complete.
#[derive(Debug)]
pub(crate) struct NeedMore;

impl Detector {
    /// Creates a detector for `rules`. With `examples`, placeholders and published examples are reported as notes.
    ///
    /// # Errors
    /// Returns an error if the rules have more anchors than the searcher supports.
    pub fn new(rules: RuleSet, examples: bool) -> Result<Self, TooManyLiterals> {
        let published = rules.published;
        let rules: Vec<Compiled> = rules.rules.into_iter().map(Compiled::new).collect();
        let anchors = compiled::anchors(&rules);
        let searcher = Searcher::new(encoding::literals(&anchors))?;
        let named = (0..rules.len()).filter(|&index| !rules[index].rule.assignments.is_empty()).collect();
        let cut_literals = OnceLock::new();
        Ok(Self { rules, anchors, searcher, cut_literals, named, published, examples, traced: false })
    }

    /// Returns the rules, sorted by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|compiled| &compiled.rule)
    }

    /// Appends every match in `chunk` to `out`, unsorted and with duplicates. Returns the number of newlines (single
    /// bytes) in the part in which anchors are searched.
    fn scan(&self, chunk: Chunk<'_>, scope: &Scope<'_>, out: &mut Vec<RawMatch>) -> Result<u64, NeedMore> {
        let mut done = DecodedWindows::default();
        let may = |steps| !scope.inflated || scope.budget.step(steps);
        self.searcher.each_hit(chunk.raw, chunk.from..chunk.to, |hit, literal| {
            if !may(literal.uses.len() as u64) {
                return Ok(());
            }
            let candidate = Candidate::new(chunk.raw, hit);
            for meaning in &literal.uses {
                let anchor = &self.anchors[meaning.anchor];
                let verified = candidate.verify(meaning, anchor).verified();
                if scope.budget.trace.wanted() {
                    let at = verified.as_ref().map_or(hit, |verified| verified.at);
                    if !done.holds(meaning.form, anchor.family, at) {
                        self.trace_short(chunk.raw, hit, meaning, scope);
                    }
                }
                let Some(verified) = verified else { continue };
                if !done.holds(meaning.form, anchor.family, verified.at) && may(budget::ANCHOR) {
                    let spot =
                        nested::VerifiedCandidate { chunk, form: meaning.form, anchor, verified: &verified };
                    self.follow(&spot, scope, &mut done, out)?;
                }
            }
            Ok(())
        })
    }

    /// Decodes the window of a verified hit and searches it.
    fn follow(
        &self,
        spot: &nested::VerifiedCandidate<'_>,
        scope: &Scope<'_>,
        done: &mut DecodedWindows,
        out: &mut Vec<RawMatch>,
    ) -> Result<(), NeedMore> {
        let before = out.len();
        match spot.form {
            Form::Text => {
                let mark = scope.budget.trace.mark();
                if !spot.verified.rules.is_empty() {
                    let place = window::AnchorWindow::new(spot.chunk.raw, spot.verified, &self.rules);
                    self.try_window(&place, scope, done.texts(), out);
                }
                if spot.anchor.names {
                    self.try_names(spot.chunk.raw, spot.verified.at, scope, (done, out));
                }
                scope.budget.trace.revise(mark, |step| {
                    step.anchor = String::from_utf8_lossy(&spot.anchor.text).into_owned();
                    true
                });
                done.matched(spot.form, spot.anchor.family, &out[before..]);
                Ok(())
            }
            Form::Compressed => self.inflate(spot, scope, done, out),
            Form::Framed => self.search_frame(spot, scope, done, out),
            _ => {
                self.nest(spot, scope, done, out);
                Ok(())
            }
        }
    }

    /// Resolves overlaps: of two matches for the same secret, keeps the one with the higher rank.
    fn resolve(&self, mut found: Vec<RawMatch>, trace: &rejections::Trace) -> Vec<RawMatch> {
        found.sort_by_key(|one| one.span.start);
        let mut kept: Vec<RawMatch> = Vec::with_capacity(found.len());
        let mut cluster: Vec<RawMatch> = Vec::new();
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

    /// Drops matches that are only the name of a secret whose value was found as well.
    fn drop_named(&self, kept: &mut Vec<RawMatch>) {
        let names: Vec<Range<usize>> = kept.iter().filter_map(|one| one.name.clone()).collect();
        let is_named =
            |span: &Range<usize>| names.iter().any(|name| name.start <= span.start && span.end <= name.end);
        kept.retain(|one| !(self.rules[one.rule].rule.public && is_named(&one.span)));
    }

    /// Moves the best matches of an overlapping cluster to `kept`.
    fn best_of(&self, cluster: &mut Vec<RawMatch>, kept: &mut Vec<RawMatch>, trace: &rejections::Trace) {
        let rank = |one: &RawMatch| self.rules[one.rule].rule.rank;
        // A match in a dump or in compressed data has the location of all of it.
        let is_vague = |one: &RawMatch| one.encoding.iter().any(|encoding| encoding.is_container());
        cluster.sort_by(|a, b| {
            let better = rank(b).cmp(&rank(a)).then(is_vague(a).cmp(&is_vague(b)));
            let better = better.then(a.encoding.len().cmp(&b.encoding.len()));
            better.then(a.span.start.cmp(&b.span.start)).then(b.span.end.cmp(&a.span.end))
        });
        let first = kept.len();
        for one in cluster.drain(..) {
            match kept[first..].iter().find(|better| same_place(better, &one)) {
                None => kept.push(one),
                Some(better) if better.rule == one.rule => {}
                Some(better) => {
                    trace.note(|| self.step(one.span.start, one.rule, RejectReason::Outranked(better.rule)))
                }
            }
        }
    }
}

/// Returns whether two matches are for the same secret at the same location.
fn same_place(a: &RawMatch, b: &RawMatch) -> bool {
    let (one, other) = (a.secret.expose(), b.secret.expose());
    // A secret encoded in the value of a name is that value.
    let named = a.name.is_some() != b.name.is_some();
    let meet = a.span.start < b.span.end && b.span.start < a.span.end;
    meet && (named || one.contains(other) || other.contains(one))
}
