//! `telleaks merge`: combines several reports into one.

use anyhow::Result;
use clap::ColorChoice;

use super::pipeline::{Reporting, choose, finish};
use super::{Console, Exit};
use crate::cli::{FailOn, MergeArgs};
use crate::finding::Report;
use crate::merge::merge;
use crate::report::read_file;

pub(super) fn run(args: &MergeArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let rules = choose(&args.rules, None)?.all();
    let mut inputs = Vec::with_capacity(args.inputs.len());
    for path in &args.inputs {
        inputs.push((path.to_string_lossy().into_owned(), read_file(path, &rules)?));
    }
    let report = Report { command: "merge", ..merge(inputs) };
    let fail_on = args.output.fail_on.unwrap_or(FailOn::Warning);
    let reporting = Reporting { rules: &rules, fail_on, args: &args.output, color };
    finish(report, &[], &reporting, console)
}
