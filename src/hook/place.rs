//! Where git looks for hooks. The git program is asked: it will run them, and it alone knows all its settings.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Hook;

/// The setting that moves the hooks.
const SETTING: &str = "core.hooksPath";

/// A directory of hooks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// That of one repository.
    Repository(PathBuf),
    /// One that somebody has set for all repositories of this user.
    Elsewhere(PathBuf),
    /// The one that telleaks sets, or would set, for all repositories of this user.
    Own(PathBuf),
}

/// Why a hook has no place.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// It was asked and did not answer.
    #[error("git {asked}: {said}")]
    Git {
        /// What was asked.
        asked: String,
        /// What git said, or why it could not be started.
        said: String,
    },
    /// There is no home.
    #[error("neither XDG_CONFIG_HOME nor HOME says where settings are kept")]
    Homeless,
    /// Nobody commits there.
    #[error("a bare repository, in which nobody commits; the hook for it is pre-receive")]
    Bare,
    /// Git runs no hook of the repository.
    #[error(
        "the {scope} configuration of git sets core.hooksPath to {dir}, so git runs no hook of this repository; add to those \
         with --global, or unset it"
    )]
    Overruled {
        /// Whose configuration.
        scope: String,
        /// The directory.
        dir: String,
    },
    /// Husky writes its files anew with every installation.
    #[error("{0}: husky writes these hooks; add the line `telleaks staged` to .husky/pre-commit")]
    Husky(String),
}

/// Where the hooks of the repository at `repo` lie.
pub(super) fn of_repository(repo: &Path, hook: Hook) -> Result<Place, PlaceError> {
    let bare = git(repo, &["rev-parse", "--is-bare-repository"])? == "true";
    if bare && !hook.fits_bare() {
        return Err(PlaceError::Bare);
    }
    // A relative setting counts from where hooks run.
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

/// Where the hooks for all repositories of this user lie, or would.
pub(super) fn of_user() -> Result<Place, PlaceError> {
    let own = own()?;
    match set_for_user() {
        Some(dir) if dir != own => Ok(Place::Elsewhere(dir)),
        _ => Ok(Place::Own(own)),
    }
}

/// The directory that this user has set.
pub(super) fn set_for_user() -> Option<PathBuf> {
    let dir = git(Path::new("."), &["config", "--global", "--type=path", "--get", SETTING]).ok()?;
    Some(PathBuf::from(dir)).filter(|dir| !dir.as_os_str().is_empty())
}

/// Lets git run the hooks in this directory, in all repositories of this user.
pub(super) fn set(dir: &Path) -> Result<(), PlaceError> {
    let args = ["config", "--global", SETTING].map(OsStr::new);
    run(Path::new("."), &[&args[..], &[dir.as_os_str()]].concat()).map(drop)
}

/// Lets git run the hooks of each repository again.
pub(super) fn unset() -> Result<(), PlaceError> {
    git(Path::new("."), &["config", "--global", "--unset", SETTING]).map(drop)
}

fn own() -> Result<PathBuf, PlaceError> {
    let set = |name: &str| std::env::var_os(name).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")));
    Ok(config.ok_or(PlaceError::Homeless)?.join("telleaks/hooks"))
}

fn git(dir: &Path, args: &[&str]) -> Result<OsString, PlaceError> {
    run(dir, &args.iter().map(OsStr::new).collect::<Vec<_>>())
}

/// What git answers, without the end of the line.
fn run(dir: &Path, args: &[&OsStr]) -> Result<OsString, PlaceError> {
    let asked = || args.join(OsStr::new(" ")).to_string_lossy().into_owned();
    let failed = |said: String| PlaceError::Git { asked: asked(), said };
    let output = Command::new("git").arg("-C").arg(dir).args(args).stdin(Stdio::null()).output();
    let mut output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(output.stderr.trim_ascii()).into_owned()));
    }
    if output.stdout.last() == Some(&b'\n') {
        output.stdout.pop();
    }
    Ok(OsString::from_vec(output.stdout))
}
