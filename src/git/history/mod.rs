//! Who brought a secret, who took it away, and who can reach it: the history of a few objects, told from one pass
//! over all commits and trees.
//!
//! It is done only if something was found. The trees are read once, in the order in which they lie; for each entry
//! that is a directory an edge from child to parent is kept, and what was found is carried up these edges to the
//! root trees. Two commits with the same findings in them then have the same set, whatever else differs, so that
//! comparing a commit with its parents is comparing two numbers. Knows objects and names, no rules and no content.

mod expand;
mod graph;
mod reach;
mod sets;
mod tell;
mod trees;

use std::collections::{BTreeMap, HashMap};

use super::refs::Refs;
use crate::finding::{GitInfo, ReachedBy};
use crate::objects::{HashFormat, ObjectId, Store};

pub(crate) use graph::Graph;
pub use tell::shown;

/// What was found, by the object that holds it.
#[derive(Debug, Default)]
pub struct Targets {
    /// Blobs, and numbers of the secrets in each.
    pub blobs: HashMap<ObjectId, Vec<u32>>,
    /// Trees with entries whose name holds a secret: the name, and the numbers of its secrets.
    pub names: HashMap<ObjectId, Vec<Named>>,
    /// Commits and tags with a secret in their text.
    pub texts: Vec<ObjectId>,
}

/// The name of an entry of a tree, and the numbers of the secrets in it.
pub type Named = (Vec<u8>, Vec<u32>);

/// One secret under one path, with its history.
#[derive(Debug, Clone)]
pub struct Traced {
    /// Number of the secret.
    pub secret: u32,
    /// Path from the root of the repository; not escaped.
    pub path: Vec<u8>,
    /// The blob to show: that of HEAD if the secret is there, else the first one. `None` for a secret in a name.
    pub blob: Option<ObjectId>,
    /// Its history.
    pub info: GitInfo,
}

/// The history of everything that was found.
#[derive(Debug, Default)]
pub struct History {
    /// Secrets in files and in names of files, in the order of path and secret.
    pub files: Vec<Traced>,
    /// Commits and tags with a secret in their text.
    pub texts: HashMap<ObjectId, GitInfo>,
    /// Blobs that no commit holds.
    pub loose: BTreeMap<ObjectId, Loose>,
    /// Commits to which a name leads and whose tree or parents are not here.
    pub broken: Vec<ObjectId>,
}

/// A blob that no commit holds.
#[derive(Debug, Clone, Default)]
pub struct Loose {
    /// Its path in a tree that no commit names; empty if there is none.
    pub path: Vec<u8>,
    /// Names that lead to it or to such a tree.
    pub refs: Vec<String>,
    /// The most public of them, if there is one.
    pub reached_by: Option<ReachedBy>,
}

/// What history is told from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// All objects.
    pub store: &'a Store,
    /// All names.
    pub refs: &'a Refs,
    /// How ids look in trees.
    pub format: HashFormat,
    /// Threads to read with.
    pub threads: usize,
    /// Seconds since 1970, up to which an exposure lasts that has not ended.
    pub now: i64,
}

impl History {
    /// Tells the history of `targets`. Objects that cannot be read are missing from it; the scan names them.
    pub fn trace(sources: &Sources<'_>, targets: &Targets) -> Self {
        let trees = trees::Trees::new(targets, sources.format);
        let graph = Graph::read(sources, Some(&trees));
        let roots = sets::Roots::new(trees.finish(), &graph);
        let reach = reach::Reach::new(&graph, sources.refs);
        tell::Teller { sources, targets, graph: &graph, reach: &reach, roots: &roots }.tell()
    }
}

/// The most public of some ways to reach a thing.
fn most_public(ways: impl Iterator<Item = ReachedBy>) -> ReachedBy {
    ways.min().unwrap_or(ReachedBy::Unreachable)
}
