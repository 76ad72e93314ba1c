//! `telleaks scan`: scans files, directories and standard input.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ColorChoice;

use super::config_root::Root;
use super::pipeline::{Reporting, detector, finish, progress, walk_options};
use super::suppression_setup::{Coverage, ScanSetup, Scanned, apply_suppressions, prepare};
use super::{Console, Exit};
use crate::cli::ScanArgs;
use crate::report::Format;
use crate::scan::{Collector, InlinePolicy, Scanner};
use crate::source;

pub(super) fn run(args: &ScanArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let root = match &args.root {
        Some(folder) => Root::named(folder, &args.paths)?,
        None => Root::containing(args.paths.first().map_or(Path::new("."), PathBuf::as_path)),
    };
    let mut prepared = ScanSetup {
        paths: root.paths(&args.paths),
        in_repository: args.root.is_some() || root.is_repository(),
        ..prepare(&args.look, &root)?
    };
    let set = prepared.set.clone();
    let comments = prepared.inline(&args.look.suppress, InlinePolicy::Honor);
    let detector = detector(&set, args.look.output.verbose)?;
    let inspector = Scanner::new(&detector, prepared.limits.clone())
        .with_comments(comments, &set)
        .listing()
        .for_code_scanning(prepared.output.writes(Format::Sarif));
    let collector = Collector::new(&inspector).with_progress(progress(&prepared.output, console));
    let mut options = source::Options {
        paths: args.paths.clone(),
        ..walk_options(&args.scope, &prepared, collector.progress())
    };
    if root.is_all_of(&args.paths) {
        options.exclude.extend(prepared.excluded());
    }
    source::run(&options, &collector)?;
    let (mut report, mut notices) = collector.finish();
    report.command = "scan";
    report.opened_from = inspector.masked(&Root::opened_from(&args.paths)).into_owned();
    report.summary.not_checked_out = root.not_checked_out(&args.paths);
    notices.append(&mut prepared.notices);
    let all = args.scope.exclude.is_empty() && root.is_all_of(&args.paths);
    let seen = if all { Coverage::Files } else { Coverage::Part }.with(&args.look);
    let scanned = Scanned { inspector: &inspector, coverage: seen };
    apply_suppressions(&mut report, &mut prepared, &args.look, &scanned, console)?;
    let reporting =
        Reporting { rules: &prepared.all, fail_on: prepared.fail_on, args: &prepared.output, color };
    finish(report, &notices, &reporting, console)
}
