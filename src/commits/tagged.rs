//! Scans blobs and trees that the range names directly or through tags: such a ref leads to no commit.

use std::collections::HashSet;

use super::Search;
use super::contents::Contents;
use super::known_suppressions::KnownSuppressions;
use crate::finding::{GitInfo, ReachedBy};
use crate::git::odb::{Kind, ObjectId};
use crate::git::{Added, Database, Range, Trees};

/// Maximum length of a chain of tags.
const MAX_TAG_CHAIN: usize = 32;

/// A blob or a tree that the range names.
pub(super) struct Tagged {
    /// The object that the ref names: a tag, or the object itself.
    root: ObjectId,
    /// The blob or the tree.
    pub(super) id: ObjectId,
    kind: Kind,
    /// Whether the range excludes it, too.
    excluded: bool,
}

/// Returns the blobs and trees that `range` includes.
pub(super) fn tagged(range: &Range, database: &Database) -> Vec<Tagged> {
    let excluded: HashSet<ObjectId> =
        range.exclude.iter().filter_map(|id| Some(peeled(id, database)?.0)).collect();
    let mut seen = HashSet::new();
    let all = range.include.iter().filter_map(|root| {
        let (id, kind) = peeled(root, database)?;
        Some(Tagged { root: *root, id, kind, excluded: excluded.contains(&id) })
    });
    all.filter(|one| seen.insert(one.id)).collect()
}

/// Follows tags to a blob or a tree.
fn peeled(id: &ObjectId, database: &Database) -> Option<(ObjectId, Kind)> {
    let mut id = *id;
    for _ in 0..MAX_TAG_CHAIN {
        match database.read(&id).ok()? {
            (Kind::Tag, content) => id = crate::git::tag_target(&content)?,
            (Kind::Commit, _) => return None,
            (kind, _) => return Some((id, kind)),
        }
    }
    None
}

impl Search<'_> {
    /// Scans the blobs and trees, without the blobs that the base has.
    pub(super) fn tagged(&self, all: &[Tagged]) {
        if all.is_empty() {
            return;
        }
        let mut trees = Trees::new(self.database, self.layout.format);
        let base = self.base(&mut trees);
        let mut contents = Contents::default();
        for one in all.iter().filter(|one| !one.excluded) {
            match one.kind {
                Kind::Blob => self.tagged_blob(one, &format!(".git/blob/{}", one.id), one.id, &mut contents),
                _ => self.tagged_tree(one, &base, &mut trees, &mut contents),
            }
        }
    }

    /// Scans the files and names of a tree.
    fn tagged_tree(
        &self,
        one: &Tagged,
        base: &HashSet<ObjectId>,
        trees: &mut Trees<'_>,
        contents: &mut Contents,
    ) {
        let (mut blobs, mut names) = (Vec::new(), Vec::new());
        trees.all_of(&one.id, &mut |added| match added {
            Added::Blob(change) => blobs.push((change.path, change.blob)),
            Added::Name(path) if self.inspector.suspicious(path) => names.push(path.to_vec()),
            Added::Name(_) => {}
            Added::Unread(error) => {
                self.collector.missed(format!(".git/objects/{}", error.id), error.reason);
            }
        });
        for path in names {
            let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            self.add_tagged(one, &self.shown(&path), None, self.inspector.scan_name(name));
        }
        blobs.retain(|(_, blob)| !base.contains(blob));
        self.search(blobs.iter().map(|(_, blob)| *blob).collect(), contents, true);
        for (path, blob) in blobs {
            self.tagged_blob(one, &self.shown(&path), blob, contents);
        }
    }

    /// Scans one blob, and reports it at `path`.
    fn tagged_blob(&self, one: &Tagged, path: &str, blob: ObjectId, contents: &mut Contents) {
        self.search(vec![blob], contents, true);
        self.collector.missed_in(path, contents.unread.get(&blob).map_or(&[], Vec::as_slice));
        let mut found: Vec<_> = contents.all(&blob).cloned().collect();
        // Comments that the range brings hide nothing.
        KnownSuppressions::default().apply(
            &mut found,
            |one| self.inspector.is_word(one),
            self.inspector.honours(),
        );
        self.add_tagged(one, path, Some(blob), found);
    }

    /// Reports matches in the object of a tag.
    fn add_tagged(&self, one: &Tagged, path: &str, blob: Option<ObjectId>, found: Vec<crate::detect::Match>) {
        let tips = self.refs.tips.iter().filter(|tip| tip.id == one.root).map(|tip| &tip.name);
        let pushed = self.range.names.iter().filter(|(_, id)| *id == one.root).map(|(name, _)| name);
        let mut refs: Vec<String> =
            tips.chain(pushed).map(|name| self.inspector.masked(name).into_owned()).collect();
        refs.sort();
        refs.dedup();
        let reached_by = if refs.is_empty() { ReachedBy::Unreachable } else { ReachedBy::Refs };
        let mut findings = self.inspector.grouped(path, found);
        for finding in &mut findings {
            finding.git = Some(GitInfo {
                blob: blob.map(|id| id.to_string()),
                path: Some(path.to_owned()),
                refs: refs.clone(),
                ..GitInfo::bare(reached_by)
            });
        }
        self.collector.add(findings);
    }
}
