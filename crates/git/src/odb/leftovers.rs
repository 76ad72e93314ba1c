//! What an interrupted git left in an object directory: loose objects under temporary names, packs without an index, and
//! quarantine directories of pushes. Lists and reads them; never writes.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use telleaks_platform::path_bytes;

use super::buffer::{Buffer, Inflater};
use super::delta_tree::PackOrder;
use super::error::ObjectError;
use super::id::{HashFormat, Kind, ObjectId};
use super::loose;
use super::pack::Pack;
use super::pack_data::Bytes;
use super::pack_entry::{self, EntryKind};
use super::task::{ReadTask, Task};
use super::{ObjectReader, PackInput, Store};
use crate::fault_injection;
use crate::finding::SkipLog;

/// Start of the name of a pack that is still being written.
pub(super) const TEMPORARY_PACK: &str = "tmp_pack_";
/// Starts of the names of quarantine directories, of new and of old versions of git.
const QUARANTINES: [&str; 2] = ["tmp_objdir-", "incoming-"];
/// Maximum size of an object in a pack without an index, in bytes: the objects after a larger one are not found.
const MAX_OBJECT_BYTES: u64 = 256 << 20;
/// Length of the header of a pack, in bytes.
const HEADER_BYTES: u64 = 12;

/// Files that an interrupted git left.
#[derive(Debug, Default)]
pub struct Leftovers {
    /// Loose objects under temporary names.
    pub objects: Vec<PathBuf>,
    /// Packs without an index.
    pub packs: Vec<PathBuf>,
}

impl Leftovers {
    /// Adds the temporary files directly in an object directory, where some versions of git write them.
    pub(super) fn add_top(&mut self, directory: &Path) {
        for (path, name) in entries(directory) {
            if name.starts_with(loose::TEMPORARY.as_bytes()) {
                self.objects.push(path);
            } else if name.starts_with(TEMPORARY_PACK.as_bytes()) {
                self.packs.push(path);
            }
        }
    }

    /// Sorts by path.
    pub(super) fn sort(&mut self) {
        self.objects.sort();
        self.packs.sort();
    }
}

/// Lists a directory. The caller opens it as an object directory too, which reports errors.
fn entries(directory: &Path) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    let all = fault_injection::read_dir(directory).into_iter().flatten().flatten();
    all.map(|entry| (entry.path(), path_bytes(&entry.file_name()).to_vec()))
}

/// Returns the quarantine directories in an object directory, sorted. Each is an object directory itself.
#[must_use]
pub fn quarantines(objects: &Path) -> Vec<PathBuf> {
    let is_one = |(path, name): &(PathBuf, Vec<u8>)| {
        QUARANTINES.iter().any(|start| name.starts_with(start.as_bytes()))
            && fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
    };
    let mut all: Vec<_> = entries(objects).filter(is_one).map(|(path, _)| path).collect();
    all.sort();
    all
}

/// Opens the loose object in a temporary file. Returns its kind, its declared size in bytes, and its content as far as
/// it was written; reading on is an error.
///
/// # Errors
///
/// Returns `System`, `Stream`, `Header` or `Memory`.
pub fn open_leftover_object(path: &Path) -> Result<(Kind, u64, impl Read), ObjectError> {
    let open = loose::open(path, &mut Inflater::default())?;
    Ok((open.kind, open.size, open.stream()?))
}

/// Returns the offset in its pack of an object that [`Store::read_unindexed`] passed under this name, in bytes.
#[must_use]
pub fn pack_offset(name: &ObjectId) -> u64 {
    name.as_bytes().last_chunk().map_or(0, |last| u64::from_be_bytes(*last))
}

/// The objects of a pack without an index.
struct Entries {
    offsets: Vec<u64>,
    /// The reason why there are no more, if the pack is incomplete.
    problem: Option<String>,
    /// The last object, as far as it was written, if it is no delta.
    rest: Option<(u64, Kind, Buffer)>,
}

impl Store {
    /// Returns the files that an interrupted git left.
    #[must_use]
    pub fn leftovers(&self) -> &Leftovers {
        &self.found.leftovers
    }

