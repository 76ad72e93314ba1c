//! Locates the parts of a repository on disk, without following its configuration, which could point elsewhere.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use telleaks_platform::{canonicalize, foreign_owner, path_from_bytes};

use super::config::Config;
use super::safe_directory;
use crate::fault_injection;
use crate::odb::HashFormat;

/// `.git` files, `commondir`, `HEAD` and `config` of more bytes are not read; real ones are far smaller.
pub(super) const MAX_TEXT_BYTES: u64 = 1 << 20;
/// Extensions of the repository format that do not change how objects and refs are read.
const HARMLESS: [&str; 7] = [
    "noop",
    "noop-v1",
    "objectformat",
    "partialclone",
    "preciousobjects",
    "relativeworktrees",
    "worktreeconfig",
];

/// The parts of one repository.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The directory of this work tree, with `HEAD` and `index`.
    pub git_dir: PathBuf,
    /// The directory that all work trees share, with `objects`, `refs` and `config`.
    pub common_dir: PathBuf,
    /// The work tree, unless the repository is bare.
    pub work_tree: Option<PathBuf>,
    /// The hash format of object ids.
    pub format: HashFormat,
    /// What is missing or not understood, each with a remedy if there is one.
    pub gaps: Vec<String>,
    /// Whether this is a shallow clone: parents of some commits are missing on purpose.
    pub shallow: bool,
    /// Whether this is a partial clone: some objects may only be on a server.
    pub partial: bool,
    /// Whether the ref storage format is supported.
    pub refs_readable: bool,
}

/// Why a repository was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no repository.
    #[error(
        "{0}: not in a git repository; name the directory of one (telleaks scan reads plain directories)"
    )]
    None(String),
    /// The repository belongs to another user.
    #[error(
        "{path}: this repository belongs to another user (uid {owner}); telleaks runs nothing in it, so if you trust \
         it, add --any-owner, or as for git: git config --global --add safe.directory PATH"
    )]
    Owner {
        /// The path of the repository.
        path: String,
        /// The user id of its owner.
        owner: u32,
    },
}

impl Layout {
    /// Finds the repository that contains `path`, searching upwards. With `any_owner`, accepts one that another user
    /// owns.
    ///
    /// # Errors
    /// Returns an error if there is no repository, or if it belongs to another user.
    pub fn find(path: &Path, any_owner: bool) -> Result<Self, OpenError> {
        let shown = || path.to_string_lossy().into_owned();
        let start = canonicalize(path).map_err(|_| OpenError::None(shown()))?;
        let found = start.ancestors().find_map(repository_at);
        let (git_dir, work_tree) = found.ok_or_else(|| OpenError::None(shown()))?;
        let trusted = || safe_directory::is_safe(work_tree.as_deref().unwrap_or(&git_dir));
        if let Some(owner) = foreign_owner(&git_dir).filter(|_| !any_owner && !trusted()) {
            return Err(OpenError::Owner { path: shown(), owner });
        }
        Ok(Self::of(git_dir, work_tree))
    }

    /// Builds the layout from a known git directory.
    pub fn of(git_dir: PathBuf, work_tree: Option<PathBuf>) -> Self {
        let common_dir = match read_text(&git_dir.join("commondir")) {
            Some(text) => git_dir.join(path_in(&text)),
            None => git_dir.clone(),
        };
        let common_dir = canonicalize(&common_dir).unwrap_or(common_dir);
        let text = read_text(&common_dir.join("config"));
        let unread = text.is_none() && fs::symlink_metadata(common_dir.join("config")).is_ok();
        let alone = git_dir == common_dir && fs::symlink_metadata(git_dir.join("commondir")).is_ok();
        let config = Config::parse(&text.unwrap_or_default());
        let work_tree = work_tree.filter(|_| git_dir != common_dir || !config.is_on("core.bare"));
        let sha256 =
            config.get("extensions.objectformat").is_some_and(|name| name.eq_ignore_ascii_case("sha256"));
        let mut layout = Self {
            git_dir,
            work_tree,
            format: if sha256 { HashFormat::Sha256 } else { HashFormat::Sha1 },
            gaps: Vec::new(),
            shallow: false,
            partial: false,
            refs_readable: true,
            common_dir,
        };
        if unread {
            layout.gaps.push(
                "its configuration cannot be read: how objects and refs are stored is guessed".to_owned(),
            );
        }
        if alone {
            let gap = "commondir cannot be read: the location of its objects and refs is guessed";
            layout.gaps.push(gap.to_owned());
        }
        layout.look_for_gaps(&config);
        layout
    }

    /// Returns the directory of the objects.
    pub fn objects(&self) -> PathBuf {
        self.common_dir.join("objects")
    }

    /// Returns the hash format as libgit2's type.
    pub fn object_format(&self) -> git2::ObjectFormat {
        match self.format {
            HashFormat::Sha1 => git2::ObjectFormat::Sha1,
            HashFormat::Sha256 => git2::ObjectFormat::Sha256,
        }
    }

