//! The masked line shown with a finding.

use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

use super::RawMatch;
use crate::assignments::masked_values;
use crate::finding::{Encoding, Excerpt, Secret};

/// Maximum number of bytes shown before and after a secret.
const SIDE: usize = 80;

/// Bytes before and after the shown text that are searched for names of values on it.
const NAMES: usize = 400;
/// Replacement for a value with the name of a secret.
const MASK: &[u8] = "…".as_bytes();

/// Maximum number of matches before and after that are considered for one line.
const NEIGHBOURS: usize = 64;

/// Returns the clipped line around `found[which]` with every secret of `found` masked. `found` is sorted by offset.
pub(crate) fn excerpt(raw: &[u8], found: &[RawMatch], which: usize) -> Excerpt {
    // The matches are sorted, and a clipped line has room for few.
    let found = &found[which.saturating_sub(NEIGHBOURS)..found.len().min(which + NEIGHBOURS)];
    let which = which.min(NEIGHBOURS);
    let one = &found[which];
    let wide = one.encoding.first().is_some_and(|kind| {
        matches!(kind, Encoding::Utf16Le | Encoding::Utf16Be | Encoding::Utf32Le | Encoding::Utf32Be)
    });
    let side = if wide { SIDE * 2 } else { SIDE };
    let from = line_start(raw, one.span.start, side);
    // The bytes of a dump are followed by a column with the same plain text.
    let is_dump = one.encoding.first() == Some(&Encoding::Hex);
    let to = if is_dump { one.span.end } else { line_end(raw, one.span.end, side) };
    let (from, to) = widened(found, from..to);
    let mut out = Excerpt {
        clipped_left: from > 0 && raw[from - 1] != b'\n',
        clipped_right: to < raw.len() && !matches!(raw[to], b'\n' | b'\r'),
        ..Excerpt::default()
    };
    let masked = if wide || is_bare(raw, found, from..to) { Vec::new() } else { masked_near(raw, from..to) };
    let plain = |out: &mut String, span: Range<usize>| push(out, &without(raw, span, &masked), wide);
    let mut at = from;
    for (index, other) in
        found.iter().enumerate().filter(|(_, other)| other.span.end > from && other.span.start < to)
    {
        if other.span.start < at && index != which {
            continue;
        }
        plain(&mut out.text, at.min(other.span.start)..other.span.start);
        let begin = out.text.len();
        out.text.push_str(&shown(&other.secret, &other.encoding));
        if index == which {
            out.highlight = begin..out.text.len();
        }
        at = at.max(other.span.end);
    }
    plain(&mut out.text, at.min(to)..to);
    hide_others(&mut out);
    out
}

/// Returns whether the shown line contains only secrets and punctuation.
fn is_bare(raw: &[u8], found: &[RawMatch], line: Range<usize>) -> bool {
    let is_mark = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
    let mut at = line.start;
    for other in found.iter().filter(|other| other.span.end > line.start && other.span.start < line.end) {
        if !raw[at..other.span.start.max(at)].iter().all(is_mark) {
            return false;
        }
        at = at.max(other.span.end);
    }
    at >= line.end || raw[at..line.end].iter().all(is_mark)
}

/// Returns the ranges of values on a shown line that have the name of a secret, whether or not a rule matched them.
fn masked_near(raw: &[u8], line: Range<usize>) -> Vec<Range<usize>> {
    let from = line.start.saturating_sub(NAMES);
    let to = raw.len().min(line.end + NAMES);
    masked_values(&raw[from..to]).into_iter().map(|span| from + span.start..from + span.end).collect()
}

/// Returns the bytes of `span` without the ranges in `masked`.
fn without(raw: &[u8], span: Range<usize>, masked: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(span.len());
    let mut at = span.start;
    for one in masked.iter().filter(|one| one.start < span.end && one.end > span.start) {
        if one.end <= at {
            continue;
        }
        let from = one.start.max(at);
        out.extend_from_slice(&raw[at..from]);
        at = one.end.min(span.end);
        // The remaining bytes of a partly matched value may be padding or a bracket.
        let left = &raw[from..at];
        let shows = left.iter().any(u8::is_ascii_alphanumeric);
        out.extend_from_slice(if shows { MASK } else { left });
    }
    out.extend_from_slice(&raw[at.min(span.end)..span.end]);
    out
}

