//! Collects the secrets that a range adds, one item for each secret and path, within limits.

use std::collections::{BTreeMap, HashMap};

use super::search::Item;
use crate::finding::SecretKey;
use crate::git::Change;

/// Maximum number of paths reported for one secret.
const MAX_PATHS: usize = 1_000;
/// If there are more items, only the first path of each new secret is kept.
const MAX_ITEMS: usize = 100_000;

/// Secrets at paths.
#[derive(Default)]
pub(super) struct Items {
    items: BTreeMap<(Vec<u8>, SecretKey), Item>,
    /// Number of paths of each secret.
    paths: HashMap<SecretKey, usize>,
    /// Number of paths that were dropped.
    unlisted: u64,
}

impl Items {
    /// Adds a secret that commit number `commit` adds. The first commit at a path wins.
    pub(super) fn add(&mut self, key: &SecretKey, commit: usize, change: &Change) {
        let at = (change.path.clone(), *key);
        if self.items.contains_key(&at) {
            return;
        }
        let paths = self.paths.entry(*key).or_default();
        let room = if self.items.len() < MAX_ITEMS { MAX_PATHS } else { 1 };
        if *paths >= room {
            self.unlisted += 1;
            return;
        }
        *paths += 1;
        let item = Item { key: *key, path: change.path.clone(), commit, blob: change.blob };
        self.items.insert(at, item);
    }

    /// Returns the items ordered by path, and the number of paths that were dropped.
    pub(super) fn finish(self) -> (Vec<Item>, u64) {
        (self.items.into_values().collect(), self.unlisted)
    }
}
