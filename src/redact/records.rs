//! Credentials that several records of one stream make together: what of them is masked, and from where on content is held
//! back because a record that has not arrived may continue a credential.

use std::ops::Range;

use super::masking::Mask;
use crate::detect::{Detector, LiveChunk, StreamMatch, WatchState};
use crate::records::{Joiner, Lane, may_have_records};

/// Bytes of a text after an anchor after which it is decided.
const DECIDED_BYTES: usize = 2048;
/// Bytes before an anchor in which its key may start: the anchor can be cut by a line end.
const KEY_BYTES: usize = 16;
/// Bytes of content that are held back for a stream at most.
const HELD_BYTES: u64 = 1 << 20;
/// Bytes of a line without an end that are held back at most.
const LINE_BYTES: u64 = 256 << 10;
/// Bytes of content after which it is decided again whether there are records.
const BLOCK_BYTES: u64 = 64 << 10;

/// The records of one content.
#[derive(Debug, Default)]
pub(super) struct Records {
    joiner: Option<Joiner>,
    /// Offset up to which the content was read.
    read: u64,
    /// Offset from which on it is decided again whether there are records.
    block: u64,
    /// Offset from which on a stream holds content back.
    held: Option<u64>,
    /// Masks that more content could change.
    pub(super) guesses: Vec<Mask>,
}

impl Records {
    /// Reads the content that arrived: `content` starts at offset `start`. Adds the masks that are certain to `found`.
    pub(super) fn look(
        &mut self,
        detector: &Detector,
        (content, start): (&[u8], u64),
        last: bool,
        found: &mut Vec<Mask>,
    ) {
        let end = start + content.len() as u64;
        let new = &content[(self.read - start) as usize..];
        if new.is_empty() && !last {
            return;
        }
        self.decide(new, end);
        self.read = end;
        let Some(joiner) = &mut self.joiner else { return };
        joiner.push(new);
        if last {
            joiner.finish();
        }
        self.guesses.clear();
        self.held = None;
        let (guesses, held) = (&mut self.guesses, &mut self.held);
        joiner.each_lane(true, |lane| {
            if lane.text.bytes().len() != lane.searched || lane.crossing || lane.hold.is_some() {
                look_at(detector, lane, found, guesses);
            }
            lane.hold = lane.hold.filter(|hold| end - hold < HELD_BYTES);
            *held = lane.hold.into_iter().chain(*held).min();
        });
    }

    /// Decides whether records are joined in the content up to `end`, of which `new` is the end.
    fn decide(&mut self, new: &[u8], end: u64) {
        if self.read == 0 {
            let mut joiner = Joiner::default();
            joiner.learn(new);
            self.joiner = Some(joiner);
            self.block = BLOCK_BYTES;
        } else if self.read >= self.block {
            self.block = end + BLOCK_BYTES;
            match &self.joiner {
                Some(joiner) if joiner.has_records() => {}
                _ if !may_have_records(new) => self.joiner = None,
                Some(_) => {}
                // The line that has started is not known; the next one is read.
                None => self.joiner = Some(Joiner::at(self.read)),
            }
        }
    }

    /// Returns the offset from which on content is held back: of what a stream may continue, or of a line that has not ended.
    pub(super) fn held(&self, end: u64) -> Option<u64> {
        let line = self.joiner.as_ref().map(Joiner::line_start).filter(|line| end - line < LINE_BYTES);
        self.held.into_iter().chain(line).min()
    }

    /// Returns whether a stream may continue a credential.
    pub(super) fn doubts(&self) -> bool {
        self.held.is_some()
    }
}

/// Searches the text of a stream as if it ended here, and finds out from where on more text could change that.
fn look_at(detector: &Detector, lane: &mut Lane, found: &mut Vec<Mask>, guesses: &mut Vec<Mask>) {
    let text = &lane.text;
    let raw = text.bytes();
    let from = lane.searched.saturating_sub(DECIDED_BYTES).min(raw.len());
    let mut matches: Vec<StreamMatch> = Vec::new();
    let to = detector.cut_anchor(raw).max(from);
    let (live, mut watch) = (LiveChunk { raw, from, to, last: false }, WatchState::default());
    let until =
        detector.watch(live, &mut watch, &mut matches).until.max(raw.len().saturating_sub(DECIDED_BYTES));
    matches.clear();
    lane.hold = (until < raw.len()).then(|| text.raw(until.saturating_sub(KEY_BYTES)).start);
    if lane.crossing {
        let (live, mut watch) = (LiveChunk { raw, from, to: raw.len(), last: true }, WatchState::default());
        detector.watch(live, &mut watch, &mut matches);
    }
    for one in &matches {
        let Some(mask) = Mask::new(one, raw, 0, 0) else { continue };
        let span = mask.span.start as usize..mask.span.end as usize;
        // The line ends between the parts are frames, too.
        let mut at = span.start;
        let mut runs = Vec::new();
        for line in raw[span].split(|&byte| byte == b'\n') {
            runs.extend(text.runs(at..at + line.len()));
            at += line.len() + 1;
        }
        if runs.len() < 2 {
            continue;
        }
        let out = if one.hit < until { &mut *found } else { &mut *guesses };
        for part in mask.over(&runs) {
            if !out.iter().rev().take(256).any(|known| known.span == part.span) {
                out.push(part);
            }
        }
    }
    let crossing = lane.crossing && lane.hold.is_some();
    lane.trim();
    lane.crossing = crossing;
}

/// Removes masks that were put together over the frames of records if the records show what belongs together.
pub(super) fn without_frames(masks: &mut Vec<Mask>, newline_in: impl Fn(&Range<u64>) -> bool) {
    let parts: Vec<Range<u64>> =
        masks.iter().filter(|mask| mask.is_part).map(|mask| mask.span.clone()).collect();
    if parts.is_empty() {
        return;
    }
    masks.retain(|mask| {
        let first = parts.partition_point(|part| part.end <= mask.span.start);
        let meets = parts.get(first).is_some_and(|part| part.start < mask.span.end);
        mask.is_part || !meets || !newline_in(&mask.span)
    });
}
