//! What is done with decoded objects: searched for suspicious places, or handed over whole. It says which objects are
//! wanted and whether what is made from an object can be searched where it differs; it decodes nothing.

use std::io::Read;
use std::ops::Range;

use super::id::{Kind, ObjectId};
use super::{Reader, Scanner};

/// One pass over all objects.
pub(super) trait Task: Sync {
    /// Whether an object is of use; asked once for each, unless all are.
    fn wants(&self, id: &ObjectId) -> bool;

    /// Whether all are.
    fn wants_all(&self) -> bool;

    /// The kinds of use; none: all.
    fn kinds(&self) -> Option<&[Kind]>;

    /// Takes an object. `changes` are the parts in which it differs from one for which the answer was no; without them
    /// nothing is known of it. `id` gives nothing where the object is not wanted itself; to ask it is a look into cold
    /// memory. The answer: whether what is made from it has to come without `changes`.
    fn take(
        &self,
        id: &dyn Fn() -> Option<ObjectId>,
        kind: Kind,
        content: &[u8],
        changes: Option<&[Range<usize>]>,
    ) -> bool;

    /// Whether large objects may come as a stream.
    fn streams(&self) -> bool;

    /// Takes a large object.
    fn stream(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read);

    /// Hears of what could not be read.
    fn unseen(&self, id: Option<&ObjectId>, reason: String);
}

/// The search: an object that looks suspicious is visited.
pub(super) struct Search<'a>(pub(super) &'a dyn Scanner);

impl Task for Search<'_> {
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
        // What is known to be clean is asked about too: it may look suspicious, and then its descendants are not
        // known where they are equal to it.
        let suspected = self.0.suspects(kind, content, changes.unwrap_or(std::slice::from_ref(&all)));
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

    fn unseen(&self, id: Option<&ObjectId>, reason: String) {
        self.0.unseen(id, reason);
    }
}

/// The handing over of all objects of some kinds.
pub(super) struct HandOver<'a> {
    pub(super) reader: &'a dyn Reader,
    pub(super) kinds: &'a [Kind],
}

impl Task for HandOver<'_> {
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

    fn unseen(&self, id: Option<&ObjectId>, reason: String) {
        self.reader.unseen(id, reason);
    }
}
