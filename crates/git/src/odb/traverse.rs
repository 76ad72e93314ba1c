//! Decodes a pack: every delta tree depth first, on several threads, inflating each entry once. A thread holds the
//! bases on its current path, but not those whose last child has started. A damaged entry is lost and, unless another
//! copy of it exists, so are its descendants.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::buffer::{Buffer, Inflater, MAX_POOLED_BYTES, Pool, may_inflate};
use super::delta::{self, Changes};
use super::delta_tree::DeltaTree;
use super::error::ObjectError;
use super::error_summary::ErrorSummary;
use super::id::{Kind, ObjectId};
use super::memory_budget::{MemoryBudget, Quota};
use super::pack::Pack;
use super::pack_data::{Bytes, RangeReader};
use super::pack_entry::{self, EntryKind};
use super::stream::ObjectStream;
use super::task::Task;
use super::threads;

/// Complete objects without children that are larger, in bytes, are streamed.
pub(super) const STREAM_THRESHOLD_BYTES: u64 = 32 << 20;
/// Roots that a thread takes at a time.
const ROOTS_PER_STEP: usize = 8;

/// Finds an object outside the pack that is being decoded.
pub(super) type Outside<'a> = dyn Fn(&ObjectId) -> Option<(Kind, Buffer)> + Sync + 'a;

/// A traversal of one pack.
pub(super) struct Traversal<'a> {
    pub(super) pack: &'a Pack,
    pub(super) bytes: &'a Bytes,
    pub(super) deltas: &'a DeltaTree,
    pub(super) task: &'a dyn Task,
    pub(super) outside: &'a Outside<'a>,
    pub(super) errors: &'a ErrorSummary,
    pub(super) memory: &'a MemoryBudget,
}

impl Traversal<'_> {
    /// Decodes everything in the plan.
    pub(super) fn run(&self, threads: usize) {
        let next = AtomicUsize::new(0);
        threads::broadcast(threads, || {
            let mut worker = Worker::new(self);
            loop {
                let from = next.fetch_add(ROOTS_PER_STEP, Ordering::Relaxed);
                let Some(rest) = self.deltas.roots.get(from..) else { return };
                for root in rest.iter().take(ROOTS_PER_STEP) {
                    // The state of a worker after a panic is unreliable.
                    if self.errors.guard(|| self.id(*root), || worker.tree(*root)).is_none() {
                        worker = Worker::new(self);
                    }
                }
            }
        });
    }
}

impl Traversal<'_> {
    /// Returns the name of an entry.
    fn id(&self, number: u32) -> Option<ObjectId> {
        self.pack.index.id(self.deltas.position(number))
    }
}

/// An object on the current path, with children that are not decoded yet.
struct Frame {
    /// `None` if it could not be read.
    content: Option<(Kind, Buffer)>,
    /// Whether its deltas must be scanned whole.
    whole: bool,
    /// Its remaining children in the plan.
    children: Range<u32>,
}

/// A decoded object.
struct DecodedObject {
    kind: Kind,
    buffer: Buffer,
    /// Whether only the changed ranges must be scanned.
    changed: bool,
}

/// One thread and its buffers.
struct Worker<'a> {
    traversal: &'a Traversal<'a>,
    inflater: Inflater,
    pool: Pool,
    delta: Buffer,
    /// Compressed bytes, if the pack is not in memory.
    input: Vec<u8>,
    changes: Changes,
    stack: Vec<Frame>,
    /// The memory used by the buffers of the stack.
    quota: Quota<'a>,
}

/// An entry that is a delta.
struct Delta {
    number: u32,
    data: Range<u64>,
    size: u64,
    /// Whether it has no children.
    leaf: bool,
}

impl<'a> Worker<'a> {
    fn new(traversal: &'a Traversal<'a>) -> Self {
        Self {
            traversal,
            inflater: Inflater::default(),
            pool: Pool::default(),
            delta: Buffer::default(),
            input: Vec::new(),
            changes: Changes::default(),
            stack: Vec::new(),
            quota: Quota::new(traversal.memory),
        }
    }

