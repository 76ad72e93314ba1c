//! Decoding a pack by its plan: every tree of deltas depth first, on several threads, each stream inflated once. A
//! thread holds the bases on its way down, and none whose last child has begun. A damaged entry costs itself and, as
//! far as no other copy of them is there, what is made from it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::buffer::{Buffer, Inflater, Pool};
use super::delta::{self, Changes};
use super::entry::{self, Body, Header};
use super::error::ObjectError;
use super::file::{Bytes, PartReader};
use super::id::{Kind, ObjectId};
use super::losses::Losses;
use super::pack::Pack;
use super::plan::Plan;
use super::stream::Content;
use super::task::Task;
use super::threads;

/// Whole objects that are larger, and from which nothing is made, are streamed.
pub(super) const STREAMED: u64 = 32 << 20;
/// Larger objects are not held in memory.
pub(super) const HELD: u64 = 1 << 30;
/// Bytes that one thread may hold of one tree of deltas.
const TREE: u64 = 2 << 30;
/// Roots that a thread takes at a time.
const SHARE: usize = 8;

/// Finds an object outside the pack that is being decoded.
pub(super) type Outside<'a> = dyn Fn(&ObjectId) -> Option<(Kind, Buffer)> + Sync + 'a;

/// A pack that is being decoded.
pub(super) struct Walk<'a> {
    pub(super) pack: &'a Pack,
    pub(super) bytes: &'a Bytes,
    pub(super) plan: &'a Plan,
    pub(super) task: &'a dyn Task,
    pub(super) outside: &'a Outside<'a>,
    pub(super) losses: &'a Losses,
}

impl Walk<'_> {
    /// Decodes all that is planned.
    pub(super) fn run(&self, threads: usize) {
        let next = AtomicUsize::new(0);
        threads::each(threads, || {
            let mut worker = Worker::new(self);
            loop {
                let from = next.fetch_add(SHARE, Ordering::Relaxed);
                let Some(rest) = self.plan.roots.get(from..) else { return };
                for root in rest.iter().take(SHARE) {
                    // What a panic has left of the worker is not used again.
                    if self.losses.guard(worker.id(*root), || worker.tree(*root)).is_none() {
                        worker = Worker::new(self);
                    }
                }
            }
        });
    }
}

/// An object on the way down, some of whose children are still to come.
struct Frame {
    /// None: it could not be read.
    content: Option<(Kind, Buffer)>,
    /// What is made from it has to be looked at whole.
    whole: bool,
    /// Its children in the plan that are still to come.
    children: Range<u32>,
}

/// An object that was decoded now.
struct Decoded {
    kind: Kind,
    buffer: Buffer,
    /// Only the changes need be looked at.
    changed: bool,
}

