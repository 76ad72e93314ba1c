//! A split index (`git update-index --split-index`): a large shared file that seldom changes, and a small one that
//! lists which of its entries are deleted, which are replaced, and which are new.

use super::bytes::Cursor;
use super::{Entry, Index, IndexError, ewah};

/// The link from the small file to the shared one.
#[derive(Debug)]
pub struct Link {
    /// The checksum of the shared file in hex, which is part of its file name.
    pub shared: String,
    /// The bitmaps of deleted and of replaced entries, in this order; empty if there are none.
    bitmaps: Vec<u8>,
}

impl Link {
    /// Parses the extension. Returns `None` if it does not name a shared file: the index is not split.
    pub(super) fn read(data: &[u8], id_len: usize) -> Result<Option<Self>, IndexError> {
        let mut cursor = Cursor::new(data);
        let id = cursor.take(id_len)?;
        if id.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let shared = id.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Self { shared, bitmaps: cursor.rest().to_vec() }))
    }

    /// Returns the positions of the deleted and of the replaced entries in the shared file.
    fn changes(&self, shared: usize) -> Result<(Vec<usize>, Vec<usize>), IndexError> {
        if self.bitmaps.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let mut cursor = Cursor::new(&self.bitmaps);
        let deleted = ewah::set_bits(&mut cursor, shared)?;
        let replaced = ewah::set_bits(&mut cursor, shared)?;
        Ok((deleted, replaced))
    }
}

/// Joins the two files. The cache tree is that of the small file, which covers all entries.
pub(super) fn join(shared: Index, mut small: Index) -> Result<Index, IndexError> {
    let link = small.link.take().ok_or(IndexError::Damaged("it is not split"))?;
    if shared.link.is_some() {
        return Err(IndexError::Damaged("its shared index is split itself"));
    }
    let (deleted, replaced) = link.changes(shared.entries.len())?;
    let mut entries: Vec<Option<Entry>> = shared.entries.iter().copied().map(Some).collect();

    // Replacing entries come first and have an empty path.
    let (replacing, added) = small.entries.split_at_checked(replaced.len()).unwrap_or((&small.entries, &[]));
    let without_path = replacing.iter().filter(|entry| !entry.has_path()).count();
    if without_path != replaced.len() || added.iter().any(|entry| !entry.has_path()) {
        return Err(IndexError::Damaged("its split index does not match its entries"));
    }
    let start_of_paths = shared.text().len() as u32;
    let start_of_ids = shared.bytes.len() as u32;
    let moved = |entry: &Entry| entry.moved(start_of_paths, start_of_ids);
    for (number, entry) in replaced.iter().zip(replacing) {
        let old = &shared.entries[*number];
        entries[*number] = Some(moved(entry).at_path_of(old));
    }
    for number in deleted {
        entries[number] = None;
    }
    // Offsets in the cache tree refer to the small file.
    let tree = small.tree.take().map(|tree| tree.moved(start_of_ids));
    // If all paths are stored in the files, the concatenated files serve as the path buffer.
    let in_files = shared.paths.is_none() && small.paths.is_none();
    let paths = (!in_files).then(|| [shared.text(), small.text()].concat());
    let mut bytes = shared.bytes;
    bytes.extend_from_slice(&small.bytes);
    let mut joined = Index {
        bytes,
        paths,
        id_len: small.id_len,
        entries: added.iter().map(moved).chain(entries.into_iter().flatten()).collect(),
        tree,
        sparse: shared.sparse || small.sparse,
        link: None,
    };
    joined.sort();
    joined.check_order()?;
    Ok(joined)
}
