//! Detects the kind of a document from its first bytes.

use memchr::memmem;

use super::{Document, mail, pgp, strip_byte_order_mark};

/// Bytes at the start of a PDF in which its magic number may occur.
const PDF_MAGIC_RANGE: usize = 1024;

/// Detects the kind of a document from its first bytes and its name. `head` is the whole input or its first 256 KiB;
/// `name` may be empty. Returns `None` for input without encoded content that this module can extract.
pub fn sniff(head: &[u8], name: &str) -> Option<Document> {
    let ends = |ending: &str| {
        let start = name.len().wrapping_sub(ending.len());
        name.as_bytes().get(start..).is_some_and(|end| end.eq_ignore_ascii_case(ending.as_bytes()))
    };
    let text = strip_byte_order_mark(head).trim_ascii_start();
    match text.first()? {
        b'{' if is_har(text, ends(".har")) => Some(Document::Har),
        b'{' if is_map(text, ends(".map")) => Some(Document::SourceMap),
        b')' if text.starts_with(b")]}") && is_map(text, ends(".map")) => Some(Document::SourceMap),
        b'-' | 0xA3 | 0xC8 if pgp::is_message(text) => Some(Document::Pgp),
        b'%' if is_pdf(text) => Some(Document::Pdf),
        _ if ends(".pdf") && is_pdf_within(head) => Some(Document::Pdf),
        b'A'..=b'Z' | b'a'..=b'z' => {
            let named = [".eml", ".mbox", ".mht", ".mhtml"].iter().any(|ending| ends(ending));
            mail::is_mail(text, named).then_some(Document::Mail)
        }
        _ => None,
    }
}

fn is_pdf(text: &[u8]) -> bool {
    text.starts_with(b"%PDF-") && text.get(5).is_some_and(u8::is_ascii_digit)
}

fn is_pdf_within(head: &[u8]) -> bool {
    let front = &head[..head.len().min(PDF_MAGIC_RANGE)];
    memmem::find_iter(front, b"%PDF-").any(|at| is_pdf(&front[at..]))
}

/// `{"log": {`, and a key that occurs near the beginning of every HAR.
fn is_har(text: &[u8], named: bool) -> bool {
    let Some(log) = text[1..].trim_ascii_start().strip_prefix(b"\"log\"") else { return false };
    let Some(log) = log.trim_ascii_start().strip_prefix(b":") else { return false };
    log.trim_ascii_start().starts_with(b"{") && (named || memmem::find(log, b"\"entries\"").is_some())
}

/// An object of version 3 with a key that only source maps have; with the extension `.map`, one of both suffices,
/// because keys may have any order and some values are long.
fn is_map(text: &[u8], named: bool) -> bool {
    let has = |word: &str| memmem::find(text, word.as_bytes()).is_some();
    let version = is_version_3(text);
    if !named && !version {
        return false;
    }
    let words = ["\"mappings\"", "\"sourcesContent\"", "\"sections\""];
    let word = words.iter().any(|word| has(word));
    word && version || named && (word || version || has("\"sources\""))
}

fn is_version_3(text: &[u8]) -> bool {
    memmem::find_iter(text, b"\"version\"").any(|at| {
        let value = text[at + b"\"version\"".len()..].trim_ascii_start();
        let value = value.strip_prefix(b":").unwrap_or_default().trim_ascii_start();
        value.first() == Some(&b'3')
            && !value.get(1).is_some_and(|next| next.is_ascii_digit() || *next == b'.')
    })
}
