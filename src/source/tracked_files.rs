//! The paths in a repository's index. A tracked file is in scope even if an ignore rule matches it: a committed `.env`
//! is exactly what to look for.
//!
//! Opens only the index file, never the repository, whose configuration could refuse access (a foreign owner) or point
//! elsewhere (`core.worktree`).

use std::fs;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use git2::{Index, ObjectFormat};
use rustix::fs::CWD;

use super::gitignore::read_small;

/// Larger indexes are not read; everything in the repository is scanned instead.
const MAX_INDEX_BYTES: u64 = 1 << 30;
/// Maximum bytes read of `.git` files, `commondir` and `config`, which are far smaller.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// Mode of a submodule in the index.
const GITLINK: u32 = 0o160_000;

/// A repository found during the walk.
pub(super) struct Repository {
    git_dir: PathBuf,
    tracked: OnceLock<Option<Tracked>>,
}

/// Why the tracked files are unknown.
pub(super) enum IndexError {
    /// The index is corrupt.
    Damaged(String),
    /// The index has a format that libgit2 does not support.
    Unsupported(String),
}

impl Repository {
    /// Returns the repository whose work tree is `dir`, if there is one: `.git` is a git directory or a file that names
    /// one.
    pub(super) fn at(dir: &Path) -> Option<Self> {
        let dot_git = dir.join(".git");
        let git_dir = if dot_git.is_dir() {
            dot_git
        } else {
            let text = read_small(CWD, &dot_git, MAX_TEXT_BYTES)?;
            dir.join(path_in(text.strip_prefix(b"gitdir:")?))
        };
        // Git checks more; this distinguishes a repository from an empty directory called `.git`.
        fs::symlink_metadata(git_dir.join("HEAD")).ok()?;
        Some(Self { git_dir, tracked: OnceLock::new() })
    }

    /// Returns the directory that all work trees of this repository share, which contains `info/exclude` and `config`.
    pub(super) fn common_dir(&self) -> PathBuf {
        match read_small(CWD, &self.git_dir.join("commondir"), MAX_TEXT_BYTES) {
            Some(text) => self.git_dir.join(path_in(&text)),
            None => self.git_dir.clone(),
        }
    }

    /// Returns the tracked files; `None` if they are unknown. The index is read on the first call, because most trees
    /// do not need it; if that fails, `report` is called with the reason.
    pub(super) fn tracked(&self, report: impl FnOnce(IndexError)) -> Option<&Tracked> {
        let load = || self.load().map_err(report).ok();
        self.tracked.get_or_init(load).as_ref()
    }

    fn load(&self) -> Result<Tracked, IndexError> {
        let index = self.git_dir.join("index");
        match fs::symlink_metadata(&index) {
            // Nothing was ever added in this repository.
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
            // Split and sparse indexes have an extension that libgit2 does not know.
            if message.contains("extension") {
                IndexError::Unsupported(message)
            } else {
                IndexError::Damaged(message)
            }
        })
    }

    /// Returns whether the configuration mentions SHA-256. The index does not record its hash; guessing from its
    /// checksum could go wrong where that is left out.
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
    /// All paths, concatenated.
    text: Vec<u8>,
    /// Span of each path in `text`, sorted by path, and whether it is a submodule.
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
        // Git writes them sorted; a hostile index may not be.
        paths.sort_by(|(one, _), (other, _)| text[one.clone()].cmp(&text[other.clone()]));
        Self { text, paths }
    }

    /// Returns whether `path` is tracked as a file.
    pub(super) fn has_file(&self, path: &[u8]) -> bool {
        self.at(path).is_some_and(|submodule| !submodule)
    }

    /// Returns whether the directory `path` is a submodule.
    pub(super) fn has_submodule(&self, path: &[u8]) -> bool {
        self.at(path).is_some_and(|submodule| submodule)
    }

    /// Returns whether anything under the directory `path` is tracked.
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
