//! The search of what records of one stream make together: while content is searched as it is, its records are joined, and
//! the joined texts are searched as well. A match is reported at the place in the content at which it starts.

use std::collections::HashMap;
use std::io::{self, Read};

use super::scanner::{Scanner, give_back, memory};
use super::{MAX_MATCHES, MAX_OCCURRENCES};
use crate::detect::{Beginning, Match, Scan};
use crate::finding::{Encoding, Severity};
use crate::records::{Joiner, Lane, RunReader, Text, may_have_records, sniff_runs};

/// Matches before a place that can overlap with it.
const NEAR: usize = 64;

/// A match in a joined text.
struct Joined {
    found: Match,
    /// Whether it is put together from several places.
    crossing: bool,
    /// Whether the records themselves say that they are parts of one text.
    explicit: bool,
}

/// What makes one text of several places of some content.
enum Source {
    Records(Box<Joiner>),
    Runs(Box<RunReader>),
}

/// Returns whether the parts of a text may be apart in content that starts with `head`.
pub(super) fn may_be_joined(head: &[u8]) -> bool {
    may_have_records(head) || sniff_runs(head).is_some()
}

/// Joins the records of one content and searches the texts.
pub(super) struct JoinedScan<'i> {
    inspector: &'i Scanner<'i>,
    source: Source,
    found: Vec<Joined>,
    /// How often each secret was found.
    counts: HashMap<(usize, String), usize>,
    dropped: u64,
}

impl<'i> JoinedScan<'i> {
    /// Starts with `head`, the first bytes of the content.
    pub(super) fn new(inspector: &'i Scanner<'i>, head: &[u8]) -> Self {
        let source = match sniff_runs(head) {
            Some(format) => Source::Runs(Box::new(RunReader::new(format))),
            None => {
                let mut joiner = Joiner::default();
                joiner.learn(head);
                Source::Records(Box::new(joiner))
            }
        };
        let mut scan = Self { inspector, source, found: Vec::new(), counts: HashMap::new(), dropped: 0 };
        scan.push(head);
        scan
    }

    fn push(&mut self, bytes: &[u8]) {
        match &mut self.source {
            Source::Records(joiner) => joiner.push(bytes),
            Source::Runs(reader) => reader.push(bytes),
        }
        self.search(false);
    }

    fn search(&mut self, all: bool) {
        let Self { inspector, source, found, counts, dropped } = self;
        let search = |lane: &mut Lane| {
            for one in inspector.search_lane(lane) {
                let count = counts.entry((one.found.rule, one.found.secret.sha256())).or_default();
                *count += 1;
                if *count <= MAX_OCCURRENCES + 1 && found.len() < MAX_MATCHES {
                    found.push(one);
                } else {
                    *dropped += 1;
                }
            }
            lane.trim();
        };
        match source {
            Source::Records(joiner) => joiner.each_lane(all, search),
            Source::Runs(reader) => reader.each_lane(all, search),
        }
    }

    /// Searches what is left and adds all matches to those in the content as it is.
    pub(super) fn finish(mut self, scan: &mut Scan) {
        if let Source::Records(joiner) = &mut self.source {
            joiner.finish();
        }
        self.search(true);
        if self.dropped > 0 {
            let reason = format!("{} more places in joined records are not listed", self.dropped);
            scan.unseen.push(crate::finding::Skipped::new("", reason));
        }
        unite(&mut scan.found, self.found);
    }
}

impl Scanner<'_> {
    /// Returns the matches in the joined text of a stream.
    fn search_lane(&self, lane: &Lane) -> Vec<Joined> {
        if !lane.crossing {
            return Vec::new();
        }
        let text = &lane.text;
        let matches = self.search_joined(text).into_iter().filter(|(_, end, _)| *end > lane.searched);
        let joined = matches.map(|(crossing, _, found)| Joined { found, crossing, explicit: lane.explicit });
        joined.filter(|one| one.crossing || lane.lines).collect()
    }

    /// Searches joined text. Returns for each match whether it is put together, its end in the text, and the match with its
    /// place in the content.
    pub(super) fn search_joined(&self, text: &Text) -> Vec<(bool, usize, Match)> {
        let mut bytes = text.bytes();
        let (scan, memory) = self.detector().scan_rest(Beginning::read(&mut bytes, memory()));
        give_back(memory);
        let counts = |one: &Match| Some(one.rule) != self.word && one.severity > Severity::Note;
        scan.found.into_iter().filter(counts).map(|found| located(text, found)).collect()
    }
}

/// Returns a match in `text` at its place in the content.
fn located(text: &Text, mut found: Match) -> (bool, usize, Match) {
    let last = text.bytes().len().saturating_sub(1);
    let start = (found.location.byte_start as usize).min(last);
    let end = (found.location.byte_end as usize).min(last + 1).max(start + 1);
    let crossing = text.runs(start..end).len() > 1;
    let (from, to) = (text.place(start, false), text.place(end - 1, true));
    found.location.byte_start = from.offset;
    found.location.byte_end = to.offset.max(from.offset);
    (found.location.start_line, found.location.start_column) = (from.line, from.column);
    (found.location.end_line, found.location.end_column) = (to.line, to.column);
    if crossing {
        found.encoding.insert(0, Encoding::Joined);
    }
    (crossing, end, found)
}

/// Adds matches in joined texts to those in the content as it is. What is found in both is not doubled; a match in the
/// content that is only a part of a joined one, or that was put together over the frames of records, is removed.
fn unite(plain: &mut Vec<Match>, joined: Vec<Joined>) {
    if joined.is_empty() {
        return;
    }
    let mut removed = vec![false; plain.len()];
    let mut kept: Vec<Match> = Vec::new();
    for one in joined {
        let found = &one.found;
        let secret = found.secret.expose();
        if !one.crossing {
            let same = |other: &Match| other.rule == found.rule && other.secret.expose() == secret;
            if !plain.iter().chain(&kept).any(same) {
                kept.push(one.found);
            }
            continue;
        }
        let end = plain.partition_point(|other| other.location.byte_start < found.location.byte_end);
        let near = end.saturating_sub(NEAR)..end;
        let meets = |index: &usize| plain[*index].location.byte_end > found.location.byte_start;
        let near: Vec<usize> = near.filter(meets).collect();
        let is_known = near.iter().any(|&index| {
            let other = plain[index].secret.expose();
            let goes_on = plain[index].rule == found.rule && secret.starts_with(other) && !one.explicit;
            other.contains(secret) || goes_on
        });
        let again = |other: &&mut Match| {
            other.rule == found.rule && other.location.byte_start == found.location.byte_start
        };
        if is_known {
            continue;
        }
        for index in near {
            let other = &plain[index];
            removed[index] |= secret.contains(other.secret.expose())
                || other.location.start_line != other.location.end_line;
        }
        match kept.iter_mut().rev().take(NEAR).find(again) {
            Some(known) if known.secret.expose().len() < secret.len() => *known = one.found,
            Some(_) => {}
            None => kept.push(one.found),
        }
    }
    let mut index = 0;
    plain.retain(|_| {
        index += 1;
        !removed[index - 1]
    });
    plain.append(&mut kept);
    plain.sort_by_key(|one| (one.location.byte_start, one.location.byte_end, one.rule));
}

/// A reader that hands what it reads to a search of joined records, too.
pub(super) struct Tee<'t, 'i> {
    pub(super) inner: &'t mut dyn Read,
    pub(super) joined: JoinedScan<'i>,
}

impl Read for Tee<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.joined.push(&buffer[..count]);
        Ok(count)
    }
}
