//! One secret on the page: its type, liveness, timeline and locations.

use std::io::{self, Write};

use super::super::Options;
use super::super::phrases::{counted, day, is_alive, place, short, since_day};
use super::super::snippet::draw;
use super::super::xml_escape::escaped;
use super::time::{Scale, Timeline};
use crate::finding::{Finding, GitInfo, KeyAge, ReachedBy, Severity};

/// How far a secret has spread: the attribute value in the page, and the label of its checkbox.
pub(super) const REACHES: [(&str, &str); 5] = [
    ("files", "files"),
    ("pushed", "pushed"),
    ("committed", "committed"),
    ("staged", "staged"),
    ("local", "only in this clone"),
];
/// Maximum number of other locations, and of refs, that are listed.
const MAX_LISTED_PLACES: usize = 20;
/// Number of findings of one secret above which off-screen ones are not laid out by the browser.
const LONG_LIST_FINDINGS: usize = 50;
/// Width in columns of a line of content.
const EXCERPT_COLUMNS: usize = 160;

/// Writes the findings of one secret, of which there is at least one.
pub(super) fn write(
    findings: &[&Finding],
    options: &Options,
    scale: &Scale,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(first) = findings.first() else { return Ok(()) };
    let worst = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note).as_str();
    let alive = if findings.iter().any(|finding| is_alive(finding)) { "yes" } else { "no" };
    let created = first.key.as_ref().and_then(|key| key.created_day()).unwrap_or_default();
    writeln!(out, "<section class=\"key {worst}\" data-alive=\"{alive}\" data-created=\"{created}\">")?;
    writeln!(out, "<h3 class=\"mono\">{}</h3>", escaped(&options.shown(&first.secret)))?;
    writeln!(
        out,
        "<p class=\"marks\"><span class=\"{worst}\"><span class=\"word\">{worst}</span></span>{}</p>",
        marks(first, findings.len())
    )?;
    Timeline::of(findings).write(scale, out)?;
    let long = if findings.len() > LONG_LIST_FINDINGS { " long" } else { "" };
    writeln!(out, "<ul class=\"places{long}\">")?;
    for finding in findings {
        one_place(finding, out)?;
    }
    writeln!(out, "</ul>\n</section>")
}

/// Writes the badges of the secret after its severity.
fn marks(finding: &Finding, places: usize) -> String {
    let mut out = String::new();
    let mut add = |class: &str, text: &str| {
        out.push_str(&format!("<span{class}>{}</span>", escaped(text)));
    };
    if let Some(liveness) = &finding.liveness {
        let status = liveness.status;
        let class = match (status.is_alive(), status.is_dead()) {
            (true, _) => " class=\"alive\"",
            (_, true) => " class=\"dead\"",
            _ => "",
        };
        add(class, status.as_str());
        add("", &format!("asked {}", day(&liveness.time())));
    }
    if let Some(key) = &finding.key {
        match (key.age(), key.created_day()) {
            (KeyAge::Created(_), Some(made)) => add("", &format!("created {made}")),
            (KeyAge::Legacy, _) => add("", "no date in the id"),
            _ => add("", "the date in its id is implausible"),
        }
    }
    if places > 1 {
        add("", &counted(places as u64, "finding"));
    }
    out
}

fn one_place(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let severity = finding.severity.as_str();
    writeln!(out, "<li data-severity=\"{severity}\" data-reach=\"{}\">", reach(finding))?;
    writeln!(out, "<p class=\"where mono\">{}</p>", escaped(&place(finding)))?;
    let said = if finding.message.is_empty() { &finding.rule_id } else { &finding.message };
    writeln!(out, "<p class=\"{severity}\"><span class=\"word\">{severity}</span> {}</p>", escaped(said))?;
    if !finding.excerpt.text.is_empty() {
        let parts = draw(&finding.excerpt, EXCERPT_COLUMNS).parts.map(|part| escaped(&part));
        writeln!(out, "<pre>{}<mark>{}</mark>{}</pre>", parts[0], parts[1], parts[2])?;
    }
    let facts = facts(finding);
    if !facts.is_empty() {
        writeln!(out, "<details><summary>{}</summary><dl class=\"facts\">", escaped(&gist(finding)))?;
        for (label, said) in facts {
            writeln!(out, "<dt>{label}</dt><dd>{}</dd>", escaped(&said))?;
        }
        writeln!(out, "</dl></details>")?;
    }
    writeln!(out, "</li>")
}

