//! Permissions of new files, and temporary files without a name.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, linkat};
#[cfg(target_os = "linux")]
use rustix::fs::{Mode, OFlags, openat};

/// The permissions that a new file gets.
#[derive(Debug, Clone)]
pub struct NewMode(Permissions);

impl NewMode {
    /// Only the owner may read and write it. On Windows, the folder decides.
    pub fn private() -> Self {
        Self(Permissions::from_mode(0o600))
    }

    /// All may read and write it, as far as the umask allows it.
    pub fn ordinary() -> Self {
        Self(Permissions::from_mode(0o666))
    }

    /// The permissions of an existing file, as far as the umask allows them.
    pub fn like(existing: &Permissions) -> Self {
        Self(existing.clone())
    }

    /// Returns the permissions with which to create the file; `None` for those of the system.
    pub fn permissions(&self) -> Option<Permissions> {
        Some(self.0.clone())
    }
}

/// Lets all users execute an open file that its owner may write. Does nothing on Windows.
///
/// # Errors
///
/// Returns the I/O error.
pub fn make_executable(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o755))
}

/// Returns whether all users may execute the file at `path`; on Windows, whether it exists: git runs any script there.
pub fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o111 == 0o111)
}

/// Creates an unnamed file in `folder`. Returns `None` if that is not supported or the file could not be named later.
#[cfg(target_os = "linux")]
pub fn unnamed(folder: &Path, wanted: &NewMode) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = openat(CWD, folder, flags, Mode::from_raw_mode(wanted.0.mode())).map(File::from).ok()?;
    fs::metadata(path_of(&file)).is_ok().then_some(file)
}

/// Not supported on this system.
#[cfg(not(target_os = "linux"))]
pub fn unnamed(_folder: &Path, _wanted: &NewMode) -> Option<File> {
    None
}

/// Links an unnamed file to `path`.
///
/// # Errors
///
/// Returns the I/O error; an error if `path` exists.
pub fn link_unnamed(file: &File, path: &Path) -> io::Result<()> {
    Ok(linkat(CWD, path_of(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

/// Returns the path under which the system shows an open file.
fn path_of(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}
