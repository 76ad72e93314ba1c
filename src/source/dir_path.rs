//! The path of a directory under its root, as a chain of names. A chain and not a path, because the paths of a deep
//! tree add up to the square of its depth.

use std::ffi::{CStr, CString};
use std::sync::Arc;

/// A directory under a root, or the root itself.
#[derive(Debug)]
pub(super) struct DirPath {
    parent: Option<Arc<DirPath>>,
    name: CString,
}

impl DirPath {
    /// Creates the root of a tree.
    pub(super) fn root() -> Arc<Self> {
        Arc::new(Self { parent: None, name: CString::default() })
    }

    /// Creates the directory `name` in `parent`.
    pub(super) fn child(parent: &Arc<Self>, name: CString) -> Arc<Self> {
        Arc::new(Self { parent: Some(Arc::clone(parent)), name })
    }

    /// Returns whether this is the root of a tree.
    pub(super) fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// Returns the name in the parent directory; empty for the root.
    pub(super) fn name(&self) -> &CStr {
        &self.name
    }

    /// Appends the path from the root to this directory, with a trailing `/`; nothing for the root.
    pub(super) fn append_to(&self, path: &mut Vec<u8>) {
        for place in self.steps() {
            path.extend_from_slice(place.name.to_bytes());
            path.push(b'/');
        }
    }

    /// Returns this directory and its ancestors except the root, outermost first.
    pub(super) fn steps(&self) -> Vec<&Self> {
        let mut places = Vec::new();
        let mut place = self;
        while let Some(parent) = &place.parent {
            places.push(place);
            place = parent;
        }
        places.reverse();
        places
    }
}

impl Drop for DirPath {
    /// Drops the chain iteratively: the derived drop would recurse once per directory and overflow the stack at the
    /// bottom of a deep tree.
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(mut place) = next.and_then(Arc::into_inner) {
            next = place.parent.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_chain_can_be_dropped() {
        let mut place = DirPath::root();
        for name in [c"a", c"b"] {
            place = DirPath::child(&place, name.to_owned());
        }
        let mut path = Vec::new();
        place.append_to(&mut path);
        assert_eq!(path, b"a/b/");
        for _ in 0..1_000_000 {
            place = DirPath::child(&place, c"d".to_owned());
        }
    }
}
