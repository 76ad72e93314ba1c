//! The `text` format: findings for a terminal in the style of rustc, then the skipped inputs, then a summary line that
//! never sounds clean if the scan was incomplete.
//!
//! Every line starts with fixed text, numbers or symbols, and all text from content, paths or rules goes through
//! [`visible`], so that an attacker can neither forge nor start a line.

mod history;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::cards::{Card, cards};
use super::phrases::{
    NOTHING, accepted, by_severity, counted, incomplete, left_out, one_line, seen, shared, why_accepted,
};
use super::sanitize::{path_at_line_start, visible};
use super::snippet::draw;
use super::{Options, Report};
use crate::finding::{
    Finding, KeyAge, Liveness, Location, Original, ReachedBy, Severity, SharedSecret, SharedSecrets, Skipped,
    SuppressionKind,
};
use crate::rules::Rule;

/// Number of locations of one card that are listed without `verbose`.
const CARD_PLACES_SHOWN: usize = 10;
/// Number of other locations that are listed without `verbose`.
const PLACES_SHOWN: usize = 3;

/// Keyword of the comments that accept a finding.
const ACCEPT: &str = concat!("telleaks", ":ignore");

const RED: Style = AnsiColor::BrightRed.on_default().bold();
const YELLOW: Style = AnsiColor::BrightYellow.on_default().bold();
const GREEN: Style = AnsiColor::BrightGreen.on_default().bold();
const BLUE: Style = AnsiColor::BrightBlue.on_default().bold();
const BOLD: Style = Style::new().bold();

/// Writes the `text` report.
pub(super) fn write(
    report: &Report,
    rules: &[Rule],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page { options, out };
    let findings: Vec<&Finding> = report.findings.iter().collect();
    let (mut explained, mut told): (Vec<&str>, bool) = (Vec::new(), false);
    for card in cards(&findings) {
        let id = card.head.rule_id.as_str();
        let rule = rules.iter().find(|rule| rule.id == id && !explained.contains(&id));
        explained.push(id);
        let accept = !told && !options.quiet && can_be_accepted(card.head);
        told |= accept;
        page.card(&card, rule, accept)?;
    }
    for unseen in &report.unseen {
        page.unseen("not read", unseen)?;
    }
    for unseen in &report.accepted {
        page.unseen("accepted, not read", unseen)?;
    }
    if !report.unseen.is_empty() || !report.accepted.is_empty() {
        writeln!(page.out)?;
    }
    if options.quiet {
        return Ok(());
    }
    page.summary(report)?;
    page.suppressed(&report.suppressed)?;
    page.shared(&SharedSecrets::of(&report.findings))?;
    page.verdict(&report.verdict)?;
    page.verdict(&report.plan)
}

