//! Scans one input and everything inside it: plain input goes to the detector, containers are expanded and their
//! members are scanned in turn.
//!
//! Connects `unpack` and `documents` to `detect`, and keeps the path inside the input. Does not make findings.

use std::cell::RefCell;
use std::io::{self, Cursor, Read, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;

use super::container::ContainerScan;
use super::inline::{InlinePolicy, UnusedComment};
use super::joined::Joining;
use super::long::LongInput;
use super::sampled::Samples;
use super::{MAX_MATCHES, MAX_OCCURRENCES};
use crate::detect::{Beginning, Detector, Match, MatchLimits, Scan, Scratch};
use crate::documents::{self, Document};
use crate::fault_injection;
use crate::finding::Skipped;
use crate::input::{Content, ReadSeek};
use crate::rules::{Rule, RuleSet};
use crate::unpack::{self, Budget, Kind, Limits};

/// Bytes at the start of an input from which its format is detected.
pub(super) const SNIFF_BYTES: u64 = 256 << 10;
/// Files of at least this many bytes are scanned by several threads.
pub(super) const PARALLEL_FILE_BYTES: u64 = 48 << 20;

thread_local! {
    /// Scratch buffers of this thread: one per input that is open, innermost last.
    static SCRATCH: RefCell<Vec<Scratch>> = const { RefCell::new(Vec::new()) };
}

/// Scans inputs with a detector and expands containers, within limits. Shared by all threads.
pub struct Scanner<'a> {
    detector: &'a Detector,
    limits: Limits,
    /// Total number of bytes that containers expanded to so far.
    pub(super) expanded: AtomicU64,
    /// How suppression comments are treated.
    pub(super) inline: InlinePolicy,
    /// Index of the rule that matches suppression comments, if they are searched for.
    pub(super) word: Option<usize>,
    /// Rule ids that a suppression comment may name.
    pub(super) known: Vec<String>,
    /// Rules that report suppression comments themselves.
    pub(super) own: Vec<Rule>,
    /// Whether a report for a code scanning service is written.
    pub(super) scanning: bool,
    /// How many matches of one input are kept; `None` keeps all, for callers that filter matches later.
    pub(super) listing: Option<MatchLimits>,
}

impl<'a> Scanner<'a> {
    /// Creates an inspector that scans with `detector`.
    pub fn new(detector: &'a Detector, limits: Limits) -> Self {
        Self {
            detector,
            limits,
            expanded: AtomicU64::new(0),
            inline: InlinePolicy::default(),
            word: None,
            known: Vec::new(),
            own: Vec::new(),
            scanning: false,
            listing: None,
        }
    }

    /// Keeps at most as many locations of a secret per input as a report lists, and counts the others; also bounds the
    /// total number of matches, and with it memory. Only for scans in which every match is reported. Must be called
    /// after [`Self::with_comments`].
    pub fn listing(mut self) -> Self {
        self.listing =
            Some(MatchLimits { places: MAX_OCCURRENCES + 1, all: MAX_MATCHES, comment: self.word });
        self
    }

    /// Enables suppression comments. `set` must be the rule set that the detector was built from, including
    /// `set.ignore`.
    pub fn with_comments(mut self, inline: InlinePolicy, set: &RuleSet) -> Self {
        let id = set.ignore.as_ref().map(|rule| rule.id.as_str());
        self.word = self.detector.rules().position(|rule| Some(rule.id.as_str()) == id);
        self.inline = inline;
        self.known = set.known.clone();
        self.own = set.own.clone();
        self
    }

