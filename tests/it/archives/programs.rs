//! Zip archives after a prefix: scripts, programs, browser extensions; in files, in other archives, in history, and in
//! files shared by several threads.

use std::io::Write;

use crate::archives::{log, make, place, places};
use crate::common::random::Random;
use crate::common::{both, code, put, scan, telleaks, text};

/// Returns a script followed by a zip archive that contains the key on line 31 of `app.env`.
fn script(before: usize, key: &str) -> Vec<u8> {
    let archive = make::zip(&[("app.env", log(key).as_bytes())]);
    [b"#!/usr/bin/env python3\n".to_vec(), vec![b'x'; before], archive].concat()
}

#[test]
fn archive_after_program_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("program", 0).key();
    put(folder.path(), "short.pex", script(10, &key));
    put(folder.path(), "long.pex", script(1 << 20, &key));
    let header = [&b"Cr24\x03\0\0\0\x04\0\0\0"[..], b"head"].concat();
    put(folder.path(), "page.crx", [header, make::zip(&[("app.env", log(&key).as_bytes())])].concat());
    let inside = [("short.pex", &script(10, &key)[..]), ("long.pex", &script(1 << 20, &key))];
    put(folder.path(), "all.tar", make::tar(&inside));
    put(folder.path(), "plain.sh", format!("#!/bin/sh\nkey={key}\n"));
    put(folder.path(), "plain.tar", make::tar(&[("run.sh", format!("#!/bin/sh\nkey={key}\n").as_bytes())]));
    let expected = [
        place("all.tar!/long.pex!/app.env", 31),
        place("all.tar!/short.pex!/app.env", 31),
        place("long.pex!/app.env", 31),
        place("page.crx!/app.env", 31),
        place("plain.sh", 2),
        place("plain.tar!/run.sh", 2),
        place("short.pex!/app.env", 31),
    ];
    assert_eq!(places(folder.path(), &[]), expected);
}

#[test]
fn archive_after_large_program_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("program", 1).key();
    // Larger than the chunk of one thread; most of it is a hole.
    let mut file = std::fs::File::create(folder.path().join("setup.exe")).unwrap();
    file.write_all(b"MZ").unwrap();
    file.set_len(60 << 20).unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.path().join("setup.exe")).unwrap();
    file.write_all(&make::zip(&[("app.env", log(&key).as_bytes())])).unwrap();
    drop(file);
    assert_eq!(places(folder.path(), &["--threads", "2"]), [place("setup.exe!/app.env", 31)]);
    let file = std::fs::File::open(folder.path().join("setup.exe")).unwrap();
    // On a pipe it is too large for memory and is read as a stream.
    let mut child = telleaks()
        .args(["scan", "-", "--format", "jsonl"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::copy(&mut &file, &mut child.stdin.take().unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    let found = crate::common::lines(&output.stdout);
    assert_eq!(text(&found[0], "/location/path"), "<stdin>!/app.env", "{}", both(&output));
}

#[test]
fn archive_after_program_in_history() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let key = Random::new("program", 2).key();
    crate::archives::commands::git(at, &["init", "-q", "-b", "main"]);
    put(at, "app.pex", script(100, &key));
    crate::archives::commands::git(at, &["add", "."]);
    crate::archives::commands::git(at, &["commit", "-qm", "one"]);
    for args in [&["audit", "--no-worktree"][..], &["commits", "HEAD"]] {
        let output = telleaks().current_dir(at).args(args).args(["--format", "jsonl"]).output().unwrap();
        let found = crate::common::lines(&output.stdout);
        assert_eq!(code(&output), 1, "{args:?} {}", both(&output));
        assert_eq!(text(&found[0], "/location/path"), "app.pex!/app.env", "{args:?}");
    }
}

#[test]
fn unopened_archive_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.eml", "From: a\nTo: b\nSubject: c\nMIME-Version: 1.0\n\nhello\n");
    assert_eq!(code(&scan(folder.path(), &[])), 0);
    let output = scan(folder.path(), &["--max-depth", "0"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
}

#[test]
fn text_before_stream_is_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("comment", 0).key();
    let mut writer =
        flate2::GzBuilder::new().comment(key.as_str()).write(Vec::new(), flate2::Compression::fast());
    writer.write_all(b"nothing\n").unwrap();
    put(folder.path(), "a.gz", writer.finish().unwrap());
    assert_eq!(places(folder.path(), &[]), [place("a.gz", 1)]);
}
