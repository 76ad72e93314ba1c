//! Scans of all files of the workspace, with progress and cancellation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};
use lsp_server::{ErrorCode, RequestId};
use lsp_types::{Diagnostic, ProgressToken, WorkspaceDiagnosticParams};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::folders::FolderScans;
use super::server::{Answer, Refusal, Server};
use crate::lsp::uri_of;

/// Maximum number of skipped inputs that are listed in the log.
const MAX_LISTED: usize = 100;

/// A part of the result of a scan.
pub(super) enum News {
    /// The diagnostics of a file.
    File { path: PathBuf, diagnostics: Vec<Diagnostic> },
    /// The number of files so far.
    Files(u64),
    /// The end, with what was not read.
    End(Vec<String>),
}

/// A scan that runs or waits.
pub(super) struct Job {
    id: RequestId,
    is_cancelled: Arc<AtomicBool>,
    /// Token of its progress, and whether the client knows it.
    progress: Option<(ProgressToken, bool)>,
    /// The request that creates the token.
    created_by: Option<RequestId>,
    /// For a question for diagnostics.
    pull: Option<Pull>,
    /// Whether it waits for a change of a file.
    is_waiting: bool,
    files: u64,
    findings: usize,
}

/// A question for the diagnostics of the workspace.
struct Pull {
    partial: Option<ProgressToken>,
    /// Results that the client has, by document.
    previous: BTreeMap<String, String>,
    items: Vec<Value>,
}

impl Job {
    fn new(id: &RequestId) -> Self {
        Self {
            id: id.clone(),
            is_cancelled: Arc::default(),
            progress: None,
            created_by: None,
            pull: None,
            is_waiting: false,
            files: 0,
            findings: 0,
        }
    }

    /// Ends the scan at the next file.
    pub(super) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Returns whether the request has this id.
    pub(super) fn is_of(&self, id: &Value) -> bool {
        serde_json::to_value(&self.id).is_ok_and(|own| own == *id)
    }

    /// Returns whether its progress has this token.
    pub(super) fn shows(&self, token: &Value) -> bool {
        let own = self.progress.as_ref().and_then(|(own, _)| serde_json::to_value(own).ok());
        own.is_some_and(|own| own == *token)
    }
}