    /// Decodes a root and all its descendants.
    fn tree(&mut self, root: u32) {
        self.enter(root, None);
        while let Some(mut frame) = self.stack.pop() {
            let Some(place) = frame.children.next() else { continue };
            let Some(child) = self.traversal.deltas.child(place) else { continue };
            let depth = self.stack.len();
            self.enter(child, Some(&frame));
            if frame.children.is_empty() {
                if let Some((_, buffer)) = frame.content {
                    self.quota.release(buffer.cost());
                    self.pool.give(buffer);
                }
            } else {
                // Below the child, which is processed first.
                self.stack.insert(depth, frame);
            }
        }
        self.delta.shrink();
        if self.input.len() > MAX_POOLED_BYTES {
            self.input = Vec::new();
        }
        self.quota.end();
    }

    /// Decodes one entry, passes it to the task, and pushes it if it has children.
    fn enter(&mut self, number: u32, base: Option<&Frame>) {
        let children = self.traversal.deltas.children(number);
        let decoded = match self.decode(number, base, children.is_empty()) {
            Ok(Some(decoded)) => Some(decoded),
            Ok(None) => return,
            Err(error) => self.find_copy(number, error),
        };
        let Some(decoded) = decoded else {
            if !children.is_empty() {
                self.stack.push(Frame { content: None, whole: true, children });
            }
            return;
        };
        let changes = decoded.changed.then(|| self.changes.ranges());
        let traversal = self.traversal;
        let id = || if traversal.deltas.is_wanted(number) { traversal.id(number) } else { None };
        let Traversal { task, errors, .. } = traversal;
        let take = || task.take(&id, decoded.kind, decoded.buffer.content(), changes);
        let whole = errors.guard(id, take).unwrap_or(true);
        if children.is_empty() {
            self.pool.give(decoded.buffer);
        } else {
            self.quota.hold(decoded.buffer.cost());
            self.stack.push(Frame { content: Some((decoded.kind, decoded.buffer)), whole, children });
        }
    }

    /// Looks for another copy of a damaged object, and records the error if there is none.
    fn find_copy(&mut self, number: u32, error: ObjectError) -> Option<DecodedObject> {
        let id = self.traversal.id(number)?;
        self.quota.wait();
        if let Some((kind, buffer)) = (self.traversal.outside)(&id) {
            return Some(DecodedObject { kind, buffer, changed: false });
        }
        if self.traversal.deltas.is_wanted(number) {
            self.traversal.errors.add(id, error);
        }
        None
    }

    /// Decodes one entry. Returns `None` if it was streamed.
    fn decode(
        &mut self,
        number: u32,
        base: Option<&Frame>,
        leaf: bool,
    ) -> Result<Option<DecodedObject>, ObjectError> {
        let (start, next) = self.traversal.deltas.place(number).ok_or(ObjectError::Place)?;
        let end = next.unwrap_or(u64::MAX).min(self.traversal.pack.end(self.traversal.bytes));
        let mut room = [0; pack_entry::MAX_HEADER_BYTES];
        let head = self.traversal.bytes.head(start, &mut room)?;
        let header = pack_entry::parse(head, self.traversal.pack.format).ok_or(ObjectError::Header)?;
        let data = start + header.len as u64..end;
        let delta = |data| Delta { number, data, size: header.size, leaf };
        let kind = match header.kind {
            EntryKind::Base(kind) => kind,
            EntryKind::OffsetDelta(_) => {
                return self.decode_delta(delta(data), base.ok_or(ObjectError::Base)?);
            }
            EntryKind::RefDelta(id) => return self.decode_ref_delta(delta(data), base, &id),
        };
        if leaf && header.size > STREAM_THRESHOLD_BYTES && self.traversal.task.streams() {
            return self.stream(number, kind, data, header.size).map(|()| None);
        }
        if !self.quota.allows(header.size) {
            return Err(too_large(&data, header.size));
        }
        let mut buffer = self.pool.take();
        let input = self.traversal.bytes.get(enough(data, header.size), &mut self.input)?;
        self.inflater.exact(input, header.size, &mut buffer)?;
        Ok(Some(DecodedObject { kind, buffer, changed: false }))
    }

