//! Installs and removes git hooks that run telleaks, chained to existing hooks.
//!
//! Writes scripts and one git setting; does not scan or print. The location of hooks is queried from the git program,
//! since that is what runs them. Git 2.54 can also run hooks named in its configuration; hook files work with every
//! version of git, so files are written.

mod file;
mod global;
mod hooks_dir;
mod script;
mod status;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

pub use file::{FileError, Left};
pub use hooks_dir::PlaceError;
pub use status::{HookState, HookStatus, RepositoryHooks, status};

use file::Step;
use hooks_dir::Place;
use script::{Chain, guarding_script};

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
    /// Returns the names of the hook files. For a merge git runs pre-merge-commit instead of pre-commit.
    fn files(self) -> &'static [&'static str] {
        match self {
            Self::PreCommit => &["pre-commit", "pre-merge-commit"],
            Self::CommitMsg => &["commit-msg"],
            Self::PrePush => &["pre-push"],
            Self::PreReceive => &["pre-receive"],
        }
    }

    /// Returns whether the hook is meaningful in a bare repository.
    fn fits_bare(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The hooks directory is unknown or unusable.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A hook file must not or cannot be changed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Installs a hook in the repository at `repo`, or for all repositories of this user. `program` is the absolute path of
/// telleaks. Returns one status line per file.
///
/// # Errors
/// Returns an error if the repository does not exist, if git uses another hooks directory, or if an existing file must
/// not be changed.
pub fn install(hook: Hook, repo: Option<&Path>, program: &Path) -> Result<Vec<String>, HookError> {
    let program = program.as_os_str();
    let dir = match place(hook, repo)? {
        Place::Repository(dir) | Place::Elsewhere(dir) => dir,
        Place::Own(_) if repo.is_some() => {
            return Ok(vec![
                "git runs the global hooks of telleaks here: change them with --global".to_owned(),
            ]);
        }
        Place::Own(dir) => return global::install(hook, &dir, program),
    };
    let steps: Result<Vec<Step>, FileError> = hook
        .files()
        .iter()
        .map(|file| Step::install(&dir, file, guarding_script(file, program, Chain::Before)))
        .collect();
    let mut said = apply(steps?)?;
    said.extend(repo.map(notes).unwrap_or_default());
    Ok(said)
}

/// Returns notes about an installation: work trees without the hook, and a hook manager that would replace it.
fn notes(repo: &Path) -> Vec<String> {
    let Ok((top, dir)) = hooks_dir::used(repo) else { return Vec::new() };
    let trees = hooks_dir::unguarded(&top, "pre-commit").into_iter().map(|tree| {
        format!(
            "core.hooksPath is relative, so the work tree {} has no hook of telleaks: run telleaks hook install in it",
            tree.display()
        )
    });
    let lefthook = ["lefthook.yml", ".lefthook.yml", "lefthook.yaml", "lefthook.toml"];
    let lefthook = lefthook.iter().find(|file| top.join(file).is_file()).filter(|_| dir.is_dir());
    let lefthook = lefthook.map(|file| {
        format!("lefthook install would replace this hook: add the command telleaks staged to {file} as well")
    });
    let relative = hooks_dir::relative(&top)
        .map(|_| "core.hooksPath is relative: run telleaks hook install in each new work tree".to_owned());
    trees.chain(relative).chain(lefthook).collect()
}

/// Removes the hook and restores the previous one. Returns one status line per file.
///
/// # Errors
/// As for [`install`], and if the file was changed since.
pub fn remove(hook: Hook, repo: Option<&Path>) -> Result<Vec<String>, HookError> {
    let dir = match place(hook, repo)? {
        Place::Repository(dir) | Place::Elsewhere(dir) => dir,
        Place::Own(_) if repo.is_some() => {
            return Ok(vec![
                "git runs the global hooks of telleaks here: remove them with --global".to_owned(),
            ]);
        }
        Place::Own(dir) => return global::remove(hook, &dir),
    };
    let steps: Result<Vec<Step>, FileError> =
        hook.files().iter().map(|file| Step::remove(&dir, file)).collect();
    apply(steps?)
}

fn place(hook: Hook, repo: Option<&Path>) -> Result<Place, PlaceError> {
    match repo {
        Some(repo) => hooks_dir::of_repository(repo, hook),
        None => hooks_dir::of_user(),
    }
}

/// Applies the steps, all of which were checked before.
fn apply(steps: Vec<Step>) -> Result<Vec<String>, HookError> {
    steps.into_iter().map(|step| Ok(step.apply()?)).collect()
}

/// Returns the path of a hook file.
fn path_of(dir: &Path, file: impl AsRef<OsStr>) -> PathBuf {
    dir.join(file.as_ref())
}
