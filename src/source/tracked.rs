//! What git tracks: the paths in a repository's index. A tracked file is in scope even where an ignore rule
//! names it; a committed `.env` is the very thing to find.
//!
//! Only the index file is opened, never the repository, whose configuration could refuse (a foreign owner) or
//! point elsewhere (`core.worktree`).

use std::fs;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use git2::{Index, ObjectFormat};
use rustix::fs::CWD;

use super::gitignore::read_small;

/// A larger index is not read; everything in its repository is scanned instead.
const MAX_INDEX_BYTES: u64 = 1 << 30;
/// `.git` files, `commondir` and the part of `config` that is looked at are far smaller.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// Mode of a submodule in the index.
const GITLINK: u32 = 0o160_000;

/// A repository that was met on the way down.
pub(super) struct Repository {
    git_dir: PathBuf,
    tracked: OnceLock<Option<Tracked>>,
}

/// Why a list of tracked files could not be had.
pub(super) enum IndexError {
    /// The index is not what git writes.
    Damaged(String),
    /// The index is in a form that only git itself reads.
    Unsupported(String),
}

impl Repository {
    /// The repository whose work tree is `dir`, if there is one: `.git` is a git directory or names one.
    pub(super) fn at(dir: &Path) -> Option<Self> {
        let dot_git = dir.join(".git");
        let git_dir = if dot_git.is_dir() {
            dot_git
        } else {
            let text = read_small(CWD, &dot_git, MAX_TEXT_BYTES)?;
            dir.join(path_in(text.strip_prefix(b"gitdir:")?))
        };
        // Git itself asks for more; this tells a repository from an empty directory of that name.
        fs::symlink_metadata(git_dir.join("HEAD")).ok()?;
        Some(Self { git_dir, tracked: OnceLock::new() })
    }

    /// The directory that all work trees of this repository share, where `info/exclude` and `config` lie.
    pub(super) fn common_dir(&self) -> PathBuf {
        match read_small(CWD, &self.git_dir.join("commondir"), MAX_TEXT_BYTES) {
            Some(text) => self.git_dir.join(path_in(&text)),
            None => self.git_dir.clone(),
        }
    }

    /// The tracked files; `None` if they cannot be known. The index is read on the first call, as most trees
    /// never ask; if that fails `report` hears why.
    pub(super) fn tracked(&self, report: impl FnOnce(IndexError)) -> Option<&Tracked> {
        let load = || self.load().map_err(report).ok();
        self.tracked.get_or_init(load).as_ref()
    }

    fn load(&self) -> Result<Tracked, IndexError> {
        let index = self.git_dir.join("index");
        match fs::symlink_metadata(&index) {
            // A repository in which nothing was ever added.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Tracked::default()),
            Err(error) => return Err(IndexError::Damaged(error.to_string())),
            Ok(metadata) if !metadata.is_file() => {
                return Err(IndexError::Damaged("the index is not a regular file".to_owned()));
            }
            Ok(metadata) if metadata.len() > MAX_INDEX_BYTES => {
                return Err(IndexError::Unsupported("the index is larger than 1 GiB".to_owned()));
            }
            Ok(_) => {}
        }
        let (first, second) = if self.says_sha256() {
            (ObjectFormat::Sha256, ObjectFormat::Sha1)
        } else {
            (ObjectFormat::Sha1, ObjectFormat::Sha256)
        };
        let opened = Index::open_ext(&index, first)
            .or_else(|error| Index::open_ext(&index, second).map_err(|_| error));
        opened.map(|index| Tracked::new(&index)).map_err(|error| {
            let message = error.message().to_owned();
            // Split and sparse indexes carry an extension that libgit2 does not know.
            if message.contains("extension") {
                IndexError::Unsupported(message)
            } else {
                IndexError::Damaged(message)
            }
        })
    }

    /// The index does not say which hash it holds; where its checksum is left out, guessing could go wrong.
    fn says_sha256(&self) -> bool {
        read_small(CWD, &self.common_dir().join("config"), MAX_TEXT_BYTES)
            .is_some_and(|config| config.to_ascii_lowercase().windows(6).any(|part| part == b"sha256"))
    }
}

fn path_in(line: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(line.trim_ascii()))
}

/// The paths in an index, relative to the work tree.
#[derive(Default)]
pub(super) struct Tracked {
    /// All paths, end to end.
    text: Vec<u8>,
    /// Where each path stands in `text`, sorted by path, and whether it is a submodule.
    paths: Vec<(Range<usize>, bool)>,
}

impl Tracked {
    fn new(index: &Index) -> Self {
        let mut text = Vec::new();
        let mut paths = Vec::with_capacity(index.len());
        for entry in index.iter() {
            let start = text.len();
            text.extend_from_slice(&entry.path);
            paths.push((start..text.len(), entry.mode == GITLINK));
        }
        // Git keeps them sorted; a hostile index need not.
        paths.sort_by(|(one, _), (other, _)| text[one.clone()].cmp(&text[other.clone()]));
        Self { text, paths }
    }

    /// True if `path` is tracked as a file.
    pub(super) fn has_file(&self, path: &[u8]) -> bool {
        self.at(path).is_some_and(|submodule| !submodule)
    }

    /// True if the directory `path` is a submodule.
    pub(super) fn has_submodule(&self, path: &[u8]) -> bool {
        self.at(path).is_some_and(|submodule| submodule)
    }

    /// True if anything beneath the directory `path` is tracked.
    pub(super) fn has_beneath(&self, path: &[u8]) -> bool {
        let dir = [path, b"/"].concat();
        let first = self.paths.partition_point(|(place, _)| self.text[place.clone()] < dir[..]);
        self.paths.get(first).is_some_and(|(place, _)| self.text[place.clone()].starts_with(&dir))
    }

    fn at(&self, path: &[u8]) -> Option<bool> {
        let found = self.paths.binary_search_by(|(place, _)| self.text[place.clone()].cmp(path)).ok()?;
        Some(self.paths[found].1)
    }
}
