//! What a range of commits adds: which commits, which blobs under which paths, which names.
//!
//! Ranges are written as for `git rev-list`. Reads objects on demand and never the whole history.

mod changes;
mod revision;
mod trees;
mod walk;

pub use changes::{Added, Change, LeftOut};
pub use revision::{Range, RangeError};
pub use trees::Trees;
pub use walk::{RangeCommit, commits, merge_base};
