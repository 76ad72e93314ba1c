//! The context of a literal: whether an expression may replace it, and whether the expression needs parentheses.

use std::sync::LazyLock;

use regex::Regex;

use super::lex::Literal;
use super::{ByHand, Language, Source};

/// Maximum number of bytes searched before a literal for the start of its statement.
const MAX_STATEMENT_BYTES: usize = 64 << 10;

/// What a literal is replaced with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Expression,
    /// A JSX attribute: the expression needs braces.
    Attribute,
    /// A key in a JavaScript object: the expression needs brackets.
    Key,
    /// Documentation of the code.
    Documentation,
}

pub(super) const TEST: &str = "it is in a test: make up a value that is not a credential";
const KIND: &str = "this kind of string cannot be replaced";
const TYPE: &str = "a type cannot be read from the environment";
const CASE: &str = "a pattern must be known when the program is built: compare with the variable instead";

static ASSERTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*(?:assert\w*|expect\w*|verify)\b|\b(?:assert\w*|expect|should\w*)[.(]|\.to(?:Be|Equal)\b",
    )
    .ok()
});

/// Returns the context of `literal`, or the reason why an expression cannot replace it.
pub(super) fn of(source: &Source<'_>, literal: &Literal) -> Result<Place, ByHand> {
    let before = before(source, literal);
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    if ASSERTION.as_ref().is_some_and(|regex| regex.is_match(line)) {
        return Err(TEST.into());
    }
    match source.language {
        Some(Language::JavaScript | Language::TypeScript) => script(source, literal),
        Some(Language::Python) if is_statement(source, literal) => Ok(Place::Documentation),
        Some(Language::Python | Language::Java | Language::CSharp) if last_word(before) == "case" => {
            Err(CASE.into())
        }
        Some(Language::Go) if is_import_or_tag(source, literal) => Err(KIND.into()),
        Some(Language::Ruby) if is_symbol(source, literal) => Err("a symbol cannot be replaced".into()),
        Some(Language::Ruby) if literal.quote.prefix > 0 && literal.quote.hole.is_empty() => Err(KIND.into()),
        Some(Language::Rust | Language::Java | Language::Go | Language::CSharp)
            if literal.quote.close == "'" =>
        {
            Err(KIND.into())
        }
        _ => Ok(Place::Expression),
    }
}

fn script(source: &Source<'_>, literal: &Literal) -> Result<Place, ByHand> {
    let text = before(source, literal);
    let trimmed = text.trim_end();
    let tight = trimmed.len() == text.len();
    if matches!(last_word(text), "from" | "import" | "module") && literal.quote.close != "`" {
        return Err(KIND.into());
    }
    if literal.quote.close == "`" && tight && is_tag(trimmed) {
        return Err("a tag handles the parts of this template: pass the value to it".into());
    }
    if literal.quote.close != "`" && tight && is_attribute(trimmed) {
        return Ok(Place::Attribute);
    }
    if source.is(&[Language::TypeScript])
        && let Some(reason) = type_script(source, literal)
    {
        return Err(reason.into());
    }
    let is_key = after(source, literal).trim_start().starts_with(':') && trimmed.ends_with(['{', ',']);
    if is_key && header(text, literal.whole.start).is_some() { Ok(Place::Key) } else { Ok(Place::Expression) }
}

