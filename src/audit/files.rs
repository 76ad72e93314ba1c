//! Scans the files of the git directory that are not objects: configuration with the URLs of remotes, hooks, reflogs,
//! pending commit messages, patches of an unfinished rebase, recorded conflict resolutions, and content of git-lfs.

use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{Audit, MISSING_OBJECT};
use crate::fault_injection;
use crate::finding::{GitInfo, ReachedBy, Severity, SkipLog};
use crate::git::open_inside;
use crate::input::{Content, Regular};
use crate::scan::State;
use crate::source::{self, Label, SourceError, Visitor};

/// Files that are scanned elsewhere: objects, names of refs, indexes, other repositories.
const EXCLUDED: [&str; 9] = [
    "/objects",
    "/modules",
    "/lfs/objects",
    "/packed-refs",
    "/refs",
    "index",
    "sharedindex.*",
    "/shallow",
    "/worktrees/*/refs",
];

/// Drafts of messages; what was committed is in the commit as well.
const MESSAGES: [&str; 3] = ["COMMIT_EDITMSG", "MERGE_MSG", "SQUASH_MSG"];

/// Scans the files of the git directory.
pub(super) fn scan(audit: &Audit<'_>, options: &source::Options) -> Result<(), SourceError> {
    let options = source::Options {
        paths: vec![audit.layout.common_dir.clone()],
        no_ignore: true,
        exclude: EXCLUDED.map(str::to_owned).to_vec(),
        max_file_size: options.max_file_size,
        threads: audit.threads,
        progress: options.progress.clone(),
    };
    source::run(&options, &GitDirVisitor { audit })
}

/// A visitor that prefixes paths with `.git/`.
struct GitDirVisitor<'a> {
    audit: &'a Audit<'a>,
}

impl SkipLog<String> for GitDirVisitor<'_> {
    fn skipped(&self, label: String, reason: String) {
        // Lock files come and go while git is running, and their content is soon in the locked file.
        if !label.ends_with(".lock") {
            self.audit.missed(&format!(".git/{label}"), &reason);
        }
    }
}

impl Visitor for GitDirVisitor<'_> {
    fn visit(&self, label: &Label<'_>, _size: Option<u64>, reader: &mut dyn Content) -> io::Result<()> {
        let label = label.to_string();
        self.audit.collector.count_git_file();
        if label.starts_with("logs/") || label.contains("/logs/") {
            return self.local(&label, reader, Some(GitInfo::bare(ReachedBy::Reflog)));
        }
        if MESSAGES.contains(&label.rsplit('/').next().unwrap_or_default()) {
            return self.local(&label, reader, None);
        }
        self.audit.collector.search(&|| format!("{}.git/{label}", self.audit.prefix), None, reader)
    }

    fn notice(&self, _label: String, _message: String) {
        // Notices are only about ignore rules, which do not apply here.
    }
}

impl GitDirVisitor<'_> {
    /// Scans the text of a reflog or of a message that is not committed. It never leaves this clone, so findings are at
    /// most warnings.
    fn local(&self, label: &str, reader: &mut dyn Content, git: Option<GitInfo>) -> io::Result<()> {
        let Audit { inspector, collector, prefix, .. } = self.audit;
        let found = inspector.scan(&String::new, reader);
        collector.count(1, found.bytes);
        let path = format!("{prefix}.git/{}", inspector.masked(label));
        collector.missed_in(&path, &found.unseen);
        let mut findings = inspector.grouped(&path, found.found);
        for finding in &mut findings {
            finding.severity = finding.severity.min(Severity::Warning);
            finding.git.clone_from(&git);
        }
        collector.add(findings);
        found.error.map_or(Ok(()), Err)
    }
}

/// Scans the content that git-lfs pointers refer to, and stored content without a pointer.
pub(super) fn lfs(audit: &Audit<'_>, state: &mut State) {
    let pointers = state.pointers.clone();
    for (blob, pointer) in &pointers {
        let found = pointer
            .open(audit.layout)
            .map(|file| audit.inspector.scan(&String::new, &mut Regular::new(file)));
        match found {
            Some(found) if found.error.is_none() => {
                audit.collector.count(1, found.bytes);
                audit.collector.count_git_file();
                audit
                    .collector
                    .missed_in(&format!("{}.git/lfs/objects/{}", audit.prefix, pointer.oid), &found.unseen);
                let numbers = state.secrets.numbers(&found.found);
                if !numbers.is_empty() {
                    state.targets.blobs.insert(*blob, numbers);
                }
            }
            _ => {
                state.targets.blobs.entry(*blob).or_insert_with(|| vec![MISSING_OBJECT]);
            }
        }
    }
    let known: HashSet<&str> = pointers.iter().map(|(_, pointer)| pointer.oid.as_str()).collect();
    for path in stored(audit) {
        orphan(audit, &path, &known);
    }
}

/// Scans stored git-lfs content that has no pointer.
fn orphan(audit: &Audit<'_>, path: &Path, known: &HashSet<&str>) {
    let oid = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if known.contains(oid.as_str()) || !path.is_file() {
        return;
    }
    let shown = || {
        let below = path.strip_prefix(&audit.layout.common_dir).unwrap_or(path);
        format!("{}.git/{}", audit.prefix, below.to_string_lossy())
    };
    let Some(file) = open_inside(path, audit.layout) else {
        return audit
            .collector
            .missed(shown(), "it cannot be opened, or is outside the repository; not read");
    };
    audit.collector.count_git_file();
    if let Err(error) = audit.collector.search(&shown, None, &mut Regular::new(file)) {
        audit.collector.missed(shown(), error.to_string());
    }
}

/// Returns the files in the subdirectories of `lfs/objects`, where git-lfs stores content.
fn stored(audit: &Audit<'_>) -> Vec<PathBuf> {
    let mut level = vec![audit.layout.common_dir.join("lfs/objects")];
    for _ in 0..3 {
        level = level.iter().flat_map(|dir| listed(audit, dir)).collect();
    }
    level.sort();
    level
}

/// Lists a directory. Reports an error, unless it is missing or not a directory.
pub(super) fn listed(audit: &Audit<'_>, dir: &Path) -> Vec<PathBuf> {
    match fault_injection::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries.iter().map(fs::DirEntry::path).collect(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Vec::new(),
        Err(error) => {
            let below = dir.strip_prefix(&audit.layout.common_dir).unwrap_or(dir);
            audit.missed(&format!(".git/{}", below.display()), &format!("it cannot be listed: {error}"));
            Vec::new()
        }
    }
}