/// One thread and its memory.
struct Worker<'a> {
    walk: &'a Walk<'a>,
    inflater: Inflater,
    pool: Pool,
    delta: Buffer,
    /// Compressed bytes, if the pack is not in memory.
    input: Vec<u8>,
    changes: Changes,
    stack: Vec<Frame>,
    /// Bytes in the buffers of the stack.
    held: u64,
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
            held: 0,
        }
    }

    /// Decodes a root and all that is made from it.
    fn tree(&mut self, root: u32) {
        self.held = 0;
        self.enter(root, None);
        while let Some(mut frame) = self.stack.pop() {
            let Some(place) = frame.children.next() else { continue };
            let Some(child) = self.walk.plan.child(place) else { continue };
            let depth = self.stack.len();
            self.enter(child, Some(&frame));
            if frame.children.is_empty() {
                if let Some((_, buffer)) = frame.content {
                    self.held = self.held.saturating_sub(buffer.cost());
                    self.pool.give(buffer);
                }
            } else {
                // Beneath the child that was just entered.
                self.stack.insert(depth, frame);
            }
        }
    }

    /// Decodes one entry, hands it to the task, and puts it on the stack if something is made from it.
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
        let id =
            Some(number).filter(|number| self.walk.plan.is_wanted(*number)).and_then(|_| self.id(number));
        let Walk { task, losses, .. } = self.walk;
        let take = || task.take(id.as_ref(), decoded.kind, decoded.buffer.content(), changes);
        let whole = losses.guard(id, take).unwrap_or(true);
        if children.is_empty() {
            self.pool.give(decoded.buffer);
        } else {
            self.held += decoded.buffer.cost();
            self.stack.push(Frame { content: Some((decoded.kind, decoded.buffer)), whole, children });
        }
    }

    fn id(&self, number: u32) -> Option<ObjectId> {
        self.walk.pack.index.id(self.walk.plan.position(number))
    }

    /// Looks for a damaged object elsewhere; if there is none, it is lost.
    fn rescue(&mut self, number: u32, error: ObjectError) -> Option<Decoded> {
        let id = self.id(number)?;
        if let Some((kind, buffer)) = (self.walk.outside)(&id) {
            return Some(Decoded { kind, buffer, changed: false });
        }
        if self.walk.plan.is_wanted(number) {
            self.walk.losses.add(id, error);
        }
        None
    }

    /// Decodes one entry; none if it was streamed.
    fn decode(
        &mut self,
        number: u32,
        base: Option<&Frame>,
        leaf: bool,
    ) -> Result<Option<Decoded>, ObjectError> {
        let (start, next) = self.walk.plan.place(number).ok_or(ObjectError::Place)?;
        let end = next.unwrap_or(u64::MAX).min(self.walk.pack.end(self.walk.bytes));
        let mut room = [0; entry::LONGEST];
        let head = self.walk.bytes.head(start, &mut room)?;
        let header = entry::parse(head, self.walk.pack.format).ok_or(ObjectError::Header)?;
        let data = start + header.len as u64..end;
        let kind = match header.body {
            Body::Whole(kind) => kind,
            Body::Before(_) => {
                return self.made(data, header.size, base.ok_or(ObjectError::Base)?).map(Some);
            }
            Body::Named(id) => return self.made_from_named(data, &header, base, &id).map(Some),
        };
        if leaf && header.size > STREAMED && self.walk.task.streams() {
            return self.stream(number, kind, data, header.size).map(|()| None);
        }
        if header.size > HELD {
            return Err(ObjectError::TooLarge(header.size));
        }
        let mut buffer = self.pool.take();
        let input = self.walk.bytes.get(data, &mut self.input)?;
        self.inflater.exact(input, header.size, &mut buffer)?;
        Ok(Some(Decoded { kind, buffer, changed: false }))
    }

    /// Decodes a delta whose base may stand outside the pack.
    fn made_from_named(
        &mut self,
        data: Range<u64>,
        header: &Header,
        base: Option<&Frame>,
        id: &ObjectId,
    ) -> Result<Decoded, ObjectError> {
        if let Some(base) = base {
            return self.made(data, header.size, base);
        }
        // In the pack, but no base: a circle.
        if self.walk.pack.index.find(id).is_some() {
            return Err(ObjectError::Base);
        }
        let content = (self.walk.outside)(id).ok_or(ObjectError::Base)?;
        self.made(data, header.size, &Frame { content: Some(content), whole: true, children: 0..0 })
    }

    /// Decodes a delta.
    fn made(&mut self, data: Range<u64>, size: u64, base: &Frame) -> Result<Decoded, ObjectError> {
        let (kind, content) = base.content.as_ref().ok_or(ObjectError::Base)?;
        if size > HELD {
            return Err(ObjectError::TooLarge(size));
        }
        let input = self.walk.bytes.get(data, &mut self.input)?;
        self.inflater.exact(input, size, &mut self.delta)?;
        let delta = self.delta.content();
        let sizes = delta::sizes(delta).ok_or(ObjectError::Delta)?;
        if sizes.result > HELD || self.held.saturating_add(sizes.result) > TREE {
            return Err(ObjectError::TooLarge(sizes.result));
        }
        let mut buffer = self.pool.take();
        let changes = (!base.whole).then_some(&mut self.changes);
        delta::apply(content, delta, sizes, &mut buffer, changes)?;
        Ok(Decoded { kind: *kind, buffer, changed: !base.whole })
    }

    /// Streams a large object to the task.
    fn stream(&self, number: u32, kind: Kind, data: Range<u64>, size: u64) -> Result<(), ObjectError> {
        let id = self.id(number).ok_or(ObjectError::Place)?;
        let mut content = Content::new(PartReader::new(self.walk.bytes, data), size);
        let Walk { task, losses, .. } = self.walk;
        losses.guard(Some(id), || task.stream(&id, kind, &mut content));
        content.finish()
    }
}
