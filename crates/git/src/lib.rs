//! Git semantics: the layout of a repository, refs, revisions and ranges, the staged changes, diffs, and the history of
//! findings.
//!
//! Reads through [`odb`]. Does not know about rules and does not scan. Runs nothing from the repository (no
//! hook, filter, pager or helper) and fetches nothing.
//!
//! ```
//! use telleaks_git::{Layout, Refs};
//!
//! let folder = std::env::temp_dir().join(format!("telleaks-git-{}", std::process::id()));
//! std::fs::create_dir_all(folder.join(".git/objects"))?;
//! std::fs::create_dir_all(folder.join(".git/refs"))?;
//! std::fs::write(folder.join(".git/HEAD"), "ref: refs/heads/main\n")?;
//! let layout = Layout::find(&folder, true)?;
//! assert_eq!(Refs::read(&layout).get("refs/heads/main"), None);
//! std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
pub use index::{Entry, Index, IndexError};
pub use layout::{Layout, OpenError};
pub use layout::{git_dir_at, is_git_dir};
pub use lfs::Pointer;
pub use lfs::open_inside;
pub use line_diff::{EVERY_LINE, added_lines};
pub use origin::{branch, web_address};
pub use parse::CommitHead;
pub use parse::{CommitText, EntryKind, entries, rfc3339, tag_target};
pub use range::{Added, Change, Omissions, Range, RangeCommit, RangeError, Trees, commits, merge_base};
pub use refs::work_trees;
pub use refs::{Refs, Tip};
pub use sparse::not_checked_out;
pub use staged::{Staged, StagedError, staged};
pub use submodules::submodules_of_tree;

pub(crate) use telleaks_contents::fault_injection;
pub(crate) use telleaks_detection::finding;
