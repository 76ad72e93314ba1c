//! Lists the submodules in HEAD's tree, for a repository without an index.

use std::collections::HashSet;

use super::layout::Layout;
use super::parse::{CommitHead, EntryKind, entries};
use super::refs::Refs;
use crate::odb::{ObjectId, Store};

/// Larger commits and trees, in bytes, are not read.
const MAX_OBJECT_BYTES: u64 = 64 << 20;
/// Maximum number of trees read; a few small trees can expand to an astronomical number of entries.
const MAX_TREES: usize = 1_000_000;

/// Returns the paths of the submodules in the tree of HEAD.
pub fn submodules_of_tree(store: &Store, layout: &Layout) -> Vec<Vec<u8>> {
    let read = |id: &ObjectId| store.read(id, MAX_OBJECT_BYTES).ok().flatten().map(|(_, content)| content);
    let head = Refs::read(layout).head;
    // A tree without `.gitmodules` has no submodules, so the rest of it need not be read.
    let Some(root) = head.and_then(|id| CommitHead::read(&read(&id)?)).map(|head| head.tree) else {
        return Vec::new();
    };
    let has_modules =
        read(&root).is_some_and(|tree| entries(&tree, layout.format).any(|one| one.name == b".gitmodules"));
    let mut open = if has_modules { vec![(root, Vec::new())] } else { Vec::new() };
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    while let Some((id, path)) = open.pop() {
        if seen.len() >= MAX_TREES || !seen.insert(id) {
            continue;
        }
        let Some(tree) = read(&id) else { continue };
        for entry in entries(&tree, layout.format) {
            let below =
                if path.is_empty() { entry.name.to_vec() } else { [&path[..], b"/", entry.name].concat() };
            match entry.kind {
                EntryKind::Submodule => out.push(below),
                EntryKind::Tree => open.extend(ObjectId::from_bytes(entry.id).map(|id| (id, below))),
                EntryKind::Blob => {}
            }
        }
    }
    out
}
