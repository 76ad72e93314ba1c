//! Containers and documents: for any damage, the reader ends within its limits, does not panic, and a key is either
//! found or something is reported as skipped.

use std::io::Cursor;

use telleaks::input::{Content, Stream};
use telleaks::report::Report;
use telleaks::scan::{Collector, Scanner};
use telleaks::unpack::{self, Kind, Limits};

use crate::input::Input;
use crate::make;
use crate::planted::{self, DETECTOR};

/// Names that decide the format where the bytes do not.
const NAMES: [&str; 8] = ["a", "a.br", "a.eml", "a.har", "a.map", "a.pdf", "a.mbox", "a.js"];
/// Maximum expanded size of an input, in bytes.
const EXPANDED: u64 = 2 << 20;

/// Scans raw bytes of the input, or a container that is made from it and then damaged.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = input.below(24);
    let name = NAMES[input.below(NAMES.len())];
    if kind >= MAKERS.len() {
        let content = input.rest();
        bounded(content, &searched(name, content, false));
        searched(name, content, true);
        return;
    }
    let key = planted::key(&mut input);
    let changes: Vec<(usize, u8)> = (0..input.below(6)).map(|_| (input.short(), input.byte())).collect();
    let cut = input.short();
    let member = [input.piece(), b"\nkey = '", key.as_bytes(), b"'\n", input.piece()].concat();
    let name = if kind == BROTLI { "a.br" } else { "a" };
    let mut content = MAKERS[kind](&[(&input.text(), &member), ("b", input.rest())]);
    let whole = content.clone();
    for (at, value) in changes {
        let length = content.len();
        content[at % length] ^= value;
    }
    content.truncate(if cut == 0 { content.len() } else { cut });
    for stream in [false, true] {
        let report = searched(name, &content, stream);
        bounded(&content, &report);
        told((kind, &key), (&whole, &content), &report);
    }
}

/// Returns the report of a scan of the content.
fn searched(name: &str, content: &[u8], stream: bool) -> Report {
    let limits = Limits { depth: 4, expanded: EXPANDED, entries: 300, ..Limits::default() };
    let inspector = Scanner::new(&DETECTOR, limits);
    let collector = Collector::new(&inspector);
    let mut as_stream = Stream(content);
    let mut whole = Cursor::new(content);
    let reader: &mut dyn Content = if stream { &mut as_stream } else { &mut whole };
    collector.search(&|| name.to_owned(), None, reader).unwrap();
    collector.finish().0
}

fn bounded(content: &[u8], report: &Report) {
    for one in &report.unseen {
        assert!(!one.reason.contains("please report it"), "{}: {}", one.path, one.reason);
    }
    // The raw content and the text of a document may be scanned in addition to the members.
    let most = 8 * (content.len() as u64 + EXPANDED) + (1 << 20);
    let searched = report.summary.bytes_scanned;
    assert!(searched <= most, "{searched} bytes were searched in {} bytes", content.len());
}

/// Checks that a container that is still recognized does not hide the key silently.
fn told((kind, key): (usize, &str), (whole, content): (&[u8], &[u8]), report: &Report) {
    let found = report.findings.iter().any(|one| one.secret.expose() == key);
    if found || !report.unseen.is_empty() {
        return;
    }
    if content == whole {
        panic!("a key in a good container of kind {kind} is not found");
    }
    assert!(memchr::memmem::find(content, key.as_bytes()).is_none(), "a key in plain text is not found");
    let sniffed = unpack::sniff(content, &String::new);
    let has_sums = matches!(
        sniffed,
        Some(Kind::Gzip | Kind::Zlib | Kind::Bzip2 | Kind::Xz | Kind::Lzip | Kind::Zip | Kind::SevenZip)
    );
    assert!(!has_sums || content.len() < whole.len(), "a damaged container of kind {kind} looks clean");
    assert!(!has_sums || kind == ZIP, "a cut container of kind {kind} looks clean");
}

type Maker = fn(&[(&str, &[u8])]) -> Vec<u8>;

const BROTLI: usize = 8;
const ZIP: usize = 10;

/// Functions that make containers. Formats with a single content use only the first file.
const MAKERS: [Maker; 18] = [
    |files| make::gzip(files[0].1),
    |files| make::zlib(files[0].1),
    |files| make::bzip2(files[0].1),
    |files| make::xz(files[0].1),
    |files| make::lzma(files[0].1),
    |files| make::zstd(files[0].1),
    |files| make::lz4(files[0].1),
    |files| make::gzip(&make::tar(&fit(files))),
    |files| make::brotli(files[0].1),
    |files| make::tar(&fit(files)),
    |files| make::zip(&fit(files)),
    |files| stored_zip(&fit(files)),
    ar,
    cpio,
    |files| asar(&fit(files)),
    |files| seven_zip(&fit(files)),
    |files| [b"#!/bin/sh\nexit\n", &make::zip(&fit(files))[..]].concat(),
    |files| make::zip(&[("x.zip", &make::zip(&fit(files))), ("y.tgz", &make::gzip(files[1].1))]),
];

