//! Edits of a baseline: adding and removing entries. Does not read or write files.

use std::sync::Arc;

use jiff::civil::Date;

use super::Globs;
use super::baseline::{Baseline, Entry};
use super::report_input::Record;

/// Selects the entries that match all conditions.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Prefixes of hashes; empty means all.
    pub hashes: Vec<String>,
    /// Rule ids; empty means all.
    pub rules: Vec<String>,
    /// SHA-256 of secrets; empty means all.
    pub sha256: Vec<String>,
    /// Path globs as written in the entries; empty means all.
    pub paths: Vec<String>,
}

impl Filter {
    /// Returns whether there are no conditions.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty() && self.rules.is_empty() && self.sha256.is_empty() && self.paths.is_empty()
    }
}

/// What the entries that are added together have in common.
#[derive(Debug, Clone, Default)]
pub struct EntryDetails {
    /// The paths for which the entries count; without it, all.
    pub path: Option<Arc<Globs>>,
    /// The reason, as it is written in the entries.
    pub reason: Option<String>,
    /// The last day on which the entries count.
    pub expires: Option<Date>,
}

/// Adds an entry for each of these secrets (rule and SHA-256). Returns how many were added.
pub fn write_findings<'f>(
    baseline: &mut Baseline,
    secrets: impl IntoIterator<Item = (&'f str, &'f str)>,
    details: &EntryDetails,
) -> usize {
    let mut count = 0;
    for (rule, sha256) in secrets {
        // It may already have an entry under another salt of the file.
        let hashes: Vec<String> =
            baseline.of_secret(sha256).into_iter().map(|(_, one)| one.hash.clone()).collect();
        let entry = |hash: String| Entry {
            hash,
            rule: rule.to_owned(),
            path: details.path.clone(),
            reason: details.reason.clone(),
            expires: details.expires,
            line: 0,
        };
        let covered = hashes.into_iter().map(&entry).any(|new| baseline.covers(&new));
        if !covered && baseline.add(entry(baseline.hash(sha256))) {
            count += 1;
        }
    }
    count
}

/// Removes the entries that match a filter. Returns how many were removed.
pub fn remove(baseline: &mut Baseline, filter: &Filter) -> usize {
    let secrets: Vec<String> = filter
        .sha256
        .iter()
        .flat_map(|sha256| {
            baseline.of_secret(sha256).into_iter().map(|(_, one)| one.hash.clone()).collect::<Vec<_>>()
        })
        .collect();
    baseline.retain(|entry| {
        let named =
            |list: &[String], fits: &dyn Fn(&String) -> bool| list.is_empty() || list.iter().any(fits);
        let fits = named(&filter.hashes, &|hash| entry.hash.starts_with(&hash.to_ascii_lowercase()))
            && named(&filter.rules, &|rule| *rule == entry.rule)
            && (filter.sha256.is_empty() || secrets.contains(&entry.hash))
            && named(&filter.paths, &|path| entry.path_word() == Some(path));
        !fits
    })
}

/// Removes expired entries and, if reports are given, entries that match nothing in them. Returns how many were removed
/// for each reason.
pub fn prune(baseline: &mut Baseline, reports: Option<&[Record]>, today: Date) -> (usize, usize) {
    let expired = baseline.retain(|entry| !entry.is_expired(today));
    let Some(records) = reports else { return (expired, 0) };
    let mut used = std::collections::BTreeSet::new();
    for record in records {
        let found = baseline.of_secret(&record.sha256).into_iter();
        used.extend(
            found.filter(|(_, one)| one.fits(&record.rule, &record.path)).map(|(_, one)| one.to_line()),
        );
    }
    (expired, baseline.retain(|entry| used.contains(&entry.to_line())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    fn sha(name: &str) -> String {
        crate::finding::Secret::new(name).sha256()
    }

    fn filled() -> Baseline {
        let mut baseline = Baseline::new().unwrap();
        let (a, b, c) = (sha("a"), sha("b"), sha("c"));
        let globs = Arc::new(Globs::new(vec!["docs/".into()]).unwrap());
        let none = EntryDetails::default();
        assert_eq!(write_findings(&mut baseline, [("r", &*a), ("r", &*a), ("s", &*a)], &none), 2);
        let docs = EntryDetails { path: Some(globs), reason: Some("why".to_owned()), expires: None };
        assert_eq!(write_findings(&mut baseline, [("r", &*b)], &docs), 1);
        let past = EntryDetails { expires: Some("2020-01-01".parse().unwrap()), ..none };
        assert_eq!(write_findings(&mut baseline, [("r", &*c)], &past), 1);
        baseline
    }

    #[test]
    fn entry_under_another_salt_is_not_added_again() {
        let united = format!("{}{}", filled().to_text(), Baseline::new().unwrap().to_text());
        let mut baseline = Baseline::parse(&united).unwrap();
        assert_eq!(write_findings(&mut baseline, [("r", &*sha("a"))], &EntryDetails::default()), 0);
    }

    #[test]
    fn entries_are_removed_by_each_condition() {
        let hash = filled();
        let hash = hash.entries()[0].hash.clone();
        assert_eq!(hash.len(), 64);
        for (filter, count) in [
            (Filter { rules: vec!["r".into()], ..Filter::default() }, 3),
            (Filter { sha256: vec![sha("a")], ..Filter::default() }, 2),
            (Filter { sha256: vec![sha("a")], rules: vec!["s".into()], ..Filter::default() }, 1),
            (Filter { paths: vec!["docs/".into()], ..Filter::default() }, 1),
            (Filter { hashes: vec!["no".into()], ..Filter::default() }, 0),
        ] {
            assert_eq!(remove(&mut filled(), &filter), count, "{filter:?}");
        }
        let mut baseline = filled();
        let hash = baseline.entries()[0].hash[..10].to_owned();
        assert_eq!(remove(&mut baseline, &Filter { hashes: vec![hash], ..Filter::default() }), 2);
    }

    #[test]
    fn prune_removes_expired_and_unmatched() {
        let today = "2026-01-01".parse().unwrap();
        assert_eq!(prune(&mut filled(), None, today), (1, 0));
        let record = |path: &str| Record {
            rule: "r".into(),
            severity: Severity::Error,
            sha256: sha("b"),
            path: path.into(),
            suppressed: true,
        };
        assert_eq!(prune(&mut filled(), Some(&[record("docs/x")]), today), (1, 2));
        assert_eq!(prune(&mut filled(), Some(&[record("x")]), today), (1, 3));
    }
}
