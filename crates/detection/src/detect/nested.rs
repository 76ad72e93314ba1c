//! Nested content: searches a decoded window like any other content and maps the matches back to raw offsets.

use std::ops::Range;

use super::decoded_windows::DecodedWindows;
use super::encoding::{Anchor, DecodedWindow, Form, Verified};
use super::window::{NEAR, chain};
use super::{Chunk, DEPTH, Detector, RawMatch, Scope};

/// A verified candidate with its context.
pub(crate) struct VerifiedCandidate<'a> {
    /// The content.
    pub(crate) chunk: Chunk<'a>,
    /// Encoding of the candidate.
    pub(crate) form: Form,
    /// The anchor.
    pub(crate) anchor: &'a Anchor,
    /// Offset and other results of the verification.
    pub(crate) verified: &'a Verified,
}

impl Detector {
    /// Decodes the window around `spot` and searches it.
    pub(crate) fn nest(
        &self,
        spot: &VerifiedCandidate<'_>,
        scope: &Scope<'_>,
        done: &mut DecodedWindows,
        out: &mut Vec<RawMatch>,
    ) {
        if scope.depth >= DEPTH || (scope.reversed && spot.form == Form::Reversed) {
            return;
        }
        let (raw, at) = (spot.chunk.raw, spot.verified.at);
        let decoder = spot.form.decoder();
        let Some(decoded) = decoder.window(raw, at, scope.offset, done.texts()) else { return };
        let count = decoded.view.bytes().len();
        let place = |index: usize| decoded.base + decoded.view.place(index).0 + decoded.lead;
        let units = (0..count).step_by(decoder.alignment()).map(place).collect();
        done.window(spot.form, at, units, decoded.until(raw, at));
        let around = &raw[at.saturating_sub(NEAR)..raw.len().min(at + NEAR)];
        let inner = Scope {
            parent: Some(scope),
            around,
            depth: scope.depth + 1,
            reversed: scope.reversed || spot.form == Form::Reversed,
            offset: 0,
            ..*scope
        };
        self.search_decoded(&decoded, 0..count, &inner, out);
    }

    /// Searches the hits of a decoded window and maps the matches back to raw offsets.
    pub(crate) fn search_decoded(
        &self,
        decoded: &DecodedWindow,
        hits: Range<usize>,
        scope: &Scope<'_>,
        out: &mut Vec<RawMatch>,
    ) {
        let chunk = Chunk { raw: decoded.view.bytes(), from: hits.start, to: hits.end, last: true };
        let (mut found, mark) = (Vec::new(), scope.budget.trace.mark());
        // A window is always complete, so this cannot return `NeedMore`.
        let _whole = self.scan(chunk, scope, &mut found);
        for mut one in self.resolve(found, &scope.budget.trace) {
            let raw = decoded.view.raw(&one.span);
            one.encoding = chain(decoded.text.encodings(&raw), decoded.kind, one.encoding);
            one.span = raw.start + decoded.base..raw.end + decoded.base;
            out.push(one);
        }
        scope.budget.trace.revise(mark, |step| {
            step.at = decoded.base + decoded.view.start(step.at);
            step.encoding.insert(0, decoded.kind);
            true
        });
    }
}
