//! From matches to findings, and text that holds secrets made fit to be shown.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Inspector, LISTED};
use crate::detect::Found;
use crate::finding::{Finding, Location, Original};

impl Inspector<'_> {
    /// One finding for each secret of each rule among the matches of one input, at its first place in it
    /// or in each member of it.
    pub(crate) fn grouped(&self, path: &str, found: Vec<Found>) -> Vec<Finding> {
        let rules: Vec<_> = self.detector().rules().collect();
        let mut new: Vec<Finding> = Vec::new();
        let mut known: HashMap<(usize, String, String), usize> = HashMap::new();
        for one in found {
            let rule = rules[one.rule];
            let inside = self.masked(&one.location.path).into_owned();
            let location = Location { path: format!("{path}{inside}"), ..one.location };
            match known.entry((one.rule, one.secret.sha256(), inside)) {
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
                        ..Finding::new(&rule.id, one.severity, one.secret, location)
                    });
                }
            }
        }
        new
    }

    /// Whether a short text may hold a secret at all.
    pub(crate) fn suspicious(&self, text: &[u8]) -> bool {
        self.detector().suspects(text, std::slice::from_ref(&(0..text.len())))
    }

    /// Text (a path, a name, a subject) with every secret in it masked, so that a report can show it.
    pub(crate) fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.suspicious(text.as_bytes()) {
            return Cow::Borrowed(text);
        }
        let mut out = text.to_owned();
        // From the end, so that offsets before it stay right.
        let mut found = self.scan_text(text.as_bytes()).found;
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

/// The rule's sentence, and why this finding counts for less.
fn message(rule: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| rule.to_owned(), |reason| format!("{rule} ({reason})"))
}

/// Makes one finding of those that tell of one secret of one rule under one path: that of the work tree says where it
/// stands, that of the objects says what its history is. `findings` are in report order and stay so.
pub(crate) fn united(findings: Vec<Finding>) -> Vec<Finding> {
    let mut known: HashMap<(String, String, String), usize> = HashMap::new();
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let key = (finding.location.path.clone(), finding.rule_id.clone(), finding.secret.sha256());
        match known.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(out.len());
                out.push(finding);
            }
            Entry::Occupied(entry) => unite(&mut out[*entry.get()], finding),
        }
    }
    out.sort_by(|a, b| a.order().cmp(&b.order()));
    out
}

fn unite(one: &mut Finding, mut other: Finding) {
    if one.git.is_some() && other.git.is_none() {
        std::mem::swap(one, &mut other);
    }
    one.severity = one.severity.max(other.severity);
    one.git = one.git.take().or(other.git);
}
