//! Scans content in chunks: bounded memory for files and lines of any length, and the same findings as for the whole
//! content.

use std::cmp::Reverse;
use std::io::{self, Read};
use std::ops::Range;

use super::budget::Budget;
use super::chunk_reader::ChunkReader;
use super::excerpt::excerpt;
use super::line_counter::{Charset, Place};
use super::match_limits::{Decision, MatchLimiter};
use super::matches::{Match, Scan};
use super::{Detector, MatchLimits, NeedMore, RawMatch, Scope, encoding};
use crate::finding::{Location, Skipped};

/// Scratch memory of one thread, reused for each file.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) buffer: Vec<u8>,
}

/// Content whose first bytes have been read, so that they can be inspected before the scan.
pub struct Beginning<'r> {
    pieces: ChunkReader<'r>,
    error: Option<io::Error>,
    listing: Option<MatchLimits>,
}

impl<'r> Beginning<'r> {
    /// Reads the first bytes of `reader` into `scratch`: up to 256 KiB.
    pub fn read(reader: &'r mut dyn Read, scratch: Scratch) -> Self {
        let mut pieces = ChunkReader::new(reader, scratch.buffer);
        let error = pieces.fill().err();
        pieces.ended |= error.is_some();
        Self { pieces, error, listing: None }
    }

    /// Limits the number of matches that are kept.
    pub fn listing(self, listing: Option<MatchLimits>) -> Self {
        Self { listing, ..self }
    }

    /// Restores the value from the results of [`Self::into_parts`].
    pub fn again(scratch: Scratch, length: usize, reader: &'r mut dyn Read) -> Self {
        let mut pieces = ChunkReader::new(reader, scratch.buffer);
        pieces.length = length.min(pieces.buffer.len());
        Self { pieces, error: None, listing: None }
    }

    /// Returns the first bytes.
    pub fn head(&self) -> &[u8] {
        self.pieces.bytes()
    }

    /// Returns whether these are the whole content.
    pub fn is_whole(&self) -> bool {
        self.pieces.ended
    }

    /// Returns the memory with the first bytes, their number, and the error that ended the reading.
    pub fn into_parts(self) -> (Scratch, usize, Option<io::Error>) {
        (Scratch { buffer: self.pieces.buffer }, self.pieces.length, self.error)
    }
}

impl<'r> Beginning<'r> {
    /// Returns the memory with the first bytes, their number, and the reader of the rest.
    pub fn into_rest(self) -> (Scratch, usize, &'r mut dyn Read) {
        let (buffer, length, reader) = self.pieces.into_rest();
        (Scratch { buffer }, length, reader)
    }
}

impl Scratch {
    /// Returns the bytes of the buffer.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer
    }
}

/// Result of scanning a sequence of chunks.
pub(super) struct Part {
    pub(super) scan: Scan,
    /// Position at which the next part starts.
    pub(super) end: Place,
    pub(super) memory: Scratch,
}

impl Detector {
    /// Scans `reader` to its end. Matches before a read error are kept.
    pub fn scan_reader(&self, reader: &mut dyn Read, scratch: &mut Scratch) -> Scan {
        let (scan, memory) = self.scan_rest(Beginning::read(reader, std::mem::take(scratch)));
        *scratch = memory;
        scan
    }

    /// Scans the content to its end like [`Self::scan_reader`] and returns the memory.
    pub fn scan_rest(&self, beginning: Beginning<'_>) -> (Scan, Scratch) {
        let charset = Charset::sniff(beginning.head());
        let mut part = self.scan_pieces(beginning.pieces, charset, beginning.listing);
        part.scan.error = part.scan.error.or(beginning.error);
        (part.scan, part.memory)
    }

    /// Scans all chunks. Locations are relative to the first byte of the first chunk.
    pub(super) fn scan_pieces(
        &self,
        mut pieces: ChunkReader<'_>,
        charset: Charset,
        listing: Option<MatchLimits>,
    ) -> Part {
        let mut scan = Scan::default();
        let mut tally = MatchLimiter::new(listing);
        let budget = Budget::new(self.traced);
        let mut start = Place::new(charset);
        loop {
            if let Err(error) = pieces.fill() {
                scan.error = Some(error);
                pieces.ended = true;
            }
            pieces.note_cut(&budget);
            let mut found = Vec::new();
            let scope = Scope::of(&budget, pieces.offset);
            let Ok(lines) = self.scan(pieces.chunk(), &scope, &mut found) else {
                budget.trace.revise(0, |_| false);
                pieces.grow();
                continue;
            };
            self.scan_wide(&pieces, charset, &scope, &mut found);
            self.locate(&pieces, &self.resolve(found, &budget.trace), start, &mut tally);
            self.keep_steps(&pieces, &budget, start, &mut scan.traced);
            if pieces.is_last() {
                break;
            }
            budget.read(pieces.leaving().len() as u64);
            pieces.advance(lines, &mut start);
        }
        if tally.lost > 0 {
            budget.missed(&format!("{} more places that look like credentials are not listed", tally.lost));
        }
        scan.found = self.in_order(tally.into_found());
        scan.bytes = pieces.searched();
        if pieces.until < u64::MAX {
            // Only needed if another part follows.
            start.advance(pieces.behind());
        }
        let unseen = budget.into_unseen().into_iter();
        scan.unseen = unseen.map(|reason| Skipped::new("", reason)).collect();
        Part { scan, end: start, memory: Scratch { buffer: pieces.buffer } }
    }

