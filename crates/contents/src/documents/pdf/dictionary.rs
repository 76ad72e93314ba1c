//! The dictionary before a stream. Searches for keys only; does not parse the syntax.

use memchr::memmem;

/// A stream filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Flate,
    Hex,
    Ascii85,
    RunLength,
    Lzw,
    Crypt,
    /// An image encoding; these contain no text.
    Picture,
    Unknown,
}

/// Maximum number of filters of a stream.
const MAX_FILTERS: usize = 4;

/// The entries of a dictionary that are needed.
#[derive(Debug)]
pub(super) struct Object {
    /// The object number as text, for display.
    pub(super) number: String,
    /// In decoding order.
    pub(super) filters: Vec<Filter>,
    /// Whether it is an image, a font, or the cross-reference table.
    pub(super) is_picture: bool,
    /// Whether rows are stored as differences to the previous row.
    pub(super) predicted: bool,
    /// The LZW variant that most writers use.
    pub(super) early_change: bool,
}

/// Parses the dictionary of a stream, which ends `before` the stream. Returns `None` if there is none.
pub(super) fn object(before: &[u8]) -> Option<Object> {
    let at = memmem::rfind(before, b"obj")?;
    let words = &before[at + b"obj".len()..];
    memmem::find(words, b"<<")?;
    let has = |name: &str, value: &str| is(words, name, |text| starts_with_word(text, value));
    let font = ["/Length1", "/Length2", "/Length3"].iter().any(|key| value(words, key).is_some());
    let font_kinds = ["/Type1C", "/CIDFontType0C", "/OpenType"];
    Some(Object {
        number: number(&before[..at]),
        filters: filters(words),
        is_picture: has("/Subtype", "/Image")
            || has("/Type", "/XRef")
            || font
            || font_kinds.iter().any(|kind| has("/Subtype", kind)),
        predicted: is(words, "/Predictor", |text| {
            !starts_with_word(text, "1") && text.first().is_some_and(u8::is_ascii_digit)
        }),
        early_change: !has("/EarlyChange", "0"),
    })
}

/// Returns whether the trailer has an `/Encrypt` entry.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"/Encrypt").any(|at| {
        let value = bytes[at + b"/Encrypt".len()..].trim_ascii_start();
        let reference = value.iter().take(24).find(|byte| !byte.is_ascii_digit() && **byte != b' ');
        value.starts_with(b"<<") || value.first().is_some_and(u8::is_ascii_digit) && reference == Some(&b'R')
    })
}

/// Returns the number before `0 obj`.
fn number(before: &[u8]) -> String {
    let digits = |text: &[u8]| text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let before = before.trim_ascii_end();
    let before = before[..before.len() - digits(before)].trim_ascii_end();
    let number = &before[before.len() - digits(before).min(10)..];
    if number.is_empty() { "?".to_owned() } else { String::from_utf8_lossy(number).into_owned() }
}

fn filters(words: &[u8]) -> Vec<Filter> {
    let Some(text) = value(words, "/Filter") else { return Vec::new() };
    let text = match text.strip_prefix(b"[") {
        Some(list) => &list[..memchr::memchr(b']', list).unwrap_or(list.len())],
        None if text.starts_with(b"/") => &text[..1 + name_length(&text[1..])],
        None => return Vec::new(),
    };
    let names = text.split(|&byte| byte == b'/').skip(1).take(MAX_FILTERS);
    names.map(|name| filter(&name[..name_length(name)])).collect()
}

fn filter(name: &[u8]) -> Filter {
    match name {
        b"FlateDecode" | b"Fl" => Filter::Flate,
        b"ASCIIHexDecode" | b"AHx" => Filter::Hex,
        b"ASCII85Decode" | b"A85" => Filter::Ascii85,
        b"RunLengthDecode" | b"RL" => Filter::RunLength,
        b"LZWDecode" | b"LZW" => Filter::Lzw,
        b"Crypt" => Filter::Crypt,
        b"DCTDecode" | b"DCT" | b"CCITTFaxDecode" | b"CCF" | b"JBIG2Decode" | b"JPXDecode" => Filter::Picture,
        _ => Filter::Unknown,
    }
}

/// Returns the text after the key `name`, up to the end of the dictionary.
fn value<'w>(words: &'w [u8], name: &str) -> Option<&'w [u8]> {
    values(words, name).next()
}

fn values<'w>(words: &'w [u8], name: &str) -> impl Iterator<Item = &'w [u8]> {
    let name = name.as_bytes().to_vec();
    let ends: Vec<usize> = memmem::find_iter(words, &name).map(|at| at + name.len()).collect();
    ends.into_iter().filter_map(|end| {
        let rest = &words[end..];
        (name_length(rest) == 0).then(|| rest.trim_ascii_start())
    })
}

fn is(words: &[u8], name: &str, good: impl Fn(&[u8]) -> bool) -> bool {
    values(words, name).any(good)
}

fn starts_with_word(text: &[u8], word: &str) -> bool {
    text.strip_prefix(word.as_bytes()).is_some_and(|rest| name_length(rest) == 0)
}

/// Returns the length of the name at the start of `text`.
fn name_length(text: &[u8]) -> usize {
    text.iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'#'))
        .count()
}
