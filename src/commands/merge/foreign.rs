//! Findings of other scanners become findings of telleaks where its rules recognise the secret.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::detect::{Detector, Match};
use crate::fault_injection;
use crate::finding::{Commit, Finding, GitInfo, Location, ReachedBy, Report, Skipped};
use crate::report::{Foreign, ForeignFinding, read_foreign, visible};
use crate::scan::Scanner;
use crate::unpack::Limits;

/// Maximum size in bytes of a file that is read to find a secret at its place.
const MAX_FILE: u64 = 64 << 20;

/// Reads reports of other scanners.
pub(super) struct Importer<'a> {
    scanner: Scanner<'a>,
    /// Files are read in this folder only: a report can name any path.
    here: Option<PathBuf>,
    /// The last file that was read, and what the rules find in it.
    last: (String, Vec<Match>),
    /// Texts for standard error.
    pub(super) notices: Vec<String>,
}

impl<'a> Importer<'a> {
    pub(super) fn new(detector: &'a Detector) -> Self {
        let here = std::env::current_dir().and_then(|here| telleaks_platform::canonicalize(&here)).ok();
        Self {
            scanner: Scanner::new(detector, Limits::default()),
            here,
            last: Default::default(),
            notices: Vec::new(),
        }
    }

    /// Reads one report.
    pub(super) fn report(&mut self, tool: &str, path: &Path) -> Result<(String, Report)> {
        let known = || {
            let names = Foreign::value_variants().iter().map(|one| one.name());
            format!(
                "--from {}: not a known scanner; known are {}",
                visible(tool),
                names.collect::<Vec<_>>().join(", ")
            )
        };
        let tool = Foreign::from_str(tool, true).ok().with_context(known)?;
        let name = path.to_string_lossy().into_owned();
        let mut report = Report { may_be_empty: true, ..Report::default() };
        let (all, mut masked, mut ours) = (read_foreign(path, tool)?, 0, 0);
        let mut known = HashSet::new();
        for one in &all {
            let mut found = self.recognised(one);
            let is_recognised = !found.is_empty();
            // Some scanners list a secret once for each of their rules.
            found.retain(|finding| known.insert(Identity::of(finding)));
            if !is_recognised && one.is_masked {
                masked += 1;
                let reason = format!("{} masked the secret, and the file does not hold it here", tool.name());
                let label = format!("{}:{}", self.label(&one.path), one.lines.0);
                report.unseen.push(Skipped::new(label, reason));
            }
            ours += usize::from(is_recognised);
            report.findings.extend(found);
        }
        report.unseen.sort();
        report.unseen.dedup();
        self.notices.push(format!(
            "{name}: findings of {}: {}; recognised: {ours}, masked: {masked}, of other credentials and left out: {}",
            tool.name(),
            all.len(),
            all.len() - ours - masked
        ));
        Ok((name, report))
    }

    /// Returns the findings of telleaks for a finding of another scanner: at its place in the file, if the file is here,
    /// else in the text of the report.
    fn recognised(&mut self, one: &ForeignFinding) -> Vec<Finding> {
        let label = self.label(&one.path);
        let mut found = if one.commit.is_none() { self.in_file(one) } else { Vec::new() };
        let is_in_file = !found.is_empty();
        if !is_in_file {
            found = self.in_text(one);
        }
        let mut findings = self.scanner.grouped(&label, found);
        for finding in &mut findings {
            if !is_in_file {
                let first = one.lines.0.max(1);
                finding.location = Location {
                    start_line: first,
                    end_line: one.lines.1.max(first),
                    ..Location::of_first_byte(&label)
                };
                finding.occurrences.clear();
                finding.excerpt = Default::default();
            }
            finding.git = one.commit.as_ref().map(|commit| self.history(commit, &label));
        }
        findings
    }

    /// Returns the path of a file as reports name it: relative to the current folder if it is there, with secrets masked.
    fn label(&self, path: &str) -> String {
        let below = self.here.as_deref().and_then(|here| Path::new(path).strip_prefix(here).ok());
        let path = below.map_or_else(|| path.to_owned(), |below| below.to_string_lossy().replace('\\', "/"));
        self.scanner.masked(&path).into_owned()
    }

    /// Returns the matches on the lines of a finding in its file, if they are what was found.
    fn in_file(&mut self, one: &ForeignFinding) -> Vec<Match> {
        if self.last.0 != one.path {
            let found = self.file(&one.path).map(|bytes| self.scanner.scan_bytes(&one.path, &bytes).found);
            self.last = (one.path.clone(), found.unwrap_or_default());
        }
        let (first, last) = one.lines;
        let is_meant = |found: &&Match| {
            let secret = found.secret.expose();
            let is_same = |text: &String| text.contains(secret) || secret.contains(text.as_str());
            let Location { path, start_line, end_line, .. } = &found.location;
            path.is_empty()
                && *start_line <= last
                && first <= *end_line
                && one.secret.as_ref().is_none_or(is_same)
        };
        self.last.1.iter().filter(is_meant).cloned().collect()
    }

    /// Returns the content of a file in the current folder.
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        let real = telleaks_platform::canonicalize(Path::new(path)).ok()?;
        let metadata = std::fs::metadata(&real).ok()?;
        let is_here = self.here.as_ref().is_some_and(|here| real.starts_with(here));
        let is_read = is_here && metadata.is_file() && metadata.len() <= MAX_FILE;
        // A pipe or a device that a report names is not opened.
        if is_read { fault_injection::read_file(&real).ok() } else { None }
    }

    /// Returns the matches in the text of a report. The name of the rule counts as context.
    fn in_text(&self, one: &ForeignFinding) -> Vec<Match> {
        let texts = [one.around.as_deref(), one.secret.as_deref()];
        let texts: Vec<&str> = texts.into_iter().flatten().collect();
        let named = texts.iter().map(|text| format!("{}\n{text}\n", one.rule));
        let all = texts.iter().map(|text| (*text).to_owned()).chain(named);
        let mut scans = all.map(|text| {
            let mut found = self.scanner.scan_text(text.as_bytes()).found;
            if let Some(secret) = &one.secret {
                let is_same = |found: &str| secret.contains(found) || found.contains(secret.as_str());
                found.retain(|found| is_same(found.secret.expose()) || !found.encoding.is_empty());
            }
            found
        });
        scans.find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// Returns the provenance of a finding in history, with secrets masked.
    fn history(&self, commit: &Commit, path: &str) -> GitInfo {
        let masked = |text: &str| self.scanner.masked(text).into_owned();
        let Commit { id, author, date, subject } = commit;
        GitInfo {
            blob: None,
            commit: Some(Commit {
                id: masked(id),
                author: masked(author),
                date: masked(date),
                subject: masked(subject),
            }),
            or_earlier: false,
            path: Some(path.to_owned()),
            first_seen: None,
            last_seen: None,
            removed_in: None,
            exposure_days: None,
            head_days: None,
            in_head: false,
            refs: Vec::new(),
            reached_by: ReachedBy::Refs,
            versions: 1,
        }
    }
}

/// What identifies a finding in a report.
#[derive(PartialEq, Eq, Hash)]
struct Identity {
    rule: String,
    secret: String,
    path: String,
    line: u64,
    commit: Option<String>,
}

impl Identity {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule_id.clone(),
            secret: finding.secret.sha256(),
            path: finding.location.path.clone(),
            line: finding.location.start_line,
            commit: finding.git.as_ref().and_then(|git| Some(git.commit.as_ref()?.id.clone())),
        }
    }
}
