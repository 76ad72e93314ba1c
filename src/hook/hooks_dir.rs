//! The directory in which git looks for hooks, as reported by the git program, which alone knows all its settings.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use telleaks_platform::{settings_folder, string_from_bytes};

use super::Hook;

/// The setting for the hooks directory.
const SETTING: &str = "core.hooksPath";

/// A hooks directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The directory of one repository.
    Repository(PathBuf),
    /// A directory set by the user for all repositories.
    Elsewhere(PathBuf),
    /// The directory that telleaks sets, or would set, for all repositories of this user.
    Own(PathBuf),
}

/// Why the hooks directory is unknown or unusable.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// A git command failed.
    #[error("git {asked}: {said}")]
    Git {
        /// The arguments.
        asked: String,
        /// Its error output, or why it could not be started.
        said: String,
    },
    /// Neither XDG_CONFIG_HOME nor HOME is set.
    #[error("neither XDG_CONFIG_HOME nor HOME is set")]
    Homeless,
    /// Nothing is committed in a bare repository.
    #[error("bare repository: nothing is committed here; use the pre-receive hook")]
    Bare,
    /// Git does not run the hooks of the repository.
    #[error(
        "the {scope} configuration of git sets core.hooksPath to {dir}, so git runs no hook of this repository; add to those \
         with --global, or unset it"
    )]
    Overruled {
        /// The scope of the setting.
        scope: String,
        /// The directory.
        dir: String,
    },
    /// Husky overwrites its files with every installation.
    #[error("{0}: husky writes these hooks; add the line `telleaks staged` to .husky/pre-commit")]
    Husky(String),
}

/// Returns the hooks directory of the repository at `repo`.
pub(super) fn of_repository(repo: &Path, hook: Hook) -> Result<Place, PlaceError> {
    let bare = git(repo, &["rev-parse", "--is-bare-repository"])? == "true";
    if bare && !hook.fits_bare() {
        return Err(PlaceError::Bare);
    }
    // A relative setting is relative to the directory in which hooks run.
    let top = if bare { "--absolute-git-dir" } else { "--show-toplevel" };
    let top = PathBuf::from(git(repo, &["rev-parse", top])?);
    let dir = top.join(git(&top, &["rev-parse", "--git-path", "hooks"])?);
    if dir.ends_with(".husky/_") {
        return Err(PlaceError::Husky(dir.display().to_string()));
    }
    match git(&top, &["config", "--show-scope", "--get", SETTING]) {
        Ok(set) if set.to_string_lossy().starts_with("global\t") && own().is_ok_and(|own| own == dir) => {
            Ok(Place::Own(dir))
        }
        Ok(set) => match set.to_string_lossy().split_once('\t') {
            Some((scope @ ("global" | "system"), _)) => {
                Err(PlaceError::Overruled { scope: scope.to_owned(), dir: dir.display().to_string() })
            }
            _ => Ok(Place::Repository(dir)),
        },
        Err(_) => Ok(Place::Repository(dir)),
    }
}

/// Returns the top of the work tree of the repository at `repo` (its git directory if it is bare), and the directory in
/// which git looks for its hooks.
pub(super) fn used(repo: &Path) -> Result<(PathBuf, PathBuf), PlaceError> {
    let bare = git(repo, &["rev-parse", "--is-bare-repository"])? == "true";
    let top = if bare { "--absolute-git-dir" } else { "--show-toplevel" };
    let top = PathBuf::from(git(repo, &["rev-parse", top])?);
    let dir = top.join(git(&top, &["rev-parse", "--git-path", "hooks"])?);
    Ok((top, dir))
}

/// Returns the directory of the repository's own hooks, which git ignores if `core.hooksPath` is set. `top` is that of a
/// work tree.
pub(super) fn own_of(top: &Path) -> Result<PathBuf, PlaceError> {
    Ok(top.join(git(top, &["rev-parse", "--git-common-dir"])?).join("hooks"))
}

/// Returns `core.hooksPath`, if it is relative to the top of each work tree.
pub(super) fn relative(top: &Path) -> Option<PathBuf> {
    let set = PathBuf::from(git(top, &["config", "--get", SETTING]).ok()?);
    (!set.is_absolute() && !set.starts_with("~")).then_some(set)
}

/// Returns the other work trees of a repository in which a relative `core.hooksPath` leads to no hook file `hook`.
pub(super) fn unguarded(top: &Path, hook: &str) -> Vec<PathBuf> {
    let Some(set) = relative(top) else { return Vec::new() };
    let list = git(top, &["worktree", "list", "--porcelain"]).unwrap_or_default();
    let list = list.to_string_lossy().into_owned();
    let trees = list.lines().filter_map(|line| line.strip_prefix("worktree ")).map(PathBuf::from);
    trees.filter(|tree| tree != top && tree.is_dir() && !tree.join(&set).join(hook).exists()).collect()
}

/// Returns the hooks directory for all repositories of this user, existing or not.
pub(super) fn of_user() -> Result<Place, PlaceError> {
    let own = own()?;
    match set_for_user() {
        Some(dir) if dir != own => Ok(Place::Elsewhere(dir)),
        _ => Ok(Place::Own(own)),
    }
}

/// Returns the directory that this user has set.
pub(super) fn set_for_user() -> Option<PathBuf> {
    let dir = git(Path::new("."), &["config", "--global", "--type=path", "--get", SETTING]).ok()?;
    Some(PathBuf::from(dir)).filter(|dir| !dir.as_os_str().is_empty())
}

/// Sets the hooks directory for all repositories of this user.
pub(super) fn set(dir: &Path) -> Result<(), PlaceError> {
    let args = ["config", "--global", SETTING].map(OsStr::new);
    run(Path::new("."), &[&args[..], &[dir.as_os_str()]].concat()).map(drop)
}

/// Removes that setting, so that git runs the hooks of each repository again.
pub(super) fn unset() -> Result<(), PlaceError> {
    git(Path::new("."), &["config", "--global", "--unset", SETTING]).map(drop)
}

fn own() -> Result<PathBuf, PlaceError> {
    Ok(settings_folder().ok_or(PlaceError::Homeless)?.join("telleaks/hooks"))
}

fn git(dir: &Path, args: &[&str]) -> Result<OsString, PlaceError> {
    run(dir, &args.iter().map(OsStr::new).collect::<Vec<_>>())
}

/// Returns the line with the cause in the error output of git, without the advice below it.
fn cause(said: &str) -> String {
    let fatal = said.lines().find_map(|line| line.strip_prefix("fatal: "));
    fatal.or(said.trim().lines().next()).unwrap_or_default().to_owned()
}

/// Runs git and returns its output without the final line break.
fn run(dir: &Path, args: &[&OsStr]) -> Result<OsString, PlaceError> {
    let asked = || args.join(OsStr::new(" ")).to_string_lossy().into_owned();
    let failed = |said: String| PlaceError::Git { asked: asked(), said };
    let output = Command::new("git").arg("-C").arg(dir).args(args).stdin(Stdio::null()).output();
    let mut output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(cause(&String::from_utf8_lossy(&output.stderr))));
    }
    if output.stdout.last() == Some(&b'\n') {
        output.stdout.pop();
    }
    Ok(string_from_bytes(output.stdout))
}
