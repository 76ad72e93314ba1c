//! Scans the blobs and names that the commits add. Each distinct blob is scanned once.

use std::collections::{BTreeSet, HashSet};
use std::io::Read;

use rayon::prelude::*;

use super::Search;
use super::contents::Contents;
use super::items::Items;
use crate::detect::Scan;
use crate::finding::{GitInfo, SecretKey, Skipped};
use crate::git::odb::ObjectId;
use crate::git::{Added, Change, Pointer, Trees};
use crate::input::{Regular, Stream};

/// Maximum size of the content that is read before a batch is scanned, in bytes.
const BATCH_BYTES: usize = 64 << 20;
/// Maximum memory of the changes whose blobs are not scanned yet, in bytes.
const MAX_PENDING_BYTES: usize = 32 << 20;
/// Approximate memory of a change without its path, or of an id, in bytes.
const CHANGE_BYTES: usize = 128;

/// Reported for a git-lfs file whose content is missing.
const LFS_MISSING: &str =
    "the content of a git-lfs file is missing and was not scanned; fetch it with: git lfs fetch";

/// A secret at a path, from the commit that adds it.
pub(super) struct Item {
    pub(super) key: SecretKey,
    pub(super) path: Vec<u8>,
    /// Number of the commit in the range.
    pub(super) commit: usize,
    pub(super) blob: ObjectId,
}

/// The changes of the commits.
#[derive(Default)]
struct Additions {
    /// Changes whose blobs are not scanned yet, each with the number of its commit.
    pending: Vec<(usize, Change)>,
    /// Memory of the pending changes, in bytes.
    bytes: usize,
    /// Changes whose blobs have matches or were not completely read.
    kept: Vec<(usize, Change)>,
    /// Paths of new submodules.
    submodules: BTreeSet<Vec<u8>>,
}

