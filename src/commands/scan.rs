//! `telleaks scan`: files, directories, standard input.

use anyhow::{Context, Result};
use clap::ColorChoice;

use super::{Console, Exit, is_closed_pipe};
use crate::cli::{OutputArgs, RuleArgs, ScanArgs};
use crate::collect::Collector;
use crate::detect::Detector;
use crate::report::{self, Report};
use crate::rules::{self, Rule, RuleSet};
use crate::source;

/// Columns of a report that does not go to a terminal.
const COLUMNS: usize = 120;

pub(super) fn run(args: &ScanArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let set = choose(&args.rules)?;
    let all = set.rules.clone();
    let detector = Detector::new(set, args.output.verbose).context("the rules have too many anchors")?;
    let collector = Collector::new(&detector);
    source::run(&options(args, console.err_is_terminal), &collector)?;
    let (report, notices) = collector.finish();
    for notice in &notices {
        console.warn(notice);
    }
    for one in &report.unseen {
        console.warn(&format!("{}: {}", one.path, one.reason));
    }
    if report.summary.files_scanned == 0 {
        console.warn("nothing was scanned: no file is in scope");
    }
    write(&report, &all, (&args.output, color), console)?;
    Ok(exit(&report, &args.output))
}

fn choose(args: &RuleArgs) -> Result<RuleSet> {
    let mut set = rules::builtin()?;
    for file in &args.files {
        rules::extend(&mut set, file)?;
    }
    rules::choose(&mut set, &args.only, &args.without)?;
    Ok(set)
}

fn options(args: &ScanArgs, terminal: bool) -> source::Options {
    source::Options {
        paths: args.paths.clone(),
        no_ignore: args.scope.no_ignore,
        exclude: args.scope.exclude.clone(),
        max_file_size: args.scope.max_file_size,
        threads: args.scope.threads,
        progress: terminal && !args.output.no_progress,
    }
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
