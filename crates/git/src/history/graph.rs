//! The commit graph of a repository, including unreachable commits.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::HistoryInputs;
use super::tree_edges::TreeCollector;
use crate::finding::SkipLog;
use crate::odb::{Kind, ObjectId, ObjectReader};
use crate::parse::{CommitHead, tag_target};

/// The commits and tags of a repository.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Sorted by id, so that the result does not depend on the order of reading.
    ids: Vec<ObjectId>,
    trees: Vec<ObjectId>,
    times: Vec<i64>,
    /// Parents of commit `n`: `parents[starts[n]..starts[n + 1]]`, without those that are missing.
    parents: Vec<u32>,
    starts: Vec<u32>,
    numbers: HashMap<ObjectId, u32>,
    tags: HashMap<ObjectId, ObjectId>,
    /// Commits with a missing parent.
    cut: HashSet<u32>,
}

#[derive(Default)]
struct CommitsAndTags {
    commits: Vec<(ObjectId, CommitHead)>,
    tags: HashMap<ObjectId, ObjectId>,
}

struct GraphVisitor<'a> {
    objects: Mutex<CommitsAndTags>,
    trees: Option<&'a TreeCollector<'a>>,
    progress: &'a (dyn Fn(u64, u64) + Sync),
}

impl SkipLog<Option<ObjectId>> for GraphVisitor<'_> {
    fn skipped(&self, _id: Option<ObjectId>, _reason: String) {
        // The scan has read the same object and reported it.
    }
}

impl ObjectReader for GraphVisitor<'_> {
    fn read(&self, id: &ObjectId, kind: Kind, content: &[u8]) {
        (self.progress)(1, content.len() as u64);
        match kind {
            Kind::Tree => {
                if let Some(trees) = self.trees {
                    trees.take(id, content);
                }
            }
            Kind::Commit => {
                if let Some(head) = CommitHead::read(content) {
                    self.lock().commits.push((*id, head));
                }
            }
            Kind::Tag => {
                if let Some(target) = tag_target(content) {
                    self.lock().tags.insert(*id, target);
                }
            }
            Kind::Blob => {}
        }
    }
}

impl GraphVisitor<'_> {
    fn lock(&self) -> std::sync::MutexGuard<'_, CommitsAndTags> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Graph {
    /// Reads all commits and tags, and passes all trees to `trees`.
    pub(crate) fn read(sources: &HistoryInputs<'_>, trees: Option<&TreeCollector<'_>>) -> Self {
        let visitor = GraphVisitor { objects: Mutex::default(), trees, progress: sources.progress };
        let kinds = [Kind::Commit, Kind::Tag, Kind::Tree];
        let kinds = if trees.is_some() { &kinds[..] } else { &kinds[..2] };
        sources.store.read_all(kinds, sources.threads, &visitor);
        Self::new(visitor.objects.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn new(objects: CommitsAndTags) -> Self {
        let CommitsAndTags { mut commits, tags } = objects;
        commits.sort_unstable_by_key(|(id, _)| *id);
        commits.dedup_by_key(|(id, _)| *id);
        let numbers: HashMap<ObjectId, u32> =
            commits.iter().zip(0..).map(|((id, _), number)| (*id, number)).collect();
        let mut graph = Self { tags, numbers, ..Self::default() };
        graph.starts.push(0);
        for (id, head) in commits {
            if head.parents.iter().any(|parent| !graph.numbers.contains_key(parent)) {
                graph.cut.insert(graph.ids.len() as u32);
            }
            graph.ids.push(id);
            graph.trees.push(head.tree);
            graph.times.push(head.time);
            graph.parents.extend(head.parents.iter().filter_map(|parent| graph.numbers.get(parent)));
            graph.starts.push(graph.parents.len() as u32);
        }
        graph
    }

    /// Returns the number of commits.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns the id of a commit.
    pub(crate) fn id(&self, commit: u32) -> ObjectId {
        self.ids[commit as usize]
    }

    /// Returns the root tree of a commit.
    pub(crate) fn tree(&self, commit: u32) -> ObjectId {
        self.trees[commit as usize]
    }

    /// Returns the committer date of a commit, in seconds since 1970.
    pub(crate) fn time(&self, commit: u32) -> i64 {
        self.times[commit as usize]
    }

    /// Returns the parents of a commit, without those that are missing.
    pub(crate) fn parents(&self, commit: u32) -> &[u32] {
        let commit = commit as usize;
        &self.parents[self.starts[commit] as usize..self.starts[commit + 1] as usize]
    }

    /// Returns whether a parent of a commit is missing.
    pub(crate) fn is_cut(&self, commit: u32) -> bool {
        self.cut.contains(&commit)
    }

    /// Returns the number of a commit.
    pub(crate) fn number(&self, id: &ObjectId) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// Peels tags: returns `id`, then the object that it points to if it is a tag, and so on.
    pub(crate) fn peeled(&self, id: ObjectId) -> Vec<ObjectId> {
        const MAX_TAG_CHAIN: usize = 32;
        std::iter::successors(Some(id), |id| self.tags.get(id).copied()).take(MAX_TAG_CHAIN).collect()
    }

    /// Returns all commits in topological order, parents before children.
    pub(crate) fn oldest_first(&self) -> Vec<u32> {
        let mut out = Vec::with_capacity(self.len());
        let mut state = vec![0u32; self.len()];
        for start in 0..self.len() as u32 {
            let mut stack = vec![start];
            while let Some(&commit) = stack.last() {
                let next = state[commit as usize] as usize;
                match self.parents(commit).get(next) {
                    Some(&parent) => {
                        state[commit as usize] += 1;
                        // State 0 means not visited. A finished commit has only finished parents, so it needs no second
                        // visit.
                        if state[parent as usize] == 0 {
                            stack.push(parent);
                        }
                    }
                    None => {
                        stack.pop();
                        if state[commit as usize] != u32::MAX {
                            state[commit as usize] = u32::MAX;
                            out.push(commit);
                        }
                    }
                }
            }
        }
        out
    }
}
