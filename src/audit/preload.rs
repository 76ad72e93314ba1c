//! Opens the object database on a background thread while the rules compile; in a small repository both take equally
//! long. Does not scan.

use std::path::Path;
use std::thread::{self, JoinHandle};

use super::count;
use crate::git::Layout;
use crate::git::odb::{HashFormat, Store, quarantines};

/// An object database that may still be opening on another thread.
pub struct Ahead(Option<JoinHandle<Store>>);

impl Ahead {
    /// Starts to open the object database of `layout`, unless `threads` is 1 (0 means one per CPU).
    #[must_use]
    pub fn of(layout: &Layout, threads: usize) -> Self {
        let threads = count(threads);
        if threads == 1 {
            return Self::none();
        }
        let (objects, format) = (layout.objects(), layout.format);
        let open = move || {
            let store = opened(&objects, format);
            store.load(threads);
            store
        };
        // If no thread can be created, `store` opens it.
        Self(thread::Builder::new().spawn(open).ok())
    }

    /// Creates a value for which nothing was started.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Returns the object database of `layout`, which must be the one passed to [`Self::of`].
    pub(super) fn store(self, layout: &Layout) -> Store {
        let opened = self.0.and_then(|thread| thread.join().ok());
        opened.unwrap_or_else(|| self::opened(&layout.objects(), layout.format))
    }
}

/// Opens an object database with the quarantine directories that interrupted pushes left.
fn opened(objects: &Path, format: HashFormat) -> Store {
    Store::open(objects, &quarantines(objects), format)
}