/// Returns the reason if the literal is a TypeScript type or enum member.
fn type_script(source: &Source<'_>, literal: &Literal) -> Option<&'static str> {
    let text = before(source, literal);
    let trimmed = text.trim_end();
    let rest = after(source, literal).trim_start();
    let statement = &text[statement_start(source, literal.whole.start)..];
    let is_union = trimmed.ends_with('|') && !trimmed.ends_with("||")
        || rest.starts_with('|') && !rest.starts_with("||");
    let header = header(text, literal.whole.start).unwrap_or_default();
    let is = |regex: &LazyLock<Option<Regex>>| regex.as_ref().is_some_and(|regex| regex.is_match(header));
    let is_alias = statement.trim_start().trim_start_matches("export ").starts_with("type ");
    if is_alias || is_union || last_word(text) == "extends" || is(&INTERFACE) && trimmed.ends_with(':') {
        return Some(TYPE);
    }
    is(&ENUM).then_some("an enum must be known when the program is built: use an object")
}

static INTERFACE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\binterface\s+\w+[^=]*$|\btype\s+\w+[^=]*=[^(]*$").ok());
static ENUM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\benum\s+\w+\s*$").ok());
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"<[A-Za-z][\w.]*(?:\s+[\w:-]+(?:=(?:\x22+|\{\}))?|\s*\{\})*\s+[\w:-]+=$").ok()
});

fn is_tag(before: &str) -> bool {
    before.ends_with([')', ']'])
        || !matches!(
            last_word(before),
            "" | "return"
                | "case"
                | "typeof"
                | "in"
                | "of"
                | "default"
                | "await"
                | "yield"
                | "throw"
                | "else"
                | "new"
        )
}

/// Returns whether `before` ends with an attribute in a JSX tag, up to its `=`.
fn is_attribute(before: &str) -> bool {
    if !before.ends_with('=') {
        return false;
    }
    let from = floor(before, before.len().saturating_sub(4096));
    let Some(open) = before[from..].rfind('<').map(|at| from + at) else { return false };
    // The last `<` may be inside the braces of an earlier attribute.
    let starts = before[from..=open].rmatch_indices('<').map(|(at, _)| from + at).take(8);
    starts
        .into_iter()
        .any(|start| TAG.as_ref().is_some_and(|regex| regex.is_match(&without_braces(&before[start..]))))
}

/// Returns `text` without the parts in braces.
fn without_braces(text: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '}' {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            out.push(c);
        }
        if c == '{' {
            depth += 1;
        }
    }
    out
}

/// Returns the nearest character boundary at or before `at`.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Returns whether the literal is an import path or a struct tag in Go.
fn is_import_or_tag(source: &Source<'_>, literal: &Literal) -> bool {
    let text = before(source, literal);
    let word = last_word(text);
    let tags = !word.is_empty() && !matches!(word, "return" | "case" | "range" | "go" | "defer");
    let line = &text[text.rfind('\n').map_or(0, |at| at + 1)..];
    let list = openers(text, text.len()).first().is_some_and(|&open| last_word(&text[..open]) == "import");
    tags || list || line.trim_start().starts_with("import ")
}

/// Matches `:"…"` and `"…":`.
fn is_symbol(source: &Source<'_>, literal: &Literal) -> bool {
    let text = before(source, literal);
    let after = after(source, literal);
    text.ends_with(':') && !text.ends_with("::") || after.starts_with(':') && !after.starts_with("::")
}

/// Returns whether a Python literal is a statement by itself.
fn is_statement(source: &Source<'_>, literal: &Literal) -> bool {
    let text = before(source, literal);
    let line = &text[text.rfind('\n').map_or(0, |at| at + 1)..];
    let after = after(source, literal);
    let first = after.trim_start_matches([' ', '\t', '\r']);
    line.trim().is_empty()
        && (first.is_empty() || first.starts_with('\n'))
        && openers(text, text.len()).is_empty()
        && !text.trim_end().ends_with(['\\', '=', '+', '(', ','])
}

/// Returns the code before a literal, with other literals and comments masked.
pub(super) fn before<'a>(source: &'a Source<'_>, literal: &Literal) -> &'a str {
    &source.lexed.masked()[..literal.whole.start]
}

/// Returns the code after a literal, masked likewise.
pub(super) fn after<'a>(source: &'a Source<'_>, literal: &Literal) -> &'a str {
    &source.lexed.masked()[literal.whole.end..]
}

/// Returns the last word of `text`, ignoring trailing blanks.
pub(super) fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
    &text[start.len()..]
}

