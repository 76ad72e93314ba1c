//! The refs that contain a commit of the range. Reads the commits from the refs down to the range, within limits, and only if
//! there is a finding.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::Search;
use crate::finding::ReachedBy;
use crate::git::RangeCommit;
use crate::git::odb::ObjectId;

/// Maximum number of refs that are followed.
const MAX_REFS: usize = 5_000;
/// Maximum number of commits that are read.
const MAX_COMMITS: usize = 100_000;
/// Maximum number of commits that are visited for all findings together.
const MAX_VISITS: usize = 20_000_000;
/// Because of clock skew, a commit can be older than its parent: commits that are up to one day older than the oldest of
/// the range are followed, too.
const CLOCK_SKEW_SECONDS: i64 = 86_400;

/// The refs that contain a commit.
#[derive(Debug, Clone)]
pub(super) struct Containing {
    /// Their names, with secrets masked; `HEAD` only if no ref contains it.
    pub(super) refs: Vec<String>,
    /// The most public kind of them. `Refs` without names if a limit kept some from being found.
    pub(super) reached_by: ReachedBy,
    /// Whether others can see one of them; see [`crate::git::Refs::public`].
    pub(super) public: bool,
}

/// The commits from the refs down to the range.
pub(super) struct Above {
    children: HashMap<ObjectId, Vec<ObjectId>>,
    tips: Vec<NamedTip>,
    /// Whether no limit was reached.
    whole: bool,
    /// Answers so far, and the number of visits that they took.
    known: Mutex<(HashMap<ObjectId, Containing>, usize)>,
}

struct NamedTip {
    name: String,
    /// The object that the ref names: a commit or a tag.
    id: ObjectId,
    /// The commit that it leads to.
    commit: ObjectId,
    kind: ReachedBy,
    public: bool,
}

impl Search<'_> {
    /// Returns the refs that contain a commit of the range, or that name a tag.
    pub(super) fn containing(&self, id: &ObjectId) -> Containing {
        let above = self.above.get_or_init(|| self.read_above());
        let mut known = above.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known.0.get(id) {
            return answer.clone();
        }
        let containing = self.find(id, above, &mut known.1);
        known.0.insert(*id, containing.clone());
        containing
    }

    fn find(&self, id: &ObjectId, above: &Above, visits: &mut usize) -> Containing {
        let descendants = above.descendants(id, visits);
        let leads = |tip: &&NamedTip| descendants.contains(&tip.commit) || tip.id == *id;
        let (heads, refs): (Vec<&NamedTip>, Vec<&NamedTip>) =
            above.tips.iter().filter(leads).partition(|tip| tip.name == "HEAD");
        let found = if refs.is_empty() { heads } else { refs };
        let mut names: Vec<&str> = found.iter().map(|tip| tip.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let whole = above.whole && *visits < MAX_VISITS;
        let none = if whole { ReachedBy::Unreachable } else { ReachedBy::Refs };
        Containing {
            reached_by: found.iter().map(|tip| tip.kind).min().unwrap_or(none),
            public: found.iter().any(|tip| tip.public),
            refs: names.iter().map(|name| self.inspector.masked(name).into_owned()).collect(),
        }
    }

    /// Returns all names with the commits that they lead to, and whether none was left out.
    fn named_tips(&self) -> (Vec<NamedTip>, bool) {
        let is_public = self.refs.public();
        // What a push is about to publish is not public yet.
        let pushes = !self.range.names.is_empty() && !self.refs.has_remotes();
        let mut tips = Vec::new();
        let mut add = |name: &str, id: ObjectId, kind, public| {
            if let Ok((commit, _)) = self.database.commit(&id) {
                tips.push(NamedTip { name: name.to_owned(), id, commit, kind, public });
            }
        };
        for (name, id) in &self.range.names {
            add(name, *id, ReachedBy::Refs, false);
        }
        for tip in self.refs.tips.iter().take(MAX_REFS) {
            add(&tip.name, tip.id, tip.kind, is_public(tip) && !pushes);
        }
        if let Some(head) = self.refs.head {
            add("HEAD", head, ReachedBy::Refs, false);
        }
        (tips, self.refs.tips.len() <= MAX_REFS)
    }

    /// Reads the commits from the refs down to the oldest one of the range.
    fn read_above(&self) -> Above {
        let (tips, mut whole) = self.named_tips();
        let oldest = self.commits.iter().map(RangeCommit::time).min().unwrap_or_default();
        let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
        let mut seen: HashSet<ObjectId> = HashSet::new();
        let mut queue: BinaryHeap<(i64, ObjectId)> =
            tips.iter().filter(|tip| seen.insert(tip.commit)).map(|tip| (i64::MAX, tip.commit)).collect();
        let mut read = 0;
        while let Some((time, id)) = queue.pop() {
            if time < oldest.saturating_sub(CLOCK_SKEW_SECONDS) {
                break;
            }
            read += 1;
            if read > MAX_COMMITS {
                whole = false;
                break;
            }
            let Ok((_, head)) = self.database.commit(&id) else { continue };
            for parent in &head.parents {
                children.entry(*parent).or_default().push(id);
                if seen.insert(*parent) {
                    // The date of the child: the own one is known once the parent is read.
                    queue.push((head.time, *parent));
                }
            }
        }
        Above { children, tips, whole, known: Mutex::default() }
    }
}

impl Above {
    /// Returns a commit and its descendants, within the limit of visits.
    fn descendants(&self, id: &ObjectId, visits: &mut usize) -> HashSet<ObjectId> {
        let mut out = HashSet::from([*id]);
        let mut open = vec![*id];
        while let Some(id) = open.pop().filter(|_| *visits < MAX_VISITS) {
            for child in self.children.get(&id).into_iter().flatten() {
                *visits += 1;
                if out.insert(*child) {
                    open.push(*child);
                }
            }
        }
        out
    }
}
