//! Compares the index with a tree, directory by directory. Only reads the directories of the tree that the cache tree
//! does not cover.

use std::ops::Range;

use git2::{Odb, Oid};

use super::objects::{OrderedEntries, entries_of, oid, read_tree};
use super::{Staged, StagedError};
use crate::index::{Directory, Entry, Index};
use crate::tree::{TreeEntry, canonical};

/// Maximum total length of the paths that directories of a sparse index expand to, in bytes. A few small trees that
/// refer to each other repeatedly can expand to an astronomical number of files.
const MAX_EXPANDED_BYTES: usize = 1 << 28;

/// A comparison in progress.
pub(super) struct Comparison<'a> {
    odb: &'a Odb<'a>,
    index: &'a Index,
    /// Directories to compare. A work list instead of recursion, because a hostile path could overflow the stack.
    folders: Vec<TempFolder>,
    /// Directories of a sparse index that differ: their path with a trailing slash, their tree, and that of the last
    /// commit.
    trees: Vec<(Vec<u8>, Oid, Option<Oid>)>,
    expanded: usize,
    staged: Vec<Staged>,
}

/// A directory in the index.
#[derive(Clone)]
struct TempFolder {
    /// The entries under it. They share the first `path_len` bytes of their path.
    entries: Range<usize>,
    path_len: usize,
    cached: Option<Directory>,
    old: Option<Oid>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(odb: &'a Odb<'a>, index: &'a Index) -> Self {
        Self { odb, index, folders: Vec::new(), trees: Vec::new(), expanded: 0, staged: Vec::new() }
    }

    /// Returns the entries of the index that the tree `old` does not have, in unspecified order.
    pub(super) fn run(mut self, old: Option<Oid>) -> Result<Vec<Staged>, StagedError> {
        let entries = 0..self.index.entries.len();
        let root = TempFolder { entries, path_len: 0, cached: self.index.root(), old };
        if self.end_if_unchanged(&root, b"") != Some(root.entries.end) {
            self.folders.push(root);
        }
        while let Some(folder) = self.folders.pop() {
            self.compare_folder(&folder)?;
        }
        while let Some((path, new, old)) = self.trees.pop() {
            self.compare_trees(&path, new, old)?;
        }
        Ok(self.staged)
    }

    /// Returns the end of the folder's entries if it is the same as in the last commit. The end of `folder.entries` may
    /// still be too large.
    fn end_if_unchanged(&self, folder: &TempFolder, path: &[u8]) -> Option<usize> {
        let (count, id) = self.index.unchanged(folder.cached?)?;
        if id != folder.old?.as_bytes() {
            return None;
        }
        let end = folder.entries.start.checked_add(count).filter(|end| *end <= folder.entries.end)?;
        // Ignore a cache tree that does not match the entries.
        let is_beneath = |entry: &Entry| self.index.path(entry).starts_with(path);
        let last_is = self.index.entries[folder.entries.start..end].last().is_some_and(is_beneath);
        let next_is = self.index.entries[end..folder.entries.end].first().is_some_and(is_beneath);
        (last_is && !next_is).then_some(end)
    }

    fn compare_folder(&mut self, folder: &TempFolder) -> Result<(), StagedError> {
        let object = folder.old.map(|id| read_tree(self.odb, id)).transpose()?;
        let mut old = OrderedEntries::new(object.as_ref())?;
        let index = self.index;
        let cached = folder.cached.map(|directory| index.directories(directory)).unwrap_or_default();
        let mut at = folder.entries.start;
        while at < folder.entries.end {
            let entry = &index.entries[at];
            let path = index.path(entry);
            let name = &path[folder.path_len..];
            let Some(slash) = memchr::memchr(b'/', name) else {
                self.compare_entry(entry, old.find(name, false))?;
                at += 1;
                continue;
            };
            let name = &name[..slash];
            let old = old.find(name, true).map(|old| oid(old.id)).transpose()?;
            let path = &path[..=folder.path_len + slash];
            if entry.is_directory() {
                self.push_trees(path.to_vec(), oid(index.id(entry))?, old)?;
                at += 1;
                continue;
            }
            let cached =
                cached.binary_search_by_key(&name, |(name, _)| name).ok().map(|found| cached[found].1);
            let entries = at..folder.entries.end;
            at = self.push_folder(TempFolder { entries, path_len: path.len(), cached, old }, path);
        }
        Ok(())
    }

