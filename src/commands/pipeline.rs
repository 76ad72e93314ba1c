//! Shared parts of the scanning commands: rule selection, reports and the exit code.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::ColorChoice;

use super::suppression_setup::ScanSetup;
use super::{Console, Exit, is_closed_pipe};
use crate::cli::{FailOn, InsideArgs, OutputArgs, ProbeArgs, ProbeHow, RuleArgs, ScopeArgs};
use crate::detect::Detector;
use crate::finding::{LivenessStatus, Severity, Skipped};
use crate::finding::{Report, Repository};
use crate::git::{Layout, Refs, branch, web_address};
use crate::probe::{self, Region};
use crate::progress::Progress;
use crate::report::{self, Format};
use crate::respond;
use crate::rules::{self, Rule, RuleSet};
use crate::scan::Scanner;
use crate::source;
use crate::suppress::Config;
use crate::unpack::Limits;

/// Width in columns of reports that are not written to a terminal.
const FILE_COLUMNS: usize = 120;

/// Returns the rules selected by the options, among the built-in ones, those of the rule files that are named, and those
/// of the configuration.
pub(super) fn choose(args: &RuleArgs, config: Option<&Config>) -> Result<RuleSet> {
    let mut set = rules::builtin()?;
    for (name, text) in config.iter().flat_map(|config| &config.settings.rule_texts) {
        rules::extend_from_text(&mut set, Path::new(name), text)?;
    }
    for file in &args.files {
        rules::extend(&mut set, file)?;
    }
    rules::choose(&mut set, &args.only, &args.without)?;
    Ok(set)
}

/// Builds a detector for these rules and for suppression comments. `examples` as for [`Detector::new`].
pub(super) fn detector(set: &RuleSet, examples: bool) -> Result<Detector> {
    let mut set = set.clone();
    set.rules.extend(set.ignore.clone());
    Detector::new(set, examples).context("the rules have too many anchors")
}

/// Opens the repository at `path`. With the default path, `GIT_DIR` takes precedence, as in a git hook.
pub(super) fn repository(path: &Path, any_owner: bool) -> Result<Layout> {
    let from_git = std::env::var_os("GIT_DIR").filter(|dir| !dir.is_empty() && path == Path::new("."));
    let named = from_git.map(PathBuf::from);
    Ok(Layout::find(named.as_deref().unwrap_or(path), any_owner)?)
}

/// Returns the repository as reports identify it, if it has a web address.
pub(super) fn named(layout: &Layout, inspector: &Scanner<'_>) -> Option<Repository> {
    let uri = web_address(layout)?;
    // An address that contains a secret is useless once it is masked.
    (inspector.masked(&uri) == uri).then(|| Repository {
        uri,
        head: Refs::of_this_work_tree(layout).head.map(|id| id.to_string()),
        branch: branch(layout).map(|name| inspector.masked(&name).into_owned()),
    })
}

/// Runs `work` on a pool of `threads` threads; 0 means one per processor.
pub(super) fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    Ok(pool.context("cannot start threads; try fewer with --threads")?.install(work))
}

/// Returns the limits for unpacking archives: those of the options, else of the configuration, else the defaults.
pub(super) fn limits(args: &InsideArgs, config: Option<&Config>) -> Limits {
    let set = config.map(|config| config.settings.limits).unwrap_or_default();
    Limits {
        depth: args.max_depth.or(set.max_depth).unwrap_or(8),
        expanded: args.max_expanded.or(set.max_expanded).unwrap_or(64 << 30),
        total: args.max_expanded_total.or(set.max_expanded_total).unwrap_or(u64::MAX),
        ratio: args.max_ratio.or(set.max_ratio).unwrap_or(250),
        entries: args.max_entries.or(set.max_entries).unwrap_or(1_000_000),
        time: args.max_unpack_time.or(set.max_unpack_time),
    }
}

/// Returns the options of the directory walk. The caller fills in the paths.
pub(super) fn walk_options(scope: &ScopeArgs, prepared: &ScanSetup, progress: &Progress) -> source::Options {
    source::Options {
        paths: Vec::new(),
        no_ignore: scope.no_ignore,
        exclude: scope.exclude.clone(),
        max_file_size: scope.max_file_size.or(prepared.limits_set().max_file_size),
        threads: scope.threads,
        progress: progress.clone(),
    }
}

/// Starts the display of progress, unless an option or a standard error that is not a terminal forbids it.
pub(super) fn progress(output: &OutputArgs, console: &Console<'_>) -> Progress {
    Progress::start(console.err_is_terminal && !output.no_progress && !output.quiet)
}

/// Rejects options under which every key would pass.
pub(super) fn check_fail_on(fail_on: FailOn, probe: &ProbeArgs) -> Result<()> {
    let asks = probe.probe || fail_on != FailOn::Active;
    ensure!(asks, "--fail-on active needs --probe: without it, no key is known to be active");
    Ok(())
}

