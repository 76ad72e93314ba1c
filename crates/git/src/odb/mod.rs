//! Git's object database, read at the speed of inflation: every object once, in pack order, on several threads. Objects
//! stored as deltas are scanned only where they differ from their base.
//!
//! Knows objects but not their meaning: no refs, no git index, no rules. Verifies the checksums of compressed data, but
//! not object names (hashing everything costs ten times as much). Reports everything that it could not read.

mod buffer;
mod delta;
mod delta_tree;
mod discover;
mod error;
mod error_summary;
mod id;
mod index;
mod leftovers;
mod loose;
mod memory_budget;
mod pack;
mod pack_data;
mod pack_entry;
mod stream;
mod task;
#[cfg(test)]
mod tests;
mod threads;
mod traverse;

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::finding::SkipLog;
use buffer::{Buffer, Inflater};
use delta_tree::{DeltaTree, PackOrder, WantedEntries};
pub use error::ObjectError;
use error_summary::ErrorSummary;
pub use id::{HashFormat, Kind, ObjectId};
pub use leftovers::{Leftovers, open_leftover_object, pack_offset, quarantines};
use memory_budget::MemoryBudget;
use pack::Pack;
use task::{ReadTask, ScanTask, Task};
use traverse::{STREAM_THRESHOLD_BYTES, Traversal};

/// Maximum size, in bytes, of an object read from outside the pack that is being decoded.
const MAX_OUTSIDE_BYTES: u64 = 32 << 20;
/// Maximum size, in bytes, of a loose object that is read whole because the task does not accept streams.
const MAX_LOOSE_BYTES: u64 = 128 << 20;

/// Scans objects. Called from several threads at once. The log receives objects that could not be read, or `None` for
/// more than one object.
pub trait ObjectScanner: SkipLog<Option<ObjectId>> {
    /// Returns whether an object is to be scanned; false if it is known to be clean. Called once for each object before
    /// decoding starts. An unwanted object is decoded only if it is the base of a wanted one.
    fn wants(&self, id: &ObjectId) -> bool;

    /// Returns whether every object is wanted. In that case `wants` is not called, and no names are looked up.
    fn wants_all(&self) -> bool {
        false
    }

    /// A prefilter: returns whether something of interest may start in `ranges` of `content` (ascending and disjoint;
    /// possibly all of it). Called for nearly every object, so it should not allocate. The result must depend only on
    /// the bytes in the ranges, which extend 256 bytes beyond everything that is new.
    fn may_match(&self, kind: Kind, content: &[u8], ranges: &[Range<usize>]) -> bool;

    /// Receives the whole content of an object for which `suspects` returned true. Called once per object, unless a
    /// copy turned out to be damaged and another one was found.
    fn visit(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read);
}

/// Receives whole objects. Called from several threads at once. The log is as for [`ObjectScanner`].
pub trait ObjectReader: SkipLog<Option<ObjectId>> {
    /// Receives an object.
    fn read(&self, id: &ObjectId, kind: Kind, content: &[u8]);
}

/// The bytes of a pack and the order of its entries.
type LoadedPack = (pack_data::Bytes, PackOrder);

/// A pack to decode.
struct PackInput<'a> {
    /// Its index among the packs of the store.
    number: usize,
    pack: &'a Pack,
    bytes: &'a pack_data::Bytes,
}

/// Reads a pack and sorts its entries in parallel: sorting is limited by the CPU, reading mostly by memory bandwidth.
fn loaded(pack: &Pack, threads: usize) -> std::io::Result<LoadedPack> {
    let (bytes, order) = threads::join(threads, || pack.load(threads), || PackOrder::of(pack));
    bytes.map(|bytes| (bytes, order))
}

/// An object database: packs and loose objects, including those of its alternates.
#[derive(Debug)]
pub struct Store {
    found: discover::Inventory,
    /// Number of loose objects that are not in a pack as well.
    only_loose: usize,
    /// Memory budget for a pack and its decoding, in bytes.
    memory: u64,
    /// The pack, if there is only one, kept for a second pass over all objects.
    kept: Mutex<Option<LoadedPack>>,
}

impl Store {
    /// Opens the database in the directory `objects` and in the directories `extra` (such as the quarantine of a push),
    /// with all their alternates (`info/alternates`). Reads the pack indexes. Errors are stored in [`Self::problems`]
    /// and reported to every scan.
    #[must_use]
    pub fn open(objects: &Path, extra: &[PathBuf], format: HashFormat) -> Self {
        let found = discover::all(objects, extra, format);
        let mut store =
            Self { found, only_loose: 0, memory: memory_budget::TOTAL_BYTES, kept: Mutex::default() };
        store.only_loose = store.found.loose.iter().filter(|loose| !store.is_packed(&loose.id)).count();
        store
    }

