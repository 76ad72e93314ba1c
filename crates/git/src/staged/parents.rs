//! The other parents of a merge. A blob that one of them has is not new in the merge commit.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;

use git2::{Odb, Oid};

use super::objects::{entries_of, oid, read_tree};
use super::{Staged, StagedError};
use crate::database::Database;
use crate::fault_injection;
use crate::layout::Layout;
use crate::odb::ObjectId;
use crate::tree::SUBMODULE;

/// Maximum number of bytes of `MERGE_HEAD` that are read. It has one id a line, and git does not merge a thousand
/// branches at once.
const MAX_MERGE_HEAD_BYTES: u64 = 1 << 16;

/// Updates [`Staged::old`] from the other parents: with the new blob if one of them has it at the same path, else with
/// any blob there if the last commit has none. `staged` must be sorted by path. Entries in conflict are not changed:
/// the commit may take either side.
pub(super) fn fill(layout: &Layout, database: &Database, staged: &mut [Staged]) -> Result<(), StagedError> {
    for parent in merge_heads(layout)? {
        let (_, head) = database.commit(&parent)?;
        let Some(root) = database.oid(&head.tree) else { continue };
        let mut tree = Tree::new(database.odb(), root);
        for one in staged.iter_mut().filter(|one| one.old != Some(one.new) && one.conflict_stage == 0) {
            let there = tree.blob(&one.path)?;
            if there == Some(one.new) || one.old.is_none() {
                one.old = there;
            }
        }
    }
    Ok(())
}

fn merge_heads(layout: &Layout) -> Result<Vec<ObjectId>, StagedError> {
    let Some(text) = read(&layout.git_dir.join("MERGE_HEAD")).map_err(StagedError::MergeHead)? else {
        return Ok(named_by_merge());
    };
    let damaged =
        || StagedError::MergeHead(io::Error::new(io::ErrorKind::InvalidData, "it contains no commit ids"));
    text.lines().map(|line| ObjectId::from_hex(line.trim()).ok_or_else(damaged)).collect()
}

/// Returns the heads that `git merge` merges in. For the hook pre-merge-commit, git writes `MERGE_HEAD` too late and
/// only sets `GITHEAD_<id>` in the environment.
fn named_by_merge() -> Vec<ObjectId> {
    let merges = |action: String| action.starts_with("merge") || action.starts_with("pull");
    if !std::env::var("GIT_REFLOG_ACTION").is_ok_and(merges) {
        return Vec::new();
    }
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| ObjectId::from_hex(name.strip_prefix("GITHEAD_")?)).collect()
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        // Opening a pipe would block.
        Ok(metadata) if !metadata.is_file() => return Err(io::ErrorKind::InvalidData.into()),
        Ok(_) => {}
    }
    let mut text = String::new();
    fault_injection::input(fault_injection::open(path)?)
        .take(MAX_MERGE_HEAD_BYTES)
        .read_to_string(&mut text)?;
    Ok(Some(text))
}

/// The blobs and subdirectories of a directory, by name; true for a directory.
type Names = HashMap<Vec<u8>, (bool, Oid)>;

/// A tree for lookups in ascending path order; reads each of its directories once.
struct Tree<'a> {
    odb: &'a Odb<'a>,
    root: Oid,
    /// The directories from the root to the last one looked up: the length of their path, and their entries.
    open: Vec<(usize, Names)>,
    last: Vec<u8>,
}

impl<'a> Tree<'a> {
    fn new(odb: &'a Odb<'a>, root: Oid) -> Self {
        Self { odb, root, open: Vec::new(), last: Vec::new() }
    }

    /// Returns the blob at `path`, if there is one.
    fn blob(&mut self, path: &[u8]) -> Result<Option<Oid>, StagedError> {
        let last = std::mem::replace(&mut self.last, path.to_vec());
        let is_open = |length: usize| last.get(..length) == path.get(..length);
        while self.open.last().is_some_and(|(length, _)| !is_open(*length)) {
            self.open.pop();
        }
        if self.open.is_empty() {
            self.open.push((0, self.names(self.root)?));
        }
        while let Some((start, names)) = self.open.last() {
            let name = &path[*start..];
            let slash = memchr::memchr(b'/', name);
            let found = names.get(&name[..slash.unwrap_or(name.len())]);
            match (slash, found) {
                (None, Some((false, id))) => return Ok(Some(*id)),
                (Some(slash), Some((true, id))) => {
                    let open = (start + slash + 1, self.names(*id)?);
                    self.open.push(open);
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    fn names(&self, id: Oid) -> Result<Names, StagedError> {
        let object = read_tree(self.odb, id)?;
        let mut names = Names::new();
        for entry in entries_of(&object) {
            let entry = entry?;
            if entry.mode != SUBMODULE {
                names.insert(entry.name.to_vec(), (entry.is_directory(), oid(entry.id)?));
            }
        }
        Ok(names)
    }
}
