//! Scans what an interrupted git left in the object directories: temporary objects and packs without an index.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use super::Audit;
use crate::finding::{GitInfo, ReachedBy, Severity, SkipLog};
use crate::git::odb::{Kind, ObjectId, ObjectReader, Store, open_leftover_object, pack_offset};
use crate::input::{Content, Stream};

/// Scans all left-overs. What cannot be read is reported.
pub(super) fn scan(audit: &Audit<'_>, store: &Store) {
    let left = store.leftovers();
    for path in left.objects.iter().filter(|path| !is_empty(path)) {
        object(audit, path);
    }
    for path in left.packs.iter().filter(|path| !is_empty(path)) {
        let visitor = PackVisitor { audit, path: shown(audit, path) };
        if let Err(error) = store.read_unindexed(path, audit.layout.format, audit.threads, &visitor) {
            audit.collector.missed(visitor.path, format!("an unfinished pack: {error}"));
        }
    }
}

/// Returns whether a file holds nothing.
fn is_empty(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0)
}

/// Returns the path in reports.
fn shown(audit: &Audit<'_>, path: &Path) -> String {
    let below = path.strip_prefix(&audit.layout.common_dir).ok();
    let below = below.map(|below| format!("{}.git/{}", audit.prefix, below.to_string_lossy()));
    below.unwrap_or_else(|| path.to_string_lossy().into_owned())
}

/// Scans a loose object under a temporary name.
fn object(audit: &Audit<'_>, path: &Path) {
    let shown = shown(audit, path);
    match open_leftover_object(path) {
        Ok((_, size, content)) => search(audit, &shown, Some(size), &mut Stream(content)),
        Err(error) => audit.collector.missed(shown, format!("an unfinished object: {error}")),
    }
}

/// Scans a content that no ref reaches. It never leaves this clone, so findings are at most warnings.
fn search(audit: &Audit<'_>, path: &str, size: Option<u64>, content: &mut dyn Content) {
    let (found, _) = audit.inspector.scan_sized(&|| path.to_owned(), size, content);
    audit.collector.count(1, found.bytes);
    let path = audit.inspector.masked(path);
    audit.collector.missed_in(&path, &found.unseen);
    let mut findings = audit.inspector.grouped(&path, found.found);
    for finding in &mut findings {
        finding.severity = finding.severity.min(Severity::Warning);
        finding.git = Some(GitInfo::bare(ReachedBy::Unreachable));
    }
    audit.collector.add(findings);
    if let Some(error) = found.error {
        audit.collector.missed(path, format!("an unfinished object: {error}"));
    }
}

/// Scans the objects of a pack without an index.
struct PackVisitor<'a> {
    audit: &'a Audit<'a>,
    /// The path of the pack in reports.
    path: String,
}

impl SkipLog<Option<ObjectId>> for PackVisitor<'_> {
    fn skipped(&self, id: Option<ObjectId>, reason: String) {
        let place = id.map(|id| format!("!/{}", pack_offset(&id))).unwrap_or_default();
        self.audit.collector.missed(format!("{}{place}", self.path), reason);
    }
}

impl ObjectReader for PackVisitor<'_> {
    fn read(&self, id: &ObjectId, _: Kind, content: &[u8]) {
        let path = format!("{}!/{}", self.path, pack_offset(id));
        search(self.audit, &path, Some(content.len() as u64), &mut Cursor::new(content));
    }
}
