//! Content that arrives bit by bit and must leave soon: what in it is certain already, and from where on more content
//! could change the answer.
//!
//! [`Detector::watch`] looks at each hit with the same surroundings, however the content was cut on its way, and only
//! once it has them: so its matches do not depend on the cuts. It keeps no content; that is its caller's business.

use std::ops::Range;

use super::budget::{Budget, Left};
use super::cursor::Cursor;
use super::excerpt::shown;
use super::forms::{Form, Literal};
use super::pieces::MARGIN;
use super::{Chunk, Detector, Match, NeedMore, Scope, class, confirm, nested, open};
use crate::finding::{Encoding, Secret, Severity};

/// Bytes round a hit that can matter for what is found there, on either side; more on the right only for compressed
/// data inside base64.
pub const SURROUNDINGS: usize = MARGIN;
/// Bytes of base64 that are waited for when they may hold compressed data.
const DEFLATED: usize = 4 << 20;

/// A piece of content that arrives.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// What is there. It begins [`SURROUNDINGS`] bytes before the first place that is looked at, or at the beginning
    /// of the content.
    pub raw: &'a [u8],
    /// Place in `raw` from which on anchors are looked for.
    pub from: usize,
    /// Place at which that ends.
    pub to: usize,
    /// Whether nothing comes behind `raw`.
    pub last: bool,
}

/// What [`Detector::watch`] remembers from one look to the next, over the same beginning of `raw`.
#[derive(Debug, Clone)]
pub struct Watch {
    done: super::Done,
    left: Left,
    /// The last base64 text of which the end was looked for, and how much content there was.
    base64: (Range<usize>, usize),
}

impl Default for Watch {
    fn default() -> Self {
        Self { done: super::Done::default(), left: Left::FIRST, base64: (0..0, 0) }
    }
}

impl Watch {
    /// Where the base64 text that begins at `hit` ends, up to the end of `raw`. Texts that are joined have one end, which is
    /// looked for once.
    fn base64_end(&mut self, raw: &[u8], hit: usize) -> usize {
        let (known, length) = &self.base64;
        if !known.contains(&hit) || known.end >= *length && raw.len() != *length {
            self.base64 = (hit..base64_end(raw, hit), raw.len());
        }
        self.base64.0.end
    }

    /// What is remembered from one `raw` to the next, which begins so many bytes later.
    pub fn moved(&self, bytes: u64) -> Self {
        Self { left: self.left.after(bytes), ..Self::default() }
    }
}

/// A secret in a piece of content.
#[derive(Debug, Clone)]
pub struct Secreted {
    /// The secret itself, decoded.
    pub secret: Secret,
    /// Bytes in which it is written.
    pub span: Range<usize>,
    /// How it is written, outermost first.
    pub encoding: Vec<Encoding>,
    /// Rank of its rule: where two overlap, the higher one is worth telling of.
    pub rank: u32,
    /// Severity after all checks.
    pub severity: Severity,
    /// Whether the severity is lower only because the secret has expired.
    pub expires: bool,
    /// Place of the anchor by which it was found.
    pub hit: usize,
}

/// How far a look got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// Place of the first anchor that only more content can decide; where the look ended, if there is none.
    pub until: usize,
    /// How long `raw` should be before another look is worth its while.
    pub again: usize,
}

impl Secreted {
    /// What a report shows in place of it: masked, and in marks if it is encoded.
    pub fn shown(&self) -> String {
        shown(&self.secret, &self.encoding)
    }
}

impl Detector {
    /// Finds the secrets whose anchors stand in `live.from..live.to`, up to the first anchor about which more content
    /// could still say otherwise.
    pub fn watch(&self, live: Live<'_>, watch: &mut Watch, out: &mut Vec<Secreted>) -> Looked {
        let mut looked = Looked { until: live.to, again: 0 };
        let Live { raw, from, to, .. } = live;
        let _stopped = self.searcher.each_hit(raw, from..to, |hit, literal| {
            let decided = match self.wait_for(live, hit, literal) {
                None => self.look(live, (hit, literal), watch, out),
                some => some,
            };
            match decided {
                None => Ok(()),
                Some(again) => {
                    looked = Looked { until: hit, again };
                    Err(NeedMore)
                }
            }
        });
        looked
    }

