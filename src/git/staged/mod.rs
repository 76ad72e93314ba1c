//! What `git commit` would record now: the blobs that the index names and the last commit does not. Only the index
//! and the object database are asked, never the work tree.
//!
//! What a commit takes away is nothing to it, and neither are submodules, whose commits lie elsewhere. `git commit
//! --amend` replaces the last commit; here it is compared with all the same, as its content is committed already.

mod compare;
mod objects;
mod parents;

#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;

use git2::Oid;

use super::database::{Database, ReadError};
use super::index::{Index, IndexError};
use super::layout::Layout;
use crate::objects::ObjectId;
use compare::Comparison;

/// A blob that a commit would record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Relative to the work tree.
    pub path: Vec<u8>,
    /// `0o100644`, `0o100755`, or `0o120000`: the content of a symbolic link is where it leads to.
    pub mode: u32,
    /// The blob.
    pub new: Oid,
    /// The blob at this path in the last commit; in a merge without a conflict here, any other parent that has the new
    /// blob there comes first. Equal to `new` if only the mode changes, or if a merge takes the file over as it is.
    pub old: Option<Oid>,
    /// After `git add -N`: a commit would not record the path, and `new` is the empty blob, which need not exist.
    pub intent_to_add: bool,
    /// 0, or in a conflict 1 for the common ancestor, 2 for our side and 3 for theirs. Git refuses to commit while there
    /// is a conflict.
    pub conflict_stage: u8,
}

/// Why it cannot be said what a commit would record.
#[derive(Debug, thiserror::Error)]
pub enum StagedError {
    /// The index is not as it should be.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A commit that this one would stand on cannot be read.
    #[error("the commit before cannot be read: {0}")]
    Parent(#[from] ReadError),
    /// `MERGE_HEAD` cannot be read.
    #[error("MERGE_HEAD cannot be read: {0}")]
    MergeHead(io::Error),
    /// An object is missing or damaged.
    #[error("the tree {id} cannot be read: {reason}")]
    Tree {
        /// The id in hex.
        id: String,
        /// What git2 says.
        reason: String,
    },
    /// A directory of a sparse index holds more than can be listed.
    #[error("the directories of the sparse index hold too many files")]
    TooMany,
}

/// The blobs that `git commit` would record now on top of `head`, by path and stage; before the first commit there is
/// none. `index_file` is the one that git would use: it gives a hook another one for `git commit -a` and `git commit --
/// FILE`, in `GIT_INDEX_FILE`.
///
/// # Errors
/// The index or a tree cannot be read.
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
