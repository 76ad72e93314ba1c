//! Scans what `git commit` would record now, before it is recorded: staged blobs, new names, the message.
//!
//! Passes content from the index to the inspector and matches to the collector. Never reads the work tree.

mod committed;

use std::collections::HashSet;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::detect::Match;
use crate::fault_injection;
use crate::finding::{GitInfo, ReachedBy, SecretKey};
use crate::git::odb::ObjectId;
use crate::git::{
    Database, EVERY_LINE, Layout, Pointer, ReadError, Refs, Staged, StagedError, Trees, added_lines, shown,
    staged,
};
use crate::input::{Regular, Stream};
use crate::scan::{Collector, Scanner};

pub use committed::retain_uncommitted;

/// Maximum size of a message that is scanned, in bytes; no human writes a longer one.
const MAX_MESSAGE_BYTES: u64 = 64 << 20;
/// The scissors line of `git commit -v`. Git adds a diff after it for the author, which is not part of the message.
const SCISSORS: &[u8] = b"# ------------------------ >8 ------------------------";
/// Maximum size of the staged content that is in memory at a time, in bytes; a single file may be larger.
const BATCH_BYTES: usize = 64 << 20;

/// Options of a scan of the staged changes.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Also report secrets on lines that are not new.
    pub whole_files: bool,
    /// The file with the commit message.
    pub message: Option<PathBuf>,
    /// Scan only the message.
    pub message_only: bool,
    /// Whether the message was written in an editor, in which case git removes its comment lines.
    pub edited: bool,
    /// The index file, if it is not that of the work tree.
    pub index: Option<PathBuf>,
}

/// Why nothing was scanned.
#[derive(Debug, thiserror::Error)]
pub enum StagedSearchError {
    /// The index or the last commit cannot be read.
    #[error(transparent)]
    Staged(#[from] StagedError),
    /// The object database cannot be opened.
    #[error(transparent)]
    Objects(#[from] ReadError),
    /// The message file cannot be read.
    #[error("{path}: {error}; --message takes the file that git passes to the hook commit-msg")]
    Message {
        /// The file.
        path: String,
        /// The I/O error.
        error: std::io::Error,
    },
}

/// Scans what a commit would record in the repository at `layout`.
///
/// # Errors
/// Returns an error if the index, the last commit or the message cannot be read.
pub fn run(
    layout: &Layout,
    options: &Options,
    inspector: &Scanner<'_>,
    collector: &Collector<'_>,
) -> Result<(), StagedSearchError> {
    let database = Database::open(layout)?;
    let head = Refs::of_this_work_tree(layout).head;
    let index = options.index.clone().unwrap_or_else(|| layout.git_dir.join("index"));
    if !layout.refs_readable {
        collector.remark(
            "the refs are stored as a reftable, which telleaks cannot read: every file counts as new"
                .to_owned(),
        );
    }
    let mut list = Vec::new();
    if !options.message_only {
        list = staged(layout, &database, head.as_ref(), &index)?;
        // Entries of `git add -N`, which a commit does not record, and unchanged blobs.
        list.retain(|one| !one.intent_to_add && one.old != Some(one.new));
    }
    let before = OnceLock::new();
    let search = Search { layout, options, inspector, collector, database: &database, head, before };
    for one in &list {
        search.name(one);
    }
    search.contents(&list);
    if let Some(path) = &options.message {
        search.message(path).map_err(|error| StagedSearchError::Message {
            path: path.to_string_lossy().into_owned(),
            error,
        })?;
    }
    Ok(())
}

struct Search<'a> {
    layout: &'a Layout,
    options: &'a Options,
    inspector: &'a Scanner<'a>,
    collector: &'a Collector<'a>,
    database: &'a Database,
    /// The last commit.
    head: Option<ObjectId>,
    /// All blobs of the last commit, computed on first use.
    before: OnceLock<HashSet<ObjectId>>,
}

impl Search<'_> {
    /// Scans staged content: reads files sequentially, and scans them in parallel batches.
    fn contents(&self, list: &[Staged]) {
        let progress = self.collector.progress();
        progress.phase("searching", "staged files", 0, list.len() as u64);
        let mut list = list.iter();
        loop {
            let mut bytes = 0;
            let mut batch = Vec::new();
            while bytes <= BATCH_BYTES {
                let Some(one) = list.next() else { break };
                if self.large(one) {
                    progress.add(1, 0);
                    continue;
                }
                if let Some((new, old)) = self.read(one) {
                    bytes += new.len() + old.len();
                    batch.push((one, new, old));
                }
            }
            if batch.is_empty() {
                return;
            }
            batch.into_par_iter().for_each(|(one, new, old)| {
                self.content(one, &new, &old);
                progress.add(1, new.len() as u64);
            });
        }
    }

