//! Credentials that several records of one stream make together: which of their bytes are masked, and from which offset
//! content is held back because a later record may continue a credential.

use std::ops::Range;

use super::masking::Mask;
use crate::detect::{Detector, LiveChunk, StreamMatch, WatchState};
use crate::records::{Joiner, Lane};

/// Number of bytes of text after an anchor after which its match is final.
const DECIDED_BYTES: usize = 2048;
/// Number of bytes before an anchor in which its key may start, because a line end can split the anchor.
const KEY_BYTES: usize = 16;
/// Maximum number of bytes of content that are held back for a stream.
const HELD_BYTES: u64 = 1 << 20;
/// Maximum number of bytes of a line without an end that are held back.
const LINE_BYTES: u64 = 256 << 10;

/// The state of the records of one content.
#[derive(Debug, Default)]
pub(super) struct Records {
    joiner: Option<Joiner>,
    /// Offset up to which the content was read.
    read: u64,
    /// Offset from which a stream holds content back.
    held: Option<u64>,
    /// Masks that more content could change.
    pub(super) guesses: Vec<Mask>,
}

impl Records {
    /// Reads new content: `content` starts at offset `start`. Adds the masks that are final to `found`.
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
        self.begin(new);
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

    /// Starts to join records. `new` is the start of the content. Whether a line is a record is decided for each line, so
    /// that the result does not depend on how the content arrives.
    fn begin(&mut self, new: &[u8]) {
        if self.joiner.is_none() {
            let mut joiner = Joiner::default();
            joiner.learn(new);
            self.joiner = Some(joiner);
        }
    }

    /// Returns the offset from which content is held back: text that a stream may continue, or a line that has not
    /// ended.
    pub(super) fn held(&self, end: u64) -> Option<u64> {
        let line = self.joiner.as_ref().map(Joiner::line_start).filter(|line| end - line < LINE_BYTES);
        self.held.into_iter().chain(line).min()
    }

    /// Returns whether a stream may continue a credential.
    pub(super) fn doubts(&self) -> bool {
        self.held.is_some()
    }
}

/// Scans the text of a stream as if it ended here, and computes the offset from which more text could change the
/// result.
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
        // Line ends between the parts belong to the frames.
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
            match out.iter_mut().rev().take(256).find(|known| known.span == part.span) {
                Some(known) => known.prefer(part),
                None => out.push(part),
            }
        }
    }
    let crossing = lane.crossing && lane.hold.is_some();
    lane.trim();
    lane.crossing = crossing;
}

/// Removes masks that cross the frames of records and overlap a mask made of joined parts.
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
