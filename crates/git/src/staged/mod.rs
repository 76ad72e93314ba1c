//! Computes what `git commit` would record now: the blobs that are in the index and not in the last commit. Reads the
//! index and the object database, never the work tree.
//!
//! Deletions are ignored, and so are submodules, whose commits are in other repositories. `git commit --amend` replaces
//! the last commit; the index is compared with that commit all the same, because its content is already committed.

mod compare;
mod objects;
mod parents;

#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::io;
use std::path::Path;

use git2::Oid;

use super::database::{Database, ReadError};
use super::index::{Index, IndexError};
use super::layout::Layout;
use crate::odb::ObjectId;
use compare::Comparison;

/// A blob that a commit would record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// The path relative to the work tree.
    pub path: Vec<u8>,
    /// `0o100644`, `0o100755`, or `0o120000` (symbolic link, whose content is its target).
    pub mode: u32,
    /// The blob.
    pub new: Oid,
    /// The blob at this path in the last commit. In a merge without a conflict here, another parent that has the new
    /// blob at this path takes precedence. Equal to `new` if only the mode changes, or if a merge takes over the file
    /// unchanged.
    pub old: Option<Oid>,
    /// Set after `git add -N`: a commit would not record the path, and `new` is the empty blob, which need not exist.
    pub intent_to_add: bool,
    /// 0, or in a conflict 1 for the common ancestor, 2 for ours and 3 for theirs. Git refuses to commit while there is
    /// a conflict.
    pub conflict_stage: u8,
}

/// Why the staged changes cannot be determined.
#[derive(Debug, thiserror::Error)]
pub enum StagedError {
    /// The index cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A parent of the new commit cannot be read.
    #[error("the parent commit cannot be read: {0}")]
    Parent(#[from] ReadError),
    /// `MERGE_HEAD` cannot be read.
    #[error("MERGE_HEAD cannot be read: {0}")]
    MergeHead(io::Error),
    /// An object is missing or damaged.
    #[error("the tree {id} cannot be read: {reason}")]
    Tree {
        /// The reason, from libgit2 or this module.
        id: String,
        /// What git2 says.
        reason: String,
    },
    /// The directories of a sparse index contain too many files to list.
    #[error("the directories of the sparse index contain too many files")]
    TooMany,
}

/// Returns the blobs that `git commit` would record now on top of `head` (`None` before the first commit), ordered by
/// path and stage. `index_file` is the index that git uses: for `git commit -a` and `git commit -- FILE` it passes a
/// temporary one to hooks in `GIT_INDEX_FILE`.
///
/// # Errors
/// Returns an error if the index, a tree or a parent commit cannot be read.
pub fn staged(
    layout: &Layout,
    database: &Database,
    head: Option<&ObjectId>,
    index_file: &Path,
) -> Result<Vec<Staged>, StagedError> {
    let index = Index::open(index_file, &layout.git_dir, layout.object_format())?;
    let head = head.map(|head| database.commit(head)).transpose()?;
    let tree = head.and_then(|(_, head)| database.oid(&head.tree));
    let odb = database.odb();
    let mut staged = Comparison::new(odb, &index).run(tree)?;
    staged.sort_by(|one, other| (&one.path, one.conflict_stage).cmp(&(&other.path, other.conflict_stage)));
    parents::fill(layout, database, &mut staged)?;
    Ok(staged)
}
