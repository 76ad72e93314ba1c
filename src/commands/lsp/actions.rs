//! Code actions and commands: the edits of `telleaks fix`, masks, and suppressions.

use std::ops::Range;

use anyhow::{Context, Result, anyhow, ensure};
use lsp_server::RequestId;
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, Command, Diagnostic, ExecuteCommandParams, TextEdit,
    WorkspaceEdit,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::fix::collect_declarations;
use super::document::Document;
use super::server::{Answer, Refusal, Server};
use crate::fix::{self, Edit, Known, Language};
use crate::lsp::{Client, Hit, comment, masked_edit};
use crate::suppress::{self, Baseline, EntryDetails, MAX_BASELINE};

const ACCEPT: &str = "telleaks.acceptInBaseline";
const SCAN: &str = "telleaks.scanWorkspace";
/// The names of all commands.
pub(super) const COMMANDS: [&str; 2] = [ACCEPT, SCAN];
/// Reason of a baseline entry if the client gives none.
const REASON: &str = "accepted in the editor";
/// Maximum length in bytes of a text that is edited, as in `telleaks fix`.
const MAX_EDITED: usize = 16 << 20;

/// Languages of the protocol, with the name of a file of each, for documents without a file of their own.
const NAMES: [(&str, &str); 20] = [
    ("python", "cell.py"),
    ("javascript", "cell.js"),
    ("typescript", "cell.ts"),
    ("ruby", "cell.rb"),
    ("php", "cell.php"),
    ("java", "cell.java"),
    ("kotlin", "cell.kt"),
    ("go", "cell.go"),
    ("csharp", "cell.cs"),
    ("rust", "cell.rs"),
    ("swift", "cell.swift"),
    ("dart", "cell.dart"),
    ("powershell", "cell.ps1"),
    ("shellscript", "cell.sh"),
    ("yaml", "cell.yaml"),
    ("toml", "cell.toml"),
    ("json", "cell.json"),
    ("dockerfile", "Dockerfile"),
    ("terraform", "cell.tf"),
    ("markdown", "cell.md"),
];

/// Argument of the command that accepts a finding.
#[derive(Deserialize)]
struct Accepted {
    uri: String,
    range: lsp_types::Range,
    rule: String,
    reason: Option<String>,
}

impl Server<'_> {
    /// Returns the actions for the findings in a range.
    pub(super) fn code_actions(&mut self, params: CodeActionParams) -> Answer {
        let client = self.client;
        let document = self.document(params.text_document.uri.as_str())?;
        let wants = |kind: &CodeActionKind| {
            let fits = |only: &CodeActionKind| {
                let rest = kind.as_str().strip_prefix(only.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            params.context.only.as_ref().is_none_or(|only| only.iter().any(fits))
        };
        let range = document.text.range(params.range, client.units);
        let is_near = |hit: &&Hit| hit.is_inside || hit.at.start <= range.end && range.start <= hit.at.end;
        let hits: Vec<&Hit> = document.hits.open().filter(is_near).collect();
        let mut actions = Vec::new();
        if wants(&CodeActionKind::QUICKFIX) && !hits.is_empty() {
            let fixer = Fixer::new(document, client);
            hits.iter().for_each(|hit| actions.extend(fixer.quick_fixes(hit)));
        }
        if params.context.only.is_some() && wants(&CodeActionKind::SOURCE_FIX_ALL) {
            actions.extend(Fixer::new(document, client).all());
        }
        Ok(Some(serde_json::to_value(actions)?))
    }

    /// Carries out a command.
    pub(super) fn execute(&mut self, id: &RequestId, params: ExecuteCommandParams) -> Answer {
        match params.command.as_str() {
            SCAN => self.scan_workspace(id, params.work_done_progress_params.work_done_token),
            ACCEPT => {
                let argument = params.arguments.into_iter().next().unwrap_or_default();
                let accepted: Accepted = serde_json::from_value(argument)?;
                let added = self.accept(&accepted)?;
                self.look();
                Ok(Some(added))
            }
            _ => Err(anyhow!("there is no command of this name").into()),
        }
    }

    /// Adds a finding to the baseline of its project.
    fn accept(&mut self, wanted: &Accepted) -> Result<Value> {
        let units = self.client.units;
        let document = self.document(&wanted.uri).map_err(|Refusal(_, why)| anyhow!(why))?;
        let range = document.text.range(wanted.range, units);
        let is_meant = |hit: &&Hit| hit.finding.rule_id == wanted.rule && (hit.is_inside || hit.at == range);
        let hit = document.hits.open().find(is_meant);
        let hit = hit.context("the document has no such finding any more")?;
        let project = &document.project;
        ensure!(project.problem.is_none(), "the configuration or the baseline is invalid; correct it first");
        let mut baseline = match project.baseline.exists() {
            true => {
                let text = suppress::read_given(&project.baseline, MAX_BASELINE)?;
                Baseline::parse(&text).map_err(|mistake| anyhow!("the baseline is invalid:{mistake}"))?
            }
            false => Baseline::new().context("cannot generate a random salt")?,
        };
        let reason = wanted.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        let reason = Some(project.masked(reason.unwrap_or(REASON)));
        let details = EntryDetails { reason, ..EntryDetails::default() };
        let secret = (wanted.rule.as_str(), &*hit.finding.secret.sha256());
        let added = suppress::write_findings(&mut baseline, [secret], &details);
        suppress::write(&project.baseline, &baseline.to_text())?;
        Ok(json!({"added": added, "file": project.masked(&project.baseline.to_string_lossy())}))
    }
}

/// Makes the code actions of one document.
struct Fixer<'a> {
    document: &'a Document,
    client: Client,
    text: String,
    name: String,
    found: Vec<crate::detect::Match>,
    rules: Vec<String>,
}

