//! Values: reads the literal that follows an operator.

use std::ops::Range;

use super::operators::{Operator, Slot};
use super::style::LazyStyle;
use super::{bare, expressions};

/// Maximum length of a literal, in bytes; enough for a token of a few hundred characters.
const MAX_LITERAL_BYTES: usize = 2048;

/// Delimiter of a literal. It decides whether a `$` is a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quote {
    /// No delimiter: env files, YAML, the shell.
    Bare,
    /// `'`: nothing is expanded.
    Single,
    /// `"`.
    Double,
    /// A backquote.
    Back,
    /// Tags. Entities are still encoded.
    Tags,
}

/// A literal in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    /// Byte range between the delimiters.
    pub(crate) span: Range<usize>,
    /// Delimiter.
    pub(crate) quote: Quote,
}

/// Returns the literal at `slot`. An expression is not a literal, but its fallback may be.
pub(crate) fn at(text: &[u8], slot: Slot, style: &LazyStyle<'_>) -> Option<Literal> {
    match slot.operator {
        Operator::Element => element(text, slot.at),
        Operator::Expansion => until(text, slot.at, |b| b == b'}', Quote::Bare),
        Operator::Cell => cell(text, slot.at),
        Operator::Space => {
            let at = skip_blanks(text, slot.at);
            quoted(text, at).or_else(|| bare_word(text, at))
        }
        Operator::Argument | Operator::Call | Operator::Fallback => argument(text, slot.at),
        Operator::Equals | Operator::Colon => assigned(text, slot, style),
    }
    .filter(|one| !one.span.is_empty())
}

pub(super) fn skip_blanks(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take(200).take_while(|&&b| matches!(b, b' ' | b'\t')).count()
}

/// Skips blanks and at most one line end.
fn skip_line_end(text: &[u8], at: usize) -> usize {
    let at = skip_blanks(text, at);
    match &text[at..] {
        [b'\r', b'\n', ..] => skip_blanks(text, at + 2),
        [b'\n', ..] | [b'\\', b'\n', ..] => skip_blanks(text, at + 1 + usize::from(text[at] == b'\\')),
        _ => at,
    }
}

/// Returns the literal of an argument or after a fallback operator. The key of an object is not accepted.
pub(super) fn argument(text: &[u8], at: usize) -> Option<Literal> {
    let at = skip_line_end(text, at);
    let literal = quoted(text, at).or_else(|| wrapped(text, at))?;
    let closed = literal.span.end
        + text[literal.span.end..].iter().take(4).take_while(|b| b"\\\"'`".contains(b)).count();
    let is_key = matches!(text[skip_blanks(text, closed)..], [b':', ..] | [b'=', b'>', ..]);
    (!is_key).then_some(literal)
}

fn assigned(text: &[u8], slot: Slot, style: &LazyStyle<'_>) -> Option<Literal> {
    let same_line = skip_blanks(text, slot.at);
    if let Some(block) = block_scalar(text, same_line) {
        return Some(block);
    }
    let at = skip_line_end(text, slot.at);
    if let Some(literal) = quoted(text, at).or_else(|| wrapped(text, at)) {
        return Some(literal);
    }
    if let Some(literal) = typed(text, at, slot.operator) {
        return Some(literal);
    }
    // Only a quoted value may be on the next line; `key:` with an unquoted value below is a YAML block.
    expressions::fallback(text, same_line).or_else(|| bare::value(text, slot, same_line, style.get()))
}

