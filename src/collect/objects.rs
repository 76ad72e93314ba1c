//! The search of a whole object database: which objects hold secrets, which name content that lies elsewhere, and
//! which objects are named and not there.
//!
//! It remembers secrets by number, not the matches: a file with a thousand keys in a thousand versions is a thousand
//! secrets. The places are found again in the few objects that are shown.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Inspector;
use crate::content::Content;
use crate::detect::Found;
use crate::faults;
use crate::finding::Unseen;
use crate::git::{CommitHead, EntryKind, Pointer, Targets, entries};
use crate::objects::{HashFormat, Kind, ObjectId, Scanner, Store};

/// Bytes by which the ranges of a scan reach beyond what is new, on either side, where there is so much content.
const WIDENED: usize = 256;
/// A larger tree is not searched for names.
const MAX_TREE_BYTES: u64 = 256 << 20;

/// Receives all objects of a repository, from many threads.
pub struct ObjectSearch<'a> {
    inspector: &'a Inspector<'a>,
    store: &'a Store,
    format: HashFormat,
    /// Objects that an earlier search has found clean.
    clean: &'a HashSet<ObjectId>,
    /// Whether commits may name parents that are not here.
    shallow: bool,
    state: Mutex<State>,
    bytes: AtomicU64,
    /// Tells the looked up objects of one search from those of another.
    salt: u64,
}

/// Objects that a thread remembers to have looked up; few enough for the second-level cache.
const KNOWN_SIZE: usize = 1 << 15;
/// Makes searches different from each other.
static SEARCHES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static KNOWN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// What a search has found.
#[derive(Debug, Default)]
pub struct State {
    /// The secrets.
    pub secrets: Secrets,
    /// Which objects hold them.
    pub targets: Targets,
    /// Blobs that only name content in git-lfs.
    pub pointers: Vec<(ObjectId, Pointer)>,
    /// Objects that are named by others and not here.
    pub missing: HashSet<ObjectId>,
    /// Commits whose tree or parent is not here.
    pub cut: HashSet<ObjectId>,
    /// What could not be read: an object's id, if one is meant, and why.
    pub unseen: Vec<(Option<ObjectId>, String)>,
    /// What was not, or not wholly, read in objects; paths are those inside the object.
    pub unread: Vec<(ObjectId, Unseen)>,
    /// How many bytes the objects have that were searched.
    pub bytes: u64,
}

/// Secrets by number: rule and SHA-256.
#[derive(Debug, Default)]
pub struct Secrets {
    numbers: HashMap<(usize, String), u32>,
}

