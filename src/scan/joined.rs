//! Scan of the text that records of one stream make together: the content is scanned as raw bytes, its records are
//! joined, and the joined texts are scanned too. A match is reported at the offset in the content at which it starts.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, SeekFrom};
use std::ops::Range;

use super::scanner::{Scanner, give_back, memory};
use super::{MAX_MATCHES, MAX_OCCURRENCES};
use crate::detect::{Beginning, Match, Scan};
use crate::finding::{Encoding, SecretKey, Severity, Skipped};
use crate::input::{Content, ReadSeek};
use crate::records::{
    Joiner, Lane, RunReader, Text, has_record_lines, is_edited_at_start, may_have_key_parts,
    may_have_records, may_have_run_parts, sniff_inside, sniff_runs, was_edited,
};

/// Number of offsets of a large content at which records are searched.
const SAMPLES: u64 = 3;
/// Number of bytes that are read at each of these offsets.
const SAMPLE_BYTES: usize = 4 << 10;
/// Bytes that are read at a time to join records after a scan.
const READ_BYTES: usize = 256 << 10;
/// Number of preceding matches that can overlap with a match.
const NEAR: usize = 64;

/// A match in a joined text.
struct Joined {
    found: Match,
    /// Whether the match consists of several separate ranges of the content.
    crossing: bool,
    /// Whether the records mark themselves as parts of one text.
    explicit: bool,
    /// Whether the text is the one that the reader of a document sees.
    shown: bool,
}

/// The reader that joins several ranges of a content into one text.
enum Source {
    Records(Box<Joiner>),
    Runs(Box<RunReader>),
}

/// Whether a content may have texts whose parts are separate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joining {
    /// It has none.
    Never,
    /// It has records. They are joined if the content [`may_have_key_parts`].
    KeyParts,
    /// It has runs, or lines that were edited in a terminal.
    Always,
}

impl Joining {
    /// Decides for a content that starts with `head`. `all` is the whole content, if it is in memory.
    pub(super) fn of(head: &[u8], all: Option<&[u8]>) -> Self {
        if sniff_runs(head).is_some() || was_edited(head) {
            return Self::Always;
        }
        let found = if has_record_lines(head) { Self::of_records(head) } else { Self::Never };
        match found {
            Self::KeyParts if all.is_some_and(|all| !may_have_key_parts(all)) => Self::Never,
            Self::Never if is_json_or_markup(head) => Self::of_inside(head, all),
            found => found,
        }
    }

    /// Decides for a content that may have runs inside its strings.
    fn of_inside(head: &[u8], all: Option<&[u8]>) -> Self {
        let may = all.is_none_or(may_have_run_parts) && sniff_inside(head).next().is_some();
        if may { Self::KeyParts } else { Self::Never }
    }

    /// Decides for a content of `size` bytes that is longer than `head`. Records of a stream are always joined, because it
    /// cannot be read again.
    pub(super) fn of_long(head: &[u8], size: Option<u64>, content: &mut dyn Content) -> Self {
        let found = Self::of(head, None);
        let Some(mut whole) = content.random() else {
            return if found == Self::KeyParts { Self::Always } else { found };
        };
        let later = found == Self::Never && has_records_later(&mut whole, size);
        if later { Self::of_records(head) } else { found }
    }

    fn of_records(head: &[u8]) -> Self {
        if is_edited_at_start(head) { Self::Always } else { Self::KeyParts }
    }
}

/// Returns whether a content that starts with `head` may be JSON or markup.
fn is_json_or_markup(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'[' | b'<'))
}

/// Returns whether a content of `size` bytes has records after its start. Reads only a few samples.
fn has_records_later(whole: &mut dyn ReadSeek, size: Option<u64>) -> bool {
    let Some(size) = size.or_else(|| whole.seek(SeekFrom::End(0)).ok()) else { return false };
    let mut buffer = vec![0; SAMPLE_BYTES];
    (1..=SAMPLES).any(|number| {
        let at = size.saturating_sub(SAMPLE_BYTES as u64) / SAMPLES * number;
        if whole.seek(SeekFrom::Start(at)).is_err() {
            return false;
        }
        // An error here occurs again when the content is scanned.
        let length = whole.read(&mut buffer).unwrap_or(0);
        let start = memchr::memchr(b'\n', &buffer[..length]).map_or(length, |newline| newline + 1);
        may_have_records(&buffer[start..length])
    })
}

