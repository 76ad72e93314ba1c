//! What editors show about a finding: diagnostic, hover, and the texts of its code actions.

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
    Uri,
};

use super::client::Client;
use super::hits::{Hit, Hits};
use super::text::{Edit, Text};
use crate::finding::{Encoding, Finding, KeyId, Severity};
use crate::report::visible;
use crate::respond::Revocation;
use crate::rules::Rule;

/// Maximum number of other places of a secret that a diagnostic lists.
const MAX_RELATED: usize = 20;
/// The keyword of a suppression comment, and the reason until the user writes one.
const COMMENT: &str = concat!("telleaks", ":ignore");
const REASON: &str = "TODO: say why";

/// Languages of the protocol by the mark that starts a comment, and the one that ends it.
const COMMENTS: [(&str, &str, &[&str]); 6] = [
    (
        "#",
        "",
        &[
            "python",
            "ruby",
            "shellscript",
            "sh",
            "bash",
            "zsh",
            "fish",
            "yaml",
            "toml",
            "dockerfile",
            "dotenv",
            "perl",
            "r",
            "elixir",
            "makefile",
            "make",
            "powershell",
            "terraform",
            "hcl",
            "nix",
            "conf",
            "cfg",
            "properties",
            "env",
            "julia",
            "coffeescript",
        ],
    ),
    (
        "//",
        "",
        &[
            "javascript",
            "typescript",
            "javascriptreact",
            "typescriptreact",
            "java",
            "kotlin",
            "go",
            "c",
            "cpp",
            "csharp",
            "rust",
            "swift",
            "dart",
            "php",
            "scala",
            "groovy",
            "jsonc",
            "objective-c",
            "zig",
        ],
    ),
    ("--", "", &["sql", "lua", "haskell", "elm"]),
    (";", "", &["ini", "clojure", "lisp", "scheme"]),
    ("<!--", " -->", &["html", "xml", "markdown", "vue", "svelte"]),
    ("/*", " */", &["css", "scss", "less"]),
];

/// Returns the text of a comment that accepts a finding of `rule`, for a language of the protocol; `None` if it is not
/// known how comments are written in it.
pub fn comment(language: &str, rule: &str) -> Option<String> {
    let (open, close, _) = COMMENTS.iter().find(|(_, _, names)| names.contains(&language))?;
    Some(format!("{open} {COMMENT} {rule} {REASON}{close}"))
}

/// A document that diagnostics are shown in.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// Its text.
    pub text: &'a Text,
    /// Its address.
    pub uri: &'a Uri,
    /// Its path as findings name it.
    pub label: &'a str,
    /// The findings in it.
    pub hits: &'a Hits,
    /// The client.
    pub client: &'a Client,
}

impl Page<'_> {
    /// Returns the diagnostic of an open place. `rule` is the rule of its finding.
    pub fn diagnostic(&self, hit: &Hit, rule: Option<&Rule>) -> Diagnostic {
        let finding = &hit.finding;
        let docs = rule.and_then(|rule| rule.docs.parse().ok());
        let related = || self.related(hit);
        Diagnostic {
            range: self.range(hit),
            severity: Some(match finding.severity {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
                Severity::Note => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(finding.rule_id.clone())),
            code_description: docs.map(|href| CodeDescription { href }),
            source: Some(env!("CARGO_PKG_NAME").to_owned()),
            message: message(hit, self.label),
            related_information: self.client.related.then(related).filter(|list| !list.is_empty()),
            ..Diagnostic::default()
        }
    }

    /// Returns the range of a place; the first line for one inside a container.
    pub fn range(&self, hit: &Hit) -> lsp_types::Range {
        let first_line = || self.text.line_of(0);
        let range = if hit.is_inside { first_line() } else { hit.at.clone() };
        self.text.span(&range, self.client.units)
    }

    /// Returns the other places of the secret.
    fn related(&self, hit: &Hit) -> Vec<DiagnosticRelatedInformation> {
        let others = self.hits.open().filter(|other| other.shares_secret(hit) && other.at != hit.at);
        let related = |other: &Hit| DiagnosticRelatedInformation {
            location: Location { uri: self.uri.clone(), range: self.range(other) },
            message: "the same secret".to_owned(),
        };
        others.take(MAX_RELATED).map(related).collect()
    }
}