/// Returns the offsets of the brackets open at `at`, innermost first.
pub(super) fn openers(masked: &str, at: usize) -> Vec<usize> {
    let bytes = masked.as_bytes();
    let mut depth = 0_usize;
    let mut all = Vec::new();
    let mut pos = at;
    while pos > at.saturating_sub(MAX_STATEMENT_BYTES) && all.len() < 16 {
        pos -= 1;
        match bytes[pos] {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth == 0 => all.push(pos),
            b'(' | b'[' | b'{' => depth -= 1,
            _ => {}
        }
    }
    all
}

/// Returns the text of the line before the innermost open bracket at `at`, if that is a brace.
pub(super) fn header(masked: &str, at: usize) -> Option<&str> {
    let open = openers(masked, at).into_iter().next().filter(|&open| masked.as_bytes()[open] == b'{')?;
    let text = &masked[..open];
    let start = text.trim_end().rfind(['\n', ';', '{', '}']).map_or(0, |at| at + 1);
    Some(text[start..].trim_end())
}

/// Returns the start of the statement that contains `at`.
pub(super) fn statement_start(source: &Source<'_>, at: usize) -> usize {
    let masked = source.lexed.masked();
    let by_line = source.is(&[Language::Go, Language::Kotlin, Language::Swift, Language::Ruby]);
    let (mut depth, mut open) = (0_usize, false);
    let mut pos = at;
    while pos > at.saturating_sub(MAX_STATEMENT_BYTES) {
        match masked.as_bytes()[pos - 1] {
            b'{' | b'}' | b';' if depth == 0 => break,
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' if depth == 0 => open = true,
            b'(' | b'[' | b'{' => depth -= 1,
            b'\n' if by_line && depth == 0 && !open && !masked[pos..at].trim().is_empty() => break,
            _ => {}
        }
        pos -= 1;
    }
    floor(masked, pos)
}

/// Returns whether an expression with an operator of lower precedence than a call can replace the literal without
/// parentheses.
pub(super) fn is_loose(source: &Source<'_>, literal: &Literal, operator: &str) -> bool {
    let text = before(source, literal).trim_end();
    let rest = after(source, literal);
    let is_sum = |c: char| operator.trim() == c.to_string();
    let word = last_word(text);
    let left = match text.chars().next_back() {
        None => true,
        Some(_) if !word.is_empty() => {
            matches!(word, "return" | "echo" | "print" | "yield" | "throw" | "puts" | "raise")
        }
        Some('>') => text.ends_with("=>"),
        Some('=') => operator.trim() != "??" || !text.ends_with("=="),
        Some(c) => "([{,;:?".contains(c) || is_sum(c),
    };
    let right = match rest.trim_start().chars().next() {
        None => true,
        Some(':') => !rest.trim_start().starts_with("::"),
        Some('.') => operator.trim() == ".",
        Some(c) if is_sum(c) => true,
        Some(c) => {
            ")]},;".contains(c)
                || rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n') && !"[.%*(/-?".contains(c)
        }
    };
    left && right
}

/// Returns whether an adjacent literal is implicitly concatenated with it.
pub(super) fn is_joined(source: &Source<'_>, literal: &Literal) -> bool {
    let joins = source.is(&[Language::Python, Language::Ruby, Language::Dart]);
    let (text, rest) = (before(source, literal), after(source, literal));
    let (text, rest) = match source.language {
        // In Ruby, a line end ends the statement, unless a backslash precedes it.
        Some(Language::Ruby) => {
            let (text, rest) = (text.trim_end_matches([' ', '\t']), rest.trim_start_matches([' ', '\t']));
            let above = text.strip_suffix("\\\n").map_or(text, |text| text.trim_end_matches([' ', '\t']));
            (above, rest.strip_prefix("\\\n").map_or(rest, str::trim_start))
        }
        _ => (text.trim_end(), rest.trim_start()),
    };
    joins && (text.ends_with('"') || rest.starts_with('"'))
}