    /// Returns the detector.
    pub fn detector(&self) -> &'a Detector {
        self.detector
    }

    /// Returns the limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Scans one input and everything inside it. `name` returns its file name, or an empty string if that is unknown;
    /// it is called only if the format cannot be detected from the bytes alone, or if there are matches.
    pub(crate) fn scan(&self, name: &dyn Fn() -> String, content: &mut dyn Content) -> Scan {
        self.scan_sized(name, None, content).0
    }

    /// As [`Self::scan`], for an input of a known size in bytes; a large one is scanned by all threads. Also returns
    /// the suppression comments without effect.
    ///
    /// A panic affects this input only, which is reported as skipped. The panic message may contain input and is not
    /// repeated.
    pub(crate) fn scan_sized(
        &self,
        name: &dyn Fn() -> String,
        size: Option<u64>,
        content: &mut dyn Content,
    ) -> (Scan, Vec<UnusedComment>) {
        let work = AssertUnwindSafe(|| self.scan_unguarded(name, size, content));
        catch_unwind(work).unwrap_or_else(|_| (panicked(), Vec::new()))
    }

    fn scan_unguarded(
        &self,
        name: &dyn Fn() -> String,
        size: Option<u64>,
        content: &mut dyn Content,
    ) -> (Scan, Vec<UnusedComment>) {
        let mut beginning = Beginning::read(&mut *content, memory());
        let mut unread = None;
        let plan = if let Some(kind) = ContentKind::of(beginning.head(), name) {
            ScanPlan::Inside(kind)
        } else if beginning.is_whole() {
            ScanPlan::of_whole(beginning.head())
        } else {
            let (memory, length, _) = beginning.into_parts();
            let plan;
            (plan, unread) = ScanPlan::of_long(&memory.bytes()[..length], size, content);
            beginning = Beginning::again(memory, length, content);
            plan
        };
        let mut scan = match plan {
            ScanPlan::Inside(kind) => {
                let is_whole = beginning.is_whole();
                let (memory, length, error) = beginning.into_parts();
                let head = &memory.bytes()[..length];
                let mut scan = if is_whole {
                    // Not read again from the file, however often its reader starts anew.
                    let mut again = Cursor::new(head);
                    again.set_position(length as u64);
                    self.scan_inside(kind, head, &mut again)
                } else {
                    self.scan_inside(kind, head, content)
                };
                scan.error = scan.error.or(error);
                give_back(memory);
                scan
            }
            ScanPlan::Records => {
                fault_injection::work(beginning.head());
                self.scan_records(beginning.listing(self.listing))
            }
            ScanPlan::Whole => self.scan_as_is(beginning.listing(self.listing)),
            ScanPlan::Long { binary, key_parts } => {
                let (memory, length, _) = beginning.into_parts();
                let head = &memory.bytes()[..length];
                let samples = Samples::new(head, binary).with_key_parts(key_parts, head);
                let parallel =
                    size.filter(|size| *size >= PARALLEL_FILE_BYTES && rayon::current_num_threads() > 1);
                self.scan_long(memory, length, parallel, LongInput { content, samples: &samples })
            }
        };
        scan.error = scan.error.or(unread);
        let idle = self.settle(&mut scan.found);
        if !scan.found.is_empty() {
            self.add_locations(&name(), &mut scan.found, content);
            self.add_code_scanning(&name(), &mut scan.found, content);
        }
        (scan, idle)
    }

    /// Scans the rest of an input whose beginning has been read.
    pub(super) fn scan_rest(&self, beginning: Beginning<'_>) -> Scan {
        self.scan_all(beginning.listing(self.listing))
    }

    fn scan_all(&self, beginning: Beginning<'_>) -> Scan {
        let head = beginning.head();
        if Joining::of(head, beginning.is_whole().then_some(head)) == Joining::Never {
            return self.scan_as_is(beginning);
        }
        fault_injection::work(head);
        self.scan_records(beginning)
    }

    /// Scans an input of which no text is in pieces.
    pub(super) fn scan_as_is(&self, beginning: Beginning<'_>) -> Scan {
        fault_injection::work(beginning.head());
        let (scan, memory) = self.detector.scan_rest(beginning);
        give_back(memory);
        scan
    }

    /// Scans a container or a document whose first bytes are `head`.
    fn scan_inside(&self, inside: ContentKind, head: &[u8], content: &mut dyn Content) -> Scan {
        let budget = Budget::new(&self.limits, &self.expanded);
        let mut look = ContainerScan::new(self, &budget);
        let mut input = budget.input(content, head.len() as u64);
        look.inside(inside, head, &mut input);
        look.finish()
    }

    /// Scans a blob, or any other input in memory that may be a container.
    pub(crate) fn scan_bytes(&self, name: &str, content: &[u8]) -> Scan {
        self.scan(&|| name.to_owned(), &mut Cursor::new(content))
    }

    /// Returns whether an object may contain a secret in `ranges` (byte offsets). With `blob`, the object may be a
    /// container, in which a change of a few bytes can change every member.
    pub(crate) fn may_match(&self, blob: bool, content: &[u8], ranges: &[Range<usize>]) -> bool {
        if self.detector.may_match(content, ranges) {
            return true;
        }
        let inside = Some(head_of(content)).filter(|_| blob && !ranges.is_empty());
        let found = |head| ContentKind::of(head, &String::new).or_else(|| ContentKind::of_binary(content));
        inside.is_some_and(|head| found(head).is_some() || Joining::of(head, Some(content)) != Joining::Never)
    }

    /// Returns whether an input may contain a secret, in its own bytes or inside a container.
    pub(crate) fn may_hold(&self, content: &[u8]) -> bool {
        let all = 0..content.len();
        // A defect that panics here will panic again, and is reported, when the input is scanned.
        let asked = AssertUnwindSafe(|| self.may_match(true, content, std::slice::from_ref(&all)));
        catch_unwind(asked).unwrap_or(true)
    }

    /// Scans a message or another text that is not a container. A panic is reported as in [`Self::scan_sized`].
    pub(crate) fn scan_text(&self, text: &[u8]) -> Scan {
        catch_unwind(AssertUnwindSafe(|| self.scan_plain(text))).unwrap_or_else(|_| panicked())
    }

    /// Returns the matches in a name. A panic ends the run, because a name is not an input that could be reported as
    /// skipped.
    pub(crate) fn scan_name(&self, name: &[u8]) -> Vec<Match> {
        self.scan_plain(name).found
    }

    fn scan_plain(&self, text: &[u8]) -> Scan {
        let mut scan = self.scan_all(Beginning::read(&mut &text[..], memory()));
        // Suppression comments have no effect in names and messages.
        scan.found.retain(|one| Some(one.rule) != self.word);
        scan
    }
}

