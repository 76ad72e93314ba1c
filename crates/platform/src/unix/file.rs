//! Files: opened without waiting, read at a position.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat};

use super::dir::FILE_FLAGS;

/// An open file, pipe or directory: a descriptor on Unix, a handle on Windows.
pub trait Handle: AsFd {}

impl<T: AsFd> Handle for T {}

/// Opens `path` for reading. Does not wait if it is a pipe. Links are followed. What it is, its metadata say.
///
/// On Windows, a device (`\\.\…`, or a reserved name such as `NUL` or `COM1`) is not opened.
///
/// # Errors
///
/// Returns the I/O error.
pub fn open_no_wait(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Opens `path` for reading. Does not wait if it is a pipe, and does not follow a link at its end.
///
/// # Errors
///
/// Returns the I/O error.
pub fn open_beside(path: &Path) -> io::Result<File> {
    Ok(openat(CWD, path, FILE_FLAGS, Mode::empty()).map(File::from)?)
}

/// Returns standard input as a file without a buffer. It has the same position as standard input.
///
/// # Errors
///
/// Returns the I/O error if standard input is closed.
pub fn stdin_file() -> io::Result<File> {
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

/// Reads at `offset` (bytes) into `buffer` and returns the number of bytes. Several threads may do so at once. The position
/// of the file does not change on Unix; on Windows it does, so that [`read_next`] has to follow.
///
/// # Errors
///
/// Returns the I/O error.
#[inline]
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buffer, offset)
}

/// Like [`read_at`], but fills `buffer`.
///
/// # Errors
///
/// Returns the I/O error; `UnexpectedEof` if the file ends before.
#[inline]
pub fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(buffer, offset)
}

/// Reads on in a file that was read to `offset` (bytes) from its start, no matter whether [`read_at`] was used meanwhile.
///
/// # Errors
///
/// Returns the I/O error.
#[inline]
pub fn read_next(mut file: &File, buffer: &mut [u8], _offset: u64) -> io::Result<usize> {
    file.read(buffer)
}

/// Returns whether a report at this path is written directly: it leads to an open file of the process, which may be a
/// regular file, and replacing it would lose its other output. Never on Windows.
pub fn is_stream_path(path: &Path) -> bool {
    path.starts_with("/proc") || path.starts_with("/dev/fd")
}