    /// Decodes a delta whose base may be outside the pack.
    fn decode_ref_delta(
        &mut self,
        delta: Delta,
        base: Option<&Frame>,
        id: &ObjectId,
    ) -> Result<Option<DecodedObject>, ObjectError> {
        if let Some(base) = base {
            return self.decode_delta(delta, base);
        }
        // The base is in the pack but was not decoded: a cycle.
        if self.traversal.pack.index.find(id).is_some() {
            return Err(ObjectError::Base);
        }
        self.quota.wait();
        let content = (self.traversal.outside)(id).ok_or(ObjectError::Base)?;
        let cost = content.1.cost();
        self.quota.hold(cost);
        let decoded =
            self.decode_delta(delta, &Frame { content: Some(content), whole: true, children: 0..0 });
        self.quota.release(cost);
        decoded
    }

    /// Decodes a delta. Returns `None` if the result was streamed because it is too large to hold.
    fn decode_delta(&mut self, entry: Delta, base: &Frame) -> Result<Option<DecodedObject>, ObjectError> {
        let Delta { number, data, size, leaf } = entry;
        let (kind, content) = base.content.as_ref().ok_or(ObjectError::Base)?;
        if !self.quota.allows(size) {
            return Err(too_large(&data, size));
        }
        let input = self.traversal.bytes.get(enough(data, size), &mut self.input)?;
        self.inflater.exact(input, size, &mut self.delta)?;
        let delta = self.delta.content();
        let sizes = delta::sizes(delta).ok_or(ObjectError::Delta)?;
        if !self.quota.allows(size.saturating_add(sizes.result)) {
            let reader = delta::DeltaReader::new(content, delta, sizes)?;
            if leaf && self.traversal.task.streams() {
                return self.stream_delta(number, *kind, reader).map(|()| None);
            }
            return reader.check().and(Err(ObjectError::TooLargeToHold(sizes.result)));
        }
        let mut buffer = self.pool.take();
        let changes = (!base.whole).then_some(&mut self.changes);
        delta::apply(content, delta, sizes, &mut buffer, changes)?;
        Ok(Some(DecodedObject { kind: *kind, buffer, changed: !base.whole }))
    }

    /// Streams the result of a delta to the task.
    fn stream_delta(
        &self,
        number: u32,
        kind: Kind,
        mut content: delta::DeltaReader<'_>,
    ) -> Result<(), ObjectError> {
        let id = self.traversal.id(number).ok_or(ObjectError::Place)?;
        let Traversal { task, errors, .. } = self.traversal;
        errors.guard(|| Some(id), || task.stream(&id, kind, &mut content));
        content.finish()
    }

    /// Streams a large object to the task.
    fn stream(&self, number: u32, kind: Kind, data: Range<u64>, size: u64) -> Result<(), ObjectError> {
        let id = self.traversal.id(number).ok_or(ObjectError::Place)?;
        let mut content = ObjectStream::new(RangeReader::new(self.traversal.bytes, data), size);
        let Traversal { task, errors, .. } = self.traversal;
        errors.guard(|| Some(id), || task.stream(&id, kind, &mut content));
        content.finish()
    }
}

/// Returns the error for an entry with this compressed `data` and declared `size` that exceeds the budget.
fn too_large(data: &Range<u64>, size: u64) -> ObjectError {
    // Do not suggest a repack if the declared size is impossible.
    let compressed = data.end.saturating_sub(data.start);
    if may_inflate(compressed, size) { ObjectError::TooLargeToHold(size) } else { ObjectError::Size }
}

/// Limits `data` to the compressed size that `size` bytes can need, unless the stream was inflated on purpose.
fn enough(data: Range<u64>, size: u64) -> Range<u64> {
    let likely = size.saturating_add(size / 8).saturating_add(1 << 16);
    data.start..data.end.min(data.start.saturating_add(likely))
}
