//! Additional edits that an edit requires in its file: an import in Python, Go and Swift, a declaration in Terraform.

use std::sync::LazyLock;

use regex::Regex;

use super::names::Known;
use super::{Edit, Language, Source};

/// Adds the required imports and declarations to `edits`.
pub(super) fn add(source: &Source<'_>, edits: &mut Vec<Edit>, known: &mut Known) {
    let reads = |look_up: &str| edits.iter().any(|edit| edit.text.contains(look_up));
    match source.language {
        Some(Language::Python) if reads("os.environ[") => edits.extend(python(source.content)),
        Some(Language::Go) if reads("os.Getenv(") => edits.extend(go(source.content)),
        Some(Language::Swift) if reads("ProcessInfo.") => edits.extend(swift(source.content)),
        Some(Language::Terraform) => terraform(source.path, source.content, edits, known),
        _ => {}
    }
}

fn insertion(at: usize, text: impl Into<String>) -> Edit {
    Edit { span: at..at, text: text.into() }
}

static FOUNDATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s*(?:@\w+\s+)*import\s+(?:Foundation|UIKit|SwiftUI|AppKit|Cocoa|WatchKit|Combine)\b")
        .ok()
});
static IMPORT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?m)^import\s+\w+").ok());

/// Inserts `import Foundation` before the first import, or after the leading comments.
fn swift(content: &str) -> Option<Edit> {
    if FOUNDATION.as_ref().is_none_or(|regex| regex.is_match(content)) {
        return None;
    }
    if let Some(found) = IMPORT.as_ref().and_then(|regex| regex.find(content)) {
        return Some(insertion(found.start(), "import Foundation\n"));
    }
    let is_comment = |line: &&str| line.trim().is_empty() || line.starts_with("//") || line.starts_with("#!");
    let at: usize = content.split_inclusive('\n').take_while(is_comment).map(str::len).sum();
    Some(insertion(at, "import Foundation\n\n"))
}

static IMPORT_OS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^import[ \t]+(?:[\w. \t]+,[ \t]*)*os[ \t]*(?:,|;|#|\r?$)").ok());

/// Inserts `import os` after the leading comments, the docstring and imports from `__future__`, which must be first.
fn python(content: &str) -> Option<Edit> {
    if IMPORT_OS.as_ref().is_none_or(|regex| regex.is_match(content)) {
        return None;
    }
    let mut at = after_comments(content, 0);
    if let Some(end) = docstring(content, at) {
        at = after_comments(content, end);
    }
    let mut after_future = None;
    while content[at..].starts_with("from __future__") {
        let line = next_line(content, at);
        let end = match content[at..line].contains('(') {
            true => next_line(content, at + content[at..].find(')')?),
            false => line,
        };
        after_future = Some(end);
        at = after_comments(content, end);
    }
    let at = after_future.unwrap_or(at);
    let ending = if content.contains("\r\n") { "\r\n" } else { "\n" };
    let separate = if content[..at].is_empty() || content[..at].ends_with('\n') { "" } else { ending };
    Some(insertion(at, format!("{separate}import os{ending}")))
}

fn next_line(content: &str, at: usize) -> usize {
    content[at..].find('\n').map_or(content.len(), |end| at + end + 1)
}

/// Returns the start of the first line from `at` that is neither empty nor a comment.
fn after_comments(content: &str, mut at: usize) -> usize {
    if at == 0 && content.starts_with('\u{feff}') {
        at = '\u{feff}'.len_utf8();
    }
    while at < content.len() {
        let end = next_line(content, at);
        let line = content[at..end].trim();
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
        at = end;
    }
    at
}

/// Returns the start of the line after the docstring at `at`.
fn docstring(content: &str, at: usize) -> Option<usize> {
    let rest = &content[at..];
    let text = rest.strip_prefix(['r', 'R', 'u', 'U']).unwrap_or(rest);
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| text.starts_with(quote))?;
    let inner = &text[quote.len()..];
    let end = inner.find(quote)? + quote.len();
    let after = content.len() - inner.len() + end;
    Some(next_line(content, after))
}

/// Inserts `"os"` into the imports in gofmt's order.
fn go(content: &str) -> Option<Edit> {
    let lines = || {
        content.split_inclusive('\n').scan(0, |at, line| {
            *at += line.len();
            Some((*at - line.len(), line))
        })
    };
    let path = |line: &str| line.split('"').nth(1).map(str::to_owned);
    let mut in_block = false;
    let mut after = None;
    for (at, line) in lines() {
        let text = line.trim();
        let is_import = in_block || text.starts_with("import ");
        if is_import
            && path(text).as_deref() == Some("os")
            && text.trim_start_matches("import ").starts_with('"')
        {
            return None;
        }
        if text.starts_with("import (") {
            (in_block, after) = (true, Some((at + line.len(), true)));
        } else if in_block && text.starts_with(')') {
            in_block = false;
        } else if in_block && path(text).is_some_and(|path| path.as_str() < "os" && !path.contains('.')) {
            after = Some((at + line.len(), true));
        } else if !in_block
            && (text.starts_with("import ") || after.is_none() && text.starts_with("package "))
        {
            after = Some((at + line.len(), false));
        }
    }
    let (at, block) = after?;
    let after_package = !content[..at].contains("\nimport ") && !content[..at].starts_with("import ");
    Some(match (block, after_package) {
        (true, _) => insertion(at, "\t\"os\"\n"),
        (false, false) => insertion(at, "import \"os\"\n"),
        (false, true) => insertion(at, "\nimport \"os\"\n"),
    })
}

static READ: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bvar\.(\w+)").ok());

/// Declares the variables that the edits read at the end of the file, unless a file of the directory declares them.
fn terraform(path: &str, content: &str, edits: &mut Vec<Edit>, known: &mut Known) {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    known.declare_in(folder, content);
    let mut text = String::new();
    for name in edits.iter().filter_map(|edit| Some(READ.as_ref()?.captures(&edit.text)?.get(1)?.as_str())) {
        if known.declares(folder, name) {
            text += &format!("\nvariable \"{name}\" {{\n  type      = string\n  sensitive = true\n}}\n");
        }
    }
    if !text.is_empty() {
        let separate = if content.ends_with('\n') { "" } else { "\n" };
        edits.push(insertion(content.len(), format!("{separate}{text}")));
    }
}
