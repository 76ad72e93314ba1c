//! The paths in a repository's index. A tracked file is in scope even if an ignore rule matches it: a committed `.env`
//! is exactly what to look for.
//!
//! Reads the index with [`crate::git`], as `staged` does, and follows no configuration, which could refuse access (a
//! foreign owner) or point elsewhere (`core.worktree`).

use std::path::Path;
use std::sync::OnceLock;

use crate::git::{Entry, Index, IndexError, Layout, git_dir_at};

/// A repository found during the walk.
pub(super) struct Repository {
    layout: Layout,
    tracked: OnceLock<Option<Tracked>>,
}

impl Repository {
    /// Returns the repository whose work tree is `dir`, if there is one: `.git` is a git directory or a file that names
    /// one.
    pub(super) fn at(dir: &Path) -> Option<Self> {
        let git_dir = git_dir_at(&dir.join(".git"))?;
        Some(Self { layout: Layout::of(git_dir, None), tracked: OnceLock::new() })
    }

    /// Returns the directory that all work trees of this repository share, which contains `info/exclude`.
    pub(super) fn common_dir(&self) -> &Path {
        &self.layout.common_dir
    }

    /// Returns the tracked files; `None` if they are unknown. The index is read on the first call, because most trees
    /// do not need it; if that fails, `report` is called with the reason.
    pub(super) fn tracked(&self, report: impl FnOnce(IndexError)) -> Option<&Tracked> {
        let load = || self.load().map_err(report).ok();
        self.tracked.get_or_init(load).as_ref()
    }

    fn load(&self) -> Result<Tracked, IndexError> {
        let Layout { git_dir, .. } = &self.layout;
        Index::open(&git_dir.join("index"), git_dir, self.layout.object_format()).map(Tracked)
    }
}

/// The paths in an index, relative to the work tree.
pub(super) struct Tracked(Index);

impl Tracked {
    /// Returns whether `path` is tracked as a file.
    pub(super) fn has_file(&self, path: &[u8]) -> bool {
        self.entry(path).is_some_and(|entry| !entry.is_submodule()) || self.in_sparse_directory(path)
    }

    /// Returns whether the directory `path` is a submodule.
    pub(super) fn has_submodule(&self, path: &[u8]) -> bool {
        self.entry(path).is_some_and(Entry::is_submodule)
    }

    /// Returns whether anything under the directory `path` is tracked.
    pub(super) fn has_beneath(&self, path: &[u8]) -> bool {
        let dir = [path, b"/"].concat();
        self.first_from(&dir).is_some_and(|entry| self.0.path(entry).starts_with(&dir))
            || self.in_sparse_directory(path)
    }

    /// Returns whether a sparse index has only the tree of a parent directory of `path`, so that `path` may be tracked.
    /// Such directories are not in the work tree, unless files were put there.
    fn in_sparse_directory(&self, path: &[u8]) -> bool {
        let is_sparse = |slash| self.entry(&path[..=slash]).is_some_and(Entry::is_directory);
        self.0.sparse && memchr::memchr_iter(b'/', path).any(is_sparse)
    }

    fn entry(&self, path: &[u8]) -> Option<&Entry> {
        self.first_from(path).filter(|entry| self.0.path(entry) == path)
    }

    /// Returns the first entry whose path is not before `path`.
    fn first_from(&self, path: &[u8]) -> Option<&Entry> {
        let first = self.0.entries.partition_point(|entry| self.0.path(entry) < path);
        self.0.entries.get(first)
    }
}
