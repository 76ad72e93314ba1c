//! The state of a session, the order of its messages, and what is sent without a question.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId};
use lsp_types::InitializeParams;
use serde_json::{Value, json};

use super::super::Exit;
use super::Event;
use super::document::Document;
use super::features::request;
use super::project::Projects;
use super::workspace::Job;
use crate::cli::ProjectArgs;
use crate::lsp::{self, Client, Hits, Incoming, path_of};

/// How often configurations and baselines are looked at, for clients that do not watch files.
const LOOK: Duration = Duration::from_secs(1);

/// Phase of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Open,
    Closing,
}

/// Why a request is refused.
pub(super) struct Refusal(pub(super) ErrorCode, pub(super) String);

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self(ErrorCode::RequestFailed, format!("{error:#}"))
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(_: serde_json::Error) -> Self {
        // Errors of serde_json may quote the message.
        Self(ErrorCode::InvalidParams, "the parameters are not those of the method".to_owned())
    }
}

/// The answer to a request; `None` if it follows later.
pub(super) type Answer = Result<Option<Value>, Refusal>;

/// A session.
pub(super) struct Server<'a> {
    out: &'a mut dyn Write,
    pub(super) events: Sender<Event>,
    phase: Phase,
    pub(super) client: Client,
    pub(super) projects: Projects,
    pub(super) documents: BTreeMap<String, Document>,
    /// The cells of each open notebook.
    pub(super) notebooks: BTreeMap<String, Vec<String>>,
    pub(super) folders: Vec<PathBuf>,
    /// Scans of folders that run or wait.
    pub(super) jobs: HashMap<u64, Job>,
    /// Number of jobs and of requests to the client so far.
    pub(super) count: u64,
    /// Whether a file has changed since the last scan of the folders began.
    pub(super) is_changed: bool,
    /// Documents that are not open and have diagnostics.
    pub(super) published: Vec<String>,
    is_gone: bool,
}

impl<'a> Server<'a> {
    pub(super) fn new(args: &ProjectArgs, out: &'a mut dyn Write, events: Sender<Event>) -> Self {
        Self {
            out,
            events,
            phase: Phase::New,
            client: Client::default(),
            projects: Projects::new(args.clone()),
            documents: BTreeMap::new(),
            notebooks: BTreeMap::new(),
            folders: Vec::new(),
            jobs: HashMap::new(),
            count: 0,
            is_changed: true,
            published: Vec::new(),
            is_gone: false,
        }
    }

