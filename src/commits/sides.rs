//! The base and the tips of a range. Everything that determines how a range is judged is read from the base, because
//! its author does not control it.

use super::{CommitsError, Input, range};
use crate::git::odb::{HashFormat, ObjectId};
use crate::git::{Database, Layout, Range, ReadError, Refs, file_of, merge_base};

/// Maximum number of candidate bases. More are unlikely to have a useful common ancestor, and finding it takes time.
const MAX_BASES: usize = 100;

/// The base and the tips of a range.
pub struct Sides {
    database: Database,
    format: HashFormat,
    /// The base commit; `None` if there is none that is common to all parts of the range.
    pub base: Option<ObjectId>,
    /// The commits at the end of the range, without duplicates.
    pub tips: Vec<ObjectId>,
}

impl Sides {
    /// Determines the sides of `input` in the repository at `layout`.
    ///
    /// For `A..B` the base is A. For a push it is the previous commit of each ref, and for a new ref the tip of the
    /// default branch. If there are several, it is their merge base.
    ///
    /// # Errors
    /// Returns an error if the range is invalid or the object database cannot be opened.
    pub fn of(layout: &Layout, input: &Input) -> Result<Self, CommitsError> {
        let database = Database::open(layout)?;
        let refs = Refs::of_this_work_tree(layout);
        let range = range(input, &refs, &database)?;
        let commit = |id: &ObjectId| database.commit(id).ok().map(|(id, _)| id);
        let mut tips: Vec<ObjectId> = range.include.iter().filter_map(commit).collect();
        tips.sort_unstable();
        tips.dedup();
        Ok(Self { base: base(&range, &database), tips, format: layout.format, database })
    }

    /// Reads a file at `path` from the root of a commit's tree.
    ///
    /// # Errors
    /// Returns an error if it cannot be read or is larger than `limit` bytes.
    pub fn read(&self, commit: &ObjectId, path: &str, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        file_of(&self.database, self.format, commit, path, limit)
    }
}

/// Returns the common base of everything in a range.
fn base(range: &Range, database: &Database) -> Option<ObjectId> {
    let mut all: Vec<ObjectId> = if range.olds.is_empty() {
        let common = range.symmetric.iter().map(|(a, b)| merge_base(a, b, database));
        common.chain(range.exclude.iter().copied().map(Some)).collect::<Option<_>>()?
    } else {
        // If one ref has no base, the whole push has none.
        range.olds.iter().copied().collect::<Option<_>>()?
    };
    all.sort_unstable();
    all.dedup();
    if all.len() > MAX_BASES {
        return None;
    }
    let mut all = all.iter();
    let first = database.commit(all.next()?).ok()?.0;
    all.try_fold(first, |one, other| merge_base(&one, other, database))
}
