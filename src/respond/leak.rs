//! A leaked secret with all its locations, built from the findings of a scan or of a report. Makes no decisions.

use std::collections::BTreeMap;

use crate::finding::{Finding, Liveness, Secret, Severity};
use crate::rules::Rule;

/// A leaked secret, combined from all its findings.
#[derive(Debug, Clone)]
pub struct Leak {
    /// Rules that found it, sorted by id.
    pub rules: Vec<String>,
    /// The highest severity of its findings.
    pub severity: Severity,
    /// The secret as a report may show it.
    pub shown: String,
    /// The whole secret, if the report contains it.
    pub secret: Option<Secret>,
    /// Id of an API v2 key.
    pub key_id: Option<String>,
    /// Creation time, RFC 3339.
    pub created: Option<String>,
    /// Liveness, if it was probed.
    pub liveness: Option<Liveness>,
    /// Locations as `path:line`, in report order, without duplicates.
    pub places: Vec<String>,
    /// Number of locations that the report counts but does not list.
    pub unlisted: u64,
    /// Known history in git.
    pub history: History,
}

impl Leak {
    /// Returns whether there is anything to do. A note (a placeholder, an expired token) needs nothing, unless it is a
    /// note because the key was found dead.
    pub fn needs_plan(&self) -> bool {
        self.severity > Severity::Note || self.liveness.is_some()
    }

    /// Returns whether the value is public by itself (the id of a key, the name of a variable) according to `rules`.
    pub fn is_public(&self, rules: &[Rule]) -> bool {
        self.rules.iter().all(|id| rules.iter().any(|rule| rule.public && &rule.id == id))
    }
}

/// The known git history of a secret, over all its findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// A finding is outside git, or git was not queried: whether it was committed is unknown.
    pub open: bool,
    /// A commit contains it.
    pub committed: bool,
    /// It is reachable from a remote-tracking branch: it was pushed, or fetched.
    pub pushed: bool,
}

/// The contribution of one finding to a leak.
struct Part {
    digest: String,
    leak: Leak,
}

/// Combines the parts of each secret. Sorted: active secrets first, then by severity (highest first), then by first
/// location.
fn combined(parts: impl Iterator<Item = Part>) -> Vec<Leak> {
    let mut order: Vec<Leak> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for Part { digest, leak } in parts {
        match known.get(&digest) {
            Some(&at) => add_part(&mut order[at], leak),
            None => {
                known.insert(digest, order.len());
                order.push(leak);
            }
        }
    }
    for leak in &mut order {
        leak.rules.sort();
        leak.rules.dedup();
    }
    let alive = |leak: &Leak| leak.liveness.as_ref().is_some_and(|liveness| liveness.status.is_alive());
    order.sort_by_key(|leak| std::cmp::Reverse((alive(leak), leak.severity)));
    order
}

fn add_part(one: &mut Leak, other: Leak) {
    one.rules.extend(other.rules);
    one.severity = one.severity.max(other.severity);
    one.secret = one.secret.take().or(other.secret);
    one.key_id = one.key_id.take().or(other.key_id);
    one.created = one.created.take().or(other.created);
    one.liveness = one.liveness.take().or(other.liveness);
    for place in other.places {
        if !one.places.contains(&place) {
            one.places.push(place);
        }
    }
    // Each finding also counts the locations of the others.
    one.unlisted = one.unlisted.max(other.unlisted);
    one.history.open |= other.history.open;
    one.history.committed |= other.history.committed;
    one.history.pushed |= other.history.pushed;
}

/// Returns whether a ref is a remote-tracking branch.
fn is_remote(name: &str) -> bool {
    name.starts_with("refs/remotes/")
}

/// Returns the leaks in the findings, with their secrets if these are complete.
pub fn leaks<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<Leak> {
    combined(findings.map(|finding| {
        let place = |place: &crate::finding::Location| format!("{}:{}", place.path, place.start_line);
        let info = finding.git.as_ref();
        let history = History {
            open: info.is_none(),
            committed: info.is_some_and(|info| info.commit.is_some()),
            pushed: info.is_some_and(|info| info.refs.iter().any(|name| is_remote(name))),
        };
        let leak = Leak {
            rules: vec![finding.rule_id.clone()],
            severity: finding.severity,
            shown: finding.secret.masked(),
            secret: finding.secret.is_whole().then(|| finding.secret.clone()),
            key_id: finding.key.as_ref().map(|key| key.as_str().to_owned()),
            created: finding.key.as_ref().and_then(|key| key.created()),
            liveness: finding.liveness.clone(),
            places: std::iter::once(&finding.location).chain(&finding.occurrences).map(place).collect(),
            unlisted: finding.unlisted,
            history,
        };
        Part { digest: finding.secret.sha256(), leak }
    }))
}
