//! JSON documents and JSON lines: masked so that they stay valid and keep their structure.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::content::{Form, Masker};
use crate::redact::MaskStyle;

/// The structure of a JSON value: types, lengths, nesting and the number of names, but no texts. A list of numbers and texts counts as one
/// leaf, because a key that is written as a list of numbers becomes a text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    hash: u64,
    is_leaf: bool,
}

impl Shape {
    fn leaf(kind: u8) -> Self {
        Self { hash: kind.into(), is_leaf: true }
    }

    fn of_parts(kind: u8, parts: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        (kind, parts).hash(&mut hasher);
        Self { hash: hasher.finish(), is_leaf: false }
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::leaf(1))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::leaf(2))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::leaf(2))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::leaf(2))
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::leaf(3))
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::leaf(4))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let (mut hasher, mut flat, mut count) = (DefaultHasher::new(), true, 0_u64);
        while let Some(item) = items.next_element::<Shape>()? {
            flat &= item.is_leaf;
            count += 1;
            item.hash.hash(&mut hasher);
        }
        if flat && count > 0 {
            return Ok(Shape { is_leaf: false, ..Shape::leaf(5) });
        }
        Ok(Shape::of_parts(6, (count, hasher.finish())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Shape, A::Error> {
        let (mut hasher, mut count) = (DefaultHasher::new(), 0_u64);
        let mut names: HashSet<String> = HashSet::new();
        while let Some((name, value)) = entries.next_entry::<String, Shape>()? {
            count += 1;
            names.insert(name);
            value.hash.hash(&mut hasher);
        }
        Ok(Shape::of_parts(7, (count, names.len(), hasher.finish())))
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

/// Returns the structure of a JSON document; `None` if it is not valid JSON.
pub(super) fn shape(bytes: &[u8]) -> Option<Shape> {
    serde_json::from_slice(bytes).ok()
}

/// Returns whether a masked document, or each line of it, has the structure that it had.
pub(super) fn is_same(form: Form, old: &[u8], new: &[u8]) -> bool {
    match form {
        Form::Json => shape(old) == shape(new),
        Form::JsonLines => {
            let split = |bytes| <[u8]>::split(bytes, |&byte: &u8| byte == b'\n');
            let is_same = |(old, new): (&[u8], &[u8])| old == new || shape(old) == shape(new);
            split(old).count() == split(new).count() && split(old).zip(split(new)).all(is_same)
        }
        _ => true,
    }
}

/// Returns whether the first line is a JSON document by itself.
pub(super) fn is_first_line(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.next().is_some_and(|line| shape(line).is_some())
}

/// Masks a JSON document. If masks over the raw text would change its structure, each text is masked by itself.
pub(super) fn masked(masker: &Masker<'_>, bytes: &[u8]) -> (Vec<u8>, u64) {
    let (masked, count) = masker.plain(bytes, MaskStyle::Plain);
    if count == 0 || shape(&masked) == shape(bytes) {
        return (masked, count);
    }
    masked_texts(masker, bytes)
}

/// Masks JSON lines; a line whose structure would change is masked text by text. Other lines may be between them.
pub(super) fn masked_lines(masker: &Masker<'_>, bytes: &[u8]) -> (Vec<u8>, u64) {
    let (masked, count) = masker.plain(bytes, MaskStyle::Plain);
    if count == 0 {
        return (masked, count);
    }
    let split = |bytes| -> Vec<&[u8]> { <[u8]>::split(bytes, |&byte| byte == b'\n').collect() };
    let (before, after) = (split(bytes), split(masked.as_slice()));
    let is_same = before.len() == after.len();
    let mut out: Vec<Vec<u8>> = Vec::with_capacity(before.len());
    let mut all = if is_same { count } else { 0 };
    for (at, line) in before.iter().enumerate() {
        let new = after.get(at).filter(|_| is_same).copied();
        let was = if new == Some(*line) { None } else { shape(line) };
        match new {
            Some(new) if was.is_none() || shape(new) == was => out.push(new.to_vec()),
            _ => {
                let (new, count) = masked_texts(masker, line);
                all += count;
                out.push(new);
            }
        }
    }
    (out.join(&b'\n'), all)
}

/// Masks each text of JSON by itself, decoded, and leaves everything between the texts as it is.
fn masked_texts(masker: &Masker<'_>, bytes: &[u8]) -> (Vec<u8>, u64) {
    let (mut out, mut count, mut rest) = (Vec::with_capacity(bytes.len()), 0, bytes);
    while let Some(start) = memchr::memchr(b'"', rest) {
        let length = text_length(&rest[start..]);
        let token = &rest[start..start + length];
        out.extend_from_slice(&rest[..start]);
        let text = serde_json::from_slice::<String>(token).ok();
        let new = text.and_then(|text| {
            let (masked, masks) = masker.plain(text.as_bytes(), MaskStyle::Plain);
            count += masks;
            let masked = String::from_utf8(masked).ok().filter(|_| masks > 0)?;
            serde_json::to_string(&masked).ok()
        });
        out.extend_from_slice(new.as_ref().map_or(token, |new| new.as_bytes()));
        rest = &rest[start + length..];
    }
    out.extend_from_slice(rest);
    (out, count)
}

/// Returns the length of the JSON text at the start of `bytes`, with its quotation marks.
fn text_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_is_of_types_and_lengths() {
        let of = |text: &str| shape(text.as_bytes());
        assert_eq!(of(r#"{"a": ["x", {"b": 1}]}"#), of(r#"{"c": ["y", {"d": 2}]}"#));
        assert_eq!(of(r#"{"a": [75, 69, 89]}"#), of(r#"{"a": ["KEY"]}"#));
        for (one, other) in [
            (r#"{"a": 1}"#, r#"{"a": "1"}"#),
            (r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#),
            (r#"[{}, 1]"#, r#"[{}]"#),
            (r#"[{}]"#, r#"[1]"#),
            ("[]", "[1]"),
        ] {
            assert_ne!(of(one), of(other), "{one} {other}");
        }
        assert_eq!(of("{"), None);
    }

    #[test]
    fn text_ends_at_its_quotation_mark() {
        assert_eq!(text_length(br#""a\"b" "c""#), 6);
        assert_eq!(text_length(br#""a\\" "c""#), 5);
        assert_eq!(text_length(br#""a"#), 2);
    }
}
