//! Parallel scan of large content: the same findings as in a sequential scan.

use std::io::Read;
use std::ops::Range;

use rayon::prelude::*;

use super::chunk_reader::{ChunkReader, MARGIN};
use super::line_counter::Charset;
use super::stream::Part;
use super::{Detector, MatchLimits, Scan, Scratch};

/// Size of a part in bytes; a multiple of four, so that it does not split characters of wide text.
const PART: u64 = 16 << 20;
/// Minimum number of matches that are kept per part.
const SHARE: usize = 500;

/// Returns the ranges of content of `size` bytes in which each part searches anchors. Small content has one part.
pub fn parts(size: u64) -> Vec<Range<u64>> {
    let count = size.div_ceil(PART).max(1);
    (0..count).map(|number| number * PART..((number + 1) * PART).min(size)).collect()
}

/// Returns the offset of the first byte that is read for a part.
pub fn first_byte(part: &Range<u64>) -> u64 {
    part.start.saturating_sub(MARGIN as u64)
}

impl Detector {
    /// Scans content in parts, with the same result as [`Self::scan_reader`] on the whole. `head` contains the first
    /// bytes of the content. Each reader starts at [`first_byte`] of its part and continues to the end of the content.
    /// Each thread gets its scratch memory from `memory` and returns it. `listing` limits the number of matches kept
    /// per part.
    pub fn scan_parts(
        &self,
        head: &[u8],
        parts: Vec<(Range<u64>, Box<dyn Read + Send + '_>)>,
        memory: (impl Fn() -> Scratch + Sync, impl Fn(Scratch) + Sync),
        listing: Option<MatchLimits>,
    ) -> Scan {
        let charset = Charset::sniff(head);
        // The limit of a part must not depend on the order in which the parts are searched.
        let share = |listing: MatchLimits| MatchLimits {
            all: (listing.all / parts.len().max(1)).max(SHARE),
            ..listing
        };
        let listing = listing.map(share);
        let search = |(range, mut reader): (Range<u64>, Box<dyn Read + Send + '_>)| {
            let pieces = ChunkReader::of_part(&mut *reader, memory.0(), range);
            let mut part = self.scan_pieces(pieces, charset, listing);
            memory.1(std::mem::take(&mut part.memory));
            part
        };
        let parts: Vec<Part> = parts.into_par_iter().map(search).collect();
        self.joined(parts)
    }

    /// Concatenates the matches of all parts.
    fn joined(&self, parts: Vec<Part>) -> Scan {
        let mut whole = Scan::default();
        let mut at = (1, 1);
        for Part { scan, end, .. } in parts {
            let moved = |(line, column): (u64, u64)| {
                if line == 1 { (at.0, at.1 + column - 1) } else { (at.0 + line - 1, column) }
            };
            for mut found in scan.found {
                let place = &mut found.location;
                (place.start_line, place.start_column) = moved((place.start_line, place.start_column));
                (place.end_line, place.end_column) = moved((place.end_line, place.end_column));
                whole.found.push(found);
            }
            whole.bytes = whole.bytes.max(scan.bytes);
            whole.unseen.extend(scan.unseen);
            whole.error = whole.error.or(scan.error);
            at = moved(end.get());
        }
        whole.found = self.in_order(whole.found);
        whole.unseen.dedup();
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn file_truncated_during_scan_is_searched_to_its_end() {
        let key = format!("'KEY{}_{}'", "0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG");
        let detector = Detector::new(rules::builtin().unwrap(), false).unwrap();
        // The second part starts after the end; opening the third fails.
        let open = |part: Range<u64>| {
            let bytes = key.as_bytes().get(first_byte(&part) as usize..).unwrap_or_default();
            (part, Box::new(bytes) as Box<dyn Read + Send + '_>)
        };
        let all: Vec<_> = parts(3 * PART).into_iter().map(open).collect();
        let scan = detector.scan_parts(key.as_bytes(), all, (Scratch::default, drop), None);
        assert_eq!((scan.found.len(), scan.error.is_none()), (1, true));
    }
}
