//! `telleaks scan`: files, directories, standard input.

use anyhow::Result;
use clap::ColorChoice;

use super::shared::{choose, detector, files, finish, limits, probe, ready};
use super::{Console, Exit};
use crate::cli::ScanArgs;
use crate::collect::{Collector, Inline, Inspector};
use crate::report::Format;
use crate::source;

pub(super) fn run(args: &ScanArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    ready(&args.look.output, &args.look.probe)?;
    let set = choose(&args.look.rules)?;
    let all = set.all();
    let detector = detector(&set, args.look.output.verbose)?;
    let inspector = Inspector::new(&detector, limits(&args.look.inside))
        .with_comments(Inline::Honoured, &set)
        .for_code_scanning(args.look.output.writes(Format::Sarif));
    let collector = Collector::new(&inspector);
    let options = source::Options {
        paths: args.paths.clone(),
        ..files(&args.scope, &args.look.output, console.err_is_terminal)
    };
    source::run(&options, &collector)?;
    let (mut report, notices) = collector.finish();
    report.command = "scan";
    probe(&mut report, &args.look.probe, console);
    finish((report, notices), &all, (&args.look.output, color), console)
}