    /// Searches decoded content from a stream. The offsets of its matches have no meaning for the caller.
    pub(crate) fn search_stream(
        &self,
        reader: &mut dyn Read,
        scope: &Scope<'_>,
        out: &mut Vec<RawMatch>,
    ) -> io::Result<()> {
        let mut pieces = ChunkReader::new(reader, scope.budget.buffer());
        let outcome = self.search_pieces(&mut pieces, scope, out);
        scope.budget.give_back(pieces.buffer);
        outcome
    }

    fn search_pieces(
        &self,
        pieces: &mut ChunkReader<'_>,
        scope: &Scope<'_>,
        out: &mut Vec<RawMatch>,
    ) -> io::Result<()> {
        loop {
            let outcome = pieces.fill();
            pieces.ended |= outcome.is_err();
            pieces.note_cut(scope.budget);
            let (mut found, mark) = (Vec::new(), scope.budget.trace.mark());
            if let Err(NeedMore) = self.scan(pieces.chunk(), scope, &mut found) {
                scope.budget.trace.revise(mark, |_| false);
                pieces.grow();
                continue;
            }
            out.extend(self.resolve(found, &scope.budget.trace));
            if pieces.ended {
                return outcome;
            }
            pieces.shift();
        }
    }

    /// Searches a UTF-16 or UTF-32 file again as text, for encodings within that text.
    fn scan_wide(
        &self,
        pieces: &ChunkReader<'_>,
        charset: Charset,
        scope: &Scope<'_>,
        out: &mut Vec<RawMatch>,
    ) {
        let (width, little) = charset.unit();
        if width == 1 {
            return;
        }
        let decoded = encoding::decode_wide_text(pieces.bytes(), width, little);
        let hits: Range<usize> = pieces.from / width..pieces.chunk().to.div_ceil(width);
        let hits = hits.start..hits.end.min(decoded.view.bytes().len());
        let inner = Scope { parent: Some(scope), depth: scope.depth + 1, ..*scope };
        self.search_decoded(&decoded, hits, &inner, out);
    }

    /// Computes the locations of the matches in one chunk. `start` is the position of the first byte of the chunk.
    fn locate(&self, pieces: &ChunkReader<'_>, found: &[RawMatch], start: Place, tally: &mut MatchLimiter) {
        let raw = pieces.bytes();
        let (mut at, mut before) = (start, 0);
        // The last match may start after the end of the searched range.
        let mut place = |to: usize| {
            let to = to.max(before);
            at.advance(&raw[before..to]);
            before = to;
            at
        };
        let mut places = Vec::with_capacity(found.len());
        for one in found {
            let begin = place(one.span.start);
            let mut end = begin;
            end.advance(&raw[one.span.clone()]);
            tally.note(one, begin.get().0);
            places.push((begin.get(), end.get()));
        }
        // The next chunk may continue the last line.
        let goes_on = tally.minds_comments() && !pieces.is_last() && !found.is_empty();
        let last = if goes_on { place(pieces.chunk().to).get().0 } else { u64::MAX };
        for (index, one) in found.iter().enumerate() {
            let ((start_line, start_column), (end_line, end_column)) = places[index];
            let (byte_start, byte_end) =
                (pieces.offset + one.span.start as u64, pieces.offset + one.span.end as u64);
            match tally.fate(one, start_line..=end_line, (byte_start, byte_end), end_line >= last) {
                Decision::Kept => {
                    let path = String::new();
                    let location = Location {
                        path,
                        start_line,
                        start_column,
                        end_line,
                        end_column,
                        byte_start,
                        byte_end,
                    };
                    let excerpt = excerpt(raw, found, index);
                    tally.found.push(Match { location, excerpt, ..Match::of(one) });
                }
                Decision::Counted(index) => tally.found[index].more += 1,
                Decision::Known => {}
                Decision::Lost => tally.lost += 1,
            }
        }
    }

    /// Sorts the matches of several chunks or parts by location. A match at a border is found on both sides, possibly
    /// with different results; the one is kept that would be kept within one chunk.
    pub(super) fn in_order(&self, mut found: Vec<Match>) -> Vec<Match> {
        /// Maximum number of matches that can overlap one.
        const NEAR: usize = 8;
        if found.is_sorted_by(|one, next| one.location.byte_end <= next.location.byte_start) {
            return found;
        }
        found.sort_by_key(|one| (one.location.byte_start, one.location.byte_end, one.rule));
        let mut out: Vec<Match> = Vec::with_capacity(found.len());
        for one in found {
            let near = out.len().saturating_sub(NEAR);
            match out[near..].iter_mut().rev().find(|known| is_same(known, &one)) {
                None => out.push(one),
                Some(known) if self.place_of(&one) < self.place_of(known) => {
                    let more = known.more;
                    *known = one;
                    known.more += more;
                }
                Some(known) => known.more += one.more,
            }
        }
        out
    }

