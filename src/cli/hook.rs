//! Options of `telleaks hook`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

use super::args::LookArgs;
use crate::hook::Hook;

/// What to do with hooks.
#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Let git call telleaks. A hook that is there is kept, and called first.
    Install(HookPlace),
    /// Take the hook away, and put back what was there before.
    Remove(HookPlace),
    /// Search what pre-commit or another manager of hooks is called for: what git is about to commit, the commits of a
    /// push, or else the files that are named.
    Run(Box<HookRunArgs>),
}

/// The kind of a hook, and the repository in which to install or remove it.
#[derive(Debug, Args)]
pub struct HookPlace {
    /// The moment at which telleaks searches.
    #[arg(value_name = "HOOK", value_enum, default_value_t = Hook::PreCommit)]
    pub hook: Hook,
    /// For all repositories of this user: sets core.hooksPath, or adds to where it leads.
    #[arg(long)]
    pub global: bool,
    /// A directory in the repository.
    #[arg(long, value_name = "PATH", default_value = ".", conflicts_with = "global")]
    pub repo: PathBuf,
}

/// Options of `telleaks hook run`.
#[derive(Debug, Args)]
pub struct HookRunArgs {
    /// Files as the manager names them. While git commits they do not count: the index does.
    #[arg(value_name = "FILE")]
    pub paths: Vec<PathBuf>,
    /// Options shared by all scanning commands.
    #[command(flatten)]
    pub look: LookArgs,
}
