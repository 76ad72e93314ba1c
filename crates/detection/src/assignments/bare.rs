//! Unquoted values: where they end, and whether a bare word is a variable instead.

use super::operators::{Operator, Slot};
use super::style::Style;
use super::values::{Literal, Quote, until};

/// Returns the unquoted value at `at`, which follows the name and operator of `slot`.
pub(super) fn value(text: &[u8], slot: Slot, at: usize, style: Style) -> Option<Literal> {
    let name_end = text[..slot.at].iter().rposition(|b| b.is_ascii_alphanumeric())?;
    let left = &text[..=name_end];
    let own = left
        .iter()
        .rev()
        .take(160)
        .take_while(|&&b| b.is_ascii_alphanumeric() || b"_-.$".contains(&b))
        .count();
    let before = left[..left.len() - own].last().copied();
    let parameter = match before {
        Some(b'?' | b'&') => Some(b"&#\"'`<>) ".as_slice()),
        Some(b';') => Some(b";>\"'`,<) ".as_slice()),
        _ => None,
    };
    if let Some(ends) = parameter {
        let ends = |b: u8| b.is_ascii_whitespace() || ends.contains(&b);
        return until(text, at, ends, Quote::Bare);
    }
    if let Some(mark) = before.filter(|b| matches!(b, b'"' | b'\'' | b'`')).filter(|_| !slot.quoted) {
        // A header or a variable in its own string: `'X-Name: …'`.
        let ends = |b: u8| b == mark || b.is_ascii_whitespace();
        let whole = |end: usize| slot.operator == Operator::Equals || text.get(end) == Some(&mark);
        return until(text, at, ends, Quote::Bare).filter(|one| whole(one.span.end));
    }
    let tight = slot.operator == Operator::Equals
        && at == slot.at
        && text[slot.at - 1] == b'='
        && text[slot.at - 2] != b' ';
    let word = until(text, at, |b| b.is_ascii_whitespace(), Quote::Bare)?;
    let line = until(text, at, |b| matches!(b, b'\n' | b'\r'), Quote::Bare)?;
    let value = &text[word.span.clone()];
    let upper = left[left.len() - own..].iter().all(|b| !b.is_ascii_lowercase());
    if style == Style::Code && !(tight && upper) || style == Style::Markup && !tight {
        return None;
    }
    if slot.quoted && style != Style::Yaml {
        return None;
    }
    let callee = value.iter().take_while(|&&b| b.is_ascii_alphanumeric() || b"_.:!".contains(&b)).count();
    if callee > 0 && value.get(callee) == Some(&b'(') {
        return None;
    }
    if value.contains(&b'"') || value.ends_with(b"(") || value.ends_with(b"{") || value.starts_with(b"#") {
        return None;
    }
    let rest = &text[word.span.end..line.span.end];
    let ends =
        tight || is_end_of_value(rest) || style == Style::Yaml && rest.trim_ascii_end().ends_with(b"}");
    ends.then(|| clipped(text, word))
}

/// Returns whether only a comment or further assignments follow a value on its line. In prose, other words follow.
fn is_end_of_value(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii();
    let marks: [&[u8]; 7] = [b"#", b";", b"//", b"-", b"\\", b"|", b"&&"];
    rest.is_empty()
        || marks.iter().any(|mark| rest.starts_with(mark))
        || memchr::memchr2(b'=', b':', &rest[..rest.len().min(40)]).is_some()
}

/// Strips closing punctuation from the end of a bare word.
fn clipped(text: &[u8], word: Literal) -> Literal {
    let mut end = word.span.end;
    let closes = |byte: u8| b",;\"'`)]}".contains(&byte) || byte == b'>' && text[word.span.start] != b'<';
    while end > word.span.start && closes(text[end - 1]) {
        end -= 1;
    }
    Literal { span: word.span.start..end, quote: Quote::Bare }
}
