//! Copies content and masks every credential in it, while the content arrives.
//!
//! [`Redactor`] buffers only bytes that may still belong to a credential. Its output does not depend on how the content
//! is split into chunks, except that [`Moment::Quiet`] forces a decision on the content so far. It does not open files
//! and never blocks.
//!
//! A mask starts no earlier than the line of its anchor, because everything before that line has already been written.
//! The exception is a value with the name of a secret before its anchor: it is held back, see `lookback`.

mod lookback;
mod masking;
mod records;

use std::io::{self, Write};

use crate::detect::{Detector, LiveChunk, Progress, SURROUNDINGS, WatchState};
use crate::rules::{Check, Rule, RuleSet};

use lookback::{Values, floor, line};
use masking::Mask;
pub use masking::MaskStyle;
use records::Records;

/// Bytes of content that share one detector state. Block boundaries depend only on the offset in the content.
const BLOCK_BYTES: u64 = 64 << 10;
/// Minimum size of the slice returned by [`Redactor::room`], in bytes.
const MIN_ROOM_BYTES: usize = 256 << 10;
/// Size of the buffer in bytes, unless more content is held back.
const BUFFER_BYTES: usize = 512 << 10;

/// Rule from which [`rules`] derives the rule for truncated keys.
const KEY_RULE: &str = "telnyx-api-key";
/// Matches a truncated key: an id and the beginning of a secret with its end. A mask shows less of a secret.
const CUT_KEY_REGEX: &str = "(KEY[0-9A-F]{32}_[0-9A-Za-z_-]{3,21})(?:$|[^0-9A-Za-z_-])";

/// Returns the rules used for masking: those of `set` without rules for public values (names and ids), and one rule for
/// keys whose end is missing, as in a truncated log.
pub fn rules(mut set: RuleSet) -> RuleSet {
    set.rules.retain(|rule| !rule.public);
    if let Some(key) = set.rules.iter().find(|rule| rule.id == KEY_RULE) {
        let (id, regex) = (format!("{KEY_RULE}-cut"), CUT_KEY_REGEX.to_owned());
        let cut = Rule { id, regex, rank: 1, checks: vec![Check::Placeholder], ..key.clone() };
        set.rules.push(cut);
    }
    set
}

/// What is known about the content after the bytes received so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// More content may follow.
    More,
    /// No content has arrived for a while. Writes everything held back, with all credentials masked that are certain so
    /// far.
    Quiet,
    /// The content is complete.
    End,
}

/// Masks the credentials of one content. All offsets count from the start of the content.
#[derive(Debug)]
pub struct Redactor<'d> {
    detector: &'d Detector,
    buffer: Vec<u8>,
    /// Number of buffered bytes.
    length: usize,
    /// Offset of the first byte of the buffer.
    start: u64,
    /// Offset at which the detector's view of the current block starts.
    base: u64,
    /// Offset at which the current block ends.
    until: u64,
    /// Offset up to which all anchors are decided.
    next: u64,
    /// Content length from which on the next undecided anchor should be checked again.
    again: u64,
    watch: WatchState,
    /// Offset up to which everything has been written.
    sent: u64,
    values: Values,
    records: Records,
    found: Vec<Mask>,
    masked: u64,
    style: MaskStyle,
}

impl<'d> Redactor<'d> {
    /// Creates a redactor that masks the matches of `detector` whose severity is at least a warning, or is lower only
    /// because they expired.
    pub fn new(detector: &'d Detector) -> Self {
        Self {
            detector,
            buffer: Vec::new(),
            length: 0,
            start: 0,
            base: 0,
            until: BLOCK_BYTES,
            next: 0,
            again: 0,
            watch: WatchState::default(),
            sent: 0,
            values: Values::default(),
            records: Records::default(),
            found: Vec::new(),
            masked: 0,
            style: MaskStyle::default(),
        }
    }

    /// Sets how masks are written.
    #[must_use]
    pub fn with_style(mut self, style: MaskStyle) -> Self {
        self.style = style;
        self
    }

    /// Returns a slice of at least 256 KiB for more content. Pass the number of bytes read into it to
    /// [`Self::arrived`].
    pub fn room(&mut self) -> &mut [u8] {
        if self.buffer.len() - self.length < MIN_ROOM_BYTES {
            self.drop_what_left();
        }
        if self.buffer.len() - self.length < MIN_ROOM_BYTES {
            let grown = (self.length + MIN_ROOM_BYTES).max(BUFFER_BYTES).max(self.buffer.len() * 2);
            self.buffer.resize(grown, 0);
        }
        &mut self.buffer[self.length..]
    }

    /// Adds the first `count` bytes of the slice returned by [`Self::room`] to the content.
    pub fn arrived(&mut self, count: usize) {
        self.length = (self.length + count).min(self.buffer.len());
    }

    /// Returns the number of bytes held back.
    pub fn held(&self) -> u64 {
        self.end() - self.sent
    }

    /// Returns whether the bytes held back may be the start of a credential.
    pub fn doubts(&self) -> bool {
        self.next < self.end() || self.records.doubts()
    }

    /// Returns the number of credentials masked so far.
    pub fn masked(&self) -> u64 {
        self.masked
    }

