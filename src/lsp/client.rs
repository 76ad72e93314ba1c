//! What the client can do, and what this server offers it.

use lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, DiagnosticOptions,
    DiagnosticServerCapabilities, ExecuteCommandOptions, HoverProviderCapability, InitializeParams, Notebook,
    NotebookCellSelector, NotebookDocumentSyncOptions, NotebookSelector, OneOf, SaveOptions,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, WorkDoneProgressOptions, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};
use serde_json::Value;

use super::text::Units;

/// What the client can do, and its settings.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a capability of the protocol")]
pub struct Client {
    /// Units of positions.
    pub units: Units,
    /// Whether it asks for the diagnostics of a document. They are not sent by themselves then.
    pub pulls: bool,
    /// Whether it asks again if the server says that diagnostics have changed.
    pub refreshes: bool,
    /// Whether it shows the progress of the server.
    pub shows_progress: bool,
    /// Whether files are watched for the server.
    pub watches: bool,
    /// Whether edits may name the version of the document that they are for.
    pub versions: bool,
    /// Whether diagnostics may name related places.
    pub related: bool,
    /// Setting `workspaceDiagnostics`: whether clients that ask for the diagnostics of the workspace by themselves may.
    pub workspace: bool,
    /// Setting `ignoredFiles`: whether files that git ignores have diagnostics.
    pub ignored: bool,
}

impl Client {
    /// Reads the capabilities and the settings in `initializationOptions`.
    pub fn new(params: &InitializeParams) -> Self {
        let ClientCapabilities { workspace, text_document, window, general, .. } = &params.capabilities;
        let (workspace, document) = (workspace.as_ref(), text_document.as_ref());
        let units = general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let refresh = workspace.and_then(|workspace| workspace.diagnostic.as_ref()?.refresh_support);
        let watch = workspace.and_then(|all| all.did_change_watched_files.as_ref()?.dynamic_registration);
        let publish = document.and_then(|document| document.publish_diagnostics.as_ref());
        let setting = |name: &str| {
            let options = params.initialization_options.as_ref();
            options.and_then(|options| options.get(name)).and_then(Value::as_bool).unwrap_or(false)
        };
        Self {
            units: Units::negotiate(units),
            pulls: document.is_some_and(|document| document.diagnostic.is_some()),
            refreshes: refresh.unwrap_or(false),
            shows_progress: window.as_ref().and_then(|window| window.work_done_progress).unwrap_or(false),
            watches: watch.unwrap_or(false),
            versions: workspace
                .and_then(|all| all.workspace_edit.as_ref()?.document_changes)
                .unwrap_or(false),
            related: publish.is_none_or(|publish| publish.related_information.unwrap_or(false)),
            workspace: setting("workspaceDiagnostics"),
            ignored: setting("ignoredFiles"),
        }
    }
}

/// Returns what this server offers. `commands` are the names of its commands.
pub fn capabilities(client: &Client, commands: &[&str]) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    // Named although it means all of them: lsprotocol cannot read a selector without it.
    let cells = NotebookSelector::ByNotebook {
        notebook: Notebook::String("*".to_owned()),
        cells: Some(vec![NotebookCellSelector { language: "*".to_owned() }]),
    };
    let no_progress = WorkDoneProgressOptions::default();
    let progress = WorkDoneProgressOptions { work_done_progress: Some(true) };
    let kinds = vec![CodeActionKind::QUICKFIX, CodeActionKind::SOURCE_FIX_ALL];
    let pulled = DiagnosticOptions {
        identifier: Some("telleaks".to_owned()),
        inter_file_dependencies: false,
        workspace_diagnostics: client.workspace,
        work_done_progress_options: progress,
    };
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(OneOf::Left(true)),
    };
    ServerCapabilities {
        position_encoding: Some(client.units.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        notebook_document_sync: Some(OneOf::Left(NotebookDocumentSyncOptions {
            notebook_selector: vec![cells],
            save: Some(false),
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(kinds),
            work_done_progress_options: no_progress,
            resolve_provider: None,
        })),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: commands.iter().map(|name| (*name).to_owned()).collect(),
            work_done_progress_options: progress,
        }),
        diagnostic_provider: client.pulls.then_some(DiagnosticServerCapabilities::Options(pulled)),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(folders),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}
