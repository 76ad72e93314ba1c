//! The entries of an index. They store the offsets of their path and id instead of copies.

use std::ops::Range;

use super::IndexError;
use super::bytes::Cursor;

/// Bytes before the mode: times, device and inode.
const BYTES_BEFORE_MODE: usize = 24;
const BYTES_BEFORE_ID: usize = 12;
/// Bits of the flags: the length of the path, the stage, and whether extended flags follow.
const PATH_LENGTH_MASK: u16 = 0x0FFF;
const STAGE_MASK: u16 = 0x3000;
const EXTENDED_FLAG: u16 = 0x4000;
/// Bits of the extended flags. Git knows no others.
const INTENT_TO_ADD: u16 = 0x2000;
const SKIP_WORKTREE: u16 = 0x4000;

/// Longer paths, in bytes, are rejected; no file system that git runs on has them. Bounds the expansion of a small
/// index of version 4.
const MAX_PATH_BYTES: usize = 1 << 14;
/// Maximum total length of all paths of an index of version 4, in bytes.
const MAX_PATHS_BYTES: usize = 1 << 30;

/// Mask of the file type, and the types of a directory of a sparse index and of a submodule.
const TYPE_MASK: u16 = 0o170_000;
const DIRECTORY: u16 = 0o040_000;
const SUBMODULE: u16 = 0o160_000;

/// One path in the index. [`Index::path`](super::Index::path) and [`Index::id`](super::Index::id) return its path and
/// object id.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    path_start: u32,
    path_len: u16,
    mode: u16,
    id: u32,
    /// The stage bits of the flags.
    stage: u16,
    extended: u16,
}

impl Entry {
    /// Returns the mode as git writes it: `0o100644`, `0o100755`, `0o120000` (symbolic link), `0o160000` (submodule) or
    /// `0o040000` (directory of a sparse index).
    pub fn mode(&self) -> u32 {
        self.mode.into()
    }

    /// Returns 0 for an entry that can be committed; in a conflict 1 for the ancestor, 2 for ours, 3 for theirs.
    pub fn stage(&self) -> u8 {
        (self.stage >> 12) as u8
    }

    /// Returns true after `git add -N`: the path is tracked, but a commit would not record it.
    pub fn intent_to_add(&self) -> bool {
        self.extended & INTENT_TO_ADD != 0
    }

    /// Returns true if the file is excluded from the work tree (sparse checkout).
    pub fn skip_worktree(&self) -> bool {
        self.extended & SKIP_WORKTREE != 0
    }

    /// Returns true for a whole directory of a sparse index: the id is that of its tree, and the path ends with `/`.
    pub fn is_directory(&self) -> bool {
        self.mode & TYPE_MASK == DIRECTORY
    }

    /// Returns true for a submodule: the id is that of a commit in another repository.
    pub fn is_submodule(&self) -> bool {
        self.mode & TYPE_MASK == SUBMODULE
    }

    pub(super) fn path_in<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let start = self.path_start as usize;
        text.get(start..start + usize::from(self.path_len)).unwrap_or_default()
    }

    pub(super) fn id_in<'a>(&self, bytes: &'a [u8], id_len: usize) -> &'a [u8] {
        let start = self.id as usize;
        bytes.get(start..start + id_len).unwrap_or_default()
    }

    pub(super) fn has_path(&self) -> bool {
        self.path_len > 0
    }

    /// Shifts the offsets by this many bytes of paths and ids, for an index that is appended to another.
    pub(super) fn moved(self, paths: u32, ids: u32) -> Self {
        Self { path_start: self.path_start + paths, id: self.id + ids, ..self }
    }

    /// Returns this entry with the path of another.
    pub(super) fn at_path_of(self, other: &Self) -> Self {
        Self { path_start: other.path_start, path_len: other.path_len, ..self }
    }

    /// Reads the fields before the path. The returned entry has no path yet; the length of the path is `None` if the
    /// flags cannot hold it.
    fn head(cursor: &mut Cursor<'_>, id_len: usize) -> Result<(Self, Option<usize>), IndexError> {
        let start = cursor.position();
        let mut fixed = Cursor::new(cursor.take(BYTES_BEFORE_MODE + 4 + BYTES_BEFORE_ID + id_len + 2)?);
        fixed.take(BYTES_BEFORE_MODE)?;
        let mode =
            u16::try_from(fixed.u32()?).map_err(|_| IndexError::Damaged("an entry has an unknown mode"))?;
        fixed.take(BYTES_BEFORE_ID)?;
        let id = to_u32(start + fixed.position())?;
        fixed.take(id_len)?;
        let flags = fixed.u16()?;
        let extended = if flags & EXTENDED_FLAG == 0 { 0 } else { cursor.u16()? };
        if extended & !(INTENT_TO_ADD | SKIP_WORKTREE) != 0 {
            return Err(IndexError::Unsupported("an entry has an unknown flag".to_owned()));
        }
        // All ones mean this length or any greater one.
        let length =
            (flags & PATH_LENGTH_MASK != PATH_LENGTH_MASK).then_some(usize::from(flags & PATH_LENGTH_MASK));
        Ok((Self { path_start: 0, path_len: 0, mode, id, stage: flags & STAGE_MASK, extended }, length))
    }

    fn with_path(self, place: Range<usize>) -> Result<Self, IndexError> {
        let path_len =
            u16::try_from(place.len()).ok().filter(|length| usize::from(*length) <= MAX_PATH_BYTES);
        let path_len = path_len
            .ok_or_else(|| IndexError::Unsupported("an entry has a path that is too long".to_owned()))?;
        Ok(Self { path_start: to_u32(place.start)?, path_len, ..self })
    }
}

