//! Faults on demand, for the tests in `tests/faults/`: reads that fail, come short or are interrupted, files that vanish,
//! shrink or grow, a panic in the middle of the work. It stands wherever bytes enter the program.
//!
//! Only a build with the cargo feature `faults`, which no release has, can do this; in any other each function here is
//! the call of the system in front of which it stands, and nothing else. What a fault means, its callers decide.
//!
//! What is to fail, the environment says: `TELLEAKS_FAULTS` holds words with commas between them.
//!
//! | Word | What happens |
//! | --- | --- |
//! | `open-error=GLOB` | opening a file or listing a directory at such a path fails: too many open files |
//! | `vanish=GLOB` | it is gone when it is opened |
//! | `read-error=GLOB@BYTES` | reading it fails beyond so many bytes; without `@BYTES` at once |
//! | `shrink=GLOB`, `grow=GLOB` | it loses its second half, or gets a mebibyte more, before the first read |
//! | `short=SEED` | every read gives fewer bytes than were asked for |
//! | `interrupted=SEED` | one read in three is interrupted by a signal |
//! | `panic=TEXT` | work on content that holds this text ends in a panic |
//!
//! Paths are those that the system shows for an open file: absolute, without links; that of a pipe is `pipe:[…]`.

#[cfg(feature = "faults")]
mod plan;

use std::fs::{File, ReadDir};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What `--version` prints: a build that can fail on demand says so.
pub const VERSION: &str = if cfg!(feature = "faults") {
    concat!(env!("CARGO_PKG_VERSION"), " (fails on demand: for tests only)")
} else {
    env!("CARGO_PKG_VERSION")
};

/// Hands on a file or a directory that was just opened.
///
/// # Errors
/// The fault that was ordered for it.
#[inline]
pub(crate) fn opened<F: AsFd>(file: F) -> io::Result<F> {
    #[cfg(feature = "faults")]
    plan::Plan::get().open(file.as_fd())?;
    Ok(file)
}

/// As [`File::open`].
///
/// # Errors
/// That of the system.
#[inline]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    opened(File::open(path)?)
}

/// As [`std::fs::read`].
///
/// # Errors
/// That of the system.
#[inline]
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if cfg!(not(feature = "faults")) {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    input(open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// As [`std::fs::read_dir`].
///
/// # Errors
/// That of the system.
#[inline]
pub(crate) fn read_dir(path: &Path) -> io::Result<ReadDir> {
    #[cfg(feature = "faults")]
    plan::Plan::get().open_path(path)?;
    std::fs::read_dir(path)
}

/// The same reader.
#[inline]
pub(crate) fn input<R: Read + AsFd>(reader: R) -> impl Read {
    #[cfg(feature = "faults")]
    let reader = plan::Faulty(reader);
    reader
}

/// As [`File::read`](Read::read).
///
/// # Errors
/// That of the system.
#[inline]
pub(crate) fn read(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    input(file).read(buffer)
}

/// As [`FileExt::read_at`].
///
/// # Errors
/// That of the system.
#[inline]
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(feature = "faults")]
    let buffer = plan::Plan::get().part(file.as_fd(), buffer, Some(offset))?;
    file.read_at(buffer, offset)
}

/// As [`FileExt::read_exact_at`].
///
/// # Errors
/// That of the system; `UnexpectedEof` where the file ends before `buffer` is full.
#[inline]
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    if cfg!(not(feature = "faults")) {
        return file.read_exact_at(buffer, offset);
    }
    let mut done = 0;
    while done < buffer.len() {
        match read_at(file, &mut buffer[done..], offset + done as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Stands where work on some content begins.
#[inline]
pub(crate) fn work(_content: &[u8]) {
    #[cfg(feature = "faults")]
    plan::Plan::get().panic_at(_content);
}
