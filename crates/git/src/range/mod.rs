//! The changes of a range of commits: its commits, and the blobs and names that they add at each path.
//!
//! Ranges use the syntax of `git rev-list`. Reads objects on demand and never the whole history.

mod changes;
mod revision;
mod trees;
mod walk;

pub use changes::{Added, Change, Omissions};
pub use revision::{Range, RangeError};
pub use trees::Trees;
pub use walk::{RangeCommit, commits, merge_base};
