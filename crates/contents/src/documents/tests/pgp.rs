//! OpenPGP messages.

use std::io::Write;

use super::{Document, base64_lines, limited, of, sniff, zlib};
use crate::unpack::Limits;

/// Returns a literal packet of the old format.
fn literal(name: &str, data: &[u8]) -> Vec<u8> {
    let body = [&[b'b', name.len() as u8], name.as_bytes(), &[0; 4], data].concat();
    [&[0xAD], (body.len() as u16).to_be_bytes().as_slice(), &body].concat()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn armoured(bytes: &[u8]) -> Vec<u8> {
    format!(
        "-----BEGIN PGP MESSAGE-----\nComment: a b\n\n{}\n=AAAA\n-----END PGP MESSAGE-----\n",
        base64_lines(bytes)
    )
    .into_bytes()
}

#[test]
fn messages_that_are_not_encrypted_are_decoded() {
    let text = "a line of text\n".repeat(100);
    let plain = literal("a.txt", text.as_bytes());
    let signed = [&[0x90, 3, 1, 2, 3], plain.as_slice(), &[0x88, 2, 0, 0]].concat();
    let compressed = |kind: u8, data: &[u8]| [&[0xA3, kind], data].concat();
    for message in [
        armoured(&plain),
        armoured(&compressed(1, &deflated(&signed))),
        armoured(&compressed(2, &zlib(&plain))),
        armoured(&compressed(3, &bzipped(&plain))),
        armoured(&compressed(0, &compressed(1, &deflated(&plain)))),
        compressed(1, &deflated(&signed)),
    ] {
        let kept = of(&message, "");
        assert_eq!(kept.names(), ["a.txt"]);
        assert!(kept.text("a.txt") == text && kept.unseen.is_empty(), "{:?}", kept.unseen);
    }
    let two = [armoured(&literal("", b"one")), armoured(&literal("", b"two"))].concat();
    assert_eq!(of(&two, "").names(), ["message", "message"]);
}

#[test]
fn packets_in_parts_are_joined() {
    let body = [b"b\0\0\0\0\0".as_slice(), &[b'x'; 1000]].concat();
    let parts = [&[0xCB, 224 + 9], &body[..512], &[192 + 1, 46], &body[512..]].concat();
    let deflated = deflated(&parts);
    let length = deflated.len() as u8 + 1;
    let kept = of(&[&[0xC8, length, 1], deflated.as_slice()].concat(), "");
    assert_eq!((kept.names(), kept.text("message").len()), (vec!["message"], 1000));
}

#[test]
fn damaged_and_other_messages_are_no_error() {
    let encrypted = armoured(&[0x85, 0, 2, 1, 1, 0xD2, 2, 1, 1]);
    assert!(of(&encrypted, "").members.is_empty());
    let cut = deflated(&literal("a", &[b'x'; 5000]));
    let kept = of(&armoured(&[&[0xA3, 1], &cut[..cut.len() - 3]].concat()), "");
    assert_eq!(kept.unseen, [": a compressed PGP packet is damaged"]);
    assert_eq!(sniff(b"\xA3\x01 some text", ""), None);
    assert_eq!(sniff(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc", ""), None);
    let message = armoured(&[&[0xA3, 1], cut.as_slice()].concat());
    for at in 0..message.len() {
        limited(Document::Pgp, &message[..at], &Limits::default()).1.unwrap();
        limited(Document::Pgp, &cut[at.min(cut.len())..], &Limits::default()).1.unwrap();
    }
}
