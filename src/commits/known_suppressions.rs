//! Suppression comments in a range. They only count if the base has them already, for the same secret in a file that
//! was moved or changed.

use std::collections::HashSet;

use super::Search;
use super::contents::Contents;
use super::search::Item;
use crate::detect::Match;
use crate::finding::SecretKey;
use crate::git::Trees;
use crate::git::odb::ObjectId;

/// The suppressions of the base.
#[derive(Debug, Default)]
pub(super) struct KnownSuppressions {
    /// Secrets that a comment suppresses in the base.
    secrets: HashSet<SecretKey>,
    /// The comments.
    comments: HashSet<SecretKey>,
}

impl Search<'_> {
    /// Collects the suppressions of the base in blobs that the range replaces or deletes. Scans them only if the range
    /// adds suppression comments. `base` is the set of all blobs of the base.
    pub(super) fn suppressions(
        &self,
        items: &[Item],
        base: &HashSet<ObjectId>,
        trees: &mut Trees<'_>,
        contents: &mut Contents,
    ) -> KnownSuppressions {
        let mut suppressions = KnownSuppressions::default();
        let brings =
            |item: &Item| contents.of(&item.blob, &item.key).iter().any(|one| self.inspector.is_word(one));
        if !items.iter().any(brings) {
            return suppressions;
        }
        let (mut seen, mut kept) = (HashSet::new(), HashSet::new());
        for tip in &self.range.include {
            if let Ok((_, head)) = self.database.commit(tip) {
                trees.blobs_in(&head.tree, &mut seen, &mut kept);
            }
        }
        let gone: Vec<ObjectId> = base.difference(&kept).copied().collect();
        self.search(gone.clone(), contents, false);
        for found in gone.iter().flat_map(|blob| contents.all(blob)) {
            if self.inspector.is_word(found) {
                suppressions.comments.insert(found.secret_key());
            } else if found.ignored.is_some() {
                suppressions.secrets.insert(found.secret_key());
            }
        }
        suppressions
    }
}

impl KnownSuppressions {
    /// Keeps suppressions that also exist in the base and drops the others, and removes comments that the base has.
    /// With `trusted`, all suppressions are kept.
    pub(super) fn apply(&self, found: &mut Vec<Match>, is_word: impl Fn(&Match) -> bool, trusted: bool) {
        found.retain(|one| !is_word(one) || !self.comments.contains(&one.secret_key()));
        for one in found.iter_mut().filter(|one| !trusted && !self.secrets.contains(&one.secret_key())) {
            one.ignored = None;
        }
    }
}
