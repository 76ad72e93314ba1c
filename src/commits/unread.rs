//! Reports content of a range that was not, or not completely, read, at the paths where the commits add it.

use std::collections::BTreeSet;

use telleaks_platform::path_from_bytes;

use super::Search;
use super::contents::Contents;
use crate::finding::Skipped;
use crate::git::odb::ObjectId;
use crate::git::{Change, Omissions, Trees, git_dir_at, shown};

/// Maximum number of entries in the report.
const MAX_LISTED: usize = 10_000;

/// Number of digits of a blob's id in reports.
const SHORT_ID: usize = 12;

/// Reports what was not read in the blobs that `changes` add.
pub(super) fn report(
    search: &Search<'_>,
    changes: &[(usize, Change)],
    contents: &Contents,
    trees: &mut Trees<'_>,
) {
    let tips = search.range.include.iter().filter_map(|tip| search.database.commit(tip).ok());
    let tips: Vec<ObjectId> = tips.map(|(_, head)| head.tree).collect();
    let unread = changes.iter().filter_map(|(_, change)| Some((change, contents.unread.get(&change.blob)?)));
    let (mut listed, mut unlisted) = (BTreeSet::new(), 0);
    for (change, all) in unread {
        let path = search.shown(&change.path);
        let at_end = tips.iter().any(|tree| trees.blob_at(tree, &change.path) == Some(change.blob));
        let short: String = change.blob.to_string().chars().take(SHORT_ID).collect();
        let version =
            if at_end { String::new() } else { format!(" (blob {short}, not at the end of the range)") };
        for one in all {
            let (path, reason) = (format!("{path}{}", one.path), format!("{}{version}", one.reason));
            let one = Skipped { path, reason, ..one.clone() };
            if listed.contains(&one) {
                continue;
            }
            if listed.len() == MAX_LISTED {
                unlisted += 1;
            } else {
                listed.insert(one);
            }
        }
    }
    search.collector.missed_in("", &Vec::from_iter(listed));
    if unlisted > 0 {
        let reason = format!("{unlisted} more locations in the range were not, or not completely, read");
        search.collector.missed(".git/objects", reason);
    }
}

/// Reports the new submodules that are checked out: they are repositories of their own, which the range does not hold.
pub(super) fn report_submodules(search: &Search<'_>, paths: &BTreeSet<Vec<u8>>) {
    let Some(root) = &search.layout.work_tree else { return };
    for path in paths {
        let at = root.join(path_from_bytes(path));
        if git_dir_at(&at.join(".git")).is_some() {
            let path = shown(path);
            let reason =
                format!("a new submodule is a repository of its own; scan it with: telleaks audit '{path}'");
            search.collector.missed(&path, reason);
        }
    }
}

/// Reports that paths were dropped. `matters` is set if there are results whose paths could be missing.
pub(super) fn report_paths(search: &Search<'_>, omissions: Omissions, unlisted: u64, matters: bool) {
    if omissions.comparisons {
        search.collector.missed(
            ".git/objects",
            "directories occur at too many paths to compare all of them with the base; each was scanned once",
        );
    }
    if unlisted > 0 || omissions.paths && matters {
        search.collector.missed(
            ".git/objects",
            "content of the range occurs at too many paths to list all of them; it was scanned once",
        );
    }
}
