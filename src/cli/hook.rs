//! Options of `telleaks hook`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

use super::args::LookArgs;
use crate::hook::Hook;

/// What to do with hooks.
#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Install a hook that runs telleaks. An existing hook is kept and runs first.
    Install(HookPlace),
    /// Remove the hook and restore the previous one.
    Remove(HookPlace),
    /// Run under pre-commit or another hook manager: scan what git is about to commit, the commits of a push, or else
    /// the files that are named.
    Run(Box<HookRunArgs>),
}

/// The kind of a hook, and the repository in which to install or remove it.
#[derive(Debug, Args)]
pub struct HookPlace {
    /// When telleaks scans.
    #[arg(value_name = "HOOK", value_enum, default_value_t = Hook::PreCommit)]
    pub hook: Hook,
    /// For all repositories of this user: sets core.hooksPath, or adds to the directory that it names.
    #[arg(long)]
    pub global: bool,
    /// A directory in the repository.
    #[arg(long, value_name = "PATH", default_value = ".", conflicts_with = "global")]
    pub repo: PathBuf,
}

/// Options of `telleaks hook run`.
#[derive(Debug, Args)]
pub struct HookRunArgs {
    /// Files as the hook manager names them. During a commit they are ignored: the index is scanned.
    #[arg(value_name = "FILE")]
    pub paths: Vec<PathBuf>,
    /// Open a repository that belongs to another user.
    #[arg(long)]
    pub any_owner: bool,
    /// Options shared by all scanning commands.
    #[command(flatten)]
    pub look: LookArgs,
}
