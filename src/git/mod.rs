//! Git semantics: the layout of a repository, refs, revisions and ranges, the staged changes, diffs, and the history of
//! findings.
//!
//! Reads through [`crate::git::odb`]. Does not know about rules and does not scan. Runs nothing from the repository (no
//! hook, filter, pager or helper) and fetches nothing.

mod bundle;
mod config;
mod database;
mod file;
mod history;
mod index;
mod layout;
mod lfs;
mod line_diff;
pub mod odb;
mod origin;
mod parse;
mod range;
mod refs;
mod safe_directory;
mod sparse;
mod staged;
mod submodules;
mod tree;

pub use bundle::{BundleError, is_bundle, unpack_bundle};
pub use database::{Database, ReadError};
pub use file::file_of;
pub use history::{History, HistoryInputs, LooseBlob, NameSecrets, SecretHistory, Targets, shown};
pub use index::{Index, IndexError};
pub use layout::{Layout, OpenError};
pub(crate) use layout::{git_dir_at, is_git_dir};
pub use lfs::Pointer;
pub(crate) use lfs::open_inside;
pub use line_diff::{EVERY_LINE, added_lines};
pub use origin::{branch, web_address};
pub use parse::CommitHead;
pub(crate) use parse::{CommitText, EntryKind, entries, rfc3339, tag_target};
pub use range::{Added, Change, Omissions, Range, RangeCommit, RangeError, Trees, commits, merge_base};
pub(crate) use refs::work_trees;
pub use refs::{Refs, Tip};
pub use sparse::not_checked_out;
pub use staged::{Staged, StagedError, staged};
pub use submodules::submodules_of_tree;
