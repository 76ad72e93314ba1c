//! The history of findings, as far as it is known from the range.

use std::collections::{HashMap, HashSet};

use super::Search;
use super::contents::Contents;
use super::known_suppressions::KnownSuppressions;
use super::search::Item;
use crate::finding::{Commit, GitInfo, ReachedBy};
use crate::git::odb::ObjectId;
use crate::git::{CommitText, RangeCommit, Trees, rfc3339};

const SECONDS_A_DAY: i64 = 86_400;
/// Maximum number of comparisons to determine when secrets were removed: it takes one for each commit and secret. Above
/// it, removals are not reported.
const MAX_COMPARISONS: usize = 2_000_000;
/// Maximum number of refs that are checked for whether they lead to a commit.
const MAX_REFS: usize = 2_000;

impl Search<'_> {
    /// Reports findings for the items.
    pub(super) fn report(
        &self,
        (items, suppressions): (&[Item], &KnownSuppressions),
        trees: &mut Trees<'_>,
        contents: &mut Contents,
    ) {
        let follow = items.len().saturating_mul(self.commits.len()) <= MAX_COMPARISONS;
        let newest = self.commits.iter().map(RangeCommit::time).max().unwrap_or_default();
        // Cached, because many items can be of one commit.
        let mut known: HashMap<usize, (Commit, Vec<String>)> = HashMap::new();
        for item in items {
            let commit = &self.commits[item.commit];
            let of_commit = || (self.commit_info(&commit.id), self.refs_to(&commit.id));
            let (commit_info, refs) = known.entry(item.commit).or_insert_with(of_commit).clone();
            let gone = if follow { self.removal(item, trees, contents) } else { None };
            let in_head = self.refs.head.is_some_and(|head| self.holds(&head, item, trees, contents));
            let until = gone.filter(|_| !in_head).map_or(self.now, |gone| gone.1);
            let info = GitInfo {
                blob: Some(item.blob.to_string()),
                commit: Some(commit_info),
                path: Some(self.shown(&item.path)),
                first_seen: Some(rfc3339(commit.time())),
                last_seen: Some(rfc3339(gone.filter(|_| !in_head).map_or(newest, |gone| gone.1))),
                removed_in: gone.filter(|_| !in_head).map(|gone| gone.0.to_string()),
                exposure_days: u64::try_from((until - commit.time()) / SECONDS_A_DAY).ok(),
                in_head,
                reached_by: if refs.is_empty() { ReachedBy::Unreachable } else { ReachedBy::Refs },
                refs,
                versions: 1,
            };
            let mut found = contents.of(&item.blob, &item.key).to_vec();
            suppressions.apply(&mut found, |one| self.inspector.is_word(one), self.inspector.honours());
            let mut findings = self.inspector.grouped(&self.shown(&item.path), found);
            for finding in &mut findings {
                finding.git = Some(info.clone());
            }
            self.collector.add(findings);
        }
    }

    /// Returns the last commit of the range that removes a secret from its path, with its date.
    fn removal(
        &self,
        item: &Item,
        trees: &mut Trees<'_>,
        contents: &mut Contents,
    ) -> Option<(ObjectId, i64)> {
        let mut last = None;
        for commit in &self.commits[item.commit..] {
            if self.tree_holds(&commit.head.tree, item, trees, contents) {
                continue;
            }
            let parents = commit.parents();
            if !parents.is_empty() && parents.iter().all(|parent| self.holds(parent, item, trees, contents)) {
                last = Some((commit.id, commit.time()));
            }
        }
        last
    }

    /// Returns whether a commit's tree contains a secret at its path.
    fn holds(&self, commit: &ObjectId, item: &Item, trees: &mut Trees<'_>, contents: &mut Contents) -> bool {
        let tree = self.database.commit(commit).ok().map(|(_, head)| head.tree);
        tree.is_some_and(|tree| self.tree_holds(&tree, item, trees, contents))
    }

    fn tree_holds(
        &self,
        tree: &ObjectId,
        item: &Item,
        trees: &mut Trees<'_>,
        contents: &mut Contents,
    ) -> bool {
        let blob = trees.blob_at(tree, &item.path);
        blob.is_some_and(|blob| self.blob_holds(blob, &item.key, contents))
    }

    /// Returns the names of the refs from which a commit of the range is reachable: those that a push updates, and
    /// those whose tip is in the range.
    pub(super) fn refs_to(&self, id: &ObjectId) -> Vec<String> {
        let children: HashSet<ObjectId> = self.descendants(id);
        let tips = self.refs.tips.iter().take(MAX_REFS);
        let leads = |tip: &ObjectId| {
            self.database.commit(tip).is_ok_and(|(commit, _)| children.contains(&commit)) || tip == id
        };
        let pushed = self.range.names.iter().filter(|(_, tip)| leads(tip));
        let mut names: Vec<String> = pushed.map(|(name, _)| name.clone()).collect();
        names.extend(tips.filter(|tip| leads(&tip.id)).map(|tip| tip.name.clone()));
        if names.is_empty() && self.refs.head.is_some_and(|head| leads(&head)) {
            names.push("HEAD".to_owned());
        }
        names.sort();
        names.dedup();
        names.iter().map(|name| self.inspector.masked(name).into_owned()).collect()
    }

    /// Returns a commit of the range and its descendants in the range.
    fn descendants(&self, id: &ObjectId) -> HashSet<ObjectId> {
        let mut out = HashSet::from([*id]);
        for commit in self.commits {
            if commit.parents().iter().any(|parent| out.contains(parent)) {
                out.insert(commit.id);
            }
        }
        out
    }

    /// Returns the author, date and subject of a commit, with secrets masked.
    pub(super) fn commit_info(&self, id: &ObjectId) -> Commit {
        let text = self.database.read(id).map(|(_, content)| CommitText::read(&content)).unwrap_or_default();
        let mask = |text: &str| self.inspector.masked(text).into_owned();
        Commit {
            id: id.to_string(),
            author: mask(&text.author),
            date: rfc3339(text.time),
            subject: mask(&text.subject),
        }
    }
}