/// Returns the string at `at`, which may have prefix letters as in Python.
pub(super) fn quoted(text: &[u8], at: usize) -> Option<Literal> {
    let prefix = text[at..].iter().take(3).take_while(|&&b| b"bBrRuUfFlL@$&*".contains(&b)).count();
    let open = at + prefix;
    let rest = &text[open..text.len().min(open + MAX_LITERAL_BYTES)];
    let (mark, quote): (&[u8], Quote) = match rest {
        [b'\\', b'\\', b'\\', b'"', ..] => (b"\\\\\\\"", Quote::Double),
        [b'\\', b'"', ..] => (b"\\\"", Quote::Double),
        [b'\\', b'\'', ..] => (b"\\'", Quote::Single),
        [b'"', b'"', b'"', ..] => (b"\"\"\"", Quote::Double),
        [b'"', ..] => (b"\"", Quote::Double),
        [b'\'', ..] => (b"'", Quote::Single),
        [b'`', ..] => (b"`", Quote::Back),
        _ if rest.starts_with(b"&quot;") => (b"&quot;", Quote::Double),
        _ if rest.starts_with("“".as_bytes()) => ("”".as_bytes(), Quote::Double),
        _ if rest.starts_with("‘".as_bytes()) => ("’".as_bytes(), Quote::Single),
        _ => return None,
    };
    let start = open + mark.len();
    let mut pos = start;
    while pos < open + rest.len() {
        let here = &text[pos..];
        if here.starts_with(mark) {
            return Some(Literal { span: inner_string(text, start..pos), quote });
        }
        match here[0] {
            b'\n' => return None,
            b'\\' if mark.len() == 1 => pos += 2,
            _ => pos += 1,
        }
    }
    None
}

/// Removes the inner quotes of a string within a string, as in code generators: `"\"…\""`.
fn inner_string(text: &[u8], span: Range<usize>) -> Range<usize> {
    let inner = &text[span.clone()];
    let wrapped = inner.len() > 4 && inner.starts_with(b"\\\"") && inner.ends_with(b"\\\"");
    if wrapped { span.start + 2..span.end - 2 } else { span }
}

/// Calls that return their argument: `String("…")`, `SecretStr("…")`.
const WRAPPERS: [&str; 18] = [
    "string",
    "str",
    "some",
    "secret",
    "secretstr",
    "secretstring",
    "securestring",
    "aws.string",
    "pulumi.secret",
    "string::from",
    "bytes",
    "protected",
    "sensitive",
    "nonsensitive",
    "quote",
    "ptr.string",
    "new string",
    "to_string",
];

/// Returns the literal argument of a call in [`WRAPPERS`].
fn wrapped(text: &[u8], at: usize) -> Option<Literal> {
    let word = text[at..]
        .iter()
        .take(32)
        .take_while(|&&b| b.is_ascii_alphanumeric() || b"._: ".contains(&b))
        .count();
    if word == 0 || text.get(at + word) != Some(&b'(') {
        return None;
    }
    let name = String::from_utf8_lossy(&text[at..at + word]).to_ascii_lowercase();
    let name = name.strip_prefix("new ").unwrap_or(&name);
    WRAPPERS.contains(&name).then(|| quoted(text, skip_blanks(text, at + word + 1))).flatten()
}

/// Returns the value of a typed declaration: `password: string = '…'`, `var password: String = "…"`.
fn typed(text: &[u8], at: usize, operator: Operator) -> Option<Literal> {
    if operator != Operator::Colon {
        return None;
    }
    let of_type = |b: &&u8| b.is_ascii_alphanumeric() || b"_.<>[]?|, &'".contains(b);
    let kind = text[at..].iter().take(60).take_while(of_type).count();
    let rest = &text[at + kind..];
    let is_value = kind > 0 && rest.first() == Some(&b'=') && !matches!(rest.get(1), Some(b'=' | b'>'));
    is_value.then(|| argument(text, at + kind + 1)).flatten()
}

/// Returns the text of a YAML block scalar of one line: `key: |` and an indented line.
fn block_scalar(text: &[u8], at: usize) -> Option<Literal> {
    let mark = match text.get(at) {
        Some(b'|' | b'>') => 1 + usize::from(matches!(text.get(at + 1), Some(b'-' | b'+'))),
        _ => return None,
    };
    let end = skip_blanks(text, at + mark);
    let next = match &text[end..] {
        [b'\n', ..] => end + 1,
        [b'\r', b'\n', ..] => end + 2,
        _ => return None,
    };
    let start = skip_blanks(text, next);
    if start == next {
        return None;
    }
    until(text, start, |b| matches!(b, b'\n' | b'\r'), Quote::Single)
}

