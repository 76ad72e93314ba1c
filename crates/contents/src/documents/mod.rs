//! Structured documents: extracts the content that is encoded in their raw bytes, and computes the path of an offset in
//! JSON.
//!
//! [`sniff`] detects the kind of a document, [`extract`] hands its encoded content to a sink: the sources in source
//! maps, attachments of mails, recorded bodies, streams of PDFs. Does not open files or search for secrets, and does
//! not hand over content that the scan of the raw bytes finds as well. Input is untrusted: declared sizes are ignored,
//! and damage ends the reading of one part, never the scan.
//!
//! Postman and Insomnia exports, Terraform states, Jupyter notebooks and heap snapshots need no extraction: they
//! consist of JSON strings (for which [`place_in_json`] computes a path). Nor do binary property lists, which contain
//! their strings unbroken, as ASCII or UTF-16BE.

mod base64;
mod har;
mod json;
mod mail;
mod pdf;
mod pgp;
mod sniff;
mod source_map;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

pub use json::place_in_json;
pub use sniff::sniff;
pub use source_map::{MapAt, map_of, original};

use crate::input::Content;
use crate::unpack::{self, Budget, Sink};

/// A kind of document with encoded content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// A source map (ECMA-426), of one file or an index of several.
    SourceMap,
    /// An HTTP archive, recorded by a browser.
    Har,
    /// A mail, a mailbox (mbox), or a web page saved as one file (MHTML).
    Mail,
    /// A PDF.
    Pdf,
    /// An OpenPGP message.
    Pgp,
}

/// Returns the names and descriptions of all documents, as rows of the documentation.
pub fn formats() -> [(&'static str, &'static str); 5] {
    [
        ("source-map", "source maps: each original file by itself"),
        ("har", "HAR: recorded bodies"),
        ("mail", "mail, mailboxes and MHTML: attachments, encoded parts and headers"),
        ("pdf", "PDF: compressed streams, the text of pages, strings in UTF-16"),
        ("pgp", "OpenPGP messages that are not encrypted: compressed or armoured data"),
    ]
}

/// Hands the encoded content of `input` to `sink`, in one pass from the beginning. The raw bytes themselves are not
/// handed over: the caller scans them, too, and may find the same secret in both.
///
/// Member names: the path of the source (source maps), `entry 3 response` (HAR), the file name or `part-2`, in
/// mailboxes with the prefix `message 7/` (mail), `object 12` and `object 12 text` (PDF), the file name or `message` (PGP). A document of another format
/// than its first bytes suggest has no members.
///
/// # Errors
/// Returns an error if the input cannot be read, or if a limit is exceeded. Members before the error were handed over.
pub fn extract(
    document: Document,
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    match document {
        Document::SourceMap => source_map::extract(input, budget, sink),
        Document::Har => har::extract(input, budget, sink),
        Document::Mail => mail::extract(input, budget, sink),
        Document::Pdf => pdf::extract(input, budget, sink),
        Document::Pgp => pgp::extract(input, budget, sink),
    }
}

/// Reads all of `input`; returns `None` if it has more than `most` bytes.
fn read_whole(input: &mut dyn Content, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Returns whether an input with this beginning is a container or a document.
fn is_container(head: &[u8], name: &str) -> bool {
    unpack::sniff(head, &|| name.to_owned()).is_some() || sniff(head, name).is_some()
}

/// Returns `text` without a byte order mark.
fn strip_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}
