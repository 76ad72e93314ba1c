//! The hooks of git that call telleaks: written beside what is there, chained to it, and taken away again.
//!
//! It writes scripts and one setting; it searches nothing and prints nothing. Where hooks lie is asked of the git program,
//! which is the one that will run them. Git 2.54 can also run hooks that its configuration names; a file in the directory
//! of the hooks works with every git, so files are what is written.

mod everywhere;
mod file;
mod place;
mod script;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

pub use file::{FileError, Left};
pub use place::PlaceError;

use file::Step;
use place::Place;
use script::{Chain, guard};

/// The moments at which telleaks searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Hook {
    /// What a commit would record; merge commits, too.
    PreCommit,
    /// The message of a commit.
    CommitMsg,
    /// What a push would publish, on your machine.
    PrePush,
    /// What a push brings, on the server.
    PreReceive,
}

impl Hook {
    /// The files that git looks for. On a merge it runs no pre-commit, but pre-merge-commit.
    fn files(self) -> &'static [&'static str] {
        match self {
            Self::PreCommit => &["pre-commit", "pre-merge-commit"],
            Self::CommitMsg => &["commit-msg"],
            Self::PrePush => &["pre-push"],
            Self::PreReceive => &["pre-receive"],
        }
    }

    /// Whether it has a meaning where there is no work tree.
    fn fits_bare(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Where hooks lie cannot be found out, or is no place for them.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// What is there is not touched, or cannot be.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Installs a hook in the repository at `repo`, or for all repositories of this user. `program` is the absolute path of
/// telleaks. What was done, a line for each file.
///
/// # Errors
/// There is no such repository, git runs other hooks there, or a file is there that telleaks does not touch.
pub fn install(hook: Hook, repo: Option<&Path>, program: &Path) -> Result<Vec<String>, HookError> {
    let program = program.as_os_str();
    let dir = match place(hook, repo)? {
        Place::Repository(dir) | Place::Elsewhere(dir) => dir,
        Place::Own(_) if repo.is_some() => {
            return Ok(vec![
                "git runs the hooks for all repositories here, which telleaks has installed: \
                            change them with --global"
                    .to_owned(),
            ]);
        }
        Place::Own(dir) => return everywhere::install(hook, &dir, program),
    };
    let steps: Result<Vec<Step>, FileError> = hook
        .files()
        .iter()
        .map(|file| Step::install(&dir, file, guard(file, program, Chain::Before)))
        .collect();
    apply(steps?)
}

/// Takes the hook away and puts back what was there before. What was done, a line for each file.
///
/// # Errors
/// As for [`install`]; also, the file was changed since.
pub fn remove(hook: Hook, repo: Option<&Path>) -> Result<Vec<String>, HookError> {
    let dir = match place(hook, repo)? {
        Place::Repository(dir) | Place::Elsewhere(dir) => dir,
        Place::Own(_) if repo.is_some() => {
            return Ok(vec![
                "git runs the hooks for all repositories here: remove them with --global".to_owned(),
            ]);
        }
        Place::Own(dir) => return everywhere::remove(hook, &dir),
    };
    let steps: Result<Vec<Step>, FileError> =
        hook.files().iter().map(|file| Step::remove(&dir, file)).collect();
    apply(steps?)
}

fn place(hook: Hook, repo: Option<&Path>) -> Result<Place, PlaceError> {
    match repo {
        Some(repo) => place::of_repository(repo, hook),
        None => place::of_user(),
    }
}

/// All steps were found possible before the first is done.
fn apply(steps: Vec<Step>) -> Result<Vec<String>, HookError> {
    steps.into_iter().map(|step| Ok(step.done()?)).collect()
}

/// The path of a hook's file.
fn path_of(dir: &Path, file: impl AsRef<OsStr>) -> PathBuf {
    dir.join(file.as_ref())
}
