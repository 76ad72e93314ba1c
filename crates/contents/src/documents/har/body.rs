//! A base64 body of a HAR: detects whether it needs decoding, and hands it to the sink.

use std::io::{self, Cursor, Read};

use brotli_decompressor::Decompressor;
use flate2::bufread::{DeflateDecoder, ZlibDecoder};

use super::model::Body;
use crate::documents::{base64, is_container};
use crate::input::Stream;
use crate::unpack::{Budget, Sink};

/// Bytes decoded to detect the format of a body.
const SNIFF_BYTES: usize = 16 << 10;
/// Maximum bytes decoded to check whether a body is compressed as its header says.
const MAX_PROBE_BYTES: u64 = 64 << 20;
/// Input buffer size of the brotli decoder.
const BROTLI_BUFFER_BYTES: usize = 4096;

/// Hands a body to the sink if it is a container, or still compressed. Browsers write bodies decompressed but keep the
/// `Content-Encoding` header, so the header is only a hint and decompression is tried first.
pub(super) fn hand_over(
    body: Body,
    encoding: &str,
    name: &str,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let Some(text) = body.text.filter(|_| body.encoding.as_deref() == Some("base64")) else { return Ok(()) };
    let compressed = match encoding.trim() {
        "br" => Some(brotli as Decoder),
        "deflate" => Some(deflate as Decoder),
        _ => None,
    };
    let known = is_container(&base64::head(text.as_bytes(), SNIFF_BYTES), "");
    if !known && compressed.is_none() {
        return Ok(());
    }
    let bytes = base64::decode(text.as_bytes());
    drop(text);
    if known {
        budget.entry()?;
        sink.member(name, &mut Cursor::new(bytes.as_slice()));
    } else if let Some(decoder) = compressed.filter(|decoder| is_whole(decoder(&bytes))) {
        budget.entry()?;
        let from = budget.compressed(io::empty()).count();
        from.set(bytes.len() as u64);
        sink.member(name, &mut Stream(budget.expanding(decoder(&bytes), from)));
    }
    Ok(())
}

type Decoder = fn(&[u8]) -> Box<dyn Read + '_>;

fn brotli(bytes: &[u8]) -> Box<dyn Read + '_> {
    Box::new(Decompressor::new(bytes, BROTLI_BUFFER_BYTES))
}

/// Tries zlib first, then raw deflate: servers send both as `deflate`.
fn deflate(bytes: &[u8]) -> Box<dyn Read + '_> {
    if is_whole(Box::new(ZlibDecoder::new(bytes))) {
        Box::new(ZlibDecoder::new(bytes))
    } else {
        Box::new(DeflateDecoder::new(bytes))
    }
}

/// Returns whether a decoder yields at least one byte and no error.
fn is_whole(decoder: Box<dyn Read + '_>) -> bool {
    matches!(io::copy(&mut decoder.take(MAX_PROBE_BYTES), &mut io::sink()), Ok(count) if count > 0)
}