/// The output and its options.
struct Page<'a> {
    options: &'a Options,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    /// Writes a secret with its locations. The help of its rule is written once, with the first card.
    /// So is how to accept a finding (`accept`).
    fn card(&mut self, card: &Card<'_>, rule: Option<&Rule>, accept: bool) -> io::Result<()> {
        let finding = card.head;
        let gutter = digits(finding.location.start_line);
        self.head(finding, gutter)?;
        self.excerpt(finding, gutter)?;
        self.notes(finding, gutter)?;
        if card.others.is_empty() {
            self.places(finding, gutter)?;
        } else {
            self.locations(card, gutter)?;
        }
        if let Some(rule) = rule {
            self.note(gutter, "help", &one_line(&rule.fix))?;
            self.note(gutter, "docs", &rule.docs)?;
        }
        if accept {
            let text =
                format!("false positive? write a comment on its line: {ACCEPT} {} REASON", finding.rule_id);
            self.note(gutter, "accept", &text)?;
        }
        writeln!(self.out)
    }

    fn head(&mut self, finding: &Finding, gutter: usize) -> io::Result<()> {
        let level = format!("{}[{}]", finding.severity.as_str(), visible(&finding.rule_id));
        let level = self.paint(style_of(finding.severity), &level);
        let message = self.paint(BOLD, &format!(": {}", visible(&finding.message)));
        writeln!(self.out, "{level}{message}")?;
        let arrow = self.paint(BLUE, "-->");
        let Location { path, start_line, start_column, .. } = &finding.location;
        let place = format!("{}:{start_line}:{start_column}", visible(path));
        match &finding.original {
            Some(Original { path, line, column }) => {
                writeln!(self.out, "{:gutter$}{arrow} {}:{line}:{column} (in {place})", "", visible(path))
            }
            None => writeln!(self.out, "{:gutter$}{arrow} {place}", ""),
        }
    }

    fn excerpt(&mut self, finding: &Finding, gutter: usize) -> io::Result<()> {
        let bar = self.paint(BLUE, "|");
        writeln!(self.out, "{:gutter$} {bar}", "")?;
        if finding.excerpt.text.is_empty() {
            return Ok(());
        }
        let snippet = draw(&finding.excerpt, self.options.width.saturating_sub(gutter + 3));
        let number = self.paint(BLUE, &finding.location.start_line.to_string());
        writeln!(self.out, "{number} {bar} {}", snippet.parts.concat())?;
        let mark = self.paint(style_of(finding.severity), &"^".repeat(snippet.length));
        writeln!(self.out, "{:gutter$} {bar} {:indent$}{mark}", "", "", indent = snippet.indent)?;
        writeln!(self.out, "{:gutter$} {bar}", "")
    }

    fn notes(&mut self, finding: &Finding, gutter: usize) -> io::Result<()> {
        self.note(gutter, "secret", &self.options.shown(&finding.secret))?;
        if let Some(key) = &finding.key {
            let age = match (key.age(), key.created_day()) {
                (KeyAge::Legacy, _) => "no date in the id".to_owned(),
                (KeyAge::Created(_), Some(day)) => format!("created {day}"),
                _ => "the date in its id is implausible".to_owned(),
            };
            self.note(gutter, "key id", &format!("{}, {age}", key.as_str()))?;
        }
        if let Some(Liveness { status, detail, .. }) = &finding.liveness {
            self.note(gutter, "alive", &format!("{}: {detail}", status.as_str()))?;
        }
        if !finding.encoding.is_empty() {
            let chain: Vec<_> = finding.encoding.iter().map(|encoding| encoding.as_str()).collect();
            self.note(gutter, "note", &format!("written as {}", chain.join(", ")))?;
        }
        if let Some(place) = &finding.machine {
            self.note(gutter, "place", &place.shown())?;
        }
        if let Some(within) = &finding.within {
            self.note(gutter, "note", &format!("in {within}"))?;
        }
        if self.options.verbose {
            self.note(gutter, "secret sha256", &finding.secret.sha256())?;
            self.note(gutter, "fingerprint", &finding.fingerprint())?;
        }
        match &finding.git {
            Some(info) => self.history(info, gutter),
            None => Ok(()),
        }
    }

    /// Writes the verdict of an audit; its first line is in bold.
    fn verdict(&mut self, lines: &[String]) -> io::Result<()> {
        for (at, line) in lines.iter().enumerate() {
            let line = visible(line);
            if at == 0 {
                writeln!(self.out, "\n{}", self.paint(BOLD, &line))?;
            } else {
                writeln!(self.out, "{line}")?;
            }
        }
        Ok(())
    }

    fn places(&mut self, finding: &Finding, gutter: usize) -> io::Result<()> {
        let places = &finding.occurrences;
        if places.is_empty() {
            return Ok(());
        }
        let shown = if self.options.verbose { places.len() } else { PLACES_SHOWN.min(places.len()) };
        let mut named: Vec<_> =
            places[..shown].iter().map(|place| format!("{}:{}", place.path, place.start_line)).collect();
        if (shown as u64) < finding.occurrence_count() {
            named.push("…".to_owned());
        }
        let count = counted(finding.occurrence_count(), "other place");
        self.note(gutter, "note", &format!("also at {count}: {}", named.join(", ")))
    }

    /// Writes the other locations of a card, one a line.
    fn locations(&mut self, card: &Card<'_>, gutter: usize) -> io::Result<()> {
        let places = card.places();
        let shown = if self.options.verbose { places.len() } else { CARD_PLACES_SHOWN.min(places.len()) };
        let count = counted(card.other_count(), "other place");
        self.note(gutter, "note", &format!("also at {count}:"))?;
        for (place, reach) in &places[..shown] {
            let reach = if reach.is_empty() { String::new() } else { format!(" ({reach})") };
            let line = format!("{}:{}{reach}", place.path, place.start_line);
            writeln!(self.out, "{:gutter$}       {}", "", path_at_line_start(&line))?;
        }
        match card.other_count() - shown as u64 {
            0 => Ok(()),
            more => writeln!(self.out, "{:gutter$}       and {more} more (--verbose lists them)", ""),
        }
    }

    /// Writes a line `= label: text` below the excerpt.
    fn note(&mut self, gutter: usize, label: &str, text: &str) -> io::Result<()> {
        let sign = self.paint(BLUE, "=");
        let label = self.paint(BOLD, label);
        writeln!(self.out, "{:gutter$} {sign} {label}: {}", "", visible(text))
    }

    fn unseen(&mut self, label: &str, unseen: &Skipped) -> io::Result<()> {
        let label = self.paint(YELLOW, label);
        writeln!(self.out, "{label}: {}: {}", visible(&unseen.path), visible(&why_accepted(unseen)))
    }

    fn summary(&mut self, report: &Report) -> io::Result<()> {
        let seen = seen(&report.summary);
        let result = match report.findings.len() as u64 {
            0 if report.complete() && !report.summary.anything() => "Nothing to scan.".to_owned(),
            0 if !report.summary.anything() => self.paint(YELLOW, NOTHING),
            0 if report.unseen.is_empty() && report.accepted.is_empty() => {
                self.paint(GREEN, &format!("No leaks found in {seen}."))
            }
            0 if report.unseen.is_empty() => format!("No leaks found in {seen}."),
            0 => format!("No leaks found in the {seen} that could be read."),
            found => format!(
                "{} ({}), {seen} scanned",
                self.paint(BOLD, &counted(found, "finding")),
                by_severity(report),
            ),
        };
        writeln!(self.out, "{result}")?;
        let accepted = accepted(report).map(|line| format!("{line}."));
        for line in accepted.into_iter().chain(left_out(&report.summary)) {
            writeln!(self.out, "{line}")?;
        }
        match incomplete(report) {
            Some(line) => writeln!(self.out, "{}", self.paint(YELLOW, &line)),
            None => Ok(()),
        }
    }

    /// Writes how many findings are suppressed, and where their suppressions are.
    fn suppressed(&mut self, hidden: &[Finding]) -> io::Result<()> {
        if hidden.is_empty() {
            return Ok(());
        }
        if self.options.verbose {
            for finding in hidden {
                let Some(suppression) = &finding.suppression else { continue };
                let place = format!("{}:{}", finding.location.path, finding.location.start_line);
                let reason = suppression.reason.as_deref().unwrap_or("no reason given");
                let line = format!("{}: {place}: by {} ({reason})", finding.rule_id, suppression.by);
                writeln!(self.out, "suppressed: {}", visible(&line))?;
            }
        }
        let kinds = [SuppressionKind::Inline, SuppressionKind::Baseline, SuppressionKind::Config];
        let of = |kind| {
            hidden.iter().filter_map(|one| one.suppression.as_ref()).filter(|s| s.kind == kind).count()
        };
        let parts: Vec<_> = kinds
            .map(|kind| (of(kind), kind))
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, kind)| format!("{count} {}", kind.as_str()))
            .collect();
        let count = counted(hidden.len() as u64, "suppressed finding");
        writeln!(self.out, "{count} ({}): --no-suppressions shows them.", parts.join(", "))
    }

    /// Writes a warning for each secret that several of the merged reports have.
    fn shared(&mut self, all: &[SharedSecret]) -> io::Result<()> {
        for one in all {
            let level = self.paint(YELLOW, "warning");
            let (text, secret) = (shared(one), self.options.shown(&one.secret));
            writeln!(self.out, "{level}: {text}: {}", visible(&secret))?;
            let names: Vec<&str> = one.sources.iter().map(String::as_str).collect();
            writeln!(self.out, "  = found in: {}", visible(&names.join(", ")))?;
        }
        Ok(())
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.options.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Returns whether a comment can accept a finding: it is in a text file as it is now.
fn can_be_accepted(finding: &Finding) -> bool {
    let path = &finding.location.path;
    let is_here = finding.git.as_ref().is_none_or(|info| info.in_head || info.reached_by == ReachedBy::Index);
    let in_file =
        is_here && !path.split('/').any(|part| part == ".git") && !path.contains("!/") && path != "<stdin>";
    in_file
        && finding.machine.is_none()
        && !finding.is_about_suppression()
        && finding.severity > Severity::Note
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note => GREEN,
    }
}

