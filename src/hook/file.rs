//! Installing and removing one hook file, depending on what exists at its path.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use telleaks_platform::{is_executable, labelled, make_executable};

use super::path_of;
use super::script::{Author, author};
use crate::atomic_file::AtomicFile;

/// Suffix under which a previously installed hook is kept.
pub(super) const BACKUP_SUFFIX: &str = ".before-telleaks";
/// Maximum number of bytes read of a file. Scripts of telleaks are far smaller.
const MAX_BYTES: u64 = 1 << 20;

/// A file that is left unchanged, and why.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub struct FileError {
    /// The file.
    pub path: String,
    /// The reason.
    pub why: Left,
}

/// Why a file is left unchanged.
#[derive(Debug, thiserror::Error)]
pub enum Left {
    /// The script of telleaks was edited.
    #[error(
        "this hook of telleaks was changed after it was installed: check it, move it away, and try again"
    )]
    Changed,
    /// There are two hooks of other programs.
    #[error(
        "another program has replaced the hook of telleaks, and the previous hook is next to it as *.before-telleaks: move \
         one of the two away, and try again"
    )]
    Both,
    /// The directory of telleaks contains a file of another program.
    #[error("not written by telleaks: move it away, and try again")]
    Foreign,
    /// Neither a file nor a link.
    #[error("not a regular file")]
    Odd,
    /// The I/O error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A planned change to one file.
#[derive(Debug)]
pub(super) struct Step {
    path: PathBuf,
    what: Change,
}

#[derive(Debug)]
enum Change {
    Nothing(&'static str),
    Write(Vec<u8>),
    /// Rename the existing file first.
    Chain(Vec<u8>),
    Delete,
    PutBack,
}

impl Step {
    /// Plans to install a script as a hook; an existing hook of another program is kept and chained.
    pub(super) fn install(dir: &Path, hook: &str, text: Vec<u8>) -> Result<Self, FileError> {
        let path = path_of(dir, hook);
        let what = match existing(&path)? {
            Some((Author::Telleaks, old)) if old == text && is_executable(&path) => {
                Change::Nothing("is installed already")
            }
            None | Some((Author::Telleaks, _)) => Change::Write(text),
            Some((Author::Changed, _)) => return Err(refused(&path, Left::Changed)),
            Some((Author::Other, _)) if exists(&before(&path)) => return Err(refused(&path, Left::Both)),
            Some((Author::Other, _)) => Change::Chain(text),
        };
        Ok(Self { path, what })
    }

    /// Plans to write a script in the directory that only telleaks writes to.
    pub(super) fn replace(dir: &Path, hook: &str, text: Vec<u8>) -> Result<Self, FileError> {
        match Self::install(dir, hook, text)? {
            Self { path, what: Change::Chain(_) } => Err(refused(&path, Left::Foreign)),
            step => Ok(step),
        }
    }

    /// Plans to remove a script of telleaks.
    pub(super) fn remove(dir: &Path, hook: &str) -> Result<Self, FileError> {
        let path = path_of(dir, hook);
        let what = match existing(&path)? {
            None => Change::Nothing("does not exist"),
            Some((Author::Changed, _)) => return Err(refused(&path, Left::Changed)),
            Some((Author::Other, _)) if exists(&before(&path)) => return Err(refused(&path, Left::Both)),
            Some((Author::Other, _)) => Change::Nothing("was not written by telleaks and is kept"),
            Some((Author::Telleaks, _)) if exists(&before(&path)) => Change::PutBack,
            Some((Author::Telleaks, _)) => Change::Delete,
        };
        Ok(Self { path, what })
    }

    /// Applies the change and returns a status line.
    pub(super) fn apply(self) -> Result<String, FileError> {
        let said = self.try_apply().map_err(|error| refused(&self.path, error.into()))?;
        Ok(format!("{} {said}", shown(&self.path)))
    }

    fn try_apply(&self) -> io::Result<&'static str> {
        let before = before(&self.path);
        match &self.what {
            Change::Nothing(said) => return Ok(said),
            Change::Write(text) => write(&self.path, text)?,
            Change::Chain(text) => {
                fs::rename(&self.path, &before)?;
                if let Err(error) = write(&self.path, text) {
                    fs::rename(&before, &self.path)?;
                    return Err(error);
                }
                return Ok("is installed, and runs the previous hook first");
            }
            Change::Delete => {
                fs::remove_file(&self.path)?;
                return Ok("is removed");
            }
            Change::PutBack => {
                fs::rename(&before, &self.path)?;
                return Ok("is the previous hook again");
            }
        }
        Ok("is installed")
    }
}

/// Returns the author of the file at a path, and its content if telleaks could have written it.
pub(super) fn existing(path: &Path) -> Result<Option<(Author, Vec<u8>)>, FileError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(path, error.into())),
    };
    if found.is_symlink() || (found.is_file() && found.len() > MAX_BYTES) {
        return Ok(Some((Author::Other, Vec::new())));
    }
    if !found.is_file() {
        return Err(refused(path, Left::Odd));
    }
    let text = fs::read(path).map_err(|error| refused(path, error.into()))?;
    Ok(Some((author(&text), text)))
}

/// Writes atomically, so that git never runs an incomplete hook.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let mut draft = AtomicFile::new_in(dir)?;
    draft.file().write_all(text)?;
    make_executable(draft.file())?;
    draft.finish(path)
}

fn before(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(BACKUP_SUFFIX);
    PathBuf::from(name)
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn refused(path: &Path, why: Left) -> FileError {
    FileError { path: shown(path), why }
}

/// Returns a path for display, with `/` on every system.
fn shown(path: &Path) -> String {
    String::from_utf8_lossy(&labelled(path)).into_owned()
}
