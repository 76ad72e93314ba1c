//! From scan results to a report: collects the findings of all inputs and lists the other locations of each secret.
//!
//! [`Collector`] is the visitor that the walk calls from many threads. Does not open files and does not print.

mod code_scanning;
mod container;
mod findings;
mod github_line_hash;
mod inline;
mod joined;
mod long;
mod member_path;
mod odb_scanner;
mod sampled;
mod scanner;
mod second_pass;
mod skipped;

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::detect::{Scan, TracedAnchor};
use crate::finding::{Finding, Location, SkipLog, Skipped};
use crate::finding::{Report, Summary};
use crate::input::Content;
use crate::progress::Progress;
use crate::source::{Label, Visitor};

use findings::{digest_of, united};
pub use inline::InlinePolicy;
pub use odb_scanner::{OdbScanner, Secrets, State};
pub use scanner::Scanner;

/// Maximum number of other locations that one finding lists; more are only counted. A key in thousands of files would
/// otherwise make a report of millions of locations.
const MAX_OCCURRENCES: usize = 100;
/// Maximum number of matches kept of one file with its members, and the number of findings from which on [`Collector`]
/// bounds each further file. A longer report would not be usable.
const MAX_MATCHES: usize = 100_000;

/// Findings kept per file even after [`MAX_MATCHES`] findings in total.
const MIN_FINDINGS_PER_FILE: usize = 100;

/// Collects scan results from any number of threads.
pub struct Collector<'a> {
    inspector: &'a Scanner<'a>,
    findings: Mutex<Vec<Finding>>,
    unseen: Mutex<Vec<Skipped>>,
    notices: Mutex<Vec<String>>,
    traced: Mutex<Vec<TracedAnchor>>,
    files: AtomicU64,
    git_files: AtomicU64,
    objects: AtomicU64,
    bytes: AtomicU64,
    links: AtomicU64,
    progress: Progress,
}

impl<'a> Collector<'a> {
    /// Creates an empty collector for the results of `inspector`.
    pub fn new(inspector: &'a Scanner<'a>) -> Self {
        Self {
            inspector,
            findings: Mutex::default(),
            unseen: Mutex::default(),
            notices: Mutex::default(),
            traced: Mutex::default(),
            files: AtomicU64::new(0),
            git_files: AtomicU64::new(0),
            objects: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            links: AtomicU64::new(0),
            progress: Progress::default(),
        }
    }

    /// Sets the display of progress, which [`Self::finish`] ends.
    #[must_use]
    pub fn with_progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Returns the display of progress.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Returns the report, in a deterministic order, and the notices for standard error, which are not part of the
    /// report.
    pub fn finish(self) -> (Report, Vec<String>) {
        let mut findings = self.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !findings.is_sorted_by(|a, b| a.order() <= b.order()) {
            findings.sort_by(|a, b| a.order().cmp(&b.order()));
        }
        let mut findings = united(findings);
        let mut suppressed: Vec<Finding> =
            findings.extract_if(.., |finding| finding.suppression.is_some()).collect();
        join(&mut findings);
        join(&mut suppressed);
        let mut unseen = self.unseen.into_inner().unwrap_or_else(PoisonError::into_inner);
        unseen.sort();
        unseen.dedup();
        let summary = Summary {
            files_scanned: self.files.into_inner(),
            git_files_scanned: self.git_files.into_inner(),
            objects_scanned: self.objects.into_inner(),
            bytes_scanned: self.bytes.into_inner(),
            links_not_followed: self.links.into_inner(),
            not_checked_out: 0,
        };
        self.progress.end();
        let mut notices = self.notices.into_inner().unwrap_or_else(PoisonError::into_inner);
        notices.sort();
        (Report { findings, suppressed, unseen, summary, ..Report::default() }, notices)
    }

    /// Returns the anchors that did not lead to a match, if the detector records them. Their paths are relative to the
    /// input.
    pub fn take_traced(&self) -> Vec<TracedAnchor> {
        std::mem::take(&mut *self.traced.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds findings that were made elsewhere.
    pub fn add(&self, mut findings: Vec<Finding>) {
        let mut known = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            *known = findings;
        } else {
            known.append(&mut findings);
        }
    }

    /// Drops the findings so far for which `keep` returns false.
    pub fn retain(&self, keep: impl FnMut(&Finding) -> bool) {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).retain(keep);
    }