    /// Returns the sort key of matches of one secret at one location: the best match comes first, by the same criteria
    /// as within a chunk.
    fn place_of(&self, one: &Match) -> (Reverse<u32>, usize, u64, Reverse<u64>) {
        let rank = self.rules.get(one.rule).map_or(0, |compiled| compiled.rule.rank);
        (Reverse(rank), one.encoding.len(), one.location.byte_start, Reverse(one.location.byte_end))
    }
}

/// Returns whether two matches are for the same secret at the same location.
fn is_same(one: &Match, other: &Match) -> bool {
    let (a, b) = (one.secret.expose(), other.secret.expose());
    let (at, place) = (&one.location, &other.location);
    let meet = at.byte_start < place.byte_end && place.byte_start < at.byte_end;
    meet && (a.contains(b) || b.contains(a))
}

#[cfg(test)]
mod tests {
    use super::super::chunk_reader::{CHUNK, MARGIN};
    use super::*;
    use crate::rules;

    struct Random(u32);

    impl Random {
        fn below(&mut self, end: u32) -> u32 {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((u64::from(self.0) * u64::from(end)) >> 32) as u32
        }

        /// Returns at least `length` bytes of characters of one to four bytes; one in `newline` of them is a newline.
        fn filler(&mut self, length: usize, newline: u32) -> String {
            let mut text = String::new();
            while text.len() < length {
                text.push(match self.below(newline) {
                    1 => '\n',
                    _ => ['a', ' ', 'é', '→', '😀', 'z', '.'][self.below(7) as usize],
                });
            }
            text
        }

        /// The separator is inserted at run time, so that the source does not contain a key.
        fn key(&mut self) -> String {
            let mut of = |set: &[u8], count: usize| -> String {
                (0..count).map(|_| char::from(set[self.below(set.len() as u32) as usize])).collect()
            };
            let secret = of(b"0123456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ", 22);
            format!("'KEY0198C0FFEE5A{}_{secret}'", of(b"0123456789ABCDEF", 20))
        }
    }

    /// Counts line and column of the byte at `at` one by one.
    fn naive(text: &str, at: usize) -> (u64, u64) {
        let before = &text[..at];
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() as u64 + 1, before[line..].chars().count() as u64 + 1)
    }

    #[test]
    fn locations_in_chunks_equal_locations_in_whole() {
        let detector = Detector::new(rules::builtin().unwrap(), false).unwrap();
        let mut random = Random(1);
        let border = |piece: usize| CHUNK - MARGIN + piece * (CHUNK - 2 * MARGIN);
        // Frequent, rare, and very rare newlines, and none (no number is below 1).
        for newline in [2, 40, 200_000, 1] {
            let mut text = String::new();
            let mut keys = Vec::new();
            let ends = [border(0), CHUNK, border(1) + 3, 2 * CHUNK, border(2), 1 << 20];
            let around = |end: usize| [end - MARGIN, end - 40, end + 10, end + MARGIN];
            let mut near: Vec<usize> = ends.into_iter().flat_map(around).collect();
            near.sort_unstable();
            for near in near {
                text += &random.filler(near.saturating_sub(text.len()).max(9), newline);
                keys.push(text.len() + 1);
                text += &random.key();
            }
            let scan = detector.scan_reader(&mut text.as_bytes(), &mut Scratch::default());
            let places = |one: &Match| one.location.byte_start as usize;
            assert_eq!(scan.found.iter().map(places).collect::<Vec<_>>(), keys);
            for Match { location: at, .. } in &scan.found {
                assert_eq!((at.start_line, at.start_column), naive(&text, at.byte_start as usize));
                assert_eq!((at.end_line, at.end_column), naive(&text, at.byte_end as usize));
            }
        }
    }

    #[test]
    fn matches_across_borders_are_reported_once_and_in_order() {
        let (mut random, detector) = (Random(5), Detector::new(rules::builtin().unwrap(), false).unwrap());
        let entities: String = random.key().bytes().map(|byte| format!("&#{byte};")).collect();
        let text = format!(" '{entities}' {}", random.key());
        let whole = detector.scan_reader(&mut text.as_bytes(), &mut Scratch::default());
        let place = |one: &Match| (one.location.byte_start, one.encoding.clone());
        let expected: Vec<_> = whole.found.iter().map(place).collect();
        assert_eq!(expected.len(), 2);
        for cut in (4..text.len() as u64).step_by(4) {
            let open = |part: Range<u64>| (part, Box::new(text.as_bytes()) as Box<dyn Read + Send + '_>);
            let parts = vec![open(0..cut), open(cut..text.len() as u64)];
            let scan = detector.scan_parts(text.as_bytes(), parts, (Scratch::default, drop), None);
            assert_eq!(scan.found.iter().map(place).collect::<Vec<_>>(), expected, "cut at {cut}");
        }
    }
}
