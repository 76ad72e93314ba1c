//! Documents with a structure: what their raw bytes hide from a reader who does not know it, and where in them a place
//! is.
//!
//! [`sniff`] tells by content what something is, [`hidden`] hands over what the raw bytes hide: the sources in source
//! maps, attachments of mails, recorded bodies, streams of PDFs. It opens no file and searches for nothing, and it hands
//! nothing over that stands in the raw bytes in a form that a search reads there. Every document may be hostile:
//! no size in it is believed, and damage ends the reading of a part, never the scan.
//!
//! Nothing is hidden in Postman and Insomnia exports, Terraform states, Jupyter notebooks and heap snapshots (JSON
//! strings; [`place_in_json`] names places in them), nor in binary property lists: strings lie in these whole, as ASCII
//! or UTF-16BE.

mod base64;
mod har;
mod json;
mod mail;
mod pdf;
mod sniff;
mod source_map;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

pub use json::place_in_json;
pub use sniff::sniff;
pub use source_map::{MapAt, map_of, original};

use crate::content::Content;
use crate::unpack::{self, Budget, Sink};

/// A kind of document in which something is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// A source map (ECMA-426), of one file or an index of several.
    SourceMap,
    /// An HTTP archive: what a browser recorded.
    Har,
    /// A mail, several of them (mbox), or a web page saved as one (MHTML).
    Mail,
    /// A PDF.
    Pdf,
}

/// Hands over what the raw bytes of `input` hide, from its beginning to its end. The raw bytes themselves are not
/// handed over: whoever calls this reads them, too, and may meet there what was found here.
///
/// Members are called by the path of the source (source maps), `entry 3 response` (HAR), the file name or `part-2`, in
/// mailboxes with `message 7/` before it (mail), `object 12` and `object 12 text` (PDF). A document that is not what
/// it looked like holds nothing.
///
/// # Errors
/// The input cannot be read, or the budget is spent. What came before is with the sink already.
pub fn hidden(
    document: Document,
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    match document {
        Document::SourceMap => source_map::hidden(input, budget, sink),
        Document::Har => har::hidden(input, budget, sink),
        Document::Mail => mail::hidden(input, budget, sink),
        Document::Pdf => pdf::hidden(input, budget, sink),
    }
}

/// All of `input` if it has `most` bytes or fewer.
fn whole(input: &mut dyn Content, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Whether content that begins like this hides something.
fn is_container(head: &[u8], name: &str) -> bool {
    unpack::sniff(head, &|| name.to_owned()).is_some() || sniff(head, name).is_some()
}

/// `text` without a byte order mark.
fn skip_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}
