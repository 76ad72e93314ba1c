//! The history of findings, as far as it is known from the range.

use std::collections::HashMap;

use super::Search;
use super::containing::Containing;
use super::contents::Contents;
use super::known_suppressions::KnownSuppressions;
use super::search::Item;
use crate::finding::{Commit, GitInfo};
use crate::git::odb::ObjectId;
use crate::git::{CommitText, RangeCommit, Trees, rfc3339};

const SECONDS_A_DAY: i64 = 86_400;
/// Maximum number of comparisons to determine when secrets were removed: it takes one for each commit and secret. Above
/// it, removals are not reported.
const MAX_COMPARISONS: usize = 2_000_000;

impl Search<'_> {
    /// Reports findings for the items.
    pub(super) fn report(
        &self,
        items: &[Item],
        suppressions: &KnownSuppressions,
        trees: &mut Trees<'_>,
        contents: &mut Contents,
    ) {
        let follow = items.len().saturating_mul(self.commits.len()) <= MAX_COMPARISONS;
        let ends = self.layout.shallow_commits();
        let newest = self.commits.iter().map(RangeCommit::time).max().unwrap_or_default();
        // Cached, because many items can be of one commit.
        let mut known: HashMap<usize, (Commit, Containing)> = HashMap::new();
        for item in items {
            let commit = &self.commits[item.commit];
            let of_commit = || (self.commit_info(&commit.id), self.containing(&commit.id));
            let (commit_info, containing) = known.entry(item.commit).or_insert_with(of_commit).clone();
            let gone = if follow { self.removal(item, trees, contents) } else { None };
            let in_head = self.refs.head.is_some_and(|head| self.holds(&head, item, trees, contents));
            let until = if in_head { Some(self.now) } else { gone.map(|gone| gone.1) };
            let days = |until: i64| u64::try_from((until - commit.time()) / SECONDS_A_DAY).ok();
            let info = GitInfo {
                blob: Some(item.blob.to_string()),
                commit: Some(commit_info),
                or_earlier: ends.contains(&commit.id),
                path: Some(self.shown(&item.path)),
                first_seen: Some(rfc3339(commit.time())),
                last_seen: Some(rfc3339(gone.filter(|_| !in_head).map_or(newest, |gone| gone.1))),
                removed_in: gone.filter(|_| !in_head).map(|gone| gone.0.to_string()),
                exposure_days: Some(self.now).filter(|_| containing.public).and_then(days),
                head_days: until.and_then(days),
                in_head,
                reached_by: containing.reached_by,
                refs: containing.refs,
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
