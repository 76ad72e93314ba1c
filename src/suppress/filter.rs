//! Applies suppressions to findings, and reverts them for active keys.

use std::collections::BTreeSet;

use super::baseline::Entry;
use super::{AcceptUnread, Paths, Suppressions};
use crate::finding::Report;
use crate::finding::{AcceptedBy, Finding, Suppression, SuppressionKind};

/// Reason of a finding that the globs in `exclude` hide.
const EXCLUDED: &str = "excluded by the configuration";

/// The suppressions that have suppressed something.
#[derive(Debug, Clone, Default)]
pub struct Used {
    /// Indexes of `[[allow]]` entries.
    pub allows: BTreeSet<usize>,
    /// Indexes of baselines and of their entries.
    pub entries: BTreeSet<(usize, usize)>,
    /// Indexes of `[[accept-unread]]` entries.
    pub accepts: BTreeSet<usize>,
}

/// Moves suppressed findings of `report` to `suppressed`, including those that the scan has already marked because of
/// an inline comment.
pub fn apply(report: &mut Report, suppressions: &Suppressions, paths: &Paths) -> Used {
    let mut used = Used::default();
    // In place: a report may have hundreds of thousands of findings.
    let hidden = report.findings.extract_if(.., |finding| {
        let found = hides_finding(suppressions, finding, paths, &mut used);
        finding.suppression = finding.suppression.take().or(found);
        finding.suppression.is_some()
    });
    report.suppressed.extend(hidden);
    for finding in &report.suppressed {
        let _known = hides_finding(suppressions, finding, paths, &mut used);
    }
    report.suppressed.sort_by(|a, b| a.order().cmp(&b.order()));
    used
}

fn hides_finding(
    suppressions: &Suppressions,
    finding: &Finding,
    paths: &Paths,
    used: &mut Used,
) -> Option<Suppression> {
    let path = paths.from_root(&finding.location.path);
    let secret = SecretAt { rule: &finding.rule_id, sha256: &finding.secret.sha256(), path: &path };
    hides(suppressions, secret, used)
}

/// Moves accepted skipped inputs of `report` from `unseen` to `accepted`. All entries that match are marked as used.
pub fn accept(report: &mut Report, suppressions: &Suppressions, paths: &Paths, used: &mut Used) {
    let Some(config) = &suppressions.config else { return };
    for mut one in std::mem::take(&mut report.unseen) {
        let path = paths.from_root(&one.path).into_owned();
        let entries = config.value.accept_unread.iter().enumerate();
        let fits =
            entries.filter(|(_, entry)| !entry.is_expired(suppressions.today) && entry.fits(&one, &path));
        let fits: Vec<(usize, &AcceptUnread)> = fits.collect();
        used.accepts.extend(fits.iter().map(|(number, _)| *number));
        let excluded = config.value.settings.exclude.as_ref().filter(|(globs, _)| globs.fits(&path));
        let excluded = excluded.map(|(_, line)| (*line, EXCLUDED));
        let entry = fits.first().map(|(_, entry)| (entry.line, entry.reason.as_str()));
        one.accepted = entry.or(excluded).map(|(line, reason)| AcceptedBy {
            by: format!("{}:{line}", config.name),
            reason: reason.to_owned(),
        });
        if one.accepted.is_some() { &mut report.accepted } else { &mut report.unseen }.push(one);
    }
}

/// A secret at a path, as suppressions see it.
#[derive(Debug, Clone, Copy)]
pub struct SecretAt<'a> {
    /// Id of the rule that found it.
    pub rule: &'a str,
    /// SHA-256 of the secret, lower-case hex.
    pub sha256: &'a str,
    /// Path relative to the root.
    pub path: &'a str,
}

/// Returns the suppression of a secret. All suppressions that match are marked as used.
pub fn hides(suppressions: &Suppressions, secret: SecretAt<'_>, used: &mut Used) -> Option<Suppression> {
    let SecretAt { rule, sha256, path } = secret;
    let mut first = None;
    if let Some(config) = &suppressions.config {
        if let Some((globs, line)) = &config.value.settings.exclude
            && globs.fits(path)
        {
            let by = format!("{}:{line}", config.name);
            let reason = Some(EXCLUDED.to_owned());
            first = Some(Suppression { kind: SuppressionKind::Config, by, reason });
        }
        let fits = config
            .value
            .allow
            .iter()
            .enumerate()
            .filter(|(_, allow)| !allow.is_expired(suppressions.today) && allow.fits(rule, sha256, path));
        for (number, allow) in fits {
            used.allows.insert(number);
            first.get_or_insert_with(|| Suppression {
                kind: SuppressionKind::Config,
                by: format!("{}:{}", config.name, allow.line),
                reason: Some(allow.reason.clone()),
            });
        }
    }
    for (file, baseline) in suppressions.baselines.iter().enumerate() {
        for (number, entry) in baseline.value.of_secret(sha256) {
            if entry.is_expired(suppressions.today) || !entry.fits(rule, path) {
                continue;
            }
            used.entries.insert((file, number));
            first.get_or_insert_with(|| of_entry(&baseline.name, entry));
        }
    }
    first
}

