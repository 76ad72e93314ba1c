//! Applies rules to a window of text around a verified plain, escaped or joined anchor.

use std::ops::Range;

use regex::bytes::Regex;

use super::compiled::Compiled;
use super::encoding::Verified;
use super::mapped_text::View;
use super::rejections::{RejectReason, Trace};
use super::text_cache::{Asked, Block, Text, TextCache};
use super::validate::Candidate;
use super::{Detector, RawMatch, Scope};
use crate::finding::{Encoding, Secret};

/// Number of bytes before an anchor that a rule may match, if none of them is escaped.
const LEFT: usize = 300;
/// Maximum number of raw bytes on one side of a window, however many of them are escaped.
const WIDEST: usize = 6000;
/// Number of distinct window widths; larger ones are clamped.
const WIDTHS: usize = WIDEST / LEFT + 1;
/// Maximum distance between a match and its rule's context, in raw bytes.
pub(crate) const NEAR: usize = 1000;

/// A verified anchor.
pub(crate) struct AnchorWindow<'a> {
    raw: &'a [u8],
    /// Raw offset of the anchor's first visible character.
    at: usize,
    /// Indices of the rules to apply.
    rules: &'a [usize],
    /// Raw bytes that the rules may match.
    span: Range<usize>,
    /// Raw bytes per decoded character, rounded up.
    width: usize,
}

impl<'a> AnchorWindow<'a> {
    /// Creates the place for a hit of a plain or escaped literal.
    pub(crate) fn new(raw: &'a [u8], verified: &'a Verified, rules: &[Compiled]) -> Self {
        let Verified { at, width, rules: tried } = verified;
        let wanted = tried.iter().map(|&rule| rules[rule].rule.window).max().unwrap_or_default();
        let (left, right) = ((LEFT * width).min(WIDEST), (wanted * width).min(WIDEST));
        let span = at.saturating_sub(left)..raw.len().min(at + right);
        Self { raw, at: *at, rules: tried, span, width: (*width).min(WIDEST / LEFT) }
    }

    /// Returns the same place with other rules.
    fn with<'b>(&'b self, rules: &'b [usize]) -> AnchorWindow<'b> {
        AnchorWindow { rules, span: self.span.clone(), ..*self }
    }

    /// Returns the query for a pattern of `rule` in windows of this width, whose start offsets never decrease.
    fn asked<'r>(&self, rule: usize, is_context: bool, regex: &'r Regex) -> Asked<'r> {
        Asked { number: (rule * WIDTHS + self.width) * 2 + usize::from(is_context), regex }
    }

    /// Returns the offset of the anchor in a reading of the text, and the range that the rules may match.
    fn in_text(&self, text: &Text) -> (usize, Range<usize>) {
        let index = |at: usize| text.view.index_of(at - text.base);
        (index(self.at), index(self.span.start)..index(self.span.end))
    }
}

/// Results of the rules at one place so far.
#[derive(Default)]
struct Tried {
    matches: Vec<RawMatch>,
    /// Starts of examples: a longer match with separators removed is the same example.
    examples: Vec<usize>,
}

impl Tried {
    /// Returns those of `rules` that have not matched.
    fn without(&self, rules: impl Iterator<Item = usize>) -> Vec<usize> {
        rules.filter(|&rule| self.matches.iter().all(|found| found.rule != rule)).collect()
    }
}

impl Detector {
    /// Applies the rules at `place`. `texts` are the cached texts of this pass.
    pub(crate) fn try_window(
        &self,
        place: &AnchorWindow<'_>,
        scope: &Scope<'_>,
        texts: &mut TextCache,
        out: &mut Vec<RawMatch>,
    ) {
        let rules = self.in_context(place, scope, texts);
        let trace = &scope.budget.trace;
        for &rule in place.rules.iter().filter(|rule| trace.wanted() && !rules.contains(rule)) {
            trace.note(|| self.step(place.at, rule, RejectReason::Context));
        }
        if rules.is_empty() {
            return;
        }
        let (before, mark) = (out.len(), trace.mark());
        let place = &place.with(&rules);
        let block = texts.block(place.raw, place.span.clone());
        out.append(&mut self.try_texts(place, block, trace));
        if trace.wanted() {
            self.trace_tried(scope, (mark, place.at), place.rules, &out[before..]);
        }
    }

    /// Applies the rules to the text without escapes, then without separators, then decoded as quoted-printable.
    fn try_texts(&self, place: &AnchorWindow<'_>, block: &Block, trace: &Trace) -> Vec<RawMatch> {
        let mut tried = Tried::default();
        self.try_text(place, block.whole(), trace, &mut tried);
        // Names and ids are never split; joining would merge two that are on adjacent lines.
        let secret = place.rules.iter().copied().filter(|&rule| !self.rules[rule].rule.public);
        let secret = tried.without(secret);
        if !secret.is_empty()
            && let Some(joined) = block.joined()
        {
            self.try_text(&place.with(&secret), joined, trace, &mut tried);
        }
        let found = self.highest_rank(tried.matches.iter().map(|found| found.rule));
        let may_outrank = found < self.highest_rank(place.rules.iter().copied());
        if may_outrank && is_quoted_printable(&place.raw[place.at..place.span.end]) {
            let rest = tried.without(place.rules.iter().copied());
            self.try_text(&place.with(&rest), block.quoted(), trace, &mut tried);
        }
        tried.matches
    }

    /// Returns the highest rank of some rules. Without rules it is `None`, which is lower than any rank.
    fn highest_rank(&self, rules: impl Iterator<Item = usize>) -> Option<u32> {
        rules.map(|rule| self.rules[rule].rule.rank).max()
    }