/// Reads the entries of versions 2 and 3, whose paths are stored in full.
pub(super) fn plain(cursor: &mut Cursor<'_>, count: usize, id_len: usize) -> Result<Vec<Entry>, IndexError> {
    let mut entries = room(cursor, count, id_len);
    for _ in 0..count {
        let start = cursor.position();
        let (entry, length) = Entry::head(cursor, id_len)?;
        let length = match length {
            Some(length) => length,
            None => {
                memchr::memchr(0, cursor.rest()).ok_or(IndexError::Damaged("a path is not terminated"))?
            }
        };
        let place = cursor.position()..cursor.position() + length;
        cursor.take(length)?;
        // One to eight NULs end the path and pad the entry to a multiple of eight bytes.
        let size = cursor.position() - start;
        let padding = cursor.take(8 - size % 8)?;
        if padding[0] != 0 {
            return Err(IndexError::Damaged("a path has the wrong length"));
        }
        entries.push(entry.with_path(place)?);
    }
    Ok(entries)
}

/// Reads the entries of version 4, and returns their paths in one buffer. Each path is stored as the length of the
/// prefix shared with the previous one, and a suffix.
pub(super) fn compressed(
    cursor: &mut Cursor<'_>,
    count: usize,
    id_len: usize,
) -> Result<(Vec<Entry>, Vec<u8>), IndexError> {
    let mut entries = room(cursor, count, id_len);
    let mut text = Vec::with_capacity(cursor.rest().len());
    let mut previous = 0..0;
    for _ in 0..count {
        let (entry, length) = Entry::head(cursor, id_len)?;
        let kept = previous.len().checked_sub(varint(cursor)?);
        let kept =
            kept.ok_or(IndexError::Damaged("a path shares more bytes with the previous one than that has"))?;
        let suffix = cursor.until(0)?;
        if text.len() + kept + suffix.len() > MAX_PATHS_BYTES {
            return Err(IndexError::Unsupported("its paths are longer than 1 GiB".to_owned()));
        }
        let start = text.len();
        text.extend_from_within(previous.start..previous.start + kept);
        text.extend_from_slice(suffix);
        previous = start..text.len();
        // Git uses this length instead of the NUL, and would read everything after it differently.
        if length.is_some_and(|length| length != previous.len()) {
            return Err(IndexError::Damaged("a path has the wrong length"));
        }
        entries.push(entry.with_path(previous.clone())?);
    }
    Ok((entries, text))
}

/// Allocates room for `count` entries, or for as many as the rest of the file can hold: the count is untrusted.
fn room(cursor: &Cursor<'_>, count: usize, id_len: usize) -> Vec<Entry> {
    let smallest = BYTES_BEFORE_MODE + 4 + BYTES_BEFORE_ID + id_len + 2;
    Vec::with_capacity(count.min(cursor.rest().len() / smallest))
}

/// Reads a number encoded like a pack's offset delta: seven bits a byte, and each continuation adds one.
fn varint(cursor: &mut Cursor<'_>) -> Result<usize, IndexError> {
    let mut byte = cursor.u8()?;
    let mut value = usize::from(byte & 0x7F);
    while byte & 0x80 != 0 {
        byte = cursor.u8()?;
        // No path is that long, and the next shift would lose bits.
        if value >= MAX_PATHS_BYTES {
            return Err(IndexError::Damaged("a path shares more bytes with the previous one than that has"));
        }
        value = ((value + 1) << 7) | usize::from(byte & 0x7F);
    }
    Ok(value)
}

fn to_u32(position: usize) -> Result<u32, IndexError> {
    u32::try_from(position).map_err(|_| IndexError::Unsupported("it is larger than 4 GiB".to_owned()))
}
