//! Tasks for a pass over all objects: scanning them with a prefilter, or passing them on whole. A task chooses the
//! objects, and whether a delta can be scanned only where it differs from its base. Does not decode.

use std::io::Read;
use std::ops::Range;

use super::id::{Kind, ObjectId};
use super::{ObjectReader, ObjectScanner};
use crate::finding::SkipLog;

/// A task for one pass over all objects.
pub(super) trait Task: SkipLog<Option<ObjectId>> {
    /// Returns whether an object is wanted. Called once for each, unless all are wanted.
    fn wants(&self, id: &ObjectId) -> bool;

    /// Returns whether all objects are wanted.
    fn wants_all(&self) -> bool;

    /// Returns the wanted kinds, or `None` for all.
    fn kinds(&self) -> Option<&[Kind]>;

    /// Receives an object. `changes` are the ranges in which it differs from a base for which this function returned
    /// false; without them, nothing is known about the rest. `id` returns `None` if the object itself is not wanted;
    /// calling it costs a lookup in cold memory. Returns whether deltas on this object must be passed without
    /// `changes`.
    fn take(
        &self,
        id: &dyn Fn() -> Option<ObjectId>,
        kind: Kind,
        content: &[u8],
        changes: Option<&[Range<usize>]>,
    ) -> bool;

    /// Returns whether large objects may be passed as a stream.
    fn streams(&self) -> bool;

    /// Receives a large object.
    fn stream(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read);
}

/// A scan: objects that pass the prefilter are visited.
pub(super) struct ScanTask<'a>(pub(super) &'a dyn ObjectScanner);

impl SkipLog<Option<ObjectId>> for ScanTask<'_> {
    fn skipped(&self, id: Option<ObjectId>, reason: String) {
        self.0.skipped(id, reason);
    }
}

impl Task for ScanTask<'_> {
    fn wants(&self, id: &ObjectId) -> bool {
        self.0.wants(id)
    }

    fn wants_all(&self) -> bool {
        self.0.wants_all()
    }

    fn kinds(&self) -> Option<&[Kind]> {
        None
    }

    fn take(
        &self,
        id: &dyn Fn() -> Option<ObjectId>,
        kind: Kind,
        content: &[u8],
        changes: Option<&[Range<usize>]>,
    ) -> bool {
        let all = 0..content.len();
        // The prefilter runs on unwanted objects as well: if it matches one, its deltas must be scanned where they are
        // equal to it, too.
        let suspected = self.0.may_match(kind, content, changes.unwrap_or(std::slice::from_ref(&all)));
        if suspected && let Some(id) = id() {
            let mut rest = content;
            self.0.visit(&id, kind, &mut rest);
        }
        suspected
    }

    fn streams(&self) -> bool {
        true
    }

    fn stream(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read) {
        self.0.visit(id, kind, content);
    }
}

/// Passes whole objects of some kinds to a reader.
pub(super) struct ReadTask<'a> {
    pub(super) reader: &'a dyn ObjectReader,
    pub(super) kinds: &'a [Kind],
}

impl SkipLog<Option<ObjectId>> for ReadTask<'_> {
    fn skipped(&self, id: Option<ObjectId>, reason: String) {
        self.reader.skipped(id, reason);
    }
}

impl Task for ReadTask<'_> {
    fn wants(&self, _: &ObjectId) -> bool {
        true
    }

    fn wants_all(&self) -> bool {
        true
    }

    fn kinds(&self) -> Option<&[Kind]> {
        Some(self.kinds)
    }

    fn take(
        &self,
        id: &dyn Fn() -> Option<ObjectId>,
        kind: Kind,
        content: &[u8],
        _: Option<&[Range<usize>]>,
    ) -> bool {
        if self.kinds.contains(&kind)
            && let Some(id) = id()
        {
            self.reader.read(&id, kind, content);
        }
        true
    }

    fn streams(&self) -> bool {
        false
    }

    fn stream(&self, _: &ObjectId, _: Kind, _: &mut dyn Read) {}
}
