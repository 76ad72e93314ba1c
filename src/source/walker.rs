//! The parallel directory walk. Each name is opened relative to the descriptor of the directory it was listed in, and
//! links are never followed, so that an entry swapped during the walk cannot lead out of the tree and no path is too
//! long. `scope` decides what is in scope, `input` what happens to a file.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ignore::gitignore::Gitignore;
use rayon::Scope as Threads;
use telleaks_platform::{Dir, EntryKind, path_from_bytes};

use super::dir_path::DirPath;
use super::input::{Intake, ParentDir};
use super::roots::Tree;
use super::scope::{Scope, Verdict};
use super::{Label, Limits, gitignore};
use crate::fault_injection;
use crate::git::IndexError;

/// Files handed to another thread at once, to amortize the cost of spawning.
const MAX_BATCH_FILES: usize = 16;
/// Before a file of at least this many bytes, the rest of its batch is offered to other threads.
const LARGE_FILE_BYTES: u64 = 128 << 10;
/// Maximum number of queued batches per thread. When the queue is full, the thread that lists a directory scans
/// (backpressure), so that a directory with millions of files does not end up in memory.
const MAX_QUEUED_BATCHES: usize = 256;

/// State shared by all threads of one scan.
pub(super) struct Walker<'a> {
    intake: &'a Intake<'a>,
    exclude: Gitignore,
    no_ignore: bool,
    /// Directories that are open, and the number that may stay open longer than a thread needs them.
    open_dirs: AtomicUsize,
    open_dirs_limit: usize,
    /// Batches that are queued, and their maximum number.
    waiting: AtomicUsize,
    waiting_limit: usize,
}

/// A directory to list.
struct Listing<'a> {
    tree: &'a Tree,
    place: Arc<DirPath>,
    /// The directory that contains it. `None` if too many are open; then it is opened again from the root.
    parent: Option<Arc<OpenDir<'a>>>,
    scope: Scope,
}

/// Files of one directory that are queued for the scan.
struct Batch<'a> {
    tree: &'a Tree,
    place: Arc<DirPath>,
    dir: Arc<OpenDir<'a>>,
    /// Names, each terminated by a NUL.
    names: Vec<u8>,
    count: usize,
}

/// An open directory that is counted in `open_dirs`.
struct OpenDir<'a> {
    dir: Dir,
    open_dirs: &'a AtomicUsize,
}

