//! Reports content of objects that was not, or not completely, read, at its paths in commits or an index.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::Audit;
use crate::finding::Skipped;
use crate::git::odb::{ObjectId, Store};
use crate::git::{History, HistoryInputs, Index, Refs, Targets, shown, work_trees};
use crate::scan::State;

/// Maximum number of entries in the report, and of blobs whose paths are looked up.
const MAX_LISTED: usize = 10_000;
/// Number of digits of a blob's id in reports.
const SHORT_ID: usize = 12;

/// A path of a blob.
struct BlobPath {
    path: String,
    /// What distinguishes this version of the file from the one in HEAD; empty if it is that one.
    version: String,
}

/// Reports what was not read inside objects.
pub(super) fn report(audit: &Audit<'_>, store: &Store, refs: &Refs, state: &State) {
    let mut by_blob: BTreeMap<ObjectId, Vec<&Skipped>> = BTreeMap::new();
    for (id, one) in &state.unread {
        by_blob.entry(*id).or_default().push(one);
    }
    let blobs: Vec<ObjectId> = by_blob.keys().take(MAX_LISTED).copied().collect();
    let places = places(audit, store, refs, &blobs);
    let (mut listed, mut unlisted) = (0, 0);
    for (id, all) in &by_blob {
        let unnamed = [BlobPath { path: format!(".git/objects/{id}"), version: String::new() }];
        for place in places.get(id).map_or(&unnamed[..], Vec::as_slice) {
            for one in all {
                if listed == MAX_LISTED {
                    unlisted += 1;
                    continue;
                }
                listed += 1;
                let path = format!("{}{}{}", audit.prefix, place.path, one.path);
                let reason = format!("{}{}", one.reason, place.version);
                audit.collector.missed_in("", &[Skipped { path, reason, ..(*one).clone() }]);
            }
        }
    }
    if unlisted > 0 {
        audit.missed(
            ".git/objects",
            &format!("{unlisted} more locations in objects were not, or not completely, read"),
        );
    }
}

/// Returns the paths of some blobs in commits, trees and indexes.
fn places(
    audit: &Audit<'_>,
    store: &Store,
    refs: &Refs,
    blobs: &[ObjectId],
) -> HashMap<ObjectId, Vec<BlobPath>> {
    let mut out: HashMap<ObjectId, Vec<BlobPath>> = HashMap::new();
    if blobs.is_empty() {
        return out;
    }
    let blobs_by_number: HashMap<u32, ObjectId> = (0..).zip(blobs.iter().copied()).collect();
    let numbers = blobs_by_number.iter().map(|(number, id)| (*id, vec![*number]));
    let targets = Targets { blobs: numbers.collect(), ..Targets::default() };
    let now = Timestamp::now().as_second();
    let sources = HistoryInputs {
        store,
        refs,
        format: audit.layout.format,
        threads: audit.threads,
        now,
        progress: &|objects, bytes| audit.collector.progress().add(objects, bytes),
    };
    let history = History::trace(&sources, &targets);
    for file in &history.files {
        let Some(id) = blobs_by_number.get(&file.secret) else { continue };
        let short = id.to_string().chars().take(SHORT_ID).collect::<String>();
        let version = if file.info.in_head { String::new() } else { format!(" (blob {short}, not in HEAD)") };
        out.entry(*id).or_default().push(BlobPath { path: shown(&file.path), version });
    }
    let in_trees = history.loose.iter().filter(|(_, loose)| !loose.path.is_empty());
    for (id, loose) in in_trees {
        let version = " (in a tree that is not part of a commit)".to_owned();
        out.entry(*id).or_default().push(BlobPath { path: shown(&loose.path), version });
    }
    indexed(audit, &targets, &mut out);
    out
}

/// Adds the paths in an index for blobs that have no path yet.
fn indexed(audit: &Audit<'_>, targets: &Targets, out: &mut HashMap<ObjectId, Vec<BlobPath>>) {
    let mut staged: HashMap<ObjectId, Vec<BlobPath>> = HashMap::new();
    for (git_dir, _) in work_trees(audit.layout) {
        // An unreadable index is reported by `findings`.
        let index = Index::open(&git_dir.join("index"), &git_dir, audit.layout.object_format());
        let Ok(index) = index else { continue };
        for entry in &index.entries {
            let Some(id) = ObjectId::from_bytes(index.id(entry)) else { continue };
            if targets.blobs.contains_key(&id) && !out.contains_key(&id) {
                let place = BlobPath { path: shown(index.path(entry)), version: String::new() };
                staged.entry(id).or_default().push(place);
            }
        }
    }
    out.extend(staged);
}
