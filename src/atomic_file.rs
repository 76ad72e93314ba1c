//! Temporary files and directories, which are removed on every exit, including SIGINT and SIGTERM, but not SIGKILL. On
//! a signal, [`remove_all`] removes what is not finished.
//!
//! Does not know what is written to them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use telleaks_platform::{NewMode, link_unnamed, unnamed};
use tempfile::{NamedTempFile, TempDir};

/// Prefix of temporary file names.
const PREFIX: &str = ".telleaks-";
/// Maximum number of attempts to remove a directory into which another thread may still be writing.
const MAX_REMOVE_ATTEMPTS: usize = 20;

/// All existing temporary paths. They are created, renamed and removed with the lock held, so that a signal cannot
/// intervene and [`remove_all`] misses nothing.
static TEMPORARY_PATHS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn lock_paths() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMPORARY_PATHS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file that will replace another file atomically. If the system supports it, the file has no name until it
/// is finished, so that not even SIGKILL leaves it behind.
#[derive(Debug)]
pub struct AtomicFile {
    content: Content,
    folder: PathBuf,
}

#[derive(Debug)]
enum Content {
    Unnamed(File),
    Named(NamedTempFile, Registered),
}

impl AtomicFile {
    /// Creates an empty file to be placed in `folder`, accessible only by its owner.
    ///
    /// # Errors
    /// Returns the I/O error.
    pub fn new_in(folder: &Path) -> io::Result<Self> {
        Self::with_mode(folder, NewMode::private())
    }

    /// Like [`Self::new_in`], but with the permissions `wanted`, reduced by the umask.
    ///
    /// # Errors
    /// Returns the I/O error.
    pub fn with_mode(folder: &Path, wanted: NewMode) -> io::Result<Self> {
        let content = match unnamed(folder, &wanted) {
            Some(file) => Content::Unnamed(file),
            None => Self::named(folder, &wanted)?,
        };
        Ok(Self { content, folder: folder.to_owned() })
    }

    fn named(folder: &Path, wanted: &NewMode) -> io::Result<Content> {
        let mut all = lock_paths();
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        if let Some(permissions) = wanted.permissions() {
            builder.permissions(permissions);
        }
        let file = builder.tempfile_in(folder)?;
        let registered = Registered::new(&mut all, file.path());
        Ok(Content::Named(file, registered))
    }

    /// Returns the file for writing.
    pub fn file(&mut self) -> &mut File {
        match &mut self.content {
            Content::Unnamed(file) => file,
            Content::Named(file, _) => file.as_file_mut(),
        }
    }

    /// Syncs the file to disk and renames it to `target`, replacing any existing file.
    ///
    /// # Errors
    /// Returns the I/O error; in that case `target` is unchanged and the temporary file is removed.
    pub fn finish(mut self, target: &Path) -> io::Result<()> {
        self.file().sync_all()?;
        // The lock keeps signal handling out while the file has a temporary name.
        let all = lock_paths();
        match self.content {
            Content::Unnamed(file) => {
                let mut builder = tempfile::Builder::new();
                let named = builder.prefix(PREFIX).make_in(&self.folder, |path| link_unnamed(&file, path))?;
                named.persist(target).map_err(|failed| failed.error)
            }
            Content::Named(file, registered) => {
                let renamed = file.persist(target).map(drop).map_err(|failed| failed.error);
                drop(all);
                drop(registered);
                renamed
            }
        }
    }
}

/// A temporary directory that is removed with its content on drop.
#[derive(Debug)]
pub struct TempFolder {
    inner: Option<TempDir>,
    registered: Registered,
}

impl TempFolder {
    /// Creates an empty directory in the system's temporary directory, accessible only by its owner. `purpose` becomes
    /// part of its name.
    ///
    /// # Errors
    /// Returns the I/O error.
    pub fn new(purpose: &str) -> io::Result<Self> {
        let mut all = lock_paths();
        let inner = TempDir::with_prefix(format!("telleaks-{purpose}"))?;
        let registered = Registered::new(&mut all, inner.path());
        Ok(Self { inner: Some(inner), registered })
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.registered.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _all = lock_paths();
        self.inner = None;
    }
}

/// A path that is in [`TEMPORARY_PATHS`] while this value lives.
#[derive(Debug)]
struct Registered(PathBuf);

impl Registered {
    fn new(all: &mut BTreeSet<PathBuf>, path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        all.insert(path.clone());
        Self(path)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        lock_paths().remove(&self.0);
    }
}

/// Removes all unfinished files and directories before the process exits. The lock is never released, so that other
/// threads cannot create or finish any; they block until the exit.
pub fn remove_all() {
    let all = lock_paths();
    for path in &*all {
        remove(path);
    }
    std::mem::forget(all);
}

fn remove(path: &Path) {
    for _ in 0..MAX_REMOVE_ATTEMPTS {
        // Another thread may add files while a directory is being emptied.
        let _again = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        if fs::symlink_metadata(path).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    #[cfg(unix)]
    use std::os::unix::fs::PermissionsExt;

    /// Creates both kinds of draft in a directory, each with the content "one".
    fn drafts(home: &Path) -> [AtomicFile; 2] {
        let named = AtomicFile::named(home, &NewMode::private()).unwrap();
        let mut both =
            [AtomicFile::new_in(home).unwrap(), AtomicFile { content: named, folder: home.to_owned() }];
        both.iter_mut().for_each(|draft| draft.file().write_all(b"one").unwrap());
        both
    }

    #[test]
    fn draft_is_finished_or_removed() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("target");
        let names = || fs::read_dir(home.path()).unwrap().count();
        for (number, draft) in (0..).zip(drafts(home.path())) {
            fs::write(&target, "old").unwrap();
            // The named draft exists until it is finished.
            assert_eq!(names(), 2);
            draft.finish(&target).unwrap();
            assert_eq!((fs::read(&target).unwrap(), names()), (b"one".to_vec(), 2 - number));
            #[cfg(unix)]
            assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        }
        for draft in drafts(home.path()) {
            assert!(draft.finish(&home.path().join("no/such")).is_err());
        }
        drop(drafts(home.path()));
        assert_eq!(names(), 1);
        assert!(!lock_paths().iter().any(|path| path.starts_with(home.path())));
    }

    #[test]
    fn folder_is_removed_with_its_content() {
        let folder = TempFolder::new("test-").unwrap();
        let path = folder.path().to_owned();
        fs::create_dir_all(path.join("a/b")).unwrap();
        fs::write(path.join("a/b/c"), "d").unwrap();
        assert!(lock_paths().contains(&path));
        drop(folder);
        assert!(!path.exists() && !lock_paths().contains(&path));
    }
}
