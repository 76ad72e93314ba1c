//! Secrets that several repositories or environments have: one leak in one of them concerns all.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Secret, Severity};

/// A secret with the names of the reports or repositories in which it was found.
#[derive(Debug, Clone)]
pub struct SharedSecret {
    /// The rule that found it.
    pub rule_id: String,
    /// The secret.
    pub secret: Secret,
    /// The names, sorted.
    pub sources: BTreeSet<String>,
}

/// Collects secrets and where they were found.
#[derive(Debug, Default)]
pub struct SharedSecrets {
    /// By the digest of the secret.
    known: BTreeMap<String, SharedSecret>,
}

impl SharedSecrets {
    /// Returns the secrets of the findings of a merged report that came from several reports.
    pub fn of(findings: &[Finding]) -> Vec<SharedSecret> {
        let mut all = Self::default();
        for finding in findings {
            for source in &finding.sources {
                all.add(finding, source);
            }
        }
        all.finish()
    }

    /// Adds a finding of the report or repository named `source`. Notes and public values are not secrets.
    pub fn add(&mut self, finding: &Finding, source: &str) {
        if finding.severity == Severity::Note || finding.secret.is_public() || finding.is_about_suppression()
        {
            return;
        }
        let new = || SharedSecret {
            rule_id: finding.rule_id.clone(),
            secret: finding.secret.clone(),
            sources: BTreeSet::new(),
        };
        let entry = self.known.entry(finding.secret.sha256()).or_insert_with(new);
        if finding.secret.is_whole() && !entry.secret.is_whole() {
            entry.secret = finding.secret.clone();
        }
        entry.sources.insert(source.to_owned());
    }

    /// Returns the secrets with more than one source; those with the most come first.
    pub fn finish(self) -> Vec<SharedSecret> {
        let mut all: Vec<_> = self.known.into_values().filter(|one| one.sources.len() > 1).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.sources.len()));
        all
    }
}
