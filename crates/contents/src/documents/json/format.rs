//! Formats the path of a value in a JSON document.

use std::fmt::Write as _;
use std::ops::Range;

use super::{Level, Step};

/// Maximum characters shown of a key. A Telnyx key has 58, so that none is ever shown in full.
const MAX_KEY_CHARS: usize = 32;
/// Maximum bytes of a key that are decoded for that.
const MAX_KEY_BYTES: usize = 4096;

/// Returns whether the path uses the names of outer objects, which may follow the offset.
pub(super) fn needs_names(content: &[u8], trail: &[Level]) -> bool {
    trail.len() > 1 && ["cells", "item"].iter().any(|key| is_key(content, trail, 0, key))
}

/// Formats the path for display.
pub(super) fn display(content: &[u8], trail: &[Level]) -> String {
    notebook(content, trail).or_else(|| postman(content, trail)).unwrap_or_else(|| path(content, trail))
}

/// Formats `cell 4 (code), output 1` or `cell 4 (code), line 2`.
fn notebook(content: &[u8], trail: &[Level]) -> Option<String> {
    let cell = index(trail, 1).filter(|_| is_key(content, trail, 0, "cells"))?;
    let kind = text(content, trail.get(2)?.cell.clone()?);
    let mut out = format!("cell {} ({kind})", cell.saturating_add(1));
    let rest = &trail[2..];
    let part = match index(rest, 1) {
        Some(index) if is_key(content, rest, 0, "outputs") => Some(("output", index)),
        Some(index) if is_key(content, rest, 0, "source") => Some(("line", index)),
        _ if is_key(content, rest, 0, "source") => None,
        _ => {
            out.push_str(", ");
            out.push_str(&path(content, rest));
            None
        }
    };
    if let Some((what, index)) = part {
        // Writing to a string does not fail.
        let _written = write!(out, ", {what} {}", index.saturating_add(1));
    }
    Some(out)
}

/// Formats `Messages › Send SMS › request.header[0].value`.
fn postman(content: &[u8], trail: &[Level]) -> Option<String> {
    let (mut rest, mut names) = (trail, Vec::new());
    while is_key(content, rest, 0, "item") && index(rest, 1).is_some() {
        names.push(text(content, rest.get(2)?.name.clone()?));
        rest = &rest[2..];
    }
    if names.is_empty() {
        return None;
    }
    names.push(path(content, rest));
    Some(names.join(" › "))
}

/// Formats `log.entries[12].response["x/y"]`.
fn path(content: &[u8], trail: &[Level]) -> String {
    let mut out = String::new();
    for level in trail {
        match &level.step {
            // Writing to a string does not fail.
            Step::Index(index) => _ = write!(out, "[{index}]"),
            Step::Key(key) => {
                let key = text(content, key.clone());
                let plain = |one: char| one.is_alphanumeric() || matches!(one, '_' | '$' | '-' | '…');
                if !key.is_empty() && key.chars().all(plain) {
                    out.push_str(if out.is_empty() { "" } else { "." });
                    out.push_str(&key);
                } else {
                    _ = write!(out, "[{}]", serde_json::Value::String(key));
                }
            }
        }
    }
    out
}

fn is_key(content: &[u8], trail: &[Level], depth: usize, wanted: &str) -> bool {
    match trail.get(depth).map(|level| &level.step) {
        Some(Step::Key(key)) => content.get(key.clone()) == Some(wanted.as_bytes()),
        _ => false,
    }
}

fn index(trail: &[Level], depth: usize) -> Option<u64> {
    match trail.get(depth)?.step {
        Step::Index(index) => Some(index),
        Step::Key(_) => None,
    }
}

/// Returns the text of the string at the span `place`, clipped.
fn text(content: &[u8], place: Range<usize>) -> String {
    let end = place.end.min(place.start.saturating_add(MAX_KEY_BYTES));
    let raw = content.get(place.start..end).unwrap_or_default();
    let quoted = [b"\"", raw, b"\""].concat();
    let whole = serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned());
    match whole.char_indices().nth(MAX_KEY_CHARS) {
        Some((cut, _)) => format!("{}…", &whole[..cut]),
        None => whole,
    }
}
