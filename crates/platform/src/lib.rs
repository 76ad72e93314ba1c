//! What differs between operating systems: opening without following links, directories as handles, positioned reads,
//! paths as bytes, owners and permissions, unnamed temporary files, waiting for pipes, core dumps, what the
//! replacement of a file keeps.
//!
//! One interface with a Unix side (`unix/`) and a Windows side (`windows/`); the documentation of an item says where the
//! two differ. `std::os`, `rustix` and other names of one system occur in this package alone, which
//! `tests/it/architecture.rs` checks. docs/platforms.md lists what each system lacks.
//!
//! ```
//! use std::path::Path;
//! use telleaks_platform::{path_bytes, path_from_bytes};
//!
//! assert_eq!(path_bytes(Path::new("a/b")), b"a/b");
//! assert_eq!(path_from_bytes(b"a/b"), Path::new("a/b"));
//! ```

mod error;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub use error::Trouble;
pub use system::dir::{Dir, DirEntry, Entries};
pub use system::file::{
    Handle, is_stream_path, open_beside, open_no_wait, read_at, read_exact_at, read_next, stdin_file,
};
pub use system::mode::{NewMode, is_executable, link_unnamed, make_executable, unnamed};
pub use system::path::{canonicalize, labelled, path_bytes, path_from_bytes, string_from_bytes};
pub use system::pipe::{WaitingReader, enlarge};
pub use system::process::{NoCore, enable_colours, foreign_owner, open_file_limit, settings_folder};
pub use system::replace::{FileId, is_foreign, keep_attributes, name_count, user_id, writers};
#[cfg(unix)]
pub use unix::faults;

/// The kind of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link; on Windows any reparse point that redirects a name, such as a junction.
    Link,
    /// A pipe, a socket or a device.
    Special,
}
