//! Bytes at the start of a line or file that may hide it, and very long lines and streams.

use std::io::Write;

use crate::common::random::Random;
use crate::common::{lines, put, telleaks};
use crate::hostile::{line, scanned};

#[test]
fn bytes_around_a_line_do_not_hide_it() {
    let text = line("bytes").1;
    let (line, more) = (text.trim_end(), "more text\n");
    let zeros = "\0".repeat(100);
    let shapes: [(&str, Vec<u8>); 12] = [
        ("a mark of UTF-8", format!("\u{feff}{line}\n").into_bytes()),
        ("a false mark of UTF-16", [b"\xff\xfe", line.as_bytes(), b"\n", more.as_bytes()].concat()),
        (
            "a false mark of UTF-16, the other",
            [b"\xfe\xff", line.as_bytes(), b"\n", more.as_bytes()].concat(),
        ),
        ("a false mark of UTF-32", [b"\xff\xfe\0\0", line.as_bytes(), b"\n"].concat()),
        ("no UTF-8", [b"\xc3\x28\xff ", line.as_bytes(), b"\xff\xfe\xfa\n"].concat()),
        ("carriage returns only", format!("a\rb\r{line}\rc\r").into_bytes()),
        ("a carriage return behind it", format!("{line}\rnothing to see\n").into_bytes()),
        ("no end", line.as_bytes().to_vec()),
        ("NULs first", format!("{zeros}{line}\n").into_bytes()),
        ("a late NUL", format!("{}{zeros}\n{line}\n", "text text\n".repeat(9_900)).into_bytes()),
        ("a NUL behind it", format!("\x7fELF\x02\x01{zeros}{line}\0{zeros}").into_bytes()),
        ("escape sequences", format!("\x1b[8m\x1b]0;x\x07{line}\x1b[2K\n").into_bytes()),
    ];
    let key = crate::hostile::line("bytes").0;
    for (name, content) in shapes {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "a.txt", content);
        let outcome = scanned(folder.path(), &[]);
        let found = lines(&outcome.out);
        assert_eq!((outcome.code, found.len()), (Some(1), 1), "{name}: {}", outcome.said);
        assert!(String::from_utf8_lossy(&outcome.out).contains(&key), "{name}");
    }
}

#[test]
fn four_thousand_keys_on_separate_lines() {
    let mut random = Random::new("dense", 0);
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<String> = (0..4000).map(|_| random.key()).collect();
    let text: String =
        keys.iter().map(|key| format!("{}TELNYX_API_KEY=\"{key}\"\n", "word ".repeat(180))).collect();
    put(folder.path(), "a.txt", text);
    scanned(folder.path(), &[]).found(&keys.iter().collect::<Vec<_>>());
}

/// Scans 200 MB on standard input, with line ends or on one line, with the key at the end.
fn poured(with_lines: bool) {
    let (key, line) = line("poured");
    let filler = Random::new("poured", 1).filler(1 << 20, with_lines);
    let mut command = telleaks();
    command.args(["scan", "-", "--format", "jsonl", "--show-secrets"]);
    let (reader, mut writer) = std::io::pipe().unwrap();
    command.stdin(reader);
    let pouring = std::thread::spawn(move || {
        (0..200).for_each(|_| writer.write_all(&filler).unwrap());
        writer.write_all(line.as_bytes()).unwrap();
    });
    let outcome = crate::hostile::run(command);
    pouring.join().unwrap();
    outcome.found(&[&key]);
    // Memory is bounded by the chunks, whatever the length.
    assert!(outcome.peak < 64 << 10, "{} KiB", outcome.peak);
}

#[test]
fn log_of_200_megabytes_on_stdin() {
    poured(true);
}

#[test]
fn line_of_200_megabytes_on_stdin() {
    poured(false);
}
