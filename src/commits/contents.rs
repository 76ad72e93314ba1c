//! The scan results of the blobs in a range: matches by secret, and what was not read.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::detect::Match;
use crate::finding::{SecretKey, Skipped};
use crate::git::odb::ObjectId;

/// The results of the blobs that were scanned.
#[derive(Default)]
pub(super) struct Contents {
    /// The matches of each blob that has any, by secret.
    hits: HashMap<ObjectId, BTreeMap<SecretKey, Vec<Match>>>,
    /// Blobs without matches.
    clean: HashSet<ObjectId>,
    /// What was not, or not completely, read in each blob, with paths inside the blob.
    pub(super) unread: HashMap<ObjectId, Vec<Skipped>>,
}

impl Contents {
    /// Stores the result of a scan.
    pub(super) fn put(&mut self, id: ObjectId, found: Vec<Match>, unseen: Vec<Skipped>) {
        if !unseen.is_empty() {
            self.unread.insert(id, unseen);
        }
        if found.is_empty() {
            self.clean.insert(id);
            return;
        }
        let by_key = self.hits.entry(id).or_default();
        for one in found {
            by_key.entry(one.secret_key()).or_default().push(one);
        }
    }

    /// Returns whether a blob was scanned.
    pub(super) fn knows(&self, id: &ObjectId) -> bool {
        self.clean.contains(id) || self.hits.contains_key(id)
    }

    /// Returns whether a blob contains any secret.
    pub(super) fn holds_any(&self, blob: &ObjectId) -> bool {
        self.hits.contains_key(blob)
    }

    /// Returns whether a blob contains this secret.
    pub(super) fn has(&self, blob: &ObjectId, secret: &SecretKey) -> bool {
        self.hits.get(blob).is_some_and(|by_key| by_key.contains_key(secret))
    }

    /// Returns the secrets in a blob, in order.
    pub(super) fn keys(&self, blob: &ObjectId) -> impl Iterator<Item = &SecretKey> {
        self.hits.get(blob).into_iter().flat_map(BTreeMap::keys)
    }

    /// Returns all matches in a blob.
    pub(super) fn all(&self, blob: &ObjectId) -> impl Iterator<Item = &Match> {
        self.hits.get(blob).into_iter().flat_map(BTreeMap::values).flatten()
    }

    /// Returns the matches of one secret in a blob.
    pub(super) fn of(&self, blob: &ObjectId, secret: &SecretKey) -> &[Match] {
        self.hits.get(blob).and_then(|by_key| by_key.get(secret)).map_or(&[], Vec::as_slice)
    }
}