    /// Passes every object of a pack without an index to `reader`, on `threads` threads, each with a name made of its
    /// offset ([`pack_offset`]). Bases of deltas may also be in this store. Of an incomplete pack, everything before its
    /// end is passed, and the rest is reported.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or is no pack.
    pub fn read_unindexed(
        &self,
        path: &Path,
        format: HashFormat,
        threads: usize,
        reader: &dyn ObjectReader,
    ) -> Result<(), ObjectError> {
        let bytes = Bytes::load(path, threads)?;
        let Entries { offsets, problem, rest } = Entries::of(&bytes, format)?;
        let task = ReadTask { reader, kinds: &[Kind::Commit, Kind::Tree, Kind::Blob, Kind::Tag] };
        let pack = Pack::without_index(path, format, &offsets, bytes.len()).ok_or(ObjectError::Header)?;
        if let Some(problem) = problem {
            task.skipped(None, problem);
        }
        let input = PackInput { number: self.found.packs.len(), pack: &pack, bytes: &bytes };
        self.decode(&input, PackOrder::of(&pack), threads, &task);
        if let Some((offset, kind, content)) = rest
            && let Some(id) = name_of(offset, format)
        {
            task.take(&|| Some(id), kind, content.content(), None);
        }
        Ok(())
    }
}

impl Entries {
    /// Finds the objects of a pack by inflating one after the other.
    fn of(bytes: &Bytes, format: HashFormat) -> Result<Self, ObjectError> {
        let mut room = Vec::new();
        let head = bytes.get(0..HEADER_BYTES, &mut room)?;
        let count = match head.split_first_chunk::<8>() {
            Some((b"PACK\0\0\0\x02" | b"PACK\0\0\0\x03", count)) => {
                count.first_chunk().map(|count| u32::from_be_bytes(*count))
            }
            _ => None,
        };
        let count = count.ok_or(ObjectError::Header)?;
        let mut found = Self { offsets: Vec::new(), problem: None, rest: None };
        let mut inflater = Inflater::default();
        let mut at = HEADER_BYTES;
        for number in 0..count {
            match end_of(bytes, at, format, &mut inflater) {
                Ok(end) => {
                    found.offsets.push(at);
                    at = end;
                }
                Err(error) => {
                    let reason = format!(
                        "an unfinished pack with {number} of {count} objects; the next one cannot be read: {error}"
                    );
                    found.problem = Some(reason);
                    found.rest = rest_of(bytes, at, format, &mut inflater);
                    break;
                }
            }
        }
        Ok(found)
    }
}

/// Returns the name under which an object at `offset` is passed on.
fn name_of(offset: u64, format: HashFormat) -> Option<ObjectId> {
    ObjectId::from_bytes(&[&vec![0; format.id_len() - 8][..], &offset.to_be_bytes()].concat())
}

/// Returns the offset after the entry at `at`.
fn end_of(bytes: &Bytes, at: u64, format: HashFormat, inflater: &mut Inflater) -> Result<u64, ObjectError> {
    let mut room = [0; pack_entry::MAX_HEADER_BYTES];
    let header = pack_entry::parse(bytes.head(at, &mut room)?, format).ok_or(ObjectError::Header)?;
    if header.size > MAX_OBJECT_BYTES {
        return Err(ObjectError::TooLarge(header.size));
    }
    let start = at + header.len as u64;
    // More than incompressible data takes.
    let most = start + header.size + header.size / 500 + 64;
    let end = bytes.len().saturating_sub(format.id_len() as u64).min(most);
    let (mut content, mut input) = (Buffer::default(), Vec::new());
    inflater.exact(bytes.get(start..end, &mut input)?, header.size, &mut content)?;
    Ok(start + inflater.consumed())
}

/// Returns the start of the incomplete object at `at`, unless it is a delta.
fn rest_of(
    bytes: &Bytes,
    at: u64,
    format: HashFormat,
    inflater: &mut Inflater,
) -> Option<(u64, Kind, Buffer)> {
    let mut room = [0; pack_entry::MAX_HEADER_BYTES];
    let header = pack_entry::parse(bytes.head(at, &mut room).ok()?, format)?;
    let EntryKind::Base(kind) = header.kind else { return None };
    let (mut content, mut input) = (Buffer::default(), Vec::new());
    let start = at + header.len as u64;
    let input = bytes.get(start..start + MAX_OBJECT_BYTES, &mut input).ok()?;
    let size = usize::try_from(header.size.min(MAX_OBJECT_BYTES)).ok()?;
    inflater.prefix(input, size, &mut content).ok()?;
    Some((at, kind, content))
}
