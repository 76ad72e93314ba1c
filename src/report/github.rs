//! The `github` format: workflow commands that GitHub Actions shows as annotations of the lines of a pull request.
//!
//! Every line is either one command, in which untrusted text is escaped as in GitHub's toolkit, or starts with fixed
//! text. GitHub shows ten annotations of each kind per step and silently drops the rest, so only the ten worst are
//! written and the rest is counted.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::phrases::{
    NOTHING, accepted, clipped, counted, day, headline, incomplete, is_alive, one_line, short, why_accepted,
    worst_first,
};
use super::sanitize::visible;
use super::{Options, Report};
use crate::finding::{Finding, GitInfo, Location, ReachedBy, Severity, Skipped};
use crate::rules::Rule;

/// Maximum number of annotations of one kind that GitHub shows per step.
const MAX_ANNOTATIONS: usize = 10;
/// Maximum number of skipped inputs that are listed.
const MAX_LISTED_SKIPPED: usize = 5;
/// Maximum length in characters of a path or reason in the list of skipped inputs.
const MAX_CHARS: usize = 200;

/// Writes the `github` report.
pub(super) fn write(
    report: &Report,
    rules: &[Rule],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (unseen, accepted) = (unseen(report), not_read_accepted(report));
    let mut left = [(Severity::Error, 0), (Severity::Warning, 0), (Severity::Note, 0)];
    let worst = worst_first(&report.findings);
    for (severity, left) in &mut left {
        let kept = match severity {
            Severity::Error => 0,
            Severity::Warning => usize::from(unseen.is_some()),
            Severity::Note => usize::from(accepted.is_some()),
        };
        let of_kind: Vec<_> = worst.iter().filter(|finding| finding.severity == *severity).collect();
        let room = (MAX_ANNOTATIONS - kept).min(of_kind.len());
        for finding in &of_kind[..room] {
            let rule = rules.iter().find(|rule| rule.id == finding.rule_id);
            annotate(finding, rule, options, out)?;
        }
        *left = of_kind.len() - room;
    }
    if let Some(line) = unseen {
        command("warning", &[("title", "telleaks: not everything was read".to_owned())], &line, out)?;
    }
    if let Some(line) = accepted {
        command("notice", &[("title", "telleaks: not read, accepted".to_owned())], &line, out)?;
    }
    writeln!(out, "{}", last_line(report, &left))
}

/// Writes one finding as one command.
fn annotate(
    finding: &Finding,
    rule: Option<&Rule>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    let (file, lines) = file_at_head(finding);
    if let Some(original) = finding.original.as_ref().filter(|_| file.is_some()) {
        properties.push(("file", original.path.clone()));
        properties.push(("line", original.line.to_string()));
    } else if let Some(file) = file {
        properties.push(("file", file.to_owned()));
        if let Some(place) = lines {
            properties.push(("line", place.start_line.to_string()));
            properties.push(("endLine", place.end_line.to_string()));
            // GitHub accepts columns only within one line.
            if place.start_line == place.end_line {
                properties.push(("col", place.start_column.to_string()));
                properties.push(("endColumn", place.end_column.to_string()));
            }
        }
    }
    properties.push(("title", format!("telleaks: {}", finding.rule_id)));
    command(kind, &properties, &message(finding, rule, options, lines.is_none()), out)
}

/// Returns the text of an annotation, one fact per line.
fn message(finding: &Finding, rule: Option<&Rule>, options: &Options, elsewhere: bool) -> String {
    let mut text =
        format!("{}\nSecret: {}", visible(&finding.message), visible(&options.shown(&finding.secret)));
    // Writing to a string cannot fail.
    let mut line = |label: &str, said: &str| {
        let _ = write!(text, "\n{label}: {}", visible(said));
    };
    if elsewhere || finding.original.is_some() {
        let Location { path, start_line, .. } = &finding.location;
        line("Where", &format!("{path}:{start_line}"));
    }
    if let Some(made) = finding.key.as_ref().and_then(|key| key.created_day()) {
        line("Created", &made);
    }
    if let Some(liveness) = &finding.liveness {
        line(if is_alive(finding) { "Alive" } else { "State" }, liveness.status.as_str());
    }
    if let Some(commit) = finding.git.as_ref().and_then(|info| info.commit.as_ref()) {
        line("Since", &format!("{} {} {}", short(&commit.id), day(&commit.date), commit.author));
    }
    if let Some(removed) = finding.git.as_ref().and_then(|info| info.removed_in.as_deref()) {
        line("Removed in", short(removed));
    }
    if finding.occurrence_count() > 0 {
        line("Also at", &counted(finding.occurrence_count(), "other place"));
    }
    if let Some(rule) = rule {
        line("What to do", &one_line(&rule.fix));
    }
    text
}

/// Returns the file in which GitHub can show the finding, and the location in it. For an archive member it is the
/// archive, without a location. A finding that is only in history, in a message or in a name has no file.
fn file_at_head(finding: &Finding) -> (Option<&str>, Option<&Location>) {
    let here = |info: &GitInfo| info.in_head || info.reached_by == ReachedBy::Index;
    let path = finding.location.path.as_str();
    if !finding.git.as_ref().is_none_or(here)
        || path.split('/').any(|part| part == ".git")
        || path == "<stdin>"
    {
        return (None, None);
    }
    match path.split_once("!/") {
        Some((container, _)) => (Some(container), None),
        None => (Some(path), Some(&finding.location)),
    }
}

/// Returns one annotation that summarizes the skipped inputs.
fn unseen(report: &Report) -> Option<String> {
    let Some(line) = incomplete(report) else {
        return (!report.complete()).then(|| NOTHING.to_owned());
    };
    Some(format!("{line}{}", named(&report.unseen)))
}

/// Returns one annotation that summarizes the skipped inputs that are accepted.
fn not_read_accepted(report: &Report) -> Option<String> {
    accepted(report).map(|line| format!("{line}.{}", named(&report.accepted)))
}

/// Lists the first skipped inputs, one per line.
fn named(all: &[Skipped]) -> String {
    let mut text = String::new();
    for one in all.iter().take(MAX_LISTED_SKIPPED) {
        let named = format!("{}: {}", clipped(&one.path, MAX_CHARS), clipped(&why_accepted(one), MAX_CHARS));
        let _ = write!(text, "\n{}", visible(&named));
    }
    if all.len() > MAX_LISTED_SKIPPED {
        let _ = write!(text, "\nand {} more", all.len() - MAX_LISTED_SKIPPED);
    }
    text
}

/// Returns the summary and the numbers of findings that GitHub would not show, as plain text that does not count as an
/// annotation.
fn last_line(report: &Report, left: &[(Severity, usize)]) -> String {
    let mut text = headline(report);
    let left: Vec<_> = left
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| counted(*count as u64, severity.as_str()))
        .collect();
    if !left.is_empty() {
        let _ = write!(
            text,
            " {} more than GitHub shows for a step; --report writes them all to a file.",
            left.join(", ")
        );
    }
    if !report.suppressed.is_empty() {
        let _ = write!(text, " {}.", counted(report.suppressed.len() as u64, "suppressed finding"));
    }
    text
}

fn command(kind: &str, properties: &[(&str, String)], message: &str, out: &mut dyn Write) -> io::Result<()> {
    let listed: Vec<_> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(&visible(value)))).collect();
    writeln!(out, "::{kind} {}::{}", listed.join(","), data(message))
}

/// Escapes a message as GitHub's toolkit does.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property as GitHub's toolkit does.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