/// Returns the files whose names are valid in every format.
fn fit<'a>(files: &[(&'a str, &'a [u8])]) -> Vec<(&'a str, &'a [u8])> {
    let first = if files[0].0.is_empty() || files[0].0.len() > 90 || files[0].0.contains('\0') {
        "c"
    } else {
        files[0].0
    };
    vec![(first, files[0].1), files[1]]
}

/// Returns a zip archive with stored members and a central directory.
fn stored_zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let size = (content.len() as u32).to_le_bytes();
        let (sum, length) = (crc.sum().to_le_bytes(), (name.len() as u16).to_le_bytes());
        let head = [&b"\x14\0\0\0\0\0\0\0\x21\x58"[..], &sum, &size, &size, &length, &[0, 0]].concat();
        let at = (out.len() as u32).to_le_bytes();
        directory.extend([&b"PK\x01\x02\x14\0"[..], &head, &[0; 10], &at, name.as_bytes()].concat());
        out.extend([&b"PK\x03\x04"[..], &head, name.as_bytes(), content].concat());
    }
    let count = (files.len() as u16).to_le_bytes();
    let (size, at) = ((directory.len() as u32).to_le_bytes(), (out.len() as u32).to_le_bytes());
    out.extend(directory);
    out.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &size, &at, &[0, 0]].concat());
    out
}

/// Returns an archive in the format of ar(5).
fn ar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (number, (_, content)) in files.iter().enumerate() {
        let name = format!("{number}/");
        out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, content.len()).bytes());
        out.extend_from_slice(content);
        out.extend(vec![b'\n'; content.len() % 2]);
    }
    out
}

/// Returns an archive in the "new ASCII" format of cpio(5).
fn cpio(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let end = [("TRAILER!!!", &[][..])];
    let names = ["one", "two"].into_iter().zip(files.iter().map(|file| file.1)).chain(end);
    for (name, content) in names {
        out.extend(b"070701");
        for field in [1, 0o100_644, 0, 0, 1, 0, content.len(), 0, 0, 0, 0, name.len() + 1, 0] {
            out.extend(format!("{field:08X}").bytes());
        }
        out.extend([name.as_bytes(), &[0]].concat());
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

/// Returns an archive in the format of github.com/electron/asar: four numbers, a JSON index, the contents.
fn asar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut list = serde_json::Map::new();
    let mut at = 0;
    for (number, (_, content)) in files.iter().enumerate() {
        let entry = serde_json::json!({"size": content.len(), "offset": at.to_string()});
        list.insert(number.to_string(), entry);
        at += content.len();
    }
    let list = serde_json::json!({ "files": list }).to_string();
    let padded = list.len().next_multiple_of(4);
    let numbers =
        [4, padded + 8, padded + 4, list.len()].map(|number| (number as u32).to_le_bytes()).concat();
    let mut out = [&numbers[..], list.as_bytes()].concat();
    out.resize(16 + padded, 0);
    files.iter().for_each(|(_, content)| out.extend_from_slice(content));
    out
}

/// Returns a 7z archive with one uncompressed folder (7zFormat.txt of the LZMA SDK).
fn seven_zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let number = |value: usize| [&[0xC0][..], &(value as u16).to_le_bytes()].concat();
    let data: Vec<u8> = files.iter().flat_map(|file| file.1.iter().copied()).collect();
    let names: Vec<u8> =
        files.iter().flat_map(|file| file.0.encode_utf16().chain([0])).flat_map(u16::to_le_bytes).collect();
    let mut header = vec![1, 4, 6, 0, 1, 9];
    header.extend(number(data.len()));
    // One folder, one coder with the id 0, its size; two substreams, the size of the first.
    header.extend([0, 7, 0x0B, 1, 0, 1, 1, 0, 0x0C]);
    header.extend(number(data.len()));
    header.extend([0, 8, 0x0D, 2, 9]);
    header.extend(number(files[0].1.len()));
    header.extend([0x0A, 1]);
    for (_, content) in files {
        header.extend(crc(content));
    }
    header.extend([0, 0, 5, 2, 0x11]);
    header.extend(number(names.len() + 1));
    header.extend([&[0][..], &names, &[0, 0]].concat());
    let mut start = (data.len() as u64).to_le_bytes().to_vec();
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc(&header));
    [b"7z\xBC\xAF\x27\x1C\0\x04", &crc(&start)[..], &start, &data, &header].concat()
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}