impl Drop for OpenDir<'_> {
    fn drop(&mut self) {
        self.open_dirs.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<'a> Walker<'a> {
    /// Creates a walk that hands the files it finds to `intake`.
    pub(super) fn new(intake: &'a Intake<'a>, exclude: Gitignore, no_ignore: bool, limits: &Limits) -> Self {
        Self {
            intake,
            exclude,
            no_ignore,
            open_dirs: AtomicUsize::new(0),
            open_dirs_limit: limits.open_dirs,
            waiting: AtomicUsize::new(0),
            waiting_limit: MAX_QUEUED_BATCHES * limits.threads,
        }
    }

    /// Starts the scan of `tree`, which is complete when all of `threads` are done.
    pub(super) fn start<'t>(&'t self, threads: &Threads<'t>, tree: &'t Tree) {
        let scope = tree.scope.clone();
        let listing = Listing { tree, place: DirPath::root(), parent: None, scope };
        threads.spawn(move |threads| self.list(threads, listing));
    }

    fn list<'t>(&'t self, threads: &Threads<'t>, listing: Listing<'t>) {
        let place = Arc::clone(&listing.place);
        let tree = listing.tree;
        self.intake.listing(|| dir_label(tree, &place), || self.try_list(threads, listing));
    }

    fn try_list<'t>(&'t self, threads: &Threads<'t>, listing: Listing<'t>) -> io::Result<()> {
        let Listing { tree, place, parent, scope } = listing;
        let dir = Arc::new(self.open_dir(tree, &place, parent)?);
        let mut path = tree.prefix.clone();
        place.append_to(&mut path);
        let scope = if self.no_ignore {
            scope
        } else {
            scope
                .enter(&dir.dir, &path, || tree.path.join(path_from_bytes(&path[tree.prefix.len()..])).into())
        };
        self.intake.attributes(&|| dir_label(tree, &place), &dir.dir);
        let mut here = Here { walker: self, tree, scope, path };
        let mut batch = Batch::new(tree, &place, &dir);
        let mut entries = dir.dir.entries()?;
        for entry in &mut entries {
            let entry = entry?;
            let (name, kind) = (entry.name(), entry.kind());
            if name.to_bytes() == b".git" {
                continue;
            }
            let is_dir = kind == EntryKind::Directory;
            let Some(scope) = here.admit(name.to_bytes(), is_dir) else { continue };
            let label = || Label::within(&tree.label, &place, name).to_string();
            self.intake.metadata(&label, name.to_bytes());
            if kind == EntryKind::Link {
                let target = dir.dir.link_target(name).unwrap_or_default();
                self.intake.metadata(&label, &target);
                self.intake.link();
            }
            if !matches!(kind, EntryKind::Directory | EntryKind::Regular) {
                continue;
            }
            if is_dir {
                let parent = self.may_keep_open().then(|| Arc::clone(&dir));
                let place = DirPath::child(&place, name.to_owned());
                let listing = Listing { tree, place, parent, scope };
                threads.spawn(move |threads| self.list(threads, listing));
            } else {
                batch.push(name);
                if batch.count == MAX_BATCH_FILES {
                    let next = Batch::new(tree, &place, &dir);
                    self.hand_over(threads, std::mem::replace(&mut batch, next));
                }
            }
        }
        drop(entries);
        self.scan(threads, batch);
        Ok(())
    }

    fn open_dir<'t>(
        &'t self,
        tree: &Tree,
        place: &DirPath,
        parent: Option<Arc<OpenDir<'t>>>,
    ) -> io::Result<OpenDir<'t>> {
        let dir = match parent {
            Some(parent) => parent.dir.open_dir(place.name())?,
            None => {
                // The root itself was named by the user, so a link is followed there, and only there.
                let mut dir = Dir::open(&tree.path)?;
                if !place.is_root() {
                    for step in place.steps() {
                        dir = dir.open_dir(step.name())?;
                    }
                }
                dir
            }
        };
        let dir = fault_injection::opened(dir)?;
        self.open_dirs.fetch_add(1, Ordering::Relaxed);
        Ok(OpenDir { dir, open_dirs: &self.open_dirs })
    }

    fn may_keep_open(&self) -> bool {
        self.open_dirs.load(Ordering::Relaxed) < self.open_dirs_limit
    }

    /// Spawns the batch, or scans it inline if the queue is full (backpressure).
    fn hand_over<'t>(&'t self, threads: &Threads<'t>, batch: Batch<'t>) {
        if self.may_keep_open() && self.waiting.load(Ordering::Relaxed) < self.waiting_limit {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            threads.spawn(move |threads| {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                self.scan(threads, batch);
            });
        } else {
            self.scan(threads, batch);
        }
    }

    fn scan<'t>(&'t self, threads: &Threads<'t>, mut batch: Batch<'t>) {
        let names = std::mem::take(&mut batch.names);
        let mut rest = &names[..];
        let dir = Arc::clone(&batch.dir);
        let folder = ParentDir::Open(&dir.dir);
        while let Ok(name) = CStr::from_bytes_until_nul(rest) {
            rest = &rest[name.to_bytes_with_nul().len()..];
            batch.count -= 1;
            let label = Label::within(&batch.tree.label, &batch.place, name);
            match open_file(&batch.dir.dir, name) {
                Ok(Some((file, size))) if size >= LARGE_FILE_BYTES && batch.count > 0 => {
                    let others = batch.rest(rest);
                    threads.spawn(move |threads| self.scan(threads, others));
                    return self.intake.regular(&label, &file, size, &folder);
                }
                Ok(Some((file, size))) => self.intake.regular(&label, &file, size, &folder),
                Ok(None) => {}
                Err(error) => self.intake.failed(label.to_string(), &error),
            }
        }
    }
}

