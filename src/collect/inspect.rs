//! The search of one content and of everything inside it: what is no container goes to the detector, what is one is
//! opened and its members are searched in turn.
//!
//! It leads bytes from `unpack` to `detect` and keeps the path inside the content; it makes no findings.

use std::cell::RefCell;
use std::io::{self, Cursor, Read, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;

use super::ignore::{Idle, Inline};
use super::look::Look;
use super::sampled::Samples;
use super::{LISTED, MOST};
use crate::content::{Content, ReadSeek, Stream};
use crate::detect::{Beginning, Detector, Found, Listing, Scan, Scratch, first_byte, parts};
use crate::documents::{self, Document};
use crate::faults;
use crate::finding::Unseen;
use crate::rules::{Rule, RuleSet};
use crate::unpack::{self, Budget, Kind, Limits};

/// Bytes by which it is told what something is.
pub(super) const HEAD: u64 = 256 << 10;
/// Bytes from which on a file is searched by several threads.
pub(super) const LARGE: u64 = 48 << 20;

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
    /// How comments are taken that hide findings.
    pub(super) inline: Inline,
    /// Number of the rule by which they are found, if they are looked for.
    pub(super) word: Option<usize>,
    /// Ids that they may name.
    pub(super) known: Vec<String>,
    /// Ids of the rules by which suppressions are told.
    pub(super) own: Vec<Rule>,
    /// Whether a report for a code scanning service is written.
    pub(super) scanning: bool,
    /// How many matches of one content are kept; all of them, where it is not known yet which of them count.
    listing: Option<Listing>,
}

impl<'a> Inspector<'a> {
    /// Searches for what `detector` finds.
    pub fn new(detector: &'a Detector, limits: Limits) -> Self {
        Self {
            detector,
            limits,
            expanded: AtomicU64::new(0),
            inline: Inline::default(),
            word: None,
            known: Vec::new(),
            own: Vec::new(),
            scanning: false,
            listing: None,
        }
    }

    /// Keeps no more places of a secret in one content than a report lists, and counts the others; and no more matches than
    /// memory has room for. Only for a search in which every match counts. To be called after [`Self::with_comments`].
    pub fn listing(mut self) -> Self {
        self.listing = Some(Listing { places: LISTED + 1, all: MOST, comment: self.word });
        self
    }

    /// Looks for comments that hide findings. The detector must have the rule `set.ignore`; `set` is what it was made of.
    pub fn with_comments(mut self, inline: Inline, set: &RuleSet) -> Self {
        let id = set.ignore.as_ref().map(|rule| rule.id.as_str());
        self.word = self.detector.rules().position(|rule| Some(rule.id.as_str()) == id);
        self.inline = inline;
        self.known = set.known.clone();
        self.own = set.own.clone();
        self
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
        self.scan_sized(name, None, content).0
    }

    /// As [`Self::scan`], for content of a known size in bytes: if it is large, all threads share it.
    /// Beside it, the comments that hide nothing.
    ///
    /// A defect costs this content only, which is told as not read: whatever panicked, what it said may hold content and
    /// is not repeated.
    pub(crate) fn scan_sized(
        &self,
        name: &dyn Fn() -> String,
        size: Option<u64>,
        content: &mut dyn Content,
    ) -> (Scan, Vec<Idle>) {
        let work = AssertUnwindSafe(|| self.scan_unguarded(name, size, content));
        catch_unwind(work).unwrap_or_else(|_| (failed(), Vec::new()))
    }

    fn scan_unguarded(
        &self,
        name: &dyn Fn() -> String,
        size: Option<u64>,
        content: &mut dyn Content,
    ) -> (Scan, Vec<Idle>) {
        let mut beginning = Beginning::read(&mut *content, memory());
        let mut inside = Inside::of(beginning.head(), name);
        let mut unread = None;
        if inside.is_none() && beginning.is_whole() {
            inside = Inside::of_binary(beginning.head());
        } else if inside.is_none() {
            let (memory, length, _) = beginning.into_parts();
            match Inside::of_large(&memory.bytes()[..length], content) {
                Ok(found) => inside = found,
                Err(error) => unread = Some(error),
            }
            beginning = Beginning::again(memory, length, content);
        }
        let large = size.filter(|size| *size >= LARGE && rayon::current_num_threads() > 1);
        let mut scan = match inside {
            None if beginning.is_whole() => self.scan_rest(beginning),
            None => {
                let (memory, length, _) = beginning.into_parts();
                self.scan_long((memory, length), large, content)
            }
            Some(inside) => {
                let (memory, length, error) = beginning.into_parts();
                let mut scan = self.scan_inside(inside, &memory.bytes()[..length], content);
                scan.error = scan.error.or(error);
                give_back(memory);
                scan
            }
        };
        scan.error = scan.error.or(unread);
        let idle = self.settle(&mut scan.found);
        if !scan.found.is_empty() {
            self.look_again(&name(), &mut scan.found, content);
            self.add_for_scanning(&name(), &mut scan.found, content);
        }
        (scan, idle)
    }

