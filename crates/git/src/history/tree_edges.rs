//! The pass over all trees: records an edge for each directory entry, and a mark for each entry with findings.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Targets;
use crate::odb::{HashFormat, ObjectId};
use crate::parse::{EntryKind, entries};

/// Number of shards of the table; threads lock one shard each, so they seldom wait for each other.
const SHARDS: usize = 16;
/// Size of each shard's cache of recent names.
const RECENT_NAMES: usize = 1 << 12;

/// A tree entry with findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Leaf {
    /// A blob that contains secrets, as an index into [`MarkedTrees::blobs`].
    Blob(u32),
    /// A name that contains secrets, as an index into [`MarkedTrees::named`].
    Name(u32),
}

/// Collects trees from many threads.
pub(crate) struct TreeCollector<'a> {
    targets: &'a Targets,
    format: HashFormat,
    blobs: Vec<ObjectId>,
    numbers: HashMap<&'a [u8], u32>,
    /// By the first two bytes of an id: whether any wanted blob starts with them. Rejects almost every entry.
    known_prefixes: Vec<bool>,
    shards: Vec<Mutex<Shard>>,
    named: Mutex<Vec<Vec<u32>>>,
}

#[derive(Default)]
struct Shard {
    trees: Vec<ObjectId>,
    numbers: HashMap<Vec<u8>, u32>,
    names: Vec<Vec<u8>>,
    /// Cache of the numbers of recent names, by a few of their bytes: most names occur in many trees.
    recent: Vec<u32>,
    /// Prefix of the child's id, the tree that contains it, and its name there.
    edges: Vec<(u64, u32, u32)>,
    marks: Vec<(u32, u32, Leaf)>,
}

impl Shard {
    fn name(&mut self, name: &[u8]) -> u32 {
        self.recent.resize(RECENT_NAMES, u32::MAX);
        let (first, last) =
            (name.first_chunk().copied().unwrap_or([0; 2]), name.last().copied().unwrap_or(0));
        let slot = usize::from(u16::from_le_bytes(first)) ^ usize::from(last) << 4 ^ name.len() << 6;
        let recent = self.recent[slot % RECENT_NAMES];
        if self.names.get(recent as usize).is_some_and(|known| known == name) {
            return recent;
        }
        let number = self.numbers.get(name).copied().unwrap_or_else(|| {
            let number = self.names.len() as u32;
            self.numbers.insert(name.to_vec(), number);
            self.names.push(name.to_vec());
            number
        });
        self.recent[slot % RECENT_NAMES] = number;
        number
    }
}

/// The result of the pass. Deterministic once sorted by content, for any number of threads.
#[derive(Debug, Default)]
pub(crate) struct MarkedTrees {
    /// Ids of the trees, by number.
    pub(crate) trees: Vec<ObjectId>,
    /// Names of entries, by number.
    pub(crate) names: Vec<Vec<u8>>,
    /// Prefix of the child's id, the tree that contains it, and its name there.
    pub(crate) edges: Vec<(u64, u32, u32)>,
    /// The tree, the name of the entry in it, and the findings of the entry.
    pub(crate) marks: Vec<(u32, u32, Leaf)>,
    /// Ids of the blobs that contain secrets, by number.
    pub(crate) blobs: Vec<ObjectId>,
    /// The numbers of the secrets in each name that contains any.
    pub(crate) named: Vec<Vec<u32>>,
}

impl<'a> TreeCollector<'a> {
    /// Prepares a search for `targets` in trees.
    pub(crate) fn new(targets: &'a Targets, format: HashFormat) -> Self {
        let mut known: Vec<&ObjectId> = targets.blobs.keys().collect();
        known.sort_unstable();
        let mut known_prefixes = vec![false; 1 << 16];
        for id in &known {
            known_prefixes[first_two_bytes(id.as_bytes())] = true;
        }
        Self {
            targets,
            format,
            blobs: known.iter().map(|id| **id).collect(),
            numbers: known.iter().zip(0..).map(|(id, number)| (id.as_bytes(), number)).collect(),
            known_prefixes,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            named: Mutex::default(),
        }
    }

    /// Adds one tree.
    pub(crate) fn take(&self, id: &ObjectId, content: &[u8]) {
        let last = id.as_bytes().last().copied().unwrap_or_default();
        let mut shard = lock(&self.shards[usize::from(last) % SHARDS]);
        let tree = shard.trees.len() as u32;
        shard.trees.push(*id);
        for entry in entries(content, self.format) {
            if entry.kind == EntryKind::Tree {
                let name = shard.name(entry.name);
                shard.edges.push((prefix(entry.id), tree, name));
            }
            // A directory can be a target, too: one that is missing.
            if self.known_prefixes[first_two_bytes(entry.id)]
                && let Some(&blob) = self.numbers.get(entry.id)
            {
                let name = shard.name(entry.name);
                shard.marks.push((tree, name, Leaf::Blob(blob)));
            }
        }
        for (name, secrets) in self.targets.names.get(id).into_iter().flatten() {
            let mut named = lock(&self.named);
            let leaf = Leaf::Name(named.len() as u32);
            named.push(secrets.clone());
            let name = shard.name(name);
            shard.marks.push((tree, name, leaf));
        }
    }

    /// Merges the shards.
    pub(crate) fn finish(self) -> MarkedTrees {
        let mut all = MarkedTrees { blobs: self.blobs, ..MarkedTrees::default() };
        all.named = self.named.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut names: HashMap<Vec<u8>, u32> = HashMap::new();
        for shard in self.shards {
            let shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            let first = all.trees.len() as u32;
            let mut numbers = Vec::with_capacity(shard.names.len());
            for name in shard.names {
                let next = names.len() as u32;
                numbers.push(*names.entry(name).or_insert(next));
            }
            all.trees.extend(shard.trees);
            let edges = shard.edges.into_iter();
            all.edges.extend(edges.map(|(child, tree, name)| (child, first + tree, numbers[name as usize])));
            let marks = shard.marks.into_iter();
            all.marks.extend(marks.map(|(tree, name, leaf)| (first + tree, numbers[name as usize], leaf)));
        }
        all.names = vec![Vec::new(); names.len()];
        for (name, number) in names {
            all.names[number as usize] = name;
        }
        all
    }
}

/// Returns the first eight bytes of an id, which identify an object because an id is a hash.
pub(crate) fn prefix(id: &[u8]) -> u64 {
    id.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

fn first_two_bytes(id: &[u8]) -> usize {
    id.first_chunk::<2>().map_or(0, |bytes| usize::from(u16::from_be_bytes(*bytes)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
