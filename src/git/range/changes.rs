//! What one commit adds to its parents: entries of its tree that none of them has at the same path.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::walk::RangeCommit;
use crate::git::database::{Database, ReadError};
use crate::git::parse::{EntryKind, entries};
use crate::objects::{HashFormat, Kind, ObjectId};

/// Trees that are kept for the next commit, which mostly has them, too.
const KEPT: usize = 4096;
/// How deep directories may lie in each other.
const DEEPEST: usize = 4096;

/// A blob that a commit adds at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path from the root of the repository.
    pub path: Vec<u8>,
    /// The blob.
    pub blob: ObjectId,
    /// What the parents have at that path.
    pub before: Vec<ObjectId>,
}

/// What a commit adds.
#[derive(Debug, Default)]
pub struct Added {
    /// Blobs.
    pub changes: Vec<Change>,
    /// Paths of which no parent has the last part: of files, directories and submodules.
    pub names: Vec<Vec<u8>>,
    /// Trees that could not be read.
    pub errors: Vec<ReadError>,
}

type Entries = Rc<HashMap<Vec<u8>, (EntryKind, ObjectId)>>;

/// Reads trees and remembers some.
pub struct Trees<'a> {
    database: &'a Database,
    format: HashFormat,
    kept: HashMap<ObjectId, Entries>,
}

impl<'a> Trees<'a> {
    /// Reads the trees of a database.
    pub fn new(database: &'a Database, format: HashFormat) -> Self {
        Self { database, format, kept: HashMap::new() }
    }

    fn read(&mut self, id: &ObjectId) -> Result<Entries, ReadError> {
        if let Some(known) = self.kept.get(id) {
            return Ok(Rc::clone(known));
        }
        let (kind, content) = self.database.read(id)?;
        if kind != Kind::Tree {
            return Err(ReadError { id: id.to_string(), reason: "is no tree".to_owned() });
        }
        let list = entries(&content, self.format);
        let table =
            list.filter_map(|one| Some((one.name.to_vec(), (one.kind, ObjectId::from_bytes(one.id)?))));
        let table = Rc::new(table.collect::<HashMap<_, _>>());
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.insert(*id, Rc::clone(&table));
        Ok(table)
    }

    /// What `commit` adds to its parents. A parent that is not here has nothing.
    pub fn added(&mut self, commit: &RangeCommit) -> Added {
        let mut out = Added::default();
        let parents = commit.head.parents.iter().filter_map(|id| self.database.commit(id).ok());
        let parents: Vec<ObjectId> = parents.map(|(_, head)| head.tree).collect();
        let mut open = vec![(commit.head.tree, parents, Vec::new(), 0)];
        while let Some((tree, parents, path, depth)) = open.pop() {
            if parents.contains(&tree) {
                continue;
            }
            let table = match self.read(&tree) {
                Ok(table) => table,
                Err(error) => {
                    out.errors.push(error);
                    continue;
                }
            };
            let parents: Vec<Entries> = parents.iter().filter_map(|id| self.read(id).ok()).collect();
            for (name, (kind, id)) in table.iter() {
                let before: Vec<_> = parents.iter().filter_map(|parent| parent.get(name)).collect();
                if before.iter().any(|(_, other)| other == id) {
                    continue;
                }
                let below = if path.is_empty() { name.clone() } else { [&path[..], b"/", name].concat() };
                if before.is_empty() {
                    out.names.push(below.clone());
                }
                let same = before.iter().filter(|(other, _)| other == kind).map(|(_, id)| *id).collect();
                match kind {
                    EntryKind::Blob => out.changes.push(Change { path: below, blob: *id, before: same }),
                    EntryKind::Tree if depth < DEEPEST => open.push((*id, same, below, depth + 1)),
                    EntryKind::Tree => out.errors.push(ReadError {
                        id: id.to_string(),
                        reason: "directories lie too deep in each other".to_owned(),
                    }),
                    EntryKind::Submodule => {}
                }
            }
        }
        out.changes.sort_by(|a, b| a.path.cmp(&b.path));
        out.names.sort();
        out
    }

    /// The blob at `path` in a tree.
    pub fn blob_at(&mut self, tree: &ObjectId, path: &[u8]) -> Option<ObjectId> {
        let mut id = *tree;
        let mut parts = path.split(|&byte| byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let (kind, below) = *self.read(&id).ok()?.get(part)?;
            match (kind, parts.peek()) {
                (EntryKind::Blob, None) => return Some(below),
                (EntryKind::Tree, Some(_)) => id = below,
                _ => return None,
            }
        }
        None
    }

    /// All blobs in a tree, added to `out`. `seen` are the trees that need not be looked at again.
    pub fn blobs_in(&mut self, tree: &ObjectId, seen: &mut HashSet<ObjectId>, out: &mut HashSet<ObjectId>) {
        let mut open = vec![*tree];
        while let Some(id) = open.pop() {
            let Some(table) = Some(id).filter(|id| seen.insert(*id)).and_then(|id| self.read(&id).ok())
            else {
                continue;
            };
            for (kind, id) in table.values() {
                match kind {
                    EntryKind::Blob => {
                        out.insert(*id);
                    }
                    EntryKind::Tree => open.push(*id),
                    EntryKind::Submodule => {}
                }
            }
        }
    }
}
