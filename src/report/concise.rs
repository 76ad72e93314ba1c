//! The `concise` format: one line for each location, as compilers and editors read it:
//! `path:line:column: error[rule]: message`.

use std::io::{self, Write};

use super::phrases::headline;
use super::sanitize::{path_at_line_start, visible};
use super::{Options, Report};
use crate::finding::{Finding, Location};

/// Writes the `concise` report.
pub(super) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        lines(finding, options, out)?;
    }
    for unseen in &report.unseen {
        writeln!(out, "{}: not read: {}", path_at_line_start(&unseen.path), visible(&unseen.reason))?;
    }
    if options.quiet { Ok(()) } else { writeln!(out, "{}", headline(report)) }
}

/// Writes the locations of a finding in its file, the first one at the original location if a source map gives one. The
/// secret in another file is another finding.
fn lines(finding: &Finding, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let first = &finding.location;
    let head = match &finding.original {
        Some(at) => Position { path: &at.path, line: at.line, column: at.column },
        None => Position::of(first),
    };
    let others = finding.occurrences.iter().filter(|place| place.path == first.path).map(Position::of);
    for position in std::iter::once(head).chain(others) {
        line(finding, &position, options, out)?;
    }
    Ok(())
}

/// A position that an editor opens.
struct Position<'f> {
    path: &'f str,
    line: u64,
    column: u64,
}

impl<'f> Position<'f> {
    fn of(place: &'f Location) -> Self {
        Self { path: &place.path, line: place.start_line, column: place.start_column }
    }
}

fn line(finding: &Finding, at: &Position<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let Position { path, line, column } = *at;
    let severity = finding.severity.as_str();
    let secret = options.shown(&finding.secret);
    writeln!(
        out,
        "{}:{line}:{column}: {severity}[{}]: {} ({})",
        path_at_line_start(path),
        visible(&finding.rule_id),
        visible(&finding.message),
        visible(&secret)
    )
}
