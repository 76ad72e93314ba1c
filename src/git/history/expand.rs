//! From sets to paths: what each distinct set holds, as numbers of secrets under paths.

use std::collections::HashMap;

use super::Targets;
use super::sets::{Child, Roots};
use super::trees::Leaf;
use crate::objects::ObjectId;

/// Paths that one set is spelled out to. A tree can be built to hold the same file under more paths than there are
/// atoms; beyond this the rest only repeats secrets that are named already.
const MOST_PATHS: usize = 20_000;
/// Bytes of a path that are kept.
const LONGEST_PATH: usize = 16 << 10;

/// One secret under one path.
pub(crate) type Item = u32;

/// All items and the sets in which they are.
#[derive(Debug, Default)]
pub(crate) struct Items {
    /// The secret and the path of each item.
    pub(crate) keys: Vec<(Vec<u8>, u32)>,
    numbers: HashMap<(Vec<u8>, u32), Item>,
    /// For each set, once it is spelled out: its items, ascending, with the blob that holds the secret.
    pub(crate) sets: HashMap<u32, Vec<(Item, Option<ObjectId>)>>,
}

impl Items {
    /// Spells out the sets of all commits and of the loose trees.
    pub(crate) fn new(roots: &Roots, targets: &Targets) -> Self {
        let loose = roots.loose.iter().map(|(_, set)| *set);
        let mut wanted: Vec<u32> = roots.of_commit.iter().copied().chain(loose).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut items = Self::default();
        for set in wanted {
            items.spell(set, roots, targets);
        }
        items
    }

    fn spell(&mut self, set: u32, roots: &Roots, targets: &Targets) {
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
                if paths >= MOST_PATHS || below.len() > LONGEST_PATH {
                    continue;
                }
                match child {
                    Child::Set(inner) if open.len() < MOST_PATHS => open.push((inner, below)),
                    Child::Set(_) => {}
                    Child::Leaf(leaf) => {
                        paths += 1;
                        self.leaf(leaf, &below, (roots, targets), &mut out);
                    }
                }
            }
        }
        // A secret in a file and in its name is one item; the file says more.
        out.sort_unstable_by_key(|&(item, blob)| (item, blob.is_none(), blob));
        out.dedup_by_key(|(item, _)| *item);
        self.sets.insert(set, out);
    }

    fn leaf(
        &mut self,
        leaf: Leaf,
        path: &[u8],
        (roots, targets): (&Roots, &Targets),
        out: &mut Vec<(Item, Option<ObjectId>)>,
    ) {
        let (secrets, blob) = match leaf {
            Leaf::Blob(blob) => {
                let id = roots.marked.blobs[blob as usize];
                (targets.blobs.get(&id), Some(id))
            }
            Leaf::Name(name) => (roots.marked.named.get(name as usize), None),
        };
        for &secret in secrets.into_iter().flatten() {
            out.push((self.number(path, secret), blob));
        }
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

    /// The items of a set.
    pub(crate) fn of(&self, set: u32) -> &[(Item, Option<ObjectId>)] {
        self.sets.get(&set).map_or(&[], Vec::as_slice)
    }
}
