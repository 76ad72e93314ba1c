//! From arguments to open inputs: finds every file in scope and hands it, opened, to a [`Visitor`].
//!
//! Knows paths, git's ignore rules and git's index. Does not know about rules and does not search content.
//!
//! What is in scope:
//!
//! * A path named by the user is read, whatever it is: an ignored file, a pipe, a link, a file inside `.git`.
//! * Under a named directory: every regular file, including hidden ones. Links are not followed; pipes, sockets and
//!   devices have no committed content and are not opened; `.git` is left to the commands that read objects.
//! * Files ignored by git are left out (only git's own rules count, and only inside a repository; a `.ignore` file has
//!   no effect), but a file that git tracks is read even if a rule ignores it.
//! * Files that are in scope and cannot be read are reported through [`SkipLog::skipped`] with their label.
//!
//! The walk is our own and not `ignore::WalkParallel`, which opens by path: with descriptors, a directory that is
//! swapped for a link cannot lead the scan out of the tree, a path may be longer than the system's limit, and each open
//! looks up one name only. `WalkParallel` also reads `.gitignore` through links and from pipes, which lets a repository
//! hang it or fill the memory.

mod dir_path;
mod explain;
mod explicit;
mod gitignore;
mod input;
mod label;
mod roots;
mod scope;
#[cfg(test)]
#[cfg(unix)]
mod tests;
mod tracked_files;
mod walker;

use std::io;
use std::path::PathBuf;
use std::thread::available_parallelism;

use telleaks_platform::open_file_limit;

use crate::finding::SkipLog;
use crate::input::Content;
use crate::progress::Progress;

pub use explain::Reach;
pub use label::Label;

use input::Intake;
use walker::Walker;

use roots::Plan;

/// What to read, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files and directories, `-` for standard input; the current directory if empty.
    pub paths: Vec<PathBuf>,
    /// Whether to read files that git ignores, too.
    pub no_ignore: bool,
    /// Globs in the syntax of `.gitignore`, relative to each named directory: matching entries under it are out of
    /// scope, tracked or not. A file or directory that the user named is read anyway.
    pub exclude: Vec<String>,
    /// Files larger than this many bytes are skipped, and streams are read up to it; both are reported.
    pub max_file_size: Option<u64>,
    /// Number of threads; 0 for one per core.
    pub threads: usize,
    /// The display that counts the files.
    pub progress: Progress,
}

/// Receives the inputs, from many threads at once and in no particular order.
pub trait Visitor: SkipLog<String> {
    /// Scans one open input. `size_hint` is its length in bytes, if known. Must return the errors of `content`: they
    /// are reported through [`Visitor::unseen`].
    ///
    /// # Errors
    ///
    /// Returns the I/O error of `content`.
    fn visit(&self, label: &Label<'_>, size_hint: Option<u64>, content: &mut dyn Content) -> io::Result<()>;

    /// Scans text that belongs to an input without being its content: its name, the target of a link, the value of an
    /// extended attribute. `path` returns the path for reports.
    fn metadata(&self, path: &dyn Fn() -> String, text: &[u8]) {
        let _not_wanted = (path, text);
    }

    /// Counts a link in scope that was not followed.
    fn link(&self) {}

    /// Reports a message about the scope. Everything in scope was read.
    fn notice(&self, label: String, message: String);
}

/// Why the scan did not start. The message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A path named by the user does not exist.
    #[error(
        "{0}: no such file or directory; check the spelling, paths are relative to the current directory"
    )]
    Missing(String),
    /// A path named by the user cannot be looked up.
    #[error("{path}: {error}; name a path that can be opened")]
    Unusable {
        /// The path as given.
        path: String,
        /// The system error.
        error: io::Error,
    },
    /// An exclude glob is invalid.
    #[error("--exclude {glob:?}: {reason}; write it as in a .gitignore file")]
    Glob {
        /// The glob as given.
        glob: String,
        /// The reason.
        reason: String,
    },
    /// The system refuses to create threads.
    #[error("cannot start {threads} threads: {reason}; try fewer with --threads")]
    Threads {
        /// Number of threads requested.
        threads: usize,
        /// The system error.
        reason: String,
    },
}

/// Hands every input in scope to `visitor`, each once, and returns when all are done.
///
/// # Errors
///
/// Returns an error only if the scan could not start. Later errors are reported through [`Visitor::unseen`].
pub fn run(options: &Options, visitor: &dyn Visitor) -> Result<(), SourceError> {
    let exclude = gitignore::from_globs(&options.exclude)?;
    let plan = Plan::new(&options.paths, options.no_ignore)?;
    let limits = Limits::new(options.threads, open_file_limit());
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(limits.threads)
        .thread_name(|number| format!("scan-{number}"))
        .build()
        .map_err(|error| SourceError::Threads { threads: limits.threads, reason: error.to_string() })?;
    options.progress.phase("searching", "files", 0, 0);
    let intake = Intake::new(visitor, options.max_file_size, &options.progress);
    let walker = Walker::new(&intake, exclude, options.no_ignore, &limits);
    pool.scope(|threads| {
        for tree in &plan.trees {
            walker.start(threads, tree);
        }
        let intake = &intake;
        for input in &plan.named {
            threads.spawn(move |_| explicit::scan(intake, input));
        }
    });
    Ok(())
}

/// A regular file that was found by other means than the walk.
#[derive(Debug, Clone)]
pub struct NamedFile {
    /// Its path. A link at its end is not followed.
    pub path: PathBuf,
    /// Its path in reports.
    pub label: String,
}

/// Hands these files to `visitor`, in their order. Of `options`, the limits count, and no globs.
///
/// # Errors
///
/// Returns an error only if the scan could not start. Later errors are reported through [`SkipLog::skipped`].
pub fn run_files(files: &[NamedFile], options: &Options, visitor: &dyn Visitor) -> Result<(), SourceError> {
    let limits = Limits::new(options.threads, open_file_limit());
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(limits.threads)
        .build()
        .map_err(|error| SourceError::Threads { threads: limits.threads, reason: error.to_string() })?;
    options.progress.phase("searching", "files", 0, 0);
    let intake = Intake::new(visitor, options.max_file_size, &options.progress);
    pool.scope_fifo(|threads| {
        let intake = &intake;
        for file in files {
            threads.spawn_fifo(move |_| explicit::scan_file(intake, file));
        }
    });
    Ok(())
}

/// The resources that one scan may use.
struct Limits {
    /// Number of threads that scan.
    threads: usize,
    /// Directories that may stay open, apart from the few that each thread needs at a time.
    open_dirs: usize,
}

impl Limits {
    /// Descriptors that one thread may hold at once: a directory twice (to list it and to open its entries), two more
    /// while a directory is opened again from the root, a file, and one for the visitor.
    const DESCRIPTORS_PER_THREAD: usize = 6;
    /// Descriptors left to the rest of the process.
    const RESERVED_DESCRIPTORS: usize = 8;
    /// More than a depth-first walk needs in any ordinary tree.
    const MAX_OPEN_DIRS: usize = 4096;

    fn new(threads: usize, open_files: usize) -> Self {
        let wanted = match threads {
            0 => available_parallelism().map_or(1, usize::from),
            some => some,
        };
        let available = open_files.saturating_sub(Self::RESERVED_DESCRIPTORS);
        let threads = wanted.min(available / Self::DESCRIPTORS_PER_THREAD).max(1);
        let left = available.saturating_sub(threads * Self::DESCRIPTORS_PER_THREAD);
        Self { threads, open_dirs: (left / 2).min(Self::MAX_OPEN_DIRS) }
    }
}
