//! Reader of markup that is escaped in a JSON string or in XML: `\u003cb\u003e`, `&lt;b&gt;`.

use super::json;
use super::markup::{Dialect, Markup};
use super::output::{Output, PIECE_BYTES, Size};

/// Number of bytes at the start of a content in which escaped markup is searched.
const SNIFFED_BYTES: usize = 16 << 10;
/// Entities that are decoded before the markup is read, without their `&`.
const ENTITIES: [(&[u8], u8); 6] =
    [(b"lt;", b'<'), (b"gt;", b'>'), (b"amp;", b'&'), (b"quot;", b'"'), (b"apos;", b'\''), (b"#39;", b'\'')];
/// An ampersand as an escape sequence of JSON.
const AMPERSAND: &[u8] = b"\\u0026";

/// How markup is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escapes {
    /// In strings of JSON.
    json: bool,
    /// With entities.
    entities: bool,
}

/// Returns how markup in the content that starts with `head` is escaped, if it is.
pub(super) fn sniff(head: &[u8]) -> Option<Escapes> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let json = match text.first()? {
        b'{' | b'[' => true,
        b'<' if !text.starts_with(b"<?php") => false,
        _ => return None,
    };
    let start = &text[..text.len().min(SNIFFED_BYTES)];
    let tag = |mark: &[u8]| {
        memchr::memmem::find_iter(start, mark).any(|at| {
            let next = start.get(at + mark.len());
            next.is_some_and(|next| next.is_ascii_alphabetic() || *next == b'/')
        })
    };
    let entities = tag(b"&lt;") || json && tag(b"\\u0026lt;");
    let escaped = json && (tag(b"\\u003c") || tag(b"\\u003C"));
    (entities || escaped).then_some(Escapes { json, entities })
}

/// The state of the reader.
#[derive(Debug)]
pub(super) struct Escaped {
    escapes: Escapes,
    /// The start of an escape sequence that is not complete.
    rest: Vec<u8>,
    markup: Markup,
}

/// What is at the start of some bytes.
enum Next {
    /// A character that is encoded with this number of bytes.
    Character(char, usize),
    /// This number of bytes that are not encoded.
    Plain(usize),
    /// The end of a string.
    End,
    /// The start of an escape sequence.
    Partial,
}

impl Escaped {
    pub(super) fn new(escapes: Escapes) -> Self {
        Self { escapes, rest: Vec::new(), markup: Markup::new(Dialect::Html) }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Output) {
        out.translate_on();
        let joined = if self.rest.is_empty() {
            None
        } else {
            self.rest.extend_from_slice(bytes);
            Some(std::mem::take(&mut self.rest))
        };
        let mut bytes = joined.as_deref().unwrap_or(bytes);
        while !bytes.is_empty() {
            let used = match self.next(bytes) {
                Next::Character(character, length) => {
                    let mut buffer = [0; 4];
                    let decoded = character.encode_utf8(&mut buffer).as_bytes();
                    out.feed(decoded, Size::of_escape(length));
                    self.markup.push(decoded, out);
                    length
                }
                Next::Plain(length) => {
                    let length = length.min(PIECE_BYTES);
                    out.feed_plain(&bytes[..length]);
                    self.markup.push(&bytes[..length], out);
                    length
                }
                Next::End => {
                    self.markup.end(out);
                    out.feed_plain(b"\"");
                    out.skip(b"\"");
                    1
                }
                Next::Partial => {
                    self.rest = bytes.to_vec();
                    return;
                }
            };
            bytes = &bytes[used..];
        }
    }

    fn next(&self, bytes: &[u8]) -> Next {
        let Escapes { json, entities } = self.escapes;
        let special = |byte: &u8| match byte {
            b'\\' | b'"' => json,
            b'&' => entities,
            _ => false,
        };
        match bytes[0] {
            b'"' if json => Next::End,
            b'&' if entities => entity(&bytes[1..], 1),
            b'\\' if json => {
                if entities && bytes.starts_with(AMPERSAND) {
                    return entity(&bytes[AMPERSAND.len()..], AMPERSAND.len());
                }
                match json::escape_length(bytes) {
                    Some(_) => {
                        let (character, length) = json::escape(bytes);
                        Next::Character(character, length)
                    }
                    None => Next::Partial,
                }
            }
            _ => Next::Plain(bytes.iter().position(special).unwrap_or(bytes.len())),
        }
    }
}

/// Returns the character of the entity whose name starts `rest`, after an ampersand of `length` bytes.
fn entity(rest: &[u8], length: usize) -> Next {
    if let Some((name, byte)) = ENTITIES.into_iter().find(|(name, _)| rest.starts_with(name)) {
        return Next::Character(char::from(byte), length + name.len());
    }
    if ENTITIES.iter().any(|(name, _)| name.starts_with(rest)) {
        return Next::Partial;
    }
    Next::Character('&', length)
}
