//! `telleaks scan`: files, directories, standard input.

use anyhow::{Context, Result};
use clap::ColorChoice;

use super::shared::{choose, files, finish, limits};
use super::{Console, Exit};
use crate::cli::ScanArgs;
use crate::collect::{Collector, Inspector};
use crate::detect::Detector;
use crate::source;

pub(super) fn run(args: &ScanArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let set = choose(&args.rules)?;
    let all = set.rules.clone();
    let detector = Detector::new(set, args.output.verbose).context("the rules have too many anchors")?;
    let inspector = Inspector::new(&detector, limits(&args.inside));
    let collector = Collector::new(&inspector);
    let options = source::Options {
        paths: args.paths.clone(),
        ..files(&args.scope, &args.output, console.err_is_terminal)
    };
    source::run(&options, &collector)?;
    finish(collector.finish(), &all, (&args.output, color), console)
}