    /// Searches content that seems to be text and is longer than its first bytes, which are in memory: on all threads, if
    /// its size is given. If it turns out to be more than text, the streams in it are searched as well.
    fn scan_long(
        &self,
        (memory, length): (Scratch, usize),
        size: Option<u64>,
        content: &mut dyn Content,
    ) -> Scan {
        let samples = Samples::default();
        let parts = size.and_then(|size| {
            self.scan_in_parts(&memory.bytes()[..length], size, &*content, &samples)
        });
        let mut scan = match parts {
            Some(scan) => {
                give_back(memory);
                scan
            }
            None => {
                let mut watched = samples.watch(&mut *content);
                self.scan_rest(Beginning::again(memory, length, &mut watched))
            }
        };
        if samples.binary()
            && let Some(mut whole) = content.random()
        {
            let budget = Budget::new(&self.limits, &self.expanded);
            let mut look = Look::new(self, &budget);
            let mut stream = Stream(&mut whole);
            let mut input = budget.input(&mut stream as &mut dyn Content, 0);
            look.again(std::mem::take(&mut scan), &mut input);
            scan = look.finish();
        }
        scan
    }

    /// Searches the rest of what was begun.
    pub(super) fn scan_rest(&self, beginning: Beginning<'_>) -> Scan {
        self.scan_all(beginning.listing(self.listing))
    }

    fn scan_all(&self, beginning: Beginning<'_>) -> Scan {
        faults::work(beginning.head());
        let (scan, memory) = self.detector.scan_rest(beginning);
        give_back(memory);
        scan
    }

    /// Searches a container or a document whose first bytes are `head`.
    fn scan_inside(&self, inside: Inside, head: &[u8], content: &mut dyn Content) -> Scan {
        let budget = Budget::new(&self.limits, &self.expanded);
        let mut look = Look::new(self, &budget);
        let mut input = budget.input(content, head.len() as u64);
        look.inside(inside, head, &mut input);
        look.finish()
    }