fn digits(line: u64) -> usize {
    line.to_string().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Summary;

    fn text(report: &Report, options: Options) -> String {
        let mut out = Vec::new();
        write(report, &[], &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn scanned(files_scanned: u64) -> Report {
        Report { summary: Summary { files_scanned, ..Summary::default() }, ..Report::default() }
    }

    #[test]
    fn clean_scan_is_one_line() {
        assert_eq!(text(&scanned(1_284), Options::default()), "No leaks found in 1,284 files.\n");
        assert_eq!(text(&scanned(1), Options::default()), "No leaks found in 1 file.\n");
    }

    #[test]
    fn empty_scan_is_not_clean() {
        let said = text(&scanned(0), Options::default());
        assert_eq!(said, "Nothing was scanned (0 files); this is not a clean result.\n");
    }

    #[test]
    fn skipped_input_is_listed_and_result_not_clean() {
        let mut report = scanned(7);
        report.unseen = vec![Skipped::new("a\n::error::", "permission denied")];
        assert_eq!(
            text(&report, Options::default()),
            "not read: a\\n::error::: permission denied\n\n\
             No leaks found in the 7 files that could be read.\n\
             Incomplete: 1 place was not read; this is not a clean result.\n"
        );
    }

    #[test]
    fn colour_is_optional() {
        let options = Options { color: true, ..Options::default() };
        assert_eq!(text(&scanned(2), options), "\x1b[1m\x1b[92mNo leaks found in 2 files.\x1b[0m\n");
    }
}
