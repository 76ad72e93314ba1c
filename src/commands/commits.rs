//! `telleaks commits`: scans the changes in a range of commits.

use std::io::Read;

use anyhow::{Context, Result, ensure};
use clap::ColorChoice;

use super::config_files::side;
use super::config_root::Root;
use super::path_scope::PathScope;
use super::pipeline::{Reporting, detector, finish, in_ci, in_threads, named, progress, repository};
use super::suppression_setup::{
    Coverage, ScanSetup, Scanned, apply_suppressions, range_setup, single_tip, with_files,
};
use super::{Console, Exit};
use crate::cli::CommitsArgs;
use crate::commits::{self, CommitsError, Input, Sides};
use crate::fault_injection;
use crate::git::Layout;
use crate::git::odb::ObjectId;
use crate::scan::{Collector, InlinePolicy, Scanner};
use crate::suppress::Side;

/// Maximum size of standard input, in bytes. Git writes one line for each ref; no push is larger.
const MAX_INPUT_BYTES: u64 = 256 << 20;
use crate::report::Format;

pub(super) fn run(args: &CommitsArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let layout = repository(&args.repo, args.any_owner)?;
    let input = if args.stdin {
        Input::Push { lines: read_lines()?, remote: args.remote.clone() }
    } else {
        Input::Words(args.words.iter().chain(&args.range).cloned().collect())
    };
    let mut prepared = prepare(args, &layout, &input)?;
    prepared.scope = PathScope::new(&args.exclude, &args.below)?;
    let set = prepared.set.clone();
    let comments = if args.trust_suppressions { InlinePolicy::Honor } else { InlinePolicy::Report };
    let comments = prepared.inline(&args.look.suppress, comments);
    let detector = detector(&set, args.look.output.verbose)?;
    let inspector = Scanner::new(&detector, prepared.limits.clone())
        .with_comments(comments, &set)
        .for_code_scanning(prepared.output.writes(Format::Sarif));
    let collector = Collector::new(&inspector).with_progress(progress(&prepared.output, console));
    let searched = in_threads(args.threads, || commits::run(&layout, &input, &inspector, &collector))?;
    explained(searched, &layout)?;
    let (mut report, mut notices) = collector.finish();
    report.command = "commits";
    // In a CI job a server has the commits; a hook of a push runs before it has them.
    report.is_pushed = !args.stdin && in_ci();
    report.is_before_push = args.stdin && args.remote.is_some();
    report.repository = named(&layout, &inspector);
    notices.append(&mut prepared.notices);
    report.may_be_empty = true;
    let scanned = Scanned { inspector: &inspector, coverage: Coverage::Part };
    apply_suppressions(&mut report, &mut prepared, &args.look, &scanned, console)?;
    let reporting =
        Reporting { rules: &prepared.all, fail_on: prepared.fail_on, args: &prepared.output, color };
    let exit = finish(report, &notices, &reporting, console)?;
    let what =
        if args.remote.is_some() { "the push is blocked; nothing was sent" } else { "the push is refused" };
    if args.stdin && exit != Exit::Clean {
        console.warn(what);
    }
    Ok(exit)
}

/// Loads rules and suppressions from the base of the range, which the author of the range does not control.
fn prepare(args: &CommitsArgs, layout: &Layout, input: &Input) -> Result<ScanSetup> {
    let known = with_files(&args.look.rules.files)?;
    let sides = explained(Sides::of(layout, input), layout)?;
    let of = |commit: &ObjectId| {
        side(&Root::Other(Box::new(|name, limit| Ok(sides.read(commit, name, limit)?))), &known)
    };
    let tips: Vec<Side> = sides.tips.iter().map(of).collect();
    if args.trust_suppressions {
        return range_setup(&args.look, single_tip(tips)?, &[], &known);
    }
    range_setup(&args.look, sides.base.as_ref().map(of).unwrap_or_default(), &tips, &known)
}

/// Adds the probable cause to an error if the refs could not be read.
fn explained<T>(outcome: Result<T, CommitsError>, layout: &Layout) -> Result<T> {
    if layout.refs_readable {
        return Ok(outcome?);
    }
    outcome
        .context("the refs are stored as a reftable, which telleaks does not read: name commits by their ids")
}

/// Reads the lines that git passes to the hook. Ref names need not be UTF-8.
fn read_lines() -> Result<String> {
    let mut text = Vec::new();
    let read = fault_injection::input(std::io::stdin()).take(MAX_INPUT_BYTES + 1).read_to_end(&mut text);
    read.context("cannot read standard input; --stdin expects the lines that git passes to a hook")?;
    ensure!(text.len() as u64 <= MAX_INPUT_BYTES, "standard input is larger than 256 MiB");
    Ok(String::from_utf8_lossy(&text).into_owned())
}
