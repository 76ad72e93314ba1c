//! Merges several reports into one, without duplicates. The order of the inputs does not matter, nor do duplicate
//! inputs.
//!
//! A secret of one rule at one path is one finding, as in a scan; findings with different git provenance stay separate,
//! so that the same path in two repositories gives two findings. Facts that only one report has are kept. Does not
//! judge findings or write output.

mod align;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, GitInfo, Location, Skipped};
use crate::finding::{Report, Summary};

pub use align::align;

/// Maximum number of other locations that a finding lists, as in a scan.
const MAX_LISTED: usize = 100;

/// Identity of a finding: path, rule, digest of the secret, and the commit and blob if git provenance is known.
type Identity = (String, String, String, Option<(Option<String>, Option<String>)>);

/// Merges reports, each with its name. Equal reports count once. The counts of the others are added up, since it is
/// unknown whether two scans read the same files.
pub fn merge(inputs: Vec<(String, Report)>) -> Report {
    let mut inputs = distinct(inputs);
    if inputs.len() == 1
        && let Some((_, report)) = inputs.pop()
    {
        return report;
    }
    let mut out = Report { may_be_empty: true, ..Report::default() };
    let (mut findings, mut suppressed) = (Vec::new(), Vec::new());
    let (mut unseen, mut accepted) = (BTreeSet::new(), BTreeSet::new());
    for (name, report) in inputs {
        if !report.complete() && report.unseen.is_empty() {
            unseen.insert(Skipped::new(name.clone(), "according to this report, nothing was scanned"));
        }
        out.may_be_empty &= report.complete();
        out.summary = sum(out.summary, report.summary);
        findings.extend(report.findings.into_iter().map(|mut finding| {
            if finding.sources.is_empty() {
                finding.sources.push(name.clone());
            }
            finding
        }));
        suppressed.extend(report.suppressed);
        unseen.extend(report.unseen);
        accepted.extend(report.accepted);
    }
    out.findings = merge_findings(findings);
    let open: BTreeSet<Identity> = out.findings.iter().map(identity).collect();
    out.suppressed = merge_findings(suppressed);
    // A finding that only some reports suppress is not suppressed.
    out.suppressed.retain(|finding| !open.contains(&identity(finding)));
    // A skipped input that only some reports accept is not accepted.
    let open: BTreeSet<(&String, &String)> = unseen.iter().map(|one| (&one.path, &one.reason)).collect();
    accepted.retain(|one: &Skipped| !open.contains(&(&one.path, &one.reason)));
    out.unseen = unseen.into_iter().collect();
    out.accepted = accepted.into_iter().collect();
    out
}

/// Removes duplicate inputs and sorts the rest deterministically.
fn distinct(inputs: Vec<(String, Report)>) -> Vec<(String, Report)> {
    let mut known: BTreeMap<String, (String, Report)> = BTreeMap::new();
    for (name, report) in inputs {
        // The debug text contains everything in a report, but masks secrets; so add their digests.
        let digests: Vec<String> = all(&report).map(|finding| finding.secret.sha256()).collect();
        let whole: Vec<bool> = all(&report).map(|finding| finding.secret.is_whole()).collect();
        let words = format!("{report:?} {digests:?} {whole:?}");
        let entry = known.entry(words).or_insert_with(|| (name.clone(), report));
        if name < entry.0 {
            entry.0 = name;
        }
    }
    known.into_values().collect()
}

fn all(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().chain(&report.suppressed)
}

fn sum(one: Summary, other: Summary) -> Summary {
    Summary {
        files_scanned: one.files_scanned.saturating_add(other.files_scanned),
        git_files_scanned: one.git_files_scanned.saturating_add(other.git_files_scanned),
        objects_scanned: one.objects_scanned.saturating_add(other.objects_scanned),
        bytes_scanned: one.bytes_scanned.saturating_add(other.bytes_scanned),
        links_not_followed: one.links_not_followed.saturating_add(other.links_not_followed),
        not_checked_out: one.not_checked_out.saturating_add(other.not_checked_out),
    }
}

