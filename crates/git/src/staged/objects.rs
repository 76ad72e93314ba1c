//! Reads trees from the object database, with their entries in index order.

use std::cmp::Ordering;

use git2::{ObjectType, Odb, OdbObject, Oid};

use super::StagedError;
use crate::tree::{self, TreeEntry};

/// Converts an id of 20 or 32 bytes.
pub(super) fn oid(bytes: &[u8]) -> Result<Oid, StagedError> {
    Oid::from_bytes(bytes).map_err(|error| StagedError::Tree {
        id: "of a wrong length".to_owned(),
        reason: error.message().to_owned(),
    })
}

pub(super) fn read_tree<'a>(odb: &'a Odb<'_>, id: Oid) -> Result<OdbObject<'a>, StagedError> {
    let failed = |reason: &str| StagedError::Tree { id: id.to_string(), reason: reason.to_owned() };
    let object = odb.read(id).map_err(|error| failed(error.message()))?;
    if object.kind() == ObjectType::Tree { Ok(object) } else { Err(failed("it is not a tree")) }
}

/// Iterates over the entries of a tree; an error ends the iteration.
pub(super) fn entries_of<'a>(
    object: &'a OdbObject<'_>,
) -> impl Iterator<Item = Result<TreeEntry<'a>, StagedError>> {
    let id = object.id();
    tree::entries(object.data(), id.as_bytes().len()).map(move |entry| {
        entry.ok_or_else(|| StagedError::Tree { id: id.to_string(), reason: "it is damaged".to_owned() })
    })
}

/// A merge-join cursor over the entries of a tree. Lookups must be in git's order: by name, with a slash appended to
/// the names of directories. In an unsorted tree some entries are not found and count as new.
pub(super) struct OrderedEntries<'a> {
    entries: Vec<TreeEntry<'a>>,
    at: usize,
}

impl<'a> OrderedEntries<'a> {
    /// Reads the entries of a tree; without a tree there are none.
    pub(super) fn new(object: Option<&'a OdbObject<'_>>) -> Result<Self, StagedError> {
        let entries = object.map(|object| entries_of(object).collect()).transpose()?;
        Ok(Self { entries: entries.unwrap_or_default(), at: 0 })
    }

    /// Returns the entry of this name and kind. Lookups must not go backwards.
    pub(super) fn find(&mut self, name: &[u8], directory: bool) -> Option<TreeEntry<'a>> {
        while let Some(entry) = self.entries.get(self.at) {
            match order((entry.name, entry.is_directory()), (name, directory)) {
                Ordering::Less => self.at += 1,
                Ordering::Equal => return Some(*entry),
                Ordering::Greater => return None,
            }
        }
        None
    }
}

fn order(one: (&[u8], bool), other: (&[u8], bool)) -> Ordering {
    let common = one.0.len().min(other.0.len());
    let next_byte = |(name, directory): (&[u8], bool)| match name.get(common) {
        Some(byte) => Some(*byte),
        None if directory => Some(b'/'),
        None => None,
    };
    let names = one.0[..common].cmp(&other.0[..common]);
    names.then_with(|| next_byte(one).cmp(&next_byte(other))).then_with(|| one.0.len().cmp(&other.0.len()))
}
