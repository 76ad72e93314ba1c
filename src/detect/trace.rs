//! What became of the anchors that no finding came of, for `telleaks explain`.
//!
//! A scan keeps none of it: a [`Detector`] does only after [`Detector::traced`]. Here is noted what confirming, trying and
//! checking decided; nothing is decided here.

use std::cell::RefCell;
use std::collections::HashMap;

use super::budget::Budget;
use super::confirm;
use super::forms::{Anchor, Form, Use};
use super::lines::Place;
use super::pieces::Pieces;
use super::{Detector, Match, Scope};
use crate::finding::Encoding;

/// Anchors of one content that are kept; that there are more is told.
const KEPT: usize = 10_000;
/// What is told then.
const TOO_MANY: &str = "more than 10,000 anchors stand in it; not all are explained";
/// Bytes that two pieces of one anchor may lie apart.
const PIECES: usize = 16;

/// An anchor that stood somewhere and of which one rule made nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// Path inside the content: empty, or `!/member` of an archive.
    pub path: String,
    /// Line on which the anchor begins, 1-based; if it is encoded, that of the encoded text.
    pub line: u64,
    /// Column there, in characters, 1-based.
    pub column: u64,
    /// Byte at which that is, 0-based.
    pub byte: u64,
    /// The anchor, in plain characters; empty if only the match is known that lost against a better one.
    pub anchor: String,
    /// How it was written, outermost first.
    pub encoding: Vec<Encoding>,
    /// Index of the rule in [`Detector::rules`].
    pub rule: usize,
    /// What kept it from being a finding.
    pub refusal: Refusal,
}

/// Why a rule made nothing of an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Too few of the characters follow that must.
    Short {
        /// How many do.
        follow: usize,
        /// How many must.
        needed: usize,
    },
    /// The text that must stand near does not.
    Context,
    /// What stands there does not have the rule's shape.
    Shape,
    /// A part of a longer word, or of base64.
    Boundary,
    /// Not of digits, small and capital letters, as what is random would be.
    NotMixed,
    /// The name of a public key.
    PublicKey,
    /// The token does not say what it would have to.
    Claim,
    /// Made up or published, for this reason; `--verbose` shows it as a note.
    Example(String),
    /// It only stands in the place of a secret, for this reason.
    NotSecret(&'static str),
    /// Another rule, the one of this index, tells more about the same place.
    Outranked(usize),
}

/// A refusal in the content at hand.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Byte of the content.
    pub(crate) at: usize,
    pub(crate) anchor: String,
    pub(crate) encoding: Vec<Encoding>,
    pub(crate) rule: usize,
    pub(crate) refusal: Refusal,
}

/// The steps of one content, if they are kept.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    steps: Option<RefCell<Vec<Step>>>,
}

impl Trace {
    /// Keeps steps if that is `wanted`.
    pub(crate) fn new(wanted: bool) -> Self {
        Self { steps: wanted.then(RefCell::default) }
    }

    /// Whether steps are kept.
    pub(crate) fn wanted(&self) -> bool {
        self.steps.is_some()
    }

    /// Notes a step.
    pub(crate) fn note(&self, step: impl FnOnce() -> Step) {
        if let Some(steps) = &self.steps {
            let mut steps = steps.borrow_mut();
            if steps.len() < KEPT {
                steps.push(step());
            }
        }
    }

    /// How many steps there are: what is noted later stands behind.
    pub(crate) fn mark(&self) -> usize {
        self.steps.as_ref().map_or(0, |steps| steps.borrow().len())
    }

    /// Changes each step noted since `mark`, or drops it.
    pub(crate) fn revise(&self, mark: usize, mut change: impl FnMut(&mut Step) -> bool) {
        if let Some(steps) = &self.steps {
            let mut steps = steps.borrow_mut();
            let mark = mark.min(steps.len());
            let mut later = steps.split_off(mark);
            later.retain_mut(|step| change(step));
            steps.append(&mut later);
        }
    }

    /// Whether a step about `rule` was noted since `mark`.
    fn holds(&self, mark: usize, rule: usize) -> bool {
        self.steps.as_ref().is_some_and(|steps| steps.borrow()[mark..].iter().any(|step| step.rule == rule))
    }

    fn take(&self) -> Vec<Step> {
        self.steps.as_ref().map(RefCell::take).unwrap_or_default()
    }
}

impl Detector {
    /// Also keeps what became of anchors of which no finding came, in [`Scan::traced`](super::Scan::traced). Not for content
    /// of any size: at most 10,000 anchors of one content are kept, and each chance hit costs more time.
    pub fn traced(mut self) -> Self {
        self.traced = true;
        self
    }