    /// Scans a file as a stream if it is too large to hold in memory; otherwise returns false. Lines are not compared:
    /// secrets that were not in the old content count as new.
    fn large(&self, one: &Staged) -> bool {
        let path = shown(&one.path);
        let mut scan = None;
        let search = &mut |content: &mut dyn Read| {
            scan = Some(self.inspector.scan(&|| path.clone(), &mut Stream(content)));
        };
        let outcome = ObjectId::from_bytes(one.new.as_bytes()).map(|id| self.database.stream(&id, search));
        match outcome {
            Some(Ok(true)) => {}
            Some(Err(error)) => self.collector.missed(&path, error.to_string()),
            Some(Ok(false)) | None => return false,
        }
        let Some(mut scan) = scan else { return true };
        self.collector.count(1, scan.bytes);
        self.collector.missed_in(&path, &scan.unseen);
        if !scan.found.is_empty() && !self.options.whole_files {
            if one.old.is_none() && self.was_there(one.new) {
                return true;
            }
            let before = one.old.map(|old| self.secrets_of(old)).unwrap_or_default();
            scan.found.retain(|found| !before.contains(&found.secret_key()));
        }
        self.keep(scan.found, &path, Some(one.new.to_string()));
        true
    }

    /// Returns the secrets in a blob, by rule and digest.
    fn secrets_of(&self, blob: git2::Oid) -> HashSet<SecretKey> {
        let mut found = Vec::new();
        let search = &mut |content: &mut dyn Read| {
            found = self.inspector.scan(&String::new, &mut Stream(content)).found
        };
        let id = ObjectId::from_bytes(blob.as_bytes());
        if !id.is_some_and(|id| self.database.stream(&id, search).unwrap_or(true)) {
            let content = self.database.read_quietly(&blob).unwrap_or_default();
            found = self.inspector.scan_bytes("", &content).found;
        }
        found.into_iter().map(|one| one.secret_key()).collect()
    }

    /// Returns the new content of a staged file, and the old one (or nothing) for comparing lines.
    fn read(&self, one: &Staged) -> Option<(Vec<u8>, Vec<u8>)> {
        let read = |oid: git2::Oid| {
            let id = ObjectId::from_bytes(oid.as_bytes())?;
            match self.database.read(&id) {
                Ok((_, content)) => Some(content),
                Err(error) => {
                    self.collector.missed(shown(&one.path), error.to_string());
                    None
                }
            }
        };
        let new = read(one.new)?;
        // Compare lines only if the new content may have matches.
        let compared = !self.options.whole_files && self.inspector.may_hold(&new);
        let old = one.old.filter(|_| compared).and_then(|old| self.database.read_quietly(&old));
        Some((new, old.unwrap_or_default()))
    }

    /// Returns whether the last commit contains this blob at any path: the file was renamed or copied.
    fn was_there(&self, blob: git2::Oid) -> bool {
        let before = self.before.get_or_init(|| {
            let mut blobs = HashSet::new();
            let head = self.head.and_then(|head| self.database.commit(&head).ok());
            if let Some((_, head)) = head {
                Trees::new(self.database, self.layout.format).blobs_in(
                    &head.tree,
                    &mut HashSet::new(),
                    &mut blobs,
                );
            }
            blobs
        });
        ObjectId::from_bytes(blob.as_bytes()).is_some_and(|blob| before.contains(&blob))
    }