    /// Queues the folder that starts at `folder.entries.start`, unless it is unchanged, and returns the end of its
    /// entries.
    fn push_folder(&mut self, mut folder: TempFolder, path: &[u8]) -> usize {
        if let Some(end) = self.end_if_unchanged(&folder, path) {
            return end;
        }
        let entries = &self.index.entries[folder.entries.clone()];
        let count = entries.partition_point(|entry| self.index.path(entry).starts_with(path));
        // At least one, because the first entry is in the folder and the caller must advance.
        let end = folder.entries.start + count.max(1);
        folder.entries.end = end;
        self.folders.push(folder);
        end
    }

    fn compare_entry(&mut self, entry: &Entry, old: Option<TreeEntry<'_>>) -> Result<(), StagedError> {
        let mode = canonical(entry.mode());
        let id = self.index.id(entry);
        if entry.is_submodule() || entry.is_directory() {
            return Ok(());
        }
        let is_plain = entry.stage() == 0 && !entry.intent_to_add();
        if is_plain && old.is_some_and(|old| old.mode == mode && old.id == id) {
            return Ok(());
        }
        let old = old.filter(TreeEntry::is_blob).map(|old| oid(old.id)).transpose()?;
        self.staged.push(Staged {
            path: self.index.path(entry).to_vec(),
            mode,
            new: oid(id)?,
            old,
            intent_to_add: entry.intent_to_add(),
            conflict_stage: entry.stage(),
        });
        Ok(())
    }

    fn push_trees(&mut self, path: Vec<u8>, new: Oid, old: Option<Oid>) -> Result<(), StagedError> {
        if old != Some(new) {
            self.expand_by(path.len())?;
            self.trees.push((path, new, old));
        }
        Ok(())
    }

    fn expand_by(&mut self, bytes: usize) -> Result<(), StagedError> {
        self.expanded += bytes;
        if self.expanded > MAX_EXPANDED_BYTES { Err(StagedError::TooMany) } else { Ok(()) }
    }

    /// Compares two trees. `path`, which ends with a slash, is that of `new`.
    fn compare_trees(&mut self, path: &[u8], new: Oid, old: Option<Oid>) -> Result<(), StagedError> {
        let old = old.map(|id| read_tree(self.odb, id)).transpose()?;
        let mut old = OrderedEntries::new(old.as_ref())?;
        let new = read_tree(self.odb, new)?;
        let mut folders = Vec::new();
        let mut staged = Vec::new();
        for entry in entries_of(&new) {
            let entry = entry?;
            let old = old.find(entry.name, entry.is_directory());
            if old.is_some_and(|old| (old.mode, old.id) == (entry.mode, entry.id)) {
                continue;
            }
            let path = [path, entry.name].concat();
            if entry.is_directory() {
                folders.push((path, oid(entry.id)?, old.map(|old| oid(old.id)).transpose()?));
            } else if entry.is_blob() {
                let old = old.filter(TreeEntry::is_blob).map(|old| oid(old.id)).transpose()?;
                let (mode, new) = (entry.mode, oid(entry.id)?);
                staged.push(Staged { path, mode, new, old, intent_to_add: false, conflict_stage: 0 });
            }
        }
        for (mut path, new, old) in folders {
            path.push(b'/');
            self.push_trees(path, new, old)?;
        }
        self.expand_by(staged.iter().map(|one| one.path.len()).sum())?;
        self.staged.append(&mut staged);
        Ok(())
    }
}