    /// Applies the rules to one reading of the text.
    fn try_text(&self, place: &AnchorWindow<'_>, text: &Text, trace: &Trace, tried: &mut Tried) {
        let (anchor, window) = place.in_text(text);
        for &rule in place.rules {
            let Some(regex) = self.rules[rule].regex() else { continue };
            let bytes = &text.view.bytes()[..window.end];
            let asked = place.asked(rule, false, regex);
            let Some(found) = around(&asked, text, &window, anchor) else { continue };
            let is_all = self.rules[rule].is_all_secret();
            let secret = if is_all { Some(found) } else { secret_of(regex, bytes, found.start) };
            let Some(secret) = secret.filter(|secret| !self.is_outranked(rule, text, secret, (trace, tried)))
            else {
                continue;
            };
            let start = text.view.raw(&secret).start + text.base;
            match self.judge(rule, &text.view, text.base, secret) {
                Ok(_) if tried.examples.contains(&start) => {}
                Ok(found) => tried.matches.push(found),
                Err(refusal) => {
                    if matches!(refusal, RejectReason::Example(_)) {
                        tried.examples.push(start);
                    }
                    trace.note(|| self.step(place.at, rule, refusal));
                }
            }
        }
    }

    /// Returns whether a rule of a higher rank has the same match, so that this one need not be checked.
    fn is_outranked(
        &self,
        rule: usize,
        text: &Text,
        secret: &Range<usize>,
        (trace, tried): (&Trace, &Tried),
    ) -> bool {
        let bytes = &text.view.bytes()[secret.clone()];
        let outranks = |found: &RawMatch| {
            self.rules[found.rule].rule.rank > self.rules[rule].rule.rank
                && found.span.start == text.view.raw(secret).start + text.base
                && found.secret.expose().as_bytes() == bytes
        };
        !trace.wanted() && tried.matches.iter().any(outranks)
    }

    /// Returns the rules at `place` whose context matches nearby: in the window, in the raw text around it, or in the
    /// text that surrounds the encoded content.
    fn in_context(&self, place: &AnchorWindow<'_>, scope: &Scope<'_>, texts: &mut TextCache) -> Vec<usize> {
        let near = place.at.saturating_sub(NEAR)..place.raw.len().min(place.at + NEAR);
        let mut rules = Vec::with_capacity(place.rules.len());
        for &rule in place.rules.iter().filter(|&&rule| !self.rules[rule].rule.regex.is_empty()) {
            let is_near = self.rules[rule].context().is_none_or(|context| {
                let block = texts.block(place.raw, place.span.clone());
                let (_, window) = place.in_text(block.whole());
                let asked = place.asked(rule, true, context);
                let next = block.whole().next(&asked, window.start);
                next.is_some_and(|found| found.start < window.end)
                    && context.is_match(&block.whole().view.bytes()[window])
                    || block.may_match_near(&asked, place.raw, &near)
                        && context.is_match(&place.raw[near.clone()])
                    || texts.around(rule, || scope.around().any(|text| context.is_match(text)))
            });
            if is_near {
                rules.push(rule);
            }
        }
        rules
    }

    fn judge(
        &self,
        rule: usize,
        view: &View,
        base: usize,
        span: Range<usize>,
    ) -> Result<RawMatch, RejectReason> {
        let compiled = &self.rules[rule];
        let candidate = Candidate { text: view.bytes(), span: span.clone(), published: &self.published };
        let verdict = candidate.judge(&compiled.rule)?;
        if verdict.example && !self.examples {
            return Err(RejectReason::Example(verdict.reason.unwrap_or_default()));
        }
        let text = String::from_utf8_lossy(&view.bytes()[span.clone()]).into_owned();
        let raw = view.raw(&span);
        let secret = if compiled.rule.public { Secret::public(text) } else { Secret::new(text) };
        Ok(RawMatch {
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

/// Returns the match in the window that contains the anchor.
fn around(asked: &Asked<'_>, text: &Text, window: &Range<usize>, anchor: usize) -> Option<Range<usize>> {
    let mut from = window.start;
    while from <= window.end {
        let mut found = text.next(asked, from).filter(|found| found.start <= anchor)?;
        if found.end > window.end {
            // The match within the window may differ from that in the whole text.
            let bytes = &text.view.bytes()[..window.end];
            found = asked.regex.find_at(bytes, from).filter(|found| found.start() <= anchor)?.range();
        }
        if anchor < found.end {
            return Some(found);
        }
        from = found.end.max(found.start + 1);
    }
    None
}

/// Returns the secret in the match that starts at `start`.
fn secret_of(regex: &Regex, text: &[u8], start: usize) -> Option<Range<usize>> {
    let groups = regex.captures_at(text, start)?;
    groups.iter().skip(1).flatten().next().map(|secret| secret.range())
}

/// Returns whether a `=XX` or a soft line break follows an anchor within a few hundred bytes.
fn is_quoted_printable(text: &[u8]) -> bool {
    let near = &text[..text.len().min(400)];
    let mark = |&at: &usize| {
        super::escapes::step(near, at, true).is_some() || matches!(near.get(at + 1), Some(b'\n' | b'\r'))
    };
    memchr::memchr_iter(b'=', near).any(|at| mark(&at))
}

/// Returns the encodings of a nested match: those around the decoded window, of the window, and within the match.
pub(crate) fn chain(outer: Vec<Encoding>, kind: Encoding, inner: Vec<Encoding>) -> Vec<Encoding> {
    outer.into_iter().chain([kind]).chain(inner).collect()
}
