//! Computes what one commit adds: entries of its tree that no parent has at the same path.
//!
//! A few small trees that refer to each other repeatedly can expand to more paths than fit in memory. Every tree is
//! visited at least once, but at further paths only until [`MAX_REPEATED_ENTRIES`] is reached.

use std::collections::HashSet;
use std::rc::Rc;

use super::trees::{Table, TableEntry, Trees};
use super::walk::RangeCommit;
use crate::database::ReadError;
use crate::odb::ObjectId;
use crate::parse::EntryKind;

/// Maximum number of tree entries that are visited again at further paths of the same commit, per range.
pub(super) const MAX_REPEATED_ENTRIES: usize = 50_000;
/// Maximum depth of directories.
const MAX_DEPTH: usize = 4096;
/// Maximum length of a path, in bytes.
const MAX_PATH_BYTES: usize = 64 << 10;
/// Maximum number of entries of all directories on the current path.
const MAX_OPEN_ENTRIES: usize = 2 << 20;

/// A blob that a commit adds at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path from the root of the repository.
    pub path: Vec<u8>,
    /// The blob.
    pub blob: ObjectId,
    /// The blobs that the parents have at that path.
    pub before: Vec<ObjectId>,
}

/// Something that a commit adds.
#[derive(Debug)]
pub enum Added<'w> {
    /// A blob.
    Blob(Change),
    /// A new path of a file, directory or submodule.
    Name(&'w [u8]),
    /// The path of a submodule that no parent has there.
    Submodule(&'w [u8]),
    /// A tree that could not be read.
    Unread(ReadError),
}

/// What was skipped because directories occur at too many paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Omissions {
    /// Further paths of content that was visited and compared with the same directories of the parents: only the paths
    /// are missing.
    pub paths: bool,
    /// Directories that were visited, but not compared with everything that the parents have at their paths.
    pub comparisons: bool,
}

impl Trees<'_> {
    /// Passes everything that `commit` adds to its parents to `take`, in path order. A missing parent counts as empty.
    pub fn added(&mut self, commit: &RangeCommit, take: &mut dyn FnMut(Added<'_>)) {
        let parents = commit.head.parents.iter().filter_map(|id| self.database.commit(id).ok());
        let parents: Vec<ObjectId> = parents.map(|(_, head)| head.tree).collect();
        self.compare(commit.head.tree, parents, take);
    }

    /// Passes everything in `tree` that is not in `parents` to `take`.
    fn compare(&mut self, tree: ObjectId, parents: Vec<ObjectId>, take: &mut dyn FnMut(Added<'_>)) {
        let mut walk = Walk {
            trees: self,
            take,
            seen: HashSet::new(),
            pairs: HashSet::new(),
            path: Vec::new(),
            frames: Vec::new(),
            open: 0,
        };
        walk.enter(tree, parents);
        walk.run();
    }

    /// Passes everything in `tree` to `take`, in path order.
    pub fn all_of(&mut self, tree: &ObjectId, take: &mut dyn FnMut(Added<'_>)) {
        self.compare(*tree, Vec::new(), take);
    }

    /// Returns what was skipped so far.
    pub fn omissions(&self) -> Omissions {
        self.omissions
    }
}

/// A directory that is being visited.
struct Frame {
    table: Rc<Table>,
    /// Position of the next entry.
    next: usize,
    /// The directories of the parents at the same path.
    parents: Vec<Rc<Table>>,
    /// Length of the path up to the directory, in bytes.
    path_len: usize,
}

/// A walk through the tree of one commit in parallel with those of its parents.
struct Walk<'w, 'a> {
    trees: &'w mut Trees<'a>,
    take: &'w mut dyn FnMut(Added<'_>),
    /// Trees that were visited.
    seen: HashSet<ObjectId>,
    /// Trees that were visited, with the parents' trees that they were compared with.
    pairs: HashSet<(ObjectId, Vec<ObjectId>)>,
    path: Vec<u8>,
    frames: Vec<Frame>,
    /// Number of entries of all frames.
    open: usize,
}

impl Walk<'_, '_> {
    fn run(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            self.path.truncate(frame.path_len);
            let (table, at) = (Rc::clone(&frame.table), frame.next);
            frame.next += 1;
            match table.get(at) {
                Some(entry) => self.entry(entry),
                None => {
                    let closed = self.frames.pop();
                    self.open -= closed.map_or(0, |frame| entries_of(&frame.table, &frame.parents));
                }
            }
        }
    }

    fn entry(&mut self, entry: &TableEntry) {
        let Some(frame) = self.frames.last() else { return };
        let before = frame.parents.iter().flat_map(|parent| parent.named(&entry.name));
        let before: Vec<(EntryKind, ObjectId)> = before.map(|one| (one.kind, one.id)).collect();
        if before.iter().any(|(_, id)| *id == entry.id) {
            return;
        }
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(&entry.name);
        if self.path.len() > MAX_PATH_BYTES {
            return self.unread(&entry.id, "its path is longer than 64 KiB");
        }
        if before.is_empty() {
            (self.take)(Added::Name(&self.path));
        }
        let before: Vec<ObjectId> =
            before.iter().filter(|(kind, _)| *kind == entry.kind).map(|(_, id)| *id).collect();
        match entry.kind {
            EntryKind::Blob => {
                (self.take)(Added::Blob(Change { path: self.path.clone(), blob: entry.id, before }));
            }
            EntryKind::Tree => self.enter(entry.id, before),
            EntryKind::Submodule if before.is_empty() => (self.take)(Added::Submodule(&self.path)),
            EntryKind::Submodule => {}
        }
    }

    /// Opens the directory at the current path, unless one of `parents` (the parents' trees at this path) is the same
    /// tree.
    fn enter(&mut self, id: ObjectId, parents: Vec<ObjectId>) {
        if parents.contains(&id) {
            return;
        }
        if self.frames.len() >= MAX_DEPTH {
            return self.unread(&id, "directories are nested too deeply");
        }
        let repeated = self.seen.contains(&id);
        if repeated && self.trees.repeats == 0 {
            let omissions = &mut self.trees.omissions;
            let compared = self.pairs.contains(&(id, parents));
            *if compared { &mut omissions.paths } else { &mut omissions.comparisons } = true;
            return;
        }
        let table = match self.trees.read(&id) {
            Ok(table) => table,
            Err(error) => return (self.take)(Added::Unread(error)),
        };
        let tables: Vec<Rc<Table>> = parents.iter().filter_map(|id| self.trees.read(id).ok()).collect();
        let entries = entries_of(&table, &tables);
        if self.open + entries > MAX_OPEN_ENTRIES {
            return self.unread(&id, "the directories that lead to it have too many entries");
        }
        if repeated {
            self.trees.repeats = self.trees.repeats.saturating_sub(1 + table.len());
        }
        self.seen.insert(id);
        self.pairs.insert((id, parents));
        self.open += entries;
        self.frames.push(Frame { table, next: 0, parents: tables, path_len: self.path.len() });
    }

    fn unread(&mut self, id: &ObjectId, reason: &str) {
        (self.take)(Added::Unread(ReadError { id: id.to_string(), reason: reason.to_owned() }));
    }
}

/// Returns the number of entries of a directory and of the parents' directories at the same path.
fn entries_of(table: &Table, parents: &[Rc<Table>]) -> usize {
    table.len() + parents.iter().map(|parent| parent.len()).sum::<usize>()
}
