//! Records why anchors did not lead to a finding, for `telleaks explain`.
//!
//! A scan records nothing unless [`Detector::traced`] was called. This module only records the decisions of the
//! verification, matching and checks.

use std::cell::RefCell;
use std::collections::HashMap;

use super::budget::Budget;
use super::chunk_reader::ChunkReader;
use super::encoding::{self, Anchor, Form, Interpretation};
use super::line_counter::Place;
use super::{Detector, RawMatch, Scope};
use crate::finding::Encoding;

/// Maximum number of anchors recorded per content. If there are more, that is reported.
const KEPT: usize = 10_000;
/// Message in this case.
const TOO_MANY: &str = "more than 10,000 anchors occur in it; not all are explained";
/// Maximum distance between two pieces of one anchor, in bytes.
const PIECES: usize = 16;

/// An anchor that did not lead to a match of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedAnchor {
    /// Path within the content: empty, or `!/member` of an archive.
    pub path: String,
    /// 1-based line of the start of the anchor, or of the encoded text if it is encoded.
    pub line: u64,
    /// 1-based column in characters.
    pub column: u64,
    /// 0-based byte offset of the same position.
    pub byte: u64,
    /// The plain anchor; empty if only a match that was outranked is known.
    pub anchor: String,
    /// Encodings, outermost first.
    pub encoding: Vec<Encoding>,
    /// Index of the rule in [`Detector::rules`].
    pub rule: usize,
    /// Reason for the rejection.
    pub refusal: RejectReason,
}

/// Why a rule rejected an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RejectReason {
    /// Too few of the required characters follow.
    Short {
        /// Number of characters that follow.
        follow: usize,
        /// Number of required characters.
        needed: usize,
    },
    /// The required context is not near the anchor.
    Context,
    /// The text does not match the rule's pattern.
    Shape,
    /// The match is part of a longer word or of base64.
    Boundary,
    /// The secret does not mix digits, lower-case and upper-case letters as random text would.
    NotMixed,
    /// It is the name of a public key.
    PublicKey,
    /// The token does not have the required claim.
    Claim,
    /// It is a placeholder or a published example, for this reason; `--verbose` reports it as a note.
    Example(String),
    /// It only takes the place of a secret, for this reason.
    NotSecret(&'static str),
    /// The rule with this index gives more information about the same location.
    Outranked(usize),
}

/// A rejection in the current content.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Byte offset in the content.
    pub(crate) at: usize,
    pub(crate) anchor: String,
    pub(crate) encoding: Vec<Encoding>,
    pub(crate) rule: usize,
    pub(crate) refusal: RejectReason,
}

/// The recorded rejections of one content, if recording is on.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    steps: Option<RefCell<Vec<Step>>>,
}

impl Trace {
    /// Creates a trace that records if `wanted`.
    pub(crate) fn new(wanted: bool) -> Self {
        Self { steps: wanted.then(RefCell::default) }
    }

    /// Returns whether rejections are recorded.
    pub(crate) fn wanted(&self) -> bool {
        self.steps.is_some()
    }

    /// Records a rejection.
    pub(crate) fn note(&self, step: impl FnOnce() -> Step) {
        if let Some(steps) = &self.steps {
            let mut steps = steps.borrow_mut();
            if steps.len() < KEPT {
                steps.push(step());
            }
        }
    }

    /// Returns the number of rejections, as a mark for [`Self::revise`]; later ones are appended.
    pub(crate) fn mark(&self) -> usize {
        self.steps.as_ref().map_or(0, |steps| steps.borrow().len())
    }

    /// Calls `change` for each rejection recorded since `mark`, and drops it if the result is `false`.
    pub(crate) fn revise(&self, mark: usize, mut change: impl FnMut(&mut Step) -> bool) {
        if let Some(steps) = &self.steps {
            let mut steps = steps.borrow_mut();
            let mark = mark.min(steps.len());
            let mut later = steps.split_off(mark);
            later.retain_mut(|step| change(step));
            steps.append(&mut later);
        }
    }