impl Search<'_> {
    /// Scans the files of all commits.
    pub(super) fn files(&self) {
        let mut trees = Trees::new(self.database, self.layout.format);
        let mut contents = Contents::default();
        let mut additions = Additions::default();
        let (progress, count) = (self.collector.progress(), self.commits.len() as u64);
        let listing = |number: usize| progress.phase("comparing", "commits", number as u64, count);
        listing(0);
        for (number, commit) in self.commits.iter().enumerate() {
            progress.add(1, 0);
            trees.added(commit, &mut |added| match added {
                Added::Blob(change) => {
                    additions.bytes += CHANGE_BYTES + change.path.len() + change.before.len() * CHANGE_BYTES;
                    additions.pending.push((number, change));
                    if additions.bytes > MAX_PENDING_BYTES {
                        self.search_pending(&mut additions, &mut contents);
                        listing(number + 1);
                    }
                }
                Added::Name(path) => self.name(number, path),
                Added::Submodule(path) => {
                    additions.submodules.insert(path.to_vec());
                }
                Added::Unread(error) => {
                    self.collector.missed(format!(".git/objects/{}", error.id), error.reason);
                }
            });
        }
        self.search_pending(&mut additions, &mut contents);
        progress.phase("tracing the history of findings", "", 0, 0);
        super::unread::report_submodules(self, &additions.submodules);
        let changes = additions.kept;
        super::unread::report(self, &changes, &contents, &mut trees);
        let hits = changes.iter().filter(|(_, change)| contents.holds_any(&change.blob));
        let hits: Vec<&(usize, Change)> = hits.collect();
        let base = if hits.is_empty() { HashSet::new() } else { self.base(&mut trees) };
        let mut items = Items::default();
        for (number, change) in hits.into_iter().filter(|(_, change)| !base.contains(&change.blob)) {
            let before = self.keys_of(&change.before, &mut contents);
            for key in contents.keys(&change.blob).filter(|key| !before.contains(key)) {
                items.add(key, *number, change);
            }
        }
        let (items, unlisted) = items.finish();
        super::unread::report_paths(self, trees.omissions(), unlisted, !changes.is_empty());
        let suppressions = self.suppressions(&items, &base, &mut trees, &mut contents);
        self.report(&items, &suppressions, &mut trees, &mut contents);
    }

    /// Scans the blobs of the pending changes and keeps the changes with results.
    fn search_pending(&self, additions: &mut Additions, contents: &mut Contents) {
        additions.bytes = 0;
        let pending = std::mem::take(&mut additions.pending);
        self.search(pending.iter().map(|(_, change)| change.blob).collect(), contents, true);
        let matters = |blob: &ObjectId| contents.holds_any(blob) || contents.unread.contains_key(blob);
        additions.kept.extend(pending.into_iter().filter(|(_, change)| matters(&change.blob)));
    }

    /// Reports secrets in a new name.
    fn name(&self, number: usize, path: &[u8]) {
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        if !self.inspector.suspicious(name) {
            return;
        }
        let found = self.inspector.scan_name(name);
        let mut findings = self.inspector.grouped(&self.shown(path), found);
        if findings.is_empty() {
            return;
        }
        let id = self.commits[number].id;
        let containing = self.containing(&id);
        for finding in &mut findings {
            finding.git = Some(GitInfo {
                commit: Some(self.commit_info(&id)),
                path: Some(self.shown(path)),
                refs: containing.refs.clone(),
                ..GitInfo::bare(containing.reached_by)
            });
        }
        self.collector.add(findings);
    }

    /// Returns all blobs of the base: of the parents outside the range and the excluded commits.
    pub(super) fn base(&self, trees: &mut Trees<'_>) -> HashSet<ObjectId> {
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

    /// Scans blobs that were not scanned yet. `counted` is set for blobs that the range adds, as opposed to those
    /// scanned for comparison.
    pub(super) fn search(&self, mut blobs: Vec<ObjectId>, contents: &mut Contents, counted: bool) {
        blobs.sort_unstable();
        blobs.dedup();
        let mut batch: Vec<(ObjectId, Vec<u8>)> = Vec::new();
        let mut bytes = 0;
        blobs.retain(|id| !contents.knows(id));
        if counted {
            self.collector.progress().phase("searching", "files", 0, blobs.len() as u64);
        }
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
            if bytes > BATCH_BYTES {
                self.search_batch(std::mem::take(&mut batch), contents, counted);
                bytes = 0;
            }
        }
        self.search_batch(batch, contents, counted);
    }

    /// Scans a blob as a stream if it is too large to hold in memory; otherwise returns false.
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
        self.collector.progress().add(1, scan.bytes);
        self.put(id, scan, contents, counted);
        true
    }

    /// Stores the result of a blob.
    fn put(&self, id: ObjectId, scan: Scan, contents: &mut Contents, counted: bool) {
        if counted {
            self.collector.count_objects(1, scan.bytes);
        }
        contents.put(id, scan.found, if counted { scan.unseen } else { Vec::new() });
    }

    fn search_batch(&self, batch: Vec<(ObjectId, Vec<u8>)>, contents: &mut Contents, counted: bool) {
        let search = |(id, content): (ObjectId, Vec<u8>)| {
            let mut scan = self.inspector.scan_bytes("", &content);
            if let Some(pointer) = Pointer::read(&content) {
                self.add_large_file(&pointer, &mut scan);
            }
            self.collector.progress().add(1, content.len() as u64);
            (id, scan)
        };
        let scans: Vec<(ObjectId, Scan)> = batch.into_par_iter().map(search).collect();
        for (id, scan) in scans {
            self.put(id, scan, contents, counted);
        }
    }

    /// Adds the matches in the content of a git-lfs file.
    fn add_large_file(&self, pointer: &Pointer, scan: &mut Scan) {
        let there = pointer.open(self.layout);
        let there = there.map(|file| self.inspector.scan(&String::new, &mut Regular::new(file)));
        match there.filter(|there| there.error.is_none()) {
            Some(there) => {
                scan.found.extend(there.found);
                scan.unseen.extend(there.unseen);
            }
            None => scan.unseen.push(Skipped::new("", LFS_MISSING)),
        }
    }

    /// Returns the secrets in some blobs.
    pub(super) fn keys_of(&self, blobs: &[ObjectId], contents: &mut Contents) -> HashSet<SecretKey> {
        self.search(blobs.to_vec(), contents, false);
        blobs.iter().flat_map(|id| contents.keys(id)).cloned().collect()
    }

    /// Returns whether a blob contains a secret.
    pub(super) fn blob_holds(&self, blob: ObjectId, key: &SecretKey, contents: &mut Contents) -> bool {
        self.search(vec![blob], contents, false);
        contents.has(&blob, key)
    }
}
