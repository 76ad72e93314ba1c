//! The cache of an audit: ids of objects that were clean under the same rules, so that the next audit reads only new
//! ones. An id identifies its content, so the file may be shared between your own clones and CI jobs. Anyone who can
//! write to the file can hide an object, so it is only as trustworthy as its location.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Options;
use crate::fault_injection;
use crate::git::odb::{ObjectId, Store};
use crate::report::{FileError, write_file};
use crate::scan::State;

/// Magic bytes with the version of the format.
const MAGIC: &[u8; 16] = b"telleaks cache 3";
/// Bytes before the sections: the magic and the digest of the rules.
const HEADER_BYTES: usize = 48;
/// Bytes after the sections: SHA-256 of everything before.
const CHECKSUM_BYTES: usize = 32;
/// A larger cache, in bytes, is not read; it would list more objects than any repository has.
const MAX_BYTES: u64 = 4 << 30;

/// Clean objects by repository: the audited one under the empty name, submodules under their paths.
type Sections = BTreeMap<String, HashSet<ObjectId>>;

/// Why a cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The file cannot be read.
    #[error("{path}: the cache cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// The I/O error.
        error: io::Error,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Unwritable(#[from] FileError),
}

/// Clean objects of the previous audit and of this one.
#[derive(Debug, Default)]
pub struct Cache {
    path: Option<PathBuf>,
    rules: [u8; 32],
    before: Sections,
    now: Sections,
    /// A notice about a cache that was not used.
    pub notice: Option<String>,
}

impl Cache {
    /// Reads the cache named in `options`. The cache is empty if it was written for other rules, and also if it is
    /// damaged, which is reported in `notice`.
    ///
    /// # Errors
    /// Returns an error if the file exists and cannot be read.
    pub fn open(options: &Options) -> Result<Self, CacheError> {
        let mut cache = Self { path: options.cache.clone(), rules: options.rules_digest, ..Self::default() };
        let Some(path) = &options.cache else { return Ok(cache) };
        let unreadable = |error| CacheError::Unreadable { path: path.to_string_lossy().into_owned(), error };
        match load(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(error)),
            Ok(bytes) => match read(&bytes, &cache.rules) {
                Some(clean) => cache.before = clean,
                None => {
                    let path = path.to_string_lossy();
                    cache.notice = Some(format!(
                        "{path}: the cache is damaged and will be rebuilt; everything is scanned"
                    ));
                }
            },
        }
        Ok(cache)
    }

    /// Returns the objects of a repository that were clean under these rules. Returns an empty set if one of them is
    /// missing: the objects that refer to it must be read again, so that it is reported.
    pub(super) fn take(&mut self, section: &str, store: &Store) -> HashSet<ObjectId> {
        let clean = self.before.remove(section).unwrap_or_default();
        if clean.iter().all(|id| store.contains(id)) { clean } else { HashSet::new() }
    }

    /// Records every object of `store` that was read completely and has no findings.
    pub(super) fn remember(&mut self, section: &str, store: &Store, state: &State) {
        // Objects that refer to a missing one must be read again next time.
        if self.path.is_none() || !state.missing.is_empty() || !state.cut.is_empty() {
            return;
        }
        let targets = &state.targets;
        let mut dirty: HashSet<&ObjectId> = targets.blobs.keys().chain(targets.names.keys()).collect();
        dirty.extend(&targets.texts);
        dirty.extend(state.pointers.iter().map(|(id, _)| id));
        dirty.extend(state.unseen.iter().filter_map(|(id, _)| id.as_ref()));
        dirty.extend(state.unread.iter().map(|(id, _)| id));
        let clean = store.ids().filter(|id| !dirty.contains(id)).collect();
        self.now.insert(section.to_owned(), clean);
    }

    /// Writes the cache atomically.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(super) fn write(&self) -> Result<(), CacheError> {
        let Some(path) = &self.path else { return Ok(()) };
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.rules);
        for (name, clean) in &self.now {
            let width = clean.iter().next().map_or(0, |id| id.as_bytes().len());
            for number in [name.len(), width, clean.len()] {
                bytes.extend_from_slice(&(number as u64).to_be_bytes());
            }
            bytes.extend_from_slice(name.as_bytes());
            let mut ids: Vec<&ObjectId> = clean.iter().collect();
            ids.sort_unstable();
            bytes.extend(ids.iter().flat_map(|id| id.as_bytes()));
        }
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        Ok(write_file(path, |out| out.write_all(&bytes))?)
    }
}

/// Parses a cache file. Returns no sections if it was written for other rules, and `None` if it is damaged.
fn read(bytes: &[u8], rules: &[u8; 32]) -> Option<Sections> {
    let body = bytes.len().checked_sub(CHECKSUM_BYTES).filter(|end| *end >= HEADER_BYTES)?;
    let (body, sum) = bytes.split_at(body);
    if !body.starts_with(MAGIC) || Sha256::digest(body)[..] != *sum {
        return None;
    }
    let mut sections = Sections::new();
    if body[MAGIC.len()..HEADER_BYTES] != rules[..] {
        return Some(sections);
    }
    let mut rest = &body[HEADER_BYTES..];
    while !rest.is_empty() {
        let [length, width, count] = [number(&mut rest)?, number(&mut rest)?, number(&mut rest)?];
        let name = String::from_utf8(part(&mut rest, length)?.to_vec()).ok()?;
        let ids = part(&mut rest, width.checked_mul(count)?)?;
        let ids: Option<HashSet<ObjectId>> =
            ids.chunks_exact(width.max(1)).map(ObjectId::from_bytes).collect();
        sections.insert(name, ids?);
    }
    Some(sections)
}

/// Reads the next `length` bytes.
fn part<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (part, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(part)
}

/// Reads the next number, of eight bytes.
fn number(rest: &mut &[u8]) -> Option<usize> {
    let bytes = part(rest, 8)?.try_into().ok()?;
    usize::try_from(u64::from_be_bytes(bytes)).ok()
}

fn load(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    fault_injection::input(fault_injection::open(path)?).take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(options: &Options) -> Cache {
        let mut cache = Cache::open(options).unwrap();
        let id = |byte| ObjectId::from_bytes(&[byte; 20]).unwrap();
        cache.now.insert(String::new(), HashSet::from([id(1), id(2)]));
        cache.now.insert("sub/".to_owned(), HashSet::from([ObjectId::from_bytes(&[3; 32]).unwrap()]));
        cache.now.insert("empty/".to_owned(), HashSet::new());
        cache.write().unwrap();
        cache
    }

    #[test]
    fn cache_is_read_back_under_the_same_rules() {
        let dir = tempfile::tempdir().unwrap();
        let options =
            Options { cache: Some(dir.path().join("cache")), rules_digest: [7; 32], ..Options::default() };
        let cache = written(&options);
        assert_eq!(Cache::open(&options).unwrap().before, cache.now);
        let other = Cache::open(&Options { rules_digest: [8; 32], ..options }).unwrap();
        assert!(other.before.is_empty() && other.notice.is_none());
    }

    #[test]
    fn every_damaged_byte_is_detected() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cache");
        let options = Options { cache: Some(path.clone()), ..Options::default() };
        let cache = written(&options);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert_eq!(read(&bytes, &cache.rules), None, "byte {at}");
            assert_eq!(read(&whole[..at], &cache.rules), None, "cut at {at}");
        }
    }
}