/// Returns the options for probing keys.
pub(super) fn probe_options(args: &ProbeHow, region: Option<Region>) -> probe::Options {
    probe::Options {
        target: args
            .probe_url
            .clone()
            .unwrap_or(probe::Target::Region(args.region.or(region).unwrap_or(Region::Us))),
        per_second: args.probe_rps,
        concurrency: usize::from(args.probe_concurrency),
        timeout: args.probe_timeout,
        cache: args.probe_cache.clone(),
    }
}

/// Probes the keys that were found, if requested. Errors never suppress the report.
pub(super) fn probe(
    report: &mut Report,
    args: &ProbeArgs,
    region: Option<Region>,
    console: &mut Console<'_>,
) {
    if !args.probe {
        return;
    }
    // Suppressed keys are probed, too: an active key is not suppressed.
    let secrets = report.findings.iter().chain(&report.suppressed).map(|finding| &finding.secret);
    let verdicts = probe::ask(secrets, &probe_options(&args.how, region), &mut |text| console.warn(text));
    probe::apply(&mut report.findings, &verdicts);
    probe::apply(&mut report.suppressed, &verdicts);
}

/// Returns whether this is a job of a CI service, whose commits a server already has.
pub(super) fn in_ci() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false");
    ["GITHUB_ACTIONS", "GITLAB_CI", "CI"].into_iter().any(set)
}

/// How a report is written, and when it fails the run.
pub(super) struct Reporting<'a> {
    /// The enabled rules.
    pub(super) rules: &'a [Rule],
    /// The severity from which a finding fails the run.
    pub(super) fail_on: FailOn,
    /// The output options.
    pub(super) args: &'a OutputArgs,
    /// Whether the report for display has colours.
    pub(super) color: ColorChoice,
}

/// Prints notices, writes all reports and returns the exit code.
pub(super) fn finish(
    mut report: Report,
    notices: &[String],
    reporting: &Reporting<'_>,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let args = reporting.args;
    if let Some(least) = args.min_severity {
        report.findings.retain(|finding| finding.severity >= Severity::from(least));
    }
    // On a terminal the text report says the same on the next line.
    let shown = console.out_is_terminal && console.err_is_terminal && args.output.is_none();
    let told = args.quiet || (shown && matches!(args.format(), Format::Text | Format::Concise));
    for notice in notices.iter().filter(|_| !args.quiet) {
        console.warn(notice);
    }
    for text in unread(&report).filter(|_| !told) {
        console.warn(&format!("{}{text}", report.opened_from));
    }
    if !told && !report.summary.anything() && !report.may_be_empty {
        console.warn("nothing was scanned: no file is in scope");
    }
    // The report of an audit has its own plan.
    if report.verdict.is_empty() && !args.quiet {
        report.plan = respond::short(&report.as_opened());
    }
    (report.plans, report.unplanned) = respond::plans(&report, reporting.rules);
    write(&report, reporting, console)?;
    Ok(exit(&report, args, reporting.fail_on))
}

/// Formats skipped inputs, accepted or not, one line each.
pub(super) fn unread(report: &Report) -> impl Iterator<Item = String> {
    let line = |one: &Skipped| match &one.accepted {
        Some(accepted) => format!("{}: {} (accepted by {})", one.path, one.reason, accepted.shown()),
        None => format!("{}: {}", one.path, one.reason),
    };
    report.unseen.iter().chain(&report.accepted).map(line)
}

fn write(report: &Report, reporting: &Reporting<'_>, console: &mut Console<'_>) -> Result<()> {
    let Reporting { rules, args, color, .. } = *reporting;
    let plain = report::Options {
        show_secrets: args.show_secrets,
        color: false,
        verbose: args.verbose,
        quiet: args.quiet,
        sarif_suppressions: args.sarif_suppressions,
        width: FILE_COLUMNS,
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
    if args.quiet
        && matches!(args.format(), Format::Text | Format::Concise)
        && report.findings.is_empty()
        && report.complete()
    {
        return Ok(());
    }
    if let Some(path) = &args.output {
        return Ok(report::write_file(path, |out| report::write(report, rules, args.format(), &plain, out))?);
    }
    let options = report::Options { color, ..plain };
    let written =
        report::write(report, rules, args.format(), &options, console.out).and_then(|()| console.out.flush());
    match written {
        Err(error) if is_closed_pipe(&error) => Ok(()),
        other => other.context("cannot write the report to standard output"),
    }
}

/// Returns the exit code. Findings take precedence over skipped inputs; a scan that skipped something is never clean.
pub(super) fn exit(report: &Report, args: &OutputArgs, fail_on: FailOn) -> Exit {
    let found = report.findings.iter().any(|finding| fail_on.includes(finding));
    // With `--fail-on active`, a key of unknown status means the run is incomplete.
    let open = fail_on == FailOn::Active
        && report
            .findings
            .iter()
            .filter_map(|finding| finding.liveness.as_ref())
            .any(|liveness| liveness.status == LivenessStatus::Unknown);
    if found && !args.exit_zero {
        Exit::Match
    } else if report.complete() && !open {
        Exit::Clean
    } else {
        Exit::Incomplete
    }
}
