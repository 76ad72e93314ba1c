//! Groups raw matches into findings, masks secrets in text for display, and merges the findings of files and history.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sha2::{Digest, Sha256};

use super::inline::UnusedComment;
use super::{MAX_OCCURRENCES, Scanner};
use crate::detect::Match;
use crate::finding::{Finding, Location, Original, Suppression, SuppressionKind};

/// Rules that report suppression comments themselves.
const SUPPRESSION_ADDED: &str = "telleaks-suppression-added";
const SUPPRESSION_INVALID: &str = "telleaks-suppression-invalid";
const SUPPRESSION_UNUSED: &str = "telleaks-suppression-unused";

impl Scanner<'_> {
    /// Groups the matches of one input into findings: one per secret, rule and path inside the input, located at the
    /// first match. Suppressed and open matches of one secret become separate findings.
    pub(crate) fn grouped(&self, path: &str, found: Vec<Match>) -> Vec<Finding> {
        let rules: Vec<_> = self.detector().rules().collect();
        let mut new: Vec<Finding> = Vec::new();
        let mut known: HashMap<(usize, [u8; 32], String, bool), usize> = HashMap::new();
        for one in found {
            if self.is_word(&one) {
                new.extend(self.remark(path, SUPPRESSION_ADDED, one, None));
                continue;
            }
            let rule = rules[one.rule];
            let inside = self.masked(&one.location.path).into_owned();
            let place = format!("{path}{inside}");
            let suppression = one.ignored.as_ref().map(|ignored| Suppression {
                kind: SuppressionKind::Inline,
                by: format!("{place}:{}", ignored.line),
                reason: ignored.reason.as_ref().map(|reason| self.masked(reason).into_owned()),
            });
            let location = Location { path: place, ..one.location };
            match known.entry((one.rule, one.secret.digest(), inside, suppression.is_some())) {
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
                    new.push(Finding {
                        confidence: one.confidence,
                        message: message(&rule.message, one.reason.as_deref()),
                        key: one.key,
                        encoding: one.encoding,
                        excerpt: one.excerpt,
                        original: one.original.map(|original| Original {
                            path: self.masked(&original.path).into_owned(),
                            ..original
                        }),
                        within: one.within.map(|within| self.masked(&within).into_owned()),
                        suppression,
                        edits: one.edits.into_iter().map(|edit| edit.under(&location.path)).collect(),
                        line_hash: one.line_hash,
                        unlisted: one.more,
                        ..Finding::new(&rule.id, one.severity, one.secret, location)
                    });
                }
            }
        }
        new
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
    let mut known: HashMap<(String, String, String, bool), usize> = HashMap::new();
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    let (objects, files): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.git.is_some());
    let mut of_files = 0;
    for finding in files.into_iter().chain(objects) {
        let key = |hidden: bool| {
            (finding.location.path.clone(), finding.rule_id.clone(), finding.secret.sha256(), hidden)
        };
        let own = finding.suppression.is_some();
        // A suppression in the work tree also applies to the history of that path, unless the work tree holds the
        // secret unsuppressed as well.
        let at = known.get(&key(false)).or_else(|| known.get(&key(true)));
        let of_file = |at: &&usize| finding.git.is_some() && **at < of_files;
        let same = known.get(&key(own)).or(at.filter(of_file)).copied();
        match same {
            None => {
                of_files += usize::from(finding.git.is_none());
                known.insert(key(own), out.len());
                out.push(finding);
            }
            Some(at) => unite(&mut out[at], finding),
        }
    }
    out.sort_by(|a, b| a.order().cmp(&b.order()));
    out
}

/// Returns whether every finding has its own (path, rule, secret, suppressed) key and none has a provenance, so that
/// there is nothing to merge.
fn are_united(findings: &[Finding]) -> bool {
    let digest = |finding: &Finding| {
        let hidden = if finding.suppression.is_some() { "1" } else { "0" };
        digest_of(&[&finding.location.path, &finding.rule_id, hidden, &finding.secret.sha256()])
    };
    let mut digests: Vec<[u8; 32]> = findings.iter().map(digest).collect();
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
