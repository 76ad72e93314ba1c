//! Decodes a pack: every delta tree depth first, on several threads, inflating each entry once. A thread holds the
//! bases on its current path, but not those whose last child has started. A damaged entry is lost and, unless another
//! copy of it exists, so are its descendants.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::buffer::{Buffer, Inflater, MAX_POOLED_BYTES, Pool, may_inflate};
use super::delta::{self, Changes};
use super::entry::{self, Body};
use super::error::ObjectError;
use super::file::{Bytes, PartReader};
use super::id::{Kind, ObjectId};
use super::losses::Losses;
use super::memory::{Memory, Share};
use super::pack::Pack;
use super::plan::Plan;
use super::stream::Content;
use super::task::Task;
use super::threads;

/// Complete objects without children that are larger, in bytes, are streamed.
pub(super) const STREAM_THRESHOLD_BYTES: u64 = 32 << 20;
/// Roots that a thread takes at a time.
const ROOTS_PER_STEP: usize = 8;

/// Finds an object outside the pack that is being decoded.
pub(super) type Outside<'a> = dyn Fn(&ObjectId) -> Option<(Kind, Buffer)> + Sync + 'a;

/// A traversal of one pack.
pub(super) struct Walk<'a> {
    pub(super) pack: &'a Pack,
    pub(super) bytes: &'a Bytes,
    pub(super) plan: &'a Plan,
    pub(super) task: &'a dyn Task,
    pub(super) outside: &'a Outside<'a>,
    pub(super) losses: &'a Losses,
    pub(super) memory: &'a Memory,
}

impl Walk<'_> {
    /// Decodes everything in the plan.
    pub(super) fn run(&self, threads: usize) {
        let next = AtomicUsize::new(0);
        threads::each(threads, || {
            let mut worker = Worker::new(self);
            loop {
                let from = next.fetch_add(ROOTS_PER_STEP, Ordering::Relaxed);
                let Some(rest) = self.plan.roots.get(from..) else { return };
                for root in rest.iter().take(ROOTS_PER_STEP) {
                    // The state of a worker after a panic is unreliable.
                    if self.losses.guard(|| self.id(*root), || worker.tree(*root)).is_none() {
                        worker = Worker::new(self);
                    }
                }
            }
        });
    }
}