/// Joins the records of one content and scans the joined texts.
pub(super) struct JoinedScan<'i> {
    inspector: &'i Scanner<'i>,
    sources: Vec<Source>,
    found: Vec<Joined>,
    /// Number of matches of each secret.
    counts: HashMap<SecretKey, usize>,
    dropped: u64,
}

impl<'i> JoinedScan<'i> {
    /// Starts with `head`, the first bytes of the content.
    pub(super) fn new(inspector: &'i Scanner<'i>, head: &[u8]) -> Self {
        let runs = |format| Source::Runs(Box::new(RunReader::new(format)));
        let sources = match sniff_runs(head) {
            Some(format) => vec![runs(format)],
            None => {
                let mut sources: Vec<Source> = sniff_inside(head).map(runs).collect();
                let may_continue = head.len() >= READ_BYTES;
                if sources.is_empty() || may_continue || may_have_records(head) {
                    let mut joiner = Joiner::default();
                    joiner.learn(head);
                    sources.push(Source::Records(Box::new(joiner)));
                }
                sources
            }
        };
        let mut scan = Self { inspector, sources, found: Vec::new(), counts: HashMap::new(), dropped: 0 };
        scan.push(head);
        scan
    }

    fn push(&mut self, bytes: &[u8]) {
        for source in &mut self.sources {
            match source {
                Source::Records(joiner) => joiner.push(bytes),
                Source::Runs(reader) => reader.push(bytes),
            }
        }
        self.search(false);
    }

    fn search(&mut self, all: bool) {
        let Self { inspector, sources, found, counts, dropped } = self;
        let mut search = |lane: &mut Lane, shown: bool| {
            for one in inspector.search_lane(lane) {
                let count = counts.entry(one.found.secret_key()).or_default();
                *count += 1;
                if *count <= MAX_OCCURRENCES + 1 && found.len() < MAX_MATCHES {
                    found.push(Joined { shown, ..one });
                } else {
                    *dropped += 1;
                }
            }
            lane.trim();
        };
        for source in sources {
            match source {
                Source::Records(joiner) => joiner.each_lane(all, |lane| search(lane, false)),
                Source::Runs(reader) => reader.each_lane(all, |lane| search(lane, true)),
            }
        }
    }

    /// Scans the remaining text and adds all matches to those in the raw bytes.
    pub(super) fn finish(mut self, scan: &mut Scan) {
        for source in &mut self.sources {
            if let Source::Records(joiner) = source {
                joiner.finish();
            }
        }
        self.search(true);
        if self.dropped > 0 {
            let reason = format!("{} more places in joined records are not listed", self.dropped);
            scan.unseen.push(Skipped::new("", reason));
        }
        unite(&mut scan.found, self.found);
    }
}

impl Scanner<'_> {
    /// Scans the raw bytes of an input, and the joined texts of its records.
    pub(super) fn scan_records(&self, beginning: Beginning<'_>) -> Scan {
        let joined = JoinedScan::new(self, beginning.head());
        if beginning.is_whole() {
            let (mut scan, memory) = self.detector().scan_rest(beginning);
            give_back(memory);
            joined.finish(&mut scan);
            return scan;
        }
        let (memory, length, inner) = beginning.into_rest();
        let mut tee = Tee { inner, joined };
        let again = Beginning::again(memory, length, &mut tee).listing(self.listing);
        let (mut scan, memory) = self.detector().scan_rest(again);
        give_back(memory);
        tee.joined.finish(&mut scan);
        scan
    }

    /// Adds what the records of an input make together to `scan`, the result of scanning the input as it is. A read error
    /// ends the joining; the scan has met it, too.
    pub(super) fn add_joined(&self, scan: &mut Scan, whole: &mut dyn Read) {
        let mut buffer = vec![0; READ_BYTES];
        let mut joined: Option<JoinedScan<'_>> = None;
        while let Ok(count @ 1..) = whole.read(&mut buffer) {
            match &mut joined {
                Some(joined) => joined.push(&buffer[..count]),
                None => joined = Some(JoinedScan::new(self, &buffer[..count])),
            }
        }
        if let Some(joined) = joined {
            joined.finish(scan);
        }
    }

    /// Returns the matches in the joined text of a stream.
    fn search_lane(&self, lane: &Lane) -> Vec<Joined> {
        if !lane.crossing {
            return Vec::new();
        }
        let text = &lane.text;
        let mut bytes = text.bytes();
        let (scan, memory) = self.detector().scan_rest(Beginning::read(&mut bytes, memory()));
        give_back(memory);
        let joined = |found: Match| {
            let is_new = found.location.byte_end > lane.searched as u64;
            let counts = Some(found.rule) != self.word && found.severity > Severity::Note;
            if !is_new || !counts {
                return None;
            }
            let span = span(text, &found);
            let crossing = text.runs(span.clone()).len() > 1;
            (crossing || lane.lines).then(|| Joined {
                found: located(text, span, crossing, found),
                crossing,
                explicit: lane.explicit,
                shown: false,
            })
        };
        scan.found.into_iter().filter_map(joined).collect()
    }
}