impl<'a> Fixer<'a> {
    fn new(document: &'a Document, client: Client) -> Self {
        let text = document.text.to_string();
        let is_short = text.len() <= MAX_EDITED;
        let found =
            if is_short { document.project.matches(&document.label, text.as_bytes()) } else { Vec::new() };
        let name = NAMES.iter().find(|(language, _)| *language == document.language).map(|(_, name)| *name);
        let has_file = document.notebook.is_none() && document.path.is_some();
        let is_known = has_file && Language::of(&document.label, &text).is_some();
        let name = name.filter(|_| !is_known).unwrap_or(&document.label).to_owned();
        Self { document, client, text, name, found, rules: document.project.rule_ids() }
    }

    fn known(&self) -> Known {
        let mut known = Known::default();
        if let Some(path) = &self.document.path {
            collect_declarations(path, &self.name, &mut known);
        }
        known
    }

    fn quick_fixes(&self, hit: &Hit) -> Vec<CodeAction> {
        let rule = self.document.project.rule(&hit.finding.rule_id);
        let diagnostic = self.document.page(&self.client).diagnostic(hit, rule);
        let mut actions = Vec::new();
        let mut add = |title: &str, edits: Vec<Edit>| {
            if !edits.is_empty() {
                actions.push(self.action(title, &diagnostic, edits));
            }
        };
        add("Remove the credential: read it from the environment, or write a placeholder", self.fixed(hit));
        let masked = masked_edit(hit, &self.document.text);
        let masked = masked.map(|(edit, text)| Edit { span: edit.start..edit.old_end, text });
        add("Mask the credential", masked.into_iter().collect());
        if hit.finding.is_about_suppression() {
            return actions;
        }
        add("Accept it with a comment; write the reason there", self.commented(hit).into_iter().collect());
        if let Some(first) = actions.first_mut() {
            first.is_preferred = Some(true);
        }
        actions.push(self.accepting(hit, diagnostic));
        actions
    }

    /// Returns the edits of `telleaks fix` for one finding.
    fn fixed(&self, hit: &Hit) -> Vec<Edit> {
        let is_meant = |one: &&crate::detect::Match| {
            let at = one.location.byte_start as usize..one.location.byte_end as usize;
            one.location.path.is_empty() && at == hit.at && self.rules[one.rule] == hit.finding.rule_id
        };
        let Some(found) = self.found.iter().find(is_meant) else { return Vec::new() };
        let mut known = self.known();
        fix::prepare(&self.found, &mut known);
        fix::alone(&fix::Source::new(&self.name, &self.text), found, &self.rules[found.rule], &mut known)
    }

    /// Returns a suppression comment on a line of its own before the finding.
    fn commented(&self, hit: &Hit) -> Option<Edit> {
        let text = comment(&self.document.language, &hit.finding.rule_id).filter(|_| !hit.is_inside)?;
        let line = self.document.text.line_of(hit.at.start);
        let before = self.text.get(line.clone())?;
        let indent: String = before.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let end = if self.text[line.end..].starts_with("\r\n") { "\r\n" } else { "\n" };
        Some(Edit { span: line.start..line.start, text: format!("{indent}{text}{end}") })
    }

    /// Returns the action that adds a finding to the baseline.
    fn accepting(&self, hit: &Hit, diagnostic: Diagnostic) -> CodeAction {
        let range = diagnostic.range;
        let argument = json!({"uri": self.document.uri, "range": range, "rule": hit.finding.rule_id});
        let title = "Accept it in the baseline".to_owned();
        CodeAction {
            title: title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostic]),
            command: Some(Command { title, command: ACCEPT.to_owned(), arguments: Some(vec![argument]) }),
            ..CodeAction::default()
        }
    }

    /// Returns the action that removes all credentials of the document.
    fn all(&self) -> Option<CodeAction> {
        let plan = fix::plan(&self.name, self.text.as_bytes(), &self.found, &self.rules, &mut self.known());
        (!plan.edits.is_empty()).then(|| CodeAction {
            title: "Remove all credentials that telleaks fix can remove".to_owned(),
            kind: Some(CodeActionKind::SOURCE_FIX_ALL),
            edit: Some(self.edit(plan.edits)),
            ..CodeAction::default()
        })
    }

    fn action(&self, title: &str, diagnostic: &Diagnostic, edits: Vec<Edit>) -> CodeAction {
        CodeAction {
            title: title.to_owned(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostic.clone()]),
            edit: Some(self.edit(edits)),
            ..CodeAction::default()
        }
    }

    /// Converts edits, for this version of the document if the client supports that.
    fn edit(&self, edits: Vec<Edit>) -> WorkspaceEdit {
        let Document { text, uri, version, .. } = self.document;
        let span = |span: &Range<usize>| text.span(span, self.client.units);
        let edits: Vec<TextEdit> =
            edits.into_iter().map(|edit| TextEdit { range: span(&edit.span), new_text: edit.text }).collect();
        let value = match self.client.versions {
            true => {
                json!({"documentChanges": [{"textDocument": {"uri": uri, "version": version}, "edits": edits}]})
            }
            false => json!({"changes": {uri.as_str(): edits}}),
        };
        serde_json::from_value(value).unwrap_or_default()
    }
}
