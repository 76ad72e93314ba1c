//! The secrets that a range brings, each at each of its paths, within limits.

use std::collections::{BTreeMap, HashMap};

use super::contents::Key;
use super::search::Item;
use crate::git::Change;

/// Maximum number of paths of one secret that are reported.
const MAX_PATHS: usize = 1_000;
/// Number of items from which on only the first path of a secret is kept.
const MAX_ITEMS: usize = 100_000;

/// Secrets at paths.
#[derive(Default)]
pub(super) struct Items {
    items: BTreeMap<(Vec<u8>, Key), Item>,
    /// Number of paths of each secret.
    paths: HashMap<Key, usize>,
    /// Number of paths that were left out.
    unlisted: u64,
}

impl Items {
    /// Adds a secret that commit number `commit` brings. The first commit at a path counts.
    pub(super) fn add(&mut self, key: &Key, commit: usize, change: &Change) {
        let at = (change.path.clone(), key.clone());
        if self.items.contains_key(&at) {
            return;
        }
        let paths = self.paths.entry(key.clone()).or_default();
        let room = if self.items.len() < MAX_ITEMS { MAX_PATHS } else { 1 };
        if *paths >= room {
            self.unlisted += 1;
            return;
        }
        *paths += 1;
        let item = Item { key: key.clone(), path: change.path.clone(), commit, blob: change.blob };
        self.items.insert(at, item);
    }

    /// The items in the order of paths, and the number of paths that were left out.
    pub(super) fn finish(self) -> (Vec<Item>, u64) {
        (self.items.into_values().collect(), self.unlisted)
    }
}
