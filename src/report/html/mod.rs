//! The `html` format: one self-contained page. It loads and sends nothing; its content security policy allows only its
//! own script and style, by their digests. Without script everything is shown and only the filters are missing.

mod key;
mod targets;
mod time;

use std::collections::HashMap;
use std::io::{self, Write};

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use self::time::Scale;
use super::phrases::{
    counted, grouped, headline, incomplete, is_alive, place, shared, short, why_accepted, worst_first,
};
use super::xml_escape::escaped;
use super::{Options, Plan, Report};
use crate::finding::{Finding, Severity, SharedSecrets};

pub use targets::write_targets_page;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Maximum number of findings on a page. More would make it slow.
const MAX_FINDINGS: usize = 10_000;
/// Maximum number of listed skipped inputs, and of listed suppressed findings.
const MAX_LIST_LINES: usize = 1_000;

/// Writes the `html` report.
pub(super) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    head(report, options, out)?;
    let shown: Vec<&Finding> = worst_first(&report.findings).into_iter().take(MAX_FINDINGS).collect();
    if !shown.is_empty() {
        writeln!(out, "<h2 id=\"findings\">Leaked keys and locations</h2>")?;
        filters(&shown, out)?;
        let scale = Scale::of(&shown, options.ended);
        for findings in by_secret(&shown) {
            key::write(&findings, options, &scale, out)?;
        }
        if report.findings.len() > MAX_FINDINGS {
            let more = grouped((report.findings.len() - MAX_FINDINGS) as u64);
            writeln!(out, "<p class=\"soft\">{more} more findings are in the json report.</p>")?;
        }
    }
    plans(report, out)?;
    let common = SharedSecrets::of(&report.findings);
    let named = common.iter().map(|one| {
        let names: Vec<&str> = one.sources.iter().map(String::as_str).collect();
        (options.shown(&one.secret), format!("{}: {}", shared(one), names.join(", ")))
    });
    list("The same secret in several reports", named, common.len(), out)?;
    let unseen = report.unseen.iter().map(|one| (one.path.clone(), one.reason.clone()));
    list("Not read", unseen, report.unseen.len(), out)?;
    let accepted = report.accepted.iter().map(|one| (one.path.clone(), why_accepted(one)));
    list("Not read, accepted", accepted, report.accepted.len(), out)?;
    list("Suppressed", report.suppressed.iter().map(hidden), report.suppressed.len(), out)?;
    writeln!(out, "</main>\n<footer><p>This is advice: telleaks revokes and rewrites nothing.</p></footer>")?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// Returns the directive of a content security policy that allows one text, by its digest.
fn digest(text: &str) -> String {
    BASE64.encode(&Sha256::digest(text))
}

/// Writes the beginning of a page without a script, in the style of the report. `title` and `fact`, which is shown beside
/// the version and may be empty, are not escaped yet.
///
/// # Errors
/// Returns the I/O error if `out` cannot be written.
pub fn plain_page(title: &str, fact: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; \
         base-uri 'none'; form-action 'none'\">",
        digest(STYLE)
    )?;
    writeln!(
        out,
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>telleaks: {}</title>",
        escaped(title)
    )?;
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>\n<header>")?;
    let fact = if fact.is_empty() { String::new() } else { format!(" · {}", escaped(fact)) };
    writeln!(out, "<p class=\"tool\">telleaks {}{fact}</p>", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "<h1>{}</h1>\n</header>\n<main>", escaped(title))
}

/// Returns what was scanned: the command and, if it is known, the repository, branch and commit.
fn subject(report: &Report) -> Vec<String> {
    let mut out = vec![if report.command.is_empty() { "scan" } else { report.command }.to_owned()];
    if let Some(repository) = &report.repository {
        let mut parts: Vec<&str> = repository.uri.trim_end_matches('/').rsplit('/').take(2).collect();
        parts.reverse();
        let name = parts.join("/");
        out.push(name.strip_suffix(".git").unwrap_or(&name).to_owned());
        let head = repository.head.as_deref().map(|head| format!("commit {}", short(head)));
        out.extend(repository.branch.iter().map(|branch| format!("branch {branch}")).chain(head));
    }
    out
}

