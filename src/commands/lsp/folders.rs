//! The scan of all files of the open folders, in a thread of its own.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::Event;
use super::document::Document;
use super::project::Project;
use super::workspace::News;
use crate::fault_injection;
use crate::finding::{Report, SkipLog, Skipped};
use crate::input::Content;
use crate::lsp::{Client, Hits, Text, uri_of};
use crate::scan::{Collector, Scanner};
use crate::source::{self, Label, Visitor};

/// Number of files between two reports of progress.
const STEP: u64 = 100;
/// Maximum size in bytes of a file whose findings are shown at their places.
const MAX_SHOWN: u64 = 64 << 20;

/// Scans of folders in a thread of their own.
pub(super) struct FolderScans {
    pub(super) folders: Vec<(Arc<Project>, PathBuf)>,
    /// Files that are open.
    pub(super) open: BTreeSet<PathBuf>,
    pub(super) is_cancelled: Arc<AtomicBool>,
    pub(super) client: Client,
    pub(super) events: Sender<Event>,
    pub(super) job: u64,
}

impl FolderScans {
    /// Scans all folders and sends what it finds.
    pub(super) fn run(&self) {
        let files = AtomicU64::new(0);
        let mut unread = Vec::new();
        for (project, folder) in &self.folders {
            let scanner = project.scanner();
            let visitor =
                FolderScan { all: self, project, folder, scanner, files: &files, unread: Mutex::default() };
            let settings = project.hidden.config.as_ref().map(|config| config.value.settings.limits);
            let options = source::Options {
                paths: vec![folder.clone()],
                no_ignore: self.client.ignored,
                max_file_size: settings.and_then(|limits| limits.max_file_size),
                // The editor needs the other processors.
                threads: thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2)),
                ..source::Options::default()
            };
            if let Err(error) = source::run(&options, &visitor) {
                visitor.skipped(String::new(), error.to_string());
            }
            unread.extend(visitor.unread.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        self.send(News::Files(files.into_inner()));
        unread.sort();
        self.send(News::End(unread));
    }

    fn send(&self, news: News) {
        // Nothing to do if the session has ended.
        let _ended = self.events.send(Event::News { job: self.job, news });
    }
}

/// The scan of one folder.
struct FolderScan<'a> {
    all: &'a FolderScans,
    project: &'a Arc<Project>,
    folder: &'a Path,
    scanner: Scanner<'a>,
    files: &'a AtomicU64,
    unread: Mutex<Vec<String>>,
}

impl FolderScan<'_> {
    /// Sends the diagnostics of a file.
    fn found(&self, path: PathBuf, label: &str, report: Report) {
        let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let text = if size <= MAX_SHOWN {
            fault_injection::read_file(&path).unwrap_or_default()
        } else {
            Vec::new()
        };
        // Findings of a file in another encoding are at its first line.
        let is_text = std::str::from_utf8(&text).is_ok();
        let text = String::from_utf8(text).unwrap_or_default();
        let Some(uri) = uri_of(&path) else { return };
        let mut document = Document::new(uri, &text, Arc::clone(self.project));
        label.clone_into(&mut document.label);
        document.settle(Hits::of(report, if is_text { label } else { "" }));
        document.text = Text::new(&text);
        let diagnostics = document.diagnostics(&self.all.client);
        if !diagnostics.is_empty() {
            self.all.send(News::File { path, diagnostics });
        }
    }
}

impl SkipLog<String> for FolderScan<'_> {
    fn skipped(&self, label: String, reason: String) {
        let one = self.project.masked(&format!("{label}: {reason}"));
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }
}

impl Visitor for FolderScan<'_> {
    fn visit(&self, label: &Label<'_>, size: Option<u64>, content: &mut dyn Content) -> io::Result<()> {
        if self.all.is_cancelled.load(Ordering::Relaxed) {
            return Ok(());
        }
        let path = self.folder.join(label.to_string());
        if telleaks_platform::canonicalize(&path).is_ok_and(|path| self.all.open.contains(&path)) {
            return Ok(());
        }
        let shown = self.project.label(&path);
        let collector = Collector::new(&self.scanner);
        let result = collector.search(&|| shown.clone(), size, content);
        let (report, _) = collector.finish();
        for Skipped { path, reason, .. } in &report.unseen {
            self.skipped(path.clone(), reason.clone());
        }
        let report = self.project.suppressed(report);
        if !report.findings.is_empty() {
            self.found(path, &shown, report);
        }
        let files = 1 + self.files.fetch_add(1, Ordering::Relaxed);
        if files.is_multiple_of(STEP) {
            self.all.send(News::Files(files));
        }
        result
    }

    fn notice(&self, _label: String, _message: String) {}
}
