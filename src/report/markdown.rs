//! The `markdown` format: a job summary for GitHub and GitLab.
//!
//! Untrusted text is written as code, in which nothing becomes a mention, a link or an image. GitHub accepts at most 1
//! MiB per step; entries that do not fit are counted.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::cards::{Card, cards};
use super::phrases::{
    clipped, counted, headline, incomplete, left_out, one_line, place, shared, short, since_day,
    why_accepted, worst_first,
};
use super::sanitize::visible;
use super::{Options, Plan, Report};
use crate::finding::{Finding, GitInfo, LivenessStatus, ReachedBy, Severity, SharedSecrets, Skipped};
use crate::rules::Rule;

/// Page sizes in bytes at which the table, the skipped inputs and the plans end: together less than 1 MiB.
const TABLE_END_BYTES: usize = 640 << 10;
const SKIPPED_END_BYTES: usize = 768 << 10;
const PLANS_END_BYTES: usize = 1000 << 10;
/// Maximum number of locations that a row names besides its first, and of refs.
const MAX_LISTED_PLACES: usize = 5;
/// Maximum number of characters shown of a name.
const MAX_CHARS: usize = 300;
/// Text that becomes a link or a mention on some platform, even outside of markdown.
const LINK_MARKERS: [&str; 8] = ["@", "#", "://", "www.", "!", "~", "GH-", "$"];

/// Writes the `markdown` report.
pub(super) fn write(
    report: &Report,
    rules: &[Rule],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = format!("## telleaks\n\n{} {}\n", sign(report), headline(report));
    let left_out = left_out(&report.summary);
    let said = incomplete(report).into_iter().chain(hidden(report)).chain(left_out);
    for line in said.chain(report.verdict.iter().cloned()) {
        let _ = write!(page, "\n{}\n", prose(&line));
    }
    table(report, rules, options, &mut page);
    shared_secrets(report, options, &mut page);
    unseen("Not read", &report.unseen, &mut page);
    unseen("Not read, accepted", &report.accepted, &mut page);
    plans(report, &mut page);
    out.write_all(page.as_bytes())
}

fn sign(report: &Report) -> &'static str {
    match report.findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Error) => "🔴",
        Some(Severity::Warning) => "🟠",
        Some(Severity::Note) => "🔵",
        None if report.complete() => "🟢",
        None => "🟠",
    }
}

fn hidden(report: &Report) -> Option<String> {
    let count = report.suppressed.len() as u64;
    (count > 0).then(|| format!("{} not shown here.", counted(count, "suppressed finding")))
}

fn table(report: &Report, rules: &[Rule], options: &Options, page: &mut String) {
    if report.findings.is_empty() {
        return;
    }
    page.push_str("\n| | Rule | Secret | Where | Since | Alive |\n| --- | --- | --- | --- | --- | --- |\n");
    let mut left = 0;
    for card in cards(&worst_first(&report.findings)) {
        let rule = rules.iter().find(|rule| rule.id == card.head.rule_id);
        add(&row(&card, rule, options), TABLE_END_BYTES, page, &mut left);
    }
    if left > 0 {
        let _ = write!(page, "\n{} more: a job summary has no room for all.\n", counted(left, "finding"));
    }
}

fn row(card: &Card<'_>, rule: Option<&Rule>, options: &Options) -> String {
    let finding = card.head;
    let secret = options.shown(&finding.secret);
    let name = rule.map_or(finding.rule_id.as_str(), |rule| &rule.name);
    let made = finding.key.as_ref().and_then(|key| key.created_day());
    let made = made.map(|day| format!("<br>created {day}")).unwrap_or_default();
    let named = card.others.iter().take(MAX_LISTED_PLACES).map(|one| format!("<br>{}", code(&place(one))));
    let mut more: String = named.collect();
    match card.other_count().saturating_sub(card.others.len().min(MAX_LISTED_PLACES) as u64) {
        0 => {}
        count => more.push_str(&format!("<br>and {}", counted(count, "other place"))),
    }
    format!(
        "| {} | {}<br>{} | {}{made} | {}{more} | {} | {} |\n",
        finding.severity.as_str(),
        prose(name),
        code(&finding.rule_id),
        code(&secret),
        code(&place(finding)),
        finding.git.as_ref().map(since).unwrap_or_default(),
        alive(finding),
    )
}

/// Returns the commits that introduced and removed the secret.
fn since(info: &GitInfo) -> String {
    let mut parts = Vec::new();
    if let Some(commit) = &info.commit {
        parts.push(format!("{} {}", code(short(&commit.id)), code(&since_day(commit, info))));
        parts.push(code(&commit.author));
    }
    if let Some(removed) = &info.removed_in {
        parts.push(format!("removed in {}", code(short(removed))));
    } else if info.in_head {
        parts.push("in HEAD".to_owned());
    }
    if !info.refs.is_empty() {
        let mut named: Vec<String> =
            info.refs.iter().take(MAX_LISTED_PLACES).map(|name| code(name)).collect();
        if info.refs.len() > named.len() {
            named.push(format!("and {} more", info.refs.len() - named.len()));
        }
        parts.push(format!("reached by {}", named.join(", ")));
    } else if info.reached_by != ReachedBy::Refs {
        parts.push(format!("reached by {}", info.reached_by.as_str()));
    }
    parts.join("<br>")
}

