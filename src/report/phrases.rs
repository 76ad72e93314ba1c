//! Phrases and sort orders that several formats share. The results are not sanitized; callers do that.

use std::cmp::Reverse;

use super::{Report, Summary};
use crate::finding::SharedSecret;
use crate::finding::{Commit, Finding, GitInfo, Severity, Skipped};

/// Number of digits of a commit id that are shown.
const SHORT_ID_DIGITS: usize = 12;

/// Formats the counts of findings, such as `1 error, 2 warnings`, without zero counts.
pub(super) fn by_severity(report: &Report) -> String {
    let parts: Vec<_> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (report.count(severity) as u64, severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| counted(count, severity.as_str()))
        .collect();
    parts.join(", ")
}

/// Formats the counts of inputs: `3 files`, `120 objects`, `3 files and 120 objects`.
pub(super) fn seen(summary: &Summary) -> String {
    let files = summary.files_scanned.saturating_sub(summary.git_files_scanned);
    let mut parts = Vec::new();
    if files > 0 || (summary.objects_scanned == 0 && summary.git_files_scanned == 0) {
        parts.push(counted(files, "file"));
    }
    if summary.objects_scanned > 0 {
        parts.push(counted(summary.objects_scanned, "object"));
    }
    if summary.git_files_scanned > 0 {
        parts.push(format!("{} of .git", counted(summary.git_files_scanned, "file")));
    }
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) }
}

/// Formats the day of the commit that introduced a secret, and whether the secret may be older.
pub(super) fn since_day(commit: &Commit, info: &GitInfo) -> String {
    let earlier = if info.or_earlier { " or earlier (this clone begins there)" } else { "" };
    format!("{}{earlier}", day(&commit.date))
}

/// Returns the result in one sentence, which never sounds clean if the scan was incomplete.
pub(super) fn headline(report: &Report) -> String {
    let seen = seen(&report.summary);
    match report.findings.len() as u64 {
        0 if report.complete() && !report.summary.anything() => "Nothing to scan.".to_owned(),
        0 if !report.summary.anything() => NOTHING.to_owned(),
        0 if report.unseen.is_empty() => match accepted(report) {
            None => format!("No leaks found in {seen}."),
            Some(accepted) => format!("No leaks found in {seen}; {accepted}."),
        },
        0 => format!("No leaks found in the {seen} that could be read; this is not a clean result."),
        found => format!("{} ({}), {seen} scanned.", counted(found, "finding"), by_severity(report)),
    }
}

/// The result of a scan without any input.
pub(super) const NOTHING: &str = "Nothing was scanned (0 files); this is not a clean result.";

/// Formats the number of skipped inputs, if there are any.
pub(super) fn incomplete(report: &Report) -> Option<String> {
    let places = report.unseen.len() as u64;
    let were = if places == 1 { "was" } else { "were" };
    (places > 0).then(|| {
        format!("Incomplete: {} {were} not read; this is not a clean result.", counted(places, "place"))
    })
}

/// Formats the number of skipped inputs that are accepted, if there are any.
pub(super) fn accepted(report: &Report) -> Option<String> {
    let places = report.accepted.len() as u64;
    let were = if places == 1 { "was" } else { "were" };
    (places > 0)
        .then(|| format!("{} {were} not read, as the configuration accepts", counted(places, "place")))
}

/// Formats what is out of scope by its nature: links, and files of a sparse checkout.
pub(super) fn left_out(summary: &Summary) -> Vec<String> {
    let were = |count: u64| if count == 1 { "was" } else { "were" };
    let (links, absent) = (summary.links_not_followed, summary.not_checked_out);
    let mut lines = Vec::new();
    if links > 0 {
        lines.push(format!("{} {} not followed.", counted(links, "link"), were(links)));
    }
    if absent > 0 {
        let count = counted(absent, "tracked file or directory").replace("directorys", "directories");
        let count = if absent == 1 { count } else { count.replace("file or", "files or") };
        lines.push(format!(
            "Sparse checkout: {count} {} not on the disk and not scanned; telleaks audit reads them.",
            were(absent)
        ));
    }
    lines
}

/// Formats how many of the merged reports have a secret.
pub(super) fn shared(one: &SharedSecret) -> String {
    format!(
        "the same secret is in {} of the merged reports (repositories or environments)",
        one.sources.len()
    )
}

/// Formats why an input was skipped and which entry of the configuration accepts that.
pub(super) fn why_accepted(one: &Skipped) -> String {
    let accepted = one.accepted.as_ref().map(|accepted| format!(" (accepted by {})", accepted.shown()));
    format!("{}{}", one.reason, accepted.unwrap_or_default())
}

/// Abbreviates a commit id.
pub(super) fn short(id: &str) -> &str {
    id.get(..SHORT_ID_DIGITS).unwrap_or(id)
}

/// Returns the day of an RFC 3339 time.
pub(super) fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// Formats a count with a noun: `1 file`, `1,284 files`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count))
}

/// Formats a number with thousands separators: `1,284`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Cuts a text to `most` characters, with an ellipsis if it was cut.
pub(super) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Formats the location of a finding as `path:line`. The original location comes first if a source map gives one.
pub(super) fn place(finding: &Finding) -> String {
    let here = format!("{}:{}", finding.location.path, finding.location.start_line);
    match &finding.original {
        Some(original) => format!("{}:{} (in {here})", original.path, original.line),
        None => here,
    }
}

/// Joins a rule's text into one line, since a rule file may break it.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sorts findings: active keys first, then by severity, then in report order, so that a cut list loses the least
/// important ones.
pub(super) fn worst_first(findings: &[Finding]) -> Vec<&Finding> {
    let mut all: Vec<&Finding> = findings.iter().collect();
    all.sort_by_key(|finding| Reverse((is_alive(finding), finding.severity)));
    all
}

/// Returns whether the secret was probed and is active.
pub(super) fn is_alive(finding: &Finding) -> bool {
    finding.liveness.as_ref().is_some_and(|liveness| liveness.status.is_alive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (count, said) in
            [(0, "0 files"), (1, "1 file"), (999, "999 files"), (1_000_000, "1,000,000 files")]
        {
            assert_eq!(counted(count, "file"), said);
        }
    }

    #[test]
    fn long_text_is_cut_at_character_boundary() {
        assert_eq!(clipped("größe", 3), "grö…");
        assert_eq!(clipped("größe", 5), "größe");
    }
}
