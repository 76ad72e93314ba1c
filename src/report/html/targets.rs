//! The page of `audit --targets`: counts, the repositories with the worst first, and the secrets that several of them have.
//! It has no script.

use std::io::{self, Write};

use super::super::Options;
use super::super::phrases::{counted, grouped, short};
use super::super::records::TargetSummary;
use super::super::xml_escape::escaped;
use super::{list, plain_page};
use crate::finding::SharedSecret;

/// Maximum number of rows on a page. More would make it slow.
const MAX_ROWS: usize = 10_000;

/// Writes the page. `targets` is put into order: most errors first, then most warnings, then those that were not read.
///
/// # Errors
/// Returns the I/O error if `out` cannot be written.
pub fn write_targets_page(
    targets: &mut [TargetSummary],
    shared: &[SharedSecret],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    targets.sort_by_cached_key(|one| {
        let counts = (one.errors, one.warnings, one.status != "ok", one.notes);
        (std::cmp::Reverse(counts), one.target.clone())
    });
    let at = format!("{:.0}", options.ended).replace('T', " ").replace('Z', " UTC");
    let count = counted(targets.len() as u64, "repository").replace("repositorys", "repositories");
    plain_page(&format!("Audit of {count}"), &at, out)?;
    verdict(targets, shared, out)?;
    table(targets, out)?;
    let named = shared.iter().map(|one| {
        let names: Vec<&str> = one.sources.iter().map(String::as_str).collect();
        (
            options.shown(&one.secret),
            format!(
                "{}: {}",
                counted(names.len() as u64, "repository").replace("repositorys", "repositories"),
                names.join(", ")
            ),
        )
    });
    list("Secrets in several repositories", named, shared.len(), out)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

/// Writes the verdict: how many repositories have leaks, and how many were not read completely.
fn verdict(targets: &[TargetSummary], shared: &[SharedSecret], out: &mut dyn Write) -> io::Result<()> {
    let count = |is: &dyn Fn(&TargetSummary) -> bool| targets.iter().filter(|one| is(one)).count() as u64;
    let leaking = count(&|one| one.errors > 0);
    let doubtful = count(&|one| one.errors == 0 && one.warnings > 0);
    let unread = count(&|one| one.status != "ok");
    let class = match (leaking, doubtful + unread) {
        (0, 0) => "good",
        (0, _) => "warning",
        _ => "error",
    };
    let mut lines = match leaking {
        0 => vec!["No repository has an error.".to_owned()],
        _ => vec![format!(
            "{} of {} have errors: revoke these keys first.",
            grouped(leaking),
            grouped(targets.len() as u64)
        )],
    };
    if doubtful > 0 {
        lines.push(format!("With warnings only: {}.", grouped(doubtful)));
    }
    if unread > 0 {
        lines.push(format!("Not read, or not completely: {}; this is not a clean result.", grouped(unread)));
    }
    if !shared.is_empty() {
        lines.push(format!("{} in several repositories.", counted(shared.len() as u64, "secret")));
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
    writeln!(out, "<div class=\"verdict {class}\">{}</div>", lines.join("\n"))
}

fn table(targets: &[TargetSummary], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<h2>Repositories</h2>\n<table class=\"targets\">\n<thead><tr><th>Repository</th><th>Status</th>"
    )?;
    writeln!(
        out,
        "<th>Errors</th><th>Warnings</th><th>Notes</th><th>Not read</th><th>Commit</th></tr></thead>\n<tbody>"
    )?;
    for one in targets.iter().take(MAX_ROWS) {
        let class = match (one.errors, one.warnings) {
            (0, 0) => "",
            (0, _) => "warning",
            _ => "error",
        };
        let number = |count: usize| if count == 0 { String::new() } else { grouped(count as u64) };
        let reason = if one.reason.is_empty() {
            String::new()
        } else {
            format!("<br><span class=\"soft\">{}</span>", escaped(&one.reason))
        };
        writeln!(
            out,
            "<tr class=\"{class}\"><th class=\"mono\">{}</th><td>{}{reason}</td><td class=\"word\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"mono\">{}</td></tr>",
            escaped(&one.target),
            one.status,
            number(one.errors),
            number(one.warnings),
            number(one.notes),
            number(one.unreadable),
            escaped(short(&one.head)),
        )?;
    }
    writeln!(out, "</tbody>\n</table>")?;
    if targets.len() > MAX_ROWS {
        let more = grouped((targets.len() - MAX_ROWS) as u64);
        writeln!(out, "<p class=\"soft\">{more} more are in the lines of the report.</p>")?;
    }
    Ok(())
}