    /// Writes all bytes that are decided at this moment.
    ///
    /// # Errors
    /// Returns the error of `out`. The redactor must not be used after that.
    pub fn send(&mut self, moment: Moment, out: &mut dyn Write) -> io::Result<()> {
        self.look(moment == Moment::End);
        let content = (&self.buffer[..self.length], self.start);
        self.records.look(self.detector, content, moment == Moment::End, &mut self.found);
        let certain = self.found.len();
        let safe = match moment {
            Moment::End => {
                self.found.append(&mut self.records.guesses);
                self.end()
            }
            Moment::Quiet => {
                self.guess();
                self.found.extend_from_slice(&self.records.guesses);
                self.end()
            }
            Moment::More => self.safe(),
        };
        let outcome = self.write_up_to(safe, certain, out);
        self.found.truncate(certain);
        let sent = self.sent;
        self.found.retain(|mask| mask.span.end > sent);
        outcome
    }

    fn end(&self) -> u64 {
        self.start + self.length as u64
    }

    /// Decides all anchors for which there is enough content.
    fn look(&mut self, last: bool) {
        loop {
            let end = self.end();
            let content = &self.buffer[..self.length];
            let to = if last { end } else { self.start + self.detector.cut_anchor(content) as u64 };
            let to = to.min(self.until);
            if to > self.next && (last || end >= self.again) {
                let mut watch = std::mem::take(&mut self.watch);
                let looked = self.look_at(to, last, &mut watch);
                self.watch = watch;
                self.next = self.base + looked.until as u64;
                self.again = self.base + looked.again as u64;
            }
            if self.next < self.until {
                return;
            }
            self.base = self.until - SURROUNDINGS as u64;
            self.until += BLOCK_BYTES;
            self.watch = self.watch.moved(BLOCK_BYTES);
        }
    }

    /// Searches the undecided content as if it ended here.
    fn guess(&mut self) {
        let mut watch = self.watch.clone();
        self.look_at(self.end(), true, &mut watch);
    }

    fn look_at(&mut self, to: u64, last: bool, watch: &mut WatchState) -> Progress {
        let raw = &self.buffer[(self.base - self.start) as usize..self.length];
        let (from, to) = ((self.next - self.base) as usize, (to - self.base) as usize);
        let mut found = Vec::new();
        let looked = self.detector.watch(LiveChunk { raw, from, to, last }, watch, &mut found);
        for one in &found {
            let hit = one.hit + (self.base - self.start) as usize;
            let content = &self.buffer[..self.length];
            let begins = one.span.start + (self.base - self.start) as usize;
            let on_line = line(content, hit);
            let earliest = if begins < on_line { floor(content, hit) } else { on_line };
            let earliest = self.start + earliest as u64;
            self.found.extend(Mask::new(one, raw, self.base, earliest));
        }
        looked
    }

    /// Returns the offset before which later content cannot change any mask.
    fn safe(&mut self) -> u64 {
        let content = &self.buffer[..self.length];
        let mut safe = self.values.floor(content, self.start, 0, self.length);
        if self.next < self.end() {
            let next = (self.next - self.start) as usize;
            safe = safe.min(self.values.floor(&self.buffer[..self.length], self.start, 1, next));
        }
        let held = self.records.held(self.end()).unwrap_or(u64::MAX);
        (self.start + safe as u64).min(held).max(self.sent)
    }

    /// Writes the content up to `safe`, or up to the start of a mask that extends past it. Masks with an index of at
    /// least `certain` are guesses.
    fn write_up_to(&mut self, mut safe: u64, certain: usize, out: &mut dyn Write) -> io::Result<()> {
        let mut masks = self.found.clone();
        if masks.len() > certain || masks.len() > 1 {
            masks.sort_by_key(|mask| mask.span.start);
        }
        records::without_frames(&mut masks, |span| {
            let at = |offset: u64| (offset.clamp(self.start, self.end()) - self.start) as usize;
            memchr::memchr(b'\n', &self.buffer[at(span.start)..at(span.end)]).is_some()
        });
        let mut masks = masks.into_iter().peekable();
        while let Some(mut mask) = masks.next() {
            while let Some(other) = masks.next_if(|other| other.span.start < mask.span.end) {
                mask.unite(other);
            }
            if mask.span.end > safe {
                safe = safe.min(mask.span.start.max(self.sent));
                break;
            }
            if mask.span.end > self.sent {
                let is_cut = mask.span.start < self.sent;
                self.write_plain(mask.span.start, out)?;
                let length = (mask.span.end - mask.span.start.max(self.sent)) as usize;
                out.write_all(&mask.text(is_cut, length, self.style))?;
                self.sent = mask.span.end;
                self.masked += u64::from(!is_cut && !mask.continues);
            }
        }
        self.write_plain(safe, out)
    }

    fn write_plain(&mut self, to: u64, out: &mut dyn Write) -> io::Result<()> {
        if to > self.sent {
            out.write_all(&self.buffer[(self.sent - self.start) as usize..(to - self.start) as usize])?;
            self.sent = to;
        }
        Ok(())
    }

    /// Moves the bytes that are still needed to the start of the buffer.
    fn drop_what_left(&mut self) {
        let drop = (self.base.min(self.sent) - self.start) as usize;
        self.buffer.copy_within(drop..self.length, 0);
        self.length -= drop;
        self.start += drop as u64;
        if self.buffer.len() > BUFFER_BYTES && self.length + MIN_ROOM_BYTES <= BUFFER_BYTES {
            self.buffer.truncate(BUFFER_BYTES);
            self.buffer.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests;
