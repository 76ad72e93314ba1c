//! Incremental detection: which matches are final, and from which offset more input could still change the result.
//!
//! [`Detector::watch`] looks at each hit with the same surroundings, however the content is split into chunks, and only
//! once all of them have arrived, so its matches do not depend on the chunks. It does not keep content; the caller
//! does.

use std::ops::Range;

use super::budget::{Budget, Remaining};
use super::chunk_reader::MARGIN;
use super::decoding_cursor::Cursor;
use super::encoding::{Candidate, Form, Interpretation, Literal, RAW_LAYERS, Verification, raw_start};
use super::excerpt::shown;
use super::frames;
use super::{Chunk, Detector, NeedMore, RawMatch, Scope, byte_set, nested};
use crate::finding::{Encoding, Secret, Severity};

/// Number of bytes before and after a hit that can affect its matches. Only compressed data in base64 may need more
/// bytes after the hit.
pub const SURROUNDINGS: usize = MARGIN;
/// Maximum number of bytes of base64 to wait for if it may contain compressed data.
const DEFLATED: usize = 4 << 20;

/// A chunk of arriving content.
#[derive(Debug, Clone, Copy)]
pub struct LiveChunk<'a> {
    /// The bytes. They start [`SURROUNDINGS`] bytes before the first offset to search, or at the start of the content.
    pub raw: &'a [u8],
    /// Offset in `raw` at which the search for anchors starts.
    pub from: usize,
    /// Offset at which it ends.
    pub to: usize,
    /// Whether the content ends with `raw`.
    pub last: bool,
}

/// State of [`Detector::watch`] between calls whose `raw` starts at the same offset.
#[derive(Debug, Clone)]
pub struct WatchState {
    done: super::DecodedWindows,
    left: Remaining,
    /// The last base64 text whose end was searched, and the length of the content at that time.
    base64: (Range<usize>, usize),
}

impl Default for WatchState {
    fn default() -> Self {
        Self { done: super::DecodedWindows::default(), left: Remaining::FIRST, base64: (0..0, 0) }
    }
}

impl WatchState {
    /// Returns the end of the base64 text that starts at `hit`, at most the end of `raw`. Adjacent texts have the same
    /// end, which is searched only once.
    fn base64_end(&mut self, raw: &[u8], hit: usize) -> usize {
        let (known, length) = &self.base64;
        if !known.contains(&hit) || known.end >= *length && raw.len() != *length {
            self.base64 = (hit..base64_end(raw, hit), raw.len());
        }
        self.base64.0.end
    }

    /// Returns the state for the next `raw`, which starts `bytes` bytes later.
    pub fn moved(&self, bytes: u64) -> Self {
        Self { left: self.left.after(bytes), ..Self::default() }
    }
}

/// A secret in a chunk of content.
#[derive(Debug, Clone)]
pub struct StreamMatch {
    /// The decoded secret.
    pub secret: Secret,
    /// Byte range of its encoded form.
    pub span: Range<usize>,
    /// Encodings, outermost first.
    pub encoding: Vec<Encoding>,
    /// Rank of its rule. Of two overlapping secrets, the one with the higher rank is reported.
    pub rank: u32,
    /// Severity after all checks.
    pub severity: Severity,
    /// Whether the severity is lower only because the secret has expired.
    pub expires: bool,
    /// Offset of the anchor that led to it.
    pub hit: usize,
}

/// Progress of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Offset of the first anchor that needs more content to be decided, or the end of the search.
    pub until: usize,
    /// Minimum length of `raw` for the next attempt.
    pub again: usize,
}

impl StreamMatch {
    /// Returns the form shown in reports: masked, and in marks if it is encoded.
    pub fn shown(&self) -> String {
        shown(&self.secret, &self.encoding)
    }
}

/// The literals of which a part at the end of a content matters.
#[derive(Debug)]
pub(super) struct CutLiterals {
    sorted: Vec<Vec<u8>>,
    /// Length of the longest one, in bytes.
    longest: usize,
}

impl Detector {
    /// Finds the secrets whose anchors are in `live.from..live.to`, and stops at the first anchor that needs more
    /// input.
    pub fn watch(&self, live: LiveChunk<'_>, watch: &mut WatchState, out: &mut Vec<StreamMatch>) -> Progress {
        let mut looked = Progress { until: live.to, again: 0 };
        let LiveChunk { raw, from, to, .. } = live;
        let _stopped = self.searcher.each_hit(raw, from..to, |hit, literal| {
            let decided = match self.wait_for(live, hit, literal) {
                None => self.look(live, (hit, literal), watch, out),
                some => some,
            };
            match decided {
                None => Ok(()),
                Some(again) => {
                    looked = Progress { until: hit, again };
                    Err(NeedMore)
                }
            }
        });
        looked
    }

