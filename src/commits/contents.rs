//! What the blobs of a range hold: matches by secret, and what was not read in them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::detect::Found;
use crate::finding::Unseen;
use crate::objects::ObjectId;

/// A secret of a rule.
pub(super) type Key = (usize, String);

/// What the blobs hold that were searched.
#[derive(Default)]
pub(super) struct Contents {
    /// Blobs that hold something, and what, by secret.
    hits: HashMap<ObjectId, BTreeMap<Key, Vec<Found>>>,
    /// Blobs that hold nothing.
    clean: HashSet<ObjectId>,
    /// Blobs that were not, or not wholly, read; paths are those inside the blob.
    pub(super) unread: HashMap<ObjectId, Vec<Unseen>>,
}

impl Contents {
    /// Keeps the result of a search.
    pub(super) fn put(&mut self, id: ObjectId, found: Vec<Found>, unseen: Vec<Unseen>) {
        if !unseen.is_empty() {
            self.unread.insert(id, unseen);
        }
        if found.is_empty() {
            self.clean.insert(id);
            return;
        }
        let by_key = self.hits.entry(id).or_default();
        for one in found {
            by_key.entry(key(&one)).or_default().push(one);
        }
    }

    /// Whether a blob was searched.
    pub(super) fn knows(&self, id: &ObjectId) -> bool {
        self.clean.contains(id) || self.hits.contains_key(id)
    }

    /// Whether a blob holds a secret.
    pub(super) fn holds_any(&self, blob: &ObjectId) -> bool {
        self.hits.contains_key(blob)
    }

    /// Whether a blob holds this secret.
    pub(super) fn has(&self, blob: &ObjectId, secret: &Key) -> bool {
        self.hits.get(blob).is_some_and(|by_key| by_key.contains_key(secret))
    }

    /// The secrets in a blob, in order.
    pub(super) fn keys(&self, blob: &ObjectId) -> impl Iterator<Item = &Key> {
        self.hits.get(blob).into_iter().flat_map(BTreeMap::keys)
    }

    /// All matches in a blob that was searched.
    pub(super) fn all(&self, blob: &ObjectId) -> impl Iterator<Item = &Found> {
        self.hits.get(blob).into_iter().flat_map(BTreeMap::values).flatten()
    }

    /// The matches of one secret in a blob.
    pub(super) fn of(&self, blob: &ObjectId, secret: &Key) -> &[Found] {
        self.hits.get(blob).and_then(|by_key| by_key.get(secret)).map_or(&[], Vec::as_slice)
    }
}

/// The secret of a match.
pub(super) fn key(found: &Found) -> Key {
    (found.rule, found.secret.sha256())
}
