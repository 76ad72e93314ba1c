//! The scan of an object database: which objects contain secrets, which are git-lfs pointers, and which objects are
//! referenced but missing.
//!
//! Keeps the numbers of secrets, not the matches: a file with a thousand keys in a thousand versions has a thousand
//! secrets. The matches are located again in the few objects that are reported.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Scanner;
use crate::detect::Match;
use crate::fault_injection;
use crate::finding::{SecretKey, SkipLog, Skipped};
use crate::git::odb::{HashFormat, Kind, ObjectId, ObjectScanner, Store};
use crate::git::{CommitHead, EntryKind, Pointer, Targets, entries};
use crate::input::Content;
use crate::progress::Progress;

/// Bytes by which the store widens each changed range on either side, as far as the object reaches.
const WIDENED_BYTES: usize = 256;
/// Trees larger than this are not scanned for names.
const MAX_TREE_BYTES: u64 = 256 << 20;

/// Scans all objects of a repository, from many threads.
pub struct OdbScanner<'a> {
    inspector: &'a Scanner<'a>,
    store: &'a Store,
    format: HashFormat,
    /// Objects that an earlier scan has found clean.
    clean: &'a HashSet<ObjectId>,
    /// Whether commits may reference parents that are missing.
    shallow: bool,
    state: Mutex<State>,
    bytes: AtomicU64,
    /// Distinguishes the looked-up objects of this search from those of another in the thread-local cache.
    salt: u64,
    progress: Progress,
}

/// Slots of the per-thread cache of looked-up objects; sized for the second-level cache of the CPU.
const CACHE_SLOTS: usize = 1 << 15;
/// Number of searches started in this process; makes their salts distinct.
static SEARCHES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static LOOKED_UP: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// The result of an object search.
#[derive(Debug, Default)]
pub struct State {
    /// The secrets.
    pub secrets: Secrets,
    /// The objects that contain them.
    pub targets: Targets,
    /// Blobs that are git-lfs pointers.
    pub pointers: Vec<(ObjectId, Pointer)>,
    /// Objects that are referenced by a tree and missing.
    pub missing: HashSet<ObjectId>,
    /// Commits whose tree or parent is missing.
    pub cut: HashSet<ObjectId>,
    /// Read errors: the object id, if the error concerns one object, and the reason.
    pub unseen: Vec<(Option<ObjectId>, String)>,
    /// What was skipped inside objects; paths are relative to the object.
    pub unread: Vec<(ObjectId, Skipped)>,
    /// Total size of the scanned objects in bytes.
    pub bytes: u64,
}

/// Interns secrets: key to a number.
#[derive(Debug, Default)]
pub struct Secrets {
    numbers: HashMap<SecretKey, u32>,
}

impl Secrets {
    /// Returns the number of the secret of a match; assigns a new one if needed.
    pub fn number(&mut self, found: &Match) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(found.secret_key()).or_insert(next)
    }

    /// Returns the number of the secret of a match, if it has one.
    pub fn known(&self, found: &Match) -> Option<u32> {
        self.numbers.get(&found.secret_key()).copied()
    }

    /// Returns the distinct secret numbers of some matches, ascending.
    pub fn numbers(&mut self, found: &[Match]) -> Vec<u32> {
        let mut all: Vec<u32> = found.iter().map(|one| self.number(one)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl<'a> OdbScanner<'a> {
    /// Creates a search of the objects of `store` that are not in `clean`.
    pub fn new(
        inspector: &'a Scanner<'a>,
        store: &'a Store,
        format: HashFormat,
        shallow: bool,
        clean: &'a HashSet<ObjectId>,
    ) -> Self {
        let state = Mutex::default();
        // Fibonacci hashing: an odd multiplier with bits everywhere, so that salts differ in the bits that are used.
        let salt = (SEARCHES.fetch_add(1, Ordering::Relaxed) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self {
            inspector,
            store,
            format,
            clean,
            shallow,
            state,
            bytes: AtomicU64::new(0),
            salt,
            progress: Progress::default(),
        }
    }

    /// Sets the display that counts the objects.
    #[must_use]
    pub fn with_progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Returns the result.
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

    /// Records entries that are new in a tree and whose object is missing. `ranges` are the changed ranges, widened by
    /// [`WIDENED_BYTES`].
    fn look_up(&self, content: &[u8], ranges: &[Range<usize>]) {
        let narrow = |range: &Range<usize>| {
            let start = if range.start == 0 { 0 } else { range.start + WIDENED_BYTES };
            let end =
                if range.end == content.len() { range.end } else { range.end - WIDENED_BYTES.min(range.end) };
            start.min(end)..end.max(start)
        };
        let mut ranges = ranges.iter().map(narrow).peekable();
        let mut start = 0;
        for entry in entries(content, self.format) {
            // Where two copied ranges meet, the changed range between them is empty, and yet the entry there may be
            // new.
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

    /// Returns whether this thread has looked up the object recently, and remembers it: versions of a directory mostly
    /// reference the same objects.
    fn is_known(&self, id: &[u8]) -> bool {
        let name = id.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)) ^ self.salt;
        LOOKED_UP.with_borrow_mut(|known| {
            known.resize(CACHE_SLOTS, 0);
            std::mem::replace(&mut known[name as usize % CACHE_SLOTS], name) == name
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
            return self.skipped(Some(*id), error.to_string());
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

impl SkipLog<Option<ObjectId>> for OdbScanner<'_> {
    fn skipped(&self, id: Option<ObjectId>, reason: String) {
        self.lock().unseen.push((id, reason));
    }
}

impl ObjectScanner for OdbScanner<'_> {
    fn wants(&self, id: &ObjectId) -> bool {
        !self.clean.contains(id)
    }

    fn wants_all(&self) -> bool {
        self.clean.is_empty()
    }

    fn may_match(&self, kind: Kind, content: &[u8], ranges: &[Range<usize>]) -> bool {
        fault_injection::work(content);
        self.bytes.fetch_add(content.len() as u64, Ordering::Relaxed);
        self.progress.add(1, content.len() as u64);
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
        self.inspector.may_match(kind == Kind::Blob, content, ranges)
    }

    fn visit(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read) {
        match kind {
            Kind::Tree => self.tree(id, content),
            _ => self.text(id, kind, content),
        }
    }
}

/// A reader whose first bytes can be inspected.
struct Peek<'r> {
    head: Vec<u8>,
    at: usize,
    rest: &'r mut dyn Read,
}

impl<'r> Peek<'r> {
    fn new(rest: &'r mut dyn Read) -> Self {
        let mut head = Vec::new();
        // The error recurs at the next read.
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
