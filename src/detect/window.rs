//! Rules over a window of text: where a plain, escaped or joined anchor was confirmed.

use std::ops::Range;
use std::sync::LazyLock;

use super::checks::Candidate;
use super::class::Class;
use super::compiled::Compiled;
use super::confirm::Confirmed;
use super::trace::{Refusal, Trace};
use super::view::View;
use super::{Detector, Match, Scope};
use crate::finding::{Encoding, Secret};

/// Bytes on the left of an anchor that a rule may look at, if none of them is escaped.
const LEFT: usize = 300;
/// Raw bytes that a window may have on one side, however much of it is escaped.
const WIDEST: usize = 6000;
/// Raw bytes before an anchor in which a joint may be undone: the anchor itself can be cut.
const CUT: usize = 160;
/// Raw bytes on either side of a match in which a rule's context may stand.
pub(crate) const NEAR: usize = 1000;

/// Characters of keys and tokens: what stands on both sides of a joint.
static TOKEN: LazyLock<Class> = LazyLock::new(|| Class::new("0-9A-Za-z._-"));

/// A confirmed anchor.
pub(crate) struct Place<'a> {
    raw: &'a [u8],
    /// Raw offset of the anchor's first character that was seen.
    at: usize,
    /// Indices of the rules to try.
    rules: &'a [usize],
    /// Raw bytes that a decoded character takes here, rounded up.
    width: usize,
}

impl<'a> Place<'a> {
    /// The place of a hit of a plain or escaped literal.
    pub(crate) fn new(raw: &'a [u8], confirmed: &'a Confirmed) -> Self {
        Self { raw, at: confirmed.at, rules: &confirmed.rules, width: confirmed.width }
    }

    /// The raw bytes to decode.
    fn span(&self, rules: &[Compiled]) -> Range<usize> {
        let wanted = self.rules.iter().map(|&rule| rules[rule].rule.window).max().unwrap_or_default();
        let left = (LEFT * self.width).min(WIDEST);
        let right = (wanted * self.width).min(WIDEST);
        self.at.saturating_sub(left)..self.raw.len().min(self.at + right)
    }
}

impl Detector {
    /// Tries the rules at `place`.
    pub(crate) fn try_window(&self, place: &Place<'_>, scope: &Scope<'_>, out: &mut Vec<Match>) {
        let span = place.span(&self.rules);
        let base = span.start;
        let identity = View::identity(&place.raw[span]);
        let whole = identity.clone().unescaped(false);
        let rules: Vec<usize> = self.in_context(place, &whole, scope).collect();
        let trace = &scope.budget.trace;
        for &rule in place.rules.iter().filter(|rule| trace.wanted() && !rules.contains(rule)) {
            trace.note(|| self.step(place.at, rule, Refusal::Context));
        }
        if rules.is_empty() {
            return;
        }
        let place = &Place { rules: &rules, ..*place };
        let (before, mark) = (out.len(), trace.mark());
        self.try_views(place, (whole, identity, base), trace, out);
        if trace.wanted() {
            self.trace_tried(scope, (mark, place.at), place.rules, &out[before..]);
        }
    }

    /// Tries the rules on the unescaped text, then with joints undone, then as quoted-printable.
    fn try_views(
        &self,
        place: &Place<'_>,
        (whole, identity, base): (View, View, usize),
        trace: &Trace,
        out: &mut Vec<Match>,
    ) {
        let (at, rules, before) = (place.at - base, place.rules, out.len());
        let mut published = Vec::new();
        self.try_view(place, (&whole, base), trace, (&mut published, out));
        // A name or an id is not cut in pieces; a join would make one of two that stand one below the other.
        let secret: Vec<usize> =
            rules.iter().copied().filter(|&rule| !self.rules[rule].rule.public).collect();
        let in_pieces = &Place { rules: &secret, ..*place };
        let joined = whole.unjoined(at.saturating_sub(CUT), &TOKEN);
        if !secret.is_empty() && joined.edit_count() > whole.edit_count() {
            self.try_view(in_pieces, (&joined, base), trace, (&mut published, out));
        }
        let best = out[before..].iter().map(|found| self.rules[found.rule].rule.rank).max();
        let wanted = place.rules.iter().map(|&rule| self.rules[rule].rule.rank).max();
        if best < wanted && is_quoted_printable(&identity.bytes()[at..]) {
            let quoted = identity.unescaped(true).unjoined(at.saturating_sub(CUT), &TOKEN);
            self.try_view(place, (&quoted, base), trace, (&mut published, out));
        }
    }