impl Walk<'_> {
    /// Returns the name of an entry.
    fn id(&self, number: u32) -> Option<ObjectId> {
        self.pack.index.id(self.plan.position(number))
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
struct Decoded {
    kind: Kind,
    buffer: Buffer,
    /// Whether only the changed ranges must be scanned.
    changed: bool,
}

/// One thread and its buffers.
struct Worker<'a> {
    walk: &'a Walk<'a>,
    inflater: Inflater,
    pool: Pool,
    delta: Buffer,
    /// Compressed bytes, if the pack is not in memory.
    input: Vec<u8>,
    changes: Changes,
    stack: Vec<Frame>,
    /// The memory used by the buffers of the stack.
    share: Share<'a>,
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
    fn new(walk: &'a Walk<'a>) -> Self {
        Self {
            walk,
            inflater: Inflater::default(),
            pool: Pool::default(),
            delta: Buffer::default(),
            input: Vec::new(),
            changes: Changes::default(),
            stack: Vec::new(),
            share: Share::new(walk.memory),
        }
    }

    /// Decodes a root and all its descendants.
    fn tree(&mut self, root: u32) {
        self.enter(root, None);
        while let Some(mut frame) = self.stack.pop() {
            let Some(place) = frame.children.next() else { continue };
            let Some(child) = self.walk.plan.child(place) else { continue };
            let depth = self.stack.len();
            self.enter(child, Some(&frame));
            if frame.children.is_empty() {
                if let Some((_, buffer)) = frame.content {
                    self.share.release(buffer.cost());
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
        self.share.end();
    }

    /// Decodes one entry, passes it to the task, and pushes it if it has children.
    fn enter(&mut self, number: u32, base: Option<&Frame>) {
        let children = self.walk.plan.children(number);
        let decoded = match self.decode(number, base, children.is_empty()) {
            Ok(Some(decoded)) => Some(decoded),
            Ok(None) => return,
            Err(error) => self.rescue(number, error),
        };
        let Some(decoded) = decoded else {
            if !children.is_empty() {
                self.stack.push(Frame { content: None, whole: true, children });
            }
            return;
        };
        let changes = decoded.changed.then(|| self.changes.ranges());
        let walk = self.walk;
        let id = || if walk.plan.is_wanted(number) { walk.id(number) } else { None };
        let Walk { task, losses, .. } = walk;
        let take = || task.take(&id, decoded.kind, decoded.buffer.content(), changes);
        let whole = losses.guard(id, take).unwrap_or(true);
        if children.is_empty() {
            self.pool.give(decoded.buffer);
        } else {
            self.share.hold(decoded.buffer.cost());
            self.stack.push(Frame { content: Some((decoded.kind, decoded.buffer)), whole, children });
        }
    }

    /// Looks for another copy of a damaged object, and records the error if there is none.
    fn rescue(&mut self, number: u32, error: ObjectError) -> Option<Decoded> {
        let id = self.walk.id(number)?;
        self.share.wait();
        if let Some((kind, buffer)) = (self.walk.outside)(&id) {
            return Some(Decoded { kind, buffer, changed: false });
        }
        if self.walk.plan.is_wanted(number) {
            self.walk.losses.add(id, error);
        }
        None
    }

    /// Decodes one entry. Returns `None` if it was streamed.
    fn decode(
        &mut self,
        number: u32,
        base: Option<&Frame>,
        leaf: bool,
    ) -> Result<Option<Decoded>, ObjectError> {
        let (start, next) = self.walk.plan.place(number).ok_or(ObjectError::Place)?;
        let end = next.unwrap_or(u64::MAX).min(self.walk.pack.end(self.walk.bytes));
        let mut room = [0; entry::MAX_HEADER_BYTES];
        let head = self.walk.bytes.head(start, &mut room)?;
        let header = entry::parse(head, self.walk.pack.format).ok_or(ObjectError::Header)?;
        let data = start + header.len as u64..end;
        let delta = |data| Delta { number, data, size: header.size, leaf };
        let kind = match header.body {
            Body::Whole(kind) => kind,
            Body::Before(_) => return self.made(delta(data), base.ok_or(ObjectError::Base)?),
            Body::Named(id) => return self.made_from_named(delta(data), base, &id),
        };
        if leaf && header.size > STREAM_THRESHOLD_BYTES && self.walk.task.streams() {
            return self.stream(number, kind, data, header.size).map(|()| None);
        }
        if !self.share.allows(header.size) {
            return Err(too_large(&data, header.size));
        }
        let mut buffer = self.pool.take();
        let input = self.walk.bytes.get(enough(data, header.size), &mut self.input)?;
        self.inflater.exact(input, header.size, &mut buffer)?;
        Ok(Some(Decoded { kind, buffer, changed: false }))
    }

    /// Decodes a delta whose base may be outside the pack.
    fn made_from_named(
        &mut self,
        delta: Delta,
        base: Option<&Frame>,
        id: &ObjectId,
    ) -> Result<Option<Decoded>, ObjectError> {
        if let Some(base) = base {
            return self.made(delta, base);
        }
        // The base is in the pack but was not decoded: a cycle.
        if self.walk.pack.index.find(id).is_some() {
            return Err(ObjectError::Base);
        }
        self.share.wait();
        let content = (self.walk.outside)(id).ok_or(ObjectError::Base)?;
        let cost = content.1.cost();
        self.share.hold(cost);
        let made = self.made(delta, &Frame { content: Some(content), whole: true, children: 0..0 });
        self.share.release(cost);
        made
    }

    /// Decodes a delta. Returns `None` if the result was streamed because it is too large to hold.
    fn made(&mut self, entry: Delta, base: &Frame) -> Result<Option<Decoded>, ObjectError> {
        let Delta { number, data, size, leaf } = entry;
        let (kind, content) = base.content.as_ref().ok_or(ObjectError::Base)?;
        if !self.share.allows(size) {
            return Err(too_large(&data, size));
        }
        let input = self.walk.bytes.get(enough(data, size), &mut self.input)?;
        self.inflater.exact(input, size, &mut self.delta)?;
        let delta = self.delta.content();
        let sizes = delta::sizes(delta).ok_or(ObjectError::Delta)?;
        if !self.share.allows(size.saturating_add(sizes.result)) {
            let made = delta::Made::new(content, delta, sizes)?;
            if leaf && self.walk.task.streams() {
                return self.stream_made(number, *kind, made).map(|()| None);
            }
            return made.check().and(Err(ObjectError::TooLargeToHold(sizes.result)));
        }
        let mut buffer = self.pool.take();
        let changes = (!base.whole).then_some(&mut self.changes);
        delta::apply(content, delta, sizes, &mut buffer, changes)?;
        Ok(Some(Decoded { kind: *kind, buffer, changed: !base.whole }))
    }

    /// Streams the result of a delta to the task.
    fn stream_made(&self, number: u32, kind: Kind, mut content: delta::Made<'_>) -> Result<(), ObjectError> {
        let id = self.walk.id(number).ok_or(ObjectError::Place)?;
        let Walk { task, losses, .. } = self.walk;
        losses.guard(|| Some(id), || task.stream(&id, kind, &mut content));
        content.finish()
    }

    /// Streams a large object to the task.
    fn stream(&self, number: u32, kind: Kind, data: Range<u64>, size: u64) -> Result<(), ObjectError> {
        let id = self.walk.id(number).ok_or(ObjectError::Place)?;
        let mut content = Content::new(PartReader::new(self.walk.bytes, data), size);
        let Walk { task, losses, .. } = self.walk;
        losses.guard(|| Some(id), || task.stream(&id, kind, &mut content));
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