fn identity(finding: &Finding) -> Identity {
    let commit = |info: &GitInfo| (info.commit.as_ref().map(|commit| commit.id.clone()), info.blob.clone());
    (
        finding.path_at_root().to_owned(),
        finding.rule_id.clone(),
        finding.secret.sha256(),
        finding.git.as_ref().map(commit),
    )
}

/// Merges equal findings, in report order.
fn merge_findings(findings: Vec<Finding>) -> Vec<Finding> {
    let mut groups: BTreeMap<Identity, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        groups.entry(identity(&finding)).or_default().push(finding);
    }
    let mut out: Vec<Finding> = groups.into_values().filter_map(merge_equal).collect();
    let places = places(&out);
    for finding in &mut out {
        set_occurrences(finding, &places);
    }
    out.sort_by(|a, b| (a.order(), identity(a)).cmp(&(b.order(), identity(b))));
    out
}

/// Merges equal findings into the one with the most facts, and adds the facts of the others.
fn merge_equal(mut same: Vec<Finding>) -> Option<Finding> {
    // Debug text masks secrets and contains everything else, so no two different findings compare equal here.
    same.sort_by_cached_key(|finding| (Reverse(richness(finding)), format!("{finding:?}")));
    // Two reports that count the same locations do not double the count.
    let count = same.iter().map(Finding::occurrence_count).max()?;
    let mut same = same.into_iter();
    let mut one = same.next()?;
    for other in same {
        one.severity = one.severity.max(other.severity);
        one.confidence = one.confidence.max(other.confidence);
        let asked = |finding: &Finding| finding.liveness.as_ref().map(|liveness| liveness.checked_at);
        if asked(&other) > asked(&one) {
            one.liveness = other.liveness;
        }
        one.git = one.git.take().or(other.git);
        one.repository_path = one.repository_path.take().or(other.repository_path);
        one.original = one.original.take().or(other.original);
        one.within = one.within.take().or(other.within);
        one.suppression = one.suppression.take().or(other.suppression);
        one.sources.extend(other.sources);
        one.occurrences.extend(other.occurrences);
        one.occurrences.push(other.location);
    }
    one.sources.sort();
    one.sources.dedup();
    let listed: BTreeSet<Place> = one.occurrences.drain(..).map(|place| key(&place)).collect();
    one.occurrences =
        listed.into_iter().map(|place| place.3).filter(|place| *place != one.location).collect();
    one.unlisted = count.saturating_sub(one.occurrences.len() as u64);
    Some(one)
}

/// Sort key for how many facts a finding has: the whole secret, its liveness, its refs, its original location, its
/// number of locations.
fn richness(finding: &Finding) -> (bool, bool, bool, bool, u64) {
    let info = finding.git.as_ref();
    (
        finding.secret.is_whole(),
        finding.liveness.is_some(),
        info.is_some_and(|info| !info.refs.is_empty()),
        finding.original.is_some() || finding.within.is_some(),
        finding.occurrence_count(),
    )
}

/// The listed locations of each secret of each rule in any report, and their total count.
type Places = BTreeMap<(String, String), (BTreeSet<Place>, u64)>;

/// A location with its sort key for report order.
type Place = (String, u64, u64, Location);

fn key(place: &Location) -> Place {
    (place.path.clone(), place.byte_start, place.byte_end, place.clone())
}

fn places(findings: &[Finding]) -> Places {
    let mut out = Places::new();
    for finding in findings {
        let (all, count) = out.entry((finding.rule_id.clone(), finding.secret.sha256())).or_default();
        all.extend(finding.occurrences.iter().chain([&finding.location]).map(key));
        *count = (*count).max(finding.occurrence_count().saturating_add(1));
    }
    for (all, count) in out.values_mut() {
        *count = (*count).max(all.len() as u64);
    }
    out
}

/// Sets the other locations of the finding's secret.
fn set_occurrences(finding: &mut Finding, places: &Places) {
    let Some((all, count)) = places.get(&(finding.rule_id.clone(), finding.secret.sha256())) else { return };
    let own = key(&finding.location);
    finding.occurrences =
        all.iter().filter(|place| **place != own).take(MAX_LISTED).map(|place| place.3.clone()).collect();
    finding.unlisted = count.saturating_sub(1).saturating_sub(finding.occurrences.len() as u64);
}
