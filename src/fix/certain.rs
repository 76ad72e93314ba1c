//! Whether a string stands where any expression may stand, alone: its neighbours tell.

use std::sync::LazyLock;

use regex::Regex;

use super::syntax::{Literal, Spot, spot};
use super::{Hit, Language, Reason};

const PART: Reason = "it is only a part of a string: put the string together from the variable";
const PLACE: Reason = "it stands where a look-up is not certain to mean the same";
const CONSTANT: Reason =
    "a constant must be known when the program is built: read the variable where it is used";
const TEST: Reason = "it stands in a test: make up a value that is no credential";
const COMMENT: Reason = "it stands in a comment: delete it there";
const FALLBACK: Reason = "it is the fallback of a look-up: delete the fallback";

/// The string that is the credential and nothing else.
pub(super) fn literal(hit: &Hit<'_>) -> Result<Literal, Reason> {
    let start = match hit.language {
        Language::Php => hit.content.find("<?php").unwrap_or(hit.content.len()).min(hit.at.0),
        _ => 0,
    };
    let line = hit.content[..hit.at.0].rfind('\n').map_or(0, |at| at + 1);
    let whole = spot(hit.content, hit.language, start, hit.at.0);
    match whole {
        Spot::Comment => Err(COMMENT),
        Spot::Code => Err("it stands in no string"),
        Spot::String(literal) if literal.inner != hit.span() => Err(PART),
        // A second reading, from the line's beginning, guards against a first one that went astray.
        Spot::String(literal)
            if spot(hit.content, hit.language, line, hit.at.0) != Spot::String(literal.clone()) =>
        {
            Err(PLACE)
        }
        Spot::String(literal) if literal.whole.len() - literal.inner.len() > 2 => {
            Err("it stands in a text of several lines: put the text together from the variable")
        }
        Spot::String(literal) => Ok(literal),
    }
}

/// A look-up whose default the literal is.
static LOOK_UP: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:env(?:iron)?\b|getenv|env\.fetch|environ\.get)[^;]*,\s*$").ok());
static ASSERTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:assert\w*|expect\w*|should\w*|verify)\b|\.to(?:Be|Equal)\b").ok());
/// What must be constant, by language.
static CONSTANTS: LazyLock<Option<[Regex; 4]>> = LazyLock::new(|| {
    let all = [
        r"@\w+\s*\(|\b(?:case)\b",
        r"\bconst\b|^\s*\[",
        r"\bconst\b|\b(?:public|private|protected|var|static)\b[^;(]*\$\w+\s*=|\b(?:function|fn)\b",
        r"\b(?:const|static)\b",
    ];
    let [a, b, c, d] = all.map(|text| Regex::new(text).ok());
    Some([a?, b?, c?, d?])
});

/// Whether the whole of `literal` may become an expression.
pub(super) fn place(hit: &Hit<'_>, literal: &Literal) -> Result<(), Reason> {
    let line = hit.line_before(literal.whole.start);
    let is = |regex: &LazyLock<Option<Regex>>| regex.as_ref().is_some_and(|regex| regex.is_match(line));
    if is(&LOOK_UP) {
        return Err(FALLBACK);
    }
    if is(&ASSERTION) {
        return Err(TEST);
    }
    constant(hit, line)?;
    if !may_stand_before(hit, literal) || !may_stand_behind(hit, literal) {
        return Err(PLACE);
    }
    Ok(())
}

fn constant(hit: &Hit<'_>, line: &str) -> Result<(), Reason> {
    let Some([annotation, csharp, php, rust]) = CONSTANTS.as_ref() else { return Err(PLACE) };
    let before = &hit.content[..hit.at.0];
    let must = match hit.language {
        Language::Java => annotation.is_match(line),
        Language::Kotlin => annotation.is_match(line) || csharp.is_match(line),
        Language::CSharp => csharp.is_match(line) || is_default_value(line),
        Language::Php => php.is_match(line) || before.rfind("?>") > before.rfind("<?php"),
        Language::Rust => rust.is_match(line),
        Language::Go => line.trim_start().starts_with("const") || in_const_block(before),
        _ => false,
    };
    if must { Err(CONSTANT) } else { Ok(()) }
}

/// In a list of parameters: a type, a name, `=`.
fn is_default_value(line: &str) -> bool {
    let Some(open) = line.rfind('(') else { return false };
    !line[open..].contains([')', '{', '"'])
        && line.trim_end().ends_with('=')
        && line[open..].trim().contains(' ')
}

/// In Go, within `const ( … )`.
fn in_const_block(before: &str) -> bool {
    let open = before.rfind("const (");
    open.is_some_and(|open| !before[open..].contains("\n)"))
}

fn may_stand_before(hit: &Hit<'_>, literal: &Literal) -> bool {
    let text = hit.content[..literal.whole.start].trim_end();
    let tight = text.len() == literal.whole.start;
    let word = text.len() - text.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
    if word > 0 {
        return !tight && &text[text.len() - word..] == "return";
    }
    let Some(last) = text.chars().last() else { return false };
    let two = text.get(text.len().saturating_sub(2)..).unwrap_or_default();
    let operator = ["==", "!=", "<=", ">=", "+=", "=~", "-=", "*=", "::", "|=", ".="].contains(&two);
    match last {
        '=' if operator => false,
        '=' => !(tight && is_markup(hit, text)),
        '>' => two == "=>" && hit.language != Language::TypeScript,
        ':' => two != "::" && !matches!(hit.language, Language::Java | Language::Kotlin | Language::Rust),
        '(' | ',' | '[' => true,
        '{' => matches!(hit.language, Language::Go | Language::Java | Language::CSharp),
        _ => false,
    }
}

/// `<Widget key="…">`: an attribute is no expression.
fn is_markup(hit: &Hit<'_>, text: &str) -> bool {
    let script = matches!(hit.language, Language::JavaScript | Language::TypeScript);
    let line = &text[text.rfind('\n').map_or(0, |at| at + 1)..];
    script && (hit.path.ends_with('x') || line.contains('<'))
}

fn may_stand_behind(hit: &Hit<'_>, literal: &Literal) -> bool {
    let rest = hit.content[literal.whole.end..].trim_start_matches([' ', '\t', '\r']);
    match rest.chars().next() {
        None => true,
        Some(',' | ')' | ']' | '}' | ';') => true,
        Some('\n' | '#') => goes_not_on(rest),
        Some('/') => rest.starts_with("//") && goes_not_on(rest),
        _ => false,
    }
}

/// Whether the next line of code begins a statement of its own or closes a bracket.
fn goes_not_on(rest: &str) -> bool {
    let is_code = |line: &&str| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#') && !line.starts_with("//")
    };
    let next = rest.split('\n').skip(1).find(is_code).unwrap_or_default().trim_start();
    !next.starts_with([
        '+', '.', '%', '"', '\'', '`', '[', '(', '{', '?', ':', '&', '|', '*', '-', '<', '=', '\\',
    ])
}
