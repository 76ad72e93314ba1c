//! Compressed streams and archives that do not begin their file, files of pages, and formats that are listed only.

use super::{log, make, place, places};
use crate::common::random::Random;
use crate::common::{both, code, lines, put, scan, text};

/// Bytes that are no text and hold no mark.
fn noise(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at % 7) as u8).collect()
}

fn http(encoding: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n\r\n").as_bytes(), body].concat()
}

/// A chunk of a picture; nobody asks for its checksum.
fn chunk(kind: &[u8], bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], kind, bytes, &[0; 4]].concat()
}

#[test]
fn streams_behind_anything_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("mixed", 0).key();
    let content = log(&key);
    let bytes = content.as_bytes();
    put(folder.path(), "a.http", http("gzip", &make::gzip(bytes)));
    put(folder.path(), "b.http", http("deflate", &make::zlib(bytes)));
    let gzip = make::gzip(bytes);
    let (first, rest) = gzip.split_at(40);
    let length = format!("\r\n{:x}\r\n", rest.len());
    let chunked = [b"28\r\n", first, length.as_bytes(), rest, b"\r\n0\r\n\r\n"];
    put(folder.path(), "c.http", http("gzip", &chunked.concat()));
    for (name, pack) in
        [("d-bz2", make::bzip2 as fn(&[u8]) -> Vec<u8>), ("d-xz", make::xz), ("d-zst", make::zstd)]
    {
        put(folder.path(), name, [noise(300), pack(bytes), noise(300_000), pack(b"more of it\n")].concat());
    }
    let picture =
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"zTXt", &[b"Comment\0\0", &make::zlib(bytes)[..]].concat())];
    put(folder.path(), "e.png", picture.concat());
    let tar = make::tar(&[("app.env", bytes)]);
    put(folder.path(), "f.run", [b"#!/bin/sh\nexit 0\n".to_vec(), make::gzip(&tar)].concat());
    put(folder.path(), "g.tar", make::tar(&[("a.http", &http("gzip", &make::gzip(bytes)))]));
    let expected = [
        place("a.http!/stream at 43", 31),
        place("b.http!/stream at 46", 31),
        place("c.http!/stream at 47", 31),
        place("d-bz2!/stream at 300", 31),
        place("d-xz!/stream at 300", 31),
        place("d-zst!/stream at 300", 31),
        place("e.png!/stream at 25", 31),
        place("f.run!/stream at 17!/app.env", 31),
        place("g.tar!/a.http!/stream at 43", 31),
    ];
    assert_eq!(places(folder.path(), &[]), expected);
}

#[test]
fn a_zip_archive_is_found_by_its_end_whatever_precedes_it() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("mixed", 1).key();
    let archive = make::zip(&[("a.txt", log(&key).as_bytes())]);
    let fronts = [
        b"\n".to_vec(),
        b"\0".to_vec(),
        "a line of text\n".repeat(3000).into_bytes(),
        b"<html></html>".to_vec(),
        b"%PDF-1.4\n%x\n%%EOF\n".to_vec(),
        b"GIF89a".to_vec(),
        make::gzip(b"something else\n"),
        noise(1000),
    ];
    let mut expected = Vec::new();
    for (number, front) in fronts.iter().enumerate() {
        for (end, behind) in [("", &b""[..]), ("-trailer", b"behind it\n")] {
            let name = format!("{number}{end}");
            put(folder.path(), &name, [&front[..], &archive, behind].concat());
            expected.push(place(&format!("{name}!/a.txt"), 31));
        }
    }
    assert_eq!(places(folder.path(), &[]), expected);
}

#[test]
fn data_that_only_looks_compressed_is_no_reason_for_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("mixed", 2);
    let mut bytes = Vec::new();
    while bytes.len() < 1 << 20 {
        bytes.extend(random.key().bytes().map(|byte| byte.wrapping_mul(59)));
        bytes.extend_from_slice(b"x\x9C\0\x1F\x8B\x08PK\x03\x04\x28\xB5\x2F\xFDzTXt");
    }
    put(folder.path(), "data", bytes);
    let output = scan(folder.path(), &[]);
    assert_eq!(code(&output), 0, "{}", both(&output));
}

#[test]
fn formats_that_are_not_read_are_listed_and_can_be_accepted() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.parquet", [b"PAR1".to_vec(), noise(100), b"PAR1".to_vec()].concat());
    put(folder.path(), "b.lzo", [b"\x89LZO\0\r\n\x1A\n".to_vec(), noise(100)].concat());
    let output = scan(folder.path(), &["--format", "json"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = report.to_string();
    assert!(said.contains("a Parquet file") && said.contains("an lzop file"), "{said}");
    put(
        folder.path(),
        "telleaks.toml",
        "[[accept-unread]]\nreason = \"r\"\nformats = [\"parquet\", \"lzop\"]\n",
    );
    assert_eq!(code(&crate::common::telleaks().current_dir(folder.path()).arg("scan").output().unwrap()), 0);
}

#[test]
fn a_file_of_firefox_is_expanded() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("mixed", 3).key();
    // Ids before the key, so that its beginning is a repetition.
    let content = format!("{{\"ids\":[\"{}\",\"{}\"],\n\"key\":\"{key}\"}}", &key[..30], &key[..25]);
    let block = lz4_flex::block::compress(content.as_bytes());
    let size = (content.len() as u32).to_le_bytes();
    put(folder.path(), "search.json.mozlz4", [b"mozLz40\0", &size[..], &block].concat());
    let output = scan(folder.path(), &["--format", "jsonl"]);
    let found = lines(&output.stdout);
    assert!(found.iter().any(|one| text(one, "/rule_id") == "telnyx-api-key"), "{}", both(&output));
}
