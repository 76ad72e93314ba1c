//! Where the configuration and the baseline of a run lie: the root of the repository round what is scanned, or the scanned
//! folder, or the tree of a commit.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::git::{Database, Layout, Refs, file_of};
use crate::suppress::{Paths, read_beneath, text};

/// A place with files under paths from its root.
pub(super) enum Root<'a> {
    /// A folder on a disk.
    Folder(PathBuf),
    /// Another place: reads a file of at most so many bytes.
    Other(Box<Read<'a>>),
}

/// Takes a path and a number of bytes; gives the content, if it is there.
type Read<'a> = dyn Fn(&str, u64) -> Result<Option<Vec<u8>>> + 'a;

impl Root<'_> {
    /// The root round a path that is scanned; `-` is standard input.
    pub(super) fn round(path: &Path) -> Self {
        let path = if path == Path::new("-") { Path::new(".") } else { path };
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        // Whose repository it is does not matter: nothing in it is run.
        let work_tree = Layout::find(&real, true).ok().and_then(|layout| layout.work_tree);
        let folder = || if real.is_dir() { real.clone() } else { parent(&real) };
        Self::Folder(work_tree.unwrap_or_else(folder))
    }

    /// The root of a repository: its work tree or, if it is bare, what its HEAD holds.
    pub(super) fn of(layout: &Layout) -> Self {
        // In a hook of a linked work tree, git names its directory, which does not lie in it.
        let linked = || {
            let here = Layout::find(Path::new("."), true).ok()?;
            here.work_tree.filter(|_| here.git_dir == layout.git_dir)
        };
        if let Some(work_tree) = layout.work_tree.clone().or_else(linked) {
            return Self::Folder(work_tree);
        }
        let layout = layout.clone();
        Self::Other(Box::new(move |name, limit| {
            let Some(head) = Refs::of_this_work_tree(&layout).head else { return Ok(None) };
            let database = Database::open(&layout)?;
            Ok(file_of((&database, layout.format), &head, name, limit)?)
        }))
    }

    /// The folder, if it is one.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Other(_) => None,
        }
    }

    /// The text of a file, `None` if it is not there.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Option<String>> {
        match self {
            Self::Folder(folder) => Ok(read_beneath(folder, name, limit)?),
            Self::Other(read) => {
                let Some(name) = plain(name) else {
                    return Err(anyhow!("{name}: leads out of the repository"));
                };
                let Some(bytes) = read(&name, limit)? else { return Ok(None) };
                text(bytes).map(Some).map_err(|reason| anyhow!("{name}: {reason}"))
            }
        }
    }

    /// The path from this root of a file that lies beneath it.
    pub(super) fn path_of(&self, file: &Path) -> Option<String> {
        let root = std::fs::canonicalize(self.folder()?).ok()?;
        let file = std::fs::canonicalize(file).ok()?;
        Some(file.strip_prefix(&root).ok()?.to_string_lossy().into_owned())
    }

    /// How paths of a scan of these arguments lead to paths from this root.
    pub(super) fn paths(&self, arguments: &[PathBuf]) -> Paths {
        let alone = arguments.len() == 1;
        let known = arguments.iter().filter(|path| path.as_os_str() != "-").filter_map(|path| {
            // As the walk calls it.
            let label = if alone && path.is_dir() { String::new() } else { shown(path) };
            Some((label, self.path_of(path)?))
        });
        Paths::new(known.collect())
    }

    /// Whether a scan of these arguments sees everything beneath this root.
    pub(super) fn is_all_of(&self, arguments: &[PathBuf]) -> bool {
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        match (arguments, self.folder()) {
            ([path], Some(folder)) => {
                path.is_dir() && real(path).is_some_and(|path| Some(path) == real(folder))
            }
            _ => false,
        }
    }
}

/// A path as it was given, without `./`.
fn shown(path: &Path) -> String {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    parts.collect::<PathBuf>().to_string_lossy().into_owned()
}

/// The folder of a file.
pub(super) fn parent(path: &Path) -> PathBuf {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")).to_owned()
}

/// A path without `.`; none if it leads out.
fn plain(name: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(parts.join("/"))
}
