//! What the scanning commands have in common: choosing rules, writing reports, the exit code.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ColorChoice;

use super::{Console, Exit, is_closed_pipe};
use crate::cli::{InsideArgs, OutputArgs, RuleArgs, ScopeArgs};
use crate::git::Layout;
use crate::report::{self, Report};
use crate::rules::{self, Rule, RuleSet};
use crate::source;
use crate::unpack::Limits;

/// Columns of a report that does not go to a terminal.
const COLUMNS: usize = 120;

/// The rules that were asked for.
pub(super) fn choose(args: &RuleArgs) -> Result<RuleSet> {
    let mut set = rules::builtin()?;
    for file in &args.files {
        rules::extend(&mut set, file)?;
    }
    rules::choose(&mut set, &args.only, &args.without)?;
    Ok(set)
}

/// Opens the repository at `path`: that of the environment if git has called, and no other was named.
pub(super) fn repository(path: &Path, any_owner: bool) -> Result<Layout> {
    let from_git = std::env::var_os("GIT_DIR").filter(|dir| !dir.is_empty() && path == Path::new("."));
    let named = from_git.map(PathBuf::from);
    Ok(Layout::find(named.as_deref().unwrap_or(path), any_owner)?)
}

/// Runs `work` on a number of threads; 0 is one for each processor.
pub(super) fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    Ok(pool.context("cannot start threads; try fewer with --threads")?.install(work))
}

/// How far archives are looked into.
pub(super) fn limits(args: &InsideArgs) -> Limits {
    Limits {
        depth: args.max_depth,
        expanded: args.max_expanded,
        total: args.max_expanded_total.unwrap_or(u64::MAX),
        ratio: args.max_ratio,
        entries: args.max_entries,
        time: args.max_unpack_time,
    }
}

/// How files are walked. The paths are for the caller to say.
pub(super) fn files(scope: &ScopeArgs, output: &OutputArgs, terminal: bool) -> source::Options {
    source::Options {
        paths: Vec::new(),
        no_ignore: scope.no_ignore,
        exclude: scope.exclude.clone(),
        max_file_size: scope.max_file_size,
        threads: scope.threads,
        progress: terminal && !output.no_progress,
    }
}

/// Says what is worth a word, writes all reports, and gives the exit code.
pub(super) fn finish(
    (report, notices): (Report, Vec<String>),
    rules: &[Rule],
    (args, color): (&OutputArgs, ColorChoice),
    console: &mut Console<'_>,
) -> Result<Exit> {
    for notice in &notices {
        console.warn(notice);
    }
    for one in &report.unseen {
        console.warn(&format!("{}: {}", one.path, one.reason));
    }
    if !report.summary.anything() && !report.may_be_empty {
        console.warn("nothing was scanned: no file is in scope");
    }
    write(&report, rules, (args, color), console)?;
    Ok(exit(&report, args))
}

fn write(
    report: &Report,
    rules: &[Rule],
    (args, color): (&OutputArgs, ColorChoice),
    console: &mut Console<'_>,
) -> Result<()> {
    let plain = report::Options {
        show_secrets: args.show_secrets,
        color: false,
        verbose: args.verbose,
        width: COLUMNS,
    };
    for (format, path) in &args.reports {
        report::write_file(path, |out| report::write(report, rules, *format, &plain, out))?;
    }
    let color = match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            console.out_is_terminal && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty())
        }
    };
    let options = report::Options { color, ..plain };
    let written =
        report::write(report, rules, args.format, &options, console.out).and_then(|()| console.out.flush());
    match written {
        Err(error) if is_closed_pipe(&error) => Ok(()),
        other => other.context("cannot write the report to standard output"),
    }
}

/// Findings win over what was not seen; a scan that did not see everything is never clean.
fn exit(report: &Report, args: &OutputArgs) -> Exit {
    let found = report.findings.iter().any(|finding| args.fail_on.includes(finding.severity));
    if found && !args.exit_zero {
        Exit::Found
    } else if report.complete() {
        Exit::Clean
    } else {
        Exit::Incomplete
    }
}
