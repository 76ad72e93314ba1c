//! Files: devices not opened, read at a position.

use std::fs::File;
use std::io;
use std::os::windows::fs::FileExt;
use std::os::windows::io::AsHandle;
use std::path::{Component, Path, Prefix};

use super::dir::open_no_link;

/// An open file, pipe or directory: a descriptor on Unix, a handle on Windows.
pub trait Handle: AsHandle {}

impl<T: AsHandle> Handle for T {}

/// Names that are devices in every folder; `COM` and `LPT` come with a digit.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Opens `path` for reading. Links are followed. What it is, its metadata say.
///
/// A device (`\\.\…`, or a reserved name such as `NUL` or `COM1`) is not opened.
///
/// # Errors
///
/// Returns the I/O error.
pub fn open_no_wait(path: &Path) -> io::Result<File> {
    if is_device(path) { Err(device()) } else { File::open(path) }
}

/// Opens `path` for reading. Does not follow a link at its end, and opens no device.
///
/// # Errors
///
/// Returns the I/O error.
pub fn open_beside(path: &Path) -> io::Result<File> {
    if is_device(path) { Err(device()) } else { open_no_link(path) }
}

fn device() -> io::Error {
    io::Error::other("a device, which is not read")
}

/// Returns whether `path` names a device: after `\\.\`, or a reserved name with or without an extension.
pub(super) fn is_device(path: &Path) -> bool {
    let mut parts = path.components();
    if let Some(Component::Prefix(prefix)) = parts.next() {
        match prefix.kind() {
            Prefix::DeviceNS(_) => return true,
            // Names after `\\?\` are files.
            Prefix::Verbatim(_) | Prefix::VerbatimUNC(..) | Prefix::VerbatimDisk(_) => return false,
            Prefix::UNC(..) | Prefix::Disk(_) => {}
        }
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_uppercase()).unwrap_or_default();
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end_matches(' ');
    let numbered = |start| stem.strip_prefix(start).is_some_and(|rest: &str| rest.chars().count() == 1);
    DEVICES.contains(&stem) || numbered("COM") || numbered("LPT")
}

/// Returns standard input as a file without a buffer. It has the same position as standard input.
///
/// # Errors
///
/// Returns the I/O error if standard input is closed.
pub fn stdin_file() -> io::Result<File> {
    io::stdin().as_handle().try_clone_to_owned().map(File::from)
}

/// Reads at `offset` (bytes) into `buffer` and returns the number of bytes. Several threads may do so at once. The position
/// of the file changes, so that [`read_next`] has to follow.
///
/// # Errors
///
/// Returns the I/O error.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}

/// Like [`read_at`], but fills `buffer`.
///
/// # Errors
///
/// Returns the I/O error; `UnexpectedEof` if the file ends before.
pub fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < buffer.len() {
        match file.seek_read(&mut buffer[done..], offset + done as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads on in a file that was read to `offset` (bytes) from its start, no matter whether [`read_at`] was used meanwhile.
///
/// # Errors
///
/// Returns the I/O error.
pub fn read_next(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}

/// Returns whether a report at this path is written directly: a device such as `NUL`. What leads to an open file of the
/// process does not exist on Windows.
pub fn is_stream_path(path: &Path) -> bool {
    is_device(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_known_by_name() {
        for name in ["NUL", "nul.txt", r"a\con", "COM1", "lpt9.log", r"\\.\PhysicalDrive0", r"C:\x\aux .h"] {
            assert!(is_device(Path::new(name)), "{name}");
        }
        for name in ["null", "COM", "COM10", "console", r"\\?\C:\con", "a.nul", "lpt"] {
            assert!(!is_device(Path::new(name)), "{name}");
        }
    }
}