    /// Counts files that were scanned elsewhere, and their bytes.
    pub fn count(&self, files: u64, bytes: u64) {
        self.files.fetch_add(files, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts a file that was scanned as one of a git directory.
    pub fn count_git_file(&self) {
        self.git_files.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts git objects that were scanned, and their bytes.
    pub fn count_objects(&self, objects: u64, bytes: u64) {
        self.objects.fetch_add(objects, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Records a notice for standard error, which is not part of the report. Secrets in it are masked.
    pub fn remark(&self, text: String) {
        let text = self.inspector.masked(&text).into_owned();
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    /// Records an input as skipped. Secrets in both texts are masked: a path can contain one.
    pub fn missed(&self, path: impl AsRef<str>, reason: impl AsRef<str>) {
        self.missed_one(Skipped::new(path.as_ref(), reason.as_ref()));
    }

    fn missed_one(&self, mut one: Skipped) {
        one.path = self.inspector.masked(&one.path).into_owned();
        one.reason = self.inspector.masked(&one.reason).into_owned();
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }

    /// Scans one input and keeps its findings under `path`. `size` is its length in bytes, if known.
    ///
    /// # Errors
    /// Returns the I/O error of `content`; matches found before the error are kept.
    pub fn search(
        &self,
        path: &dyn Fn() -> String,
        size: Option<u64>,
        content: &mut dyn Content,
    ) -> io::Result<()> {
        let (scan, idle) = self.inspector.scan_sized(path, size, content);
        let Scan { found, bytes, unseen, traced, error } = scan;
        self.count(1, bytes);
        if !idle.is_empty() {
            self.add(self.inspector.remarks(&self.inspector.masked(&path()), idle));
        }
        if !found.is_empty() {
            let path = self.inspector.masked(&path()).into_owned();
            let mut findings = self.inspector.grouped(&path, found);
            self.bound(&path, &mut findings);
            self.add(findings);
        }
        if !traced.is_empty() {
            self.traced.lock().unwrap_or_else(PoisonError::into_inner).extend(traced);
        }
        if !unseen.is_empty() {
            self.missed_in(&path(), &unseen);
        }
        error.map_or(Ok(()), Err)
    }

    /// Truncates the findings of one file if there are too many in total, and records how many were dropped.
    fn bound(&self, path: &str, findings: &mut Vec<Finding>) {
        let known = self.findings.lock().unwrap_or_else(PoisonError::into_inner).len();
        let room = MAX_MATCHES.saturating_sub(known).max(MIN_FINDINGS_PER_FILE);
        if findings.len() > room {
            let reason = format!("{} more findings in this file are not listed", findings.len() - room);
            findings.truncate(room);
            self.missed(path, reason);
        }
    }

    /// Records what was skipped inside the input at `path`.
    pub fn missed_in(&self, path: &str, unseen: &[Skipped]) {
        for one in unseen {
            self.missed_one(Skipped { path: format!("{path}{}", one.path), ..one.clone() });
        }
    }
}

impl SkipLog<String> for Collector<'_> {
    fn skipped(&self, label: String, reason: String) {
        self.missed(label, reason);
    }
}

impl Visitor for Collector<'_> {
    fn visit(&self, label: &Label<'_>, size: Option<u64>, content: &mut dyn Content) -> io::Result<()> {
        self.search(&|| label.to_string(), size, content)
    }

    fn metadata(&self, path: &dyn Fn() -> String, text: &[u8]) {
        if !self.inspector.suspicious(text) {
            return;
        }
        let Scan { found, unseen, .. } = self.inspector.scan_text(text);
        if !found.is_empty() {
            let path = self.inspector.masked(&path()).into_owned();
            let mut findings = self.inspector.grouped(&path, found);
            self.bound(&path, &mut findings);
            self.add(findings);
        }
        self.missed_in(&path(), &unseen);
    }

    fn link(&self) {
        self.links.fetch_add(1, Ordering::Relaxed);
    }

    fn notice(&self, label: String, message: String) {
        self.remark(format!("{label}: {message}"));
    }
}

/// Fills in `occurrences` of each finding: the other locations of the same secret.
fn join(findings: &mut [Finding]) {
    let digest = |finding: &Finding| digest_of(&[&finding.rule_id, &finding.secret.sha256()]);
    let mut places: Vec<([u8; 32], usize)> =
        findings.iter().enumerate().map(|(index, finding)| (digest(finding), index)).collect();
    places.sort_unstable();
    for same in places.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() > 1) {
        let indices: Vec<usize> = same.iter().map(|(_, index)| *index).collect();
        let count = |index: &usize| 1 + findings[*index].occurrence_count();
        let total: u64 = indices.iter().map(count).sum();
        let listed: Vec<(usize, Location)> = indices
            .iter()
            .flat_map(|&index| places_of(&findings[index]).map(move |place| (index, place.clone())))
            .take(2 * MAX_OCCURRENCES + 1)
            .collect();
        for &index in &indices {
            let room = MAX_OCCURRENCES.saturating_sub(findings[index].occurrences.len());
            let others =
                listed.iter().filter(|(of, _)| *of != index).take(room).map(|(_, place)| place.clone());
            let others: Vec<Location> = others.collect();
            findings[index].occurrences.extend(others);
            findings[index].unlisted = total - 1 - findings[index].occurrences.len() as u64;
        }
    }
}

fn places_of(finding: &Finding) -> impl Iterator<Item = &Location> {
    std::iter::once(&finding.location).chain(&finding.occurrences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detector;
    use crate::rules;
    use crate::unpack::Limits;

    #[test]
    fn skipped_paths_are_masked() {
        let key = format!("KEY{}_{}", "0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG");
        let detector = Detector::new(rules::builtin().unwrap(), false).unwrap();
        let inspector = Scanner::new(&detector, Limits::default());
        let collector = Collector::new(&inspector);
        collector.missed(format!("a/{key}.txt"), format!("first: a/{key}.txt"));
        collector.remark(format!("a/{key}.txt: a word"));
        let (report, notices) = collector.finish();
        let said = format!("{:?} {notices:?}", report.unseen);
        assert_eq!(said.matches("KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E_hw…dG.txt").count(), 3, "{said}");
    }
}