    /// Searches a large content that can be read from any place.
    pub(super) fn scan_in_parts(
        &self,
        head: &[u8],
        size: u64,
        content: &dyn Content,
        samples: &Samples,
    ) -> Option<Scan> {
        let open = |part: Range<u64>| {
            let from = first_byte(&part);
            let reader = content.read_from(from)?;
            // What is appended later belongs to a later scan.
            Some((part, Box::new(samples.watch(reader.take(size - from))) as Box<dyn Read + Send + '_>))
        };
        let parts: Option<Vec<_>> = parts(size).into_iter().map(open).collect();
        Some(self.detector.scan_parts(head, parts?, (memory, give_back), self.listing))
    }

    /// Searches a blob, or any other content in memory that may be a container.
    pub(crate) fn scan_bytes(&self, name: &str, content: &[u8]) -> Scan {
        self.scan(&|| name.to_owned(), &mut Cursor::new(content))
    }

    /// Whether an object may hold a secret in `ranges` of its bytes. `blob`: it can be a container, of which any change
    /// may change all.
    pub(crate) fn suspects(&self, blob: bool, content: &[u8], ranges: &[Range<usize>]) -> bool {
        if self.detector.suspects(content, ranges) {
            return true;
        }
        let head = &content[..content.len().min(HEAD as usize)];
        let inside = Some(head).filter(|_| blob && !ranges.is_empty());
        let found = |head| Inside::of(head, &String::new).or_else(|| Inside::of_binary(content));
        inside.and_then(found).is_some()
    }

    /// Whether content may hold a secret, in plain sight or inside it.
    pub(crate) fn may_hold(&self, content: &[u8]) -> bool {
        let all = 0..content.len();
        // A defect shows again, and is told, when it is searched.
        let asked = AssertUnwindSafe(|| self.suspects(true, content, std::slice::from_ref(&all)));
        catch_unwind(asked).unwrap_or(true)
    }

    /// Searches a message or another text that hides nothing. A defect is told as for [`Self::scan_sized`].
    pub(crate) fn scan_text(&self, text: &[u8]) -> Scan {
        catch_unwind(AssertUnwindSafe(|| self.scan_plain(text))).unwrap_or_else(|_| failed())
    }

    /// What is in a name. A defect ends the run: a name stands for no content that could be told as not read.
    pub(crate) fn scan_name(&self, name: &[u8]) -> Vec<Found> {
        self.scan_plain(name).found
    }

    fn scan_plain(&self, text: &[u8]) -> Scan {
        let mut scan = self.scan_all(Beginning::read(&mut &text[..], memory()));
        // A name or a message hides nothing.
        scan.found.retain(|one| Some(one.rule) != self.word);
        scan
    }
}

/// What is told of content on which the work ended in a panic.
fn failed() -> Scan {
    let reason = "the scan of this failed inside telleaks; please report it";
    Scan { unseen: vec![Unseen::new("", reason)], ..Scan::default() }
}

/// The part of `content` in which the end of an appended archive is looked for.
pub(super) fn end_of(content: &[u8]) -> &[u8] {
    &content[content.len().saturating_sub(unpack::TAIL as usize)..]
}

/// Bytes at the end of a large text that tell whether it is all text.
const END: u64 = 1 << 10;

/// The last bytes of some content.
pub(super) fn last(whole: &mut dyn ReadSeek, count: u64) -> io::Result<Vec<u8>> {
    let mut tail = Vec::new();
    let size = whole.seek(SeekFrom::End(0))?;
    whole.seek(SeekFrom::Start(size.saturating_sub(count)))?;
    whole.take(count).read_to_end(&mut tail)?;
    Ok(tail)
}

/// What there is to look into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    Container(Kind),
    Document(Document),
}

impl Inside {
    /// What content that begins with `head` has inside, if anything.
    pub(super) fn of(head: &[u8], name: &dyn Fn() -> String) -> Option<Self> {
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

    /// What content that [`Self::of`] does not know has inside: an archive behind something else, or compressed streams.
    pub(super) fn of_binary(bytes: &[u8]) -> Option<Self> {
        if !unpack::is_binary(bytes) {
            return None;
        }
        let kind = unpack::sniff_end(end_of(bytes));
        kind.or_else(|| unpack::holds_streams(bytes).then_some(Kind::Mixed)).map(Self::Container)
    }

    /// The same for content that only begins with `head`.
    ///
    /// # Errors
    /// Its end could not be read.
    fn of_large(head: &[u8], content: &mut dyn Content) -> io::Result<Option<Self>> {
        let mut binary = unpack::is_binary(head);
        if let Some(mut whole) = content.random() {
            binary |= unpack::is_binary(&last(&mut *whole, END)?);
            let kind = if binary { unpack::sniff_end(&last(&mut *whole, unpack::TAIL)?) } else { None };
            if kind.is_some() {
                return Ok(kind.map(Self::Container));
            }
        } else {
            return Ok(Self::of_member(head, false));
        }
        Ok(binary.then_some(Self::Container(Kind::Mixed)))
    }

    /// The same for a member, of which `whole` tells that `head` is all of it.
    pub(super) fn of_member(head: &[u8], whole: bool) -> Option<Self> {
        if whole {
            return Self::of_binary(head);
        }
        // A script is a text, and often what it unpacks is behind it.
        (unpack::is_binary(head) || head.starts_with(b"#!")).then_some(Self::Container(Kind::Mixed))
    }
}

/// Memory of this thread for one content; [`give_back`] takes it again.
pub(super) fn memory() -> Scratch {
    MEMORY.with_borrow_mut(|memory| memory.pop().unwrap_or_default())
}

/// See [`memory`].
pub(super) fn give_back(scratch: Scratch) {
    MEMORY.with_borrow_mut(|memory| memory.push(scratch));
}
