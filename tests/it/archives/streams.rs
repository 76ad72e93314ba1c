//! Compressed streams: every format, consecutive streams, and trailing data.

use crate::archives::{log, make, place, places};
use crate::common::put;
use crate::common::random::Random;

/// Compresses a content.
type Pack = fn(&[u8]) -> Vec<u8>;

const KINDS: [(&str, Pack); 8] = [
    ("gz", make::gzip),
    ("zz", make::zlib),
    ("bz2", make::bzip2),
    ("xz", make::xz),
    ("lzma", make::lzma),
    ("zst", make::zstd),
    ("lz4", make::lz4),
    ("br", make::brotli),
];

#[test]
fn formats_are_recognized_by_content_and_brotli_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (number, (kind, pack)) in KINDS.into_iter().enumerate() {
        let content = log(&Random::new("kind", number).key());
        let name = if kind == "br" { "app.js.br".to_owned() } else { format!("file{number}") };
        put(folder.path(), &name, pack(content.as_bytes()));
    }
    let mut expected: Vec<_> = (0..7).map(|number| place(&format!("file{number}"), 31)).collect();
    expected.insert(0, place("app.js.br", 31));
    assert_eq!(places(folder.path(), &[]), expected);
}

#[test]
fn consecutive_streams_are_one_text() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("several", 0).key();
    for (kind, pack) in KINDS.into_iter().filter(|(kind, _)| !["zz", "lzma", "br"].contains(kind)) {
        put(folder.path(), kind, [pack(b"one\n"), pack(b"two\n"), pack(log(&key).as_bytes())].concat());
    }
    // Skippable frames before, between and after other frames.
    for (kind, pack) in [("zst-skip", make::zstd as Pack), ("lz4-skip", make::lz4)] {
        let skip = make::skippable(b"nothing");
        let content = log(&key);
        put(
            folder.path(),
            kind,
            [&skip[..], &pack(b"1\n2\n"), &skip, &pack(content.as_bytes()), &skip].concat(),
        );
    }
    let expected = ["bz2", "gz", "lz4", "lz4-skip", "xz", "zst", "zst-skip"].map(|name| place(name, 33));
    assert_eq!(places(folder.path(), &[]), expected);
}

#[test]
fn padding_and_text_after_stream_are_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("behind", 0).key();
    let behind = [make::gzip(b"nothing here\n"), vec![0; 4096], log(&key).into_bytes()].concat();
    put(folder.path(), "behind.gz", &behind);
    put(folder.path(), "padded.gz", [make::gzip(log(&key).as_bytes()), vec![0; 70_000]].concat());
    let found = places(folder.path(), &[]);
    assert_eq!(found, [place("behind.gz", 31), place("padded.gz", 31)]);
}

#[test]
fn files_that_only_resemble_streams_are_scanned_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("looks", 0).key();
    // Text that starts with the two bytes of a zlib header, and text that is not valid brotli.
    put(folder.path(), "notes.txt", format!("x^2 is a square\n{key}\n"));
    put(folder.path(), "notes.br", format!("plain\n\n{key}\n"));
    put(folder.path(), "five", format!("]\0\0\0\u{1}{key}"));
    assert_eq!(places(folder.path(), &[]), [place("five", 1), place("notes.br", 3), place("notes.txt", 2)]);
}

#[test]
fn stream_is_scanned_in_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("long", 0);
    let (first, last) = (random.key(), random.key());
    // Longer than any buffer, with the keys at both ends.
    let content = format!("{first}\n{}{last}", "0123456789 abcdef\n".repeat(300_000));
    for (kind, pack) in KINDS {
        put(folder.path(), &format!("{kind}.{kind}"), pack(content.as_bytes()));
    }
    let mut expected: Vec<_> = KINDS
        .iter()
        .flat_map(|(kind, _)| [1, 300_002].map(|line| place(&format!("{kind}.{kind}"), line)))
        .collect();
    expected.sort();
    assert_eq!(places(folder.path(), &[]), expected);
}