/// Matches everything that looks like a key or the end of one: matched by another rule, in an adjacent chunk of the
/// file, or by a disabled rule.
static KEY_LIKE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new("(KEY[0-9A-F]{32}|[0-9A-F]{8,31})_([0-9A-Za-z_-]+)(…[0-9A-Za-z_-]{2})?").ok()
});

/// Masks everything that [`KEY_LIKE`] matches, except a key that is masked already.
fn without_keys(regex: &Regex, text: &str) -> String {
    let masked = |found: &Captures<'_>| {
        let is_masked = found.get(3).is_some() && found[2].len() == 2;
        if is_masked { found[0].to_owned() } else { format!("{}_…", &found[1]) }
    };
    regex.replace_all(text, masked).into_owned()
}

/// Masks everything that looks like a key outside of the highlighted secret, and the first word of a clipped line,
/// which may be the end of a key.
fn hide_others(out: &mut Excerpt) {
    let Some(regex) = KEY_LIKE.as_ref() else { return };
    let (left, right) = (&out.text[..out.highlight.start], &out.text[out.highlight.end..]);
    let of_key = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let word = if out.clipped_left { left.len() - left.trim_start_matches(of_key).len() } else { 0 };
    let left =
        format!("{}{}", if word > 3 { "…" } else { &left[..word] }, without_keys(regex, &left[word..]));
    let right = without_keys(regex, right);
    let shown = &out.text[out.highlight.clone()];
    let right = if is_id(shown) { without_tail(&right) } else { right };
    let highlight = left.len()..left.len() + shown.len();
    out.text = format!("{left}{shown}{right}");
    out.highlight = highlight;
}

/// Returns whether the shown text is the id of a key, possibly decoded: the text after it may be part of its secret.
fn is_id(shown: &str) -> bool {
    let id = shown.trim_end_matches('›');
    let digits = id.len().checked_sub(32).and_then(|at| id.get(at..));
    digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Returns `right` without the key characters at its start.
fn without_tail(right: &str) -> String {
    let rest = right.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if rest.len() + 1 < right.len() { format!("_…{rest}") } else { right.to_owned() }
}

/// Extends the clipped line so that it does not cut a secret.
fn widened(found: &[RawMatch], mut line: Range<usize>) -> (usize, usize) {
    for other in found {
        if other.span.start < line.start && other.span.end > line.start {
            line.start = other.span.end.min(line.end);
        }
        if other.span.start < line.end && other.span.end > line.end {
            line.end = if other.span.start >= line.start { other.span.end } else { line.end };
        }
    }
    (line.start, line.end)
}

fn push(text: &mut String, bytes: &[u8], wide: bool) {
    if wide {
        let low: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
        text.push_str(&String::from_utf8_lossy(&low));
    } else {
        text.push_str(&String::from_utf8_lossy(bytes));
    }
}

/// Returns the display form of a secret. An encoded secret is decoded, masked and put in marks with the names of the
/// encodings; its encoded form would reveal it.
pub(crate) fn shown(secret: &Secret, encoding: &[Encoding]) -> String {
    let masked = secret.masked();
    if encoding.is_empty() {
        return masked;
    }
    let names: Vec<&str> = encoding.iter().map(|kind| kind.as_str()).collect();
    format!("‹{}: {masked}›", names.join(", "))
}

fn line_start(raw: &[u8], at: usize, side: usize) -> usize {
    let low = at.saturating_sub(side);
    let start = memchr::memrchr(b'\n', &raw[low..at]).map_or(low, |newline| low + newline + 1);
    // Not within a character.
    (start..at).find(|&pos| raw[pos] & 0xC0 != 0x80).unwrap_or(at)
}

fn line_end(raw: &[u8], at: usize, side: usize) -> usize {
    let high = raw.len().min(at + side);
    let end = memchr::memchr2(b'\n', b'\r', &raw[at..high]).map_or(high, |newline| at + newline);
    (at..=end).rev().find(|&pos| pos == raw.len() || raw[pos] & 0xC0 != 0x80).unwrap_or(at)
}