fn element(text: &[u8], at: usize) -> Option<Literal> {
    let start = at + text[at..].iter().take(80).take_while(|b| b.is_ascii_whitespace()).count();
    if text[start..].starts_with(b"<![CDATA[") {
        let start = start + 9;
        return until(text, start, |b| b == b']', Quote::Tags);
    }
    until(text, start, |b| b == b'<', Quote::Tags)
}

fn cell(text: &[u8], at: usize) -> Option<Literal> {
    let cell = until(text, skip_blanks(text, at), |b| matches!(b, b'|' | b'\n'), Quote::Bare)?;
    if text.get(skip_blanks(text, cell.span.end)) != Some(&b'|') {
        return None;
    }
    let inner = quoted(text, cell.span.start).filter(|one| one.span.end < cell.span.end);
    Some(inner.unwrap_or(cell))
}

/// Returns the bytes from `start` up to the first byte for which `ends` is true, without trailing white space.
pub(super) fn until(text: &[u8], start: usize, ends: impl Fn(u8) -> bool, quote: Quote) -> Option<Literal> {
    let window = &text[start.min(text.len())..text.len().min(start + MAX_LITERAL_BYTES)];
    let length = window
        .iter()
        .position(|&b| ends(b))
        .or((start + window.len() == text.len()).then_some(window.len()))?;
    let trimmed = window[..length].trim_ascii_end().len();
    Some(Literal { span: start..start + trimmed, quote })
}

/// Returns an unquoted word, as in a command line.
fn bare_word(text: &[u8], at: usize) -> Option<Literal> {
    let word = until(text, at, |b| b.is_ascii_whitespace() || b"\"'`<>|)".contains(&b), Quote::Bare)?;
    (!matches!(text.get(word.span.start), Some(b'-' | b'=' | b':' | b'+'))).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignments::style::Style;
    use crate::assignments::{names, operators};

    fn value(text: &str, style: Style) -> Option<&str> {
        names::all(text.as_bytes()).iter().find_map(|name| {
            let slot = operators::after(text.as_bytes(), name)?;
            at(text.as_bytes(), slot, &style.into()).map(|one| &text[one.span])
        })
    }

    #[test]
    fn literals_in_every_language() {
        for text in [
            "password = 'V'",
            "password: \"V\",",
            "const password: string = 'V';",
            "val password: String = \"V\"",
            "'password' => 'V',",
            "define('X_PASSWORD', 'V');",
            "setPassword(\"V\");",
            "password := \"V\"",
            "const p = process.env.X_PASSWORD || 'V';",
            "password: process.env.SIP ?? 'V',",
            "os.getenv(\"X_PASSWORD\", \"V\")",
            "p = os.environ.get('X_PASSWORD', 'V')",
            "password=cfg.get(\"pw_of\", \"V\")",
            "{\\\"password\\\":\\\"V\\\"}",
            "password = b\"V\"",
            "var password = @\"V\";",
            "<password>V</password>",
            "<password>\n  V\n</password>",
            "| password | `V` |",
            "${X_PASSWORD:-V}",
            "sip:a;auth_pass=V;x=1",
            "https://h/?password=V&x=1",
            "--password V --x",
            "SecretStr password = SecretStr(\"V\")",
            "password:\n    'V'",
            "Optional.ofNullable(System.getenv(\"X_PASSWORD\")).orElse(\"V\")",
            "password: z.string().default(\"V\")",
        ] {
            assert_eq!(value(text, Style::Code), Some("V"), "{text}");
        }
        for text in [
            "password=V",
            "password = V ; comment",
            "password: V",
            "password: V # comment",
            "password: |\n  V\n",
            "export PASSWORD=V",
            "-e PASSWORD=V -p 80",
            "{user: u, password: V}",
        ] {
            assert_eq!(value(text, Style::Yaml), Some("V"), "{text}");
        }
    }

    #[test]
    fn expressions_are_not_literals() {
        for text in [
            "password = input;",
            "password: props.password",
            "password: string;",
            "password = get(\"x\")",
            "password = f(a)",
            "if (password == 'V')",
            "password: {",
            "password = [",
            "password,",
        ] {
            assert_eq!(value(text, Style::Code), None, "{text}");
        }
        assert_eq!(value("password: choose a good one", Style::Yaml), None);
    }
}
