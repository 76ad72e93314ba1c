//! YAML: values, commands of CI services, and block scalars.

use std::sync::LazyLock;

use regex::Regex;

use super::names::Known;
use super::shell::{Quoting, quoting};
use super::{ByHand, Edit, Hit, Source, code, documents};

const SECRET: &str = "a Kubernetes Secret: make it from a secret store, not from a file";
const TEXT: &str = "it is in a text within the document, in which nothing replaces variables";
const ACTION: &str = "an action has no secrets: make it an input";

/// Matches the header of a block scalar, `key: |`. Group 1 is the key.
static BLOCK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:- +)*(?:([\w./-]+):)?\s*[|>][-+0-9]*\s*(?:#.*)?$").ok());
/// Keys whose values are shell commands.
static COMMAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:run|script|command|commands|cmd|cmds|before_script|after_script|install|build|test|deploy)$",
    )
    .ok()
});
static KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\s*(?:- +)*["']?([\w./-]+)["']?\s*:"#).ok());
static FALLBACK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\$\{\w+(:?-["']?)$"#).ok());
static EXPRESSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$\{\{\s*[\w.]+(\s*\|\|\s*')$").ok());
static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\s*)value:\s*[\x22']?$").ok());

/// The program that reads a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Workflow,
    Action,
    Compose,
    Kubernetes,
    OpenApi,
    Other,
}

impl Reader {
    fn of(source: &Source<'_>) -> Self {
        let file = source.path.rsplit('/').next().unwrap_or_default();
        let has = |key: &str| source.content.lines().any(|line| line.starts_with(key));
        match file {
            _ if source.path.contains(".github/workflows/") || has("on:") && has("jobs:") => Self::Workflow,
            "action.yml" | "action.yaml" if has("runs:") => Self::Action,
            _ if file.contains("compose") || has("services:") => Self::Compose,
            _ if has("apiVersion:") && has("kind:") => Self::Kubernetes,
            _ if has("openapi:") || has("swagger:") => Self::OpenApi,
            _ => Self::Other,
        }
    }
}

/// Returns the edits. The reader of the document must expand variables, as CI services and Compose do.
pub(super) fn edits(source: &Source<'_>, hits: &[Hit<'_>], known: &mut Known) -> Result<Vec<Edit>, ByHand> {
    let hit = &hits[0];
    let reader = Reader::of(source);
    let before = source.line_before(hit.at.start);
    if is_comment(before) || reader == Reader::OpenApi {
        return Ok(documents::placeholders(hits));
    }
    if source.content.lines().any(|line| line.trim_end() == "kind: Secret") {
        return Err(SECRET.into());
    }
    if let Some(edit) = fallback(source, hit) {
        return Ok(vec![edit]);
    }
    let replaced =
        |known: &mut Known, text: &dyn Fn(&str) -> String| code::replaced(source, hits, known, text);
    match reader {
        Reader::Workflow => {
            let quote = if is_bare(source, hit) && block(source, hit).is_none() { "\"" } else { "" };
            Ok(replaced(known, &|name| format!("{quote}${{{{ secrets.{name} }}}}{quote}")))
        }
        Reader::Action => Err(ByHand::new(ACTION, source.line_with(&hit.at, "${{ inputs.telnyx-api-key }}"))),
        Reader::Kubernetes if VALUE.as_ref().is_some_and(|regex| regex.is_match(before)) => {
            Ok(vec![secret_reference(source, hit, known)])
        }
        _ => {
            let (open, close) = quotes(source, hit, reader)?;
            Ok(replaced(known, &|name| format!("{open}${{{name}}}{close}")))
        }
    }
}

/// Returns whether `before`, the line before a secret, starts a comment outside of quotes.
fn is_comment(before: &str) -> bool {
    let at = match before.find(" #") {
        _ if before.trim_start().starts_with('#') => return true,
        Some(at) => at,
        None => return false,
    };
    ['"', '\''].iter().all(|&quote| before[..at].matches(quote).count().is_multiple_of(2))
}

/// Returns the text before and after the variable in the replacement of the secret.
fn quotes(
    source: &Source<'_>,
    hit: &Hit<'_>,
    reader: Reader,
) -> Result<(&'static str, &'static str), ByHand> {
    let before = source.line_before(hit.at.start);
    let is_command = |key: &str| COMMAND.as_ref().is_some_and(|regex| regex.is_match(key));
    if let Some(block) = block(source, hit) {
        // Compose expands variables before anything else.
        if reader == Reader::Compose {
            return Ok(("", ""));
        }
        if !is_command(&block.key) {
            return Err(TEXT.into());
        }
        return match quoting(&source.content[block.start..], hit.at.start - block.start) {
            Quoting::Single(_) => Ok(("'\"", "\"'")),
            Quoting::Raw { .. } => Err(TEXT.into()),
            _ => Ok(("", "")),
        };
    }
    if is_bare(source, hit) {
        return Ok(("\"", "\""));
    }
    if reader != Reader::Other || !is_command(&key_of(source, hit)) {
        return Ok(("", ""));
    }
    let item = before.trim_start().trim_start_matches("- ");
    let key = KEY.as_ref().and_then(|regex| regex.find(item)).map_or(0, |found| found.end());
    let value = item[key..].trim_start();
    // Undo the quotes and escapes of YAML, and choose how to close single quotes of the shell within them.
    let (command, marks) = match value.chars().next() {
        Some('"') => (value[1..].replace("\\\"", "\"").replace("\\\\", "\\"), ("'\\\"", "\\\"'")),
        Some('\'') => (value[1..].replace("''", "'"), ("''\"", "\"''")),
        _ => (value.to_owned(), ("'\"", "\"'")),
    };
    // Append a single quote: it must be recognized as an end quote.
    match quoting(&format!("{command}x'"), command.len()) {
        Quoting::Single(_) => Ok(marks),
        _ => Ok(("", "")),
    }
}

/// Returns the key of the value that contains the secret, which may be on an earlier line.
fn key_of(source: &Source<'_>, hit: &Hit<'_>) -> String {
    let key = |line: &str| Some(KEY.as_ref()?.captures(line)?.get(1)?.as_str().to_owned());
    let own = source.line_before(hit.at.start);
    let is_item = own.trim_start().starts_with("- ") && key(own).is_none();
    let above = source.content[..hit.at.start - own.len()].lines().rev();
    let parent =
        || above.into_iter().find(|line| !line.trim_start().starts_with("- ") && !line.trim().is_empty());
    if is_item { parent().and_then(key) } else { key(own) }.unwrap_or_default()
}

/// Returns whether the secret is a whole unquoted value.
fn is_bare(source: &Source<'_>, hit: &Hit<'_>) -> bool {
    let (before, after) = (source.line_before(hit.at.start), source.line_after(hit.at.end));
    let starts = before.ends_with(": ")
        || before.trim().is_empty()
        || before.trim_end().ends_with(['-', '[', '{', ',', ':']) && before.ends_with(' ')
        || before.ends_with('[');
    let rest = after.trim_start();
    let is_flow = before.contains(['[', '{']);
    starts
        && (rest.is_empty()
            || rest.starts_with('#') && after.starts_with(' ')
            || is_flow && rest.starts_with([',', ']', '}']))
}

/// A block scalar.
struct Block {
    key: String,
    /// Offset of its first line.
    start: usize,
}

/// Returns the block scalar that contains the secret: its header is an earlier, less indented line.
fn block(source: &Source<'_>, hit: &Hit<'_>) -> Option<Block> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = source.line_before(hit.at.start);
    let mut depth = indent(own);
    let mut end = hit.at.start - own.len();
    for line in source.content[..end].split_inclusive('\n').rev() {
        let start = end - line.len();
        let text = line.trim_end();
        if !text.trim().is_empty() && indent(text) < depth {
            depth = indent(text);
            if let Some(found) = BLOCK.as_ref().and_then(|regex| regex.captures(text)) {
                let key = found.get(1).map_or("", |key| key.as_str()).to_owned();
                return Some(Block {
                    key: if key.is_empty() { "script".to_owned() } else { key },
                    start: end,
                });
            }
        }
        end = start;
    }
    None
}

/// Deletes the fallback in `${NAME:-…}` or `${{ … || '…' }}`.
fn fallback(source: &Source<'_>, hit: &Hit<'_>) -> Option<Edit> {
    let before = source.line_before(hit.at.start);
    let start = hit.at.start - before.len();
    let rest = source.content[hit.at.end..].trim_start_matches(['"', '\'']);
    let end = source.content.len() - rest.len();
    let group =
        |regex: &LazyLock<Option<Regex>>| Some(start + regex.as_ref()?.captures(before)?.get(1)?.start());
    let from = match rest.starts_with('}') {
        true => group(&FALLBACK)?,
        false => group(&EXPRESSION).filter(|_| rest.trim_start().starts_with("}}"))?,
    };
    Some(Edit { span: from..end, text: String::new() })
}

/// Replaces `value: …` of a container with a reference to a Secret.
fn secret_reference(source: &Source<'_>, hit: &Hit<'_>, known: &mut Known) -> Edit {
    let before = source.line_before(hit.at.start);
    let indent = &before[..before.len() - before.trim_start().len()];
    let above = source.content[..hit.at.start - before.len()].lines().next_back().unwrap_or_default();
    let above = above.trim_start().trim_start_matches("- ").strip_prefix("name:").unwrap_or_default();
    let key = match above.trim().trim_matches(['"', '\'']) {
        "" => code::name(source, hit, known),
        name => name.to_owned(),
    };
    let text = format!(
        "{indent}valueFrom:\n{indent}  secretKeyRef:\n{indent}    name: telnyx\n{indent}    key: {key}"
    );
    let end = hit.at.end + source.line_after(hit.at.end).len();
    Edit { span: hit.at.start - before.len()..end, text }
}