/// Returns the range of a joined text that contains a match.
fn span(text: &Text, found: &Match) -> Range<usize> {
    let last = text.bytes().len().saturating_sub(1);
    let start = (found.location.byte_start as usize).min(last);
    start..(found.location.byte_end as usize).min(last + 1).max(start + 1)
}

/// Returns a match in `span` of `text` with its location in the content.
fn located(text: &Text, span: Range<usize>, crossing: bool, mut found: Match) -> Match {
    let (from, to) = (text.place(span.start, false), text.place(span.end - 1, true));
    found.location.byte_start = from.offset;
    found.location.byte_end = to.offset.max(from.offset);
    (found.location.start_line, found.location.start_column) = (from.line, from.column);
    (found.location.end_line, found.location.end_column) = (to.line, to.column);
    if crossing {
        found.encoding.insert(0, Encoding::Joined);
    }
    found
}

/// Adds matches in joined texts to those in the raw bytes. A match that is in both is listed once. A match in the raw
/// bytes is removed if it is only a part of a joined match, if it crosses the frames of records, or if a joined match of
/// its rule starts at its start in what the reader of a document sees.
fn unite(plain: &mut Vec<Match>, joined: Vec<Joined>) {
    if joined.is_empty() {
        return;
    }
    let mut removed = vec![false; plain.len()];
    let mut secrets: HashSet<SecretKey> = HashSet::new();
    secrets.extend(plain.iter().map(|one| one.secret_key()));
    let mut kept: Vec<Match> = Vec::new();
    for Joined { found, crossing, explicit, shown } in joined {
        let near = overlapping(plain, &found);
        let same = |plain: &Match| {
            shown && plain.rule == found.rule && plain.location.byte_start == found.location.byte_start
        };
        if !crossing {
            for index in near {
                removed[index] |= same(&plain[index]) && plain[index].secret_key() != found.secret_key();
            }
            if secrets.insert(found.secret_key()) {
                kept.push(found);
            }
            continue;
        }
        if near.iter().any(|&index| is_known(&plain[index], &found, explicit)) {
            continue;
        }
        for index in near {
            let part = found.secret.expose().contains(plain[index].secret.expose());
            let place = &plain[index].location;
            removed[index] |= part || place.start_line != place.end_line || same(&plain[index]);
        }
        keep(&mut kept, found);
    }
    let mut index = 0;
    plain.retain(|_| {
        index += 1;
        !removed[index - 1]
    });
    plain.append(&mut kept);
    plain.sort_by_key(|one| (one.location.byte_start, one.location.byte_end, one.rule));
}

/// Returns the indices of the matches in the raw bytes that overlap with a joined match.
fn overlapping(plain: &[Match], found: &Match) -> Vec<usize> {
    let end = plain.partition_point(|other| other.location.byte_start < found.location.byte_end);
    let meets = |index: &usize| plain[*index].location.byte_end > found.location.byte_start;
    (end.saturating_sub(NEAR)..end).filter(meets).collect()
}

/// Returns whether a match in the raw bytes is already the complete secret. If the records do not mark themselves as
/// parts of one text, a secret that ends with its record is not continued in the next record.
fn is_known(plain: &Match, found: &Match, explicit: bool) -> bool {
    let (secret, other) = (found.secret.expose(), plain.secret.expose());
    let ends = plain.rule == found.rule && secret.starts_with(other) && !explicit;
    other.contains(secret) || ends
}

/// Adds a joined match, or replaces a shorter one at the same offset.
fn keep(kept: &mut Vec<Match>, found: Match) {
    let again = |other: &&mut Match| {
        other.rule == found.rule && other.location.byte_start == found.location.byte_start
    };
    match kept.iter_mut().rev().take(NEAR).find(again) {
        Some(known) if known.secret.expose().len() < found.secret.expose().len() => *known = found,
        Some(_) => {}
        None => kept.push(found),
    }
}

/// A reader that also passes the bytes it reads to a scan of joined records.
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
