//! The texts of all streams of one content, in bounded memory.

use std::collections::HashMap;

use super::terminal::Terminal;
use super::text::Text;

/// Maximum number of streams that are kept at a time.
const MOST_LANES: usize = 256;
/// Number of bytes of the text of a stream that are kept after a search.
const KEPT_BYTES: usize = 4 << 10;
/// Number of new bytes of the text of a stream after which it is searched.
const DUE_BYTES: usize = 12 << 10;

/// The text of one stream, or its last part.
#[derive(Debug, Default)]
pub struct Lane {
    /// The text.
    pub text: Text,
    /// Number of bytes of the text that were searched.
    pub searched: usize,
    /// Whether several pieces may form a secret that is not in any single piece.
    pub crossing: bool,
    /// Whether its pieces are complete lines.
    pub lines: bool,
    /// Whether the records mark themselves as parts of one text.
    pub explicit: bool,
    /// Offset in the content from which more text could form a secret; reserved for the user of the lane.
    pub hold: Option<u64>,
    pub(super) terminal: Option<Terminal>,
    /// Number of the last record that added text.
    last: u64,
}

impl Lane {
    /// Marks all text as searched and drops text that is no longer needed.
    pub fn trim(&mut self) {
        self.crossing = false;
        let drop = self.text.bytes().len().saturating_sub(KEPT_BYTES);
        if drop > 0 {
            self.text.drain(drop);
        }
        self.searched = self.text.bytes().len();
    }
}

/// The streams of one content.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    known: HashMap<u64, Lane>,
    /// Streams with enough unsearched text for a search.
    due: Vec<u64>,
    /// Evicted streams that are still to be searched.
    leaving: Vec<Lane>,
}

impl Lanes {
    /// Returns the stream with this hash and records `record` as its last record.
    pub(super) fn get(&mut self, stream: u64, record: u64) -> &mut Lane {
        if self.known.len() >= MOST_LANES && !self.known.contains_key(&stream) {
            self.make_room();
        }
        let lane = self.known.entry(stream).or_default();
        lane.last = record;
        lane
    }

    /// Updates the list of streams to search after text was added to `stream`.
    pub(super) fn added(&mut self, stream: u64) {
        let due = |lane: &Lane| lane.text.bytes().len() >= lane.searched + DUE_BYTES;
        if self.known.get(&stream).is_some_and(due) && !self.due.contains(&stream) {
            self.due.push(stream);
        }
    }

    /// Evicts the least recently used half of the streams.
    fn make_room(&mut self) {
        let mut ages: Vec<u64> = self.known.values().map(|lane| lane.last).collect();
        ages.sort_unstable();
        let oldest = ages[ages.len() / 2];
        let leaving = self.known.extract_if(|_, lane| lane.last < oldest || ages[0] == oldest);
        self.leaving.extend(leaving.map(|(_, lane)| lane).filter(|lane| lane.crossing));
    }

    /// Calls `search` with each stream that has enough unsearched text; with `all`, with every stream.
    pub(super) fn each(&mut self, all: bool, mut search: impl FnMut(&mut Lane)) {
        for mut lane in self.leaving.drain(..) {
            search(&mut lane);
        }
        if all {
            self.due.clear();
            return self.known.values_mut().for_each(search);
        }
        for stream in self.due.drain(..) {
            self.known.get_mut(&stream).map(&mut search);
        }
    }
}