    /// Handles events until the client ends the session.
    pub(super) fn run(mut self, events: &Receiver<Event>) -> Result<Exit> {
        loop {
            // Findings follow when no message waits, so a burst of edits costs one scan.
            let event = events.try_recv().or_else(|_| {
                self.settle();
                self.flush();
                events.recv_timeout(self.wait())
            });
            match event {
                Ok(Event::Incoming(message)) => {
                    if let Some(exit) = self.incoming(message) {
                        return Ok(exit);
                    }
                }
                Ok(Event::Scanned { uri, changes, hits }) => self.scanned(&uri, changes, hits),
                Ok(Event::News { job, news }) => self.news(job, news),
                Err(RecvTimeoutError::Timeout) => self.look(),
                Ok(Event::Closed) | Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Clean),
            }
            if self.is_gone {
                return Ok(Exit::Clean);
            }
        }
    }

    /// Returns how long to wait for the next event.
    fn wait(&self) -> Duration {
        let due = self.documents.values().filter_map(|document| document.due).min();
        due.map_or(LOOK, |due| due.saturating_duration_since(Instant::now()).min(LOOK))
    }

    fn incoming(&mut self, message: Incoming) -> Option<Exit> {
        match message {
            Incoming::Message(Message::Request(request)) => self.request(request),
            Incoming::Message(Message::Notification(one)) if one.method == "exit" => {
                return Some(if self.phase == Phase::Closing { Exit::Clean } else { Exit::Match });
            }
            Incoming::Message(Message::Notification(one)) => {
                if self.phase == Phase::Open {
                    self.notified(one);
                }
            }
            Incoming::Message(Message::Response(response)) => self.answered(&response.id),
            Incoming::Wrong(answer) => self.write(&answer),
            Incoming::Silent => {}
        }
        None
    }

    fn notified(&mut self, one: Notification) {
        let work = AssertUnwindSafe(|| self.notification(&one.method, one.params));
        // A notification has no answer: a wrong one is not carried out.
        let said = match catch_unwind(work) {
            Ok(Ok(())) => return,
            Ok(Err(Refusal(_, why))) => format!("{}: {why}", one.method),
            Err(_) => format!("{}: internal error; please report it", one.method),
        };
        self.notify("window/logMessage", &json!({"type": 1, "message": said}));
    }

    fn request(&mut self, one: Request) {
        let Request { id, method, params } = one;
        let answer = match (self.phase, method.as_str()) {
            (Phase::New, "initialize") => self.initialize(params),
            (Phase::New, _) => {
                Err(Refusal(ErrorCode::ServerNotInitialized, "initialize comes first".to_owned()))
            }
            (Phase::Open, "shutdown") => {
                self.phase = Phase::Closing;
                self.jobs.values().for_each(Job::cancel);
                Ok(Some(Value::Null))
            }
            (Phase::Open, _) => catch_unwind(AssertUnwindSafe(|| request(self, &id, &method, params)))
                .unwrap_or_else(|_| {
                    Err(Refusal(ErrorCode::InternalError, "internal error; please report it".to_owned()))
                }),
            (Phase::Closing, _) => {
                Err(Refusal(ErrorCode::InvalidRequest, "the server is shutting down".to_owned()))
            }
        };
        match answer {
            Ok(None) => {}
            Ok(Some(result)) => self.answer(&id, &result),
            Err(refusal) => self.refuse(&id, &refusal),
        }
    }

    fn initialize(&mut self, params: Value) -> Answer {
        let params: InitializeParams = serde_json::from_value(params)?;
        self.client = Client::new(&params);
        let folders = params.workspace_folders.iter().flatten().map(|folder| folder.uri.as_str());
        self.folders = folders.filter_map(path_of).collect();
        #[allow(deprecated, reason = "clients without folders send it")]
        let root = params.root_uri.as_ref().and_then(|uri| path_of(uri.as_str()));
        if self.folders.is_empty() {
            self.folders.extend(root);
        }
        self.phase = Phase::Open;
        let offered = lsp::capabilities(&self.client, &super::actions::COMMANDS);
        let version = crate::fault_injection::VERSION;
        let name = env!("CARGO_PKG_NAME");
        Ok(Some(json!({"capabilities": offered, "serverInfo": {"name": name, "version": version}})))
    }

    /// Asks the client to watch the files that decide about suppressions.
    pub(super) fn watch(&mut self) {
        if self.client.watches {
            let watchers = [json!({"globPattern": "**/telleaks.toml"}), json!({"globPattern": "**/*.jsonl"})];
            let registration = json!({
                "id": "telleaks-files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": {"watchers": watchers},
            });
            self.ask("client/registerCapability", &json!({"registrations": [registration]}));
        }
    }

    /// Reads changed configurations and baselines, and scans the documents again that they concern.
    pub(super) fn look(&mut self) {
        match self.projects.refresh() {
            Ok(false) => {}
            Ok(true) => self.renew(),
            Err(error) => self.show(&format!("{error:#}")),
        }
        self.scan_due();
    }

    fn renew(&mut self) {
        self.is_changed = true;
        for document in self.documents.values_mut() {
            let root = document.project.root.clone();
            if let Ok(project) = self.projects.of(&root) {
                document.project = project;
                document.renew();
            }
        }
        if self.client.pulls {
            self.refresh();
        }
        self.resume_jobs();
    }

    /// Asks the client to ask for diagnostics again.
    fn refresh(&mut self) {
        if self.client.refreshes {
            self.ask("workspace/diagnostic/refresh", &Value::Null);
        }
    }

    /// Shows the findings of changed documents.
    fn settle(&mut self) {
        for problem in self.projects.take_problems() {
            self.show(&problem);
        }
        if !self.client.pulls {
            let pending = self.documents.iter().filter(|(_, document)| document.is_pending());
            let pending: Vec<String> = pending.map(|(uri, _)| uri.clone()).collect();
            for uri in pending {
                self.update(&uri, false);
                self.publish(&uri);
            }
        }
        self.scan_due();
    }

    /// Brings the findings of a document up to date.
    pub(super) fn update(&mut self, uri: &str, whole: bool) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        match document.notebook.clone() {
            Some(notebook) if document.is_pending() => self.update_notebook(&notebook),
            Some(_) => {}
            None => document.update(whole),
        }
    }

    /// Starts the scans of whole texts that are due.
    fn scan_due(&mut self) {
        let now = Instant::now();
        for (uri, document) in &mut self.documents {
            if document.due.is_none_or(|due| due > now) {
                continue;
            }
            document.due = None;
            let (uri, changes, text) = (uri.clone(), document.changes, document.text.clone());
            let (project, label, events) =
                (std::sync::Arc::clone(&document.project), document.label.clone(), self.events.clone());
            let work = move || {
                let hits = Hits::of(project.scan(&label, text.to_string().as_bytes()), &label);
                // Nothing to do if the session has ended.
                let _ended = events.send(Event::Scanned { uri, changes, hits });
            };
            if thread::Builder::new().name("document".to_owned()).spawn(work).is_err() {
                document.due = Some(now + LOOK);
            }
        }
    }

    /// Takes over the findings of a whole text, if it has not changed since.
    fn scanned(&mut self, uri: &str, changes: u64, hits: Hits) {
        let document = self.documents.get_mut(uri).filter(|document| document.changes == changes);
        if document.is_some_and(|document| document.settle(hits)) {
            if self.client.pulls {
                self.refresh();
            } else {
                self.publish(uri);
            }
        }
    }

    /// Sends the diagnostics of an open document.
    pub(super) fn publish(&mut self, uri: &str) {
        let Some(document) = self.documents.get(uri) else { return };
        let diagnostics = document.diagnostics(&self.client);
        let params = json!({"uri": document.uri, "version": document.version, "diagnostics": diagnostics});
        self.notify("textDocument/publishDiagnostics", &params);
    }

    /// Shows a message to the user.
    pub(super) fn show(&mut self, text: &str) {
        let text = crate::report::visible(text);
        self.notify("window/showMessage", &json!({"type": 1, "message": format!("telleaks: {text}")}));
    }

    /// Sends a notification.
    pub(super) fn notify(&mut self, method: &str, params: &Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and returns its id.
    pub(super) fn ask(&mut self, method: &str, params: &Value) -> RequestId {
        self.count += 1;
        let id = RequestId::from(format!("telleaks-{}", self.count));
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Answers a request.
    pub(super) fn answer(&mut self, id: &RequestId, result: &Value) {
        self.write(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
    }

    /// Refuses a request.
    pub(super) fn refuse(&mut self, id: &RequestId, Refusal(code, why): &Refusal) {
        let error = json!({"code": *code as i32, "message": crate::report::visible(why)});
        self.write(&json!({"jsonrpc": "2.0", "id": id, "error": error}));
    }

    fn write(&mut self, message: &Value) {
        self.is_gone |= lsp::write(self.out, message).is_err();
    }

    fn flush(&mut self) {
        self.is_gone |= self.out.flush().is_err();
    }
}
