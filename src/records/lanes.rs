//! The texts of all streams of one content, in bounded memory.

use std::collections::HashMap;

use super::terminal::Terminal;
use super::text::Text;

/// Streams that are kept at a time.
const MOST_LANES: usize = 256;
/// Bytes of the text of a stream that are kept after it was searched.
const KEPT_BYTES: usize = 4 << 10;
/// Bytes of the text of a stream after which it is searched.
const DUE_BYTES: usize = 12 << 10;

/// The text of one stream, or its end.
#[derive(Debug, Default)]
pub struct Lane {
    /// The text.
    pub text: Text,
    /// Bytes of the text that were searched.
    pub searched: usize,
    /// Whether pieces may make a secret together that is in none of them alone.
    pub crossing: bool,
    /// Whether its pieces are whole lines.
    pub lines: bool,
    /// Whether the records say themselves that they are parts of one text.
    pub explicit: bool,
    /// Offset in the content from which on more text could make a secret; for the user of the lane.
    pub hold: Option<u64>,
    pub(super) terminal: Option<Terminal>,
    /// Number of the last record that added to it.
    last: u64,
}

impl Lane {
    /// Marks everything as searched and drops what is not needed any more.
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
    /// Streams with more text than is kept unsearched.
    due: Vec<u64>,
    /// Streams that make room for others, still to be searched.
    leaving: Vec<Lane>,
}

impl Lanes {
    /// Returns the stream with this hash, for the record of this number.
    pub(super) fn get(&mut self, stream: u64, record: u64) -> &mut Lane {
        if self.known.len() >= MOST_LANES && !self.known.contains_key(&stream) {
            self.make_room();
        }
        let lane = self.known.entry(stream).or_default();
        lane.last = record;
        lane
    }

    /// Returns whether there is any stream.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Notes that text was added to a stream.
    pub(super) fn added(&mut self, stream: u64) {
        let due = |lane: &Lane| lane.text.bytes().len() >= lane.searched + DUE_BYTES;
        if self.known.get(&stream).is_some_and(due) && !self.due.contains(&stream) {
            self.due.push(stream);
        }
    }

    /// Removes the half of the streams to which nothing was added for longest.
    fn make_room(&mut self) {
        let mut ages: Vec<u64> = self.known.values().map(|lane| lane.last).collect();
        ages.sort_unstable();
        let oldest = ages[ages.len() / 2];
        let leaving = self.known.extract_if(|_, lane| lane.last < oldest || ages[0] == oldest);
        self.leaving.extend(leaving.map(|(_, lane)| lane).filter(|lane| lane.crossing));
    }

    /// Calls `search` with each stream that has much unsearched text; with `all`, with every stream.
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
