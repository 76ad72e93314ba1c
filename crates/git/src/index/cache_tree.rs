//! The cache tree extension: the directories of the index that have not changed since git last wrote their tree, with
//! the ids of these trees. A commit records these ids as they are, so a directory whose id equals that in the last
//! commit adds nothing, whatever its entries are.

use std::ops::Range;

use super::IndexError;
use super::bytes::Cursor;

/// One directory.
#[derive(Debug)]
struct Node {
    /// The range of its name, without slash, in the index file.
    name: Range<u32>,
    /// Number of entries under it. `None` if it has changed and its id is not known.
    count: Option<u32>,
    /// Offset of its id in the index file.
    id: u32,
    /// Number of the node after its last descendant.
    end: u32,
}

/// All directories in pre-order.
#[derive(Debug)]
pub(super) struct CacheTree(Vec<Node>);

/// The number of a directory in the cache tree. The root of the work tree is [`CacheTree::ROOT`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Directory(u32);

impl CacheTree {
    /// The root of the work tree.
    pub(super) const ROOT: Directory = Directory(0);

    /// Parses the extension, which starts at offset `start` of the file. Returns `None` if it is invalid.
    pub(super) fn read(data: &[u8], start: usize, id_len: usize) -> Option<Self> {
        let mut cursor = Cursor::new(data);
        let mut nodes: Vec<Node> = Vec::new();
        // Incomplete directories: their number, and how many children are still to be read.
        let mut open: Vec<(usize, u32)> = Vec::new();
        loop {
            let (node, children) = Self::node(&mut cursor, start, id_len).ok()?;
            open.push((nodes.len(), children));
            nodes.push(node);
            while let Some((number, 0)) = open.last().copied() {
                nodes[number].end = u32::try_from(nodes.len()).ok()?;
                open.pop();
            }
            let Some((_, left)) = open.last_mut() else { break };
            *left -= 1;
        }
        cursor.is_empty().then_some(Self(nodes))
    }

    fn node(cursor: &mut Cursor<'_>, start: usize, id_len: usize) -> Result<(Node, u32), IndexError> {
        let damaged = || IndexError::Damaged("its cache tree is invalid");
        let place = |at: usize| u32::try_from(start + at).map_err(|_| damaged());
        let name = place(cursor.position())?;
        let name = name..name + cursor.until(0)?.len() as u32;
        let count = number(cursor.until(b' ')?).ok_or_else(damaged)?;
        let children = number(cursor.until(b'\n')?).and_then(|number| u32::try_from(number).ok());
        let id = place(cursor.position())?;
        let count = u32::try_from(count).ok();
        if count.is_some() {
            cursor.take(id_len)?;
        }
        Ok((Node { name, count, id, end: 0 }, children.ok_or_else(damaged)?))
    }

    /// Shifts all offsets by `bytes`, for a file that is appended to another of this size.
    pub(super) fn moved(mut self, bytes: u32) -> Self {
        for node in &mut self.0 {
            node.name = node.name.start + bytes..node.name.end + bytes;
            node.id += bytes;
        }
        self
    }

    /// Returns the number of entries under an unchanged directory, and the offset of its id in the file.
    pub(super) fn unchanged(&self, directory: Directory) -> Option<(usize, usize)> {
        let node = self.0.get(directory.0 as usize)?;
        Some((node.count? as usize, node.id as usize))
    }

    /// Returns the subdirectories of `directory`, with the ranges of their names in the file, in unspecified order.
    pub(super) fn children(&self, directory: Directory) -> impl Iterator<Item = (Range<usize>, Directory)> {
        let parent = directory.0 as usize;
        let end = self.0.get(parent).map_or(0, |node| node.end);
        let mut next = directory.0 + 1;
        std::iter::from_fn(move || {
            let child = Directory(next);
            let node = self.0[..end as usize].get(next as usize)?;
            next = node.end;
            Some((node.name.start as usize..node.name.end as usize, child))
        })
    }
}

/// Parses a decimal number, which may be negative.
fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