fn message(hit: &Hit, label: &str) -> String {
    let Finding { message, secret, key, encoding, .. } = &*hit.finding;
    let mut text = visible(message).into_owned();
    if !hit.finding.is_about_suppression() {
        text = format!("{text}: {}", visible(&secret.masked()));
    }
    if let Some(day) = key.as_ref().and_then(KeyId::created_day) {
        text = format!("{text}, created {day}");
    }
    if !encoding.is_empty() {
        text = format!("{text}, written as {}", layers(encoding));
    }
    match hit.member(label) {
        "" => text,
        member => format!("{text}, in {}", visible(member)),
    }
}

/// Returns the encodings in words, innermost first.
fn layers(encoding: &[Encoding]) -> String {
    encoding.iter().rev().map(|layer| layer.as_str()).collect::<Vec<_>>().join(" in ")
}

/// Returns what is shown about a place, as Markdown. `revocation` is how its credential is revoked.
pub fn hover(hit: &Hit, rule: Option<&Rule>, revocation: Option<&Revocation>) -> String {
    let finding = &hit.finding;
    let name = rule.map_or(finding.rule_id.as_str(), |rule| rule.name.as_str());
    let mut lines = vec![
        format!("**{}** (`{}`, {})", marked(name), finding.rule_id, finding.severity.as_str()),
        String::new(),
    ];
    lines.push(marked(&finding.message));
    lines.push(String::new());
    let mut fact = |name: &str, value: &str| lines.push(format!("- {name}: {value}"));
    fact("Secret", &code(&finding.secret.masked()));
    if let Some(key) = &finding.key {
        fact("Key id", &code(key.as_str()));
        fact(
            "Created",
            &key.created_day().unwrap_or_else(|| "unknown: the id holds no plausible date".to_owned()),
        );
    }
    if !finding.encoding.is_empty() {
        fact("Written as", &layers(&finding.encoding));
    }
    if let Some(original) = &finding.original {
        fact("In the original source", &code(&format!("{}:{}", original.path, original.line)));
    }
    if let Some(within) = &finding.within {
        fact("In the structure of the file", &code(within));
    }
    if let Some(rule) = rule {
        lines.extend([String::new(), format!("**What it opens:** {}", marked(&rule.summary))]);
        lines.extend([String::new(), format!("**What to do:** {}", marked(&rule.fix))]);
    }
    if let Some(Revocation { title, lines: steps, link }) = revocation {
        lines.extend([String::new(), format!("**How to revoke it:** {}", marked(title)), String::new()]);
        lines.extend(steps.iter().map(|step| format!("- {}", marked(step))));
        lines.extend(link.iter().map(|link| format!("- <{link}>")));
    }
    if let Some(rule) = rule.filter(|rule| !rule.docs.is_empty()) {
        lines.extend([String::new(), format!("[Documentation of the rule](<{}>)", marked(&rule.docs))]);
    }
    lines.join("\n")
}

/// Returns text for Markdown: visible, and without markup.
fn marked(text: &str) -> String {
    let mut out = String::new();
    for char in visible(text).chars() {
        if matches!(char, '<' | '>' | '[' | ']' | '`' | '*' | '\\') {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

/// Returns text as code in Markdown.
fn code(text: &str) -> String {
    format!("`{}`", visible(text).replace('`', "'"))
}

/// Returns the edit that replaces a secret with its masked form; `None` if the text does not hold it as it is.
pub fn masked_edit(hit: &Hit, text: &Text) -> Option<(Edit, String)> {
    let (start, part) = text.part(&hit.at);
    let Finding { secret, encoding, .. } = &*hit.finding;
    let is_plain = encoding.is_empty() && part == secret.expose() && !secret.is_public();
    (is_plain && !hit.is_inside && !hit.finding.is_about_suppression()).then(|| {
        // A literal of bytes has ASCII only.
        let new = secret.masked().replace('…', "...");
        (Edit { start, old_end: hit.at.end, new_end: start + new.len() }, new)
    })
}
