//! From what each file held to a report: one finding for each secret, rule and path, with all its other places.
//!
//! It is the visitor that the walk calls from many threads; it reads nothing by itself and prints nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::detect::{Detector, Found, Scan, Scratch};
use crate::finding::{Finding, Location, Unseen};
use crate::report::{Report, Summary};
use crate::source::{Label, Visitor};

/// Other places that one finding lists; beyond them it only counts. A key in thousands of files would otherwise make
/// a report of millions of places.
const LISTED: usize = 100;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Gathers what is found, from any number of threads.
pub struct Collector<'a> {
    detector: &'a Detector,
    findings: Mutex<Vec<Finding>>,
    unseen: Mutex<Vec<Unseen>>,
    notices: Mutex<Vec<String>>,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl<'a> Collector<'a> {
    /// An empty collector for what `detector` finds.
    pub fn new(detector: &'a Detector) -> Self {
        Self {
            detector,
            findings: Mutex::default(),
            unseen: Mutex::default(),
            notices: Mutex::default(),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// Everything that was gathered, in report order, the same for any number of threads; and what is worth a word
    /// on standard error without being part of a report.
    pub fn finish(self) -> (Report, Vec<String>) {
        let mut findings = self.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        join(&mut findings);
        let mut unseen = self.unseen.into_inner().unwrap_or_else(PoisonError::into_inner);
        unseen.sort();
        unseen.dedup();
        let summary =
            Summary { files_scanned: self.files.into_inner(), bytes_scanned: self.bytes.into_inner() };
        let mut notices = self.notices.into_inner().unwrap_or_else(PoisonError::into_inner);
        notices.sort();
        (Report { findings, unseen, summary }, notices)
    }

    fn keep(&self, path: &str, found: Vec<Found>) {
        let rules: Vec<_> = self.detector.rules().collect();
        let mut new: Vec<Finding> = Vec::new();
        let mut known: HashMap<(usize, String), usize> = HashMap::new();
        for one in found {
            let rule = rules[one.rule];
            let location = Location { path: path.to_owned(), ..one.location };
            match known.entry((one.rule, one.secret.sha256())) {
                Entry::Occupied(entry) => {
                    let finding = &mut new[*entry.get()];
                    if finding.occurrences.len() < LISTED {
                        finding.occurrences.push(location);
                    } else {
                        finding.unlisted += 1;
                    }
                }
                Entry::Vacant(entry) => {
                    entry.insert(new.len());
                    new.push(Finding {
                        rule_id: rule.id.clone(),
                        severity: one.severity,
                        confidence: one.confidence,
                        message: message(&rule.message, one.reason.as_deref()),
                        secret: one.secret,
                        key: one.key,
                        location,
                        encoding: one.encoding,
                        occurrences: Vec::new(),
                        unlisted: 0,
                        excerpt: one.excerpt,
                    });
                }
            }
        }
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).append(&mut new);
    }
}

impl Visitor for Collector<'_> {
    fn visit(&self, label: &Label<'_>, _size: Option<u64>, reader: &mut dyn Read) -> io::Result<()> {
        let scan = SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => self.detector.scan_reader(reader, &mut scratch),
            // Only after a panic inside the detector; a fresh buffer does.
            Err(_) => self.detector.scan_reader(reader, &mut Scratch::default()),
        });
        let Scan { found, bytes, unseen, error } = scan;
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if !found.is_empty() {
            self.keep(&label.to_string(), found);
        }
        for reason in unseen {
            self.unseen(label.to_string(), reason);
        }
        error.map_or(Ok(()), Err)
    }

    fn unseen(&self, label: String, reason: String) {
        let one = Unseen { path: label, reason };
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }

    fn notice(&self, label: String, message: String) {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{label}: {message}"));
    }
}

/// The rule's sentence, and why this finding counts for less.
fn message(rule: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| rule.to_owned(), |reason| format!("{rule} ({reason})"))
}

/// Tells each finding of every other place of its secret.
fn join(findings: &mut [Finding]) {
    let mut places: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (index, finding) in findings.iter().enumerate() {
        places.entry((finding.rule_id.clone(), finding.secret.sha256())).or_default().push(index);
    }
    for indices in places.into_values().filter(|indices| indices.len() > 1) {
        let count = |index: &usize| 1 + findings[*index].occurrence_count();
        let total: u64 = indices.iter().map(count).sum();
        let listed: Vec<(usize, Location)> = indices
            .iter()
            .flat_map(|&index| places_of(&findings[index]).map(move |place| (index, place.clone())))
            .take(2 * LISTED + 1)
            .collect();
        for &index in &indices {
            let room = LISTED.saturating_sub(findings[index].occurrences.len());
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
