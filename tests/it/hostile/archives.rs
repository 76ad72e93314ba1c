//! Unusual archives: overlapping members, a missing directory, noise, a password, names that point outside.

use std::fs;

use crate::common::put;
use crate::common::random::Random;
use crate::hostile::{line, make, scanned};

/// Returns a zip archive with `count` entries that all refer to the same data: `block` zeros, deflated.
fn overlapping(count: u16, block: usize) -> Vec<u8> {
    let zip = make::zip(&[("zeros", &vec![0; block])]);
    let at = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let entry = &zip[at..at + 46 + 5];
    let mut out = zip[..at].to_vec();
    (0..count).for_each(|_| out.extend(entry));
    let (size, begin) = ((entry.len() * usize::from(count)) as u32, at as u32);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([size.to_le_bytes(), begin.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

#[test]
fn overlapping_members_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let (key, line) = line("beside");
    put(folder.path(), "overlap.zip", overlapping(5000, 64 << 20));
    put(folder.path(), "z.txt", line);
    scanned(folder.path(), &[]).found_with(&[&key], 1);
    fs::remove_file(folder.path().join("z.txt")).unwrap();
    // The data shared by all entries is read once; there is no other.
    assert!(matches!(scanned(folder.path(), &[]).code, Some(0 | 3)));
}

#[test]
fn zip_without_directory_is_read_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (key, line) = line("directory");
    let zip = make::zip(&[("a.env", line.as_bytes()), ("b.txt", b"text\n")]);
    let at = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    put(folder.path(), "a.zip", &zip[..at]);
    let outcome = scanned(folder.path(), &[]);
    outcome.found_with(&[&key], 1);
    assert!(outcome.said.contains("a.zip"), "{}", outcome.said);
}

#[test]
fn damaged_gzip_and_wrong_checksum_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let noise = Random::new("noise", 0).bytes(5000);
    put(folder.path(), "noise.gz", [b"\x1f\x8b\x08\0\0\0\0\0\x02\x03", &noise[..]].concat());
    scanned(folder.path(), &[]).reported(3, &["noise.gz"]);
    fs::remove_file(folder.path().join("noise.gz")).unwrap();
    let mut sum = make::gzip("text\n".repeat(100).as_bytes());
    let at = sum.len() - 6;
    sum[at] ^= 0xFF;
    put(folder.path(), "sum.gz", sum);
    scanned(folder.path(), &[]).reported(3, &["sum.gz"]);
}

#[test]
fn encrypted_zip_is_never_clean() {
    let folder = tempfile::tempdir().unwrap();
    let mut zip = make::zip(&[("a.env", line("password").1.as_bytes())]);
    // Sets the flag in the local header and in the directory, and makes the data invalid deflate.
    let directory = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    zip[6] |= 1;
    zip[directory + 8] |= 1;
    for byte in &mut zip[35..directory] {
        *byte ^= 0x5A;
    }
    put(folder.path(), "a.zip", zip);
    scanned(folder.path(), &[]).reported(3, &["a.zip"]);
}

#[test]
fn member_names_and_types_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (key, text) = line("member");
    let mut builder = tar::Builder::new(Vec::new());
    for (kind, name, to) in [
        (tar::EntryType::Symlink, "etc", "/etc"),
        (tar::EntryType::Link, "passwd", "/etc/passwd"),
        (tar::EntryType::Char, "zero", ""),
        (tar::EntryType::Fifo, "pipe", ""),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_path(name).unwrap();
        header.set_link_name_literal(to).unwrap();
        header.set_cksum();
        builder.append(&header, &b""[..]).unwrap();
    }
    let mut tar = builder.into_inner().unwrap();
    tar.truncate(4 * 512);
    let outside = folder.path().join("written");
    let absolute = outside.display().to_string();
    let rest = make::tar(&[
        ("../written", text.as_bytes()),
        ("etc/written", text.as_bytes()),
        (&absolute, text.as_bytes()),
    ]);
    tar.extend(rest);
    put(folder.path(), "in/a.tar", tar);
    put(
        folder.path(),
        "in/a.zip",
        make::zip(&[("../written", text.as_bytes()), (&absolute, text.as_bytes())]),
    );
    scanned(&folder.path().join("in"), &[]).found(&[&key]);
    assert!(!outside.exists() && fs::read_dir(folder.path().join("in")).unwrap().count() == 2);
}

#[test]
fn containers_are_recognized_by_content() {
    let folder = tempfile::tempdir().unwrap();
    let (key, line) = line("named");
    let line = line.as_bytes();
    let members = [("app/config.txt", line)];
    let tar = make::tar(&members);
    for (name, content) in [
        ("zip.dat", make::zip(&members)),
        ("a.whl", make::zip(&members)),
        ("gzip.txt", make::gzip(line)),
        ("tar.bin", tar.clone()),
        ("a.tgz", make::gzip(&tar)),
        ("zstd.txt", make::zstd(&tar)),
        ("xz", make::xz(&tar)),
        ("bzip2.zip", make::bzip2(&tar)),
    ] {
        put(folder.path(), name, content);
    }
    let outcome = scanned(folder.path(), &[]);
    outcome.found(&[&key]);
    assert_eq!(crate::common::lines(&outcome.out).len(), 8);
}
