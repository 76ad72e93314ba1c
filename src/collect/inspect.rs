//! The search of one content and of everything inside it: what is no container goes to the detector, what is one is
//! opened and its members are searched in turn.
//!
//! It leads bytes from `unpack` to `detect` and keeps the path inside the content; it makes no findings.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Cursor, ErrorKind, Read};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;

use crate::content::Content;
use crate::detect::{Beginning, Detector, Scan, Scratch, first_byte, parts};
use crate::finding::Unseen;
use crate::unpack::{self, Budget, Kind, Limits, Opened, Sink};

/// Bytes from which on a file is searched by several threads.
const LARGE: u64 = 48 << 20;
/// Stands between a container and its member in a path.
const INSIDE: &str = "!/";

thread_local! {
    /// Memory of this thread: one piece for each content that is open, one inside the other.
    static MEMORY: RefCell<Vec<Scratch>> = const { RefCell::new(Vec::new()) };
}

/// Searches content with a detector and looks inside containers, within limits. Shared by all threads.
pub struct Inspector<'a> {
    detector: &'a Detector,
    limits: Limits,
    /// Bytes to which containers were expanded so far.
    expanded: AtomicU64,
}

impl<'a> Inspector<'a> {
    /// Searches for what `detector` finds.
    pub fn new(detector: &'a Detector, limits: Limits) -> Self {
        Self { detector, limits, expanded: AtomicU64::new(0) }
    }

    /// The detector.
    pub fn detector(&self) -> &'a Detector {
        self.detector
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Searches one content and what is inside it. `name` is its file name where that is known; it is asked for only if
    /// the content does not tell what it is.
    pub(crate) fn scan(&self, name: &dyn Fn() -> String, content: &mut dyn Content) -> Scan {
        self.scan_sized(name, None, content)
    }

    /// As [`Self::scan`], for content of a known size in bytes: if it is large, all threads share it.
    pub(crate) fn scan_sized(
        &self,
        name: &dyn Fn() -> String,
        size: Option<u64>,
        content: &mut dyn Content,
    ) -> Scan {
        let beginning = Beginning::read(&mut *content, memory());
        if let Some(size) = size.filter(|size| *size >= LARGE && rayon::current_num_threads() > 1)
            && !beginning.is_whole()
            && unpack::sniff(beginning.head(), name).is_none()
        {
            let (memory, length, error) = beginning.into_parts();
            return match self.scan_in_parts(&memory.bytes()[..length], size, content) {
                Some(scan) if error.is_none() => {
                    give_back(memory);
                    scan
                }
                _ => self.detector.scan_rest(Beginning::again(memory, length, content)).0,
            };
        }
        let Some(kind) = unpack::sniff(beginning.head(), name) else {
            let (scan, memory) = self.detector.scan_rest(beginning);
            give_back(memory);
            return scan;
        };
        let (memory, length, error) = beginning.into_parts();
        let budget = Budget::new(&self.limits, &self.expanded);
        let mut look = Look {
            inspector: self,
            budget: &budget,
            out: Scan::default(),
            at: String::new(),
            depth: 0,
            streams: 0,
        };
        let mut input = budget.input(content, length as u64);
        look.container(kind, &memory.bytes()[..length], &mut input);
        give_back(memory);
        look.out.error = look.out.error.or(error);
        look.finish()
    }

    /// Searches a large content that can be read from any place.
    fn scan_in_parts(&self, head: &[u8], size: u64, content: &dyn Content) -> Option<Scan> {
        let open = |part: Range<u64>| {
            let from = first_byte(&part);
            let reader = content.from(from)?;
            // What is appended later belongs to a later scan.
            Some((part, Box::new(reader.take(size - from)) as Box<dyn Read + Send + '_>))
        };
        let parts: Option<Vec<_>> = parts(size).into_iter().map(open).collect();
        Some(self.detector.scan_parts(head, parts?, (memory, give_back)))
    }

    /// Searches a blob, or any other content in memory that may be a container.
    pub(crate) fn scan_bytes(&self, name: &str, content: &[u8]) -> Scan {
        self.scan(&|| name.to_owned(), &mut Cursor::new(content))
    }

    /// Whether an object may hold a secret in `ranges` of its bytes. `blob`: it can be a container, of which any change
    /// may change all.
    pub(crate) fn suspects(&self, blob: bool, content: &[u8], ranges: &[Range<usize>]) -> bool {
        self.detector.suspects(content, ranges)
            || blob && !ranges.is_empty() && unpack::sniff(content, &String::new).is_some()
    }

    /// Whether content may hold a secret, in plain sight or inside it.
    pub(crate) fn may_hold(&self, content: &[u8]) -> bool {
        self.suspects(true, content, std::slice::from_ref(&(0..content.len())))
    }

    /// Searches a name or another short text.
    pub(crate) fn scan_text(&self, text: &[u8]) -> Scan {
        let (scan, memory) = self.detector.scan_rest(Beginning::read(&mut &text[..], memory()));
        give_back(memory);
        scan
    }
}

fn memory() -> Scratch {
    MEMORY.with_borrow_mut(|memory| memory.pop().unwrap_or_default())
}

fn give_back(scratch: Scratch) {
    MEMORY.with_borrow_mut(|memory| memory.push(scratch));
}

/// One content that is looked into.
struct Look<'i> {
    inspector: &'i Inspector<'i>,
    budget: &'i Budget<'i>,
    out: Scan,
    /// The path inside the content, empty at its outside.
    at: String,
    /// Archives that lie round this place.
    depth: u32,
    /// Compressed streams that lie directly one in another round this place.
    streams: u32,
}

impl Look<'_> {
    /// Searches a member, or what a member holds.
    fn content(&mut self, name: &str, content: &mut dyn Content) {
        let beginning = Beginning::read(&mut *content, memory());
        match unpack::sniff(beginning.head(), &|| name.to_owned()) {
            None => {
                let (scan, memory) = self.inspector.detector.scan_rest(beginning);
                give_back(memory);
                self.take(scan, 0);
            }
            Some(kind) => {
                let (memory, length, error) = beginning.into_parts();
                self.container(kind, &memory.bytes()[..length], content);
                give_back(memory);
                self.failed(error);
            }
        }
    }