/// Converts a baseline entry to the suppression shown in a finding.
fn of_entry(file: &str, entry: &Entry) -> Suppression {
    let by = if entry.line == 0 { file.to_owned() } else { format!("{file}:{}", entry.line) };
    Suppression { kind: SuppressionKind::Baseline, by, reason: entry.reason.clone() }
}

/// Moves suppressed findings with an active key back to the findings: an active key is a leak, not an accepted risk.
/// Call this after probing.
pub fn revive(report: &mut Report) {
    let is_alive = |finding: &Finding| finding.liveness.as_ref().is_some_and(|one| one.status.is_alive());
    let (alive, rest): (Vec<_>, Vec<_>) =
        std::mem::take(&mut report.suppressed).into_iter().partition(is_alive);
    report.suppressed = rest;
    for mut finding in alive {
        if let Some(Suppression { kind, by, .. }) = finding.suppression.take() {
            let place = if kind == SuppressionKind::Inline { String::new() } else { format!(" in {by}") };
            finding.message.push_str(&format!(
                " (its suppression{place} does not count, because the key is alive; --accept-active accepts that)"
            ));
        }
        report.findings.push(finding);
    }
    report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Liveness, LivenessStatus, Location, Secret, Severity};
    use crate::suppress::{Baseline, CONFIG_NAME, Config, Named};

    fn finding(path: &str, secret: &str) -> Finding {
        let location = Location::of_first_byte(path);
        Finding::new("telnyx-api-key", Severity::Error, Secret::new(secret), location)
    }

    fn suppressions() -> Suppressions {
        let text = "[[allow]]\nreason='docs'\npaths=['docs/']\n[[allow]]\nreason='old'\nexpires='2020-01-01'\n\
                    rules=['telnyx-api-key']";
        let value = Config::parse(text).unwrap();
        let mut baseline = Baseline::new().unwrap();
        let hash = baseline.hash(&Secret::new("known").sha256());
        let line = format!("{}{{\"hash\":\"{hash}\",\"rule\":\"telnyx-api-key\"}}\n", baseline.to_text());
        baseline = Baseline::parse(&line).unwrap();
        Suppressions {
            config: Some(Named { name: CONFIG_NAME.into(), text: text.into(), value }),
            baselines: vec![Named { name: "b".into(), text: line, value: baseline }],
            today: "2026-01-01".parse().unwrap(),
        }
    }

    #[test]
    fn suppressed_finding_names_its_suppression() {
        let mut marked = finding("c", "other");
        marked.suppression =
            Some(Suppression { kind: SuppressionKind::Inline, by: "c:1".into(), reason: None });
        let findings = vec![finding("a", "known"), finding("a", "other"), finding("docs/x", "other"), marked];
        let mut report = Report { findings, ..Report::default() };
        let used = apply(&mut report, &suppressions(), &Paths::default());
        assert_eq!(report.findings.len(), 1);
        let by: Vec<_> = report.suppressed.iter().map(|one| one.suppression.clone().unwrap().by).collect();
        assert_eq!(by, ["b:2", "c:1", "telleaks.toml:1"]);
        assert_eq!(used.allows, BTreeSet::from([0]));
        assert_eq!(used.entries, BTreeSet::from([(0, 0)]));
    }

    #[test]
    fn expired_entry_or_other_rule_does_not_apply() {
        let mut all = suppressions();
        let hash = all.baselines[0].value.hash(&Secret::new("known").sha256());
        for (rest, hidden) in [
            (r#""rule":"telnyx-api-key","expires":"2026-01-01""#, 1),
            (r#""rule":"telnyx-api-key","expires":"2025-12-31""#, 0),
            (r#""rule":"other""#, 0),
        ] {
            let head = all.baselines[0].text.lines().next().unwrap();
            let text = format!("{head}\n{{\"hash\":\"{hash}\",{rest}}}\n");
            all.baselines[0].value = Baseline::parse(&text).unwrap();
            let mut report = Report { findings: vec![finding("a", "known")], ..Report::default() };
            let used = apply(&mut report, &all, &Paths::default());
            assert_eq!((report.suppressed.len(), used.entries.len()), (hidden, hidden), "{rest}");
        }
    }

    #[test]
    fn active_key_is_restored_in_order() {
        let mut report = Report { findings: vec![finding("b", "other")], ..Report::default() };
        let checked_at = jiff::Timestamp::now();
        for (path, status) in [("a", LivenessStatus::Active), ("c", LivenessStatus::Inactive)] {
            let mut one = finding(path, "known");
            one.suppression =
                Some(Suppression { kind: SuppressionKind::Baseline, by: "b:2".into(), reason: None });
            one.liveness = Some(Liveness { status, detail: String::new(), checked_at });
            report.suppressed.push(one);
        }
        revive(&mut report);
        let paths: Vec<_> = report.findings.iter().map(|one| one.location.path.as_str()).collect();
        assert_eq!((paths, report.suppressed.len()), (vec!["a", "b"], 1));
        assert!(report.findings[0].message.contains("b:2") && report.findings[0].suppression.is_none());
    }
}
