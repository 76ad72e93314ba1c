//! The only place that touches a disk: reads small regular files, and writes one whole or not at all. A repository must
//! not be able to make it wait, read without end, or read what lies outside.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::faults;
use crate::report::visible;
use crate::unfinished::Draft;

/// Bytes of the largest configuration.
pub const MAX_CONFIG: u64 = 1 << 20;
/// Bytes of the largest baseline: some hundred thousand entries.
pub const MAX_BASELINE: u64 = 64 << 20;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", visible(&path.to_string_lossy()))]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// Why, and what to do.
    pub reason: String,
}

impl FileError {
    fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into() }
    }
}

/// The text of the file `name` beneath the folder `root`; `None` if there is none. Links are followed as long as they
/// stay beneath `root`.
///
/// # Errors
/// It is there and cannot be read, is no regular file, lies outside, is larger than `limit` bytes or is no UTF-8.
pub fn read_beneath(root: &Path, name: &str, limit: u64) -> Result<Option<String>, FileError> {
    let path = root.join(name);
    if fs::symlink_metadata(&path).is_err_and(|error| is_missing(&error)) {
        return Ok(None);
    }
    let failed = |error: io::Error| FileError::new(&path, error.to_string());
    let real = fs::canonicalize(&path).map_err(failed)?;
    let root = fs::canonicalize(root).map_err(failed)?;
    if !real.starts_with(&root) {
        let reason = "leads out of the scanned folder or repository; put a regular file there, or name the file yourself \
                      with --config or --baseline";
        return Err(FileError::new(&path, reason));
    }
    read(&real, limit).map(Some).map_err(|error| FileError { path, ..error })
}

/// The text of a file that a person named.
///
/// # Errors
/// As for [`read_beneath`], and if it is not there.
pub fn read_given(path: &Path, limit: u64) -> Result<String, FileError> {
    read(path, limit)
}

/// Whether a path leads nowhere.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn read(path: &Path, limit: u64) -> Result<String, FileError> {
    let failed = |error: io::Error| FileError::new(path, error.to_string());
    // Opening a pipe waits for a writer, and opening a device may do anything: both are looked at first and, should they
    // have been put there since, not waited for.
    let check = |found: &fs::Metadata| {
        if found.is_file() { Ok(()) } else { Err(FileError::new(path, "not a regular file; it is not read")) }
    };
    check(&fs::metadata(path).map_err(failed)?)?;
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = file.and_then(faults::opened).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    check(&found)?;
    let too_large =
        || FileError::new(path, format!("larger than {} MiB, which no such file is", limit >> 20));
    if found.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    faults::input(file).take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    text(bytes).map_err(|reason| FileError::new(path, reason))
}

/// The text of bytes.
///
/// # Errors
/// They are no UTF-8, in words.
pub fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        format!("line {line} is not UTF-8 text")
    })
}

/// Writes a file whole or not at all: with the permissions that it had, or those of any new file, since it is to be
/// committed and read by others.
///
/// # Errors
/// It cannot be written, or something else than a regular file lies there.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    let written = || -> io::Result<()> {
        let (target, permissions) = match fs::metadata(path) {
            Ok(found) if found.is_file() => (fs::canonicalize(path)?, found.permissions()),
            Ok(_) => return Err(io::Error::other("not a regular file")),
            Err(error) if is_missing(&error) => (path.to_owned(), Permissions::from_mode(0o666)),
            Err(error) => return Err(error),
        };
        let folder = target.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let is_new = !target.exists();
        let mut draft = Draft::with_permissions(folder, permissions.clone())?;
        draft.file().write_all(text.as_bytes())?;
        if !is_new {
            draft.file().set_permissions(permissions)?;
        }
        draft.finish(&target)
    };
    written().map_err(|error| FileError::new(path, format!("cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_small_regular_files_beneath_the_root_are_read() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("root");
        fs::create_dir(&root).unwrap();
        fs::write(home.path().join("outside"), "x").unwrap();
        fs::write(root.join("inside"), "y").unwrap();
        symlink("../outside", root.join("out")).unwrap();
        symlink("inside", root.join("in")).unwrap();
        symlink("/dev/zero", root.join("zero")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(root.join("pipe")).status().unwrap().success());
        File::create(root.join("large")).unwrap().set_len(1 << 30).unwrap();
        fs::write(root.join("bytes"), b"a\n\xff").unwrap();
        let said = |name: &str| match read_beneath(&root, name, 100) {
            Ok(text) => text.unwrap_or("none".into()),
            Err(error) => error.reason,
        };
        assert_eq!((said("inside"), said("in"), said("no/such")), ("y".into(), "y".into(), "none".into()));
        for name in ["out", "zero", "../outside"] {
            assert!(said(name).starts_with("leads out"), "{name}: {}", said(name));
        }
        assert!(said("pipe").starts_with("not a regular file") && said(".").starts_with("not a regular"));
        assert!(said("large").starts_with("larger than") && said("bytes").starts_with("line 2"));
        assert!(said("loop").contains("symbolic links"), "{}", said("loop"));
    }

    #[test]
    fn a_file_keeps_its_permissions_and_a_link_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("b");
        write(&path, "1").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        symlink("b", home.path().join("link")).unwrap();
        write(&home.path().join("link"), "2").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "2");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(home.path().join("link")).unwrap().is_symlink());
        assert!(write(home.path(), "3").is_err() && write(&home.path().join("no/b"), "3").is_err());
    }
}
