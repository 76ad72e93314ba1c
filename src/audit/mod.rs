//! The audit of a whole repository before it is published: its work tree, every object, every name, and what lies
//! beside them in the git directory.
//!
//! It leads content from `source`, `objects` and `git` to the inspector and what is found to the collector, together
//! with its history. It decides nothing about rules and prints nothing.

mod ahead;
mod cache;
mod files;
mod gaps;
mod located;
mod names;
mod submodules;
mod unread;
mod verdict;

use std::path::PathBuf;
use std::thread::available_parallelism;

use jiff::Timestamp;

use crate::collect::{Collector, Inspector, ObjectSearch, State};
use crate::git::{History, Layout, Refs, Sources};
use crate::objects::Store;
use crate::source::{self, SourceError};

pub use ahead::Ahead;
pub use cache::{Cache, CacheError};
pub use verdict::verdict;

/// Stands for an object that is missing where history is asked for its path.
const MISSING: u32 = u32::MAX;

/// What an audit looks at, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Leave the work tree out.
    pub no_worktree: bool,
    /// How the work tree is walked; its paths are ignored.
    pub files: source::Options,
    /// Remembers objects that were clean.
    pub cache: Option<PathBuf>,
    /// What the rules are; a cache of other rules is not used.
    pub rules_digest: [u8; 32],
}

/// One repository that is audited: the one that was named, or a submodule in it.
struct Audit<'a> {
    layout: &'a Layout,
    /// Stands in front of all paths: empty, or the path of the submodule with a `/` behind it.
    prefix: String,
    inspector: &'a Inspector<'a>,
    collector: &'a Collector<'a>,
    threads: usize,
    /// How many repositories it lies in.
    depth: usize,
}

/// How many threads there are, where zero stands for as many as the processor runs at once.
fn count(threads: usize) -> usize {
    if threads == 0 { available_parallelism().map_or(1, usize::from) } else { threads }
}

/// Audits the repository at `layout`, of which `ahead` is, and everything in it.
///
/// # Errors
/// The work tree cannot be walked at all, or the cache cannot be read or written.
pub fn run(
    (layout, ahead): (&Layout, Ahead),
    inspector: &Inspector<'_>,
    collector: &Collector<'_>,
    options: &Options,
) -> Result<(), AuditError> {
    let threads = count(options.files.threads);
    let audit = Audit { layout, prefix: String::new(), inspector, collector, threads, depth: 0 };
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

/// Why an audit ended early.
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
    /// The repository itself: objects, names, and the files of its git directory. The paths of its submodules.
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
            let reason = "shallow clone: older commits are not here and are not scanned; fetch them with: \
                          git fetch --unshallow";
            self.missed(".git/shallow", reason);
        }
        let refs = Refs::read(self.layout);
        for (name, reason) in &refs.gaps {
            self.missed(name, reason);
        }
        files::scan(self, &options.files)?;
        names::scan_names(self, &refs);
        let store = ahead.store(self.layout);
        let clean = cache.take(&self.prefix, &store);
        let search =
            ObjectSearch::new(self.inspector, (&store, self.layout.format), self.is_shallow(), &clean);
        store.scan(self.threads, &search);
        let mut state = search.finish();
        self.collector.count_objects(store.len() as u64, state.bytes);
        files::lfs(self, &mut state);
        let history = self.history(&store, &refs, &mut state);
        unread::report(self, (&store, &refs), &state);
        store.release();
        located::report(self, &store, &state, &history);
        gaps::tell(self, (&store, &refs), &state, &history);
        cache.remember(&self.prefix, &store, &state);
        Ok(submodules::paths(self, &store))
    }

    /// Whether parents of some commits are rightly not here.
    fn is_shallow(&self) -> bool {
        self.layout.shallow
    }

    /// The history of what was found and of what is missing; empty if there is neither.
    fn history(&self, store: &Store, refs: &Refs, state: &mut State) -> History {
        for id in &state.missing {
            state.targets.blobs.entry(*id).or_insert_with(|| vec![MISSING]);
        }
        let targets = &state.targets;
        let nothing = targets.blobs.is_empty() && targets.names.is_empty() && targets.texts.is_empty();
        if nothing && state.cut.is_empty() {
            return History::default();
        }
        let now = Timestamp::now().as_second();
        let sources = Sources { store, refs, format: self.layout.format, threads: self.threads, now };
        History::trace(&sources, &state.targets)
    }

    /// Names something in this repository that was not read.
    fn missed(&self, path: &str, reason: &str) {
        let path = if path.is_empty() { ".git".to_owned() } else { path.to_owned() };
        self.collector.missed(format!("{}{path}", self.prefix), reason);
    }
}