    /// Returns the number of distinct objects.
    #[must_use]
    pub fn len(&self) -> usize {
        let packed = |pack: &Pack| pack.index.count() - pack.copies.len();
        self.found.packs.iter().map(packed).sum::<usize>() + self.only_loose
    }

    /// Returns whether there are no objects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns what could not be opened, for display.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.found.problems
    }

    /// Iterates over the names of all objects, each once, in unspecified order.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> {
        let packed = self.found.packs.iter().flat_map(|pack| {
            let first = |position: &u32| !pack.is_copy(*position);
            (0..pack.index.count() as u32).filter(first).filter_map(|at| pack.index.id(at as usize))
        });
        packed.chain(self.loose().map(|loose| loose.id))
    }

    /// Returns whether there is an object of this name.
    #[must_use]
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.is_packed(id) || self.find_loose(id).is_some()
    }

    fn is_packed(&self, id: &ObjectId) -> bool {
        self.found.packs.iter().any(|pack| pack.index.find(id).is_some())
    }

    /// Iterates over the loose objects that are not in a pack.
    fn loose(&self) -> impl Iterator<Item = &loose::Loose> {
        self.found.loose.iter().filter(|loose| !self.is_packed(&loose.id))
    }

    fn find_loose(&self, id: &ObjectId) -> Option<&loose::Loose> {
        let at = self.found.loose.binary_search_by_key(id, |loose| loose.id).ok()?;
        self.found.loose.get(at)
    }

    /// Reads one whole object from the first undamaged copy. Returns `None` if there is no object of this name.
    ///
    /// # Errors
    ///
    /// Returns the error of the first copy if no copy can be read, and `TooLarge` if it is larger than `limit` bytes.
    pub fn read(&self, id: &ObjectId, limit: u64) -> Result<Option<(Kind, Vec<u8>)>, ObjectError> {
        self.find(id, limit, None, 0).map(|found| found.map(|(kind, buffer)| (kind, buffer.into_vec())))
    }

    /// Streams an object to `take` if it is too large to hold in memory. Returns false without calling `take` if the
    /// object is small or missing; [`Self::read`] then reads it.
    ///
    /// # Errors
    ///
    /// Returns an error if it could not be read to its end; `take` may have received part of it.
    pub fn stream(
        &self,
        id: &ObjectId,
        take: &mut dyn FnMut(Kind, &mut dyn Read),
    ) -> Result<bool, ObjectError> {
        for pack in &self.found.packs {
            let Some(offset) = pack.index.find(id).map(|at| pack.index.offset(at)) else { continue };
            let bytes = pack.bytes().map_err(ObjectError::from)?;
            return pack.stream(&bytes, offset.ok_or(ObjectError::Place)?, STREAM_THRESHOLD_BYTES, take);
        }
        let Some(loose) = self.find_loose(id) else { return Ok(false) };
        let open = self.open_loose(loose, &mut Inflater::default())?;
        if open.size <= STREAM_THRESHOLD_BYTES {
            return Ok(false);
        }
        let kind = open.kind;
        let mut content = open.stream()?;
        take(kind, &mut content);
        content.finish().map(|()| true)
    }

    /// Reads an object from any source but pack number `except`. `depth` is the number of cross-pack deltas followed so
    /// far.
    fn find(
        &self,
        id: &ObjectId,
        limit: u64,
        except: Option<usize>,
        depth: usize,
    ) -> Result<Option<(Kind, Buffer)>, ObjectError> {
        let mut first_error = None;
        let outside = |id: &ObjectId| {
            // Git never writes cross-pack deltas to disk, so follow at most one.
            if depth > 0 { None } else { self.find(id, limit, None, depth + 1).ok().flatten() }
        };
        for (number, pack) in self.found.packs.iter().enumerate() {
            if Some(number) == except {
                continue;
            }
            let Some(offset) = pack.index.find(id).map(|at| pack.index.offset(at)) else { continue };
            let bytes = pack.bytes().map_err(ObjectError::from);
            let read =
                bytes.and_then(|bytes| pack.read(&bytes, offset.ok_or(ObjectError::Place)?, limit, &outside));
            match read {
                Ok(found) => return Ok(Some(found)),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        if let Some(loose) = self.find_loose(id) {
            let mut inflater = Inflater::default();
            match self.open_loose(loose, &mut inflater).and_then(|open| open.read(limit, &mut inflater)) {
                Ok((kind, content)) => return Ok(Some((kind, Buffer::of(content)?))),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        first_error.map_or(Ok(None), Err)
    }

    fn open_loose(
        &self,
        loose: &loose::Loose,
        inflater: &mut Inflater,
    ) -> Result<loose::OpenLoose, ObjectError> {
        let directory = self.found.directories.get(loose.directory as usize).ok_or(ObjectError::Place)?;
        loose::open(&loose::path(directory, &loose.id), inflater)
    }

    /// Scans every object once on `threads` threads. The order of calls is unspecified, but the set of calls is the
    /// same for any number of threads.
    pub fn scan(&self, threads: usize, visitor: &dyn ObjectScanner) {
        self.run(threads, &ScanTask(visitor));
    }

    /// Passes every object of `kinds` to `visitor` on `threads` threads, in unspecified order.
    pub fn read_all(&self, kinds: &[Kind], threads: usize, visitor: &dyn ObjectReader) {
        self.run(threads, &ReadTask { reader: visitor, kinds });
    }

    fn run(&self, threads: usize, task: &dyn Task) {
        for problem in &self.found.problems {
            task.skipped(None, problem.clone());
        }
        for (number, pack) in self.found.packs.iter().enumerate() {
            self.run_pack(number, pack, threads, task);
        }
        self.run_loose(threads, task);
    }

    /// Frees the pack kept in memory for the next pass over all objects. Only a single pack is kept, which most
    /// repositories have.
    pub fn release(&self) {
        drop(self.kept().take());
    }

    fn kept(&self) -> MutexGuard<'_, Option<LoadedPack>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the pack, if there is only one, in advance for the next pass over all objects: while the rules compile,
    /// memory bandwidth is free. Errors are left to that pass, which reports them.
    pub fn load(&self, threads: usize) {
        if let [pack] = &self.found.packs[..] {
            *self.kept() = loaded(pack, threads).ok();
        }
    }

    /// Reads and decodes one pack. Its bytes are freed at the end, unless it is the only one.
    fn run_pack(&self, number: usize, pack: &Pack, threads: usize, task: &dyn Task) {
        let kept = self.kept().take();
        match kept.map_or_else(|| loaded(pack, threads), Ok) {
            Ok((bytes, order)) => {
                let order = self.decode(&PackInput { number, pack, bytes: &bytes }, order, threads, task);
                if self.found.packs.len() == 1 {
                    *self.kept() = Some((bytes, order));
                }
            }
            Err(error) => task.skipped(None, format!("{}: {error}", pack.name)),
        }
    }

    /// Decodes a pack, and returns the order of its entries for reuse.
    fn decode(&self, input: &PackInput<'_>, order: PackOrder, threads: usize, task: &dyn Task) -> PackOrder {
        let PackInput { number, pack, bytes } = *input;
        let all = task.wants_all();
        let asked = |position: u32| pack.index.id(position as usize).is_some_and(|id| task.wants(&id));
        let wants = |position: u32| !pack.is_copy(position) && (all || asked(position));
        // The packs of the store have an index of git.
        let checked = if number < self.found.packs.len() { pack.check(bytes) } else { Ok(()) };
        if let Err(problem) = checked {
            task.skipped(None, format!("{}: {problem}; run `git fsck` for details", pack.name));
        }
        let wanted = WantedEntries { kinds: task.kinds(), wants: &wants };
        let deltas = DeltaTree::new(pack, bytes, order, threads, &wanted);
        let errors = ErrorSummary::default();
        let outside = |id: &ObjectId| self.find(id, MAX_OUTSIDE_BYTES, Some(number), 0).ok().flatten();
        let memory = MemoryBudget::new(threads, self.memory.saturating_sub(bytes.in_memory()));
        let outside = &outside;
        Traversal { pack, bytes, deltas: &deltas, task, outside, errors: &errors, memory: &memory }
            .run(threads);
        errors.report(&pack.name, task);
        deltas.into_order()
    }

    /// Decodes the loose objects that are not in a pack.
    fn run_loose(&self, threads: usize, task: &dyn Task) {
        let wanted: Vec<&loose::Loose> = self.loose().filter(|loose| task.wants(&loose.id)).collect();
        let (next, errors) = (AtomicUsize::new(0), ErrorSummary::default());
        threads::broadcast(threads.min(wanted.len()), || {
            let mut inflater = Inflater::default();
            while let Some(loose) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                let taken = errors.guard(|| Some(loose.id), || self.take_loose(loose, &mut inflater, task));
                match taken {
                    Some(Ok(())) => {}
                    Some(Err(error)) => errors.add(loose.id, error),
                    None => inflater = Inflater::default(),
                }
            }
        });
        errors.report("loose objects", task);
    }

    fn take_loose(
        &self,
        loose: &loose::Loose,
        inflater: &mut Inflater,
        task: &dyn Task,
    ) -> Result<(), ObjectError> {
        let open = self.open_loose(loose, inflater)?;
        if task.kinds().is_some_and(|kinds| !kinds.contains(&open.kind)) {
            return Ok(());
        }
        if task.streams() && open.size > STREAM_THRESHOLD_BYTES {
            let kind = open.kind;
            let mut content = open.stream()?;
            task.stream(&loose.id, kind, &mut content);
            return content.finish();
        }
        let (kind, content) = open.read(MAX_LOOSE_BYTES, inflater)?;
        task.take(&|| Some(loose.id), kind, &content, None);
        Ok(())
    }
}
