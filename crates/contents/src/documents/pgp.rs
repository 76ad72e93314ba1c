//! OpenPGP messages (RFC 9580) that are not encrypted: hands over the data of compressed and literal packets, from binary
//! and armoured messages. Encrypted data and signatures have no readable content.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use bzip2::read::BzDecoder;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use memchr::memmem;

use super::base64::Base64;
use super::read_whole;
use crate::input::Content;
use crate::unpack::{Budget, Sink};

/// Maximum size of a message, in bytes, and of the data of a compressed packet.
const MAX_MESSAGE_BYTES: u64 = 64 << 20;
/// Maximum nesting of compressed packets.
const MAX_DEPTH: usize = 4;
/// The first and the last line of an armoured message.
const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
const END: &[u8] = b"-----END";
/// Tags of packets.
const COMPRESSED: u8 = 8;
const LITERAL: u8 = 11;
/// Number of bytes of a packet that must decompress to detect a binary message.
const PROBE_BYTES: usize = 1;

/// A packet without its header.
struct Packet {
    tag: u8,
    body: Vec<u8>,
    /// Length of the packet with its header, in bytes.
    length: usize,
    /// Whether its body is in several parts.
    partial: bool,
}

/// What is around some packets.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    /// Number of compressed packets around them.
    compressed: usize,
    /// Whether they are in the content in another form.
    encoded: bool,
}

/// Returns whether content that starts with `head` is a message: armoured, or compressed with raw deflate. Messages in
/// other binary forms are found by the search for compressed streams.
pub(super) fn is_message(head: &[u8]) -> bool {
    if head.first() == Some(&b'-') {
        return head.starts_with(BEGIN);
    }
    let body = match head {
        // Tag 8, without a length in the old format and with one in the new format.
        [0xA3, 1, rest @ ..] | [0xC8, 0..=191, 1, rest @ ..] | [0xC8, 224..=254, 1, rest @ ..] => rest,
        _ => return false,
    };
    let mut first = [0; PROBE_BYTES];
    let decodes = DeflateDecoder::new(body).read_exact(&mut first).is_ok();
    decodes && tag(first[0]).is_some_and(|tag| matches!(tag, 2 | 4 | COMPRESSED | LITERAL))
}

/// Hands over the data of all packets that are compressed, armoured or in several parts.
///
/// # Errors
/// Returns an error if the input cannot be read, or if a limit is exceeded.
pub(super) fn extract(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let Some(bytes) = read_whole(input, MAX_MESSAGE_BYTES)? else {
        sink.unseen("", "the PGP message is larger than 64 MiB; its packets were not decoded");
        return Ok(());
    };
    let mut rest = bytes.as_slice();
    if !rest.trim_ascii_start().starts_with(BEGIN) {
        return packets(rest, Around::default(), budget, sink);
    }
    while let Some(at) = memmem::find(rest, BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let end = memmem::find(rest, END).unwrap_or(rest.len());
        packets(&without_armour(&rest[..end]), Around { compressed: 0, encoded: true }, budget, sink)?;
        rest = &rest[end..];
    }
    Ok(())
}

/// Decodes the lines of an armoured message after its first one.
fn without_armour(text: &[u8]) -> Vec<u8> {
    let (mut base64, mut out) = (Base64::default(), Vec::new());
    for line in text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
        // The checksum is after the data.
        if line.first() == Some(&b'=') {
            break;
        }
        // Headers have a colon, which base64 has not.
        if memchr::memchr(b':', line).is_none() {
            base64.push(line, &mut out);
        }
    }
    out
}

/// Hands over the packets in `bytes`.
fn packets(mut bytes: &[u8], around: Around, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    while let Some(packet) = packet(bytes) {
        let Packet { tag, body, length, partial } = packet;
        if tag == LITERAL && (around.encoded || partial) {
            let (name, data) = literal(&body);
            budget.entry()?;
            sink.member(&name, &mut Cursor::new(data));
        } else if tag == COMPRESSED && around.compressed < MAX_DEPTH {
            let data = decompressed(&body, budget, sink)?;
            packets(&data, Around { compressed: around.compressed + 1, encoded: true }, budget, sink)?;
        } else if tag == COMPRESSED {
            sink.unseen("", "PGP packets are nested too deep");
        }
        bytes = bytes.get(length.max(1)..).unwrap_or_default();
    }
    Ok(())
}

