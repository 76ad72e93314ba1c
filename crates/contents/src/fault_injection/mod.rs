//! Fault injection for the integration tests in `tests/faults`: reads that fail, return too little or are interrupted,
//! files that vanish, shrink or grow, and panics during a scan. All bytes enter the program through this module.
//!
//! Only builds with the cargo feature `faults`, which no release has and which needs Linux, inject faults; in any other build, each function
//! is a plain system call. How to handle a fault is up to the callers.
//!
//! Faults are configured by the environment variable `TELLEAKS_FAULTS`, a comma-separated list of:
//!
//! | Entry | Effect |
//! | --- | --- |
//! | `open-error=GLOB` | opening a matching file, or listing a matching directory, fails: too many open files |
//! | `vanish=GLOB` | the file does not exist when it is opened |
//! | `read-error=GLOB@BYTES` | reading fails after this many bytes; without `@BYTES` at once |
//! | `shrink=GLOB`, `grow=GLOB` | the file loses its second half, or grows by a mebibyte, before the first read |
//! | `short=SEED` | every read returns fewer bytes than requested |
//! | `interrupted=SEED` | one read in three is interrupted by a signal |
//! | `panic=TEXT` | work on content that contains this text panics |
//!
//! Paths are those that the system shows for an open file: absolute, without symbolic links; that of a pipe is
//! `pipe:[…]`.

#[cfg(feature = "faults")]
mod plan;

use std::fs::{File, ReadDir};
use std::io::{self, Read};
use std::path::Path;

use telleaks_platform::Handle;

/// The version printed by `--version`; marks a build that can inject faults.
/// `packaging/build.sh` sets its commit and date in the environment variable `TELLEAKS_BUILD`: `0.1.0 (1a2b3c4d5e6f
/// 2026-11-30)`. Without that variable, as for `cargo install`, it is the version alone.
pub const VERSION: &str = if let Some(build) = option_env!("TELLEAKS_BUILD") {
    build
} else if cfg!(feature = "faults") {
    concat!(env!("CARGO_PKG_VERSION"), " (fails on demand: for tests only)")
} else {
    env!("CARGO_PKG_VERSION")
};

/// Returns a file or directory that was just opened.
///
/// # Errors
/// Returns the injected fault, if there is one.
#[inline]
pub fn opened<F: Handle>(file: F) -> io::Result<F> {
    #[cfg(feature = "faults")]
    plan::Plan::get().open(&file)?;
    Ok(file)
}

/// Wraps [`File::open`].
///
/// # Errors
/// Returns the I/O error.
#[inline]
pub fn open(path: &Path) -> io::Result<File> {
    opened(File::open(path)?)
}

/// Wraps [`std::fs::read`].
///
/// # Errors
/// Returns the I/O error.
#[inline]
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if cfg!(not(feature = "faults")) {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    input(open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Wraps [`std::fs::read_dir`].
///
/// # Errors
/// Returns the I/O error.
#[inline]
pub fn read_dir(path: &Path) -> io::Result<ReadDir> {
    #[cfg(feature = "faults")]
    plan::Plan::get().open_path(path)?;
    std::fs::read_dir(path)
}

/// Wraps a reader.
#[inline]
pub fn input<R: Read + Handle>(reader: R) -> impl Read {
    #[cfg(feature = "faults")]
    let reader = plan::Faulty(reader);
    reader
}

/// Wraps [`File::read`](Read::read).
///
/// # Errors
/// Returns the I/O error.
#[inline]
pub fn read(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    input(file).read(buffer)
}

/// Wraps [`telleaks_platform::read_next`].
///
/// # Errors
/// Returns the I/O error.
#[inline]
pub fn read_next(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(feature = "faults")]
    let buffer = plan::Plan::get().part(file, buffer, Some(offset))?;
    telleaks_platform::read_next(file, buffer, offset)
}

/// Wraps [`telleaks_platform::read_at`].
///
/// # Errors
/// Returns the I/O error.
#[inline]
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(feature = "faults")]
    let buffer = plan::Plan::get().part(file, buffer, Some(offset))?;
    telleaks_platform::read_at(file, buffer, offset)
}

/// Wraps [`telleaks_platform::read_exact_at`].
///
/// # Errors
/// Returns the I/O error, or `UnexpectedEof` if the file ends before `buffer` is full.
#[inline]
pub fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    if cfg!(not(feature = "faults")) {
        return telleaks_platform::read_exact_at(file, buffer, offset);
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

/// Injects a panic. Called where work on some content starts.
#[inline]
pub fn work(_content: &[u8]) {
    #[cfg(feature = "faults")]
    plan::Plan::get().panic_at(_content);
}