/// The directory that is being listed.
struct Here<'a> {
    walker: &'a Walker<'a>,
    tree: &'a Tree,
    scope: Scope,
    /// Its path as [`Scope`] expects it; names are appended and removed again.
    path: Vec<u8>,
}

impl Here<'_> {
    /// Returns the scope of the entry `name`; `None` if it is out of scope.
    fn admit(&mut self, name: &[u8], is_dir: bool) -> Option<Scope> {
        let Self { walker, tree, scope, path } = self;
        if scope.is_free() && walker.exclude.is_empty() && tree.elsewhere.is_empty() {
            return Some(Scope::default());
        }
        let end = path.len();
        path.extend_from_slice(name);
        let from_root = &path[tree.prefix.len()..];
        let left_out =
            gitignore::excludes(&walker.exclude, from_root, is_dir) || tree.elsewhere.contains(from_root);
        let verdict = if left_out {
            Verdict::Ignored
        } else {
            scope.judge(path, is_dir, |base, error| walker.report_index(tree, &path[..base], error))
        };
        path.truncate(end);
        match verdict {
            Verdict::Ignored => None,
            Verdict::OnlyTracked => Some(scope.clone().only_tracked()),
            // A file does not need a scope.
            Verdict::InScope if is_dir => Some(scope.clone()),
            Verdict::InScope => Some(Scope::default()),
        }
    }
}

impl Walker<'_> {
    /// Reports that the repository at `path` is scanned without ignore rules.
    fn report_index(&self, tree: &Tree, path: &[u8], error: IndexError) {
        let within = path.get(tree.prefix.len()..).unwrap_or_default();
        let label = Label::whole(&[&tree.label, within, b".git/index"].concat()).to_string();
        let all = "so ignored files are scanned too";
        let text = format!("cannot determine which files git tracks, {all}: {error}");
        match error {
            IndexError::Unreadable(_) | IndexError::Damaged(_) => self.intake.skipped(label, text),
            IndexError::Unsupported(_) => self.intake.notice(label, text),
        }
    }
}

impl<'a> Batch<'a> {
    fn new(tree: &'a Tree, place: &Arc<DirPath>, dir: &Arc<OpenDir<'a>>) -> Self {
        Self { tree, place: Arc::clone(place), dir: Arc::clone(dir), names: Vec::new(), count: 0 }
    }

    fn push(&mut self, name: &CStr) {
        self.names.extend_from_slice(name.to_bytes_with_nul());
        self.count += 1;
    }

    /// Returns a batch of the remaining files, whose names are `names`.
    fn rest(&self, names: &[u8]) -> Self {
        let Self { tree, place, dir, count, .. } = self;
        Self { tree, place: Arc::clone(place), dir: Arc::clone(dir), names: names.to_vec(), count: *count }
    }
}

/// Opens a regular file and returns it with its size in bytes; `None` if it is not a regular file any more.
fn open_file(dir: &Dir, name: &CStr) -> io::Result<Option<(File, u64)>> {
    let file = fault_injection::opened(dir.open_file(name)?)?;
    let found = file.metadata()?;
    Ok(found.is_file().then_some((file, found.len())))
}

/// Returns the path of a directory for reports; `.` for a root without a name.
fn dir_label(tree: &Tree, place: &DirPath) -> String {
    let mut path = tree.label.clone();
    place.append_to(&mut path);
    if path.len() > 1 {
        path.pop();
    } else if path.is_empty() {
        path.push(b'.');
    }
    Label::whole(&path).to_string()
}