/// Returns how far the finding has spread: one of [`REACHES`].
pub(super) fn reach(finding: &Finding) -> &'static str {
    let Some(info) = &finding.git else { return "files" };
    match info.reached_by {
        ReachedBy::Index => "staged",
        ReachedBy::Stash | ReachedBy::Reflog | ReachedBy::Unreachable => "local",
        _ if info.refs.iter().any(|name| name.starts_with("refs/remotes/")) => "pushed",
        _ => "committed",
    }
}

/// Returns the summary of the collapsed details.
fn gist(finding: &Finding) -> String {
    let mut parts = Vec::new();
    if let Some(info) = &finding.git {
        parts.push(match reach(finding) {
            "pushed" => "pushed".to_owned(),
            "local" => "only in this clone".to_owned(),
            other => other.to_owned(),
        });
        if let Some(days) = info.head_days {
            parts.push(format!("in HEAD for {}", counted(days, "day")));
        }
        if let Some(days) = info.exposure_days {
            parts.push(format!("exposed for {}, still", counted(days, "day")));
        }
    }
    if finding.occurrence_count() > 0 {
        parts.push(counted(finding.occurrence_count(), "other place"));
    }
    if parts.is_empty() { "details".to_owned() } else { parts.join(", ") }
}

/// Returns further facts about a finding, as labels and values.
fn facts(finding: &Finding) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if let Some(place) = &finding.machine {
        out.push(("place", place.shown()));
    }
    if let Some(within) = &finding.within {
        out.push(("within", within.clone()));
    }
    if !finding.encoding.is_empty() {
        let chain: Vec<_> = finding.encoding.iter().map(|encoding| encoding.as_str()).collect();
        out.push(("written as", chain.join(", ")));
    }
    if let Some(liveness) = &finding.liveness {
        out.push((
            "alive",
            format!("{} at {}: {}", liveness.status.as_str(), liveness.time(), liveness.detail),
        ));
    }
    if let Some(info) = &finding.git {
        history(info, &mut out);
    }
    if !finding.occurrences.is_empty() {
        let named = finding.occurrences.iter().take(MAX_LISTED_PLACES);
        let mut named: Vec<_> = named.map(|place| format!("{}:{}", place.path, place.start_line)).collect();
        let more = finding.occurrence_count() - named.len() as u64;
        if more > 0 {
            named.push(format!("and {more} more"));
        }
        out.push(("also at", named.join(", ")));
    }
    out
}

fn history(info: &GitInfo, out: &mut Vec<(&'static str, String)>) {
    if let Some(commit) = &info.commit {
        let day = since_day(commit, info);
        out.push(("since", format!("{} {day} {}: {}", short(&commit.id), commit.author, commit.subject)));
    }
    if let Some(removed) = &info.removed_in {
        out.push(("removed in", short(removed).to_owned()));
    } else if info.in_head {
        out.push(("still there", "HEAD holds it".to_owned()));
    }
    out.push(("reached by", info.reached_by.as_str().to_owned()));
    if !info.refs.is_empty() {
        let mut named = info.refs.iter().take(MAX_LISTED_PLACES).cloned().collect::<Vec<_>>();
        if info.refs.len() > MAX_LISTED_PLACES {
            named.push(format!("and {} more", info.refs.len() - MAX_LISTED_PLACES));
        }
        out.push(("refs", named.join(", ")));
    }
}
