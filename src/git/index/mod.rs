//! Git's index, read in one pass without a copy for each entry. It knows versions 2 to 4, SHA-1 and SHA-256, the
//! cache tree, split and sparse indexes, as `gitformat-index` of git's documentation describes them.
//!
//! It does not write an index, does not verify its checksum (git itself does not by default, and a checksum of
//! five megabytes takes longer than all else together), and never asks the work tree.

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

use crate::faults;

pub(crate) use entries::Entry;
use split::Link;

use bytes::Cursor;
use cache_tree::CacheTree;
pub(super) use cache_tree::Directory;

/// A larger index is not read. A million files take about 100 MiB.
const MAX_BYTES: u64 = 1 << 30;

/// Why an index could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The file could not be opened or read.
    #[error("the index cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// The index is not what git writes; the text says what is wrong with it.
    #[error("the index is damaged: {0}")]
    Damaged(&'static str),
    /// The index is in a form that this reader does not know; git itself may.
    #[error("the index is in an unknown form: {0}")]
    Unsupported(String),
}

/// The entries of an index, sorted by path and then by stage.
#[derive(Debug)]
pub struct Index {
    /// The index file; of a split index, both files.
    bytes: Vec<u8>,
    /// All paths, where they do not stand in `bytes`.
    paths: Option<Vec<u8>>,
    /// Length of an object id in bytes.
    id_len: usize,
    /// The entries in the order of the file, which git keeps sorted.
    pub entries: Vec<Entry>,
    /// Which directories have not changed since their tree was last written. `None` if the index does not say,
    /// or says it in a way that makes no sense; git does without it then, too.
    tree: Option<CacheTree>,
    /// True if entries may be whole directories ([`Entry::is_directory`]).
    pub sparse: bool,
    /// The other half, if the index is split and not yet joined. [`Index::open`] joins them.
    pub link: Option<Link>,
}

impl Index {
    /// Reads the index at `path`, and the shared index beside it in `git_dir` if it is split. A file that does
    /// not exist is an index without entries, as for git.
    pub fn open(path: &Path, git_dir: &Path, format: ObjectFormat) -> Result<Self, IndexError> {
        let Some(bytes) = load(path)? else { return Ok(Self::empty(id_len(format))) };
        let index = Self::read(bytes, format)?;
        let Some(link) = &index.link else { return Ok(index) };
        let shared = git_dir.join(format!("sharedindex.{}", link.shared));
        let bytes = load(&shared)?.ok_or(IndexError::Damaged("its shared index is missing"))?;
        split::join(Self::read(bytes, format)?, index)
    }

    /// Reads an index from the content of its file. A split index is not joined: [`Index::link`] says so.
    pub fn read(bytes: Vec<u8>, format: ObjectFormat) -> Result<Self, IndexError> {
        let id_len = id_len(format);
        // Positions are kept in 32 bits.
        if bytes.len() as u64 > MAX_BYTES {
            return Err(IndexError::Unsupported("it is larger than 1 GiB".to_owned()));
        }
        let end = bytes.len().checked_sub(id_len).ok_or(IndexError::Damaged("it is too short"))?;
        let mut cursor = Cursor::new(&bytes[..end]);
        if cursor.take(4)? != b"DIRC" {
            return Err(IndexError::Damaged("it does not begin as an index does"));
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

    /// The path of an entry of this index, relative to the work tree. That of a directory ends in `/`. An entry of
    /// another index may get anything, but never a panic.
    pub fn path(&self, entry: &Entry) -> &[u8] {
        entry.path_in(self.text())
    }

    /// The object id of an entry of this index, 20 or 32 bytes.
    pub fn id(&self, entry: &Entry) -> &[u8] {
        entry.id_in(&self.bytes, self.id_len)
    }

    /// The work tree in the cache tree, if there is one.
    pub(super) fn root(&self) -> Option<Directory> {
        self.tree.as_ref().map(|_| CacheTree::ROOT)
    }

    /// If `directory` has not changed since git wrote its tree: how many entries lie beneath it, and the id of
    /// the tree.
    pub(super) fn unchanged(&self, directory: Directory) -> Option<(usize, &[u8])> {
        let (count, id) = self.tree.as_ref()?.unchanged(directory)?;
        Some((count, &self.bytes[id..id + self.id_len]))
    }

    /// The directories that the cache tree knows right in `directory`, sorted by name.
    pub(super) fn directories(&self, directory: Directory) -> Vec<(&[u8], Directory)> {
        let children = self.tree.iter().flat_map(|tree| tree.children(directory));
        let mut all: Vec<_> = children.map(|(name, child)| (&self.bytes[name], child)).collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }

    /// Sorts the entries; of several for one path and stage the first stays.
    fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        let text = self.text();
        let key = |entry: &Entry| (entry.path_in(text), entry.stage());
        entries.sort_by(|one, other| key(one).cmp(&key(other)));
        entries.dedup_by(|later, first| key(later) == key(first));
        self.entries = entries;
    }

    /// What the paths are cut from.
    fn text(&self) -> &[u8] {
        self.paths.as_deref().unwrap_or(&self.bytes)
    }

    /// Everything that looks for a path relies on the order.
    fn check_order(&self) -> Result<(), IndexError> {
        let text = self.text();
        let key = |entry: &Entry| (entry.path_in(text), entry.stage());
        if self.entries.first().is_some_and(|entry| entry.path_in(text).is_empty()) {
            return Err(IndexError::Damaged("an entry has no path"));
        }
        if self.entries.is_sorted_by(|one, next| key(one) < key(next)) {
            Ok(())
        } else {
            Err(IndexError::Damaged("its entries are not in order"))
        }
    }
}

/// What stands behind the entries, as far as it matters here.
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
                // By `gitformat-index`, one that begins with a capital letter may be passed over.
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

/// The content of the file; `None` if there is none.
fn load(path: &Path) -> Result<Option<Vec<u8>>, IndexError> {
    // Asked before opening, because opening a pipe would wait.
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
    faults::input(faults::open(path)?).take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn id_len(format: ObjectFormat) -> usize {
    match format {
        ObjectFormat::Sha1 => 20,
        ObjectFormat::Sha256 => 32,
    }
}
