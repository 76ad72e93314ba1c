//! Literals that are the fallback of a look-up (`process.env.X || '…'`): deletes the fallback.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::lex::Literal;
use super::{Edit, Language, Source};

/// Patterns of a language for a look-up with a fallback. Both match up to the start of the literal.
struct Forms {
    /// A look-up before an operator; group 1 is the look-up.
    operator: Option<Regex>,
    /// A look-up with the literal as an argument; group 1 ends before the comma.
    argument: Option<Regex>,
}

const NAME: &str = r#"\s*["'][\w.:]+["']\s*"#;

/// Returns the pattern sources of a language: for look-ups with an operator, and for calls with an argument.
fn patterns(language: Language) -> (Option<String>, Option<String>) {
    let operator = |look_up: &str, operators: &str| Some(format!(r"((?:{look_up}))\s*(?:{operators})\s*$"));
    let argument = |function: &str, label: &str| Some(format!(r"(\b(?:{function})\({NAME}),\s*{label}$"));
    match language {
        Language::JavaScript | Language::TypeScript => (
            operator(
                &format!(
                    r"process\.env\.\w+!?|process\.env\[{NAME}\]!?|import\.meta\.env\.\w+|(?:Deno|Bun)\.env\.(?:get\({NAME}\)|\w+)"
                ),
                r"\|\||\?\?",
            ),
            argument("env", ""),
        ),
        Language::Python => (
            operator(
                &format!(r"os\.(?:getenv|environ\.get)\({NAME}\)|\b(?:getenv|environ\.get)\({NAME}\)"),
                "or",
            ),
            argument(
                r"os\.getenv|getenv|os\.environ\.get|environ\.get|config|env|env\.str|env\.get",
                r"(?:(?:default|fallback)\s*=\s*)?",
            ),
        ),
        Language::Ruby => (operator(&format!(r"\bENV\[{NAME}\]"), r"\|\||or"), argument(r"ENV\.fetch", "")),
        Language::Php => (
            operator(
                &format!(r"\b(?:getenv|env)\({NAME}\)|\$_(?:ENV|SERVER)\[{NAME}\]"),
                r"\?:|\?\?|\|\||or",
            ),
            argument(r"env|Env::get", ""),
        ),
        Language::Kotlin => (operator(&format!(r"\bSystem\.getenv\({NAME}\)"), r"\?:"), None),
        Language::CSharp => (
            operator(
                &format!(
                    r"\b(?:System\.)?Environment\.GetEnvironmentVariable\({NAME}\)|(?i:\b\w*config\w*)\[{NAME}\]"
                ),
                r"\?\?",
            ),
            None,
        ),
        Language::Swift => (operator(&format!(r"\benvironment\[{NAME}\]"), r"\?\?"), None),
        _ => (None, None),
    }
}

static FORMS: LazyLock<HashMap<Language, Forms>> = LazyLock::new(|| {
    let compile = |text: Option<String>| text.and_then(|text| Regex::new(&text).ok());
    [
        Language::JavaScript,
        Language::TypeScript,
        Language::Python,
        Language::Ruby,
        Language::Php,
        Language::Kotlin,
        Language::CSharp,
        Language::Swift,
    ]
    .into_iter()
    .map(|language| {
        let (operator, argument) = patterns(language);
        (language, Forms { operator: compile(operator), argument: compile(argument) })
    })
    .collect()
});

/// Maximum distance in bytes from the start of the look-up to the literal.
const MAX_LOOK_UP_BYTES: usize = 400;

