//! What fault injection needs: the path and the position of an open file, and the errors to inject. For tests on Linux.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;

use rustix::io::Errno;

/// Returns the path of an open file as the system shows it; empty if it shows none.
pub fn path_of(file: &impl AsFd) -> PathBuf {
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_fd().as_raw_fd())).unwrap_or_default()
}

/// Returns the position in a file in bytes; `None` for a pipe.
pub fn position(file: &impl AsFd) -> Option<u64> {
    rustix::fs::tell(file).ok()
}

/// Returns the error of a process with too many open files.
pub fn too_many_files() -> io::Error {
    Errno::MFILE.into()
}

/// Returns the error of a file that does not exist.
pub fn missing() -> io::Error {
    Errno::NOENT.into()
}

/// Returns the error of a device that cannot be read.
pub fn unreadable() -> io::Error {
    Errno::IO.into()
}