    /// The first place near the end of `raw` at which more content could complete an anchor; its end, if there is none.
    pub fn cut_anchor(&self, raw: &[u8]) -> usize {
        let is_cut = |at: &usize| {
            let rest = &raw[*at..];
            let begins = |one: &Literal| one.bytes.len() > rest.len() && one.bytes.starts_with(rest);
            self.searcher.literals().iter().any(begins)
        };
        (raw.len().saturating_sub(self.longest_literal())..raw.len()).find(is_cut).unwrap_or(raw.len())
    }

    fn longest_literal(&self) -> usize {
        self.searcher.literals().iter().map(|one| one.bytes.len()).max().unwrap_or_default()
    }

    /// Whether a hit near the end has to wait, and until `raw` has which length. One that is refused already, whatever
    /// comes, has not.
    fn wait_for(&self, live: Live<'_>, hit: usize, literal: &Literal) -> Option<usize> {
        let Live { raw, last, .. } = live;
        let enough = hit + SURROUNDINGS;
        if last || raw.len() >= enough {
            return None;
        }
        let place = confirm::Hit::new(raw, hit);
        let undecided = literal.uses.iter().any(|meaning| {
            let anchor = &self.anchors[meaning.anchor];
            confirm::confirm(&place, meaning, anchor).is_some()
                || open::may_be_confirmed(raw, hit, meaning, anchor)
        });
        undecided.then(|| (raw.len() + 1).min(enough))
    }

    /// Follows a hit that is decided, unless it is compressed data that goes on.
    fn look(
        &self,
        live: Live<'_>,
        (hit, literal): (usize, &Literal),
        watch: &mut Watch,
        out: &mut Vec<Secreted>,
    ) -> Option<usize> {
        let place = confirm::Hit::new(near(live.raw, hit + SURROUNDINGS), hit);
        for meaning in &literal.uses {
            let anchor = &self.anchors[meaning.anchor];
            let Some(confirmed) = confirm::confirm(&place, meaning, anchor) else { continue };
            let mut raw = place.raw();
            if watch.done.holds(meaning.form, anchor.family, confirmed.at) {
                continue;
            }
            if meaning.form == Form::Deflated {
                let whole = near(live.raw, hit + DEFLATED);
                let end = watch.base64_end(whole, hit);
                if !live.last && whole.len() < hit + DEFLATED && end + SURROUNDINGS > whole.len() {
                    return Some((hit + 2 * (whole.len() - hit)).min(hit + DEFLATED));
                }
                raw = near(whole, end + SURROUNDINGS);
            }
            let chunk = Chunk { raw, from: live.from, to: live.to, last: true };
            let spot = nested::Spot { chunk, form: meaning.form, anchor, confirmed: &confirmed };
            let budget = Budget::with(watch.left);
            let scope = Scope::of(&budget, 0);
            let mut found = Vec::new();
            // The chunk is the last one, so nothing asks for more.
            let _whole = self.follow(&spot, &scope, &mut watch.done, &mut found);
            out.extend(found.into_iter().map(|one| self.secreted(one, hit)));
            if meaning.form == Form::Deflated && budget.has_missed() {
                out.push(unread(hit..watch.base64_end(raw, hit)));
            }
            watch.left = budget.left();
        }
        None
    }

    fn secreted(&self, found: Match, hit: usize) -> Secreted {
        let rule = &self.rules[found.rule].rule;
        Secreted {
            hit,
            rank: rule.rank,
            expires: rule.severity > found.severity && rule.checks.contains(&crate::rules::Check::Expiry),
            severity: found.severity,
            secret: found.secret,
            span: found.span,
            encoding: found.encoding,
        }
    }
}

/// Stands for what compressed data may hold that was not searched.
fn unread(span: Range<usize>) -> Secreted {
    Secreted {
        hit: span.start,
        span,
        secret: Secret::new(""),
        encoding: vec![Encoding::Base64],
        rank: 0,
        severity: Severity::Error,
        expires: false,
    }
}

fn near(raw: &[u8], end: usize) -> &[u8] {
    &raw[..raw.len().min(end)]
}

/// Where the base64 text that begins at `at` ends.
fn base64_end(raw: &[u8], at: usize) -> usize {
    let mut cursor = Cursor::new(raw, at);
    while cursor.next(|byte| class::sextet(byte).is_some()).is_some() {}
    cursor.position()
}