    /// Returns the object directories besides [`Self::objects`] that git names in the environment, as it does in the
    /// hooks of a push whose objects are still in quarantine.
    pub fn objects_from_environment() -> Vec<PathBuf> {
        let own = std::env::var_os("GIT_OBJECT_DIRECTORY").map(PathBuf::from);
        let others = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES");
        let others = others.map(|list| std::env::split_paths(&list).collect::<Vec<_>>()).unwrap_or_default();
        own.into_iter().chain(others).filter(|path| !path.as_os_str().is_empty()).collect()
    }

    /// Returns the commits at which a shallow clone ends.
    pub fn shallow_commits(&self) -> Vec<crate::odb::ObjectId> {
        let text = read_text(&self.common_dir.join("shallow")).unwrap_or_default();
        let lines = text.split(|&byte| byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        lines.filter_map(|line| crate::odb::ObjectId::from_hex(line.trim())).collect()
    }

    fn look_for_gaps(&mut self, config: &Config) {
        for (name, value) in config.all("extensions.") {
            if name == "refstorage" && value != "files" {
                self.refs_readable = false;
                self.gaps.push(format!(
                    "the refs are stored as {value}, which telleaks cannot read: all objects are scanned but shown as \
                     unreachable, and the names of refs are not scanned (git refs migrate --ref-format=files)"
                ));
            } else if name == "objectformat" && !matches!(value, "sha1" | "sha256") {
                self.gaps.push(format!("unknown object format {value}: objects may not be read"));
            } else if name != "refstorage" && !HARMLESS.contains(&name) {
                self.gaps.push(format!("unknown repository extension {name}: something may not be read"));
            }
        }
        let version = config.get("core.repositoryformatversion").unwrap_or("0");
        if !matches!(version, "0" | "1") {
            self.gaps.push(format!("unknown repository format version {version}: something may not be read"));
        }
        self.shallow = !self.shallow_commits().is_empty();
        let promisor =
            config.all("remote.").any(|(name, value)| name.ends_with(".promisor") && value != "false");
        self.partial =
            promisor || config.get("extensions.partialclone").is_some() || self.has_promisor_pack();
    }

    fn has_promisor_pack(&self) -> bool {
        let packs = fs::read_dir(self.objects().join("pack"));
        let is_mark =
            |name: &std::ffi::OsStr| Path::new(name).extension().is_some_and(|end| end == "promisor");
        packs.is_ok_and(|packs| packs.flatten().any(|entry| is_mark(&entry.file_name())))
    }
}

/// Returns the git directory and the work tree (unless it is bare) of the repository at `dir`, if there is one.
fn repository_at(dir: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
    if let Some(git_dir) = git_dir_at(&dir.join(".git")) {
        return Some((git_dir, Some(dir.to_path_buf())));
    }
    if !is_git_dir(dir) {
        return None;
    }
    // A bare repository, or the `.git` of a work tree.
    let is_dot_git = dir.file_name().is_some_and(|name| name == ".git");
    Some((dir.to_path_buf(), dir.parent().filter(|_| is_dot_git).map(Path::to_path_buf)))
}

/// Returns the git directory that `.git` is, or that a `.git` file names.
pub fn git_dir_at(dot_git: &Path) -> Option<PathBuf> {
    let kind = fs::metadata(dot_git).ok()?;
    let git_dir = if kind.is_dir() {
        dot_git.to_path_buf()
    } else {
        let text = read_text(dot_git)?;
        dot_git.parent()?.join(path_in(text.strip_prefix(b"gitdir:")?))
    };
    let git_dir = canonicalize(&git_dir).ok()?;
    is_git_dir(&git_dir).then_some(git_dir)
}

/// Returns whether git would accept a directory as a repository.
pub fn is_git_dir(dir: &Path) -> bool {
    let common = || read_text(&dir.join("commondir")).is_some();
    fs::symlink_metadata(dir.join("HEAD")).is_ok()
        && ((dir.join("objects").is_dir() && dir.join("refs").is_dir()) || common())
}

/// Reads a small regular file. Returns `None` for anything else, such as a pipe, a device or a file over 1 MiB.
pub(crate) fn read_text(path: &Path) -> Option<Vec<u8>> {
    let metadata =
        fs::metadata(path).ok().filter(|found| found.is_file() && found.len() <= MAX_TEXT_BYTES)?;
    let mut text = Vec::with_capacity(metadata.len() as usize);
    fault_injection::input(fault_injection::open(path).ok()?)
        .take(MAX_TEXT_BYTES)
        .read_to_end(&mut text)
        .ok()?;
    Some(text)
}

fn path_in(line: &[u8]) -> PathBuf {
    path_from_bytes(line.trim_ascii()).into_owned()
}
