//! Files that cannot be opened or read: the others are scanned, each failure is named, nothing looks clean.

use std::path::Path;

use crate::common::random::Random;
use crate::common::{both, code, put};
use crate::repo::{key, line};
use crate::{fed, make, reported, run};

/// Faults that affect a file as soon as it is opened or read.
const AT_ONCE: [&str; 3] = ["open-error", "vanish", "read-error"];

#[test]
fn file() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "good.env", line("good"));
    put(folder.path(), "sub/bad.env", line("bad"));
    for order in AT_ONCE {
        let order = format!("{order}=**/bad.env");
        reported(&order, folder.path(), &["scan", "."]).beside(&["good.env"], "sub/bad.env", &order);
        reported(&order, folder.path(), &["scan", "sub"]).beside(&[], "bad.env", &order);
        reported(&order, folder.path(), &["scan", "sub/bad.env"]).beside(&[], "bad.env", &order);
    }
    // The part before the error is scanned.
    let content = [
        line("early").into_bytes(),
        Random::new("filler", 0).filler(3 << 20, true),
        line("late").into_bytes(),
    ];
    put(folder.path(), "sub/bad.env", content.concat());
    let seen = reported("read-error=**/bad.env@2000000", folder.path(), &["scan", "."]);
    seen.beside(&["good.env", "sub/bad.env"], "sub/bad.env", "in the middle");
}

#[test]
fn directory() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "good.env", line("good"));
    put(folder.path(), "bad/a.env", line("bad"));
    for order in ["open-error=**/bad", "vanish=**/bad"] {
        reported(order, folder.path(), &["scan", "."]).beside(&["good.env"], "bad", order);
        reported(order, folder.path(), &["scan", "bad"]).beside(&[], "", order);
    }
}

#[test]
fn file_that_changes_during_scan() {
    let large =
        |name: &str| [line(name).into_bytes(), vec![b'\n'; 100_000], line("end").into_bytes()].concat();
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "log", large("begin"));
    reported("shrink=**/log", folder.path(), &["scan", "."]).beside(&["log"], "log", "shrink");
    put(folder.path(), "log", large("begin"));
    let seen = reported("grow=**/log", folder.path(), &["scan", "."]);
    assert_eq!((seen.code, seen.found.len(), seen.unread.len()), (1, 2, 0), "{}", seen.stderr);
}

#[test]
fn huge_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut content = Random::new("huge", 0).filler(50 << 20, true);
    for (name, at) in [("one", 0), ("two", 20 << 20), ("three", 49 << 20)] {
        let line = line(name);
        content[at..][..line.len()].copy_from_slice(line.as_bytes());
    }
    put(folder.path(), "huge.log", content);
    // Chunks after the offset cannot be read at all; chunks before it can.
    let order = format!("read-error=**/huge.log@{}", 30 << 20);
    let seen = reported(&order, folder.path(), &["scan", "huge.log", "--threads", "2"]);
    assert_eq!((seen.code, seen.found.len(), seen.unread.len()), (1, 2, 1), "{}", seen.stderr);
}

#[test]
fn archive() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("noise", 0);
    let files = [
        ("one", line("one").into_bytes()),
        ("noise", random.bytes(600_000)),
        ("two", line("two").into_bytes()),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (*name, &content[..])).collect();
    for (name, content, expected) in [
        ("a.tgz", make::gzip(&make::tar(&files)), 1),
        ("a.tar", make::tar(&files), 1),
        // The central directory of a zip is at its end.
        ("a.zip", make::zip(&files), 0),
        ("a.sh", [b"#!/bin/sh\n".to_vec(), vec![b'\n'; 400_000], make::zip(&files)].concat(), 0),
    ] {
        put(folder.path(), name, content);
        let seen = reported(&format!("read-error=**/{name}@300000"), folder.path(), &["scan", name]);
        let counts = (seen.found.len() >= expected, seen.unread.is_empty(), seen.code != 0);
        assert_eq!(counts, (true, false, true), "{name}: {}", seen.stderr);
    }
}

#[test]
fn standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let content = [line("early").into_bytes(), vec![b'\n'; 500_000], line("late").into_bytes()].concat();
    for (beyond, expected) in [("", 3), ("@200000", 1)] {
        let order = format!("read-error=pipe:*{beyond}");
        let output = fed(&order, folder.path(), &["scan", "-"], &content);
        assert_eq!(code(&output), expected, "{}", both(&output));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("Input/output error"), "{said}");
    }
}

#[test]
fn redacted_log() {
    let folder = tempfile::tempdir().unwrap();
    let content = [line("early").into_bytes(), vec![b'\n'; 500_000], line("late").into_bytes()].concat();
    put(folder.path(), "a.log", &content);
    let masks = |out: &[u8]| {
        let out = String::from_utf8_lossy(out).into_owned();
        (out.matches('…').count(), out.contains(&key("early")) || out.contains(&key("late")[..40]))
    };
    let output = run("read-error=**/a.log@200000", folder.path(), &["redact", "a.log"]);
    assert_eq!((code(&output), masks(&output.stdout)), (3, (1, false)), "{}", both(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a.log: reading ended early"));
    let output = fed("read-error=pipe:*@200000", folder.path(), &["redact"], &content);
    assert_eq!((code(&output), masks(&output.stdout)), (3, (1, false)));
    let output = run("open-error=**/a.log", folder.path(), &["redact", "a.log"]);
    assert_eq!((code(&output), output.stdout.len()), (2, 0));
    // The part of a key before the error is still masked.
    let at = format!("read-error=**/a.log@{}", line("early").len() - 8);
    let output = run(&at, folder.path(), &["redact", "a.log"]);
    assert!(code(&output) == 3 && !masks(&output.stdout).1, "{}", both(&output));
}

#[test]
fn fix_with_unreadable_file() {
    let folder = tempfile::tempdir().unwrap();
    let python =
        |name: &str| format!("from telnyx import Telnyx\n\nclient = Telnyx(api_key=\"{}\")\n", key(name));
    let state = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    for order in AT_ONCE {
        put(folder.path(), "good.py", python("good"));
        put(folder.path(), "bad.py", python("bad"));
        let order = format!("{order}=**/bad.py");
        let output = run(&order, folder.path(), &["fix", "--write", "."]);
        assert_eq!(code(&output), 3, "{order}: {}", both(&output));
        assert!(both(&output).contains("bad.py: "), "{order}: {}", both(&output));
        assert!(state("good.py").contains("os.environ") && state("bad.py") == python("bad"), "{order}");
        assert_eq!(names(folder.path()), ["bad.py", "good.py"]);
    }
    // Changed between the scan and the write: left unchanged.
    put(folder.path(), "bad.py", python("bad"));
    let output = run("read-error=**/bad.py@1", folder.path(), &["fix", "--write", "."]);
    assert!(code(&output) != 0 && state("bad.py") == python("bad"), "{}", both(&output));
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