    /// Notes an anchor that stands in plain sight at a hit which was not confirmed: too little follows.
    #[cold]
    pub(crate) fn trace_short(&self, (raw, hit): (&[u8], usize), meaning: &Use, scope: &Scope<'_>) {
        let anchor = &self.anchors[meaning.anchor];
        let Some(start) = standing(raw, hit, meaning, anchor) else { return };
        let text = String::from_utf8_lossy(&anchor.text);
        for (class, needed, rules) in &anchor.runs {
            let follow = confirm::follow(raw, hit, meaning, (class, *needed));
            for &rule in rules.iter().filter(|_| follow < *needed) {
                let refusal = Refusal::Short { follow, needed: *needed };
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

    /// Notes for each of `rules` that none of the views since `mark` has its shape, unless it was refused there for
    /// another reason or found something in `found`; and forgets what other views said of a rule that found something.
    pub(crate) fn trace_tried(
        &self,
        scope: &Scope<'_>,
        (mark, at): (usize, usize),
        rules: &[usize],
        found: &[Match],
    ) {
        let trace = &scope.budget.trace;
        let has_found = |rule: usize| found.iter().any(|one| one.rule == rule);
        trace.revise(mark, |step| !has_found(step.rule));
        for &rule in rules.iter().filter(|rule| !has_found(**rule) && !trace.holds(mark, **rule)) {
            trace.note(|| self.step(at, rule, Refusal::Shape));
        }
    }

    /// A step of a rule at an anchor, which is that of the rule that stands there.
    pub(crate) fn step(&self, at: usize, rule: usize, refusal: Refusal) -> Step {
        Step { at, anchor: String::new(), encoding: Vec::new(), rule, refusal }
    }

    /// Adds the steps of a piece that begins at `start` to `out`, as far as there is room.
    pub(super) fn keep_steps(
        &self,
        pieces: &Pieces<'_>,
        budget: &Budget,
        start: Place,
        out: &mut Vec<Traced>,
    ) {
        let full = budget.trace.mark() >= KEPT;
        out.append(&mut self.locate_steps(pieces, &budget.trace, start));
        if full || out.len() > KEPT {
            out.truncate(KEPT);
            budget.missed(TOO_MANY);
        }
    }

    /// Turns the steps of a piece that begins at `start` into places.
    fn locate_steps(&self, pieces: &Pieces<'_>, trace: &Trace, start: Place) -> Vec<Traced> {
        let mut steps = trace.take();
        steps.sort_by_key(|step| (step.at, step.rule, std::cmp::Reverse(step.anchor.len())));
        // An anchor of a rule may be the beginning of another one.
        steps.dedup_by(|b, a| {
            (a.at, a.rule) == (b.at, b.rule)
                && (a.refusal == b.refusal || matches!(b.refusal, Refusal::Short { .. }))
        });
        // One anchor is searched by two of its pieces.
        let mut last: HashMap<(usize, Vec<Encoding>), (usize, Refusal)> = HashMap::new();
        steps.retain(|step| {
            let now = (step.at, step.refusal.clone());
            let before = last.insert((step.rule, step.encoding.clone()), now);
            before.is_none_or(|(at, refusal)| step.at - at >= PIECES || refusal != step.refusal)
        });
        let raw = pieces.bytes();
        let (mut at, mut before) = (start, 0);
        let locate = |step: Step| {
            let here = step.at.min(raw.len());
            at.advance(&raw[before..here]);
            before = here;
            let (line, column) = at.get();
            Traced {
                path: String::new(),
                line,
                column,
                byte: pieces.offset + here as u64,
                anchor: step.anchor,
                encoding: step.encoding,
                rule: step.rule,
                refusal: step.refusal,
            }
        };
        steps.into_iter().map(locate).collect()
    }
}

/// Where the anchor begins that stands unescaped and whole at a hit of one of its pieces.
fn standing(raw: &[u8], hit: usize, meaning: &Use, anchor: &Anchor) -> Option<usize> {
    let start = hit.checked_sub(anchor.text.len().checked_sub(meaning.expect.len())?)?;
    (meaning.form == Form::Text && raw[start..].starts_with(&anchor.text)).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Scratch;
    use crate::rules;

    /// The refusals of one rule in `text`, with their bytes and anchors.
    fn refusals(text: &str, rule: &str) -> Vec<(u64, String, Refusal)> {
        let detector = Detector::new(rules::builtin().unwrap(), false).unwrap().traced();
        let ids: Vec<String> = detector.rules().map(|rule| rule.id.clone()).collect();
        let scan = detector.scan_reader(&mut text.as_bytes(), &mut Scratch::default());
        let of_rule = scan.traced.into_iter().filter(|step| ids[step.rule] == rule);
        of_rule.map(|step| (step.byte, step.anchor, step.refusal)).collect()
    }

    #[test]
    fn what_follows_an_anchor_is_counted() {
        let text = format!("a {}0198C0FFEE5A b", "KEY");
        let found = refusals(&text, "telnyx-api-key");
        assert!(!found.is_empty());
        for (byte, anchor, refusal) in found {
            assert_eq!(byte, 2);
            let Refusal::Short { follow, needed } = refusal else { panic!("{refusal:?}") };
            // The key's id has 35 characters, and 12 digits of it stand here.
            assert_eq!(follow, 15 - anchor.len(), "{anchor}");
            assert!(needed > follow);
        }
        assert_eq!(refusals("a key of another kind", "telnyx-api-key"), []);
    }

    #[test]
    fn what_is_found_is_not_refused_as_well() {
        let text = format!("k={}{}_{};", "KEY", "0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG");
        assert_eq!(refusals(&text, "telnyx-api-key"), []);
        // Twice the same in one place: in plain sight and as if it were quoted-printable.
        let twice = format!("{text} x=3D");
        assert_eq!(refusals(&twice, "telnyx-api-key"), []);
    }
}
