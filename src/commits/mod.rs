//! Scans what a range of commits adds, before it is merged or pushed: blobs, messages, authors, names.
//!
//! Only new secrets are reported: not those that a parent has at the same path, nor those in a blob that occurs
//! anywhere in the base. Passes content from `git` to the inspector and matches to the collector.

mod containing;
mod contents;
mod history;
mod items;
mod known_suppressions;
mod search;
mod sides;
mod tagged;
mod unread;

pub use sides::Sides;

use std::collections::HashSet;
use std::sync::OnceLock;

use jiff::Timestamp;

use crate::finding::{GitInfo, ReachedBy};
use crate::git::odb::{Kind, ObjectId};
use crate::git::{Database, Layout, Range, RangeCommit, RangeError, ReadError, Refs, commits, shown};
use crate::scan::{Collector, Scanner};

/// The commits to scan.
#[derive(Debug, Clone)]
pub enum Input {
    /// Arguments as for `git rev-list`.
    Words(Vec<String>),
    /// A push, as git describes it to a hook.
    Push {
        /// The lines on standard input.
        lines: String,
        /// The remote that a pre-push hook is about to push to; without it, every remote counts.
        remote: Option<String>,
    },
}

/// Why a range was not scanned.
#[derive(Debug, thiserror::Error)]
pub enum CommitsError {
    /// The range is invalid.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// The object database cannot be opened.
    #[error(transparent)]
    Objects(#[from] ReadError),
}

/// A scan of a range.
struct Search<'a> {
    layout: &'a Layout,
    inspector: &'a Scanner<'a>,
    collector: &'a Collector<'a>,
    database: &'a Database,
    refs: &'a Refs,
    range: &'a Range,
    commits: &'a [RangeCommit],
    /// The current time, in seconds since 1970.
    now: i64,
    /// The commits between the refs and the range, read when a finding needs them.
    above: OnceLock<containing::Above>,
}

/// Scans what the commits of `input` add to the repository at `layout`.
///
/// # Errors
/// Returns an error if the range is invalid or the object database cannot be opened.
pub fn run(
    layout: &Layout,
    input: &Input,
    inspector: &Scanner<'_>,
    collector: &Collector<'_>,
) -> Result<(), CommitsError> {
    let database = Database::open(layout)?;
    let refs = Refs::of_this_work_tree(layout);
    collector.progress().phase("reading the range", "", 0, 0);
    let range = range(input, &refs, &database)?;
    let (commits, errors) = commits(&range, &database);
    let tagged = tagged::tagged(&range, &database);
    let is_tagged = |id: &str| tagged.iter().any(|one| one.id.to_string() == id);
    for error in errors.into_iter().filter(|error| !is_tagged(&error.id)) {
        collector.missed(format!(".git/objects/{}", error.id), error.reason);
    }
    // Without refs, a range that is not empty can look empty.
    for gap in layout.gaps.iter().filter(|_| !commits.is_empty() || !layout.refs_readable) {
        collector.missed(".git", gap);
    }
    let search = Search {
        layout,
        inspector,
        collector,
        database: &database,
        refs: &refs,
        range: &range,
        commits: &commits,
        now: Timestamp::now().as_second(),
        above: OnceLock::new(),
    };
    search.cut();
    search.texts();
    search.tags();
    search.ref_names();
    search.files();
    search.tagged(&tagged);
    Ok(())
}

/// Parses the input into a range.
fn range(input: &Input, refs: &Refs, database: &Database) -> Result<Range, RangeError> {
    match input {
        Input::Words(words) => Range::parse(words, refs, database),
        Input::Push { lines, remote } => Range::of_push(lines, remote.as_deref(), refs, database),
    }
}

impl Search<'_> {
    /// Reports if the range reaches a shallow boundary: what a commit without its parents adds is unknown.
    fn cut(&self) {
        let ends: HashSet<ObjectId> = self.layout.shallow_commits().into_iter().collect();
        if self.commits.iter().any(|commit| ends.contains(&commit.id)) {
            self.collector.missed(
                ".git/shallow",
                "shallow clone: the range extends beyond the start of this clone, and its older commits are missing; \
                 fetch them with: git fetch --unshallow",
            );
        }
    }

    /// Scans the messages, authors and committers of the commits.
    fn texts(&self) {
        let progress = self.collector.progress();
        progress.phase("searching", "commit messages", 0, self.commits.len() as u64);
        for commit in self.commits {
            progress.add(1, 0);
            match self.database.read(&commit.id) {
                Ok((_, content)) => self.text(&commit.id, "commit", &content),
                Err(error) => self.collector.missed(format!(".git/commit/{}", error.id), error.reason),
            }
        }
    }

    /// Scans the tag objects of the range.
    fn tags(&self) {
        let mut seen = HashSet::new();
        for id in &self.range.include {
            let mut next = Some(*id);
            while let Some(id) = next.take().filter(|id| seen.insert(*id)) {
                match self.database.read(&id) {
                    Ok((Kind::Tag, content)) => {
                        self.text(&id, "tag", &content);
                        next = crate::git::tag_target(&content);
                    }
                    Ok(_) => {}
                    Err(error) => self.collector.missed(format!(".git/tag/{}", error.id), error.reason),
                }
            }
        }
    }

    /// Scans the text of a commit or tag.
    fn text(&self, id: &ObjectId, kind: &str, content: &[u8]) {
        let found = self.inspector.scan_text(content);
        self.collector.count_objects(1, found.bytes);
        self.collector.missed_in(&format!(".git/{kind}/{id}"), &found.unseen);
        if found.found.is_empty() {
            return;
        }
        let mut findings = self.inspector.grouped(&format!(".git/{kind}/{id}"), found.found);
        let containing = self.containing(id);
        for finding in &mut findings {
            finding.git = Some(GitInfo {
                blob: Some(id.to_string()),
                commit: Some(self.commit_info(id)),
                refs: containing.refs.clone(),
                ..GitInfo::bare(ReachedBy::Message)
            });
        }
        self.collector.add(findings);
    }

    /// Scans the names of the refs that a push updates.
    fn ref_names(&self) {
        for (name, _) in &self.range.names {
            let found = self.inspector.scan_name(name.as_bytes());
            let shown = self.inspector.masked(name).into_owned();
            let mut findings = self.inspector.grouped(&format!(".git/{shown}"), found);
            for finding in &mut findings {
                finding.git =
                    Some(GitInfo { refs: vec![shown.clone()], ..GitInfo::bare(ReachedBy::RefName) });
            }
            self.collector.add(findings);
        }
    }

    /// Formats a path for a report, with secrets masked.
    fn shown(&self, path: &[u8]) -> String {
        self.inspector.masked(&shown(path)).into_owned()
    }
}
