//! Paths as bytes. On Unix a path is bytes.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Returns the bytes of a path: as they are on Unix, WTF-8 (UTF-8 with lone surrogates) on Windows.
#[inline]
pub fn path_bytes(path: &(impl AsRef<OsStr> + ?Sized)) -> &[u8] {
    path.as_ref().as_bytes()
}

/// Returns the bytes of a path for labels and for git: as [`path_bytes`], on Windows with `/` for `\`.
#[inline]
pub fn labelled(path: &Path) -> Cow<'_, [u8]> {
    Cow::Borrowed(path.as_os_str().as_bytes())
}

/// Returns the path of these bytes, the inverse of [`path_bytes`]. On Windows, bytes that are not WTF-8 become U+FFFD.
#[inline]
pub fn path_from_bytes(bytes: &[u8]) -> Cow<'_, Path> {
    Cow::Borrowed(Path::new(OsStr::from_bytes(bytes)))
}

/// Like [`path_from_bytes`], for any text of the system, such as the output of a program.
pub fn string_from_bytes(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// Returns the absolute path without links. On Windows it has no `\\?\` in front unless it has to.
///
/// # Errors
///
/// Returns the I/O error, also if `path` does not exist.
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(path)
}
