//! Tracked files that a sparse checkout leaves out of the work tree.

use std::path::Path;

use telleaks_platform::path_from_bytes;

use super::{Index, Layout};

/// Returns how many entries of the index (files, or whole directories of a sparse index) are not in the work tree on
/// purpose and are in one of the directories `under`, which are relative to its root; an empty one is the root itself.
/// Without a sparse checkout or a readable index the result is 0.
pub fn not_checked_out(layout: &Layout, under: &[String]) -> u64 {
    let Some(work_tree) = layout.work_tree.as_deref() else { return 0 };
    // Git writes it for every sparse checkout; without it no index is read.
    if !layout.git_dir.join("info/sparse-checkout").exists() {
        return 0;
    }
    let index = layout.git_dir.join("index");
    let Ok(index) = Index::open(&index, &layout.git_dir, layout.object_format()) else { return 0 };
    let in_scope = |path: &Path| under.iter().any(|folder| path.starts_with(folder) || folder.is_empty());
    let absent = index.entries.iter().filter(|entry| entry.skip_worktree()).filter(|entry| {
        let path = path_from_bytes(index.path(entry));
        in_scope(&path) && work_tree.join(path).symlink_metadata().is_err()
    });
    absent.count() as u64
}
