//! Computes the history of each secret under each path from the sets and the reachability.

use std::collections::{HashMap, HashSet};

use super::paths::{Item, Items};
use super::reachability::Reachability;
use super::tree_sets::Roots;
use super::{Graph, History, HistoryInputs, LooseBlob, SecretHistory, Targets};
use crate::finding::{Commit, GitInfo, ReachedBy};
use crate::odb::ObjectId;
use crate::parse::{CommitText, rfc3339};

/// The text of larger commits and tags, in bytes, is left out.
const MAX_TEXT_BYTES: u64 = 16 << 20;
const SECONDS_A_DAY: i64 = 86_400;

/// Inputs of the history computation.
pub(crate) struct HistoryBuilder<'a> {
    pub(crate) sources: &'a HistoryInputs<'a>,
    pub(crate) targets: &'a Targets,
    pub(crate) graph: &'a Graph,
    pub(crate) reach: &'a Reachability<'a>,
    pub(crate) roots: &'a Roots,
}

/// The events of one item.
#[derive(Debug, Default, Clone)]
struct Events {
    introduced: Vec<u32>,
    removed: Vec<u32>,
    last_seen: Option<i64>,
    blobs: Vec<ObjectId>,
    first_blob: Option<ObjectId>,
}

impl HistoryBuilder<'_> {
    /// Computes the whole history.
    pub(crate) fn build(&self) -> History {
        let mut history = History::default();
        let held = if self.roots.is_empty() { HashSet::new() } else { self.files(&mut history) };
        for id in self.targets.blobs.keys() {
            history.loose.entry(*id).or_insert_with(|| self.loose(id, Vec::new()));
        }
        history.loose.retain(|id, _| !held.contains(id));
        self.texts(&mut history);
        let whole = |&commit: &u32| {
            !self.graph.is_cut(commit) && self.sources.store.contains(&self.graph.tree(commit))
        };
        let commits = (0..self.graph.len() as u32).filter(|commit| self.reach.reaches(*commit));
        history.broken =
            commits.filter(|commit| !whole(commit)).map(|commit| self.graph.id(commit)).collect();
        history
    }

    /// Computes the history of findings in files, and returns the blobs that are part of a commit.
    fn files(&self, history: &mut History) -> HashSet<ObjectId> {
        let items = Items::new(self.roots, self.targets);
        let events = self.events(&items);
        let head: HashMap<Item, Option<ObjectId>> = match self.reach.head(self.graph) {
            Some(head) => items.of(self.roots.of_commit[head as usize]).iter().copied().collect(),
            None => HashMap::new(),
        };
        let groups: Vec<Vec<u32>> = events.iter().map(|event| event.introduced.clone()).collect();
        let refs = self.reach.refs_to(self.graph, &groups);
        for (((item, event), refs), (path, secret)) in (0..).zip(&events).zip(refs).zip(&items.keys) {
            // The item occurs only in trees that are not part of a commit.
            if event.introduced.is_empty() {
                continue;
            }
            let in_head = head.get(&item);
            let blob = in_head.copied().flatten().or(event.first_blob);
            let info = self.info(event, in_head.is_some(), refs, path);
            let info = GitInfo { blob: blob.map(|id| id.to_string()), ..info };
            history.files.push(SecretHistory { secret: *secret, path: path.clone(), blob, info });
        }
        history.files.sort_by(|a, b| (&a.path, a.secret).cmp(&(&b.path, b.secret)));
        for (tree, set) in &self.roots.loose {
            for (item, blob) in items.of(*set) {
                let path = &items.keys[*item as usize].0;
                if let Some(blob) = blob {
                    history.loose.entry(*blob).or_insert_with(|| self.loose(tree, path.clone()));
                }
            }
        }
        let held = events.iter().filter(|event| !event.introduced.is_empty());
        held.flat_map(|event| event.blobs.iter().copied()).collect()
    }

    fn loose(&self, named: &ObjectId, path: Vec<u8>) -> LooseBlob {
        let (kind, refs) = self.reach.of_object(named);
        LooseBlob { path, refs, reached_by: Some(kind).filter(|kind| *kind != ReachedBy::Unreachable) }
    }

    /// Compares each commit with its parents.
    fn events(&self, items: &Items) -> Vec<Events> {
        let mut events = vec![Events::default(); items.keys.len()];
        let of_commit = &self.roots.of_commit;
        // The newest commit of each set: its items were last seen there.
        let mut newest: HashMap<u32, i64> = HashMap::new();
        for commit in 0..self.graph.len() as u32 {
            let set = of_commit[commit as usize];
            let time = self.graph.time(commit);
            newest.entry(set).and_modify(|newest| *newest = time.max(*newest)).or_insert(time);
            let parents: Vec<u32> =
                self.graph.parents(commit).iter().map(|&parent| of_commit[parent as usize]).collect();
            if parents.contains(&set) {
                continue;
            }
            for item in introduced(items, set, &parents) {
                events[item as usize].introduced.push(commit);
            }
            for item in removed(items, set, &parents) {
                events[item as usize].removed.push(commit);
            }
        }
        for (set, time) in newest {
            for &(item, blob) in items.of(set) {
                let event = &mut events[item as usize];
                event.last_seen = event.last_seen.max(Some(time));
                event.blobs.extend(blob);
            }
        }
        for (event, item) in events.iter_mut().zip(0..) {
            self.order(event, item, items);
        }
        events
    }

    /// Sorts commits by date, reachable ones first.
    fn order(&self, event: &mut Events, item: Item, items: &Items) {
        let by_date = |commit: &u32| (self.graph.time(*commit), self.graph.id(*commit));
        event.introduced.sort_by_key(by_date);
        // Unreachable copies (such as those from before a rebase) come after reachable commits.
        event.introduced.sort_by_key(|&commit| !self.reach.reaches(commit));
        event.removed.sort_by_key(by_date);
        event.blobs.sort_unstable();
        event.blobs.dedup();
        event.first_blob = event.introduced.first().and_then(|&commit| {
            let set = items.of(self.roots.of_commit[commit as usize]);
            let at = set.binary_search_by_key(&item, |one| one.0).ok()?;
            set[at].1
        });
    }

    /// Returns the provenance of an item. The caller fills in the blob.
    fn info(&self, event: &Events, in_head: bool, refs: Vec<String>, path: &[u8]) -> GitInfo {
        let first = event.introduced.iter().map(|&commit| self.graph.time(commit)).min();
        let gone = if in_head { None } else { self.removal(event) };
        let in_head_since = self.first(event, |commit| self.reach.in_head(commit));
        let in_head_until = match gone {
            _ if in_head => Some(self.sources.now),
            gone => gone.filter(|&commit| self.reach.in_head(commit)).map(|commit| self.graph.time(commit)),
        };
        GitInfo {
            blob: None,
            commit: event.introduced.first().map(|&commit| self.commit(self.graph.id(commit))),
            or_earlier: event.introduced.iter().any(|&commit| self.graph.is_cut(commit)),
            path: Some(shown(path)),
            first_seen: first.map(rfc3339),
            last_seen: event.last_seen.map(rfc3339),
            removed_in: gone.map(|commit| self.graph.id(commit).to_string()),
            exposure_days: self
                .first(event, |commit| self.reach.is_public(commit))
                .map(|since| days(since, self.sources.now)),
            head_days: in_head_since.zip(in_head_until).map(|(since, until)| days(since, until)),
            in_head,
            refs,
            reached_by: self.reach.kind_of(event.introduced.iter().copied()),
            versions: event.blobs.len().max(1) as u64,
        }
    }

    /// Returns the date of the first commit that introduced it, among those for which `test` is true.
    fn first(&self, event: &Events, test: impl Fn(u32) -> bool) -> Option<i64> {
        let chosen = event.introduced.iter().filter(|&&commit| test(commit));
        chosen.map(|&commit| self.graph.time(commit)).min()
    }

    /// Returns the last removal that is reachable, else the last one.
    fn removal(&self, event: &Events) -> Option<u32> {
        let reached = event.removed.iter().rev().find(|&&commit| self.reach.reaches(commit));
        reached.or(event.removed.last()).copied()
    }

    /// Reads the author, date and subject of a commit. The texts are not masked yet.
    fn commit(&self, id: ObjectId) -> Commit {
        let content = self.sources.store.read(&id, MAX_TEXT_BYTES).ok().flatten();
        let text = content.map(|(_, content)| CommitText::read(&content)).unwrap_or_default();
        Commit { id: id.to_string(), author: text.author, date: rfc3339(text.time), subject: text.subject }
    }

    fn texts(&self, history: &mut History) {
        let commits: Vec<(ObjectId, u32)> =
            self.targets.texts.iter().filter_map(|id| Some((*id, self.graph.number(id)?))).collect();
        let groups: Vec<Vec<u32>> = commits.iter().map(|(_, commit)| vec![*commit]).collect();
        let refs = self.reach.refs_to(self.graph, &groups);
        for ((id, commit), refs) in commits.into_iter().zip(refs) {
            let kind = self.reach.kind_of(std::iter::once(commit));
            let time = self.graph.time(commit);
            let exposed = self.reach.is_public(commit).then(|| days(time, self.sources.now));
            let info = GitInfo { exposure_days: exposed, ..self.text(id, refs, kind, time) };
            history.texts.insert(id, info);
        }
        for id in self.targets.texts.iter().filter(|id| self.graph.number(id).is_none()) {
            let (kind, names) = self.reach.of_object(id);
            let info = self.text(*id, names, kind, 0);
            history.texts.insert(*id, info);
        }
    }

    /// Returns the history of the text of a commit or tag.
    fn text(&self, id: ObjectId, refs: Vec<String>, kind: ReachedBy, time: i64) -> GitInfo {
        let commit = self.commit(id);
        let date = if time == 0 { commit.date.clone() } else { rfc3339(time) };
        GitInfo {
            blob: Some(id.to_string()),
            or_earlier: false,
            path: None,
            first_seen: Some(date.clone()),
            last_seen: Some(date),
            removed_in: None,
            exposure_days: None,
            head_days: None,
            in_head: false,
            refs,
            // A text published with a ref is reported as `Message`; any other keeps the kind of name that reaches it.
            reached_by: if kind <= ReachedBy::Notes { ReachedBy::Message } else { kind },
            versions: 1,
            commit: Some(commit),
        }
    }
}

