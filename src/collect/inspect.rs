//! The search of one content and of everything inside it: what is no container goes to the detector, what is one is
//! opened and its members are searched in turn.
//!
//! It leads bytes from `unpack` to `detect` and keeps the path inside the content; it makes no findings.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Cursor, ErrorKind, Read, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;

use crate::content::{Content, ReadSeek, Stream};
use crate::detect::{Beginning, Detector, Found, Scan, Scratch, first_byte, parts};
use crate::documents::{self, Document};
use crate::finding::Unseen;
use crate::unpack::{self, Budget, Kind, Limits, Opened, Sink};

/// Bytes by which it is told what something is.
pub(super) const HEAD: u64 = 256 << 10;
/// Bytes of a document that are kept where it cannot be read twice.
const KEPT: u64 = 64 << 20;
/// Places of one content that are named if they were not read; of more there is only a count.
const TOLD: usize = 100;
/// Bytes from which on a file is searched by several threads.
const LARGE: u64 = 48 << 20;
/// Stands between a container and its member in a path.
pub(super) const INSIDE: &str = "!/";

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

    /// Counts the bytes to which containers are expanded.
    pub(super) fn expanded(&self) -> &AtomicU64 {
        &self.expanded
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
        let whole = beginning.is_whole();
        let mut inside = Inside::of(beginning.head(), name);
        let appended = inside.is_none() && unpack::may_have_tail(beginning.head());
        if appended && whole && unpack::is_appended(end_of(beginning.head())) {
            inside = Some(Inside::Container(Kind::Zip));
        }
        let large = size.filter(|size| *size >= LARGE && rayon::current_num_threads() > 1);
        let mut scan = match (inside, large) {
            (None, Some(size)) if !beginning.is_whole() => {
                let (memory, length, _) = beginning.into_parts();
                let scan = self.scan_in_parts(&memory.bytes()[..length], size, content);
                match scan {
                    Some(scan) => {
                        give_back(memory);
                        scan
                    }
                    None => self.scan_rest(Beginning::again(memory, length, content)),
                }
            }
            (None, _) if appended && !whole => {
                let (memory, length, error) = beginning.into_parts();
                self.scan_program((memory, length, error), content)
            }
            (None, _) => self.scan_rest(beginning),
            (Some(inside), _) => {
                let (memory, length, error) = beginning.into_parts();
                let mut scan = self.scan_inside(inside, &memory.bytes()[..length], content);
                scan.error = scan.error.or(error);
                give_back(memory);
                scan
            }
        };
        if !scan.found.is_empty() {
            self.look_again(&name(), &mut scan.found, content);
        }
        scan
    }

    fn scan_rest(&self, beginning: Beginning<'_>) -> Scan {
        let (scan, memory) = self.detector.scan_rest(beginning);
        give_back(memory);
        scan
    }

    /// Searches a program or a script, behind which a zip archive may lie.
    fn scan_program(
        &self,
        (memory, length, error): (Scratch, usize, Option<io::Error>),
        content: &mut dyn Content,
    ) -> Scan {
        if !content.random().is_some_and(|mut whole| has_archive_behind(&mut whole)) {
            let mut scan = self.scan_rest(Beginning::again(memory, length, content));
            scan.error = scan.error.or(error);
            return scan;
        }
        let scan = self.scan_inside(Inside::Container(Kind::Zip), &memory.bytes()[..length], content);
        give_back(memory);
        scan
    }

    /// Searches a container or a document whose first bytes are `head`.
    fn scan_inside(&self, inside: Inside, head: &[u8], content: &mut dyn Content) -> Scan {
        let budget = Budget::new(&self.limits, &self.expanded);
        let mut look = Look {
            inspector: self,
            budget: &budget,
            out: Scan::default(),
            at: String::new(),
            untold: 0,
            depth: 0,
            streams: 0,
        };
        let mut input = budget.input(content, head.len() as u64);
        look.inside(inside, head, &mut input);
        look.finish()
    }

    /// Searches a large content that can be read from any place.
    fn scan_in_parts(&self, head: &[u8], size: u64, content: &dyn Content) -> Option<Scan> {
        let open = |part: Range<u64>| {
            let from = first_byte(&part);
            let reader = content.read_from(from)?;
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
            || blob && !ranges.is_empty() && Inside::of(content, &String::new).is_some()
    }

    /// Whether content may hold a secret, in plain sight or inside it.
    pub(crate) fn may_hold(&self, content: &[u8]) -> bool {
        self.suspects(true, content, std::slice::from_ref(&(0..content.len())))
    }

    /// Searches a name or another short text.
    pub(crate) fn scan_text(&self, text: &[u8]) -> Scan {
        self.scan_rest(Beginning::read(&mut &text[..], memory()))
    }
}

/// The part of `content` in which the end of an appended archive is looked for.
fn end_of(content: &[u8]) -> &[u8] {
    &content[content.len().saturating_sub(unpack::TAIL as usize)..]
}

/// Whether a zip archive ends where the content does.
fn has_archive_behind(whole: &mut dyn ReadSeek) -> bool {
    let mut tail = Vec::new();
    let read = whole.seek(SeekFrom::End(0)).and_then(|size| {
        whole.seek(SeekFrom::Start(size.saturating_sub(unpack::TAIL)))?;
        whole.take(unpack::TAIL).read_to_end(&mut tail)
    });
    read.is_ok() && unpack::is_appended(&tail)
}

