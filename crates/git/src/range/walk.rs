//! The commits of a range, oldest first.

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::revision::Range;
use crate::database::{Database, ReadError};
use crate::odb::ObjectId;
use crate::parse::CommitHead;

/// Number of commits examined after everything in the queue is excluded. Because of clock skew, a commit can be older
/// than its parent. A commit included by mistake only costs a needless scan.
const CLOCK_SKEW_COMMITS: usize = 64;

/// A commit of a range.
#[derive(Debug, Clone)]
pub struct RangeCommit {
    /// Its id.
    pub id: ObjectId,
    /// Its tree, parents and date.
    pub head: CommitHead,
}

impl RangeCommit {
    /// Its parents, in order.
    pub fn parents(&self) -> &[ObjectId] {
        &self.head.parents
    }

    /// Committer date, seconds since 1970.
    pub fn time(&self) -> i64 {
        self.head.time
    }
}

/// Returns the commits of `range`, oldest first and parents before children, and the errors of those that could not be
/// read.
pub fn commits(range: &Range, database: &Database) -> (Vec<RangeCommit>, Vec<ReadError>) {
    let mut walk = Walk::new(database, EXCLUDED);
    for id in &range.include {
        walk.push(id, INCLUDED);
    }
    for id in &range.exclude {
        walk.push(id, EXCLUDED);
    }
    for (a, b) in &range.symmetric {
        for id in common(a, b, database) {
            walk.push(&id, EXCLUDED);
        }
    }
    walk.run();
    walk.finish()
}

/// Returns the newest common ancestor of two commits, or `None` if there is none.
pub fn merge_base(a: &ObjectId, b: &ObjectId, database: &Database) -> Option<ObjectId> {
    let common = common(a, b, database).into_iter();
    let dated = common.filter_map(|id| Some((database.commit(&id).ok()?.1.time, id)));
    dated.max().map(|(_, id)| id)
}

/// Returns the common ancestors of two commits, as far as needed to exclude their history.
fn common(a: &ObjectId, b: &ObjectId, database: &Database) -> Vec<ObjectId> {
    const BOTH: u8 = 3;
    let mut walk = Walk::new(database, BOTH);
    walk.push(a, 1);
    walk.push(b, 2);
    walk.run();
    walk.known.iter().filter(|(_, seen)| seen.marks == BOTH).map(|(id, _)| *id).collect()
}

/// Mark of a commit to include.
const INCLUDED: u8 = 1;
/// Mark of a commit to exclude, whatever other marks it has.
const EXCLUDED: u8 = 2;

struct CommitState {
    head: CommitHead,
    marks: u8,
}

struct Walk<'a> {
    database: &'a Database,
    known: HashMap<ObjectId, CommitState>,
    /// By date, newest first.
    queue: BinaryHeap<(i64, ObjectId)>,
    /// Commits in the queue that lack one of the marks in `enough`.
    open: HashSet<ObjectId>,
    /// Marks of a commit whose history need not be followed.
    enough: u8,
    /// Commits that cannot be read, and the marks that they would have.
    missing: HashMap<ObjectId, (ReadError, u8)>,
}

impl<'a> Walk<'a> {
    fn new(database: &'a Database, enough: u8) -> Self {
        Self {
            database,
            known: HashMap::new(),
            queue: BinaryHeap::new(),
            open: HashSet::new(),
            enough,
            missing: HashMap::new(),
        }
    }

    /// Marks a commit, and queues it if a mark is new.
    fn push(&mut self, id: &ObjectId, marks: u8) {
        if !self.known.contains_key(id) {
            match self.database.commit(id) {
                Ok((commit, head)) => {
                    self.known.entry(commit).or_insert(CommitState { head, marks: 0 });
                    self.mark(commit, marks);
                }
                Err(error) => self.missing.entry(*id).or_insert((error, 0)).1 |= marks,
            }
            return;
        }
        self.mark(*id, marks);
    }

    fn mark(&mut self, id: ObjectId, marks: u8) {
        let Some(seen) = self.known.get_mut(&id).filter(|seen| seen.marks | marks != seen.marks) else {
            return;
        };
        seen.marks |= marks;
        self.queue.push((seen.head.time, id));
        if seen.marks & self.enough == self.enough {
            self.open.remove(&id);
        } else {
            self.open.insert(id);
        }
    }

    /// Propagates marks to parents until every queued commit has enough of them.
    fn run(&mut self) {
        let mut slop = CLOCK_SKEW_COMMITS;
        while let Some((_, id)) = self.queue.pop() {
            self.open.remove(&id);
            let Some(seen) = self.known.get(&id) else { continue };
            let (marks, parents) = (seen.marks, seen.head.parents.clone());
            for parent in &parents {
                self.push(parent, marks);
            }
            slop = if self.open.is_empty() { slop - 1 } else { CLOCK_SKEW_COMMITS };
            if slop == 0 {
                return;
            }
        }
    }

    fn finish(self) -> (Vec<RangeCommit>, Vec<ReadError>) {
        let taken: HashMap<ObjectId, CommitHead> = self
            .known
            .into_iter()
            .filter(|(_, seen)| seen.marks & (INCLUDED | EXCLUDED) == INCLUDED)
            .map(|(id, seen)| (id, seen.head))
            .collect();
        let mut order: Vec<ObjectId> = taken.keys().copied().collect();
        order.sort_by_key(|id| (taken[id].time, *id));
        let mut out = Vec::with_capacity(order.len());
        let mut done = HashSet::new();
        for start in order {
            // Parents before children, even if dates contradict.
            let mut stack = vec![(start, false)];
            while let Some((id, ready)) = stack.pop() {
                let Some(head) = taken.get(&id).filter(|_| !done.contains(&id)) else { continue };
                if ready {
                    done.insert(id);
                    out.push(RangeCommit { id, head: head.clone() });
                } else {
                    stack.push((id, true));
                    stack.extend(head.parents.iter().rev().map(|parent| (*parent, false)));
                }
            }
        }
        // Excluded commits may be missing.
        let missing = self.missing.into_values().filter(|(_, marks)| marks & EXCLUDED == 0);
        let mut errors: Vec<ReadError> = missing.map(|(error, _)| error).collect();
        errors.sort_by(|one, other| one.id.cmp(&other.id));
        (out, errors)
    }
}