/// Returns the name and the data of a literal packet.
fn literal(body: &[u8]) -> (String, &[u8]) {
    let length = usize::from(body.get(1).copied().unwrap_or_default());
    let name = String::from_utf8_lossy(body.get(2..2 + length).unwrap_or_default()).into_owned();
    let data = body.get(2 + length + 4..).unwrap_or(body);
    (if name.is_empty() { "message".to_owned() } else { name }, data)
}

/// Returns the data of a compressed packet.
fn decompressed(body: &[u8], budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<Vec<u8>> {
    let Some((algorithm, data)) = body.split_first() else { return Ok(Vec::new()) };
    let decoder: Box<dyn Read> = match algorithm {
        0 => Box::new(data),
        1 => Box::new(DeflateDecoder::new(data)),
        2 => Box::new(ZlibDecoder::new(data)),
        3 => Box::new(BzDecoder::new(data)),
        _ => {
            sink.unseen("", "a PGP packet uses an unsupported compression");
            return Ok(Vec::new());
        }
    };
    budget.entry()?;
    let mut out = Vec::new();
    let mut metered = budget.expanding(decoder, Rc::new(Cell::new(data.len() as u64)));
    let outcome = (&mut metered).take(MAX_MESSAGE_BYTES).read_to_end(&mut out);
    match outcome {
        Err(error) if crate::unpack::is_limit(&error) => return Err(error),
        Err(_) => sink.unseen("", "a compressed PGP packet is damaged"),
        Ok(_) if out.len() as u64 == MAX_MESSAGE_BYTES => {
            sink.unseen("", "a compressed PGP packet is larger than 64 MiB; the rest was not decoded");
        }
        Ok(_) => {}
    }
    Ok(out)
}

/// Returns the tag of a packet from its first byte.
fn tag(first: u8) -> Option<u8> {
    match first {
        0xC0.. => Some(first & 63),
        0x80.. => Some(first >> 2 & 15),
        _ => None,
    }
}

/// Parses the packet at the start of `bytes`. A packet that ends early has the bytes that are there.
fn packet(bytes: &[u8]) -> Option<Packet> {
    let (first, rest) = bytes.split_first()?;
    let tag = tag(*first)?;
    if *first >= 0xC0 {
        return new_packet(tag, rest);
    }
    let field = [1, 2, 4, 0][usize::from(first & 3)];
    let header = rest.get(..field)?;
    let stated = header.iter().fold(0usize, |length, byte| length << 8 | usize::from(*byte));
    let rest = &rest[field..];
    let body = if field == 0 { rest } else { &rest[..stated.min(rest.len())] };
    Some(Packet { tag, body: body.to_vec(), length: 1 + field + body.len(), partial: false })
}

/// Parses a packet of the new format after its first byte.
fn new_packet(tag: u8, bytes: &[u8]) -> Option<Packet> {
    let (mut body, mut at, mut partial) = (Vec::new(), 0, false);
    loop {
        let first = usize::from(*bytes.get(at)?);
        let (field, length, is_last) = match first {
            0..192 => (1, first, true),
            192..224 => (2, ((first - 192) << 8) + usize::from(*bytes.get(at + 1)?) + 192, true),
            255 => {
                let stated = u32::from_be_bytes(*bytes.get(at + 1..)?.first_chunk()?);
                (5, usize::try_from(stated).unwrap_or(usize::MAX), true)
            }
            _ => (1, 1 << (first & 31), false),
        };
        partial |= !is_last;
        let rest = bytes.get(at + field..)?;
        let part = &rest[..length.min(rest.len())];
        body.extend_from_slice(part);
        at += field + part.len();
        if is_last || part.len() < length || at >= bytes.len() {
            return Some(Packet { tag, body, length: 1 + at, partial });
        }
    }
}