/// What there is to look into.
#[derive(Debug, Clone, Copy)]
enum Inside {
    Container(Kind),
    Document(Document),
}

impl Inside {
    /// What content that begins with `head` has inside, if anything.
    fn of(head: &[u8], name: &dyn Fn() -> String) -> Option<Self> {
        if let Some(kind) = unpack::sniff(head, name) {
            return Some(Self::Container(kind));
        }
        // Most names need not be made: only JSON and what begins with a header depend on it.
        let line = &head[..head.len().min(80)];
        let header = memchr::memchr2(b':', b'\n', line).is_some_and(|at| line[at] == b':');
        let json = matches!(head.trim_ascii_start().first(), Some(b'{' | b')' | b'%'));
        let name = if header || json { name() } else { String::new() };
        documents::sniff(head, &name).map(Self::Document)
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
    /// Places that were not read and are not named.
    untold: u64,
    /// Archives that lie round this place.
    depth: u32,
    /// Compressed streams that lie directly one in another round this place.
    streams: u32,
}

impl Look<'_> {
    /// Searches a member, and what it has inside.
    fn content(&mut self, name: &str, content: &mut dyn Content) {
        let beginning = Beginning::read(&mut *content, memory());
        match Inside::of(beginning.head(), &|| name.to_owned()) {
            None => {
                let scan = self.inspector.scan_rest(beginning);
                self.take(scan, 0);
            }
            Some(inside) => {
                let (memory, length, error) = beginning.into_parts();
                self.inside(inside, &memory.bytes()[..length], content);
                give_back(memory);
                self.failed(error);
            }
        }
    }

    fn inside(&mut self, inside: Inside, head: &[u8], rest: &mut dyn Content) {
        match inside {
            Inside::Container(kind) => self.container(kind, head, rest),
            Inside::Document(document) => self.document(document, &mut Opened::new(head, rest)),
        }
    }

    /// Searches a document as it is, and then what its bytes hide.
    fn document(&mut self, document: Document, content: &mut dyn Content) {
        if self.depth >= self.inspector.limits.depth {
            return self.raw(content);
        }
        let first = self.out.found.len();
        if content.random().is_some() {
            self.raw(content);
            if let Some(mut whole) = content.random() {
                self.hidden(document, first, &mut Stream(&mut whole));
            }
            return;
        }
        let mut bytes = Vec::new();
        let error = (&mut *content).take(KEPT).read_to_end(&mut bytes).err();
        self.failed(error);
        if bytes.len() as u64 == KEPT {
            self.unseen(
                "",
                "a document of more than 64 MiB inside an archive or a stream: searched as it is only",
            );
            return self.raw(&mut Opened::new(&bytes, content));
        }
        self.raw(&mut Cursor::new(&bytes[..]));
        self.hidden(document, first, &mut Cursor::new(&bytes[..]));
    }

    /// Searches what a document hides. What was found there and, since `first`, in its bytes as well, stands there only.
    fn hidden(&mut self, document: Document, first: usize, content: &mut dyn Content) {
        let raw = self.out.found.len();
        self.depth += 1;
        let outcome =
            catch_unwind(AssertUnwindSafe(|| documents::hidden(document, content, self.budget, self)));
        self.depth -= 1;
        self.failed(outcome.unwrap_or_else(|_| Err(defect())).err());
        let known: HashSet<_> = self.out.found[raw..].iter().map(secret).collect();
        let mut at = 0;
        self.out.found.retain(|found| {
            at += 1;
            !(first..raw).contains(&(at - 1)) || !known.contains(&secret(found))
        });
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
        if let Err(error) = outcome.unwrap_or_else(|_| Err(defect())) {
            self.failed(Some(error));
            if let Some(mut whole) = input.random() {
                self.raw_besides(first, &mut whole);
            }
        }
    }

    /// Searches bytes as they are.
    fn raw(&mut self, content: &mut dyn Content) {
        let scan = self.inspector.scan_rest(Beginning::read(content, memory()));
        self.take(scan, 0);
    }

    /// Searches the bytes of a container as they are, for secrets that are not among those found since `first`.
    fn raw_besides(&mut self, first: usize, content: &mut dyn Read) {
        let mut scan = self.inspector.scan_rest(Beginning::read(content, memory()));
        let known: HashSet<_> = self.out.found[first..].iter().map(secret).collect();
        scan.found.retain(|found| !known.contains(&secret(found)));
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
        if self.untold > 0 {
            let reason = format!("{} more places inside it were not, or not wholly, read", self.untold);
            self.out.unseen.push(Unseen { path: String::new(), reason });
        }
        let place = |found: &Found| (found.location.clone(), found.rule);
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
        if repeated {
            return;
        }
        if self.out.unseen.len() < TOLD {
            self.out.unseen.push(Unseen { path, reason: reason.to_owned() });
        } else {
            self.untold += 1;
        }
    }
}

/// A secret of a rule.
fn secret(found: &Found) -> (usize, String) {
    (found.rule, found.secret.sha256())
}

fn defect() -> io::Error {
    io::Error::other("its reader failed inside telleaks; please report it")
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
