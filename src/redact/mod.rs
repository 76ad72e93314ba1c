//! A copy of content with every credential in it masked, made while the content arrives.
//!
//! [`Redactor`] holds back only what could still belong to a credential, and what it writes does not depend on how the
//! content was cut on its way; only [`Moment::Quiet`] makes it decide with what is there. It opens nothing and waits for
//! nothing.
//!
//! A credential is masked from the beginning of the line in which its anchor stands, at the earliest: what lies before
//! that has left. A value with the name of a secret that stands before its anchor is waited for, see `floor`.

mod floor;
mod mask;

use std::io::{self, Write};

use crate::detect::{Detector, Live, Looked, SURROUNDINGS, Watch};
use crate::rules::{Check, Rule, RuleSet};

use floor::{Values, floor, line};
use mask::Mask;

/// Bytes of content that are looked at with one memory. Where blocks begin depends on nothing but the content.
const BLOCK: u64 = 64 << 10;
/// Bytes that [`Redactor::room`] has at least.
const ROOM: usize = 256 << 10;
/// Bytes of the buffer, unless more is held.
const BUFFER: usize = 512 << 10;

/// Rule from which [`rules`] derives one.
const KEY: &str = "telnyx-api-key";
/// An id, and a part of a secret with its end: a key that was cut. What a mask shows of a secret is shorter.
const CUT_KEY: &str = "(KEY[0-9A-F]{32}_[0-9A-Za-z_-]{3,21})(?:$|[^0-9A-Za-z_-])";

/// The rules by which content is masked: those of `set`, without those for what gives nothing away by itself, a name or an
/// id; and one for keys of which the end is missing, as in a log that was cut.
pub fn rules(mut set: RuleSet) -> RuleSet {
    set.rules.retain(|rule| !rule.public);
    if let Some(key) = set.rules.iter().find(|rule| rule.id == KEY) {
        let (id, regex) = (format!("{KEY}-cut"), CUT_KEY.to_owned());
        let cut = Rule { id, regex, rank: 1, checks: vec![Check::Placeholder], ..key.clone() };
        set.rules.push(cut);
    }
    set
}

/// What is known about the content behind what has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It goes on.
    More,
    /// Nothing came for a while. What is held back leaves, with all masked that is certain by now.
    Quiet,
    /// There is none.
    End,
}

/// Masks the credentials of one content. Offsets in it count from the content's beginning.
#[derive(Debug)]
pub struct Redactor<'d> {
    detector: &'d Detector,
    buffer: Vec<u8>,
    /// Bytes of the buffer that hold content.
    length: usize,
    /// Offset of the buffer's first byte.
    start: u64,
    /// Offset from which on the detector sees the content while it looks at this block.
    base: u64,
    /// Offset at which this block ends.
    until: u64,
    /// Offset up to which all anchors are decided.
    next: u64,
    /// Offset of the end of the content before which another look is not worth its while.
    again: u64,
    watch: Watch,
    /// Offset up to which everything was written.
    sent: u64,
    values: Values,
    found: Vec<Mask>,
    masked: u64,
}

impl<'d> Redactor<'d> {
    /// A redactor that masks what `detector` finds, if it is at least a warning or has only expired.
    pub fn new(detector: &'d Detector) -> Self {
        Self {
            detector,
            buffer: Vec::new(),
            length: 0,
            start: 0,
            base: 0,
            until: BLOCK,
            next: 0,
            again: 0,
            watch: Watch::default(),
            sent: 0,
            values: Values::default(),
            found: Vec::new(),
            masked: 0,
        }
    }

    /// Room for more content, at least 256 KiB: read into it, then say how much in [`Self::arrived`].
    pub fn room(&mut self) -> &mut [u8] {
        if self.buffer.len() - self.length < ROOM {
            self.drop_what_left();
        }
        if self.buffer.len() - self.length < ROOM {
            let grown = (self.length + ROOM).max(BUFFER).max(self.buffer.len() * 2);
            self.buffer.resize(grown, 0);
        }
        &mut self.buffer[self.length..]
    }

    /// So many bytes were put into the room.
    pub fn arrived(&mut self, count: usize) {
        self.length = (self.length + count).min(self.buffer.len());
    }

    /// Bytes that are held back.
    pub fn held(&self) -> u64 {
        self.end() - self.sent
    }

    /// Whether what is held back may be the beginning of a credential.
    pub fn doubts(&self) -> bool {
        self.next < self.end()
    }

    /// How many credentials were masked.
    pub fn masked(&self) -> u64 {
        self.masked
    }

    /// Writes what may leave now.
    ///
    /// # Errors
    /// Whatever `out` fails with; the redactor is of no use then.
    pub fn send(&mut self, moment: Moment, out: &mut dyn Write) -> io::Result<()> {
        self.look(moment == Moment::End);
        let certain = self.found.len();
        let safe = match moment {
            Moment::End => self.end(),
            Moment::Quiet => {
                self.guess();
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

    /// Decides every anchor that can be decided.
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
            self.until += BLOCK;
            self.watch = self.watch.moved(BLOCK);
        }
    }

    /// Looks at what is not decided yet as if nothing came behind it.
    fn guess(&mut self) {
        let mut watch = self.watch.clone();
        self.look_at(self.end(), true, &mut watch);
    }

    fn look_at(&mut self, to: u64, last: bool, watch: &mut Watch) -> Looked {
        let raw = &self.buffer[(self.base - self.start) as usize..self.length];
        let (from, to) = ((self.next - self.base) as usize, (to - self.base) as usize);
        let mut found = Vec::new();
        let looked = self.detector.watch(Live { raw, from, to, last }, watch, &mut found);
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

    /// Offset before which nothing can be masked any more by what comes.
    fn safe(&mut self) -> u64 {
        let content = &self.buffer[..self.length];
        let mut safe = self.values.floor(content, self.start, (0, self.length));
        if self.next < self.end() {
            let next = (self.next - self.start) as usize;
            safe = safe.min(self.values.floor(&self.buffer[..self.length], self.start, (1, next)));
        }
        (self.start + safe as u64).max(self.sent)
    }

    /// Writes the content up to `safe`, or to the beginning of a mask that goes on behind it. Masks from `certain` on
    /// are guesses.
    fn write_up_to(&mut self, mut safe: u64, certain: usize, out: &mut dyn Write) -> io::Result<()> {
        let mut masks = self.found.clone();
        if masks.len() > certain || masks.len() > 1 {
            masks.sort_by_key(|mask| mask.span.start);
        }
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
                out.write_all(&mask.text(is_cut))?;
                self.sent = mask.span.end;
                self.masked += u64::from(!is_cut);
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

    /// Moves what is still needed to the front of the buffer.
    fn drop_what_left(&mut self) {
        let drop = (self.base.min(self.sent) - self.start) as usize;
        self.buffer.copy_within(drop..self.length, 0);
        self.length -= drop;
        self.start += drop as u64;
        if self.buffer.len() > BUFFER && self.length + ROOM <= BUFFER {
            self.buffer.truncate(BUFFER);
            self.buffer.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests;
