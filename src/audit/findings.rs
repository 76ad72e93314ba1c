//! Turns secrets in objects into findings: one for each secret and path, located in the blob that is shown, with its
//! history.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;

use rayon::prelude::*;

use super::{Audit, MISSING_OBJECT};
use crate::detect::Match;
use crate::finding::{Commit, Finding, GitInfo, ReachedBy, Severity};
use crate::git::odb::{Kind, ObjectError, ObjectId, Store};
use crate::git::{History, Index, shown, work_trees};
use crate::input::{Regular, Stream};
use crate::scan::{Scanner, State};

/// Larger objects, in bytes, that cannot be streamed (deltas, commits and tags) are not read a second time, which would
/// need as much memory.
const MAX_BYTES: u64 = 128 << 20;

/// A path of a blob to report.
struct BlobPath {
    path: Vec<u8>,
    secret: Option<u32>,
    info: GitInfo,
}

/// Reports findings for all secrets in objects.
pub(super) fn report(audit: &Audit<'_>, store: &Store, state: &State, history: &History) {
    let builder = FindingBuilder { audit, store, state };
    let mut by_blob: BTreeMap<ObjectId, Vec<BlobPath>> = BTreeMap::new();
    for file in history.files.iter().filter(|file| file.secret != MISSING_OBJECT) {
        let shown = BlobPath { path: file.path.clone(), secret: Some(file.secret), info: file.info.clone() };
        match file.blob {
            Some(blob) => by_blob.entry(blob).or_default().push(shown),
            None => audit.collector.add(builder.name(&shown)),
        }
    }
    let mut indexed = builder.indexed(history);
    for (blob, shown) in &mut indexed {
        by_blob.entry(*blob).or_default().append(shown);
    }
    for (blob, loose) in history.loose.iter().filter(|(blob, _)| !indexed.contains_key(blob)) {
        if state.targets.blobs.get(blob).is_none_or(|secrets| secrets == &[MISSING_OBJECT]) {
            continue;
        }
        let in_tree = Some(&loose.path).filter(|path| !path.is_empty());
        let info = GitInfo {
            refs: loose.refs.clone(),
            path: in_tree.map(|path| shown(path)),
            ..bare(blob, loose.reached_by)
        };
        let path = in_tree.cloned().unwrap_or_else(|| format!(".git/blob/{blob}").into_bytes());
        by_blob.entry(*blob).or_default().push(BlobPath { path, secret: None, info });
    }
    let blobs: Vec<_> = by_blob.into_iter().collect();
    let progress = audit.collector.progress();
    progress.phase("locating findings", "files", 0, blobs.len() as u64);
    let found = |(blob, shown): &(ObjectId, Vec<BlobPath>)| {
        let findings = builder.blob(blob, shown);
        progress.add(1, 0);
        findings
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(audit.threads).build();
    audit.collector.add(match pool {
        Ok(pool) => pool.install(|| blobs.par_iter().flat_map(found).collect()),
        // If no threads can be created, use the current one.
        Err(_) => blobs.iter().flat_map(found).collect(),
    });
    builder.texts(history);
}

struct FindingBuilder<'a> {
    audit: &'a Audit<'a>,
    store: &'a Store,
    state: &'a State,
}

