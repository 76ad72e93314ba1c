//! `telleaks hook`: installs and removes git hooks, and runs as a hook of a hook manager such as pre-commit.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ColorChoice;

use super::{Console, Exit, commits, scan, staged};
use crate::cli::{CommitsArgs, HookCommand, HookPlace, HookRunArgs, ScanArgs, ScopeArgs, StagedArgs};
use crate::hook;

pub(super) fn run(command: &HookCommand, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let said = match command {
        HookCommand::Run(args) => return search(args, color, console),
        HookCommand::Install(place) => {
            let program =
                std::env::current_exe().context("cannot determine the path of the telleaks executable")?;
            hook::install(place.hook, repository(place), &program)?
        }
        HookCommand::Remove(place) => hook::remove(place.hook, repository(place))?,
    };
    for line in said {
        writeln!(console.out, "{}", crate::report::visible(&line))?;
    }
    console.out.flush()?;
    Ok(Exit::Clean)
}

fn repository(place: &HookPlace) -> Option<&Path> {
    (!place.global).then_some(&place.repo)
}

/// What to scan when a hook manager runs telleaks.
#[derive(Debug, PartialEq, Eq)]
enum Moment {
    /// A push: these commits.
    Commits(String),
    /// A commit: the index.
    Staged,
    /// A run outside a commit: the files given as arguments.
    Files,
}

/// Chooses what to scan. Git names the index that it is about to commit. The manager names the commits of a push, and
/// otherwise only files.
fn moment(variable: impl Fn(&str) -> Option<String>, files: bool) -> Moment {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    match (set("PRE_COMMIT_FROM_REF"), set("PRE_COMMIT_TO_REF"), set("PRE_COMMIT_LOCAL_BRANCH")) {
        (Some(from), Some(to), _) => Moment::Commits(format!("{from}..{to}")),
        // The first push of a history from its root commit: the remote has none of it.
        (_, _, Some(branch)) => Moment::Commits(branch),
        _ if set("GIT_INDEX_FILE").is_some() || !files => Moment::Staged,
        _ => Moment::Files,
    }
}

fn search(args: &HookRunArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let look = args.look.clone();
    let variable = |name: &str| std::env::var(name).ok();
    match moment(variable, !args.paths.is_empty()) {
        Moment::Commits(range) => {
            let args = CommitsArgs {
                range: vec![range],
                words: Vec::new(),
                repo: PathBuf::from("."),
                stdin: false,
                remote: None,
                below: Vec::new(),
                exclude: Vec::new(),
                any_owner: args.any_owner,
                threads: 0,
                trust_suppressions: false,
                look,
            };
            commits::run(&args, color, console)
        }
        Moment::Staged => {
            let args = StagedArgs {
                repo: PathBuf::from("."),
                whole_files: false,
                message: None,
                worktree: false,
                message_only: false,
                exclude: Vec::new(),
                any_owner: args.any_owner,
                threads: 0,
                look,
            };
            staged::run(&args, color, console)
        }
        Moment::Files => {
            let scope = ScopeArgs { no_ignore: false, exclude: Vec::new(), max_file_size: None, threads: 0 };
            scan::run(&ScanArgs { paths: args.paths.clone(), root: None, scope, look }, color, console)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_selects_moment() {
        let told = |set: &[(&str, &str)], files| {
            moment(
                |name| set.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned()),
                files,
            )
        };
        let index = ("GIT_INDEX_FILE", ".git/index");
        let (from, to) = (("PRE_COMMIT_FROM_REF", "a"), ("PRE_COMMIT_TO_REF", "b"));
        assert_eq!(told(&[], true), Moment::Files);
        assert_eq!(told(&[("GIT_INDEX_FILE", "")], true), Moment::Files);
        assert_eq!(told(&[], false), Moment::Staged);
        assert_eq!(told(&[index], true), Moment::Staged);
        assert_eq!(told(&[from, to], true), Moment::Commits("a..b".to_owned()));
        let branch = ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main");
        assert_eq!(told(&[from, to, branch], false), Moment::Commits("a..b".to_owned()));
        assert_eq!(told(&[branch], true), Moment::Commits("refs/heads/main".to_owned()));
    }
}
