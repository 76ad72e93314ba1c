//! Groups raw matches into findings, masks secrets in text for display, and merges the findings of files and history.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sha2::{Digest, Sha256};

use super::inline::UnusedComment;
use super::{MAX_OCCURRENCES, Scanner};
use crate::detect::Match;
use crate::finding::{Finding, Location, Original, SecretKey, Suppression, SuppressionKind};
use crate::rules::Rule;

/// Rules that report suppression comments themselves.
const SUPPRESSION_ADDED: &str = "telleaks-suppression-added";
const SUPPRESSION_INVALID: &str = "telleaks-suppression-invalid";
const SUPPRESSION_UNUSED: &str = "telleaks-suppression-unused";

/// What matches of one finding have in common.
#[derive(PartialEq, Eq, Hash)]
struct GroupKey {
    secret: SecretKey,
    /// Path inside the input, masked.
    member: String,
    /// Whether a comment hides them.
    hidden: bool,
}

impl Scanner<'_> {
    /// Groups the matches of one input into findings: one per secret, rule and path inside the input, located at the
    /// first match. Suppressed and open matches of one secret become separate findings.
    pub(crate) fn grouped(&self, path: &str, found: Vec<Match>) -> Vec<Finding> {
        let rules: Vec<_> = self.detector().rules().collect();
        let mut new: Vec<Finding> = Vec::new();
        let mut known: HashMap<GroupKey, usize> = HashMap::new();
        for one in found {
            if self.is_word(&one) {
                new.extend(self.remark(path, SUPPRESSION_ADDED, one, None));
                continue;
            }
            let inside = self.masked(&one.location.path).into_owned();
            let place = format!("{path}{inside}");
            let suppression = one.ignored.as_ref().map(|ignored| Suppression {
                kind: SuppressionKind::Inline,
                by: format!("{place}:{}", ignored.line),
                reason: ignored.reason.as_ref().map(|reason| self.masked(reason).into_owned()),
            });
            let location = Location { path: place, ..one.location };
            let key = GroupKey { secret: one.secret_key(), member: inside, hidden: suppression.is_some() };
            match known.entry(key) {
                Entry::Occupied(entry) => {
                    let finding = &mut new[*entry.get()];
                    finding.unlisted += one.more;
                    if finding.occurrences.len() < MAX_OCCURRENCES {
                        finding.occurrences.push(location);
                    } else {
                        finding.unlisted += 1;
                    }
                }
                Entry::Vacant(entry) => {
                    entry.insert(new.len());
                    let rule = rules[one.rule];
                    new.push(Finding { suppression, ..self.first_of(rule, one, location) });
                }
            }
        }
        new
    }

    /// Returns the finding of a match that is the first of its secret, at `location`.
    fn first_of(&self, rule: &Rule, one: Match, location: Location) -> Finding {
        Finding {
            confidence: one.confidence,
            message: message(&rule.message, one.reason.as_deref()),
            key: one.key,
            encoding: one.encoding,
            excerpt: one.excerpt,
            original: one
                .original
                .map(|original| Original { path: self.masked(&original.path).into_owned(), ..original }),
            within: one.within.map(|within| self.masked(&within).into_owned()),
            edits: one.edits.into_iter().map(|edit| edit.under(&location.path)).collect(),
            line_hash: one.line_hash,
            unlisted: one.more,
            ..Finding::new(&rule.id, one.severity, one.secret, location)
        }
    }

    /// Returns the findings that report comments without effect.
    pub(super) fn remarks(&self, path: &str, idle: Vec<UnusedComment>) -> Vec<Finding> {
        let reported = idle.into_iter().filter_map(|idle| {
            let id = if idle.mistake.is_some() { SUPPRESSION_INVALID } else { SUPPRESSION_UNUSED };
            self.remark(path, id, idle.found, idle.mistake.as_deref())
        });
        reported.collect()
    }

    /// Returns a finding of the meta rule `id` (see `SUPPRESSION_ADDED`, `SUPPRESSION_INVALID` and
    /// `SUPPRESSION_UNUSED`), or `None` if that rule is not enabled.
    fn remark(&self, path: &str, id: &str, found: Match, reason: Option<&str>) -> Option<Finding> {
        let rule = self.own.iter().find(|rule| rule.id == id)?;
        let location =
            Location { path: format!("{path}{}", self.masked(&found.location.path)), ..found.location };
        Some(Finding {
            confidence: rule.confidence,
            message: message(&rule.message, reason),
            excerpt: found.excerpt,
            line_hash: found.line_hash,
            ..Finding::new(&rule.id, rule.severity, found.secret, location)
        })
    }

    /// Returns whether the prefilter finds a candidate in a short text.
    pub(crate) fn suspicious(&self, text: &[u8]) -> bool {
        self.detector().may_match(text, std::slice::from_ref(&(0..text.len())))
    }

    /// Returns the text (a path, a name, a commit subject) with every secret in it masked, for use in a report.
    pub(crate) fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.suspicious(text.as_bytes()) {
            return Cow::Borrowed(text);
        }
        let mut out = text.to_owned();
        // From the end, so that earlier offsets stay valid.
        let scan = self.scan_text(text.as_bytes());
        // Text that could not be scanned is not shown either.
        if !scan.unseen.is_empty() {
            return Cow::Borrowed("…");
        }
        let mut found = scan.found;
        found.sort_by_key(|one| std::cmp::Reverse(one.location.byte_start));
        for one in found {
            let span = one.location.byte_start as usize..one.location.byte_end as usize;
            if out.is_char_boundary(span.start) && out.is_char_boundary(span.end) {
                out.replace_range(span, &one.secret.masked());
            }
        }
        Cow::Owned(out)
    }
}