impl Secrets {
    /// The number of what was found.
    pub fn number(&mut self, found: &Found) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry((found.rule, found.secret.sha256())).or_insert(next)
    }

    /// The number of what was found, if it was met before.
    pub fn known(&self, found: &Found) -> Option<u32> {
        self.numbers.get(&(found.rule, found.secret.sha256())).copied()
    }

    /// The numbers of some matches, each once.
    pub fn numbers(&mut self, found: &[Found]) -> Vec<u32> {
        let mut all: Vec<u32> = found.iter().map(|one| self.number(one)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl<'a> ObjectSearch<'a> {
    /// Searches the objects of `store`. Those in `clean` are left out.
    pub fn new(
        inspector: &'a Inspector<'a>,
        (store, format): (&'a Store, HashFormat),
        shallow: bool,
        clean: &'a HashSet<ObjectId>,
    ) -> Self {
        let state = Mutex::default();
        // An odd number that has bits everywhere: no two of its multiples are alike in the parts that are used.
        let salt = (SEARCHES.fetch_add(1, Ordering::Relaxed) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self { inspector, store, format, clean, shallow, state, bytes: AtomicU64::new(0), salt }
    }

    /// What was found.
    pub fn finish(self) -> State {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.targets.texts.sort_unstable();
        state.targets.texts.dedup();
        state.bytes = self.bytes.into_inner();
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes entries of a tree that are new in it and lead nowhere. `ranges` reach further than what is new.
    fn look_up(&self, content: &[u8], ranges: &[Range<usize>]) {
        let narrow = |range: &Range<usize>| {
            let start = if range.start == 0 { 0 } else { range.start + WIDENED };
            let end = if range.end == content.len() { range.end } else { range.end - WIDENED.min(range.end) };
            start.min(end)..end.max(start)
        };
        let mut ranges = ranges.iter().map(narrow).peekable();
        let mut start = 0;
        for entry in entries(content, self.format) {
            // Where two copied parts meet, nothing stands between them and yet an entry may be new.
            while ranges.next_if(|range| range.end < start).is_some() {}
            let Some(range) = ranges.peek() else { return };
            if range.start <= entry.end && entry.kind != EntryKind::Submodule && !self.is_known(entry.id) {
                self.look_up_id(entry.id);
            }
            start = entry.end;
        }
    }

    fn look_up_id(&self, id: &[u8]) {
        let Some(id) = ObjectId::from_bytes(id) else { return };
        if !self.store.contains(&id) {
            self.lock().missing.insert(id);
        }
    }

    /// Whether this thread has looked an object up lately: versions of a directory name mostly the same objects. If
    /// not, it is taken to be looked up now.
    fn is_known(&self, id: &[u8]) -> bool {
        let name = id.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)) ^ self.salt;
        KNOWN.with_borrow_mut(|known| {
            known.resize(KNOWN_SIZE, 0);
            std::mem::replace(&mut known[name as usize % KNOWN_SIZE], name) == name
        })
    }

    fn look_up_commit(&self, content: &[u8]) {
        let Some(head) = CommitHead::read(content) else { return };
        let parents = head.parents.iter().filter(|_| !self.shallow);
        for id in parents.chain([&head.tree]) {
            if !self.store.contains(id) {
                self.lock().cut.insert(*id);
            }
        }
    }

    fn text(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read) {
        let mut content = Peek::new(content);
        let pointer = if kind == Kind::Blob { Pointer::read(content.head()) } else { None };
        let scan = self.inspector.scan(&String::new, &mut content);
        let mut state = self.lock();
        if let Some(pointer) = pointer {
            state.pointers.push((*id, pointer));
        }
        if !scan.found.is_empty() {
            let numbers = state.secrets.numbers(&scan.found);
            match kind {
                Kind::Blob => {
                    state.targets.blobs.insert(*id, numbers);
                }
                _ => state.targets.texts.push(*id),
            }
        }
        state.unread.extend(scan.unseen.into_iter().map(|one| (*id, one)));
        state.unseen.extend(scan.error.map(|error| (Some(*id), error.to_string())));
    }

    fn tree(&self, id: &ObjectId, content: &mut dyn Read) {
        let mut bytes = Vec::new();
        if let Err(error) = content.take(MAX_TREE_BYTES).read_to_end(&mut bytes) {
            return self.unseen(Some(id), error.to_string());
        }
        let mut names = Vec::new();
        for entry in entries(&bytes, self.format) {
            if self.inspector.suspicious(entry.name) {
                let found = self.inspector.scan_name(entry.name);
                if !found.is_empty() {
                    names.push((entry.name.to_vec(), self.lock().secrets.numbers(&found)));
                }
            }
        }
        if !names.is_empty() {
            self.lock().targets.names.insert(*id, names);
        }
    }
}

impl Scanner for ObjectSearch<'_> {
    fn wants(&self, id: &ObjectId) -> bool {
        !self.clean.contains(id)
    }

    fn wants_all(&self) -> bool {
        self.clean.is_empty()
    }

    fn suspects(&self, kind: Kind, content: &[u8], ranges: &[Range<usize>]) -> bool {
        faults::work(content);
        self.bytes.fetch_add(content.len() as u64, Ordering::Relaxed);
        match kind {
            Kind::Tree => self.look_up(content, ranges),
            Kind::Commit => self.look_up_commit(content),
            Kind::Blob
                if Pointer::may_begin(content) && ranges.first().is_some_and(|range| range.start == 0) =>
            {
                return true;
            }
            _ => {}
        }
        self.inspector.suspects(kind == Kind::Blob, content, ranges)
    }

    fn visit(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read) {
        match kind {
            Kind::Tree => self.tree(id, content),
            _ => self.text(id, kind, content),
        }
    }

    fn unseen(&self, id: Option<&ObjectId>, reason: String) {
        self.lock().unseen.push((id.copied(), reason));
    }
}

/// A reader whose first bytes can be looked at.
struct Peek<'r> {
    head: Vec<u8>,
    at: usize,
    rest: &'r mut dyn Read,
}

impl<'r> Peek<'r> {
    fn new(rest: &'r mut dyn Read) -> Self {
        let mut head = Vec::new();
        // An error shows again at the next read.
        let _later = (&mut *rest).take(Pointer::LONGEST as u64 + 1).read_to_end(&mut head);
        Self { head, at: 0, rest }
    }

    fn head(&self) -> &[u8] {
        &self.head
    }
}

impl Content for Peek<'_> {}

impl Read for Peek<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.head[self.at..].len().min(buffer.len());
        if count == 0 {
            return self.rest.read(buffer);
        }
        buffer[..count].copy_from_slice(&self.head[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
