//! Writes a report file atomically. Does not know about report formats.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::sanitize::visible;
use crate::atomic_file::AtomicFile;

/// Maximum number of symbolic links followed, as in Linux.
const MAX_LINKS: usize = 40;

/// A report file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report {}: {source}; {}", visible(&path.to_string_lossy()), advice(source))]
pub struct FileError {
    /// The file as the caller named it.
    path: PathBuf,
    /// The I/O error.
    source: io::Error,
}

/// Writes the file at `path` with `fill`.
///
/// A regular file, or a new one, is written under a temporary name in the same directory, readable by its owner only,
/// and then renamed. Readers see the old or the new report, never a partial one; after an error the old one remains. A
/// symbolic link is kept, and its target is replaced. Other files (devices, pipes, `/dev/stdout`) are written directly
/// and never replaced.
pub fn write_file(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), FileError> {
    let written = target_of(path).and_then(|target| match target {
        Target::Stream => write_through(path, fill),
        Target::Regular(file) => write_whole(&file, fill),
    });
    written.map_err(|source| FileError { path: path.to_owned(), source })
}

/// What a path refers to.
enum Target {
    /// A regular file, existing or not, with all symbolic links at its end followed.
    Regular(PathBuf),
    /// A device or pipe, which is written directly and not replaced.
    Stream,
}

fn target_of(path: &Path) -> io::Result<Target> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => return Ok(Target::Stream),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = path.to_owned();
    for _ in 0..MAX_LINKS {
        // `/dev/stdout` resolves to these paths and may be a regular file. It is already open, and replacing it by a
        // rename would lose its other output.
        if telleaks_platform::is_stream_path(&file) {
            return Ok(Target::Stream);
        }
        match fs::read_link(&file) {
            Ok(link) => file = file.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(Target::Regular(file)),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn write_through(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Append without truncating: `/dev/stdout` may be a file that other processes write to as well.
    let mut out = BufWriter::new(OpenOptions::new().append(true).open(path)?);
    fill(&mut out)?;
    out.flush()
}

fn write_whole(file: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut draft = AtomicFile::new_in(folder)?;
    let mut out = BufWriter::new(draft.file());
    fill(&mut out)?;
    out.flush()?;
    drop(out);
    draft.finish(file)
}

/// Returns what the user can do about an error.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "create its folder first, or name another file",
        ErrorKind::IsADirectory => "name a file in it",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room, or name a file on another disk",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "name a file where you may write",
        _ => "name another file",
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    fn hello(out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"hello")
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn file_is_complete_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        fs::write(&path, "old").unwrap();
        write_file(&path, hello).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "hello");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["out.json"]);
    }

    #[test]
    fn error_keeps_old_file_and_leaves_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        fs::write(&path, "old").unwrap();
        let error = write_file(&path, |out| {
            out.write_all(b"half")?;
            Err(ErrorKind::StorageFull.into())
        });
        let said = error.unwrap_err().to_string();
        assert!(said.contains("out.json: no storage space; make room"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["out.json"]);
    }

    #[test]
    fn link_is_kept_and_its_target_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("real")).unwrap();
        let link = folder.path().join("link");
        symlink("real/new.json", &link).unwrap();
        for _ in 0..2 {
            write_file(&link, hello).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(folder.path().join("real/new.json")).unwrap(), "hello");
        }
        assert_eq!(names(&folder.path().join("real")), ["new.json"]);
    }

    #[test]
    fn link_cycle_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let ring = folder.path().join("ring");
        symlink("ring", &ring).unwrap();
        assert!(write_file(&ring, hello).is_err());
    }

    #[test]
    fn device_is_written_directly() {
        write_file(Path::new("/dev/null"), hello).unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        if fs::exists("/dev/full").unwrap() {
            let said = write_file(Path::new("/dev/full"), hello).unwrap_err().to_string();
            assert!(said.starts_with("cannot write the report /dev/full: "), "{said}");
            assert!(said.ends_with("; make room, or name a file on another disk"), "{said}");
            assert!(fs::metadata("/dev/full").unwrap().file_type().is_char_device());
        }
    }

    #[test]
    fn pipe_is_written_directly() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut text = String::new();
                File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                text
            }
        });
        write_file(&pipe, hello).unwrap();
        assert_eq!(reader.join().unwrap(), "hello");
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn errors_name_path_and_advice() {
        let folder = tempfile::tempdir().unwrap();
        let said = write_file(&folder.path().join("no/such.json"), hello).unwrap_err().to_string();
        assert!(
            said.contains("no/such.json: ")
                && said.ends_with("; create its folder first, or name another file")
        );
        let said = write_file(folder.path(), hello).unwrap_err().to_string();
        assert!(said.ends_with("; name a file in it"), "{said}");
    }
}
