//! `telleaks audit`: scans a whole repository, before it is published.

use std::path::Path;

use anyhow::{Context, Result};
use clap::ColorChoice;

use super::config_root::Root;
use super::pipeline::{Reporting, detector, finish, in_ci, named, progress, walk_options};
use super::suppression_setup::{Coverage, Scanned, apply_suppressions, prepare};
use super::{Console, Exit, targets};
use crate::atomic_file::TempFolder;
use crate::audit::{self, Ahead, verdict};
use crate::cli::{AuditArgs, FailOn, OutputArgs};
use crate::finding::Report;
use crate::git::{Layout, is_bundle, unpack_bundle};
use crate::report::Format;
use crate::rules::Rule;
use crate::scan::{Collector, InlinePolicy, Scanner};

/// Result of an audit.
pub(super) struct AuditResult {
    pub(super) report: Report,
    /// Lines for stderr that are not part of the report.
    pub(super) notices: Vec<String>,
    pub(super) rules: Vec<Rule>,
    pub(super) fail_on: FailOn,
    pub(super) output: OutputArgs,
}

pub(super) fn run(args: &AuditArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    if let Some(list) = &args.targets {
        return targets::run(args, list, console);
    }
    let (layout, _kept) = open(&args.repo, args.any_owner)?;
    let AuditResult { report, notices, rules, fail_on, output } = audit_repository(args, &layout, console)?;
    let reporting = Reporting { rules: &rules, fail_on, args: &output, color };
    finish(report, &notices, &reporting, console)
}

/// Opens a repository or a bundle. A bundle is unpacked into a temporary directory, which is removed when the second
/// value is dropped.
pub(super) fn open(path: &Path, any_owner: bool) -> Result<(Layout, Option<TempFolder>)> {
    if !is_bundle(path) {
        return Ok((Layout::find(path, any_owner)?, None));
    }
    let folder = TempFolder::new("bundle-").context("cannot create a temporary folder for the bundle")?;
    unpack_bundle(path, folder.path()).with_context(|| path.display().to_string())?;
    Ok((Layout::of(folder.path().to_owned(), None), Some(folder)))
}

/// Audits one repository.
pub(super) fn audit_repository(
    args: &AuditArgs,
    layout: &Layout,
    console: &mut Console<'_>,
) -> Result<AuditResult> {
    let progress = progress(&args.look.output, console);
    let ahead = Ahead::of(layout, args.scope.threads);
    let mut prepared = prepare(&args.look, &Root::of(layout))?;
    let mut scope = walk_options(&args.scope, &prepared, &progress);
    scope.exclude.extend(prepared.excluded());
    let set = prepared.set.clone();
    let comments = prepared.inline(&args.look.suppress, InlinePolicy::Honor);
    let options = audit::Options {
        no_worktree: args.no_worktree,
        files: scope,
        cache: args.cache.clone(),
        rules_digest: set.digest(args.look.output.verbose, &format!("{:?}", prepared.limits.clone())),
    };
    let detector = detector(&set, args.look.output.verbose)?;
    let inspector = Scanner::new(&detector, prepared.limits.clone())
        .with_comments(comments, &set)
        .listing()
        .for_code_scanning(prepared.output.writes(Format::Sarif));
    let collector = Collector::new(&inspector).with_progress(progress);
    audit::run(layout, ahead, &inspector, &collector, &options)?;
    let (mut report, mut notices) = collector.finish();
    report.command = "audit";
    report.is_pushed = in_ci();
    report.repository = named(layout, &inspector);
    notices.append(&mut prepared.notices);
    let all = args.scope.exclude.is_empty() && !args.no_worktree;
    let seen = if all { Coverage::Everything } else { Coverage::Part }.with(&args.look);
    let scanned = Scanned { inspector: &inspector, coverage: seen };
    apply_suppressions(&mut report, &mut prepared, &args.look, &scanned, console)?;
    report.verdict = verdict(&report, layout.work_tree.is_none());
    Ok(AuditResult {
        report,
        notices,
        rules: prepared.all,
        fail_on: prepared.fail_on,
        output: prepared.output,
    })
}
