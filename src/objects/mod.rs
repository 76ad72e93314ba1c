//! Git's object database, read at the speed of inflating it: every object once, in the order of the packs, on
//! several threads, and searched only where it differs from what it is made from.
//!
//! It knows objects and nothing of what they mean: no references, no index, no rules. It verifies checksums of
//! compressed data, not names (hashing everything costs ten times as much). What it could not read, it says.

mod buffer;
mod delta;
mod entry;
mod error;
mod file;
mod id;
mod index;
mod list;
mod loose;
mod losses;
mod memory;
mod pack;
mod plan;
mod stream;
mod task;
#[cfg(test)]
mod tests;
mod threads;
mod walk;

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use buffer::{Buffer, Inflater};
pub use error::ObjectError;
pub use id::{HashFormat, Kind, ObjectId};
use losses::Losses;
use memory::Memory;
use pack::Pack;
use plan::{Order, Plan};
use task::{HandOver, Search, Task};
use walk::{STREAMED, Walk};

/// Bytes of an object that is read from outside the pack that is being decoded.
const OUTSIDE: u64 = 32 << 20;
/// Bytes of a loose object for those who take none as a stream.
const WHOLE: u64 = 128 << 20;

/// What searches objects. Called from several threads at once.
pub trait Scanner: Sync {
    /// Asked once for each object before anything is decoded: false means that it is known to be clean. It is decoded
    /// only if a wanted object is made from it.
    fn wants(&self, id: &ObjectId) -> bool;

    /// Whether it wants every object: then it is not asked, and their names are not looked up either.
    fn wants_all(&self) -> bool {
        false
    }

    /// Whether something that is worth a closer look begins in `ranges` of `content` (ascending, disjoint; perhaps
    /// all of it). Called for nearly every object: it should allocate nothing. The answer has to depend on what
    /// stands in the ranges only: they reach 256 bytes beyond everything that is new.
    fn suspects(&self, kind: Kind, content: &[u8], ranges: &[Range<usize>]) -> bool;

    /// Takes a suspected object whole: each one once, unless it was damaged half-way and another copy was found.
    fn visit(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read);

    /// Hears what could not be read: one object, or (without `id`) more than that. The reason is for a person.
    fn unseen(&self, id: Option<&ObjectId>, reason: String);
}

/// What takes objects whole. Called from several threads at once.
pub trait Reader: Sync {
    /// Takes an object.
    fn read(&self, id: &ObjectId, kind: Kind, content: &[u8]);

    /// Hears what could not be read: one object, or (without `id`) more than that. The reason is for a person.
    fn unseen(&self, id: Option<&ObjectId>, reason: String);
}

/// A pack that was read, and the order of its entries.
type Loaded = (file::Bytes, Order);

/// Reads a pack and sorts its entries. Sorting waits for nothing, reading mostly for memory.
fn loaded(pack: &Pack, threads: usize) -> std::io::Result<Loaded> {
    let (bytes, order) = threads::both(threads, || pack.load(threads), || Order::of(pack));
    bytes.map(|bytes| (bytes, order))
}

/// An object database: packs and loose objects of its own and of the databases it borrows from.
#[derive(Debug)]
pub struct Store {
    found: list::Found,
    /// How many loose objects are not in a pack too.
    only_loose: usize,
    /// Bytes that decoding a pack may take, with the pack.
    memory: u64,
    /// The only pack, for whoever reads all objects a second time.
    kept: Mutex<Option<Loaded>>,
}

impl Store {
    /// Opens the database in the directory `objects`, and in the directories `extra` (such as the quarantine of a
    /// push), with all databases from which they borrow (`info/alternates`). Indexes of packs are read; what cannot be
    /// read is told to whoever scans.
    #[must_use]
    pub fn open(objects: &Path, extra: &[PathBuf], format: HashFormat) -> Self {
        let found = list::all(objects, extra, format);
        let mut store = Self { found, only_loose: 0, memory: memory::MOST, kept: Mutex::default() };
        store.only_loose = store.found.loose.iter().filter(|loose| !store.is_packed(&loose.id)).count();
        store
    }

