//! From arguments to open inputs: finds every file in scope and hands it, opened, to a [`Visitor`].
//!
//! Knows paths, git's ignore rules and git's index. Never sees a rule, never searches content.
//!
//! What is in scope:
//!
//! * A path that was named is read, whatever it is: an ignored file, a pipe, a link, something inside `.git`.
//! * Beneath a named directory: every regular file, hidden ones too. Links are not followed; pipes, sockets
//!   and devices hold no committed content and are not opened; `.git` is left to the commands that read objects.
//! * What git ignores is left out (only git's own rules count, and only inside a repository; a `.ignore` file
//!   hides nothing), but a file that git tracks is read even where a rule names it.
//! * Whatever is in scope and cannot be read is named through [`Visitor::unseen`].
//!
//! The descent is ours and not `ignore::WalkParallel`, which opens by path: with descriptors a directory that is
//! swapped for a link cannot lead the scan out of the tree, a path may be longer than the system's limit, and
//! each open looks up one name only. It also reads `.gitignore` through links and from pipes, which lets a
//! repository hang it or fill the memory.

mod descend;
mod gitignore;
mod input;
mod label;
mod named;
mod place;
mod plan;
mod progress;
mod reach;
mod scope;
#[cfg(test)]
mod tests;
mod tracked;

use std::io;
use std::path::PathBuf;
use std::thread::available_parallelism;

use rustix::process::{Resource, getrlimit};

use crate::content::Content;

pub use label::Label;
pub use reach::Reach;

use descend::Descent;
use input::Intake;

use plan::Plan;
use progress::Progress;

/// What to read, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files and directories, `-` for standard input; the current directory if empty.
    pub paths: Vec<PathBuf>,
    /// Read what git ignores too.
    pub no_ignore: bool,
    /// Globs in the syntax of `.gitignore`, relative to each named directory: what matches beneath it is out of
    /// scope, tracked or not. A file or directory that was named itself is read all the same.
    pub exclude: Vec<String>,
    /// Files with more bytes than this are not read, and streams not beyond it; both are named as unseen.
    pub max_file_size: Option<u64>,
    /// Number of threads; 0 for one per core.
    pub threads: usize,
    /// Show on stderr how far the scan is, once it has lasted a second. The caller knows if that is a terminal.
    pub progress: bool,
}

/// Receives the inputs, from many threads at once and in no particular order.
pub trait Visitor: Sync {
    /// Scans one open input. `size_hint` is its length in bytes where that is known. An error that comes from
    /// `content` is to be handed back: it ends up in [`Visitor::unseen`].
    ///
    /// # Errors
    ///
    /// Whatever `content` failed with.
    fn visit(&self, label: &Label<'_>, size_hint: Option<u64>, content: &mut dyn Content) -> io::Result<()>;

    /// Something in scope was not, or not wholly, read: the scan is not complete.
    fn unseen(&self, label: String, reason: String);

    /// Everything in scope is read, but something about the scope is worth a word.
    fn notice(&self, label: String, message: String);
}

/// Why nothing was scanned. The message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A path that was named does not exist.
    #[error(
        "{0}: no such file or directory; check the spelling, paths are relative to the current directory"
    )]
    Missing(String),
    /// A path that was named cannot be looked up.
    #[error("{path}: {error}; name a path that can be opened")]
    Unusable {
        /// The path as it was given.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// An exclude glob cannot be understood.
    #[error("--exclude {glob:?}: {reason}; write it as in a .gitignore file")]
    Glob {
        /// The glob as it was given.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The system gives no threads.
    #[error("cannot start {threads} threads: {reason}; try fewer with --threads")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the system said.
        reason: String,
    },
}

/// Hands every input in scope to `visitor`, each once, and returns when all are done.
///
/// # Errors
///
/// Only if the scan could not start. What goes wrong later goes to [`Visitor::unseen`].
pub fn run(options: &Options, visitor: &dyn Visitor) -> Result<(), SourceError> {
    let exclude = gitignore::from_globs(&options.exclude)?;
    let plan = Plan::new(&options.paths, options.no_ignore)?;
    let limits = Limits::new(options.threads, open_file_limit());
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(limits.threads)
        .thread_name(|number| format!("scan-{number}"))
        .build()
        .map_err(|error| SourceError::Threads { threads: limits.threads, reason: error.to_string() })?;
    let progress = options.progress.then(Progress::start);
    let counts = progress.as_ref().map(Progress::counts);
    let intake = Intake::new(visitor, options.max_file_size, counts);
    let descent = Descent::new(&intake, exclude, options.no_ignore, &limits);
    pool.scope(|threads| {
        for tree in &plan.trees {
            descent.start(threads, tree);
        }
        let intake = &intake;
        for input in &plan.named {
            threads.spawn(move |_| named::scan(intake, input));
        }
    });
    Ok(())
}

/// How much of the machine one scan takes.
struct Limits {
    /// Threads that scan.
    threads: usize,
    /// Directories that may stay open for later, beyond the few that each thread needs at the moment.
    open_dirs: usize,
}

impl Limits {
    /// Descriptors that one thread may hold at once: a directory twice (to list it and to open what is in it),
    /// two more while one is found again from the root, a file, and one for the visitor.
    const PER_THREAD: usize = 6;
    /// Descriptors left to the rest of the process.
    const RESERVED: usize = 8;
    /// More than a depth-first descent needs in any ordinary tree.
    const MOST_OPEN_DIRS: usize = 4096;

    fn new(threads: usize, open_files: usize) -> Self {
        let wanted = match threads {
            0 => available_parallelism().map_or(1, usize::from),
            some => some,
        };
        let available = open_files.saturating_sub(Self::RESERVED);
        let threads = wanted.min(available / Self::PER_THREAD).max(1);
        let left = available.saturating_sub(threads * Self::PER_THREAD);
        Self { threads, open_dirs: (left / 2).min(Self::MOST_OPEN_DIRS) }
    }
}

/// How many files this process may have open.
fn open_file_limit() -> usize {
    getrlimit(Resource::Nofile).current.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}