/// Returns the scan result of an input on which the scan panicked.
fn panicked() -> Scan {
    let reason = "internal error while scanning this input; please report it";
    Scan { unseen: vec![Skipped::new("", reason)], ..Scan::default() }
}

/// Returns the first bytes of `content`, by which its format is recognised.
fn head_of(content: &[u8]) -> &[u8] {
    &content[..content.len().min(SNIFF_BYTES as usize)]
}

/// Returns the last bytes of `content`, in which the end record of an appended zip archive is searched.
pub(super) fn end_of(content: &[u8]) -> &[u8] {
    &content[content.len().saturating_sub(unpack::TAIL as usize)..]
}

/// Bytes at the end of a long text that are checked for binary data.
const END_SAMPLE_BYTES: u64 = 1 << 10;

/// Returns the last `count` bytes of an input.
pub(super) fn last(whole: &mut dyn ReadSeek, count: u64) -> io::Result<Vec<u8>> {
    let mut tail = Vec::new();
    let size = whole.seek(SeekFrom::End(0))?;
    whole.seek(SeekFrom::Start(size.saturating_sub(count)))?;
    whole.take(count).read_to_end(&mut tail)?;
    Ok(tail)
}

/// How an input is scanned. Decided once, from its first bytes and, if there are more, from its last.
enum ScanPlan {
    /// A container or a document: its members and its text.
    Inside(ContentKind),
    /// Text in pieces: its bytes and its joined records.
    Records,
    /// The first bytes are all of it.
    Whole,
    /// More than the first bytes. `binary`: the first or the last are binary. `key_parts`: the records are joined if
    /// a part of a key is found.
    Long { binary: bool, key_parts: bool },
}