    /// Returns the first offset near the end of `raw` at which more content could complete an anchor, or the end of
    /// `raw`.
    pub fn cut_anchor(&self, raw: &[u8]) -> usize {
        let literals = self.cut_literals.get_or_init(|| self.cut_literals());
        let is_cut = |at: &usize| {
            let rest = &raw[*at..];
            // The first literal after `rest` in the order of bytes starts with it, if any longer one does.
            let next = literals.sorted.partition_point(|literal| literal.as_slice() <= rest);
            literals.sorted.get(next).is_some_and(|literal| literal.starts_with(rest))
        };
        (raw.len().saturating_sub(literals.longest)..raw.len()).find(is_cut).unwrap_or(raw.len())
    }

    fn cut_literals(&self) -> CutLiterals {
        let literals = self.searcher.literals().iter().filter(|one| !one.uses.iter().all(is_dump));
        let mut sorted: Vec<Vec<u8>> = literals.map(|one| one.bytes.to_vec()).collect();
        sorted.sort_unstable();
        let longest = sorted.iter().map(Vec::len).max().unwrap_or_default();
        CutLiterals { sorted, longest }
    }

    /// Returns the length of `raw` to wait for if a hit near the end is undecided, or `None` if it is decided. A hit
    /// that no further content can confirm is decided.
    fn wait_for(&self, live: LiveChunk<'_>, hit: usize, literal: &Literal) -> Option<usize> {
        let LiveChunk { raw, last, .. } = live;
        let enough = hit + SURROUNDINGS;
        if last || raw.len() >= enough {
            return None;
        }
        let candidate = Candidate::new(raw, hit);
        let undecided = literal.uses.iter().filter(|meaning| !is_dump(meaning)).any(|meaning| {
            !matches!(candidate.verify(meaning, &self.anchors[meaning.anchor]), Verification::No)
        });
        undecided.then(|| (raw.len() + 1).min(enough))
    }

    /// Follows a decided hit, unless it is compressed data that continues.
    fn look(
        &self,
        live: LiveChunk<'_>,
        (hit, literal): (usize, &Literal),
        watch: &mut WatchState,
        out: &mut Vec<StreamMatch>,
    ) -> Option<usize> {
        let candidate = Candidate::new(near(live.raw, hit + SURROUNDINGS), hit);
        for meaning in &literal.uses {
            let anchor = &self.anchors[meaning.anchor];
            let Some(verified) = candidate.verify(meaning, anchor).verified() else { continue };
            let mut raw = candidate.raw();
            if watch.done.holds(meaning.form, anchor.family, verified.at) || is_dump(meaning) {
                continue;
            }
            if meaning.form.is_stream() {
                let whole = near(live.raw, hit + DEFLATED);
                let end = stream_end(meaning, whole, hit, watch);
                if !live.last && whole.len() < hit + DEFLATED && end + SURROUNDINGS > whole.len() {
                    return Some((hit + 2 * (whole.len() - hit)).min(hit + DEFLATED));
                }
                raw = near(whole, end + SURROUNDINGS);
            }
            let chunk = Chunk { raw, from: live.from, to: live.to, last: true };
            let spot = nested::VerifiedCandidate { chunk, form: meaning.form, anchor, verified: &verified };
            let budget = Budget::with(watch.left);
            let scope = Scope::of(&budget, 0);
            let mut found = Vec::new();
            // The chunk is marked as the last one, so this cannot return `NeedMore`.
            let _whole = self.follow(&spot, &scope, &mut watch.done, &mut found);
            out.extend(found.into_iter().map(|one| self.secreted(one, hit)));
            if meaning.form.is_stream() && budget.has_missed() {
                out.push(unread(hit..stream_end(meaning, raw, hit, watch)));
            }
            watch.left = budget.left();
        }
        None
    }

    fn secreted(&self, found: RawMatch, hit: usize) -> StreamMatch {
        let rule = &self.rules[found.rule].rule;
        StreamMatch {
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

/// Returns whether this is the mark of a dump or an image. It is on the second line, when the first one may be written already; the
/// digits of the bytes are found on their own.
fn is_dump(meaning: &Interpretation) -> bool {
    let kind = || frames::Kind::ALL[usize::from(meaning.shift)];
    meaning.form == Form::Framed && matches!(kind(), frames::Kind::Dump | frames::Kind::HexRecords)
}

/// Returns the end of the text at `hit` that is decoded as a stream.
fn stream_end(meaning: &Interpretation, raw: &[u8], hit: usize, watch: &mut WatchState) -> usize {
    if meaning.form == Form::Framed {
        let frame = frames::Kind::ALL[usize::from(meaning.shift)].decode(raw, hit);
        return frame.map_or(hit, |frame| frame.end);
    }
    let is_raw = meaning.form == Form::Compressed && meaning.shift == RAW_LAYERS;
    let start = if is_raw { raw_start(raw, hit) } else { None };
    watch.base64_end(raw, start.unwrap_or(hit))
}

/// Returns a stand-in for compressed data that was not searched, so that it is masked.
fn unread(span: Range<usize>) -> StreamMatch {
    StreamMatch {
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

/// Returns the end of the base64 text that starts at `at`.
fn base64_end(raw: &[u8], at: usize) -> usize {
    let mut cursor = Cursor::new(raw, at);
    while cursor.next(|byte| byte_set::sextet(byte).is_some()).is_some() {}
    cursor.position()
}