/// Returns the message of the rule, with the reason for a lowered confidence if there is one.
fn message(rule: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| rule.to_owned(), |reason| format!("{rule} ({reason})"))
}

/// Merges the findings of one secret, rule and path into one: the location and the suppression come from the finding in
/// the work tree, the provenance from the finding in the object database. `findings` must be in report order; the
/// result is, too.
pub(crate) fn united(findings: Vec<Finding>) -> Vec<Finding> {
    if are_united(&findings) {
        return findings;
    }
    let (history, work_tree): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.git.is_some());
    let mut out = UnitedFindings::default();
    for finding in work_tree {
        match out.with(&finding, finding.suppression.is_some()) {
            Some(same) => unite(&mut out.all[same], finding),
            None => out.push(finding),
        }
    }
    let of_work_tree = out.all.len();
    for finding in history {
        let same = out.with(&finding, finding.suppression.is_some());
        // A suppression in the work tree also applies to the history of that path, unless the work tree holds the
        // secret unsuppressed as well.
        let in_work_tree = out.with(&finding, false).or_else(|| out.with(&finding, true));
        match same.or(in_work_tree.filter(|at| *at < of_work_tree)) {
            Some(same) => unite(&mut out.all[same], finding),
            None => out.push(finding),
        }
    }
    let mut out = out.all;
    out.sort_by(|a, b| a.order().cmp(&b.order()));
    out
}

/// Findings, each with its own path, rule, secret, and whether it is suppressed.
#[derive(Default)]
struct UnitedFindings {
    all: Vec<Finding>,
    /// Index of each finding by [`digest`].
    known: HashMap<[u8; 32], usize>,
}

impl UnitedFindings {
    /// Returns the index of the finding of the same path, rule and secret that is suppressed or not.
    fn with(&self, finding: &Finding, is_suppressed: bool) -> Option<usize> {
        self.known.get(&digest(finding, is_suppressed)).copied()
    }

    fn push(&mut self, finding: Finding) {
        self.known.insert(digest(&finding, finding.suppression.is_some()), self.all.len());
        self.all.push(finding);
    }
}

/// Returns a digest of the path, rule and secret of a finding, and whether it is suppressed.
fn digest(finding: &Finding, is_suppressed: bool) -> [u8; 32] {
    let hidden = if is_suppressed { "1" } else { "0" };
    digest_of(&[&finding.location.path, &finding.rule_id, hidden, &finding.secret.sha256()])
}

/// Returns whether every finding has its own (path, rule, secret, suppressed) key and none has a provenance, so that
/// there is nothing to merge.
fn are_united(findings: &[Finding]) -> bool {
    let digest_of = |finding| digest(finding, finding.suppression.is_some());
    let mut digests: Vec<[u8; 32]> = findings.iter().map(digest_of).collect();
    digests.sort_unstable();
    findings.iter().all(|finding| finding.git.is_none()) && digests.windows(2).all(|two| two[0] != two[1])
}

/// Returns the SHA-256 of the length-prefixed texts: a small key for large maps.
pub(super) fn digest_of(texts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher.finalize().into()
}

/// Adds severity and provenance of the later finding `other` to `one`.
fn unite(one: &mut Finding, other: Finding) {
    one.severity = one.severity.max(other.severity);
    one.git = one.git.take().or(other.git);
}
