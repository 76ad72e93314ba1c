//! Tests of the documents through their public functions.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod har;
mod hostile;
mod mail;
mod maps;
mod pdf;
mod pgp;
mod places;

use std::io::{self, Cursor, Write};
use std::sync::atomic::AtomicU64;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::{Document, extract, sniff};
use crate::input::Content;
use crate::unpack::{Budget, Limits, Sink};

/// A sink that keeps everything.
#[derive(Default)]
struct Kept {
    members: Vec<(String, Vec<u8>)>,
    unseen: Vec<String>,
}

impl Sink for Kept {
    fn member(&mut self, name: &str, content: &mut dyn Content) {
        let mut bytes = Vec::new();
        if let Err(error) = content.read_to_end(&mut bytes) {
            self.unseen.push(format!("{name}: {error}"));
        }
        self.members.push((name.to_owned(), bytes));
    }

    fn metadata(&mut self, _: u64, _: &[u8]) {}

    fn unseen(&mut self, name: &str, reason: &str) {
        self.unseen.push(format!("{name}: {reason}"));
    }
}

impl Kept {
    fn names(&self) -> Vec<&str> {
        self.members.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn text(&self, name: &str) -> String {
        let (_, bytes) = self.members.iter().find(|(known, _)| known == name).unwrap();
        String::from_utf8_lossy(bytes).into_owned()
    }
}

fn limited(document: Document, bytes: &[u8], limits: &Limits) -> (Kept, io::Result<()>) {
    let (mut kept, total) = (Kept::default(), AtomicU64::new(0));
    let budget = Budget::new(limits, &total);
    let outcome = extract(document, &mut Cursor::new(bytes), &budget, &mut kept);
    (kept, outcome)
}

/// Detects the kind of the document and extracts its content.
fn of(bytes: &[u8], name: &str) -> Kept {
    let document = sniff(bytes, name).unwrap();
    let (kept, outcome) = limited(document, bytes, &Limits::default());
    outcome.unwrap();
    kept
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// base64 in lines of 76 characters.
fn base64_lines(bytes: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(bytes);
    let lines: Vec<&str> =
        text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\r\n")
}

/// Pseudo-random numbers, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn other_content_is_not_a_document() {
    for text in [
        "",
        "   ",
        "{",
        "{\"a\": 1}",
        "{\"name\": \"x\", \"version\": \"3.1.0\", \"sections\": []}",
        "{\"version\": 30, \"mappings\": \"\"}",
        "{\"log\": \"x\"}",
        "key: value\nother: value\n\n",
        "From here on: nothing\n",
        "Subject: a text that is no mail\n\nDate: x\n",
        "%PDF",
        "function x() {}",
    ] {
        assert_eq!(sniff(text.as_bytes(), "a.txt"), None, "{text}");
    }
}