fn alive(finding: &Finding) -> String {
    match finding.liveness.as_ref().map(|liveness| liveness.status) {
        None => String::new(),
        Some(status @ (LivenessStatus::Active | LivenessStatus::Restricted)) => {
            format!("**{}**", status.as_str())
        }
        Some(status) => status.as_str().to_owned(),
    }
}

/// Lists the secrets that several of the merged reports have.
fn shared_secrets(report: &Report, options: &Options, page: &mut String) {
    let all = SharedSecrets::of(&report.findings);
    if all.is_empty() {
        return;
    }
    page.push_str("\n### The same secret in several reports\n\n");
    let mut left = 0;
    for one in &all {
        let names: Vec<String> = one.sources.iter().map(|name| code(name)).collect();
        let line =
            format!("- ⚠️ {}: {}: {}\n", code(&options.shown(&one.secret)), shared(one), names.join(", "));
        add(&line, TABLE_END_BYTES, page, &mut left);
    }
    if left > 0 {
        let _ = write!(page, "\nand {} more.\n", counted(left, "secret"));
    }
}

fn unseen(title: &str, all: &[Skipped], page: &mut String) {
    if all.is_empty() {
        return;
    }
    let _ = write!(page, "\n### {title}\n\n");
    let mut left = 0;
    for one in all {
        add(
            &format!("- {}: {}\n", code(&one.path), prose(&why_accepted(one))),
            SKIPPED_END_BYTES,
            page,
            &mut left,
        );
    }
    if left > 0 {
        let _ = write!(page, "\nand {} more.\n", counted(left, "place"));
    }
}

fn plans(report: &Report, page: &mut String) {
    if report.plans.is_empty() {
        return;
    }
    page.push_str("\n### What to do now\n\n");
    let mut left = 0;
    for plan in &report.plans {
        add(&steps(plan), PLANS_END_BYTES, page, &mut left);
    }
    left += report.unplanned as u64;
    if left > 0 {
        let _ = write!(page, "\nDo the same for {left} more.\n");
    }
    page.push_str("\nThis is advice: telleaks revokes and rewrites nothing.\n");
}

fn steps(plan: &Plan) -> String {
    let mut text = format!("<details><summary>{}</summary>\n\n", code(&plan.title));
    for fact in &plan.facts {
        let _ = writeln!(text, "{}\n", prose(fact));
    }
    for (step, number) in plan.steps.iter().zip(1..) {
        let _ = writeln!(text, "{number}. {}", prose(&step.title));
        for line in &step.lines {
            let _ = writeln!(text, "   - {}", prose(line));
        }
        if !step.commands.is_empty() {
            let _ = writeln!(text, "\n   ```sh\n   {}\n   ```\n", step.commands.join("\n   "));
        }
        if let Some(link) = step.link {
            let _ = writeln!(text, "   - <{link}>");
        }
    }
    text.push_str("\n</details>\n\n");
    text
}

/// Appends a piece if the page stays within `limit` bytes; otherwise counts it, and all later ones, in `left`.
fn add(piece: &str, limit: usize, page: &mut String, left: &mut u64) {
    if *left == 0 && page.len() + piece.len() <= limit {
        page.push_str(piece);
    } else {
        *left += 1;
    }
}

/// Formats a sentence. If a part of it could become a link, the whole sentence is written as code.
fn prose(text: &str) -> String {
    if LINK_MARKERS.iter().any(|sign| text.contains(sign)) {
        return code(&one_line(text));
    }
    entities(&clipped(&visible(&one_line(text)), 4 * MAX_CHARS))
}

/// Formats text as code, on one line and within a table cell.
fn code(text: &str) -> String {
    let text = clipped(&visible(text), MAX_CHARS);
    if text.is_empty() {
        return text;
    }
    format!("<code>{}</code>", entities(&text))
}

/// Escapes every character with a meaning in markdown or HTML as a character reference.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let sign = matches!(c, ' ' | ',' | ';' | '/' | '\'' | '.' | '(' | ')' | '?' | '%');
        let within = out.ends_with(|before: char| before.is_ascii_alphanumeric());
        let word = rest.peek().is_some_and(char::is_ascii_alphanumeric);
        let joins = within && (c == '-' || c == '_' && word);
        let colon = c == ':' && !out.is_empty() && !text.contains("://");
        // As in a path with `{id}`; other braces can mark a change in GitLab.
        let brace = (c == '{' && word) || (c == '}' && within);
        if c.is_ascii_alphanumeric() || !c.is_ascii() || sign || joins || colon || brace {
            out.push(c);
        } else {
            let _ = write!(out, "&#{};", u32::from(c));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_text_is_inert() {
        for (text, made) in [
            ("src/a.js:3", "<code>src/a.js:3</code>"),
            ("a|b`c<d>[e](f)", "<code>a&#124;b&#96;c&#60;d&#62;&#91;e&#93;(f)</code>"),
            ("@octocat #12", "<code>&#64;octocat &#35;12</code>"),
            ("https://a.example", "<code>https&#58;//a.example</code>"),
            ("*_~\\", "<code>&#42;&#95;&#126;&#92;</code>"),
        ] {
            assert_eq!(code(text), made);
        }
        assert_eq!(prose("- a\nb"), "&#45; a b");
        assert_eq!(prose("see @octocat"), "<code>see &#64;octocat</code>");
        assert_eq!(code(""), "");
    }
}
