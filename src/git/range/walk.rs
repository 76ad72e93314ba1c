//! The commits of a range, oldest first.

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::revision::Range;
use crate::git::database::{Database, ReadError};
use crate::git::parse::CommitHead;
use crate::objects::ObjectId;

/// Commits that are looked at beyond the point from which everything is left out: clocks differ, so that a commit can
/// be older than its parent. One that is taken too much is only scanned in vain.
const SLOP: usize = 64;

/// A commit of a range.
#[derive(Debug, Clone)]
pub struct RangeCommit {
    /// Its id.
    pub id: ObjectId,
    /// Its tree, parents and date.
    pub(crate) head: CommitHead,
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

/// The commits of `range`, oldest first, parents before children; and what could not be read.
pub fn commits(range: &Range, database: &Database) -> (Vec<RangeCommit>, Vec<ReadError>) {
    let mut walk = Walk::new(database, LEFT_OUT);
    for id in &range.include {
        walk.push(id, TAKEN);
    }
    for id in &range.exclude {
        walk.push(id, LEFT_OUT);
    }
    for (a, b) in &range.symmetric {
        for id in common(a, b, database) {
            walk.push(&id, LEFT_OUT);
        }
    }
    walk.run();
    walk.finish()
}

/// The newest commit that two commits have in common; `None` if there is none.
pub fn merge_base(a: &ObjectId, b: &ObjectId, database: &Database) -> Option<ObjectId> {
    let common = common(a, b, database).into_iter();
    let dated = common.filter_map(|id| Some((database.commit(&id).ok()?.1.time, id)));
    dated.max().map(|(_, id)| id)
}

/// What two commits have in common, as far as it has to be known to leave it out.
fn common(a: &ObjectId, b: &ObjectId, database: &Database) -> Vec<ObjectId> {
    const BOTH: u8 = 3;
    let mut walk = Walk::new(database, BOTH);
    walk.push(a, 1);
    walk.push(b, 2);
    walk.run();
    walk.known.iter().filter(|(_, seen)| seen.marks == BOTH).map(|(id, _)| *id).collect()
}

/// Mark of a commit that is to be taken.
const TAKEN: u8 = 1;
/// Mark of a commit that is left out, whatever other marks it has.
const LEFT_OUT: u8 = 2;

struct Seen {
    head: CommitHead,
    marks: u8,
}

struct Walk<'a> {
    database: &'a Database,
    known: HashMap<ObjectId, Seen>,
    /// By date, the newest first.
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

    /// Marks a commit, and looks at it again if that is news.
    fn push(&mut self, id: &ObjectId, marks: u8) {
        if !self.known.contains_key(id) {
            match self.database.commit(id) {
                Ok((commit, head)) => {
                    self.known.entry(commit).or_insert(Seen { head, marks: 0 });
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

    /// Hands marks on to parents until everything that waits has enough of them.
    fn run(&mut self) {
        let mut slop = SLOP;
        while let Some((_, id)) = self.queue.pop() {
            self.open.remove(&id);
            let Some(seen) = self.known.get(&id) else { continue };
            let (marks, parents) = (seen.marks, seen.head.parents.clone());
            for parent in &parents {
                self.push(parent, marks);
            }
            slop = if self.open.is_empty() { slop - 1 } else { SLOP };
            if slop == 0 {
                return;
            }
        }
    }

    fn finish(self) -> (Vec<RangeCommit>, Vec<ReadError>) {
        let taken: HashMap<ObjectId, CommitHead> = self
            .known
            .into_iter()
            .filter(|(_, seen)| seen.marks & (TAKEN | LEFT_OUT) == TAKEN)
            .map(|(id, seen)| (id, seen.head))
            .collect();
        let mut order: Vec<ObjectId> = taken.keys().copied().collect();
        order.sort_by_key(|id| (taken[id].time, *id));
        let mut out = Vec::with_capacity(order.len());
        let mut done = HashSet::new();
        for start in order {
            // Parents before children, also where dates say otherwise.
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
        // What is left out need not be here.
        let missing = self.missing.into_values().filter(|(_, marks)| marks & LEFT_OUT == 0);
        let mut errors: Vec<ReadError> = missing.map(|(error, _)| error).collect();
        errors.sort_by(|one, other| one.id.cmp(&other.id));
        (out, errors)
    }
}
