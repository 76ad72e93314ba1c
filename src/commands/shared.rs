//! What the scanning commands have in common: choosing rules, writing reports, the exit code.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::ColorChoice;

use super::{Console, Exit, is_closed_pipe};
use crate::cli::{FailOn, InsideArgs, OutputArgs, ProbeArgs, ProbeHow, RuleArgs, ScopeArgs};
use crate::collect::Inspector;
use crate::detect::Detector;
use crate::finding::{LivenessStatus, Unseen};
use crate::git::{Layout, Refs, branch, web_address};
use crate::probe;
use crate::report::{self, Report, Repository};
use crate::respond;
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

/// A detector for these rules and for the comments that hide findings. `examples`: as for [`Detector::new`].
pub(super) fn detector(set: &RuleSet, examples: bool) -> Result<Detector> {
    let mut set = set.clone();
    set.rules.extend(set.ignore.clone());
    Detector::new(set, examples).context("the rules have too many anchors")
}

/// Opens the repository at `path`: that of the environment if git has called, and no other was named.
pub(super) fn repository(path: &Path, any_owner: bool) -> Result<Layout> {
    let from_git = std::env::var_os("GIT_DIR").filter(|dir| !dir.is_empty() && path == Path::new("."));
    let named = from_git.map(PathBuf::from);
    Ok(Layout::find(named.as_deref().unwrap_or(path), any_owner)?)
}

/// The repository as reports name it, if others can find it.
pub(super) fn named(layout: &Layout, inspector: &Inspector<'_>) -> Option<Repository> {
    let uri = web_address(layout)?;
    // An address with a secret in it is no use to anybody when it is masked.
    (inspector.masked(&uri) == uri).then(|| Repository {
        uri,
        head: Refs::of_this_work_tree(layout).head.map(|id| id.to_string()),
        branch: branch(layout).map(|name| inspector.masked(&name).into_owned()),
    })
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

/// Refuses options that would let every key pass.
pub(super) fn ready(fail_on: FailOn, probe: &ProbeArgs) -> Result<()> {
    let asks = probe.probe || fail_on != FailOn::Active;
    ensure!(asks, "--fail-on active needs --probe: without it, nobody asks whether a key is active");
    Ok(())
}

/// How keys are tried.
pub(super) fn probing(args: &ProbeHow) -> probe::Options {
    probe::Options {
        target: args.probe_url.clone().unwrap_or(probe::Target::Region(args.region)),
        per_second: args.probe_rps,
        concurrency: usize::from(args.probe_concurrency),
        timeout: args.probe_timeout,
        cache: args.probe_cache.clone(),
    }
}

/// Tries the keys that were found, if that was asked for. Whatever goes wrong with it, there is still a report.
pub(super) fn probe(report: &mut Report, args: &ProbeArgs, console: &mut Console<'_>) {
    if !args.probe {
        return;
    }
    // A key that is hidden may be alive, and then it is not hidden.
    let secrets = report.findings.iter().chain(&report.suppressed).map(|finding| &finding.secret);
    let verdicts = probe::ask(secrets, &probing(&args.how), &mut |text| console.warn(text));
    probe::apply(&mut report.findings, &verdicts);
    probe::apply(&mut report.suppressed, &verdicts);
}

/// Says what is worth a word, writes all reports, and gives the exit code.
pub(super) fn finish(
    (mut report, notices): (Report, Vec<String>),
    (rules, fail_on): (&[Rule], FailOn),
    (args, color): (&OutputArgs, ColorChoice),
    console: &mut Console<'_>,
) -> Result<Exit> {
    for notice in &notices {
        console.warn(notice);
    }
    for text in unread(&report) {
        console.warn(&text);
    }
    if !report.summary.anything() && !report.may_be_empty {
        console.warn("nothing was scanned: no file is in scope");
    }
    // An audit ends with a plan of its own.
    if report.verdict.is_empty() {
        report.plan = respond::short(&report.findings);
    }
    (report.plans, report.unplanned) = respond::plans(&report.findings, rules);
    write(&report, rules, (args, color), console)?;
    Ok(exit(&report, args, fail_on))
}

/// What was not read, accepted or not, a line each.
pub(super) fn unread(report: &Report) -> impl Iterator<Item = String> {
    let line = |one: &Unseen| match &one.accepted {
        Some(accepted) => format!("{}: {} (accepted by {})", one.path, one.reason, accepted.shown()),
        None => format!("{}: {}", one.path, one.reason),
    };
    report.unseen.iter().chain(&report.accepted).map(line)
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
        sarif_suppressions: args.sarif_suppressions,
        width: COLUMNS,
        started: console.clock.started(),
        ended: console.clock.now(),
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
pub(super) fn exit(report: &Report, args: &OutputArgs, fail_on: FailOn) -> Exit {
    let found = report.findings.iter().any(|finding| fail_on.includes(finding));
    // Where only live keys count, one of which nobody knows is not clean.
    let open = fail_on == FailOn::Active
        && report
            .findings
            .iter()
            .filter_map(|finding| finding.liveness.as_ref())
            .any(|liveness| liveness.status == LivenessStatus::Unknown);
    if found && !args.exit_zero {
        Exit::Found
    } else if report.complete() && !open {
        Exit::Clean
    } else {
        Exit::Incomplete
    }
}
