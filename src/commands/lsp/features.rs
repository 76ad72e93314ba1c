//! Notifications and requests of an open session.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use lsp_server::{ErrorCode, RequestId};
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DocumentDiagnosticParams, HoverParams, TextDocumentItem,
};
use serde_json::{Value, json};

use super::document::Document;
use super::project::Project;
use super::server::{Answer, Refusal, Server};
use crate::finding::KeyId;
use crate::lsp::{self, path_of};
use crate::respond::revocation;
use crate::source::Reach;

/// Answers a request.
pub(super) fn request(server: &mut Server<'_>, id: &RequestId, method: &str, params: Value) -> Answer {
    match method {
        "textDocument/hover" => server.hover(serde_json::from_value(params)?),
        "textDocument/codeAction" => server.code_actions(serde_json::from_value(params)?),
        "textDocument/diagnostic" => server.pull(&serde_json::from_value(params)?),
        "workspace/diagnostic" => server.pull_workspace(id, serde_json::from_value(params)?),
        "workspace/executeCommand" => server.execute(id, serde_json::from_value(params)?),
        _ => Err(Refusal(ErrorCode::MethodNotFound, "there is no method of this name".to_owned())),
    }
}

impl Server<'_> {
    /// Carries out a notification.
    pub(super) fn notification(&mut self, method: &str, params: Value) -> Result<(), Refusal> {
        match method {
            "initialized" => self.watch(),
            "textDocument/didOpen" => {
                let DidOpenTextDocumentParams { text_document } = serde_json::from_value(params)?;
                self.open(text_document, None)?;
            }
            "textDocument/didChange" => {
                let params: DidChangeTextDocumentParams = serde_json::from_value(params)?;
                self.change(params);
            }
            "textDocument/didClose" => {
                let params: DidCloseTextDocumentParams = serde_json::from_value(params)?;
                self.close(params.text_document.uri.as_str());
            }
            "notebookDocument/didOpen" => self.open_notebook(serde_json::from_value(params)?)?,
            "notebookDocument/didChange" => self.change_notebook(serde_json::from_value(params)?)?,
            "notebookDocument/didClose" => self.close_notebook(&serde_json::from_value(params)?),
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.is_changed = true;
                self.look();
                self.resume_jobs();
            }
            "workspace/didChangeWorkspaceFolders" => {
                let DidChangeWorkspaceFoldersParams { event } = serde_json::from_value(params)?;
                let gone: Vec<_> = event.removed.iter().filter_map(|one| path_of(one.uri.as_str())).collect();
                self.folders.retain(|folder| !gone.contains(folder));
                self.folders.extend(event.added.iter().filter_map(|one| path_of(one.uri.as_str())));
            }
            "$/cancelRequest" => self.cancel(|job| job.is_of(&params["id"])),
            "window/workDoneProgress/cancel" => self.cancel(|job| job.shows(&params["token"])),
            _ => {}
        }
        Ok(())
    }

    /// Opens a document; `notebook` is that of a cell.
    pub(super) fn open(&mut self, item: TextDocumentItem, notebook: Option<&str>) -> Result<()> {
        let key = item.uri.as_str().to_owned();
        let path = path_of(notebook.unwrap_or(&key));
        let here = std::env::current_dir().context("the current folder does not exist")?;
        let folder = path.as_deref().and_then(Path::parent).or(self.folders.first().map(|one| one.as_path()));
        let project = self.projects.of(folder.unwrap_or(&here))?;
        let label = match &path {
            Some(path) => project.label(path),
            None => project.masked(key.rsplit('/').next().unwrap_or_default()),
        };
        // A file that does not exist yet has no rule that leaves it out.
        let is_left_out = !self.client.ignored && path.as_deref().is_some_and(|path| !Reach::of(path).read);
        let mut new = Document::new(item.uri, &item.text, project);
        (new.version, new.language, new.is_left_out) = (item.version, item.language_id, is_left_out);
        (new.path, new.label, new.notebook) = (path, label, notebook.map(str::to_owned));
        // Its diagnostics from a scan of the workspace are replaced.
        if let Some(at) = self.published.iter().position(|uri| *uri == key) {
            self.published.swap_remove(at);
            self.notify("textDocument/publishDiagnostics", &json!({"uri": key, "diagnostics": []}));
        }
        self.documents.insert(key, new);
        Ok(())
    }

    fn change(&mut self, params: DidChangeTextDocumentParams) {
        let client = self.client;
        let document = self.documents.get_mut(params.text_document.uri.as_str());
        if let Some(document) = document {
            document.version = params.text_document.version;
            document.change(params.content_changes, &client);
        }
    }

    /// Forgets a document and its diagnostics.
    pub(super) fn close(&mut self, uri: &str) {
        if let Some(document) = self.documents.remove(uri)
            && !self.client.pulls
        {
            let params = json!({"uri": document.uri, "diagnostics": []});
            self.notify("textDocument/publishDiagnostics", &params);
        }
    }

    /// Returns a document with up-to-date findings.
    pub(super) fn document(&mut self, uri: &str) -> Result<&Document, Refusal> {
        self.update(uri, false);
        let document = self.documents.get(uri);
        document.ok_or_else(|| Refusal(ErrorCode::InvalidParams, "the document is not open".to_owned()))
    }

    fn hover(&mut self, params: HoverParams) -> Answer {
        let client = self.client;
        let place = params.text_document_position_params;
        let document = self.document(place.text_document.uri.as_str())?;
        let at = document.text.offset(place.position, client.units);
        let hit = document.hits.open().find(|hit| !hit.is_inside && hit.at.start <= at && at <= hit.at.end);
        let Some(hit) = hit else { return Ok(Some(Value::Null)) };
        let id = &hit.finding.rule_id;
        let revoked = revocation(id, hit.finding.key.as_ref().map(KeyId::as_str));
        let rule = document.project.rule(id);
        let revoked = revoked.filter(|_| rule.is_some_and(|rule| !rule.public));
        let value = lsp::hover(hit, rule, revoked.as_ref());
        let range = document.page(&client).range(hit);
        Ok(Some(json!({"contents": {"kind": "markdown", "value": value}, "range": range})))
    }

    /// Answers a question for the diagnostics of a document. Without a way to ask the client to ask again, the whole
    /// text is scanned first.
    fn pull(&mut self, params: &DocumentDiagnosticParams) -> Answer {
        let client = self.client;
        let uri = params.text_document.uri.as_str();
        self.update(uri, !client.refreshes);
        let document = self.document(uri)?;
        let id = document.result_id();
        if params.previous_result_id.as_ref() == Some(&id) {
            return Ok(Some(json!({"kind": "unchanged", "resultId": id})));
        }
        Ok(Some(json!({"kind": "full", "resultId": id, "items": document.diagnostics(&client)})))
    }

    /// Returns the project of a folder.
    pub(super) fn project(&mut self, folder: &Path) -> Result<Arc<Project>> {
        self.projects.of(folder)
    }
}
