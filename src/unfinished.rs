//! Files and folders under temporary names. Whatever way a run ends, short of being killed outright, none of them stays:
//! what is not finished when a signal comes, [`remove_all`] takes away.
//!
//! What is written, and what it becomes, is the business of others.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, TempDir};

/// What every temporary name begins with; that of a file is hidden.
const PREFIX: &str = "telleaks-";
/// How often a folder is removed into which another thread may still be writing.
const ATTEMPTS: usize = 20;

/// Everything that exists under a temporary name now. It is made, renamed and removed with the lock held, so that
/// nothing falls between a signal and [`remove_all`].
static ALL: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is being written and will take the place of another.
#[derive(Debug)]
pub struct Draft(Option<NamedTempFile>, PathBuf);

impl Draft {
    /// An empty file with a temporary name in `folder`, for its owner only.
    ///
    /// # Errors
    /// That of the system.
    pub fn new_in(folder: &Path) -> io::Result<Self> {
        Self::with_permissions(folder, Permissions::from_mode(0o600))
    }

    /// As [`Self::new_in`], with the permissions of any new file: `wanted` without what the system takes away.
    ///
    /// # Errors
    /// That of the system.
    pub fn with_permissions(folder: &Path, wanted: Permissions) -> io::Result<Self> {
        let name = format!(".{PREFIX}");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&name).permissions(wanted);
        let mut all = all();
        let file = builder.tempfile_in(folder)?;
        let path = std::path::absolute(file.path()).unwrap_or_else(|_| file.path().to_owned());
        all.insert(path.clone());
        Ok(Self(Some(file), path))
    }

    /// The file, to be written to.
    ///
    /// # Errors
    /// None: a draft has its file until it is finished.
    pub fn file(&mut self) -> io::Result<&mut File> {
        self.0.as_mut().map(NamedTempFile::as_file_mut).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Puts the file, which is on the disk by then, in the place of what `target` is.
    ///
    /// # Errors
    /// That of the system; then everything is as before and the draft is gone.
    pub fn finish(mut self, target: &Path) -> io::Result<()> {
        self.file()?.sync_all()?;
        let mut all = all();
        let file = self.0.take().ok_or(io::ErrorKind::NotFound)?;
        let renamed = file.persist(target);
        all.remove(&self.1);
        renamed.map(drop).map_err(|failed| failed.error)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let mut all = all();
        self.0 = None;
        all.remove(&self.1);
    }
}

/// A folder that is gone with all that is in it when this value is dropped.
#[derive(Debug)]
pub struct Folder(Option<TempDir>, PathBuf);

impl Folder {
    /// An empty folder in the system's place for temporary files, for its owner only. `purpose` becomes part of its
    /// name.
    ///
    /// # Errors
    /// That of the system.
    pub fn new(purpose: &str) -> io::Result<Self> {
        let mut all = all();
        let folder = TempDir::with_prefix(format!("{PREFIX}{purpose}"))?;
        let path = std::path::absolute(folder.path()).unwrap_or_else(|_| folder.path().to_owned());
        all.insert(path.clone());
        Ok(Self(Some(folder), path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.1
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let mut all = all();
        self.0 = None;
        all.remove(&self.1);
    }
}

/// Removes everything that is not finished, before the process exits: nothing can be begun or finished afterwards, whoever
/// tries waits for the end.
pub fn remove_all() {
    let all = all();
    for path in &*all {
        remove(path);
    }
    std::mem::forget(all);
}

fn remove(path: &Path) {
    // A file is nobody's but ours; a folder may get something new while it is being emptied.
    if path.file_name().is_some_and(|name| is_hidden(name)) {
        let _gone = fs::remove_file(path);
        return;
    }
    for _ in 0..ATTEMPTS {
        let _again = fs::remove_dir_all(path);
        if fs::symlink_metadata(path).is_err() {
            return;
        }
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_draft_is_finished_or_gone() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("target");
        let names = || fs::read_dir(home.path()).unwrap().count();
        let mut draft = Draft::new_in(home.path()).unwrap();
        draft.file().unwrap().write_all(b"one").unwrap();
        assert!(names() == 1 && !target.exists());
        draft.finish(&target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"one");
        drop(Draft::new_in(home.path()).unwrap());
        let draft = Draft::new_in(home.path()).unwrap();
        assert!(draft.finish(&home.path().join("no/such")).is_err());
        assert_eq!(names(), 1);
        assert!(!all().iter().any(|path| path.starts_with(home.path())));
    }

    #[test]
    fn a_folder_is_gone_with_what_is_in_it() {
        let folder = Folder::new("test-").unwrap();
        let path = folder.path().to_owned();
        fs::create_dir_all(path.join("a/b")).unwrap();
        fs::write(path.join("a/b/c"), "d").unwrap();
        assert!(all().contains(&path));
        drop(folder);
        assert!(!path.exists() && !all().contains(&path));
    }
}
