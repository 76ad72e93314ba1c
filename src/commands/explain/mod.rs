//! `telleaks explain`: why something in a file was or was not reported.
//!
//! Scans the file as `telleaks scan FILE` does, with a detector that also records rejected anchors, and reports whether
//! a scan of the directory would read the file.

mod document;
mod place;
mod words;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::config_root::Root;
use super::pipeline::{detector, limits};
use super::suppression_setup::{of_project, with_files};
use super::{Console, Exit, is_closed_pipe};
use crate::cli::{ExplainArgs, ListFormat};
use crate::detect::TracedAnchor;
use crate::finding::Report;
use crate::report::{path_at_line_start, visible};
use crate::rules::{Rule, RuleSet};
use crate::scan::{Collector, InlinePolicy, Scanner};
use crate::source::{self, Reach};
use crate::suppress;

use document::{Document, ExplainedMatch, Item, RejectedAnchor};
use place::Place;

/// Returns the file of an argument of `telleaks explain`.
pub(super) fn file_of(place: &OsStr) -> PathBuf {
    Place::of(place).file
}

pub(super) fn run(args: &ExplainArgs, console: &mut Console<'_>) -> Result<Exit> {
    let place = Place::of(&args.place);
    ensure!(!place.file.is_dir(), "{}: a folder; name a file in it", visible(&place.file.to_string_lossy()));
    let root = Root::containing(&place.file);
    let known = with_files(&args.project.rules.files)?;
    refuse_rule(&place, &known)?;
    refuse_line(&place)?;
    let (set, hidden) = of_project(&args.project, &root, &known)?;
    let FileScan { mut report, traced, name } = scan_file(args, &place, &set, true)?;
    let paths = root.paths(std::slice::from_ref(&place.file));
    let mut used = suppress::apply(&mut report, &hidden, &paths);
    suppress::accept(&mut report, &hidden, &paths, &mut used);
    let mut document = Document::new(name, place.line, Reach::of(&place.file));
    document.bytes_scanned = report.summary.bytes_scanned;
    for (findings, status) in [(&report.findings, "reported"), (&report.suppressed, "hidden")] {
        findings.iter().for_each(|finding| document.add_finding(finding, status, &place));
    }
    let names: Vec<&Rule> = set.rules.iter().collect();
    document.add_anchors(traced, &names, &place);
    let complete = report.unseen.is_empty();
    document.add_unseen(report.unseen);
    document.add_unseen(report.accepted);
    let all = known.all();
    add_switched_off(&mut document, args, &place, known, &set)?;
    document.add_docs(&all);
    document.sort();
    match write(&document, args.format, console) {
        Err(error) if !is_closed_pipe(&error) => {
            return Err(error).context("cannot write to standard output");
        }
        _ => {}
    }
    Ok(if complete { Exit::Clean } else { Exit::Incomplete })
}

/// Rejects a rule id given in place of a file, and suggests the command that prints a rule.
fn refuse_rule(place: &Place, known: &RuleSet) -> Result<()> {
    let name = place.file.to_string_lossy();
    let is_rule = !place.file.exists() && known.known.iter().any(|id| *id == name);
    ensure!(!is_rule, "{name}: a rule, not a file; telleaks rules show {name} prints it");
    Ok(())
}

/// Rejects a line that a text file does not have. Lines of members of archives are not counted.
fn refuse_line(place: &Place) -> Result<()> {
    let Some(line) = place.line.filter(|_| place.member.is_empty() && place.file.is_file()) else {
        return Ok(());
    };
    let text = crate::fault_injection::read_file(&place.file).unwrap_or_default();
    // Any byte that ends a line in some encoding counts, so that no line is rejected that exists.
    let open = u64::from(!matches!(text.last(), Some(b'\n' | b'\r') | None));
    let count = open + text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
    let name = visible(&place.file.to_string_lossy()).into_owned();
    ensure!(
        line <= count,
        "{name}:{line}: the file has fewer lines ({count}); name the file to see all of it"
    );
    Ok(())
}

/// Result of scanning the file.
struct FileScan {
    report: Report,
    traced: Vec<TracedAnchor>,
    /// The path of the file, with secrets masked.
    name: String,
}

