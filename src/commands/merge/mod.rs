//! `telleaks merge`: combines several reports into one, also those of other scanners.

mod foreign;

use anyhow::Result;
use clap::ColorChoice;

use super::pipeline::{Reporting, choose, detector, finish};
use super::{Console, Exit};
use crate::cli::{FailOn, MergeArgs};
use crate::finding::{Finding, Report};
use crate::merge::{align, merge};
use crate::report::read_file;

use foreign::Importer;

pub(super) fn run(args: &MergeArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let set = choose(&args.rules, None)?;
    let rules = set.all();
    let mut inputs = Vec::with_capacity(args.inputs.len());
    for path in &args.inputs {
        inputs.push((path.to_string_lossy().into_owned(), read_file(path, &rules)?));
    }
    let mut notices = Vec::new();
    if !args.from.is_empty() {
        let detector = detector(&set, false)?;
        let mut importer = Importer::new(&detector);
        let mut known: Vec<Finding> = inputs
            .iter()
            .flat_map(|(_, report)| report.findings.iter().chain(&report.suppressed))
            .cloned()
            .collect();
        for pair in args.from.chunks_exact(2) {
            let (name, report) = importer.report(&pair[0].to_string_lossy(), pair[1].as_ref())?;
            let mut findings = Vec::with_capacity(report.findings.len());
            for finding in report.findings {
                let finding = Finding { sources: vec![name.clone()], ..align(finding, &known) };
                known.push(finding.clone());
                findings.push(finding);
            }
            inputs.push((name, Report { findings, ..report }));
        }
        notices = importer.notices;
    }
    let report = Report { command: "merge", ..merge(inputs) };
    let fail_on = args.output.fail_on.unwrap_or(FailOn::Warning);
    let reporting = Reporting { rules: &rules, fail_on, args: &args.output, color };
    finish(report, &notices, &reporting, console)
}
