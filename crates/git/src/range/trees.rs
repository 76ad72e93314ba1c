//! Reads tree objects on demand, with a cache of recent ones.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::database::{Database, ReadError};
use crate::odb::{HashFormat, Kind, ObjectId};
use crate::parse::{EntryKind, entries};

/// Maximum number of trees in the cache. The next commit usually needs most of them again.
const MAX_CACHED_TREES: usize = 4096;
/// Maximum number of entries of all trees in the cache.
const MAX_CACHED_ENTRIES: usize = 1 << 20;

/// One entry of a [`Table`].
#[derive(Debug)]
pub(super) struct TableEntry {
    pub(super) name: Box<[u8]>,
    pub(super) kind: EntryKind,
    pub(super) id: ObjectId,
}

/// The entries of a tree, sorted by name. A damaged tree can have several entries of one name.
#[derive(Debug)]
pub(super) struct Table(Vec<TableEntry>);

impl Table {
    fn read(content: &[u8], format: HashFormat) -> Self {
        let entry = |one: crate::parse::TreeEntry<'_>| {
            Some(TableEntry { name: one.name.into(), kind: one.kind, id: ObjectId::from_bytes(one.id)? })
        };
        let mut list: Vec<TableEntry> = entries(content, format).filter_map(entry).collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Self(list)
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the entry at a position in name order.
    pub(super) fn get(&self, at: usize) -> Option<&TableEntry> {
        self.0.get(at)
    }

    /// Returns all entries of this name.
    pub(super) fn named<'t>(&'t self, name: &'t [u8]) -> impl Iterator<Item = &'t TableEntry> {
        let start = self.0.partition_point(|entry| *entry.name < *name);
        self.0[start..].iter().take_while(move |entry| *entry.name == *name)
    }
}

/// A cached reader of trees.
pub struct Trees<'a> {
    pub(super) database: &'a Database,
    format: HashFormat,
    cache: HashMap<ObjectId, Rc<Table>>,
    cached_entries: usize,
    /// Number of tree entries that may still be visited at further paths.
    pub(super) repeats: usize,
    /// What was skipped since that number reached zero.
    pub(super) omissions: super::Omissions,
}

impl<'a> Trees<'a> {
    /// Creates a reader for the trees of a database.
    pub fn new(database: &'a Database, format: HashFormat) -> Self {
        Self {
            database,
            format,
            cache: HashMap::new(),
            cached_entries: 0,
            repeats: super::changes::MAX_REPEATED_ENTRIES,
            omissions: super::Omissions::default(),
        }
    }

    pub(super) fn read(&mut self, id: &ObjectId) -> Result<Rc<Table>, ReadError> {
        if let Some(known) = self.cache.get(id) {
            return Ok(Rc::clone(known));
        }
        let (kind, content) = self.database.read(id)?;
        if kind != Kind::Tree {
            return Err(ReadError { id: id.to_string(), reason: "not a tree".to_owned() });
        }
        let table = Rc::new(Table::read(&content, self.format));
        self.cached_entries += table.len();
        if self.cache.len() >= MAX_CACHED_TREES || self.cached_entries > MAX_CACHED_ENTRIES {
            self.cache.clear();
            self.cached_entries = table.len();
        }
        self.cache.insert(*id, Rc::clone(&table));
        Ok(table)
    }

    /// Returns the blob at `path` in a tree.
    pub fn blob_at(&mut self, tree: &ObjectId, path: &[u8]) -> Option<ObjectId> {
        let mut id = *tree;
        let mut parts = path.split(|&byte| byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let table = self.read(&id).ok()?;
            let entry = table.named(part).last()?;
            match (entry.kind, parts.peek()) {
                (EntryKind::Blob, None) => return Some(entry.id),
                (EntryKind::Tree, Some(_)) => id = entry.id,
                _ => return None,
            }
        }
        None
    }

    /// Adds all blobs in a tree to `out`. Skips the trees in `seen`, and adds the visited ones to it.
    pub fn blobs_in(&mut self, tree: &ObjectId, seen: &mut HashSet<ObjectId>, out: &mut HashSet<ObjectId>) {
        let mut open = vec![*tree];
        while let Some(id) = open.pop() {
            let Some(table) = Some(id).filter(|id| seen.insert(*id)).and_then(|id| self.read(&id).ok())
            else {
                continue;
            };
            for entry in &table.0 {
                match entry.kind {
                    EntryKind::Blob => {
                        out.insert(entry.id);
                    }
                    EntryKind::Tree => open.push(entry.id),
                    EntryKind::Submodule => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_names_are_all_returned() {
        let content =
            b"100644 b\0bbbbbbbbbbbbbbbbbbbb40000 a\0aaaaaaaaaaaaaaaaaaaa100644 b\0cccccccccccccccccccc";
        let table = Table::read(content, HashFormat::Sha1);
        let ids = |name: &[u8]| table.named(name).map(|one| one.id.as_bytes()[0]).collect::<Vec<_>>();
        assert_eq!((ids(b"a"), ids(b"b"), ids(b"c")), (vec![b'a'], vec![b'b', b'c'], vec![]));
        assert_eq!((table.len(), table.get(0).map(|one| one.kind)), (3, Some(EntryKind::Tree)));
    }
}
