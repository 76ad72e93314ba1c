//! The two sides of a range: what was there before it, and what is there behind it. Whatever decides how a range is judged
//! is read from the side that its author did not write.

use super::{CommitsError, Input, range};
use crate::git::{Database, Layout, Range, ReadError, Refs, file_of, merge_base};
use crate::objects::{HashFormat, ObjectId};

/// More bases have no commit in common that would be of use, and finding it takes time.
const MOST_BASES: usize = 100;

/// A range's sides.
pub struct Sides {
    database: Database,
    format: HashFormat,
    /// The commit on which the range stands; `None` if there is none, or none that all of its parts stand on.
    pub base: Option<ObjectId>,
    /// The commits at its end, each once.
    pub tips: Vec<ObjectId>,
}

impl Sides {
    /// The sides of `input` in the repository at `layout`.
    ///
    /// For `A..B` the base is A. For a push it is what each ref led to before, and for a new ref the tip of the default
    /// branch. Where there are several, it is what they have in common.
    ///
    /// # Errors
    /// The range cannot be understood, or there are no objects.
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

    /// A file at `path` from the root, in the tree of a commit.
    ///
    /// # Errors
    /// It cannot be read, or is larger than `limit` bytes.
    pub fn read(&self, commit: &ObjectId, path: &str, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        file_of((&self.database, self.format), commit, path, limit)
    }
}

/// The one commit on which everything in a range stands.
fn base(range: &Range, database: &Database) -> Option<ObjectId> {
    let mut all: Vec<ObjectId> = if range.olds.is_empty() {
        let common = range.symmetric.iter().map(|(a, b)| merge_base(a, b, database));
        common.chain(range.exclude.iter().copied().map(Some)).collect::<Option<_>>()?
    } else {
        // A ref without a base lets the whole push have none.
        range.olds.iter().copied().collect::<Option<_>>()?
    };
    all.sort_unstable();
    all.dedup();
    if all.len() > MOST_BASES {
        return None;
    }
    let mut all = all.iter();
    let first = database.commit(all.next()?).ok()?.0;
    all.try_fold(first, |one, other| merge_base(&one, other, database))
}
