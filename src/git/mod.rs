//! Git's meaning: where a repository lies, what its names lead to, what a commit would record, what commits add, and
//! the history of what was found.
//!
//! Reads through [`crate::objects`]; knows no rule and searches nothing. Runs nothing of the repository: no hook, no
//! filter, no pager, no helper, and nothing is fetched.

mod added;
mod bundle;
mod config;
mod database;
mod file;
mod history;
mod index;
mod layout;
mod lfs;
mod origin;
mod parse;
mod range;
mod refs;
mod staged;
mod submodules;
mod tree;

pub use added::{EVERY_LINE, added_lines};
pub use bundle::{BundleError, is_bundle, unpack_bundle};
pub use database::{Database, ReadError};
pub use file::file_of;
pub use history::{History, Loose, Named, Sources, Targets, Traced, shown};
pub use index::{Index, IndexError};
pub use layout::{Layout, OpenError};
pub(crate) use layout::{git_dir_at, is_git_dir};
pub use lfs::Pointer;
pub(crate) use lfs::open_inside;
pub use origin::{branch, web_address};
pub use parse::CommitHead;
pub(crate) use parse::{CommitText, EntryKind, entries, rfc3339, tag_target};
pub use range::{Added, Change, LeftOut, Range, RangeCommit, RangeError, Trees, commits, merge_base};
pub(crate) use refs::work_trees;
pub use refs::{Refs, Tip};
pub use staged::{Staged, StagedError, staged};
pub use submodules::submodules_of_tree;
