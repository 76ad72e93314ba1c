//! One leaked secret with all its places: what a plan needs to know, from a scan's own findings or from a report that
//! was read back. It decides nothing.

use std::collections::BTreeMap;

use crate::finding::{Finding, Liveness, Secret, Severity};
use crate::rules::Rule;

/// One secret, however many findings tell of it.
#[derive(Debug, Clone)]
pub struct Leak {
    /// Rules that found it, the first by name first.
    pub rules: Vec<String>,
    /// The worst severity of its findings.
    pub severity: Severity,
    /// The secret as a report may show it.
    pub shown: String,
    /// The whole secret, where the report holds it.
    pub secret: Option<Secret>,
    /// Id of an API v2 key.
    pub key_id: Option<String>,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// Whether it works, if somebody asked.
    pub liveness: Option<Liveness>,
    /// Where it stands, as `path:line`, in report order, each once.
    pub places: Vec<String>,
    /// Places that the report counts and does not list.
    pub unlisted: u64,
    /// What is known of its history.
    pub history: History,
}

impl Leak {
    /// Whether there is anything to do: a note needs nothing (a placeholder, an expired token), unless it is one because
    /// it was found dead.
    pub fn needs_plan(&self) -> bool {
        self.severity > Severity::Note || self.liveness.is_some()
    }

    /// Whether it gives nothing away by itself (the id of a key, the name of a variable), which `rules` know.
    pub fn is_public(&self, rules: &[Rule]) -> bool {
        self.rules.iter().all(|id| rules.iter().any(|rule| rule.public && &rule.id == id))
    }
}

/// What is known of a secret's history in git, over all its findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// A finding lies outside git, or git was not asked: whether it was committed is open.
    pub open: bool,
    /// A commit holds it.
    pub committed: bool,
    /// A remote-tracking branch leads to it: it was pushed, or fetched.
    pub pushed: bool,
}

/// One finding's part of a leak.
struct Part {
    digest: String,
    leak: Leak,
}

/// Puts the parts of each secret together, in the order of their first places, the worst first.
fn united(parts: impl Iterator<Item = Part>) -> Vec<Leak> {
    let mut order: Vec<Leak> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for Part { digest, leak } in parts {
        match known.get(&digest) {
            Some(&at) => unite(&mut order[at], leak),
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

fn unite(one: &mut Leak, other: Leak) {
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
    // Each finding counts the places of the others as well.
    one.unlisted = one.unlisted.max(other.unlisted);
    one.history.open |= other.history.open;
    one.history.committed |= other.history.committed;
    one.history.pushed |= other.history.pushed;
}

/// Whether a ref is what a remote had when it was last asked.
fn is_remote(name: &str) -> bool {
    name.starts_with("refs/remotes/")
}

/// The leaks that findings tell of, with their secrets where these are whole.
pub fn leaks<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<Leak> {
    united(findings.map(|finding| {
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