    /// Returns whether a rejection of `rule` was recorded since `mark`.
    fn holds(&self, mark: usize, rule: usize) -> bool {
        self.steps.as_ref().is_some_and(|steps| steps.borrow()[mark..].iter().any(|step| step.rule == rule))
    }

    fn take(&self) -> Vec<Step> {
        self.steps.as_ref().map(RefCell::take).unwrap_or_default()
    }
}

impl Detector {
    /// Also records anchors that do not lead to a finding, in [`Scan::traced`](super::Scan::traced). Not for large
    /// content: at most 10,000 anchors per content are kept, and every false positive takes more time.
    pub fn traced(mut self) -> Self {
        self.traced = true;
        self
    }

    /// Records a plain anchor at a hit that was not verified because too few characters follow.
    #[cold]
    pub(crate) fn trace_short(&self, raw: &[u8], hit: usize, meaning: &Interpretation, scope: &Scope<'_>) {
        let anchor = &self.anchors[meaning.anchor];
        let Some(start) = standing(raw, hit, meaning, anchor) else { return };
        let text = String::from_utf8_lossy(&anchor.text);
        for (class, needed, rules) in &anchor.runs {
            let follow = encoding::matching_chars(raw, hit, meaning, class, *needed);
            for &rule in rules.iter().filter(|_| follow < *needed) {
                let refusal = RejectReason::Short { follow, needed: *needed };
                scope.budget.trace.note(|| Step {
                    at: start,
                    anchor: text.clone().into_owned(),
                    encoding: Vec::new(),
                    rule,
                    refusal,
                });
            }
        }
    }

    /// Records for each of `rules` that no view since `mark` matches its pattern, unless it was rejected there for
    /// another reason or has a match in `found`. Removes the rejections of rules with a match.
    pub(crate) fn trace_tried(
        &self,
        scope: &Scope<'_>,
        (mark, at): (usize, usize),
        rules: &[usize],
        found: &[RawMatch],
    ) {
        let trace = &scope.budget.trace;
        let has_found = |rule: usize| found.iter().any(|one| one.rule == rule);
        trace.revise(mark, |step| !has_found(step.rule));
        for &rule in rules.iter().filter(|rule| !has_found(**rule) && !trace.holds(mark, **rule)) {
            trace.note(|| self.step(at, rule, RejectReason::Shape));
        }
    }

    /// Returns a rejection by a rule at an anchor; the caller fills in the anchor.
    pub(crate) fn step(&self, at: usize, rule: usize, refusal: RejectReason) -> Step {
        Step { at, anchor: String::new(), encoding: Vec::new(), rule, refusal }
    }

    /// Appends the rejections of a chunk that starts at `start` to `out`, up to the limit.
    pub(super) fn keep_steps(
        &self,
        pieces: &ChunkReader<'_>,
        budget: &Budget,
        start: Place,
        out: &mut Vec<TracedAnchor>,
    ) {
        let full = budget.trace.mark() >= KEPT;
        out.append(&mut self.locate_steps(pieces, &budget.trace, start));
        if full || out.len() > KEPT {
            out.truncate(KEPT);
            budget.missed(TOO_MANY);
        }
    }

    /// Computes the locations of the rejections in a chunk that starts at `start`.
    fn locate_steps(&self, pieces: &ChunkReader<'_>, trace: &Trace, start: Place) -> Vec<TracedAnchor> {
        let mut steps = trace.take();
        steps.sort_by_key(|step| (step.at, step.rule, std::cmp::Reverse(step.anchor.len())));
        drop_prefix_anchors(&mut steps);
        merge_pieces(&mut steps);
        to_locations(steps, pieces, start)
    }
}

