//! Expressions with a literal fallback: `process.env.X || '…'`.

use std::ops::Range;

use super::values::{Literal, argument, quoted, skip_blanks};

/// Maximum length of an expression that is searched for its fallback, in bytes.
const MAX_EXPRESSION_BYTES: usize = 240;

/// Markers after which the fallback of an expression follows.
const FALLBACK_MARKERS: [&[u8]; 10] = [
    b"||",
    b"??",
    b"?:",
    b" or ",
    b".orElse(",
    b".default(",
    b".unwrap_or(",
    b"defaultValue:",
    b"default:",
    b"default=",
];

/// Returns the literal fallback of the expression at `at`: `process.env.X || '…'`, `os.getenv("X", "…")`.
pub(super) fn fallback(text: &[u8], at: usize) -> Option<Literal> {
    let rest = &text[at..text.len().min(at + MAX_EXPRESSION_BYTES)];
    let is_expression = rest.first().is_some_and(|b| b.is_ascii_alphabetic() || b"_$@(".contains(b));
    if !is_expression {
        return None;
    }
    let end = at + expression_end(rest);
    let expression = &text[at..end];
    for mark in FALLBACK_MARKERS {
        if let Some(found) = memchr::memmem::find(expression, mark)
            && let Some(literal) = argument(text, at + found + mark.len()).filter(|one| one.span.end <= end)
        {
            return Some(literal);
        }
    }
    lookup_default(text, at..end)
}

/// Returns the length of the expression at the start of `rest`: it ends with its statement, argument or line.
fn expression_end(rest: &[u8]) -> usize {
    let mut depth = 0i32;
    let mut quote = None;
    for (at, &byte) in rest.iter().enumerate() {
        match (quote, byte) {
            (Some(mark), _) if mark == byte => quote = None,
            (_, b'\n') if depth <= 0 => return at,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => {
                depth -= 1;
                if depth < 0 {
                    return at;
                }
            }
            (None, b';') => return at,
            (None, b',') if depth == 0 => return at,
            _ => {}
        }
    }
    rest.len()
}

/// Returns the second argument of a lookup: `os.environ.get("X", "…")`.
fn lookup_default(text: &[u8], expression: Range<usize>) -> Option<Literal> {
    let open = expression.start + memchr::memchr(b'(', &text[expression.clone()])?;
    let callee = String::from_utf8_lossy(&text[expression.start..open]).to_ascii_lowercase();
    let words = ["env", "get", "config", "default", "prop", "setting", "lookup", "var", "fetch", "decouple"];
    if !words.iter().any(|word| callee.contains(word)) {
        return None;
    }
    let first = quoted(text, skip_blanks(text, open + 1))?;
    let comma = first.span.end + 1;
    (text.get(comma) == Some(&b',') && comma < expression.end)
        .then(|| argument(text, comma + 1).filter(|one| one.span.end <= expression.end))
        .flatten()
}