/// Returns the items of a commit with the set `set` that no parent has. `parents` are the sets of its parents.
fn introduced(items: &Items, set: u32, parents: &[u32]) -> impl Iterator<Item = Item> {
    let all = items.of(set).iter().map(|(item, _)| *item);
    all.filter(move |item| !parents.iter().any(|parent| has_item(items, *parent, *item)))
}

/// Returns the items that all parents have and the commit has not. A secret removed on one side of a merge was removed
/// there, not by the merge.
fn removed(items: &Items, set: u32, parents: &[u32]) -> impl Iterator<Item = Item> {
    let (first, others) =
        parents.split_first().map_or((&[][..], parents), |(one, rest)| (items.of(*one), rest));
    let all = first.iter().map(|(item, _)| *item);
    all.filter(move |item| {
        !has_item(items, set, *item) && others.iter().all(|parent| has_item(items, *parent, *item))
    })
}

/// Returns whether a set has an item. Sets are sorted.
fn has_item(items: &Items, set: u32, item: Item) -> bool {
    items.of(set).binary_search_by_key(&item, |one| one.0).is_ok()
}

/// Returns the whole days between two times in seconds; 0 if they are in the wrong order.
fn days(since: i64, until: i64) -> u64 {
    u64::try_from((until - since) / SECONDS_A_DAY).unwrap_or(0)
}

/// Formats a path for reports, with bytes that are not UTF-8 as `\xNN`.
pub fn shown(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02X}"));
        }
    }
    out
}
