//! `telleaks audit`: a whole repository, before it is published.

use anyhow::Result;
use clap::ColorChoice;

use super::root::Root;
use super::shared::{detector, files, finish, limits, named};
use super::suppress::{Seen, prepare, settle};
use super::{Console, Exit};
use crate::audit::{self, verdict};
use crate::cli::AuditArgs;
use crate::collect::{Collector, Inline, Inspector};
use crate::git::Layout;
use crate::report::Format;

pub(super) fn run(args: &AuditArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let layout = Layout::find(&args.repo, args.any_owner)?;
    let mut prepared = prepare(&args.look, &Root::of(&layout))?;
    let set = prepared.set.clone();
    let comments = prepared.inline(&args.look.suppress, Inline::Honoured);
    let options = audit::Options {
        no_worktree: args.no_worktree,
        files: files(&args.scope, &args.look.output, console.err_is_terminal),
        cache: args.cache.clone(),
        rules_digest: set.digest(args.look.output.verbose, &format!("{:?}", limits(&args.look.inside))),
    };
    let detector = detector(&set, args.look.output.verbose)?;
    let inspector = Inspector::new(&detector, limits(&args.look.inside))
        .with_comments(comments, &set)
        .for_code_scanning(args.look.output.writes(Format::Sarif));
    let collector = Collector::new(&inspector);
    audit::run(&layout, &inspector, &collector, &options)?;
    let (mut report, mut notices) = collector.finish();
    report.command = "audit";
    report.repository = named(&layout, &inspector);
    notices.append(&mut prepared.notices);
    let all = args.scope.exclude.is_empty() && !args.no_worktree;
    let seen = if all { Seen::Everything } else { Seen::Part }.with(&args.look);
    settle(&mut report, (&mut prepared, &args.look), (&inspector, seen), console)?;
    report.verdict = verdict(&report, layout.work_tree.is_none());
    finish((report, notices), (&prepared.all, prepared.fail_on), (&args.look.output, color), console)
}
