//! Expands each distinct set into its items: pairs of a path and a secret.

use std::collections::HashMap;

use super::Targets;
use super::tree_edges::Leaf;
use super::tree_sets::{Child, Roots};
use crate::odb::ObjectId;

/// Maximum number of paths that one set expands to. A few small trees can contain the same file under an astronomical
/// number of paths; the paths beyond this limit only repeat secrets that are already reported.
const MAX_PATHS_PER_SET: usize = 20_000;
/// Maximum length of a path, in bytes. Longer paths are dropped.
const MAX_PATH_BYTES: usize = 16 << 10;

/// Index of a pair of path and secret in [`Items::keys`].
pub(crate) type Item = u32;

/// All items, and the sets that contain them.
#[derive(Debug, Default)]
pub(crate) struct Items {
    /// The path and the secret of each item.
    pub(crate) keys: Vec<(Vec<u8>, u32)>,
    numbers: HashMap<(Vec<u8>, u32), Item>,
    /// The items of each expanded set, ascending, each with the blob that contains the secret.
    pub(crate) sets: HashMap<u32, Vec<(Item, Option<ObjectId>)>>,
}

impl Items {
    /// Expands the sets of all commits and of the loose trees.
    pub(crate) fn new(roots: &Roots, targets: &Targets) -> Self {
        let loose = roots.loose.iter().map(|(_, set)| *set);
        let mut wanted: Vec<u32> = roots.of_commit.iter().copied().chain(loose).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut items = Self::default();
        for set in wanted {
            items.expand(set, roots, targets);
        }
        items
    }

    fn expand(&mut self, set: u32, roots: &Roots, targets: &Targets) {
        let mut out = Vec::new();
        let mut open: Vec<(u32, Vec<u8>)> = vec![(set, Vec::new())];
        let mut paths = 0;
        while let Some((set, path)) = open.pop() {
            for &(name, child) in &roots.sets[set as usize] {
                let name = &roots.marked.names[name as usize];
                let mut below = path.clone();
                if !below.is_empty() {
                    below.push(b'/');
                }
                below.extend_from_slice(name);
                if paths >= MAX_PATHS_PER_SET || below.len() > MAX_PATH_BYTES {
                    continue;
                }
                match child {
                    Child::Set(inner) if open.len() < MAX_PATHS_PER_SET => open.push((inner, below)),
                    Child::Set(_) => {}
                    Child::Leaf(leaf) => {
                        paths += 1;
                        let (secrets, blob) = secrets_of(leaf, roots, targets);
                        out.extend(secrets.iter().map(|&secret| (self.number(&below, secret), blob)));
                    }
                }
            }
        }
        // A secret in a file and in its name is one item; the entry with the blob is kept.
        out.sort_unstable_by_key(|&(item, blob)| (item, blob.is_none(), blob));
        out.dedup_by_key(|(item, _)| *item);
        self.sets.insert(set, out);
    }

    fn number(&mut self, path: &[u8], secret: u32) -> Item {
        let key = (path.to_vec(), secret);
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        let number = self.keys.len() as Item;
        self.keys.push(key.clone());
        self.numbers.insert(key, number);
        number
    }

    /// Returns the items of a set.
    pub(crate) fn of(&self, set: u32) -> &[(Item, Option<ObjectId>)] {
        self.sets.get(&set).map_or(&[], Vec::as_slice)
    }
}

/// Returns the secrets of a leaf, and its blob if they are in one.
fn secrets_of<'s>(leaf: Leaf, roots: &'s Roots, targets: &'s Targets) -> (&'s [u32], Option<ObjectId>) {
    let (secrets, blob) = match leaf {
        Leaf::Blob(blob) => {
            let id = roots.marked.blobs[blob as usize];
            (targets.blobs.get(&id), Some(id))
        }
        Leaf::Name(name) => (roots.marked.named.get(name as usize), None),
    };
    (secrets.map_or(&[], Vec::as_slice), blob)
}