    fn content(&self, one: &Staged, new: &[u8], old: &[u8]) {
        let path = shown(&one.path);
        let mut scanned = self.inspector.scan_bytes(&path, new);
        self.collector.count(1, scanned.bytes);
        if let Some(pointer) = Pointer::read(new) {
            let there = pointer
                .open(self.layout)
                .map(|file| self.inspector.scan(&String::new, &mut Regular::new(file)));
            match there.filter(|there| there.error.is_none()).map(|there| (there.found, there.unseen)) {
                Some((found, unseen)) => {
                    scanned.found.extend(found);
                    scanned.unseen.extend(unseen);
                }
                None => self.collector.missed(
                    &path,
                    "the content of a git-lfs file is missing and was not scanned; fetch it with: git lfs fetch",
                ),
            }
        } else if !scanned.found.is_empty() && !self.options.whole_files {
            if one.old.is_none() && self.was_there(one.new) {
                return;
            }
            self.retain_new(&mut scanned.found, new, old);
        }
        self.collector.missed_in(&path, &scanned.unseen);
        self.keep(scanned.found, &path, Some(one.new.to_string()));
    }

    /// Keeps matches on added lines; inside an archive, which has no lines to compare, matches whose secret is new.
    fn retain_new(&self, found: &mut Vec<Match>, new: &[u8], old: &[u8]) {
        let added = if old.is_empty() { vec![EVERY_LINE] } else { added_lines(old, new) };
        let inside = found.iter().any(|found| !found.location.path.is_empty());
        let before =
            if inside && !old.is_empty() { self.inspector.scan_bytes("", old).found } else { Vec::new() };
        let known: HashSet<_> = before.iter().map(|found| found.secret_key()).collect();
        found.retain(|found| {
            let outside = found.location.path.is_empty();
            if outside { touches(&added, found) } else { !known.contains(&found.secret_key()) }
        });
    }

    /// Scans a new name.
    fn name(&self, one: &Staged) {
        if one.old.is_none() && self.inspector.suspicious(&one.path) {
            let found = self.inspector.scan_name(&one.path);
            self.keep(found, &shown(&one.path), None);
        }
    }

    fn keep(&self, found: Vec<Match>, path: &str, blob: Option<String>) {
        if found.is_empty() {
            return;
        }
        let path = self.inspector.masked(path);
        let mut findings = self.inspector.grouped(&path, found);
        for finding in &mut findings {
            let path = Some(path.clone().into_owned());
            finding.git = Some(GitInfo { blob: blob.clone(), path, ..GitInfo::bare(ReachedBy::Index) });
        }
        self.collector.add(findings);
    }

    /// Scans the message, without the parts that git removes. Line numbers are those of the file.
    fn message(&self, path: &Path) -> std::io::Result<()> {
        let mut text = Vec::new();
        fault_injection::input(fault_injection::open(path)?)
            .take(MAX_MESSAGE_BYTES + 1)
            .read_to_end(&mut text)?;
        let path = path.to_string_lossy();
        let path = self.inspector.masked(&path);
        if text.len() as u64 > MAX_MESSAGE_BYTES {
            self.collector.missed(&*path, "a message of more than 64 MiB is not scanned to its end");
        }
        if self.options.edited {
            text = without_remarks(&text);
        }
        let scanned = self.inspector.scan_text(&text);
        self.collector.count(1, scanned.bytes);
        self.collector.missed_in(&path, &scanned.unseen);
        let mut findings = self.inspector.grouped(&path, scanned.found);
        for finding in &mut findings {
            finding.git = Some(GitInfo::bare(ReachedBy::Message));
        }
        self.collector.add(findings);
        Ok(())
    }
}

/// Returns the part that git keeps of a message written in an editor. Removed lines are left empty.
fn without_remarks(text: &[u8]) -> Vec<u8> {
    let lines = text.split(|&byte| byte == b'\n').take_while(|line| *line != SCISSORS);
    let kept: Vec<&[u8]> = lines.map(|line| if line.starts_with(b"#") { &[][..] } else { line }).collect();
    kept.join(&b'\n')
}

/// Returns whether any line of a match was added.
fn touches(added: &[Range<u64>], found: &Match) -> bool {
    let lines = found.location.start_line..found.location.end_line + 1;
    added.iter().any(|range| range.start < lines.end && lines.start < range.end)
}