/// Scans the file with the rules of `set`.
fn scan_file(args: &ExplainArgs, place: &Place, set: &RuleSet, trace: bool) -> Result<FileScan> {
    let mut detector = detector(set, false)?;
    if trace {
        detector = detector.traced();
    }
    let inspector =
        Scanner::new(&detector, limits(&args.inside, None)).with_comments(InlinePolicy::Honor, set);
    let collector = Collector::new(&inspector);
    // One thread: a file that is scanned in parallel chunks records no trace.
    let options = source::Options { paths: vec![place.file.clone()], threads: 1, ..Default::default() };
    source::run(&options, &collector)?;
    let mut traced = collector.take_traced();
    let word = set.ignore.as_ref().map(|rule| &rule.id);
    let rules: Vec<&String> = inspector.detector().rules().map(|rule| &rule.id).collect();
    traced.retain(|one| Some(rules[one.rule]) != word);
    let name = inspector.masked(&place.file.to_string_lossy()).into_owned();
    Ok(FileScan { report: collector.finish().0, traced, name })
}

/// Adds what disabled rules would have found.
fn add_switched_off(
    document: &mut Document,
    args: &ExplainArgs,
    place: &Place,
    known: RuleSet,
    set: &RuleSet,
) -> Result<()> {
    let mut off = known;
    off.rules.retain(|rule| !set.rules.iter().any(|used| used.id == rule.id));
    document.switched_off = off.rules.iter().map(|rule| rule.id.clone()).collect();
    if !off.rules.is_empty() {
        let off = scan_file(args, place, &off, false)?;
        off.report.findings.iter().for_each(|finding| document.add_finding(finding, "off", place));
    }
    Ok(())
}

fn write(document: &Document, format: ListFormat, console: &mut Console<'_>) -> io::Result<()> {
    if format == ListFormat::Json {
        serde_json::to_writer_pretty(&mut *console.out, document)?;
        writeln!(console.out)?;
        return console.out.flush();
    }
    write_head(document, console.out)?;
    for one in document.in_order() {
        match one {
            Item::Match(told) => write_match(told, console.out)?,
            Item::Anchor(anchored) => write_anchor(anchored, console.out)?,
        }
    }
    if document.more_anchors > 0 {
        let count = document.more_anchors;
        writeln!(
            console.out,
            "\nToo short to be a credential: {count} more. FILE:LINE lists those of a line."
        )?;
    }
    console.out.flush()
}

fn write_head(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let Document { path, scope, bytes_scanned, .. } = document;
    let line = document.line.map_or_else(String::new, |line| format!(":{line}"));
    writeln!(out, "{}{line}: {}", path_at_line_start(path), words::answer(document))?;
    let reads = if scope.read { "reads this file" } else { "does not read this file" };
    writeln!(out, "A scan of the folder {reads}: {}.", visible(&scope.reason))?;
    writeln!(out, "{bytes_scanned} bytes were searched.")?;
    if !document.switched_off.is_empty() {
        writeln!(out, "Switched off: {}.", document.switched_off.join(", "))?;
    }
    for one in &document.unreadable {
        let accepted = one.accepted.as_ref().map(|by| format!(" (accepted by {by})")).unwrap_or_default();
        writeln!(out, "Not read: {}: {}{}", visible(&one.path), visible(&one.reason), visible(&accepted))?;
    }
    Ok(())
}

fn write_match(told: &ExplainedMatch, out: &mut dyn Write) -> io::Result<()> {
    let ExplainedMatch { rule_id, severity, status, secret, at, reason, docs, .. } = told;
    let what = if *status == "off" { "would be reported, but the rule is switched off" } else { status };
    writeln!(out, "\n{}:{}:{}: {what}: {severity} {rule_id}", visible(&at.path), at.line, at.column)?;
    writeln!(out, "    {}", visible(secret))?;
    for line in reason.iter().chain(docs) {
        writeln!(out, "    {}", visible(line))?;
    }
    Ok(())
}

fn write_anchor(anchored: &RejectedAnchor, out: &mut dyn Write) -> io::Result<()> {
    let RejectedAnchor { at, anchor, encoding, refused, .. } = anchored;
    let what =
        if anchor.is_empty() { "a value".to_owned() } else { format!("{anchor}, as a credential begins") };
    let layers: Vec<&str> = encoding.iter().rev().copied().collect();
    let form = if layers.is_empty() { String::new() } else { format!(", in {}", layers.join(" in ")) };
    let place = (visible(&at.path), at.line, at.column);
    writeln!(out, "\n{}:{}:{}: not reported: {what}{form}", place.0, place.1, place.2)?;
    for one in refused {
        writeln!(out, "    {}: {}", one.rules.join(", "), visible(&one.reason))?;
    }
    Ok(())
}
