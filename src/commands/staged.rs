//! `telleaks staged`: scans what a commit would record.

use std::env::var_os;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::ColorChoice;

use super::config_root::Root;
use super::path_scope::PathScope;
use super::pipeline::{Reporting, detector, finish, in_threads, named, progress, repository};
use super::suppression_setup::{Coverage, ScanSetup, Scanned, apply_suppressions, prepare};
use super::{Console, Exit};
use crate::cli::StagedArgs;
use crate::git::{Layout, Refs, not_checked_out};
use crate::report::Format;
use crate::scan::{Collector, InlinePolicy, Scanner};
use crate::source;
use crate::staged::{self, Options};

pub(super) fn run(args: &StagedArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let layout = repository(&args.repo, args.any_owner)?;
    let mut prepared = prepare(&args.look, &Root::of(&layout))?;
    prepared.scope = PathScope::new(&args.exclude, &[])?;
    let set = prepared.set.clone();
    let comments = prepared.inline(&args.look.suppress, InlinePolicy::Honor);
    let detector = detector(&set, args.look.output.verbose)?;
    let inspector = Scanner::new(&detector, prepared.limits.clone())
        .with_comments(comments, &set)
        .for_code_scanning(prepared.output.writes(Format::Sarif));
    let collector = Collector::new(&inspector).with_progress(progress(&prepared.output, console));
    let options = Options {
        whole_files: args.whole_files,
        message: args.message.clone(),
        message_only: args.message_only,
        // For `git commit -m` git sets GIT_EDITOR to `:` in hooks: no editor runs, and git keeps comment lines.
        edited: var_os("GIT_EDITOR").is_none_or(|editor| editor != ":"),
        index: index(args, &layout),
    };
    let stages =
        layout.work_tree.is_some() || options.index.is_some() || layout.git_dir.join("index").exists();
    ensure!(
        stages,
        "{}: a bare repository, in which nothing is staged; for a push use telleaks commits --stdin",
        args.repo.display()
    );
    if args.worktree {
        scan_work_tree(args, &layout, &prepared, &inspector, &collector)?;
    }
    in_threads(args.threads, || staged::run(&layout, &options, &inspector, &collector))??;
    let (mut report, mut notices) = collector.finish();
    report.command = "staged";
    if args.worktree {
        report.summary.not_checked_out = not_checked_out(&layout, &[String::new()]);
    }
    report.is_unborn = Refs::of_this_work_tree(&layout).head.is_none();
    report.repository = named(&layout, &inspector);
    notices.append(&mut prepared.notices);
    report.may_be_empty = true;
    let scanned = Scanned { inspector: &inspector, coverage: Coverage::Part };
    apply_suppressions(&mut report, &mut prepared, &args.look, &scanned, console)?;
    let reporting =
        Reporting { rules: &prepared.all, fail_on: prepared.fail_on, args: &prepared.output, color };
    let exit = finish(report, &notices, &reporting, console)?;
    if in_hook() {
        stopped(exit, console);
    }
    Ok(exit)
}

/// Scans the files of the work tree, and drops what the last commit has unless whole files are checked.
fn scan_work_tree(
    args: &StagedArgs,
    layout: &Layout,
    prepared: &ScanSetup,
    inspector: &Scanner<'_>,
    collector: &Collector<'_>,
) -> Result<()> {
    let root = Root::of(layout);
    let folder = root.folder().context("--worktree needs a repository with a working tree")?;
    let mut exclude = args.exclude.clone();
    exclude.extend(prepared.excluded());
    let options = source::Options {
        paths: vec![folder.to_owned()],
        exclude,
        max_file_size: prepared.limits_set().max_file_size,
        threads: args.threads,
        progress: collector.progress().clone(),
        ..source::Options::default()
    };
    source::run(&options, collector)?;
    if !args.whole_files {
        staged::retain_uncommitted(layout, inspector, collector)?;
    }
    Ok(())
}

/// Returns whether git is about to commit: it names the index to its hooks.
fn in_hook() -> bool {
    var_os("GIT_INDEX_FILE").is_some_and(|path| !path.is_empty())
}

/// Says that git does not commit, and what to do.
fn stopped(exit: Exit, console: &mut Console<'_>) {
    let why = match exit {
        Exit::Match => "the commit is blocked; nothing was recorded. Follow the steps above and commit again",
        Exit::Incomplete => "the commit is blocked, because not everything could be read",
        Exit::Clean | Exit::Failed | Exit::Refused => return,
    };
    console.warn(&format!("{why}. (git commit --no-verify skips every hook.)"));
}

/// Returns the index that git is about to commit, from `GIT_INDEX_FILE`. It applies only to the repository for which
/// the hook runs.
fn index(args: &StagedArgs, layout: &Layout) -> Option<PathBuf> {
    let path = var_os("GIT_INDEX_FILE").filter(|path| !path.is_empty()).map(PathBuf::from)?;
    let called_for = repository(Path::new("."), args.any_owner).ok();
    called_for.is_none_or(|called_for| called_for.git_dir == layout.git_dir).then_some(path)
}
