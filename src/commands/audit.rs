//! `telleaks audit`: a whole repository, before it is published.

use anyhow::Result;
use clap::ColorChoice;

use super::shared::{choose, detector, files, finish, limits, named, probe, ready};
use super::{Console, Exit};
use crate::audit::{self, verdict};
use crate::cli::AuditArgs;
use crate::collect::{Collector, Inline, Inspector};
use crate::git::Layout;
use crate::report::Format;

pub(super) fn run(args: &AuditArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let layout = Layout::find(&args.repo, args.any_owner)?;
    ready(&args.look.output, &args.look.probe)?;
    let set = choose(&args.look.rules)?;
    let all = set.all();
    let options = audit::Options {
        no_worktree: args.no_worktree,
        files: files(&args.scope, &args.look.output, console.err_is_terminal),
        cache: args.cache.clone(),
        rules_digest: set.digest(args.look.output.verbose, &format!("{:?}", limits(&args.look.inside))),
    };
    let detector = detector(&set, args.look.output.verbose)?;
    let inspector = Inspector::new(&detector, limits(&args.look.inside))
        .with_comments(Inline::Honoured, &set)
        .for_code_scanning(args.look.output.writes(Format::Sarif));
    let collector = Collector::new(&inspector);
    audit::run(&layout, &inspector, &collector, &options)?;
    let (mut report, notices) = collector.finish();
    report.command = "audit";
    report.repository = named(&layout, &inspector);
    probe(&mut report, &args.look.probe, console);
    report.verdict = verdict(&report, layout.work_tree.is_none());
    finish((report, notices), &all, (&args.look.output, color), console)
}
