//! Names and values that are separate members of one construct: `name="password" value="…"`, `- name: X` and
//! `value: …`, `<key>X</key><string>…</string>`, `variable "x" { default = "…" }`.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::names::Name;
use super::operators::{Operator, Slot};
use super::style::{LazyStyle, Style};
use super::values::{self, Literal};

/// Bytes on either side of a name that are searched for its value.
const SEARCH_BYTES: usize = 400;

/// Keys whose value is the name.
const NAMING_KEYS: [&[u8]; 7] = [b"name", b"key", b"variable", b"id", b"n", b"k", b"setting"];

/// Matches the key before the value.
static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:^|[\s{,;"'(])(?:value|val|content|default|defaultvalue|plaintext|v)\\?["']?\s*([:=])"#,
    )
    .ok()
});
static STRING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^</(?:key|name)>\s*<(?:string|value)>").ok());

/// Returns the value that belongs to `name`, where `name` is itself the value of a naming key.
pub(crate) fn value(text: &[u8], name: &Name, style: &LazyStyle<'_>) -> Option<Literal> {
    if !is_named(&text[name.span.start.saturating_sub(60)..name.span.start]) {
        return None;
    }
    let end = name.span.end;
    if let Some(found) = STRING.as_ref()?.find(&text[end..text.len().min(end + 120)]) {
        return values::at(
            text,
            Slot { operator: Operator::Element, at: end + found.end(), quoted: false },
            style,
        );
    }
    let (from, to) = enclosing(text, name)?;
    let regex = VALUE.as_ref()?;
    let marks = [(end, to), (from, name.span.start)];
    let found = marks.into_iter().find_map(|(from, to)| {
        let found = regex.captures(text.get(from..to)?)?.get(1)?;
        Some((from + found.end(), found.as_bytes() == b"="))
    });
    if let Some((at, equals)) = found {
        let operator = if equals { Operator::Equals } else { Operator::Colon };
        return values::at(text, Slot { operator, at, quoted: true }, &Style::Yaml.into())
            .filter(|one| one.span.end <= to);
    }
    let tag = text[from] == b'<' && text[to - 1] == b'>' && text[to - 2] != b'/';
    tag.then(|| values::at(text, Slot { operator: Operator::Element, at: to, quoted: false }, style))
        .flatten()
}

/// Returns whether `before` ends with a key whose value is a name: `name="`, `"key": "`, `<key>`, `variable "`.
fn is_named(before: &[u8]) -> bool {
    let open = before.trim_ascii_end();
    let open = open.strip_suffix(b">").map_or(open, |tag| tag);
    let marks = |text: &[u8]| text.iter().rev().take_while(|b| b"\\\"'".contains(b)).count();
    let open = &open[..open.len() - marks(open)];
    let open = open.trim_ascii_end();
    let joined = open.ends_with(b":") || open.ends_with(b"=");
    let key = if joined { open[..open.len() - 1].trim_ascii_end() } else { open };
    let key = &key[..key.len() - marks(key)];
    let length = key.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let word = key[key.len() - length..].to_ascii_lowercase();
    let tag = !joined && key[..key.len() - length].ends_with(b"<") && before.trim_ascii_end().ends_with(b">");
    let variable = !joined && word == b"variable" && before.ends_with(b"\"");
    ((joined || tag) && NAMING_KEYS.contains(&word.as_slice())) || variable
}

/// Returns the range of the tag, object or list item of which the name is a member.
fn enclosing(text: &[u8], name: &Name) -> Option<(usize, usize)> {
    let low = name.span.start.saturating_sub(SEARCH_BYTES);
    let high = text.len().min(name.span.end + SEARCH_BYTES);
    let (before, after) = (&text[low..name.span.start], &text[name.span.end..high]);
    let open = before.iter().rposition(|b| b"<{}>".contains(b));
    match open.map(|at| before[at]) {
        Some(b'<') => {
            let close = memchr::memchr(b'>', after)?;
            Some((low + open?, name.span.end + close + 1))
        }
        Some(b'{') => {
            let close = memchr::memchr(b'}', after).unwrap_or(after.len());
            Some((low + open?, name.span.end + close))
        }
        _ => item(text, name, low, high),
    }
}

/// Returns the range of a YAML item, or of the block of a Terraform variable.
fn item(text: &[u8], name: &Name, low: usize, high: usize) -> Option<(usize, usize)> {
    let after = &text[name.span.end..high];
    let line_end = memchr::memchr(b'\n', after).unwrap_or(after.len());
    if after[..line_end].trim_ascii_end().ends_with(b"{") {
        let close = memchr::memchr(b'}', after).unwrap_or(after.len());
        return Some((name.span.end, name.span.end + close));
    }
    let next = memchr::memmem::find(after, b"- ").map_or(high, |at| name.span.end + at);
    let before = &text[low..name.span.start];
    let first = memchr::memmem::rfind(before, b"- ").map_or(low, |at| low + at);
    Some((first, next))
}
