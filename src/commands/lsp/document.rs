//! An open document: its text, the findings in it, and when they are brought up to date.
//!
//! A short text is scanned whole after each edit. In a long one, the part around an edit is scanned at once, and the
//! whole text after a pause: only a scan of the whole sees what needs more than the part (joined lines, a context
//! farther away, blocks of suppression comments).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lsp_types::{Diagnostic, TextDocumentContentChangeEvent, Uri};

use super::project::Project;
use crate::lsp::{Client, Edits, Hits, Page, Text, Window};

/// Maximum length in bytes of a text that is scanned whole after each edit.
pub(super) const SHORT: usize = 64 << 10;
/// Maximum length in bytes of a text that is scanned whole when it is opened or replaced, before the next message.
const MEDIUM: usize = 4 << 20;
/// Maximum cost in bytes of the windows of edits; more is left to the scan of the whole text.
const MAX_WINDOWS: usize = 1 << 20;
/// Pause after an edit before the whole text is scanned.
const PAUSE: Duration = Duration::from_millis(300);

/// An open document.
pub(super) struct Document {
    pub(super) uri: Uri,
    pub(super) version: i32,
    pub(super) language: String,
    /// Its file, if it has one.
    pub(super) path: Option<PathBuf>,
    /// Its path as findings and suppressions name it.
    pub(super) label: String,
    pub(super) project: Arc<Project>,
    pub(super) text: Text,
    pub(super) hits: Hits,
    /// The notebook of a cell.
    pub(super) notebook: Option<String>,
    /// Whether a scan of the folder leaves it out, so that it has no findings.
    pub(super) is_left_out: bool,
    edits: Edits,
    /// Whether the whole text has to be scanned before findings are shown.
    is_new: bool,
    /// When the whole text is scanned.
    pub(super) due: Option<Instant>,
    /// Number of changes.
    pub(super) changes: u64,
    /// Number of times the findings changed.
    pub(super) generation: u64,
}

impl Document {
    /// Creates a document that has to be scanned.
    pub(super) fn new(uri: Uri, text: &str, project: Arc<Project>) -> Self {
        Self {
            uri,
            version: 0,
            language: String::new(),
            path: None,
            label: String::new(),
            project,
            text: Text::new(text),
            hits: Hits::default(),
            notebook: None,
            is_left_out: false,
            edits: Edits::default(),
            is_new: true,
            due: None,
            changes: 0,
            generation: 0,
        }
    }

    /// Applies changes of the client.
    pub(super) fn change(&mut self, changes: Vec<TextDocumentContentChangeEvent>, client: &Client) {
        for change in changes {
            let edit = self.text.change(change.range, &change.text, client.units);
            if change.range.is_none() {
                // A whole new text; where the old one had its findings says nothing about it.
                (self.hits, self.is_new) = (Hits::default(), true);
                self.edits.take();
            } else {
                self.hits.shift(&edit);
                self.edits.add(&edit);
            }
        }
        self.changes += 1;
    }

    /// Requires a scan of the whole text.
    pub(super) fn renew(&mut self) {
        self.is_new = true;
        self.changes += 1;
    }

    /// Returns whether the findings are those of an earlier text.
    pub(super) fn is_pending(&self) -> bool {
        self.is_new || !self.edits.is_empty()
    }

    /// Brings the findings up to date: of the whole text if `whole` or if it is short, else around the edits, with a scan
    /// of the whole text to follow.
    pub(super) fn update(&mut self, whole: bool) {
        if self.is_left_out {
            self.settle(Hits::default());
            return;
        }
        let is_short = self.text.len() <= SHORT || self.is_new && self.text.len() <= MEDIUM;
        if (whole && (self.due.is_some() || self.is_pending())) || (is_short && self.is_pending()) {
            let report = self.project.scan(&self.label, self.text.to_string().as_bytes());
            self.settle(Hits::of(report, &self.label));
        } else if self.is_new {
            self.is_new = false;
            self.edits.take();
            self.due = Some(Instant::now());
        } else if !self.edits.is_empty() {
            let is_much = self.edits.cost() > MAX_WINDOWS;
            for changed in self.edits.take().into_iter().filter(|_| !is_much) {
                self.scan_window(&Window::around(&changed, &self.text));
            }
            self.generation += 1;
            self.due = Some(Instant::now() + PAUSE);
        }
    }

