//! The `junit` format, which most build servers show as tests: a failure for each finding, an error for each skipped
//! input, a skipped test for each suppressed finding, and a passed test if there is nothing to report.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::phrases::{NOTHING, counted, day, headline, one_line, place, short, why_accepted};
use super::xml_escape::escaped;
use super::{Options, Report};
use crate::finding::Finding;
use crate::rules::Rule;

/// Writes the `junit` report.
pub(super) fn write(
    report: &Report,
    rules: &[Rule],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let empty = report.unseen.is_empty() && !report.complete();
    let (failures, errors) = (report.findings.len(), report.unseen.len() + usize::from(empty));
    let skipped = report.suppressed.len() + report.accepted.len();
    let passes = usize::from(failures + errors == 0);
    let tests = failures + errors + skipped + passes;
    let counts =
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"");
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"telleaks\" {counts}>")?;
    writeln!(out, "  <testsuite name=\"telleaks\" {counts}>")?;
    let mut names = Names::default();
    for finding in &report.findings {
        let rule = rules.iter().find(|rule| rule.id == finding.rule_id);
        let kind = finding.severity.as_str();
        let message = escaped(&finding.message);
        open(&finding.rule_id, &names.of(finding), &finding.location.path, out)?;
        writeln!(out, "      <failure type=\"{kind}\" message=\"{message}\">")?;
        write!(out, "{}", body(finding, rule, options))?;
        writeln!(out, "      </failure>\n    </testcase>")?;
    }
    for unseen in &report.unseen {
        open("not-read", &unseen.path, &unseen.path, out)?;
        let reason = escaped(&unseen.reason);
        writeln!(out, "      <error type=\"not-read\" message=\"{reason}\"/>\n    </testcase>")?;
    }
    for unseen in &report.accepted {
        open("not-read", &unseen.path, &unseen.path, out)?;
        let reason = escaped(&why_accepted(unseen));
        writeln!(out, "      <skipped message=\"{reason}\"/>\n    </testcase>")?;
    }
    if empty {
        open("not-read", "everything", "", out)?;
        writeln!(out, "      <error type=\"not-read\" message=\"{NOTHING}\"/>\n    </testcase>")?;
    }
    for finding in &report.suppressed {
        open(&finding.rule_id, &names.of(finding), &finding.location.path, out)?;
        writeln!(out, "      <skipped message=\"{}\"/>\n    </testcase>", escaped(&hidden(finding)))?;
    }
    if passes == 1 {
        let name = escaped(&headline(report));
        writeln!(out, "    <testcase classname=\"telleaks\" name=\"{name}\"/>")?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Names of test cases, each of which is used once: build servers take equal names as one test.
#[derive(Default)]
struct Names(HashSet<(String, String)>);

impl Names {
    /// Returns the location, with the column and then the fingerprint if the name is taken.
    fn of(&mut self, finding: &Finding) -> String {
        let place = place(finding);
        let column = format!("{place}:{}", finding.location.start_column);
        let print = format!("{column} {}", finding.fingerprint());
        let commit = finding.git.as_ref().and_then(|info| info.commit.as_ref());
        let whole = format!("{print} {}", commit.map(|commit| commit.id.as_str()).unwrap_or_default());
        let names = [place, column, print, whole.clone()];
        let free = names.into_iter().find(|name| self.0.insert((finding.rule_id.clone(), name.clone())));
        free.unwrap_or(whole)
    }
}

fn open(class: &str, name: &str, file: &str, out: &mut dyn Write) -> io::Result<()> {
    let [class, name, file] = [class, name, file].map(escaped);
    writeln!(out, "    <testcase classname=\"telleaks.{class}\" name=\"{name}\" file=\"{file}\">")
}

/// Returns the facts about a finding, one per line.
fn body(finding: &Finding, rule: Option<&Rule>, options: &Options) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |label: &str, said: &str| {
        let _ = writeln!(text, "{label}: {}", escaped(said));
    };
    let at = &finding.location;
    line("where", &format!("{}:{}:{}", at.path, at.start_line, at.start_column));
    line("secret", &options.shown(&finding.secret));
    if let Some(key) = &finding.key {
        line("key id", key.as_str());
    }
    if let Some(made) = finding.key.as_ref().and_then(|key| key.created_day()) {
        line("created", &made);
    }
    if let Some(liveness) = &finding.liveness {
        line("alive", &format!("{}: {}", liveness.status.as_str(), liveness.detail));
    }
    if let Some(commit) = finding.git.as_ref().and_then(|info| info.commit.as_ref()) {
        line("since", &format!("{} {} {}", short(&commit.id), day(&commit.date), commit.author));
    }
    if finding.occurrence_count() > 0 {
        line("also at", &counted(finding.occurrence_count(), "other place"));
    }
    line("fingerprint", &finding.fingerprint());
    if let Some(rule) = rule {
        line("help", &one_line(&rule.fix));
        line("docs", &rule.docs);
    }
    text
}

fn hidden(finding: &Finding) -> String {
    let Some(suppression) = &finding.suppression else { return "suppressed".to_owned() };
    let reason = suppression.reason.as_deref().unwrap_or("no reason given");
    format!("suppressed by {} ({reason})", suppression.by)
}
