//! Reachability: which names lead to which commits.

use std::collections::HashMap;

use super::{Graph, most_public};
use crate::finding::ReachedBy;
use crate::odb::ObjectId;
use crate::refs::{Refs, Tip};

/// Kinds of names, from the most to the least public.
const KINDS: [ReachedBy; 4] = [ReachedBy::Refs, ReachedBy::Notes, ReachedBy::Stash, ReachedBy::Reflog];

/// Bit of the commits that a public ref reaches, after those of [`KINDS`].
const PUBLIC: u8 = 1 << 4;
/// Bit of the commits in the history of HEAD.
const IN_HEAD: u8 = 1 << 5;

/// The names, and what is reachable from them.
pub(crate) struct Reachability<'a> {
    refs: &'a Refs,
    /// Bit mask of [`KINDS`], [`PUBLIC`] and [`IN_HEAD`] for each commit.
    kinds: Vec<u8>,
    /// Tips that lead to something other than a commit, by object.
    others: HashMap<ObjectId, Vec<&'a Tip>>,
    /// Commits that tips lead to directly or through tags.
    tips: Vec<(u32, &'a Tip)>,
    oldest_first: Vec<u32>,
}

impl<'a> Reachability<'a> {
    /// Follows all names of `refs` through `graph`.
    pub(crate) fn new(graph: &Graph, refs: &'a Refs) -> Self {
        let mut reach = Self {
            refs,
            kinds: vec![0; graph.len()],
            others: HashMap::new(),
            tips: Vec::new(),
            oldest_first: graph.oldest_first(),
        };
        for tip in &refs.tips {
            for id in graph.peeled(tip.id) {
                match graph.number(&id) {
                    Some(commit) => reach.tips.push((commit, tip)),
                    None => reach.others.entry(id).or_default().push(tip),
                }
            }
        }
        let is_public = refs.public();
        for (commit, tip) in &reach.tips {
            let public = if is_public(tip) { PUBLIC } else { 0 };
            reach.kinds[*commit as usize] |= bit(tip.kind) | public;
        }
        if let Some(head) = reach.head(graph) {
            reach.kinds[head as usize] |= IN_HEAD;
        }
        for &commit in reach.oldest_first.iter().rev() {
            let kinds = reach.kinds[commit as usize];
            for &parent in graph.parents(commit) {
                reach.kinds[parent as usize] |= kinds;
            }
        }
        reach
    }

    /// Returns the commit that is checked out.
    pub(crate) fn head(&self, graph: &Graph) -> Option<u32> {
        graph.number(&self.refs.head?)
    }

    /// Returns the most public kind of name from which any of `commits` is reachable.
    pub(crate) fn kind_of(&self, commits: impl Iterator<Item = u32>) -> ReachedBy {
        let bits = commits.fold(0, |bits, commit| bits | self.kinds[commit as usize]);
        most_public(KINDS.into_iter().filter(|kind| bits & bit(*kind) != 0))
    }

    /// Returns whether a commit is reachable from a ref or a reflog.
    pub(crate) fn reaches(&self, commit: u32) -> bool {
        self.kinds[commit as usize] & !(PUBLIC | IN_HEAD) != 0
    }

    /// Returns whether a public ref reaches a commit; see [`Refs::public`].
    pub(crate) fn is_public(&self, commit: u32) -> bool {
        self.kinds[commit as usize] & PUBLIC != 0
    }

    /// Returns whether a commit is in the history of HEAD.
    pub(crate) fn in_head(&self, commit: u32) -> bool {
        self.kinds[commit as usize] & IN_HEAD != 0
    }

    /// Returns how an object other than a commit is reached, and by which names (reflogs excluded).
    pub(crate) fn of_object(&self, id: &ObjectId) -> (ReachedBy, Vec<String>) {
        let tips = self.others.get(id).map_or(&[][..], Vec::as_slice);
        let mut names: Vec<String> =
            tips.iter().filter(|tip| tip.kind != ReachedBy::Reflog).map(|tip| tip.name.clone()).collect();
        names.sort();
        names.dedup();
        (most_public(tips.iter().map(|tip| tip.kind)), names)
    }

    /// Returns for each group of commits the names of the refs from which one of them is reachable. Each pass over the
    /// graph handles 64 groups, one bit each.
    pub(crate) fn refs_to(&self, graph: &Graph, groups: &[Vec<u32>]) -> Vec<Vec<String>> {
        const GROUPS_PER_PASS: usize = 64;
        let mut out = Vec::with_capacity(groups.len());
        for part in groups.chunks(GROUPS_PER_PASS) {
            let mut masks = vec![0u64; graph.len()];
            for (commits, bit) in part.iter().zip(0..) {
                for &commit in commits {
                    masks[commit as usize] |= 1 << bit;
                }
            }
            for &commit in &self.oldest_first {
                let parents = graph.parents(commit);
                masks[commit as usize] |=
                    parents.iter().fold(0, |mask, &parent| mask | masks[parent as usize]);
            }
            for bit in 0..part.len() {
                let leads = |(commit, tip): &&(u32, &Tip)| {
                    tip.kind != ReachedBy::Reflog
                        && !is_log(&tip.name)
                        && masks[*commit as usize] >> bit & 1 == 1
                };
                let mut names: Vec<String> =
                    self.tips.iter().filter(leads).map(|(_, tip)| tip.name.clone()).collect();
                names.sort();
                names.dedup();
                out.push(names);
            }
        }
        out
    }
}

/// Returns whether a name is that of a reflog. The reflog of the stash counts as stash but is not a ref.
fn is_log(name: &str) -> bool {
    name.starts_with("logs/") || name.contains("/logs/")
}

fn bit(kind: ReachedBy) -> u8 {
    KINDS.iter().position(|known| *known == kind).map_or(0, |at| 1 << at)
}
