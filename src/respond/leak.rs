//! A leaked secret with all its locations, built from the findings of a scan or of a report. Makes no decisions.

use std::collections::BTreeMap;

use crate::finding::{Finding, Liveness, Location, ReachedBy, Secret, Severity};
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
    /// The locations in files as they are now, where the secret must be replaced.
    pub replaceable: Vec<String>,
    /// Those of `replaceable` whose text an edit can change: neither in an archive nor encoded.
    pub editable: Vec<String>,
    /// Number of locations that the report counts but does not list.
    pub unlisted: u64,
    /// Known history in git.
    pub history: History,
}

impl Leak {
    /// Returns the number of its locations.
    fn count(&self) -> u64 {
        self.places.len() as u64 + self.unlisted
    }

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
    /// It is staged for the next commit.
    pub staged: bool,
    /// It is reachable from a remote-tracking branch, or a server has the commit: it was pushed, or fetched.
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
    // Each finding also counts the locations of the others.
    let count = one.count().max(other.count());
    one.rules.extend(other.rules);
    one.severity = one.severity.max(other.severity);
    one.secret = one.secret.take().or(other.secret);
    one.key_id = one.key_id.take().or(other.key_id);
    one.created = one.created.take().or(other.created);
    one.liveness = one.liveness.take().or(other.liveness);
    add_new(&mut one.places, other.places);
    add_new(&mut one.replaceable, other.replaceable);
    add_new(&mut one.editable, other.editable);
    one.unlisted = count.saturating_sub(one.places.len() as u64);
    one.history.open |= other.history.open;
    one.history.staged |= other.history.staged;
    one.history.committed |= other.history.committed;
    one.history.pushed |= other.history.pushed;
}

/// Appends the places that are not in the list yet.
fn add_new(places: &mut Vec<String>, more: Vec<String>) {
    for place in more {
        if !places.contains(&place) {
            places.push(place);
        }
    }
}

/// Formats where a finding is: in the original source if a source map gives it, else at its location.
fn first_place(finding: &Finding) -> String {
    match &finding.original {
        Some(original) => format!("{}:{}", original.path, original.line),
        None => place(&finding.location),
    }
}

fn place(place: &Location) -> String {
    format!("{}:{}", place.path, place.start_line)
}

/// Returns whether a ref is a remote-tracking branch.
fn is_remote(name: &str) -> bool {
    name.starts_with("refs/remotes/")
}

/// Returns the leaks in the findings, with their secrets if these are complete. `is_pushed` means that a server has each
/// commit with a finding.
pub fn leaks<'f>(findings: impl Iterator<Item = &'f Finding>, is_pushed: bool) -> Vec<Leak> {
    combined(findings.map(|finding| {
        let info = finding.git.as_ref();
        let history = History {
            open: info.is_none(),
            staged: info.is_some_and(|info| info.reached_by == ReachedBy::Index),
            committed: info.is_some_and(|info| info.commit.is_some()),
            pushed: info.is_some_and(|info| {
                (is_pushed && info.commit.is_some()) || info.refs.iter().any(|name| is_remote(name))
            }),
        };
        let first = first_place(finding);
        let others = finding.occurrences.iter().map(place);
        let here = info.is_none_or(|info| info.in_head || info.reached_by == ReachedBy::Index)
            && !finding.location.path.split('/').any(|part| part == ".git");
        let others_here = others.clone().filter(|_| info.is_none());
        let mut places = vec![first.clone()];
        add_new(&mut places, others.collect());
        let replaceable: Vec<String> = std::iter::once(first).chain(others_here).filter(|_| here).collect();
        let editable = |place: &&String| finding.encoding.is_empty() && !place.contains("!/");
        let leak = Leak {
            rules: vec![finding.rule_id.clone()],
            severity: finding.severity,
            shown: finding.secret.masked(),
            secret: finding.secret.is_whole().then(|| finding.secret.clone()),
            key_id: finding.key.as_ref().map(|key| key.as_str().to_owned()),
            created: finding.key.as_ref().and_then(|key| key.created()),
            liveness: finding.liveness.clone(),
            editable: replaceable.iter().filter(editable).cloned().collect(),
            replaceable,
            places,
            unlisted: finding.unlisted,
            history,
        };
        Part { digest: finding.secret.sha256(), leak }
    }))
}