    /// How many distinct objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let packed = |pack: &Pack| pack.index.count() - pack.copies.len();
        self.found.packs.iter().map(packed).sum::<usize>() + self.only_loose
    }

    /// Whether there is no object at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What could not be opened, for a person.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.found.problems
    }

    /// The names of all objects, each once, in no order.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> {
        let packed = self.found.packs.iter().flat_map(|pack| {
            let first = |position: &u32| !pack.is_copy(*position);
            (0..pack.index.count() as u32).filter(first).filter_map(|at| pack.index.id(at as usize))
        });
        packed.chain(self.loose().map(|loose| loose.id))
    }

    /// Whether there is an object of this name.
    #[must_use]
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.is_packed(id) || self.find_loose(id).is_some()
    }

    fn is_packed(&self, id: &ObjectId) -> bool {
        self.found.packs.iter().any(|pack| pack.index.find(id).is_some())
    }

    /// Loose objects that are in no pack.
    fn loose(&self) -> impl Iterator<Item = &loose::Loose> {
        self.found.loose.iter().filter(|loose| !self.is_packed(&loose.id))
    }

    fn find_loose(&self, id: &ObjectId) -> Option<&loose::Loose> {
        let at = self.found.loose.binary_search_by_key(id, |loose| loose.id).ok()?;
        self.found.loose.get(at)
    }

    /// Reads one object whole, from wherever an undamaged copy is; none if there is no object of this name.
    ///
    /// # Errors
    ///
    /// Why the first copy could not be read, when no copy could; `TooLarge` for more than `limit` bytes.
    pub fn read(&self, id: &ObjectId, limit: u64) -> Result<Option<(Kind, Vec<u8>)>, ObjectError> {
        self.find(id, limit, None, 0).map(|found| found.map(|(kind, buffer)| (kind, buffer.into_vec())))
    }

    /// Hands an object that is too large to hold to `take`, as a stream. False, and nothing was handed over: it is not
    /// large, or there is none; [`Self::read`] reads it.
    ///
    /// # Errors
    ///
    /// Why it could not be read to its end; `take` may have had a part of it.
    pub fn stream(
        &self,
        id: &ObjectId,
        take: &mut dyn FnMut(Kind, &mut dyn Read),
    ) -> Result<bool, ObjectError> {
        for pack in &self.found.packs {
            let Some(offset) = pack.index.find(id).map(|at| pack.index.offset(at)) else { continue };
            let bytes = pack.bytes().map_err(ObjectError::from)?;
            return pack.stream(&bytes, offset.ok_or(ObjectError::Place)?, STREAMED, take);
        }
        let Some(loose) = self.find_loose(id) else { return Ok(false) };
        let open = self.open_loose(loose, &mut Inflater::default())?;
        if open.size <= STREAMED {
            return Ok(false);
        }
        let kind = open.kind;
        let mut content = open.stream()?;
        take(kind, &mut content);
        content.finish().map(|()| true)
    }

    /// Reads an object from any place but the pack number `except`. `depth` counts the databases' packs through which
    /// bases outside a pack led here.
    fn find(
        &self,
        id: &ObjectId,
        limit: u64,
        except: Option<usize>,
        depth: usize,
    ) -> Result<Option<(Kind, Buffer)>, ObjectError> {
        let mut first_error = None;
        let outside = |id: &ObjectId| {
            // Bases in another pack do not lie on a disk that git wrote; one step is kindness enough.
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

    fn open_loose(&self, loose: &loose::Loose, inflater: &mut Inflater) -> Result<loose::Open, ObjectError> {
        let directory = self.found.directories.get(loose.directory as usize).ok_or(ObjectError::Place)?;
        loose::open(&loose::path(directory, &loose.id), inflater)
    }

    /// Searches every object once on `threads` threads. The calls come in any order, but the same ones for any number
    /// of threads.
    pub fn scan(&self, threads: usize, visitor: &dyn Scanner) {
        self.run(threads, &Search(visitor));
    }

    /// Hands over every object of `kinds` whole on `threads` threads, in any order.
    pub fn read_all(&self, kinds: &[Kind], threads: usize, visitor: &dyn Reader) {
        self.run(threads, &HandOver { reader: visitor, kinds });
    }

    fn run(&self, threads: usize, task: &dyn Task) {
        for problem in &self.found.problems {
            task.unseen(None, problem.clone());
        }
        for (number, pack) in self.found.packs.iter().enumerate() {
            self.run_pack(number, pack, threads, task);
        }
        self.run_loose(threads, task);
    }

    /// Frees what a run over all objects has left in memory for the next: most repositories have one pack, and that of a
    /// run is kept.
    pub fn release(&self) {
        drop(self.kept().take());
    }

    fn kept(&self) -> MutexGuard<'_, Option<Loaded>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the pack, if there is only one, for the next run over all objects: while the rules are made ready, nothing
    /// else waits for memory. What goes wrong is left for that run to meet and to tell.
    pub fn load(&self, threads: usize) {
        if let [pack] = &self.found.packs[..] {
            *self.kept() = loaded(pack, threads).ok();
        }
    }

    /// Reads and decodes one pack; its bytes are freed at the end, unless it is the only one.
    fn run_pack(&self, number: usize, pack: &Pack, threads: usize, task: &dyn Task) {
        let kept = self.kept().take();
        match kept.map_or_else(|| loaded(pack, threads), Ok) {
            Ok((bytes, order)) => {
                let order = self.decode((number, pack), (&bytes, order), threads, task);
                if self.found.packs.len() == 1 {
                    *self.kept() = Some((bytes, order));
                }
            }
            Err(error) => task.unseen(None, format!("{}: {error}", pack.name)),
        }
    }

    /// Decodes the pack of this number. Gives the order back.
    fn decode(
        &self,
        (number, pack): (usize, &Pack),
        (bytes, order): (&file::Bytes, Order),
        threads: usize,
        task: &dyn Task,
    ) -> Order {
        let all = task.wants_all();
        let asked = |position: u32| pack.index.id(position as usize).is_some_and(|id| task.wants(&id));
        let wants = |position: u32| !pack.is_copy(position) && (all || asked(position));
        if let Err(problem) = pack.check(bytes) {
            task.unseen(None, format!("{}: {problem}; `git fsck` says more", pack.name));
        }
        let plan = Plan::new((pack, bytes), order, threads, task.kinds(), &wants);
        let losses = Losses::default();
        let outside = |id: &ObjectId| self.find(id, OUTSIDE, Some(number), 0).ok().flatten();
        let memory = Memory::new(threads, self.memory.saturating_sub(bytes.in_memory()));
        let outside = &outside;
        Walk { pack, bytes, plan: &plan, task, outside, losses: &losses, memory: &memory }.run(threads);
        losses.tell(&pack.name, task);
        plan.into_order()
    }

    /// Decodes the loose objects that are in no pack.
    fn run_loose(&self, threads: usize, task: &dyn Task) {
        let wanted: Vec<&loose::Loose> = self.loose().filter(|loose| task.wants(&loose.id)).collect();
        let (next, losses) = (AtomicUsize::new(0), Losses::default());
        threads::each(threads.min(wanted.len()), || {
            let mut inflater = Inflater::default();
            while let Some(loose) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                let taken = losses.guard(|| Some(loose.id), || self.take_loose(loose, &mut inflater, task));
                match taken {
                    Some(Ok(())) => {}
                    Some(Err(error)) => losses.add(loose.id, error),
                    None => inflater = Inflater::default(),
                }
            }
        });
        losses.tell("loose objects", task);
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
        if task.streams() && open.size > STREAMED {
            let kind = open.kind;
            let mut content = open.stream()?;
            task.stream(&loose.id, kind, &mut content);
            return content.finish();
        }
        let (kind, content) = open.read(WHOLE, inflater)?;
        task.take(&|| Some(loose.id), kind, &content, None);
        Ok(())
    }
}
