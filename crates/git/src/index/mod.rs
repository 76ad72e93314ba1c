//! Reads git's index in one pass without a copy for each entry. Supports versions 2 to 4, SHA-1 and SHA-256, the cache
//! tree, and split and sparse indexes, as described in git's `gitformat-index`.
//!
//! Own reader and not libgit2, which knows neither split nor sparse indexes, or `gix-index`, which would bring a family of
//! crates along for this one file.
//!
//! Does not write an index, does not verify its checksum (git itself does not by default, and hashing five megabytes
//! takes longer than everything else together), and never reads the work tree.

mod bytes;
mod cache_tree;
mod entries;
mod ewah;
mod split;

#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use git2::ObjectFormat;

use crate::fault_injection;

pub use entries::Entry;
use split::Link;

use bytes::Cursor;
use cache_tree::CacheTree;
pub(super) use cache_tree::Directory;

/// A larger index, in bytes, is not read. A million files take about 100 MiB.
const MAX_BYTES: u64 = 1 << 30;

/// Why an index could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The file could not be opened or read.
    #[error("the index cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// The index is malformed; the text says which check failed.
    #[error("the index is damaged: {0}")]
    Damaged(&'static str),
    /// The index uses a feature that this reader does not support; git itself may.
    #[error("the index is in an unknown form: {0}")]
    Unsupported(String),
}

/// The entries of an index, sorted by path and then by stage.
#[derive(Debug)]
pub struct Index {
    /// The index file; for a split index, both files.
    bytes: Vec<u8>,
    /// All paths, if they are not stored in `bytes`.
    paths: Option<Vec<u8>>,
    /// Length of an object id in bytes.
    id_len: usize,
    /// The entries in file order, which git keeps sorted.
    pub entries: Vec<Entry>,
    /// The cache tree. `None` if the index has none or an invalid one; git ignores an invalid one, too.
    tree: Option<CacheTree>,
    /// True if entries may be whole directories ([`Entry::is_directory`]).
    pub sparse: bool,
    /// The link to the shared index, if the index is split and not joined yet. [`Index::open`] joins them.
    pub link: Option<Link>,
}

impl Index {
    /// Reads the index at `path`, and the shared index in `git_dir` if it is split. A missing file is an empty index,
    /// as for git.
    pub fn open(path: &Path, git_dir: &Path, format: ObjectFormat) -> Result<Self, IndexError> {
        let Some(bytes) = load(path)? else { return Ok(Self::empty(id_len(format))) };
        let index = Self::read(bytes, format)?;
        let Some(link) = &index.link else { return Ok(index) };
        let shared = git_dir.join(format!("sharedindex.{}", link.shared));
        let bytes = load(&shared)?.ok_or(IndexError::Damaged("its shared index is missing"))?;
        split::join(Self::read(bytes, format)?, index)
    }

    /// Parses an index file. A split index is not joined; its [`Index::link`] is set.
    pub fn read(bytes: Vec<u8>, format: ObjectFormat) -> Result<Self, IndexError> {
        let id_len = id_len(format);
        // Offsets are stored in 32 bits.
        if bytes.len() as u64 > MAX_BYTES {
            return Err(IndexError::Unsupported("it is larger than 1 GiB".to_owned()));
        }
        let end = bytes.len().checked_sub(id_len).ok_or(IndexError::Damaged("it is too short"))?;
        let mut cursor = Cursor::new(&bytes[..end]);
        if cursor.take(4)? != b"DIRC" {
            return Err(IndexError::Damaged("it does not start with the signature of an index"));
        }
        let version = cursor.u32()?;
        let count = cursor.u32()? as usize;
        let (entries, paths) = match version {
            2 | 3 => (entries::plain(&mut cursor, count, id_len)?, None),
            4 => {
                let (entries, paths) = entries::compressed(&mut cursor, count, id_len)?;
                (entries, Some(paths))
            }
            _ => return Err(IndexError::Unsupported(format!("version {version}"))),
        };
        let Extensions { tree, sparse, link } = Extensions::read(&mut cursor, id_len)?;
        let index = Self { bytes, paths, id_len, entries, tree, sparse, link };
        if index.link.is_none() {
            index.check_order()?;
        }
        Ok(index)
    }

    fn empty(id_len: usize) -> Self {
        Self {
            bytes: Vec::new(),
            paths: None,
            id_len,
            entries: Vec::new(),
            tree: None,
            sparse: false,
            link: None,
        }
    }