    /// Tries the rules on one view. `examples` are the places at which a view before this one begins an example: joined
    /// with what follows it, it is still the example.
    fn try_view(
        &self,
        place: &Place<'_>,
        (view, base): (&View, usize),
        trace: &Trace,
        (examples, out): (&mut Vec<usize>, &mut Vec<Match>),
    ) {
        let anchor = view.index_of(place.at - base);
        let text = view.bytes();
        for &rule in place.rules {
            let Some(regex) = self.rules[rule].regex() else { continue };
            let holds_anchor = |all: regex::bytes::Match<'_>| all.start() <= anchor && anchor < all.end();
            let found = regex.captures_iter(text).find(|found| found.get(0).is_some_and(holds_anchor));
            let Some(secret) = found.and_then(|found| found.iter().skip(1).flatten().next()) else {
                continue;
            };
            let start = view.raw(&secret.range()).start + base;
            match self.judge(rule, (view, base), secret.range()) {
                Ok(_) if examples.contains(&start) => {}
                Ok(found) => out.push(found),
                Err(refusal) => {
                    if matches!(refusal, Refusal::Example(_)) {
                        examples.push(start);
                    }
                    trace.note(|| self.step(place.at, rule, refusal));
                }
            }
        }
    }

    /// The rules at `place` whose context stands near: in the window, in the raw text round it, or in what surrounds
    /// the encoded text.
    fn in_context<'p>(
        &'p self,
        place: &'p Place<'_>,
        view: &'p View,
        scope: &'p Scope<'_>,
    ) -> impl Iterator<Item = usize> + 'p {
        let near = &place.raw[place.at.saturating_sub(NEAR)..place.raw.len().min(place.at + NEAR)];
        place.rules.iter().copied().filter(move |&rule| {
            let mut texts = [view.bytes(), near].into_iter().chain(scope.around());
            self.rules[rule].context().is_none_or(|context| texts.any(|text| context.is_match(text)))
        })
    }

    fn judge(&self, rule: usize, (view, base): (&View, usize), span: Range<usize>) -> Result<Match, Refusal> {
        let compiled = &self.rules[rule];
        let candidate = Candidate { text: view.bytes(), span: span.clone(), published: &self.published };
        let verdict = candidate.judge(&compiled.rule)?;
        if verdict.example && !self.examples {
            return Err(Refusal::Example(verdict.reason.unwrap_or_default()));
        }
        let text = String::from_utf8_lossy(&view.bytes()[span.clone()]).into_owned();
        let raw = view.raw(&span);
        let secret = if compiled.rule.public { Secret::public(text) } else { Secret::new(text) };
        Ok(Match {
            rule,
            encoding: view.encodings(&raw),
            span: raw.start + base..raw.end + base,
            name: None,
            secret,
            severity: verdict.severity,
            confidence: verdict.confidence,
            reason: verdict.reason,
        })
    }
}

/// A `=XX` or a soft line break in the few hundred bytes behind an anchor.
fn is_quoted_printable(text: &[u8]) -> bool {
    let near = &text[..text.len().min(400)];
    let mark = |&at: &usize| {
        super::escape::step(near, at, true).is_some() || matches!(near.get(at + 1), Some(b'\n' | b'\r'))
    };
    memchr::memchr_iter(b'=', near).any(|at| mark(&at))
}

/// The layers of encoding of a nested match: those around the decoded window, the window's own, the match's.
pub(crate) fn chain(outer: Vec<Encoding>, kind: Encoding, inner: Vec<Encoding>) -> Vec<Encoding> {
    outer.into_iter().chain([kind]).chain(inner).collect()
}
