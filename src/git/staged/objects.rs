//! Trees from the object database, and their entries in the order that the index has too.

use std::cmp::Ordering;

use git2::{ObjectType, Odb, OdbObject, Oid};

use super::StagedError;
use crate::git::tree::{self, TreeEntry};

/// An id of 20 or 32 bytes.
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

/// The entries of a tree.
pub(super) fn entries_of<'a>(
    object: &'a OdbObject<'_>,
) -> impl Iterator<Item = Result<TreeEntry<'a>, StagedError>> {
    let id = object.id();
    tree::entries(object.data(), id.as_bytes().len()).map(move |entry| {
        entry.ok_or_else(|| StagedError::Tree { id: id.to_string(), reason: "it is damaged".to_owned() })
    })
}

/// Entries of a tree that are asked for in the order of git: by name, that of a directory with a slash behind it.
/// In a tree that is not in order some are not found, which makes them look new.
pub(super) struct InOrder<'a> {
    entries: Vec<TreeEntry<'a>>,
    at: usize,
}

impl<'a> InOrder<'a> {
    /// No tree has no entries.
    pub(super) fn new(object: Option<&'a OdbObject<'_>>) -> Result<Self, StagedError> {
        let entries = object.map(|object| entries_of(object).collect()).transpose()?;
        Ok(Self { entries: entries.unwrap_or_default(), at: 0 })
    }

    /// The entry of this name and sort. No call may ask for one that stands before that of the last call.
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
    let behind = |(name, directory): (&[u8], bool)| match name.get(common) {
        Some(byte) => Some(*byte),
        None if directory => Some(b'/'),
        None => None,
    };
    let names = one.0[..common].cmp(&other.0[..common]);
    names.then_with(|| behind(one).cmp(&behind(other))).then_with(|| one.0.len().cmp(&other.0.len()))
}
