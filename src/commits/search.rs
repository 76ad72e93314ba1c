//! The blobs and names that the commits add: each distinct blob is searched once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;

use rayon::prelude::*;

use super::Search;
use crate::content::{Regular, Stream};
use crate::detect::Found;
use crate::finding::{GitInfo, ReachedBy};
use crate::git::{Change, Pointer, Trees};
use crate::objects::ObjectId;

/// Bytes of content that wait for the searchers at a time.
const BATCH: usize = 64 << 20;

/// A secret of a rule.
pub(super) type Key = (usize, String);

/// What stands in the blobs that were looked at.
#[derive(Default)]
pub(super) struct Contents {
    /// Blobs that hold something, and what.
    hits: HashMap<ObjectId, Vec<Found>>,
    /// Blobs that hold nothing.
    clean: HashSet<ObjectId>,
}

/// A secret at a path, from the commit that brings it.
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) path: Vec<u8>,
    /// Number of the commit in the range.
    pub(super) commit: usize,
    pub(super) blob: ObjectId,
}

impl Search<'_> {
    /// Searches the files of all commits.
    pub(super) fn files(&self) {
        let mut trees = Trees::new(self.database, self.layout.format);
        let mut changes: Vec<(usize, Change)> = Vec::new();
        for (number, commit) in self.commits.iter().enumerate() {
            let added = trees.added(commit);
            for error in added.errors {
                self.collector.missed(format!(".git/objects/{}", error.id), error.reason);
            }
            for name in &added.names {
                self.name(number, name);
            }
            changes.extend(added.changes.into_iter().map(|change| (number, change)));
        }
        let mut contents = Contents::default();
        self.search(changes.iter().map(|(_, change)| change.blob).collect(), &mut contents, true);
        let mut items: BTreeMap<(Vec<u8>, Key), Item> = BTreeMap::new();
        let hits = changes.iter().filter(|(_, change)| contents.hits.contains_key(&change.blob));
        let hits: Vec<&(usize, Change)> = hits.collect();
        let base = if hits.is_empty() { HashSet::new() } else { self.base(&mut trees) };
        for (number, change) in hits.into_iter().filter(|(_, change)| !base.contains(&change.blob)) {
            let before = self.keys_of(&change.before, &mut contents);
            let found = contents.hits.get(&change.blob).into_iter().flatten();
            let keys: HashSet<Key> = found.map(key).filter(|key| !before.contains(key)).collect();
            for key in keys {
                let item =
                    Item { key: key.clone(), path: change.path.clone(), commit: *number, blob: change.blob };
                items.entry((change.path.clone(), key)).or_insert(item);
            }
        }
        let items: Vec<Item> = items.into_values().collect();
        let forgiven = self.forgiven(&items, &base, &mut trees, &mut contents);
        self.report((&items, &forgiven), &mut trees, &mut contents);
    }

    /// A new name that holds a secret.
    fn name(&self, number: usize, path: &[u8]) {
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        if !self.inspector.suspicious(name) {
            return;
        }
        let found = self.inspector.scan_name(name);
        let mut findings = self.inspector.grouped(&self.shown(path), found);
        let id = self.commits[number].id;
        for finding in &mut findings {
            finding.git = Some(GitInfo {
                commit: Some(self.commit_info(&id)),
                path: Some(self.shown(path)),
                refs: self.refs_to(&id),
                ..GitInfo::bare(ReachedBy::Refs)
            });
        }
        self.collector.add(findings);
    }

    /// All blobs of the commits that the range stands on.
    fn base(&self, trees: &mut Trees<'_>) -> HashSet<ObjectId> {
        let inside: HashSet<ObjectId> = self.commits.iter().map(|commit| commit.id).collect();
        let parents = self.commits.iter().flat_map(|commit| commit.parents());
        let mut outside: Vec<ObjectId> = parents.filter(|id| !inside.contains(id)).copied().collect();
        outside.extend(&self.range.exclude);
        outside.sort_unstable();
        outside.dedup();
        let (mut seen, mut out) = (HashSet::new(), HashSet::new());
        for id in outside {
            if let Ok((_, head)) = self.database.commit(&id) {
                trees.blobs_in(&head.tree, &mut seen, &mut out);
            }
        }
        out
    }

    /// Searches blobs that were not searched yet. `counted`: they are what the range is about.
    pub(super) fn search(&self, mut blobs: Vec<ObjectId>, contents: &mut Contents, counted: bool) {
        blobs.sort_unstable();
        blobs.dedup();
        let mut batch: Vec<(ObjectId, Vec<u8>)> = Vec::new();
        let mut bytes = 0;
        blobs.retain(|id| !contents.knows(id));
        for id in blobs {
            if self.large(id, contents, counted) {
                continue;
            }
            match self.database.read(&id) {
                Ok((_, content)) => {
                    bytes += content.len();
                    batch.push((id, content));
                }
                Err(error) if counted => {
                    self.collector.missed(format!(".git/objects/{}", error.id), error.reason);
                }
                Err(_) => {}
            }
            if bytes > BATCH {
                self.search_batch(std::mem::take(&mut batch), contents, counted);
                bytes = 0;
            }
        }
        self.search_batch(batch, contents, counted);
    }

    /// Searches a blob that is too large to be held, as a stream; false if it is not.
    fn large(&self, id: ObjectId, contents: &mut Contents, counted: bool) -> bool {
        let mut scan = None;
        let search = &mut |content: &mut dyn Read| {
            scan = Some(self.inspector.scan(&String::new, &mut Stream(content)));
        };
        match self.database.stream(&id, search) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) if counted => {
                self.collector.missed(format!(".git/objects/{}", error.id), error.reason);
            }
            Err(_) => {}
        }
        let Some(scan) = scan else { return true };
        if counted {
            self.collector.count_objects(1, scan.bytes);
            self.collector.missed_in(&format!(".git/objects/{id}"), &scan.unseen);
        }
        contents.put(id, scan.found);
        true
    }

    fn search_batch(&self, batch: Vec<(ObjectId, Vec<u8>)>, contents: &mut Contents, counted: bool) {
        let search = |(id, content): (ObjectId, Vec<u8>)| {
            let mut scanned = self.inspector.scan_bytes("", &content);
            if let Some(pointer) = Pointer::read(&content) {
                let there = pointer
                    .open(self.layout)
                    .map(|file| self.inspector.scan(&String::new, &mut Regular(file)));
                match there.filter(|there| there.error.is_none()).map(|there| (there.found, there.unseen)) {
                    Some((found, unseen)) => {
                        scanned.found.extend(found);
                        scanned.unseen.extend(unseen);
                    }
                    None if counted => self.collector.missed(
                        format!(".git/lfs/objects/{}", pointer.oid),
                        "the content of a git-lfs file is not here and is not scanned; fetch it with: git lfs fetch",
                    ),
                    None => {}
                }
            }
            if counted {
                self.collector.count_objects(1, scanned.bytes);
                self.collector.missed_in(&format!(".git/objects/{id}"), &scanned.unseen);
            }
            (id, scanned.found)
        };
        let found: Vec<(ObjectId, Vec<Found>)> = batch.into_par_iter().map(search).collect();
        for (id, found) in found {
            contents.put(id, found);
        }
    }

    /// The secrets in some blobs.
    pub(super) fn keys_of(&self, blobs: &[ObjectId], contents: &mut Contents) -> HashSet<Key> {
        self.search(blobs.to_vec(), contents, false);
        blobs.iter().filter_map(|id| contents.hits.get(id)).flatten().map(key).collect()
    }
}

impl Contents {
    fn put(&mut self, id: ObjectId, found: Vec<Found>) {
        if found.is_empty() {
            self.clean.insert(id);
        } else {
            self.hits.insert(id, found);
        }
    }

    fn knows(&self, id: &ObjectId) -> bool {
        self.clean.contains(id) || self.hits.contains_key(id)
    }

    /// All matches in a blob that was searched.
    pub(super) fn all(&self, blob: &ObjectId) -> &[Found] {
        self.hits.get(blob).map_or(&[], Vec::as_slice)
    }

    /// The matches of one secret in a blob.
    pub(super) fn of(&self, blob: &ObjectId, secret: &Key) -> Vec<Found> {
        let found = self.hits.get(blob).into_iter().flatten();
        found.filter(|one| key(one) == *secret).cloned().collect()
    }
}

/// The secret of a match.
pub(super) fn key(found: &Found) -> Key {
    (found.rule, found.secret.sha256())
}
