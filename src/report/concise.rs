//! The `concise` format: one line for each location, as compilers and editors read it:
//! `path:line:column: error[rule]: message`.

use std::io::{self, Write};

use super::phrases::headline;
use super::sanitize::visible;
use super::{Options, Report};
use crate::finding::Finding;

/// Writes the `concise` report.
pub(super) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        line(finding, options, out)?;
    }
    for unseen in &report.unseen {
        writeln!(out, "{}: not read: {}", visible(&unseen.path), visible(&unseen.reason))?;
    }
    if options.quiet { Ok(()) } else { writeln!(out, "{}", headline(report)) }
}

/// Writes one finding, at the original location if a source map gives one.
fn line(finding: &Finding, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let place = &finding.location;
    let (path, line, column) = match &finding.original {
        Some(original) => (&original.path, original.line, original.column),
        None => (&place.path, place.start_line, place.start_column),
    };
    let severity = finding.severity.as_str();
    let secret = options.shown(&finding.secret);
    writeln!(
        out,
        "{}:{line}:{column}: {severity}[{}]: {} ({})",
        visible(path),
        visible(&finding.rule_id),
        visible(&finding.message),
        visible(&secret)
    )
}
