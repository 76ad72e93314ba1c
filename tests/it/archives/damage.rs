//! Truncated, modified or encrypted containers: readable parts are scanned, the others are named, and the scan ends.

use crate::archives::{log, make};
use crate::common::random::Random;
use crate::common::{both, code, lines, put, scan, text};

#[test]
fn truncated_archives_are_never_clean() {
    let mut random = Random::new("cut", 0);
    let filler = random.bytes(4000);
    let whole = random.lines(40, "");
    let files = [("noise", &filler[..]), ("lines", whole.as_bytes())];
    let tar = make::tar(&files);
    let packed: [(&str, Vec<u8>); 7] = [
        ("a.tgz", make::gzip(&tar)),
        ("a.tar.xz", make::xz(&tar)),
        ("a.tar.bz2", make::bzip2(&tar)),
        ("a.tar.zst", make::zstd(&tar)),
        ("a.tar.lz4", make::lz4(&tar)),
        ("a.tar", tar[..tar.len() - 1024].to_vec()),
        ("a.zip", make::zip(&files)),
    ];
    for (name, content) in &packed {
        for tenth in 1..10 {
            let folder = tempfile::tempdir().unwrap();
            put(folder.path(), name, &content[..content.len() * tenth / 10]);
            let output = scan(folder.path(), &[]);
            // A tar archive that ends after a member cannot be recognized as truncated.
            assert_eq!(code(&output), 3, "{name} {tenth}: {}", both(&output));
            assert!(both(&output).contains(name), "{name} {tenth}: {}", both(&output));
        }
    }
}

#[test]
fn keys_before_and_after_damage_are_found() {
    let mut random = Random::new("around", 0);
    let (before, behind) = (random.key(), random.key());
    let (first, last) = (log(&before), log(&behind));
    let noise = random.bytes(9000);
    let folder = tempfile::tempdir().unwrap();
    let mut tar = make::tar(&[("first", first.as_bytes()), ("noise", &noise), ("last", last.as_bytes())]);
    let header = 512 + first.len().next_multiple_of(512);
    tar[header + 150] ^= 0x55;
    put(folder.path(), "header.tar", &tar);
    let mut zip = make::zip(&[("first", first.as_bytes()), ("noise", &noise), ("last", last.as_bytes())]);
    let data = zip.windows(5).position(|bytes| bytes == b"noise").unwrap();
    zip[data + 700] ^= 0x55;
    put(folder.path(), "data.zip", &zip);
    let mut sum = make::gzip(log(&before).as_bytes());
    let at = sum.len() - 7;
    sum[at] ^= 1;
    put(folder.path(), "sum.gz", &sum);
    let output = scan(folder.path(), &["--format", "jsonl"]);
    assert_eq!(code(&output), 1);
    let found: Vec<_> =
        lines(&output.stdout).iter().map(|one| text(one, "/location/path").to_owned()).collect();
    let expected = ["data.zip!/first", "data.zip!/last", "header.tar!/first", "header.tar!/last", "sum.gz"];
    assert_eq!(found, expected, "{}", both(&output));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for name in ["data.zip", "header.tar", "sum.gz"] {
        assert!(said.contains(name), "{said}");
    }
}

#[test]
fn changed_bytes_are_handled() {
    let mut random = Random::new("flip", 0);
    let files = [("one.txt", random.lines(3, "")), ("two.txt", random.lines(3, ""))];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (*name, content.as_bytes())).collect();
    let folder = tempfile::tempdir().unwrap();
    let tar = make::tar(&files);
    for (name, content) in [
        ("zip", make::zip(&files)),
        ("tgz", make::gzip(&tar)),
        ("xz", make::xz(&tar)),
        ("zst", make::zstd(&tar)),
        ("lz4", make::lz4(&tar)),
        ("bz2", make::bzip2(&tar)),
        ("lzma", make::lzma(&tar)),
    ] {
        for at in 0..content.len() {
            let mut changed = content.clone();
            changed[at] ^= 1 << (at % 8);
            put(folder.path(), &format!("{at}.{name}"), changed);
        }
    }
    let output = scan(folder.path(), &["--format", "jsonl"]);
    // They contain nothing, and most of them are damaged.
    assert_eq!(code(&output), 3, "{}", String::from_utf8_lossy(&output.stdout));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("please report it"), "{said}");
}

#[test]
fn size_that_truncates_a_key_does_not_hide_it() {
    let key = Random::new("cut off", 0).key();
    let mut tar = make::tar(&[("a.txt", format!("x = '{key}'\n").as_bytes()), ("b.txt", b"clean")]);
    // The rest of the key is in the padding of the block.
    tar[124..136].copy_from_slice(b"00000000050\0");
    tar[148..156].copy_from_slice(b"        ");
    let sum: u32 = tar[..512].iter().map(|byte| u32::from(*byte)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.tar", &tar);
    put(folder.path(), "b.tgz", make::gzip(&tar));
    let output = scan(folder.path(), &["--format", "jsonl", "--show-secrets"]);
    let found = String::from_utf8_lossy(&output.stdout).matches(&key).count();
    assert!(found >= 2, "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(code(&output), 1);
}