    /// Returns the path of an entry of this index, relative to the work tree. That of a directory ends with `/`. For an
    /// entry of another index the result is unspecified, but it does not panic.
    pub fn path(&self, entry: &Entry) -> &[u8] {
        entry.path_in(self.text())
    }

    /// Returns the object id of an entry of this index, 20 or 32 bytes.
    pub fn id(&self, entry: &Entry) -> &[u8] {
        entry.id_in(&self.bytes, self.id_len)
    }

    /// Returns the root of the cache tree, if there is one.
    pub(super) fn root(&self) -> Option<Directory> {
        self.tree.as_ref().map(|_| CacheTree::ROOT)
    }

    /// Returns the number of entries under `directory` and the id of its tree, if it has not changed since git wrote
    /// that tree.
    pub(super) fn unchanged(&self, directory: Directory) -> Option<(usize, &[u8])> {
        let (count, id) = self.tree.as_ref()?.unchanged(directory)?;
        Some((count, &self.bytes[id..id + self.id_len]))
    }

    /// Returns the subdirectories of `directory` in the cache tree, sorted by name.
    pub(super) fn directories(&self, directory: Directory) -> Vec<(&[u8], Directory)> {
        let children = self.tree.iter().flat_map(|tree| tree.children(directory));
        let mut all: Vec<_> = children.map(|(name, child)| (&self.bytes[name], child)).collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }

    /// Sorts the entries. Of several entries with the same path and stage, the first is kept.
    fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        let text = self.text();
        let key = |entry: &Entry| (entry.path_in(text), entry.stage());
        entries.sort_by(|one, other| key(one).cmp(&key(other)));
        entries.dedup_by(|later, first| key(later) == key(first));
        self.entries = entries;
    }

    /// Returns the buffer that the path offsets refer to.
    fn text(&self) -> &[u8] {
        self.paths.as_deref().unwrap_or(&self.bytes)
    }

    /// Checks that the entries are sorted; every lookup of a path relies on it.
    fn check_order(&self) -> Result<(), IndexError> {
        let text = self.text();
        let key = |entry: &Entry| (entry.path_in(text), entry.stage());
        if self.entries.first().is_some_and(|entry| entry.path_in(text).is_empty()) {
            return Err(IndexError::Damaged("an entry has no path"));
        }
        if self.entries.is_sorted_by(|one, next| key(one) < key(next)) {
            Ok(())
        } else {
            Err(IndexError::Damaged("its entries are not sorted"))
        }
    }
}

/// The supported extensions, which follow the entries.
#[derive(Default)]
struct Extensions {
    tree: Option<CacheTree>,
    sparse: bool,
    link: Option<Link>,
}

impl Extensions {
    fn read(cursor: &mut Cursor<'_>, id_len: usize) -> Result<Self, IndexError> {
        let mut all = Self::default();
        while !cursor.is_empty() {
            let name = cursor.take(4)?;
            let size = cursor.u32()? as usize;
            let start = cursor.position();
            let data = cursor.take(size)?;
            match name {
                b"TREE" => all.tree = CacheTree::read(data, start, id_len),
                b"sdir" => all.sparse = true,
                b"link" => all.link = Link::read(data, id_len)?,
                // By `gitformat-index`, extensions whose name starts with a capital letter are optional.
                [b'A'..=b'Z', ..] => {}
                _ => {
                    let name = name.escape_ascii();
                    return Err(IndexError::Unsupported(format!("extension {name}")));
                }
            }
        }
        Ok(all)
    }
}

/// Reads the file. Returns `None` if it does not exist.
fn load(path: &Path) -> Result<Option<Vec<u8>>, IndexError> {
    // Checked before opening, because opening a pipe would block.
    let size = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
        Ok(metadata) if !metadata.is_file() => return Err(IndexError::Damaged("it is not a regular file")),
        Ok(metadata) => metadata.len(),
    };
    if size > MAX_BYTES {
        return Err(IndexError::Unsupported("it is larger than 1 GiB".to_owned()));
    }
    let mut bytes = Vec::with_capacity(size as usize + 1);
    fault_injection::input(fault_injection::open(path)?).take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn id_len(format: ObjectFormat) -> usize {
    match format {
        ObjectFormat::Sha1 => 20,
        ObjectFormat::Sha256 => 32,
    }
}
