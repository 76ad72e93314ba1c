//! Audits a whole repository before it is published: its work tree, all objects and names, and the other files of the
//! git directory.
//!
//! Passes content from `source`, `objects` and `git` to the inspector, and matches with their history to the collector.
//! Does not know about rules and does not print.

mod cache;
mod files;
mod findings;
mod leftovers;
mod names;
mod preload;
mod skipped;
mod submodules;
mod unread;
mod verdict;

use std::path::PathBuf;
use std::thread::available_parallelism;

use jiff::Timestamp;

use crate::git::odb::Store;
use crate::git::{History, HistoryInputs, Layout, Refs};
use crate::scan::{Collector, OdbScanner, Scanner, State};
use crate::source::{self, SourceError};

pub use cache::{Cache, CacheError};
pub use preload::Ahead;
pub use verdict::verdict;

/// Pseudo number of a secret: marks missing objects when the history is queried for their paths.
const MISSING_OBJECT: u32 = u32::MAX;

/// Options of an audit.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Skip the work tree.
    pub no_worktree: bool,
    /// How to walk the work tree; its paths are ignored.
    pub files: source::Options,
    /// The file of the cache of clean objects.
    pub cache: Option<PathBuf>,
    /// Digest of the rules; a cache of other rules is not used.
    pub rules_digest: [u8; 32],
}

/// The audit of one repository: the one that was named, or a submodule in it.
struct Audit<'a> {
    layout: &'a Layout,
    /// Prefix of all paths: empty, or the path of the submodule with a trailing `/`.
    prefix: String,
    inspector: &'a Scanner<'a>,
    collector: &'a Collector<'a>,
    threads: usize,
    /// Nesting depth: the number of repositories that contain this one.
    depth: usize,
}

/// Returns the number of threads; 0 means one per CPU.
fn count(threads: usize) -> usize {
    if threads == 0 { available_parallelism().map_or(1, usize::from) } else { threads }
}

/// Audits the repository at `layout` and its submodules. `ahead` belongs to the same repository.
///
/// # Errors
/// Returns an error if the work tree cannot be walked, or the cache cannot be read or written.
pub fn run(
    layout: &Layout,
    ahead: Ahead,
    inspector: &Scanner<'_>,
    collector: &Collector<'_>,
    options: &Options,
) -> Result<(), AuditError> {
    let threads = count(options.files.threads);
    let audit = Audit { layout, prefix: String::new(), inspector, collector, threads, depth: 0 };
    collector.progress().phase("opening the cache", "", 0, 0);
    let mut cache = Cache::open(options)?;
    if let Some(notice) = cache.notice.take() {
        collector.remark(notice);
    }
    if let Some(work_tree) = layout.work_tree.as_deref().filter(|_| !options.no_worktree) {
        let files = source::Options { paths: vec![work_tree.to_path_buf()], ..options.files.clone() };
        source::run(&files, collector)?;
    }
    let submodules = audit.repository(ahead, options, &mut cache)?;
    submodules::audit(&audit, submodules, options, &mut cache)?;
    Ok(cache.write()?)
}

/// Why an audit was aborted.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The work tree cannot be walked.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

impl Audit<'_> {
    /// Audits the repository itself: objects, names, and the files of its git directory. Returns the paths of its
    /// submodules.
    fn repository(
        &self,
        ahead: Ahead,
        options: &Options,
        cache: &mut Cache,
    ) -> Result<Vec<Vec<u8>>, AuditError> {
        for gap in &self.layout.gaps {
            self.missed("", gap);
        }
        if self.layout.shallow {
            let reason = "shallow clone: older commits are missing and were not scanned; fetch them with: \
                          git fetch --unshallow";
            self.missed(".git/shallow", reason);
        }
        let refs = Refs::read(self.layout);
        for (name, reason) in &refs.gaps {
            self.missed(name, reason);
        }
        files::scan(self, &options.files)?;
        names::scan_names(self, &refs);
        let progress = self.collector.progress();
        progress.phase("opening the object database", "", 0, 0);
        let store = ahead.store(self.layout);
        let clean = cache.take(&self.prefix, &store);
        progress.phase("searching", "objects", 0, store.len().saturating_sub(clean.len()) as u64);
        let search = OdbScanner::new(self.inspector, &store, self.layout.format, self.is_shallow(), &clean)
            .with_progress(progress.clone());
        store.scan(self.threads, &search);
        let mut state = search.finish();
        self.collector.count_objects(store.len() as u64, state.bytes);
        leftovers::scan(self, &store);
        files::lfs(self, &mut state);
        let history = self.history(&store, &refs, &mut state);
        unread::report(self, &store, &refs, &state);
        store.release();
        findings::report(self, &store, &state, &history);
        skipped::report(self, &store, &refs, &state, &history);
        cache.remember(&self.prefix, &store, &state);
        Ok(submodules::paths(self, &store))
    }

    /// Returns whether this is a shallow clone: parents of some commits are missing on purpose.
    fn is_shallow(&self) -> bool {
        self.layout.shallow
    }

    /// Computes the history of the findings and of missing objects; empty if there are neither.
    fn history(&self, store: &Store, refs: &Refs, state: &mut State) -> History {
        for id in &state.missing {
            state.targets.blobs.entry(*id).or_insert_with(|| vec![MISSING_OBJECT]);
        }
        let targets = &state.targets;
        let nothing = targets.blobs.is_empty() && targets.names.is_empty() && targets.texts.is_empty();
        if nothing && state.cut.is_empty() {
            return History::default();
        }
        let now = Timestamp::now().as_second();
        let progress = self.collector.progress();
        progress.phase("tracing the history of findings", "objects", 0, 0);
        let format = self.layout.format;
        let count = |objects, bytes| progress.add(objects, bytes);
        let sources = HistoryInputs { store, refs, format, threads: self.threads, now, progress: &count };
        History::trace(&sources, &state.targets)
    }

    /// Reports something in this repository that was not read.
    fn missed(&self, path: &str, reason: &str) {
        let path = if path.is_empty() { ".git".to_owned() } else { path.to_owned() };
        self.collector.missed(format!("{}{path}", self.prefix), reason);
    }
}
