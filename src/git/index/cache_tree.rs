//! The cache tree: which directories of the index have not changed since git last wrote their tree, and what the
//! id of that tree is. A commit records these ids as they are, so a directory whose id is that of the last
//! commit adds nothing, whatever stands in its entries.

use std::ops::Range;

use super::IndexError;
use super::bytes::Cursor;

/// One directory.
#[derive(Debug)]
struct Node {
    /// Its name, without slash, in the index file.
    name: Range<u32>,
    /// How many entries lie beneath it; `None` if it has changed, and its id is not known.
    count: Option<u32>,
    /// Where its id stands in the index file.
    id: u32,
    /// The number of the node behind its last descendant.
    end: u32,
}

/// All directories, each before those in it.
#[derive(Debug)]
pub(super) struct CacheTree(Vec<Node>);

/// A directory in the cache tree, by its number. The work tree itself is [`CacheTree::ROOT`].
#[derive(Debug, Clone, Copy)]
pub(in crate::git) struct Directory(u32);

impl CacheTree {
    /// The directory that the work tree itself is.
    pub(super) const ROOT: Directory = Directory(0);

    /// Reads the extension, which starts at `start` of the file. `None` if it makes no sense.
    pub(super) fn read(data: &[u8], start: usize, id_len: usize) -> Option<Self> {
        let mut cursor = Cursor::new(data);
        let mut nodes: Vec<Node> = Vec::new();
        // Directories that are not complete yet: their number, and how many children are to come.
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
        let odd = || IndexError::Damaged("its cache tree makes no sense");
        let place = |at: usize| u32::try_from(start + at).map_err(|_| odd());
        let name = place(cursor.position())?;
        let name = name..name + cursor.until(0)?.len() as u32;
        let count = number(cursor.until(b' ')?).ok_or_else(odd)?;
        let children = number(cursor.until(b'\n')?).and_then(|number| u32::try_from(number).ok());
        let id = place(cursor.position())?;
        let count = u32::try_from(count).ok();
        if count.is_some() {
            cursor.take(id_len)?;
        }
        Ok((Node { name, count, id, end: 0 }, children.ok_or_else(odd)?))
    }

    /// The same cache tree in a file before which this many bytes were put.
    pub(super) fn moved(mut self, bytes: u32) -> Self {
        for node in &mut self.0 {
            node.name = node.name.start + bytes..node.name.end + bytes;
            node.id += bytes;
        }
        self
    }

    /// How many entries lie beneath an unchanged directory, and where its id stands in the file.
    pub(super) fn unchanged(&self, directory: Directory) -> Option<(usize, usize)> {
        let node = self.0.get(directory.0 as usize)?;
        Some((node.count? as usize, node.id as usize))
    }

    /// The directories right in `directory`, with the place of their names in the file, in no useful order.
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

/// A decimal number, negative too.
fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