/// Writes the verdict: its class is the worst that the report has, its numbered lines are a list.
fn verdict(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let said: Vec<String> = incomplete(report).into_iter().chain(report.verdict.iter().cloned()).collect();
    if said.is_empty() {
        return Ok(());
    }
    let class = match report.findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Error) => "error",
        None | Some(Severity::Note) if report.unseen.is_empty() => "good",
        _ => "warning",
    };
    let (steps, lines): (Vec<&String>, Vec<&String>) = said.iter().partition(|line| step(line).is_some());
    writeln!(out, "<div class=\"verdict {class}\">")?;
    for line in lines {
        writeln!(out, "<p>{}</p>", escaped(line))?;
    }
    let steps: Vec<String> = steps
        .into_iter()
        .filter_map(|line| step(line))
        .map(|text| format!("<li>{}</li>", with_options(text)))
        .collect();
    if !steps.is_empty() {
        writeln!(out, "<ol>{}</ol>", steps.join("\n"))?;
    }
    if !report.plans.is_empty() {
        writeln!(out, "<p><a href=\"#plan\">Steps and commands for each key</a></p>")?;
    }
    writeln!(out, "</div>")
}

/// Escapes a line of text. Options are marked as code, so that a line does not break within them.
fn with_options(text: &str) -> String {
    let word = |word: &str| {
        let (option, end) = match word.strip_suffix([',', ';', '.', ')']) {
            Some(option) => (option, &word[option.len()..]),
            None => (word, ""),
        };
        if option.starts_with("--") {
            format!("<code>{}</code>{end}", escaped(option))
        } else {
            escaped(word)
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Escapes commands, one per line.
fn commands(all: &[String]) -> String {
    all.iter().map(|one| escaped(one)).collect::<Vec<_>>().join("\n")
}

/// Returns the text of a numbered line, such as `1. Revoke the key`.
fn step(line: &str) -> Option<&str> {
    let (number, text) = line.split_once(". ")?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn head(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let (at, subject) =
        (format!("{:.0}", options.ended).replace('T', " ").replace('Z', " UTC"), subject(report));
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; \
         script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">",
        digest(STYLE),
        digest(SCRIPT)
    )?;
    writeln!(
        out,
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>telleaks {}: {}</title>",
        escaped(&subject.join(", ")),
        escaped(&headline(report))
    )?;
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>\n<header>")?;
    let version = env!("CARGO_PKG_VERSION");
    writeln!(out, "<p class=\"tool\">telleaks {version} · {} · {at}</p>", escaped(&subject.join(" · ")))?;
    writeln!(out, "<h1>{}</h1>", escaped(&headline(report)))?;
    verdict(report, out)?;
    tiles(report, out)?;
    writeln!(out, "</header>\n<main>")
}

/// Writes the counts that are not zero.
fn tiles(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let alive = report.findings.iter().filter(|finding| is_alive(finding)).count();
    let asked = report.findings.iter().any(|finding| finding.liveness.is_some());
    let count = |severity| report.count(severity);
    let mut all = vec![
        ("error", "errors", count(Severity::Error)),
        ("warning", "warnings", count(Severity::Warning)),
        ("note", "notes", count(Severity::Note)),
    ];
    if asked {
        all.push(("error", "known to work", alive));
    }
    all.push(("warning", "not read", report.unseen.len()));
    all.push(("", "suppressed", report.suppressed.len()));
    all.retain(|(.., count)| *count > 0);
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "<dl class=\"tiles\">")?;
    for (class, name, count) in all {
        writeln!(out, "<div class=\"{class}\"><dt>{name}</dt><dd>{}</dd></div>", grouped(count as u64))?;
    }
    writeln!(out, "</dl>")
}

/// Returns the checkboxes of one filter, each with the number of its findings. Those without findings are left out.
fn boxes(name: &str, values: &[(&str, &str)], of: &[&'static str]) -> String {
    let one = |(value, label): &(&str, &str)| {
        let count = of.iter().filter(|found| *found == value).count();
        let input = format!("<input type=\"checkbox\" name=\"{name}\" value=\"{value}\" checked>");
        (count > 0).then(|| format!("<label>{input}{label} ({})</label>", grouped(count as u64)))
    };
    values.iter().filter_map(one).collect()
}

/// Writes the form that filters and sorts, which is hidden until the script shows it.
fn filters(shown: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let severities = [("error", "errors"), ("warning", "warnings"), ("note", "notes")];
    let found: Vec<_> = shown.iter().map(|finding| finding.severity.as_str()).collect();
    writeln!(out, "<form class=\"filters\" hidden>")?;
    let severities = boxes("severity", &severities, &found);
    writeln!(out, "<fieldset><legend>Severity</legend>{severities}</fieldset>")?;
    let found: Vec<_> = shown.iter().map(|finding| key::reach(finding)).collect();
    let reaches = boxes("reach", &key::REACHES, &found);
    writeln!(out, "<fieldset><legend>Reach</legend>{reaches}</fieldset>")?;
    writeln!(
        out,
        "<label>Sort <select name=\"sort\"><option value=\"worst\">worst first</option>\
         <option value=\"new\">newest key first</option><option value=\"path\">by path</option></select></label>"
    )?;
    if shown.iter().any(|finding| finding.liveness.is_some()) {
        let only = "<label><input type=\"checkbox\" name=\"alive\" value=\"yes\">only keys that work</label>";
        writeln!(out, "<fieldset>{only}</fieldset>")?;
    }
    writeln!(
        out,
        "<input type=\"search\" name=\"words\" placeholder=\"Path, key or rule\" aria-label=\"Search\">\n<output></output>\n</form>"
    )
}

/// Groups findings by secret, in the order of their first findings.
fn by_secret<'f>(findings: &[&'f Finding]) -> Vec<Vec<&'f Finding>> {
    let mut out: Vec<Vec<&Finding>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let at = *known.entry(finding.secret.sha256()).or_insert(out.len());
        match out.get_mut(at) {
            Some(group) => group.push(finding),
            None => out.push(vec![finding]),
        }
    }
    out
}

