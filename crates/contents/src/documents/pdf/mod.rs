//! PDF: decodes compressed streams, and joins the text that pages show, which is often split into single letters.
//!
//! The file is searched once, from `stream` to `stream`. The cross-reference table and the declared stream lengths are
//! ignored, so that damaged, appended and deleted objects are scanned, too. Hence not `lopdf` or `pdf-extract`, which start from
//! that table and hold the document in memory.

mod dictionary;
mod filters;
mod lzw;
mod strings;
mod text;

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use flate2::bufread::DeflateDecoder;
use memchr::memmem;

use self::dictionary::{Filter, Object};
use super::{is_container, read_whole};
use crate::input::{Content, Stream};
use crate::unpack::{Budget, Opened, Sink};

/// Maximum size of a PDF, in bytes.
const MAX_PDF_BYTES: u64 = 512 << 20;
/// Bytes before `stream` in which its dictionary is searched.
const MAX_DICTIONARY_BYTES: usize = 16 << 10;
/// Maximum bytes of a stream kept in memory; page contents are not longer unless crafted.
const MAX_BUFFERED_BYTES: u64 = 32 << 20;
/// Length of the zlib header in bytes.
const ZLIB_HEADER_BYTES: usize = 2;

/// Hands over streams that are compressed or contain a container, and the text of pages.
///
/// # Errors
/// Returns an error if the input cannot be read, or if a limit is exceeded.
pub(super) fn extract(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let Some(bytes) = read_whole(input, MAX_PDF_BYTES)? else {
        sink.unseen("", "the PDF is larger than 512 MiB; its streams were not decoded");
        return Ok(());
    };
    if dictionary::is_encrypted(&bytes) {
        sink.unseen("", "the PDF is encrypted");
        return Ok(());
    }
    hand_over_strings("strings", &bytes, budget, sink)?;
    // `floor`: start of the search for a dictionary; `end`: offset of the next `endstream`.
    let (mut at, mut floor, mut end) = (0, 0, 0);
    while let Some(found) = memmem::find(&bytes[at..], b"stream") {
        let word = at + found;
        at = word + b"stream".len();
        let Some(start) = begin(&bytes, at).filter(|_| bytes[..word].trim_ascii_end().ends_with(b">>"))
        else {
            continue;
        };
        let object = dictionary::object(&bytes[floor.max(word.saturating_sub(MAX_DICTIONARY_BYTES))..word]);
        floor = word;
        let Some(object) = object else { continue };
        if end < start {
            end = memmem::find(&bytes[start..], b"endstream").map_or(bytes.len(), |length| start + length);
        }
        at = start + stream(&object, &bytes[start..end], budget, sink)?;
        floor = at;
    }
    Ok(())
}

/// Returns the offset of the stream data after the keyword that ends at `at`: after a line break.
fn begin(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b'\r', b'\n', ..] => Some(at + 2),
        [b'\r' | b'\n', ..] => Some(at + 1),
        [b' ', b'\r', b'\n', ..] => Some(at + 3),
        [b' ', b'\n', ..] => Some(at + 2),
        _ => None,
    }
}

/// Decodes one stream. Returns the number of bytes of `data` it consumed.
fn stream(object: &Object, data: &[u8], budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<usize> {
    if object.is_picture {
        return Ok(data.len());
    }
    let name = format!("object {}", object.number);
    let mut plain = None;
    for (position, filter) in object.filters.iter().enumerate() {
        let bytes = plain.as_deref().unwrap_or(data);
        match filter {
            Filter::Flate => {
                if position + 1 < object.filters.len() {
                    sink.unseen(&name, "the filters after FlateDecode are not supported");
                }
                let taken = inflate(&name, bytes, object, budget, sink)?;
                return Ok(if position == 0 { taken } else { data.len() });
            }
            Filter::Hex => plain = Some(filters::hex(bytes)),
            Filter::Ascii85 => plain = Some(filters::ascii85(bytes)),
            Filter::RunLength => plain = Some(filters::run_length(bytes)),
            Filter::Lzw => plain = Some(lzw::decode(bytes, object.early_change)),
            Filter::Crypt => {
                sink.unseen(&name, "is encrypted");
                return Ok(data.len());
            }
            Filter::Picture => return Ok(data.len()),
            Filter::Unknown => {
                sink.unseen(&name, "uses an unsupported filter");
                return Ok(data.len());
            }
        }
    }
    let bytes = plain.as_deref().unwrap_or(data);
    if plain.is_some() {
        budget.entry()?;
        let mut metered = budget.expanding(bytes, Rc::new(Cell::new(data.len() as u64)));
        sink.member(&name, &mut Stream(&mut metered));
        // Decoding costs the same whether or not the sink reads the bytes, so all of it counts against the limits.
        io::copy(&mut metered, &mut io::sink())?;
        if bytes.len() >= filters::MAX_DECODED_BYTES {
            sink.unseen(&name, "larger than 64 MiB; the rest was not decoded");
        }
    } else if is_container(bytes, "") {
        budget.entry()?;
        sink.member(&name, &mut Cursor::new(bytes));
    }
    hand_over_text(&name, bytes, budget, sink)?;
    Ok(data.len())
}

/// Inflates `data` and hands it over. Returns the number of bytes of `data` consumed.
fn inflate(
    name: &str,
    data: &[u8],
    object: &Object,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<usize> {
    budget.entry()?;
    if object.predicted {
        sink.unseen(name, "uses a predictor, which is not decoded");
    }
    // The checksum at the end is not verified: many writers get it wrong, and the data is valid anyway.
    let compressed = data.get(ZLIB_HEADER_BYTES..).unwrap_or_default();
    let from = Rc::new(Cell::new(compressed.len() as u64));
    let mut deflate = DeflateDecoder::new(compressed);
    let mut decoder = budget.expanding(&mut deflate, from);
    let mut head = Vec::new();
    let outcome = (&mut decoder).take(MAX_BUFFERED_BYTES).read_to_end(&mut head);
    let failed = outcome.is_err();
    match outcome {
        Ok(_) if (head.len() as u64) < MAX_BUFFERED_BYTES => {
            sink.member(name, &mut Cursor::new(head.as_slice()));
        }
        Ok(_) => sink.member(name, &mut Opened::new(&head, &mut Stream(&mut decoder))),
        Err(error) => {
            sink.member(name, &mut Opened::new(&head, &mut Stream(FailedReader(Some(error)))));
        }
    }
    drop(decoder);
    let taken = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
    // A checksum and a line break follow the data.
    if taken >= compressed.len() && !failed {
        sink.unseen(name, "it ends early");
    }
    hand_over_text(name, &head, budget, sink)?;
    Ok(taken.saturating_add(ZLIB_HEADER_BYTES).min(data.len()))
}

/// Hands over the text that a page shows, if it differs from the page content, and strings in UTF-16.
fn hand_over_text(name: &str, content: &[u8], budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    if let Some(text) = text::joined(content) {
        budget.entry()?;
        sink.member(&format!("{name} text"), &mut Cursor::new(text.as_slice()));
    }
    hand_over_strings(&format!("{name} strings"), content, budget, sink)
}

/// Hands over the strings in UTF-16.
fn hand_over_strings(name: &str, content: &[u8], budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    if let Some(text) = strings::wide(content) {
        budget.entry()?;
        sink.member(name, &mut Cursor::new(text.as_slice()));
    }
    Ok(())
}

/// A reader that returns the error of a damaged stream.
struct FailedReader(Option<io::Error>);

impl Read for FailedReader {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