impl FindingBuilder<'_> {
    fn inspector(&self) -> &Scanner<'_> {
        self.audit.inspector
    }

    /// Returns the findings in one blob, for each of its paths.
    fn blob(&self, blob: &ObjectId, places: &[BlobPath]) -> Vec<Finding> {
        let all = self.found_in(blob);
        let mut out = Vec::new();
        for place in places {
            let wanted =
                |found: &&Match| place.secret.is_none() || self.state.secrets.known(found) == place.secret;
            let found: Vec<Match> = all.iter().filter(wanted).cloned().collect();
            out.extend(self.with_history(found, &place.path, &place.info));
        }
        out
    }

    /// Returns the matches in a blob, or in the file that a git-lfs pointer refers to.
    fn found_in(&self, blob: &ObjectId) -> Vec<Match> {
        let pointer = self.state.pointers.iter().find(|(id, _)| id == blob);
        if let Some((_, pointer)) = pointer
            && let Some(file) = pointer.open(self.audit.layout)
        {
            let scan = self.inspector().scan(&String::new, &mut Regular::new(file));
            // The scan found a secret here, so report if the file cannot be read again.
            if let Some(error) = scan.error {
                self.audit.missed(&format!(".git/lfs/objects/{}", pointer.oid), &error.to_string());
            }
            if !scan.found.is_empty() {
                return scan.found;
            }
        }
        self.found_in_object(blob).unwrap_or_else(|error| {
            self.audit.missed(&format!(".git/objects/{blob}"), &format!("contains a secret, but {error}"));
            Vec::new()
        })
    }

    /// Returns the matches in the blob itself. A large one is streamed, as in the first scan.
    fn found_in_object(&self, blob: &ObjectId) -> Result<Vec<Match>, ObjectError> {
        let mut found = Vec::new();
        let mut take = |_, content: &mut dyn Read| {
            found = self.inspector().scan(&String::new, &mut Stream(content)).found;
        };
        if !self.store.stream(blob, &mut take)?
            && let Some((_, content)) = self.store.read(blob, MAX_BYTES)?
        {
            found = self.inspector().scan_bytes("", &content).found;
        }
        Ok(found)
    }

    /// Returns the findings in the last component of a path.
    fn name(&self, place: &BlobPath) -> Vec<Finding> {
        let name = place.path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let mut found = self.inspector().scan_name(name);
        found.retain(|one| place.secret.is_none() || self.state.secrets.known(one) == place.secret);
        self.with_history(found, &place.path, &place.info)
    }

    fn with_history(&self, found: Vec<Match>, path: &[u8], info: &GitInfo) -> Vec<Finding> {
        let path = shown(path);
        let info = masked_info(self.inspector(), info, &self.audit.prefix);
        let path = format!("{}{}", self.audit.prefix, self.inspector().masked(&path));
        let mut findings = self.inspector().grouped(&path, found);
        for finding in &mut findings {
            finding.severity = by_reach(finding.severity, info.reached_by);
            finding.git = Some(info.clone());
        }
        findings
    }

    /// Returns blobs in the indexes of all work trees with secrets that no commit contains at the same path.
    fn indexed(&self, history: &History) -> BTreeMap<ObjectId, Vec<BlobPath>> {
        let known: HashSet<(&[u8], u32)> =
            history.files.iter().map(|file| (&file.path[..], file.secret)).collect();
        let mut out: BTreeMap<ObjectId, Vec<BlobPath>> = BTreeMap::new();
        for (git_dir, name) in work_trees(self.audit.layout) {
            let path = git_dir.join("index");
            let index = match Index::open(&path, &git_dir, self.audit.layout.object_format()) {
                Ok(index) => index,
                Err(error) => {
                    self.audit.missed(&format!(".git/{name}index"), &error.to_string());
                    continue;
                }
            };
            for entry in &index.entries {
                let (path, Some(id)) = (index.path(entry), ObjectId::from_bytes(index.id(entry))) else {
                    continue;
                };
                self.staged_name(path, &known);
                let secrets = self.state.targets.blobs.get(&id).into_iter().flatten();
                for &secret in
                    secrets.filter(|secret| !known.contains(&(path, **secret)) && **secret != MISSING_OBJECT)
                {
                    let info = GitInfo { path: Some(shown(path)), ..bare(&id, Some(ReachedBy::Index)) };
                    let shown = BlobPath { path: path.to_vec(), secret: Some(secret), info };
                    let places = out.entry(id).or_default();
                    if !places.iter().any(|place| (place.secret, &place.path) == (shown.secret, &shown.path))
                    {
                        places.push(shown);
                    }
                }
            }
        }
        out
    }

    /// Reports secrets in the path of a staged file, unless a commit contains the path component with the secret.
    fn staged_name(&self, path: &[u8], known: &HashSet<(&[u8], u32)>) {
        if !self.inspector().suspicious(path) {
            return;
        }
        let info = GitInfo { path: Some(shown(path)), ..GitInfo::bare(ReachedBy::Index) };
        let mut found = self.inspector().scan_name(path);
        found.retain(|one| {
            let number = self.state.secrets.known(one);
            let part = |end: usize| number.is_some_and(|secret| known.contains(&(&path[..end], secret)));
            !(0..=path.len()).filter(|&end| end == path.len() || path[end] == b'/').any(part)
        });
        self.audit.collector.add(self.with_history(found, path, &info));
    }

    /// Reports secrets in commits and tags.
    fn texts(&self, history: &History) {
        let texts: HashMap<_, _> = history.texts.iter().collect();
        for id in &self.state.targets.texts {
            let (kind, content) = match self.store.read(id, MAX_BYTES) {
                Ok(Some(read)) => read,
                Ok(None) => continue,
                Err(error) => {
                    self.audit.missed(&format!(".git/commit/{id}"), &error.to_string());
                    continue;
                }
            };
            let name = if kind == Kind::Tag { "tag" } else { "commit" };
            let found = self.inspector().scan_text(&content).found;
            if let Some(info) = texts.get(id) {
                let findings = self.with_history(found, format!(".git/{name}/{id}").as_bytes(), info);
                self.audit.collector.add(findings);
            }
        }
    }
}

/// Returns the history of an object that is not part of any commit.
fn bare(id: &ObjectId, reached_by: Option<ReachedBy>) -> GitInfo {
    GitInfo { blob: Some(id.to_string()), ..GitInfo::bare(reached_by.unwrap_or(ReachedBy::Unreachable)) }
}

/// Masks secrets in the texts of a history, and adds `prefix` to its path.
pub(super) fn masked_info(inspector: &Scanner<'_>, info: &GitInfo, prefix: &str) -> GitInfo {
    let mask = |text: &str| inspector.masked(text).into_owned();
    let commit = info.commit.as_ref().map(|commit| Commit {
        id: commit.id.clone(),
        author: mask(&commit.author),
        date: commit.date.clone(),
        subject: mask(&commit.subject),
    });
    GitInfo {
        commit,
        path: info.path.as_ref().map(|path| format!("{prefix}{}", mask(path))),
        refs: info.refs.iter().map(|name| mask(name)).collect(),
        ..info.clone()
    }
}

/// Lowers the severity of a secret that is not published with the repository, because it is reachable only in this
/// clone.
fn by_reach(severity: Severity, reached_by: ReachedBy) -> Severity {
    match reached_by {
        ReachedBy::Stash | ReachedBy::Reflog | ReachedBy::Unreachable => severity.min(Severity::Warning),
        _ => severity,
    }
}
