//! Permissions of new files. Those of the folder apply: access control lists are inherited.

use std::fs::{File, Permissions};
use std::io;
use std::path::Path;

/// The permissions that a new file gets.
#[derive(Debug, Clone)]
pub struct NewMode(());

impl NewMode {
    /// Only the owner may read and write it. On Windows, the folder decides.
    pub fn private() -> Self {
        Self(())
    }

    /// All may read and write it, as far as the umask allows it.
    pub fn ordinary() -> Self {
        Self(())
    }

    /// The permissions of an existing file, as far as the umask allows them.
    pub fn like(_existing: &Permissions) -> Self {
        Self(())
    }

    /// Returns the permissions with which to create the file; `None` for those of the system.
    pub fn permissions(&self) -> Option<Permissions> {
        None
    }
}

/// Does nothing: git for Windows runs any script.
///
/// # Errors
///
/// None.
pub fn make_executable(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Returns whether the file exists: git for Windows runs any script.
pub fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Not supported on this system.
pub fn unnamed(_folder: &Path, _wanted: &NewMode) -> Option<File> {
    None
}

/// Not supported on this system; never called, because there are no unnamed files.
///
/// # Errors
///
/// Returns an error in any case.
pub fn link_unnamed(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
