//! Files and folders under temporary names. Whatever way a run ends, short of being killed outright, none of them stays:
//! what is not finished when a signal comes, [`remove_all`] takes away.
//!
//! What is written, and what it becomes, is the business of others.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat};
use tempfile::{NamedTempFile, TempDir};

/// What the temporary name of a file begins with.
const PREFIX: &str = ".telleaks-";
/// How often a folder is removed into which another thread may still be writing.
const ATTEMPTS: usize = 20;

/// Everything that exists under a temporary name now. It is made, renamed and removed with the lock held, so that
/// nothing falls between a signal and [`remove_all`].
static ALL: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is being written and will take the place of another. Where the system can, it has no name until it is
/// finished, so that nothing of it is left even by a run that is killed outright.
#[derive(Debug)]
pub struct Draft {
    content: Content,
    folder: PathBuf,
}

#[derive(Debug)]
enum Content {
    Unnamed(File),
    Named(NamedTempFile, Registered),
}

impl Draft {
    /// An empty file for a place in `folder`, for its owner only.
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
        let content = match unnamed(folder, &wanted) {
            Some(file) => Content::Unnamed(file),
            None => Self::named(folder, wanted)?,
        };
        Ok(Self { content, folder: folder.to_owned() })
    }

    fn named(folder: &Path, wanted: Permissions) -> io::Result<Content> {
        let mut all = all();
        let file = tempfile::Builder::new().prefix(PREFIX).permissions(wanted).tempfile_in(folder)?;
        let registered = Registered::new(&mut all, file.path());
        Ok(Content::Named(file, registered))
    }

    /// The file, to be written to.
    pub fn file(&mut self) -> &mut File {
        match &mut self.content {
            Content::Unnamed(file) => file,
            Content::Named(file, _) => file.as_file_mut(),
        }
    }

    /// Puts the file, which is on the disk by then, in the place of what `target` is.
    ///
    /// # Errors
    /// That of the system; then everything is as before and the draft is gone.
    pub fn finish(mut self, target: &Path) -> io::Result<()> {
        self.file().sync_all()?;
        // A name that is there for a moment only, and no signal falls into that.
        let all = all();
        match self.content {
            Content::Unnamed(file) => {
                let mut builder = tempfile::Builder::new();
                let named = builder.prefix(PREFIX).make_in(&self.folder, |path| link(&file, path))?;
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

/// An empty file in `folder` without a name; none where there is no such thing, or it could not be given one later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, wanted: &Permissions) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = openat(CWD, folder, flags, Mode::from_raw_mode(wanted.mode())).map(File::from).ok()?;
    fs::metadata(path_of(&file)).is_ok().then_some(file)
}

/// As above.
#[cfg(not(target_os = "linux"))]
fn unnamed(_folder: &Path, _wanted: &Permissions) -> Option<File> {
    None
}

/// Gives a file without a name this one, unless something else has it.
fn link(file: &File, path: &Path) -> io::Result<()> {
    Ok(linkat(CWD, path_of(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

/// Where the system shows an open file.
fn path_of(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// A folder that is gone with all that is in it when this value is dropped.
#[derive(Debug)]
pub struct Folder {
    inner: Option<TempDir>,
    registered: Registered,
}

impl Folder {
    /// An empty folder in the system's place for temporary files, for its owner only. `purpose` becomes part of its
    /// name.
    ///
    /// # Errors
    /// That of the system.
    pub fn new(purpose: &str) -> io::Result<Self> {
        let mut all = all();
        let inner = TempDir::with_prefix(format!("telleaks-{purpose}"))?;
        let registered = Registered::new(&mut all, inner.path());
        Ok(Self { inner: Some(inner), registered })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.registered.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _all = all();
        self.inner = None;
    }
}

/// A path in [`ALL`] as long as this value lives.
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
        all().remove(&self.0);
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
    for _ in 0..ATTEMPTS {
        // A folder may get something new while it is being emptied.
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

    /// Both kinds of draft in a folder, with one word in them.
    fn drafts(home: &Path) -> [Draft; 2] {
        let named = Draft::named(home, Permissions::from_mode(0o600)).unwrap();
        let mut both = [Draft::new_in(home).unwrap(), Draft { content: named, folder: home.to_owned() }];
        both.iter_mut().for_each(|draft| draft.file().write_all(b"one").unwrap());
        both
    }

    #[test]
    fn a_draft_is_finished_or_gone() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("target");
        let names = || fs::read_dir(home.path()).unwrap().count();
        for (number, draft) in (0..).zip(drafts(home.path())) {
            fs::write(&target, "old").unwrap();
            // The draft with a name is there until it is finished.
            assert_eq!(names(), 2);
            draft.finish(&target).unwrap();
            assert_eq!((fs::read(&target).unwrap(), names()), (b"one".to_vec(), 2 - number));
            assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        }
        for draft in drafts(home.path()) {
            assert!(draft.finish(&home.path().join("no/such")).is_err());
        }
        drop(drafts(home.path()));
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