/// Drops the rejections of shorter anchors at the offset of a longer one of the same rule: one may be the prefix of the
/// other. `steps` are sorted by offset and rule, longer anchors first.
fn drop_prefix_anchors(steps: &mut Vec<Step>) {
    steps.dedup_by(|shorter, longer| {
        (longer.at, longer.rule) == (shorter.at, shorter.rule)
            && (longer.refusal == shorter.refusal || matches!(shorter.refusal, RejectReason::Short { .. }))
    });
}

/// Drops a rejection that repeats the previous one of the same rule and encodings within [`PIECES`] bytes: an anchor is
/// found by two of its pieces. `steps` are sorted by offset.
fn merge_pieces(steps: &mut Vec<Step>) {
    let mut last: HashMap<(usize, Vec<Encoding>), (usize, RejectReason)> = HashMap::new();
    steps.retain(|step| {
        let now = (step.at, step.refusal.clone());
        let before = last.insert((step.rule, step.encoding.clone()), now);
        before.is_none_or(|(at, refusal)| step.at - at >= PIECES || refusal != step.refusal)
    });
}

/// Computes the location of each rejection in a chunk that starts at `start`. `steps` are sorted by offset, so that the
/// lines of the chunk are counted once.
fn to_locations(steps: Vec<Step>, pieces: &ChunkReader<'_>, start: Place) -> Vec<TracedAnchor> {
    let raw = pieces.bytes();
    let (mut place, mut counted) = (start, 0);
    let mut out = Vec::with_capacity(steps.len());
    for step in steps {
        let at = step.at.min(raw.len());
        place.advance(&raw[counted..at]);
        counted = at;
        let (line, column) = place.get();
        out.push(TracedAnchor {
            path: String::new(),
            line,
            column,
            byte: pieces.offset + at as u64,
            anchor: step.anchor,
            encoding: step.encoding,
            rule: step.rule,
            refusal: step.refusal,
        });
    }
    out
}

/// Returns the start of the anchor if it is unescaped and complete at a hit of one of its pieces.
fn standing(raw: &[u8], hit: usize, meaning: &Interpretation, anchor: &Anchor) -> Option<usize> {
    let start = hit.checked_sub(anchor.text.len().checked_sub(meaning.expect.len())?)?;
    (meaning.form == Form::Text && raw[start..].starts_with(&anchor.text)).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Scratch;
    use crate::rules;

    /// Returns the rejections by one rule in `text`, with their byte offsets and anchors.
    fn refusals(text: &str, rule: &str) -> Vec<(u64, String, RejectReason)> {
        let detector = Detector::new(rules::builtin().unwrap(), false).unwrap().traced();
        let ids: Vec<String> = detector.rules().map(|rule| rule.id.clone()).collect();
        let scan = detector.scan_reader(&mut text.as_bytes(), &mut Scratch::default());
        let of_rule = scan.traced.into_iter().filter(|step| ids[step.rule] == rule);
        of_rule.map(|step| (step.byte, step.anchor, step.refusal)).collect()
    }

    #[test]
    fn characters_after_an_anchor_are_counted() {
        let text = format!("a {}0198C0FFEE5A b", "KEY");
        let found = refusals(&text, "telnyx-api-key");
        assert!(!found.is_empty());
        for (byte, anchor, refusal) in found {
            assert_eq!(byte, 2);
            let RejectReason::Short { follow, needed } = refusal else { panic!("{refusal:?}") };
            // The key's id has 35 characters, of which 12 digits are present here.
            assert_eq!(follow, 15 - anchor.len(), "{anchor}");
            assert!(needed > follow);
        }
        assert_eq!(refusals("a key of another kind", "telnyx-api-key"), []);
    }

    #[test]
    fn matches_are_not_also_rejected() {
        let text = format!("k={}{}_{};", "KEY", "0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG");
        assert_eq!(refusals(&text, "telnyx-api-key"), []);
        // Twice the same location: as plain text and as quoted-printable.
        let twice = format!("{text} x=3D");
        assert_eq!(refusals(&twice, "telnyx-api-key"), []);
    }
}
