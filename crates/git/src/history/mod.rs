//! The history of findings: for each secret, the commits that introduced and removed it and the refs from which it is
//! reachable. Computed in one pass over all commits and trees.
//!
//! Runs only if the scan found something. The trees are read once, in pack order. For each subdirectory an edge from
//! child to parent is stored, and the findings are propagated along these edges to the root trees. Commits whose trees
//! contain the same findings then have the same set number, whatever else differs, so comparing a commit with its
//! parents means comparing two numbers. Does not know about rules or content.

mod events;
mod graph;
mod paths;
mod reachability;
mod tree_edges;
mod tree_sets;

use std::collections::{BTreeMap, HashMap};

use super::refs::Refs;
use crate::finding::{GitInfo, ReachedBy};
use crate::odb::{HashFormat, ObjectId, Store};

pub use events::shown;
pub(crate) use graph::Graph;

/// The findings, by the object that contains them.
#[derive(Debug, Default)]
pub struct Targets {
    /// Blobs, with the numbers of the secrets in each.
    pub blobs: HashMap<ObjectId, Vec<u32>>,
    /// Trees with entries whose name contains a secret.
    pub names: HashMap<ObjectId, Vec<NameSecrets>>,
    /// Commits and tags with a secret in their text.
    pub texts: Vec<ObjectId>,
}

/// The name of a tree entry, and the numbers of the secrets in it.
pub type NameSecrets = (Vec<u8>, Vec<u32>);

/// One secret under one path, with its history.
#[derive(Debug, Clone)]
pub struct SecretHistory {
    /// Number of the secret.
    pub secret: u32,
    /// Path from the root of the repository; not escaped.
    pub path: Vec<u8>,
    /// The blob to show: the one in HEAD if HEAD contains the secret, else the first one. `None` for a secret in a
    /// name.
    pub blob: Option<ObjectId>,
    /// Its history.
    pub info: GitInfo,
}

/// The history of all findings.
#[derive(Debug, Default)]
pub struct History {
    /// Secrets in files and in file names, ordered by path and secret.
    pub files: Vec<SecretHistory>,
    /// Commits and tags with a secret in their text.
    pub texts: HashMap<ObjectId, GitInfo>,
    /// Blobs that are not part of any commit.
    pub loose: BTreeMap<ObjectId, LooseBlob>,
    /// Reachable commits whose tree or one of whose parents is missing.
    pub broken: Vec<ObjectId>,
}

/// A blob that is not part of any commit.
#[derive(Debug, Clone, Default)]
pub struct LooseBlob {
    /// Its path in a tree that is not part of any commit; empty if there is none.
    pub path: Vec<u8>,
    /// Names that lead to it or to such a tree.
    pub refs: Vec<String>,
    /// The most public kind of these names, if there are any.
    pub reached_by: Option<ReachedBy>,
}

/// The inputs of the history computation.
#[derive(Clone, Copy)]
pub struct HistoryInputs<'a> {
    /// All objects.
    pub store: &'a Store,
    /// All names.
    pub refs: &'a Refs,
    /// The hash format of ids in trees.
    pub format: HashFormat,
    /// Number of threads to read with.
    pub threads: usize,
    /// The current time, in seconds since 1970. An exposure that has not ended is counted up to it.
    pub now: i64,
    /// Called with the number of objects that were read, and with their bytes.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

impl History {
    /// Computes the history of `targets`. Objects that cannot be read are left out; the scan has reported them.
    pub fn trace(sources: &HistoryInputs<'_>, targets: &Targets) -> Self {
        let trees = tree_edges::TreeCollector::new(targets, sources.format);
        let graph = Graph::read(sources, Some(&trees));
        let roots = tree_sets::Roots::new(trees.finish(), &graph);
        let reach = reachability::Reachability::new(&graph, sources.refs);
        events::HistoryBuilder { sources, targets, graph: &graph, reach: &reach, roots: &roots }.build()
    }
}

/// Returns the most public of several kinds, or `Unreachable` if there are none.
fn most_public(ways: impl Iterator<Item = ReachedBy>) -> ReachedBy {
    ways.min().unwrap_or(ReachedBy::Unreachable)
}