fn plans(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.plans.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2 id=\"plan\">What to do now</h2>\n<div class=\"plain plan\">")?;
    for (at, plan) in report.plans.iter().enumerate() {
        write_plan(plan, at == 0, out)?;
    }
    if report.unplanned > 0 {
        let more = counted(report.unplanned as u64, "leak");
        writeln!(out, "<p>Do the same for {more} more.</p>")?;
    }
    writeln!(out, "</div>")
}

/// Writes one plan, which can be folded: the key, then the steps with their commands.
///
/// # Errors
/// Returns the I/O error if `out` cannot be written.
pub fn write_plan(plan: &Plan, open: bool, out: &mut dyn Write) -> io::Result<()> {
    let open = if open { " open" } else { "" };
    writeln!(out, "<details{open}><summary class=\"mono\">{}</summary>", escaped(&plan.title))?;
    for fact in &plan.facts {
        writeln!(out, "<p class=\"soft\">{}</p>", escaped(fact))?;
    }
    writeln!(out, "<ol>")?;
    for step in &plan.steps {
        writeln!(out, "<li>{}<ul>", escaped(&step.title))?;
        for line in &step.lines {
            writeln!(out, "<li>{}</li>", escaped(line))?;
        }
        if !step.commands.is_empty() {
            writeln!(out, "<li><pre>{}</pre></li>", commands(&step.commands))?;
        }
        if let Some(link) = step.link {
            writeln!(out, "<li><a href=\"{0}\" rel=\"noreferrer\">{0}</a></li>", escaped(link))?;
        }
        writeln!(out, "</ul></li>")?;
    }
    writeln!(out, "</ol></details>")
}

/// Writes a list of entries without a secret, as paths and reasons.
fn list(
    title: &str,
    entries: impl Iterator<Item = (String, String)>,
    count: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "<h2>{title}</h2>\n<ul class=\"plain\">")?;
    for (path, why) in entries.take(MAX_LIST_LINES) {
        writeln!(
            out,
            "<li><code>{}</code> <span class=\"soft\">{}</span></li>",
            escaped(&path),
            escaped(&why)
        )?;
    }
    if count > MAX_LIST_LINES {
        writeln!(out, "<li class=\"soft\">and {} more</li>", grouped((count - MAX_LIST_LINES) as u64))?;
    }
    writeln!(out, "</ul>")
}

fn hidden(finding: &Finding) -> (String, String) {
    let why = finding.suppression.as_ref().map(|one| {
        let reason = one.reason.as_deref().unwrap_or("no reason given");
        format!("{}, by {} ({reason})", finding.rule_id, one.by)
    });
    (place(finding), why.unwrap_or_else(|| finding.rule_id.clone()))
}
