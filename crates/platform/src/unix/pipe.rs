//! Waiting for the input of a pipe.

use std::fs::File;
use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How one chunk is read from a file.
type Read = fn(&File, &mut [u8]) -> io::Result<usize>;

/// A file that is read when input has arrived. On Windows, a thread reads it.
#[derive(Debug)]
pub struct WaitingReader {
    file: File,
    read: Read,
}

impl WaitingReader {
    /// Creates a reader of `file` that calls `read` for each chunk.
    pub fn new(file: File, read: Read) -> Self {
        Self { file, read }
    }

    /// Returns whether input, its end, or an error can be read within `wait`.
    pub fn is_ready(&mut self, wait: Duration) -> bool {
        let mut fds = [PollFd::new(&self.file, PollFlags::IN)];
        let timeout = Timespec { tv_sec: wait.as_secs().cast_signed(), tv_nsec: wait.subsec_nanos().into() };
        // If polling fails, the read will report the error.
        !matches!(poll(&mut fds, Some(&timeout)), Ok(0))
    }

    /// Reads what has arrived, at most `buffer`, and waits if nothing has. 0 is the end.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (self.read)(&self.file, buffer)
    }
}

/// Requests a capacity in bytes for a pipe. Without effect if `file` is not a pipe, may not grow, or not on Linux.
pub fn enlarge(file: &File, bytes: usize) {
    #[cfg(target_os = "linux")]
    let _as_it_is = rustix::pipe::fcntl_setpipe_size(file, bytes);
    #[cfg(not(target_os = "linux"))]
    let _as_it_is = (file, bytes);
}
