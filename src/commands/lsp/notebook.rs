//! Notebooks: their cells are documents that are scanned together, as the file of the notebook would be.

use anyhow::Result;
use lsp_types::{
    DidChangeNotebookDocumentParams, DidCloseNotebookDocumentParams, DidOpenNotebookDocumentParams,
};

use super::server::Server;
use crate::lsp::Hits;

/// Text between two cells in a scan.
const BETWEEN: &str = "\n\n";

impl Server<'_> {
    pub(super) fn open_notebook(&mut self, params: DidOpenNotebookDocumentParams) -> Result<()> {
        let key = params.notebook_document.uri.as_str().to_owned();
        let cells = params.notebook_document.cells.iter().map(|cell| cell.document.as_str().to_owned());
        self.notebooks.insert(key.clone(), cells.collect());
        for item in params.cell_text_documents {
            self.open(item, Some(&key))?;
        }
        Ok(())
    }

    pub(super) fn change_notebook(&mut self, params: DidChangeNotebookDocumentParams) -> Result<()> {
        let key = params.notebook_document.uri.as_str().to_owned();
        let client = self.client;
        let Some(cells) = params.change.cells else { return Ok(()) };
        if let Some(structure) = cells.structure {
            let list = self.notebooks.entry(key.clone()).or_default();
            let start = (structure.array.start as usize).min(list.len());
            let end = start.saturating_add(structure.array.delete_count as usize).min(list.len());
            let new = structure.array.cells.into_iter().flatten();
            let _removed: Vec<String> =
                list.splice(start..end, new.map(|cell| cell.document.as_str().to_owned())).collect();
            for item in structure.did_open.into_iter().flatten() {
                self.open(item, Some(&key))?;
            }
            for closed in structure.did_close.into_iter().flatten() {
                self.close(closed.uri.as_str());
            }
            let cells = self.notebooks.get(&key).cloned().unwrap_or_default();
            for uri in cells {
                if let Some(document) = self.documents.get_mut(&uri) {
                    document.renew();
                }
            }
        }
        for change in cells.text_content.into_iter().flatten() {
            if let Some(document) = self.documents.get_mut(change.document.uri.as_str()) {
                document.version = change.document.version;
                document.change(change.changes, &client);
            }
        }
        Ok(())
    }

    pub(super) fn close_notebook(&mut self, params: &DidCloseNotebookDocumentParams) {
        self.notebooks.remove(params.notebook_document.uri.as_str());
        for cell in &params.cell_text_documents {
            self.close(cell.uri.as_str());
        }
    }

    /// Scans the cells of a notebook together.
    pub(super) fn update_notebook(&mut self, key: &str) {
        let cells = self.notebooks.get(key).cloned().unwrap_or_default();
        let (mut whole, mut parts) = (String::new(), Vec::new());
        for uri in cells {
            let Some(document) = self.documents.get(&uri) else { continue };
            let start = whole.len();
            whole.push_str(&document.text.to_string());
            parts.push((uri, start..whole.len()));
            whole.push_str(BETWEEN);
        }
        let first = parts.first().and_then(|(uri, _)| self.documents.get(uri));
        let Some((project, label)) =
            first.map(|one| (std::sync::Arc::clone(&one.project), one.label.clone()))
        else {
            return;
        };
        let found = Hits::of(project.scan(&label, whole.as_bytes()), &label);
        for (uri, part) in parts {
            if let Some(document) = self.documents.get_mut(&uri) {
                let hits = if document.is_left_out { Hits::default() } else { found.within(&part) };
                let is_pending = document.is_pending();
                if document.settle(hits) && !is_pending && !self.client.pulls {
                    self.publish(&uri);
                }
            }
        }
    }
}
