//! Opening the objects of a repository while the rules are made ready: in a small one that takes as long. Nothing is
//! searched here.

use std::thread::{self, JoinHandle};

use super::count;
use crate::git::Layout;
use crate::objects::Store;

/// The object database of a repository, perhaps being opened by another thread.
pub struct Ahead(Option<JoinHandle<Store>>);

impl Ahead {
    /// Begins to open that of `layout`, unless one thread has to do (`threads`; zero: as many as the processor runs at
    /// once).
    #[must_use]
    pub fn of(layout: &Layout, threads: usize) -> Self {
        let threads = count(threads);
        if threads == 1 {
            return Self::none();
        }
        let (objects, format) = (layout.objects(), layout.format);
        let open = move || {
            let store = Store::open(&objects, &[], format);
            store.load(threads);
            store
        };
        // Where the system gives no thread, it is opened when it is asked for.
        Self(thread::Builder::new().spawn(open).ok())
    }

    /// Nothing was begun.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// The database of `layout`, for which this was made.
    pub(super) fn store(self, layout: &Layout) -> Store {
        let opened = self.0.and_then(|thread| thread.join().ok());
        opened.unwrap_or_else(|| Store::open(&layout.objects(), &[], layout.format))
    }
}
