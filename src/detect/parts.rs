//! Large content cut into parts for several threads: the same findings as if it were read from its beginning to its end.

use std::io::Read;
use std::ops::Range;

use rayon::prelude::*;

use super::lines::Charset;
use super::pieces::{MARGIN, Pieces};
use super::stream::Part;
use super::{Detector, Listing, Scan, Scratch};

/// Bytes of a part; a multiple of four, so that the units of wide text stay whole.
const PART: u64 = 16 << 20;
/// Matches that are kept of each part at least.
const SHARE: usize = 500;

/// The parts of content of `size` bytes: where anchors are looked for in each. One part if it is not worth more.
pub fn parts(size: u64) -> Vec<Range<u64>> {
    let count = size.div_ceil(PART).max(1);
    (0..count).map(|number| number * PART..((number + 1) * PART).min(size)).collect()
}

/// The first byte that is read for a part.
pub fn first_byte(part: &Range<u64>) -> u64 {
    part.start.saturating_sub(MARGIN as u64)
}

impl Detector {
    /// Searches content in parts, as [`Self::scan_reader`] does from its beginning to its end. `head` are its first
    /// bytes. Each reader begins at [`first_byte`] of its part and goes on to the end of the content; each thread
    /// takes memory with `memory` and gives it back. In each part no more matches are kept than `listing` says.
    pub fn scan_parts(
        &self,
        head: &[u8],
        parts: Vec<(Range<u64>, Box<dyn Read + Send + '_>)>,
        memory: (impl Fn() -> Scratch + Sync, impl Fn(Scratch) + Sync),
        listing: Option<Listing>,
    ) -> Scan {
        let charset = Charset::sniff(head);
        // Which part has room must not depend on which is searched first.
        let share =
            |listing: Listing| Listing { all: (listing.all / parts.len().max(1)).max(SHARE), ..listing };
        let listing = listing.map(share);
        let search = |(range, mut reader): (Range<u64>, Box<dyn Read + Send + '_>)| {
            let pieces = Pieces::of_part(&mut *reader, memory.0(), range);
            let mut part = self.scan_pieces(pieces, charset, listing);
            memory.1(std::mem::take(&mut part.memory));
            part
        };
        let parts: Vec<Part> = parts.into_par_iter().map(search).collect();
        self.joined(parts)
    }

    /// Puts the places of all parts one behind the other.
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
    fn a_file_that_becomes_shorter_meanwhile_is_searched_as_far_as_it_goes() {
        let key = format!("'KEY{}_{}'", "0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG");
        let detector = Detector::new(rules::builtin().unwrap(), false).unwrap();
        // The second part begins behind all there is, the third begins nowhere.
        let open = |part: Range<u64>| {
            let bytes = key.as_bytes().get(first_byte(&part) as usize..).unwrap_or_default();
            (part, Box::new(bytes) as Box<dyn Read + Send + '_>)
        };
        let all: Vec<_> = parts(3 * PART).into_iter().map(open).collect();
        let scan = detector.scan_parts(key.as_bytes(), all, (Scratch::default, drop), None);
        assert_eq!((scan.found.len(), scan.error.is_none()), (1, true));
    }
}
