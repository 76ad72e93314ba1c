//! Reports everything that an audit should have read and could not, with a remedy.

use std::collections::HashSet;

use super::{Audit, MISSING_OBJECT};
use crate::finding::ReachedBy;
use crate::git::odb::Store;
use crate::git::{History, Refs, SecretHistory, shown};
use crate::scan::State;

/// Maximum number of items of each kind reported by name.
const MAX_REPORTED: usize = 20;
/// Reason and remedy for a missing object.
const MISSING_REASON: &str = "is referenced but missing; run git fsck, or audit a fresh clone";

/// Reports every object that should have been scanned and was not.
pub(super) fn report(audit: &Audit<'_>, store: &Store, refs: &Refs, state: &State, history: &History) {
    unreadable(audit, state);
    missing(audit, state, history);
    let tips = refs.tips.iter().filter(|tip| tip.kind != ReachedBy::Reflog);
    for tip in tips.filter(|tip| !store.contains(&tip.id)) {
        audit.missed(&format!(".git/{}", tip.name), "points to a missing object; run git fsck");
    }
}

/// Reports objects that exist and cannot be read.
fn unreadable(audit: &Audit<'_>, state: &State) {
    let named = state.unseen.iter().filter_map(|(id, reason)| Some((id.as_ref()?, reason)));
    let mut named: Vec<_> = named.collect();
    named.sort();
    for (id, reason) in named.iter().take(MAX_REPORTED) {
        audit.missed(&format!(".git/objects/{id}"), reason);
    }
    if named.len() > MAX_REPORTED {
        let reason = format!("{} more objects cannot be read; run git fsck", named.len() - MAX_REPORTED);
        audit.missed(".git/objects", &reason);
    }
    for (_, reason) in state.unseen.iter().filter(|(id, _)| id.is_none()) {
        audit.missed(".git/objects", reason);
    }
}

/// Reports objects that are referenced but missing. Unreachable objects may well be incomplete, because git prunes by
/// age.
fn missing(audit: &Audit<'_>, state: &State, history: &History) {
    let pointers: HashSet<String> = state.pointers.iter().map(|(id, _)| id.to_string()).collect();
    let gone = history
        .files
        .iter()
        .filter(|file| file.secret == MISSING_OBJECT && file.info.reached_by != ReachedBy::Unreachable);
    let is_pointer =
        |file: &&SecretHistory| file.info.blob.as_ref().is_some_and(|blob| pointers.contains(blob));
    let (large, gone): (Vec<_>, Vec<_>) = gone.partition(is_pointer);
    if !large.is_empty() {
        let reason = format!(
            "the content of {} git-lfs files is missing and was not scanned (first: {}); fetch it with: \
             git lfs fetch --all",
            large.len(),
            shown(&large[0].path)
        );
        audit.missed(".git/lfs/objects", &reason);
    }
    let count = gone.len() + history.broken.len();
    if audit.layout.partial && count > 0 {
        let reason = format!(
            "partial clone: {count} objects were left on the server and were not scanned; fetch them with: \
             git fetch --refetch --no-filter"
        );
        return audit.missed(".git/objects", &reason);
    }
    let contents = gone.iter().map(|file| (shown(&file.path), format!("its content {MISSING_REASON}")));
    let commits = history.broken.iter().filter(|_| !audit.is_shallow());
    let commits =
        commits.map(|id| (format!(".git/commit/{id}"), format!("its tree or a parent {MISSING_REASON}")));
    let all: Vec<_> = contents.chain(commits).collect();
    for (path, reason) in all.iter().take(MAX_REPORTED) {
        audit.missed(path, reason);
    }
    if all.len() > MAX_REPORTED {
        audit.missed(".git/objects", &format!("{} more objects are missing", all.len() - MAX_REPORTED));
    }
}
