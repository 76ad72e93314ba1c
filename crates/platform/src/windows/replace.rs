//! What the replacement of a file keeps: the folder decides about owners and access, and the system itself refuses to
//! replace a file that a program has open.

use std::fs::{File, Metadata};
use std::io;

/// The identity of a file: always equal, since safe code cannot ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId(());

impl FileId {
    /// Returns the identity of a file.
    pub fn of(_metadata: &Metadata) -> Self {
        Self(())
    }
}

/// Returns 1: safe code cannot ask for the number of names.
pub fn name_count(_metadata: &Metadata) -> u64 {
    1
}

/// Returns `None`: users have no numbers.
pub fn user_id() -> Option<u32> {
    None
}

/// Returns false: an owner cannot be asked for without unsafe code.
pub fn is_foreign(_metadata: &Metadata, _home: &Metadata) -> bool {
    false
}

/// Gives `new` the attributes (read-only) of `old`.
///
/// # Errors
///
/// Returns the I/O error.
pub fn keep_attributes(old: &File, new: &File) -> io::Result<()> {
    new.set_permissions(old.metadata()?.permissions())
}

/// Returns `None`: the system does not say which programs write to a file.
pub fn writers(_id: FileId) -> Option<Vec<String>> {
    None
}
