//! Where the configuration and the baseline of a run are read from: the root of the repository that contains the
//! scanned path, the scanned directory, or the tree of a commit.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::git::{Database, Layout, Refs, file_of, not_checked_out};
use crate::report::visible;
use crate::suppress::{Paths, read_beneath, text};

/// A source of files, addressed by paths relative to its root.
pub(super) enum Root<'a> {
    /// A directory.
    TempFolder(PathBuf),
    /// Another source, read through a function.
    Other(Box<Read<'a>>),
}

/// Takes a path and a maximum size in bytes; returns the content, or `None` if the file does not exist.
type Read<'a> = dyn Fn(&str, u64) -> Result<Option<Vec<u8>>> + 'a;

impl Root<'_> {
    /// Returns the root for a scanned path; `-` is standard input.
    pub(super) fn containing(path: &Path) -> Self {
        let path = if path == Path::new("-") { Path::new(".") } else { path };
        let real = telleaks_platform::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        // The owner of the repository does not matter: nothing in it is executed.
        let work_tree = Layout::find(&real, true).ok().and_then(|layout| layout.work_tree);
        let folder = || if real.is_dir() { real.clone() } else { parent(&real) };
        Self::TempFolder(work_tree.unwrap_or_else(folder))
    }

    /// Returns the root that the user named for a scan of these arguments.
    ///
    /// # Errors
    /// Returns an error if the directory does not exist, or an argument is not in it.
    pub(super) fn named(folder: &Path, arguments: &[PathBuf]) -> Result<Self> {
        let failed = |why: String| anyhow!("--root {}: {why}", visible(&folder.to_string_lossy()));
        let real = telleaks_platform::canonicalize(folder).map_err(|error| match error.kind() {
            ErrorKind::NotFound => failed("it does not exist".to_owned()),
            _ => failed(error.to_string()),
        })?;
        // A path that does not exist is reported by the walk.
        let outside = |path: &&PathBuf| {
            telleaks_platform::canonicalize(path).is_ok_and(|path| !path.starts_with(&real))
                && path.as_os_str() != "-"
        };
        match arguments.iter().find(outside) {
            Some(path) => Err(failed(format!("{} is not in it", visible(&path.to_string_lossy())))),
            None => Ok(Self::TempFolder(real)),
        }
    }

    /// Returns whether the root is the work tree of a repository.
    pub(super) fn is_repository(&self) -> bool {
        self.folder().is_some_and(|folder| folder.join(".git").exists())
    }

    /// Returns the root of a repository: its work tree or, if it is bare, the tree of HEAD.
    pub(super) fn of(layout: &Layout) -> Self {
        // In a hook of a linked work tree, git passes the git directory, which is outside the work tree.
        let linked = || {
            let here = Layout::find(Path::new("."), true).ok()?;
            here.work_tree.filter(|_| here.git_dir == layout.git_dir)
        };
        if let Some(work_tree) = layout.work_tree.clone().or_else(linked) {
            return Self::TempFolder(work_tree);
        }
        let layout = layout.clone();
        Self::Other(Box::new(move |name, limit| {
            let Some(head) = Refs::of_this_work_tree(&layout).head else { return Ok(None) };
            let database = Database::open(&layout)?;
            Ok(file_of(&database, layout.format, &head, name, limit)?)
        }))
    }

    /// Returns the directory, if the root is one.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::TempFolder(folder) => Some(folder),
            Self::Other(_) => None,
        }
    }

    /// Returns the text of a file, or `None` if it does not exist.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Option<String>> {
        match self {
            Self::TempFolder(folder) => Ok(read_beneath(folder, name, limit)?),
            Self::Other(read) => {
                let Some(name) = inside_root(name) else {
                    return Err(anyhow!("{name}: leads out of the repository"));
                };
                let Some(bytes) = read(&name, limit)? else { return Ok(None) };
                text(bytes).map(Some).map_err(|reason| anyhow!("{name}: {reason}"))
            }
        }
    }

    /// Returns the path of a file relative to this root.
    pub(super) fn path_of(&self, file: &Path) -> Option<String> {
        let root = telleaks_platform::canonicalize(self.folder()?).ok()?;
        let file = telleaks_platform::canonicalize(file).ok()?;
        Some(file.strip_prefix(&root).ok()?.to_string_lossy().into_owned())
    }

    /// Returns the mapping from paths of a scan of these arguments to paths relative to this root.
    pub(super) fn paths(&self, arguments: &[PathBuf]) -> Paths {
        let alone = arguments.len() == 1;
        let known = arguments.iter().filter(|path| path.as_os_str() != "-").filter_map(|path| {
            // Labelled as the directory walk labels it.
            let label = if alone && path.is_dir() { String::new() } else { shown(path) };
            Some((label, self.path_of(path)?))
        });
        Paths::new(known.collect())
    }

    /// Returns what is written before a path of a scan of these arguments to open it: the only one, if it is a directory
    /// other than the current one, with a trailing `/`; else nothing.
    pub(super) fn opened_from(arguments: &[PathBuf]) -> String {
        let [path] = arguments else { return String::new() };
        let folder = if path.is_dir() { shown(path) } else { String::new() };
        if folder.is_empty() || folder.ends_with('/') { folder } else { format!("{folder}/") }
    }

    /// Returns how many tracked files below these arguments a sparse checkout leaves out.
    pub(super) fn not_checked_out(&self, arguments: &[PathBuf]) -> u64 {
        let layout =
            self.folder().filter(|_| self.is_repository()).and_then(|at| Layout::find(at, true).ok());
        let folders: Vec<String> = arguments.iter().filter_map(|path| self.path_of(path)).collect();
        layout.map_or(0, |layout| not_checked_out(&layout, &folders))
    }

    /// Returns whether a scan of these arguments covers everything under this root.
    pub(super) fn is_all_of(&self, arguments: &[PathBuf]) -> bool {
        let real = |path: &Path| telleaks_platform::canonicalize(path).ok();
        match (arguments, self.folder()) {
            ([path], Some(folder)) => {
                path.is_dir() && real(path).is_some_and(|path| Some(path) == real(folder))
            }
            _ => false,
        }
    }
}

/// Formats a path as it was given, without `./`.
fn shown(path: &Path) -> String {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    parts.collect::<PathBuf>().to_string_lossy().into_owned()
}

/// Returns the directory of a file.
pub(super) fn parent(path: &Path) -> PathBuf {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")).to_owned()
}

/// Returns a path without `.` components, or `None` if it leads out of the root.
fn inside_root(name: &str) -> Option<String> {
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