impl Server<'_> {
    /// Starts a scan for a question for the diagnostics of the workspace. If the client asks again and again, the next
    /// one waits for a change of a file.
    pub(super) fn pull_workspace(&mut self, id: &RequestId, params: WorkspaceDiagnosticParams) -> Answer {
        let previous = params.previous_result_ids.into_iter();
        let pull = Pull {
            partial: params.partial_result_params.partial_result_token,
            previous: previous.map(|one| (one.uri.as_str().to_owned(), one.value)).collect(),
            items: Vec::new(),
        };
        let mut job = Job { pull: Some(pull), ..Job::new(id) };
        job.progress = params.work_done_progress_params.work_done_token.map(|token| (token, true));
        job.is_waiting = self.client.workspace && !self.is_changed;
        self.start(job)
    }

    /// Starts a scan for the command, whose diagnostics are sent without a question.
    pub(super) fn scan_workspace(&mut self, id: &RequestId, token: Option<ProgressToken>) -> Answer {
        ensure_folders(&self.folders)?;
        for uri in std::mem::take(&mut self.published) {
            self.notify("textDocument/publishDiagnostics", &json!({"uri": uri, "diagnostics": []}));
        }
        let mut job = Job::new(id);
        job.progress = token.map(|token| (token, true));
        if job.progress.is_none() && self.client.shows_progress {
            let token = ProgressToken::String(format!("telleaks-scan-{}", self.count));
            job.created_by = Some(self.ask("window/workDoneProgress/create", &json!({"token": token})));
            job.progress = Some((token, false));
        }
        self.start(job)
    }

    fn start(&mut self, job: Job) -> Answer {
        self.count += 1;
        let number = self.count;
        let is_waiting = job.is_waiting;
        self.jobs.insert(number, job);
        if !is_waiting && let Err(error) = self.begin(number) {
            self.jobs.remove(&number);
            return Err(error.into());
        }
        Ok(None)
    }

    /// Starts the scans that wait, if a file has changed.
    pub(super) fn resume_jobs(&mut self) {
        if self.is_changed {
            let waiting: Vec<u64> =
                self.jobs.iter().filter(|(_, job)| job.is_waiting).map(|(number, _)| *number).collect();
            for number in waiting {
                if let Err(error) = self.begin(number) {
                    self.end(number, Some(error));
                }
            }
        }
    }

    fn begin(&mut self, number: u64) -> Result<()> {
        ensure_folders(&self.folders)?;
        self.is_changed = false;
        self.progress(
            number,
            &json!({"kind": "begin", "title": "telleaks: scan of the workspace", "cancellable": true}),
        );
        let mut folders = Vec::new();
        for folder in self.folders.clone() {
            folders.push((self.project(&folder)?, folder));
        }
        let open: Vec<String> = self.documents.keys().cloned().collect();
        open.iter().for_each(|uri| self.open_document(number, uri));
        let paths = self.documents.values().filter_map(|document| document.path.clone());
        let Some(job) = self.jobs.get_mut(&number) else { return Ok(()) };
        job.is_waiting = false;
        let scan = FolderScans {
            folders,
            open: paths.filter_map(|path| telleaks_platform::canonicalize(&path).ok()).collect(),
            is_cancelled: Arc::clone(&job.is_cancelled),
            client: self.client,
            events: self.events.clone(),
            job: number,
        };
        let run = thread::Builder::new().name("workspace".to_owned()).spawn(move || scan.run());
        run.map(|_| ()).context("cannot start a thread")
    }

    /// Adds the findings of an open document: the text in the editor counts, not the file.
    fn open_document(&mut self, number: u64, uri: &str) {
        self.update(uri, true);
        let Some(document) = self.documents.get(uri) else { return };
        let diagnostics = document.diagnostics(&self.client);
        let item = json!({
            "kind": "full",
            "uri": document.uri,
            "version": document.version,
            "resultId": document.result_id(),
            "items": diagnostics,
        });
        if self.jobs.get(&number).is_some_and(|job| job.pull.is_some()) {
            self.item(number, item);
        }
        if let Some(job) = self.jobs.get_mut(&number) {
            job.findings += diagnostics.len();
        }
    }

    /// Cancels the scans that are meant.
    pub(super) fn cancel(&mut self, is_meant: impl Fn(&Job) -> bool) {
        let meant: Vec<u64> =
            self.jobs.iter().filter(|(_, job)| is_meant(job)).map(|(number, _)| *number).collect();
        for number in meant {
            let Some(job) = self.jobs.get(&number) else { continue };
            job.cancel();
            if job.is_waiting {
                self.end(number, None);
            }
        }
    }

    /// Handles the answer to a request of the server: the client knows a token now.
    pub(super) fn answered(&mut self, id: &RequestId) {
        let of = self.jobs.iter_mut().find(|(_, job)| job.created_by.as_ref() == Some(id));
        let Some((&number, job)) = of else { return };
        if let Some((_, is_known)) = &mut job.progress {
            *is_known = true;
        }
        self.progress(
            number,
            &json!({"kind": "begin", "title": "telleaks: scan of the workspace", "cancellable": true}),
        );
    }

    fn progress(&mut self, number: u64, value: &Value) {
        let token = self.jobs.get(&number).and_then(|job| job.progress.clone());
        if let Some((token, true)) = token {
            self.notify("$/progress", &json!({"token": token, "value": value}));
        }
    }

    /// Takes over a part of the result of a scan.
    pub(super) fn news(&mut self, number: u64, news: News) {
        match news {
            News::Files(files) => {
                if let Some(job) = self.jobs.get_mut(&number) {
                    job.files = job.files.max(files);
                }
                self.progress(number, &json!({"kind": "report", "message": format!("{files} files")}));
            }
            News::File { path, diagnostics } => self.file(number, &path, &diagnostics),
            News::End(unread) => {
                let more = unread.len().saturating_sub(MAX_LISTED);
                let listed = unread.iter().take(MAX_LISTED).map(|one| format!("not read: {one}"));
                let lines = listed.chain((more > 0).then(|| format!("not read: {more} more")));
                for line in lines.collect::<Vec<_>>() {
                    let line = crate::report::visible(&line).into_owned();
                    self.notify("window/logMessage", &json!({"type": 2, "message": line}));
                }
                if let Some(job) = self.jobs.get(&number) {
                    let summary =
                        json!({"files": job.files, "findings": job.findings, "notRead": unread.len()});
                    self.finish(number, &summary);
                }
            }
        }
    }

    fn file(&mut self, number: u64, path: &Path, diagnostics: &[Diagnostic]) {
        let Some((uri, job)) = uri_of(path).zip(self.jobs.get_mut(&number)) else { return };
        job.findings += diagnostics.len();
        let Some(pull) = &mut job.pull else {
            self.published.push(uri.as_str().to_owned());
            let params = json!({"uri": uri, "diagnostics": diagnostics});
            return self.notify("textDocument/publishDiagnostics", &params);
        };
        let digest = Sha256::digest(json!(diagnostics).to_string());
        let id: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let item = match pull.previous.remove(uri.as_str()) {
            Some(known) if known == id => {
                json!({"kind": "unchanged", "uri": uri, "version": null, "resultId": id})
            }
            _ => json!({"kind": "full", "uri": uri, "version": null, "resultId": id, "items": diagnostics}),
        };
        self.item(number, item);
    }

    /// Sends or keeps the report of one document.
    fn item(&mut self, number: u64, item: Value) {
        let Some(pull) = self.jobs.get_mut(&number).and_then(|job| job.pull.as_mut()) else { return };
        pull.previous.remove(item["uri"].as_str().unwrap_or_default());
        match pull.partial.clone() {
            Some(token) => self.notify("$/progress", &json!({"token": token, "value": {"items": [item]}})),
            None => pull.items.push(item),
        }
    }

    fn finish(&mut self, number: u64, summary: &Value) {
        let is_cancelled = self.jobs.get(&number).is_some_and(|job| job.is_cancelled.load(Ordering::Relaxed));
        if is_cancelled {
            return self.end(number, None);
        }
        self.progress(
            number,
            &json!({"kind": "end", "message": format!("{} findings", summary["findings"])}),
        );
        let Some(job) = self.jobs.remove(&number) else { return };
        let result = match job.pull {
            Some(mut pull) => {
                // What had findings before and has none now.
                let gone = pull.previous.into_keys();
                pull.items.extend(
                    gone.map(|uri| json!({"kind": "full", "uri": uri, "version": null, "items": []})),
                );
                json!({"items": pull.items})
            }
            None => summary.clone(),
        };
        self.answer(&job.id, &result);
    }

    /// Ends a scan with an error, or because it was cancelled.
    fn end(&mut self, number: u64, error: Option<anyhow::Error>) {
        self.progress(number, &json!({"kind": "end", "message": "cancelled"}));
        self.is_changed = true;
        if let Some(job) = self.jobs.remove(&number) {
            let cancelled = || Refusal(ErrorCode::RequestCanceled, "the scan was cancelled".to_owned());
            self.refuse(&job.id, &error.map_or_else(cancelled, Refusal::from));
        }
    }
}

fn ensure_folders(folders: &[PathBuf]) -> Result<()> {
    ensure!(!folders.is_empty(), "no folder is open; open one, or use telleaks scan");
    Ok(())
}