/// Returns the edits that delete the literal, if it is a fallback.
pub(super) fn edits(source: &Source<'_>, literal: &Literal) -> Option<Vec<Edit>> {
    let language = source.language?;
    let mut from = literal.whole.start.saturating_sub(MAX_LOOK_UP_BYTES);
    while !source.content.is_char_boundary(from) {
        from -= 1;
    }
    let before = &source.content[from..literal.whole.start];
    let after = &source.content[literal.whole.end..];
    if let Some(edit) =
        java(language, before, after, literal).or_else(|| block(language, before, after, literal))
    {
        return Some(vec![edit]);
    }
    if let Some(edit) = assignment(source, literal) {
        return Some(vec![edit]);
    }
    let forms = FORMS.get(&language)?;
    let found =
        |regex: &Option<Regex>| regex.as_ref()?.captures(before)?.get(1).map(|group| from + group.end());
    if let Some(end) = found(&forms.operator).filter(|_| ends_operand(after)) {
        let mark = if language == Language::TypeScript && is_bare(&source.content[..end]) { "!" } else { "" };
        return Some(vec![match language {
            // Its type must remain a string.
            Language::Swift => Edit { span: literal.whole.clone(), text: "\"\"".to_owned() },
            _ => Edit { span: end..literal.whole.end, text: mark.to_owned() },
        }]);
    }
    let end = found(&forms.argument)?;
    let rest = after.trim_start();
    let comma = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    let close = comma.starts_with(')').then(|| source.content.len() - comma.len())?;
    Some(vec![Edit { span: end..close, text: String::new() }])
}

/// Returns whether the operand ends here, so that no operator of higher precedence follows.
fn ends_operand(after: &str) -> bool {
    let rest = after.trim_start();
    let on_this_line = after.trim_start_matches([' ', '\t', '\r']);
    rest.is_empty()
        || on_this_line.starts_with('\n') && !rest.starts_with(['.', '[', '(', '+'])
        || rest.starts_with([')', ',', ';', ']', '}', ':', '|', '#'])
        || rest.starts_with("//")
}

/// Returns whether `text` ends with a look-up whose type may be undefined.
fn is_bare(text: &str) -> bool {
    let tail = &text[text.rfind("process.env").unwrap_or(text.len())..];
    !tail.is_empty() && !tail.ends_with('!')
}

static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"^\s*(?:process\.env\[{NAME}\]|process\.env\.\w+|os\.environ\[{NAME}\]|ENV\[{NAME}\])\s*=\s*$"
    ))
    .ok()
});

/// Returns the edit that deletes a statement which sets an environment variable, if it is on a line of its own.
fn assignment(source: &Source<'_>, literal: &Literal) -> Option<Edit> {
    let before = source.line_before(literal.whole.start);
    let rest = source.line_after(literal.whole.end).trim();
    let start = literal.whole.start - before.len();
    let above = source.lexed.masked()[..start].trim_end();
    // Otherwise it may be the only statement of a block.
    let is_free = match source.language? {
        Language::Python => !before.starts_with([' ', '\t']),
        Language::JavaScript | Language::TypeScript => above.is_empty() || above.ends_with([';', '{', '}']),
        _ => true,
    };
    if !is_free || !matches!(rest, "" | ";") || !ASSIGNMENT.as_ref()?.is_match(before) {
        return None;
    }
    let end = source.content[literal.whole.end..].find('\n');
    let end = end.map_or(source.content.len(), |end| literal.whole.end + end + 1);
    Some(Edit { span: start..end, text: String::new() })
}

static GET_OR_DEFAULT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"\bSystem\.getenv\(\)\.(getOrDefault)\({NAME},\s*$")).ok());

/// Handles `System.getenv().getOrDefault("X", "…")`.
fn java(language: Language, before: &str, after: &str, literal: &Literal) -> Option<Edit> {
    if !matches!(language, Language::Java | Language::Kotlin) || !after.trim_start().starts_with(')') {
        return None;
    }
    let found = GET_OR_DEFAULT.as_ref()?.captures(before)?;
    let start = literal.whole.start - before.len() + found.get(1)?.start();
    let call = &before[found.get(1)?.end()..];
    let name = call.trim_end().trim_end_matches(',').trim_end();
    Some(Edit { span: start..literal.whole.end, text: format!("get{name}") })
}

static BLOCK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"\bENV\.fetch\({NAME}\)(\s*\{{\s*)$")).ok());

/// Handles `ENV.fetch('X') { '…' }`.
fn block(language: Language, before: &str, after: &str, literal: &Literal) -> Option<Edit> {
    let rest = after.trim_start().strip_prefix('}').filter(|_| language == Language::Ruby)?;
    let group = BLOCK.as_ref()?.captures(before)?.get(1)?;
    let start = literal.whole.start - before.len() + group.start();
    let end = literal.whole.end + after.len() - rest.len();
    Some(Edit { span: start..end, text: String::new() })
}