    /// Opens a container whose first bytes are `head`.
    fn container(&mut self, kind: Kind, head: &[u8], rest: &mut dyn Content) {
        let limit = self.inspector.limits.depth;
        let closed = match kind {
            Kind::Foreign(what) => Some(format!("{what} is not looked into")),
            _ if self.depth >= limit || self.streams >= limit => {
                Some(format!("it lies {limit} archives deep and is not looked into; raise --max-depth"))
            }
            _ => None,
        };
        if let Some(reason) = closed {
            self.unseen("", &reason);
            return self.raw(&mut Opened::new(head, rest));
        }
        let before = (self.depth, self.streams);
        if kind.is_stream() {
            self.streams += 1;
        } else {
            (self.depth, self.streams) = (self.depth + 1, 0);
        }
        let first = self.out.found.len();
        let mut input = Opened::new(head, rest);
        // The readers of formats are other people's; what was found so far must outlive their defects.
        let outcome = catch_unwind(AssertUnwindSafe(|| unpack::expand(kind, &mut input, self.budget, self)));
        (self.depth, self.streams) = before;
        let error = match outcome {
            Ok(outcome) => outcome.err(),
            Err(_) => Some(io::Error::other("its reader failed inside telleaks; please report it")),
        };
        if let Some(error) = error {
            self.failed(Some(error));
            if let Some(mut whole) = input.random() {
                self.raw_besides(first, &mut whole);
            }
        }
    }

    /// Searches bytes as they are.
    fn raw(&mut self, content: &mut dyn Content) {
        let (scan, memory) = self.inspector.detector.scan_rest(Beginning::read(content, memory()));
        give_back(memory);
        self.take(scan, 0);
    }

    /// Searches the bytes of a container as they are, for secrets that are not among those found since `first`.
    fn raw_besides(&mut self, first: usize, content: &mut dyn Read) {
        let (mut scan, memory) = self.inspector.detector.scan_rest(Beginning::read(content, memory()));
        give_back(memory);
        let known: HashSet<_> =
            self.out.found[first..].iter().map(|found| (found.rule, found.secret.sha256())).collect();
        scan.found.retain(|found| !known.contains(&(found.rule, found.secret.sha256())));
        self.take(scan, 0);
    }

    /// Keeps what was found at this place, `offset` bytes behind its beginning.
    fn take(&mut self, scan: Scan, offset: u64) {
        self.out.bytes += scan.bytes;
        for mut found in scan.found {
            found.location.path.insert_str(0, &self.at);
            found.location.byte_start += offset;
            found.location.byte_end += offset;
            self.out.found.push(found);
        }
        for one in scan.unseen {
            self.unseen("", &one.reason);
        }
        self.failed(scan.error);
    }

    /// Tells of an error at this place, once.
    fn failed(&mut self, error: Option<io::Error>) {
        if let Some(error) = error {
            self.unseen("", &in_words(&error));
        }
    }

    fn finish(mut self) -> Scan {
        let place = |found: &crate::detect::Found| (found.location.clone(), found.rule);
        self.out.found.sort_by_cached_key(place);
        self.out.found.dedup_by(|a, b| {
            a.location == b.location && a.rule == b.rule && a.secret.sha256() == b.secret.sha256()
        });
        self.out
    }
}

impl Sink for Look<'_> {
    fn member(&mut self, name: &str, content: &mut dyn Content) {
        let outside = self.at.len();
        if !name.is_empty() {
            self.at.push_str(INSIDE);
            self.at.push_str(name.trim_start_matches('/'));
        }
        self.content(name, content);
        self.at.truncate(outside);
    }

    fn own(&mut self, offset: u64, bytes: &[u8]) {
        if self.inspector.suspicious(bytes) {
            let scan = self.inspector.scan_text(bytes);
            self.take(scan, offset);
        }
    }

    fn unseen(&mut self, name: &str, reason: &str) {
        let separator = if name.is_empty() { "" } else { INSIDE };
        let path = format!("{}{separator}{name}", self.at);
        // One limit, or one cut, ends everything that lies round it.
        let repeated =
            self.out.unseen.last().is_some_and(|last| last.reason == reason && last.path.starts_with(&path));
        if !repeated {
            self.out.unseen.push(Unseen { path, reason: reason.to_owned() });
        }
    }
}

/// What went wrong inside a container, for a person.
fn in_words(error: &io::Error) -> String {
    if error.kind() == ErrorKind::UnexpectedEof {
        return "it ends too early; what came before was searched".to_owned();
    }
    match error.get_ref() {
        Some(inner) if unpack::is_limit(inner) => format!("not wholly searched: {inner}"),
        _ => format!("damaged, or not what it seems ({error}); what could be read was searched"),
    }
}
