//! File access of this module: reads small regular files, and writes files atomically. A scanned repository must not be
//! able to block it, make it read without bound, or make it read files outside the repository.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use telleaks_platform::{NewMode, canonicalize, open_no_wait};

use crate::atomic_file::AtomicFile;
use crate::fault_injection;
use crate::report::visible;

/// Maximum size of a configuration in bytes.
pub const MAX_CONFIG: u64 = 1 << 20;
/// Maximum size of a baseline in bytes: some hundred thousand entries.
pub const MAX_BASELINE: u64 = 64 << 20;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", visible(&path.to_string_lossy()))]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The reason, and what to do.
    pub reason: String,
}

impl FileError {
    fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into() }
    }
}

/// Reads the file `name` under the directory `root`; returns `None` if it does not exist. Links are followed as long as
/// they stay under `root`.
///
/// # Errors
/// Returns an error if the file exists but cannot be read, is not a regular file, is outside `root`, is larger than
/// `limit` bytes or is not UTF-8.
pub fn read_beneath(root: &Path, name: &str, limit: u64) -> Result<Option<String>, FileError> {
    let path = root.join(name);
    if fs::symlink_metadata(&path).is_err_and(|error| is_missing(&error)) {
        return Ok(None);
    }
    let failed = |error: io::Error| FileError::new(&path, error.to_string());
    let real = canonicalize(&path).map_err(failed)?;
    let root = canonicalize(root).map_err(failed)?;
    if !real.starts_with(&root) {
        let reason = "leads out of the scanned folder or repository; put a regular file there, or name the file yourself \
                      with --config or --baseline";
        return Err(FileError::new(&path, reason));
    }
    read(&real, limit).map(Some).map_err(|error| FileError { path, ..error })
}

/// Reads a file named by the user.
///
/// # Errors
/// As for [`read_beneath`], and if the file does not exist.
pub fn read_given(path: &Path, limit: u64) -> Result<String, FileError> {
    if fs::metadata(path).is_err_and(|error| is_missing(&error)) {
        let reason = "no such file; check the spelling, paths are relative to the current directory";
        return Err(FileError::new(path, reason));
    }
    read(path, limit)
}

/// Returns whether a path does not exist.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn read(path: &Path, limit: u64) -> Result<String, FileError> {
    let failed = |error: io::Error| FileError::new(path, error.to_string());
    // Opening a pipe blocks until there is a writer, and opening a device may have side effects. So check the type
    // first and open without blocking, in case the file was replaced in between.
    let check = |found: &fs::Metadata| {
        if found.is_file() { Ok(()) } else { Err(FileError::new(path, "not a regular file; it is not read")) }
    };
    check(&fs::metadata(path).map_err(failed)?)?;
    let file = open_no_wait(path).and_then(fault_injection::opened).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    check(&found)?;
    let too_large = || FileError::new(path, format!("larger than {} MiB", limit >> 20));
    if found.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    fault_injection::input(file).take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    text(bytes).map_err(|reason| FileError::new(path, reason))
}

/// Decodes UTF-8.
///
/// # Errors
/// Returns a message with the line of the first invalid byte.
pub fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        format!("line {line} is not UTF-8 text")
    })
}

/// Writes a file atomically. It keeps its permissions or gets those of a new file, since it is to be committed and read
/// by others.
///
/// # Errors
/// Returns an error if the file cannot be written or is not a regular file.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    let written = || -> io::Result<()> {
        let (target, permissions) = match fs::metadata(path) {
            Ok(found) if found.is_file() => (canonicalize(path)?, Some(found.permissions())),
            Ok(_) => return Err(io::Error::other("not a regular file")),
            Err(error) if is_missing(&error) => (path.to_owned(), None),
            Err(error) => return Err(error),
        };
        let folder = target.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let mode = permissions.as_ref().map_or_else(NewMode::ordinary, NewMode::like);
        let mut draft = AtomicFile::with_mode(folder, mode)?;
        draft.file().write_all(text.as_bytes())?;
        if let Some(permissions) = permissions {
            draft.file().set_permissions(permissions)?;
        }
        draft.finish(&target)
    };
    written().map_err(|error| FileError::new(path, format!("cannot be written: {error}")))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs::{File, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn only_small_regular_files_under_root_are_read() {
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
    fn write_keeps_permissions_and_links() {
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