impl ScanPlan {
    /// Decides for an input that is all in memory, and whose format has no magic number at its start.
    fn of_whole(bytes: &[u8]) -> Self {
        match ContentKind::of_binary(bytes) {
            Some(kind) => Self::Inside(kind),
            None if Joining::of(bytes, Some(bytes)) != Joining::Never => Self::Records,
            None => Self::Whole,
        }
    }

    /// As [`Self::of_whole`], for an input of `size` bytes, if that is known, that starts with `head` and is longer.
    /// Also returns the error if its end cannot be read; then it is scanned as text.
    fn of_long(head: &[u8], size: Option<u64>, content: &mut dyn Content) -> (Self, Option<io::Error>) {
        let (inside, binary, error) = match ContentKind::of_large(head, content) {
            Ok((inside, binary)) => (inside, binary, None),
            Err(error) => (None, false, Some(error)),
        };
        if let Some(kind) = inside {
            return (Self::Inside(kind), error);
        }
        let joining = Joining::of_long(head, size, content);
        if joining == Joining::Always {
            return (Self::Records, error);
        }
        (Self::Long { binary, key_parts: joining == Joining::KeyParts }, error)
    }
}

/// What an input contains apart from plain bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentKind {
    Container(Kind),
    Document(Document),
}

impl ContentKind {
    /// Detects the format of an input from its first bytes `head`, and from its name if the bytes do not suffice.
    pub(super) fn of(head: &[u8], name: &dyn Fn() -> String) -> Option<Self> {
        if let Some(kind) = unpack::sniff(head, name) {
            return Some(Self::Container(kind));
        }
        // Computing a name costs time: only JSON and formats that start with a header line need it.
        let line = &head[..head.len().min(80)];
        let header = memchr::memchr2(b':', b'\n', line).is_some_and(|at| line[at] == b':');
        let json = matches!(head.trim_ascii_start().first(), Some(b'{' | b')' | b'%'));
        let name = if header || json { name() } else { String::new() };
        documents::sniff(head, &name).map(Self::Document)
    }

    /// Detects what [`Self::of`] does not: an archive after other data, or compressed streams in binary data. `bytes` is
    /// the whole input.
    pub(super) fn of_binary(bytes: &[u8]) -> Option<Self> {
        if !unpack::is_binary(bytes) {
            return None;
        }
        let kind = unpack::sniff_end(end_of(bytes));
        kind.or_else(|| unpack::has_embedded(bytes, bytes).then_some(Kind::Embedded)).map(Self::Container)
    }

    /// As [`Self::of_binary`], for an input that starts with `head` and is longer. Also returns whether its first or its
    /// last bytes are binary; with random access, its streams are detected while it is scanned.
    ///
    /// # Errors
    /// Returns an error if the end of the input cannot be read.
    fn of_large(head: &[u8], content: &mut dyn Content) -> io::Result<(Option<Self>, bool)> {
        let mut binary = unpack::is_binary(head);
        if let Some(mut whole) = content.random() {
            binary |= unpack::is_binary(&last(&mut *whole, END_SAMPLE_BYTES)?);
            let kind = if binary { unpack::sniff_end(&last(&mut *whole, unpack::TAIL)?) } else { None };
            if kind.is_some() {
                return Ok((kind.map(Self::Container), binary));
            }
        } else {
            return Ok((Self::of_member(head, false), binary));
        }
        Ok((None, binary))
    }

    /// As [`Self::of_binary`], for a member of a container. `whole`: `head` is all of it.
    pub(super) fn of_member(head: &[u8], whole: bool) -> Option<Self> {
        if whole {
            return Self::of_binary(head);
        }
        // A script is text, and its payload often follows it.
        (unpack::is_binary(head) || head.starts_with(b"#!")).then_some(Self::Container(Kind::Embedded))
    }
}

/// Takes a scratch buffer of this thread for one input; [`give_back`] returns it.
pub(super) fn memory() -> Scratch {
    SCRATCH.with_borrow_mut(|memory| memory.pop().unwrap_or_default())
}

/// Returns a scratch buffer to this thread; see [`memory`].
pub(super) fn give_back(scratch: Scratch) {
    SCRATCH.with_borrow_mut(|memory| memory.push(scratch));
}