    fn scan_window(&mut self, window: &Window) {
        let (start, part) = self.text.part(&window.outer);
        let window = Window { outer: start..start + part.len(), ..window.clone() };
        let found = Hits::of(self.project.scan(&self.label, part.as_bytes()), &self.label);
        self.hits.replace(&window, found);
    }

    /// Takes over the findings of the whole text. Returns whether they differ from those before.
    pub(super) fn settle(&mut self, hits: Hits) -> bool {
        (self.is_new, self.due) = (false, None);
        self.edits.take();
        let is_changed = !self.hits.is_same(&hits);
        self.generation += u64::from(is_changed);
        self.hits = hits;
        is_changed
    }

    /// Returns the document as its diagnostics need it.
    pub(super) fn page<'a>(&'a self, client: &'a Client) -> Page<'a> {
        Page { text: &self.text, uri: &self.uri, label: &self.label, hits: &self.hits, client }
    }

    /// Returns the diagnostics.
    pub(super) fn diagnostics(&self, client: &Client) -> Vec<Diagnostic> {
        let page = self.page(client);
        self.hits.open().map(|hit| page.diagnostic(hit, self.project.rule(&hit.finding.rule_id))).collect()
    }

    /// Returns an identification of the findings, for clients that ask whether they changed.
    pub(super) fn result_id(&self) -> String {
        format!("{}.{}", self.changes, self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::super::project::Projects;
    use super::*;
    use crate::cli::ProjectArgs;
    use lsp_types::{Position, Range};

    fn open(folder: &std::path::Path, text: &str) -> Document {
        let project = Projects::new(ProjectArgs::default()).of(folder).unwrap();
        let mut document = Document::new("file:///a.txt".parse().unwrap(), text, project);
        document.label = "a.txt".to_owned();
        document.update(false);
        document
    }

    fn insert(document: &mut Document, line: u32, text: &str) {
        let range = Some(Range::new(Position::new(line, 3), Position::new(line, 3)));
        let change = TextDocumentContentChangeEvent { range, range_length: None, text: text.to_owned() };
        document.change(vec![change], &Client::default());
    }

    #[test]
    fn edit_of_a_long_text_costs_its_window() {
        let folder = tempfile::tempdir().unwrap();
        let mut document =
            open(folder.path(), &"let harmless = value + other_value; // telnyx\n".repeat(50_000));
        for number in 0..101 {
            insert(&mut document, number * 480, "x");
            let cost = document.edits.cost();
            assert!(cost > 0 && cost * 50 < document.text.len(), "{cost} of {}", document.text.len());
            document.update(false);
            assert!(document.due.is_some());
        }
    }

    #[test]
    fn window_of_an_edit_finds_plain_keys_as_a_scan_of_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let key = ["KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG"].join("_");
        let mut document = open(folder.path(), &"let harmless = value;\n".repeat(10_000));
        for line in [9_000, 0, 4_000, 4_001, 9_999] {
            insert(&mut document, line, &format!(" {key} "));
            document.update(false);
            let whole = document.project.scan("a.txt", document.text.to_string().as_bytes());
            assert!(document.hits.is_same(&Hits::of(whole, "a.txt")), "line {line}");
        }
        assert_eq!(document.hits.open().count(), 5);
        // The end of the second key goes.
        let range = Some(Range::new(Position::new(4_000, 50), Position::new(4_000, 62)));
        let change = TextDocumentContentChangeEvent { range, range_length: None, text: String::new() };
        document.change(vec![change], &Client::default());
        document.update(false);
        assert_eq!(document.hits.open().filter(|hit| hit.finding.rule_id == "telnyx-api-key").count(), 4);
    }
}
