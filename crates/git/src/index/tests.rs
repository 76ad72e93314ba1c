//! Damaged indexes. The content of valid ones is tested in `staged`, which compares them with a tree.

use std::path::Path;
use std::process::Command;

use super::*;

const ID: usize = 20;

fn git(dir: &Path, args: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", dir)
        .status()
        .unwrap();
    assert!(status.success(), "{args:?}");
}

/// Creates a git directory with a commit of a few files, and runs these commands in it.
fn git_dir(commands: &[&[&str]]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q"]);
    for file in ["a", "b/c", "b/d/e", "b/d/f", "b/g", "h/i/j"] {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "x"]);
    for command in commands {
        git(dir.path(), command);
    }
    dir
}

fn read_sha1(bytes: &[u8]) -> Result<Index, IndexError> {
    Index::read(bytes.to_vec(), ObjectFormat::Sha1)
}

/// Reads every field, as a comparison would.
fn look(index: &Index) -> usize {
    let bytes = |entry| index.path(entry).len() + index.id(entry).len();
    let sum: usize = index.entries.iter().map(bytes).sum();
    let mut open: Vec<Directory> = index.root().into_iter().collect();
    let mut directories = 0;
    while let Some(directory) = open.pop() {
        directories += 1 + index.unchanged(directory).map_or(0, |(_, id)| id.len());
        open.extend(index.directories(directory).iter().map(|(_, child)| *child));
    }
    sum + directories
}

/// Builds an index of version 2 with these paths and flags, and `extensions` after the entries.
fn build_index(entries: &[(&str, u16)], extensions: &[u8]) -> Vec<u8> {
    let mut bytes =
        [b"DIRC".as_slice(), &2_u32.to_be_bytes(), &(entries.len() as u32).to_be_bytes()].concat();
    for (path, flags) in entries {
        let start = bytes.len();
        bytes.extend([0; BEFORE_MODE]);
        bytes.extend(0o100_644_u32.to_be_bytes());
        bytes.extend([0; 12 + ID]);
        bytes.extend((flags | path.len().min(0xFFF) as u16).to_be_bytes());
        bytes.extend(path.as_bytes());
        bytes.resize(start + (bytes.len() - start) / 8 * 8 + 8, 0);
    }
    bytes.extend(extensions);
    bytes.extend([0; ID]);
    bytes
}

const BEFORE_MODE: usize = 24;

fn extension(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [name.as_slice(), &(data.len() as u32).to_be_bytes(), data].concat()
}

#[test]
fn damage_and_truncation_do_not_panic() {
    let commands: [&[&[&str]]; 3] = [
        &[],
        &[&["update-index", "--index-version", "4"]],
        &[&["sparse-checkout", "init", "--cone", "--sparse-index"]],
    ];
    for commands in commands {
        let dir = git_dir(commands);
        let good = fs::read(dir.path().join(".git/index")).unwrap();
        let whole = look(&read_sha1(&good).unwrap());
        assert!(whole > 100);
        for end in 0..good.len() {
            assert!(read_sha1(&good[..end]).map_or(true, |index| look(&index) <= whole), "{end}");
        }
        for at in 0..good.len() {
            for change in [0x01, 0x80, 0xFF, b'/' ^ good[at]] {
                let mut bad = good.clone();
                bad[at] ^= change;
                if let Ok(index) = read_sha1(&bad) {
                    look(&index);
                }
                if let Ok(index) = Index::read(bad, ObjectFormat::Sha256) {
                    look(&index);
                }
            }
        }
    }
}

#[test]
fn damaged_split_index_does_not_panic() {
    let dir = git_dir(&[&["update-index", "--split-index"], &["rm", "-q", "--cached", "b/c"]]);
    let path = dir.path().join("other");
    let git_dir = dir.path().join(".git");
    let good = fs::read(git_dir.join("index")).unwrap();
    let open = || Index::open(&path, &git_dir, ObjectFormat::Sha1);
    fs::write(&path, &good).unwrap();
    assert_eq!(open().unwrap().entries.len(), 5);
    for at in 0..good.len() {
        for change in [0x01, 0x10, 0x80, 0xFF] {
            let mut bad = good.clone();
            bad[at] ^= change;
            fs::write(&path, bad).unwrap();
            if let Ok(index) = open() {
                look(&index);
            }
        }
    }
}

#[test]
fn random_bytes_do_not_panic() {
    let mut seed = 3_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u8
    };
    for round in 0..20_000_usize {
        let mut bytes = build_index(&[("a", 0)], &[]);
        // Random bytes from a varying offset on, so that every part is reached.
        let from = round % bytes.len();
        bytes.truncate(from);
        bytes.extend((0..200).map(|_| random()));
        bytes[4..8.min(from.max(4))].fill(0);
        if from > 8 {
            bytes[7] = 2 + (round % 3) as u8;
        }
        if let Ok(index) = read_sha1(&bytes) {
            look(&index);
        }
        let mut cursor = Cursor::new(&bytes[from..]);
        assert!(ewah::set_bits(&mut cursor, round % 300).map_or(true, |set| set.len() <= round % 300));
        drop(CacheTree::read(&bytes[from..], from, ID));
    }
}

#[test]
fn unsupported_features_and_damage_are_errors() {
    let unsupported = |bytes: &[u8]| matches!(read_sha1(bytes), Err(IndexError::Unsupported(_)));
    let damaged = |bytes: &[u8]| matches!(read_sha1(bytes), Err(IndexError::Damaged(_)));
    assert!(read_sha1(&build_index(&[], &[])).is_ok());
    assert!(read_sha1(&build_index(&[("a", 0)], &extension(b"NEWS", b"x"))).is_ok());
    assert!(unsupported(&build_index(&[("a", 0)], &extension(b"news", b"x"))));
    let mut other_version = build_index(&[], &[]);
    other_version[7] = 5;
    assert!(unsupported(&other_version));
    assert!(unsupported(&build_index(&[(&"x".repeat(20_000), 0)], &[])));
    assert!(read_sha1(&build_index(&[(&"x".repeat(5000), 0)], &[])).is_ok());

    assert!(damaged(b""));
    assert!(damaged(&build_index(&[("b", 0), ("a", 0)], &[])));
    assert!(damaged(&build_index(&[("a", 0), ("a", 0)], &[])));
    assert!(damaged(&build_index(&[("", 0)], &[])));
    assert!(read_sha1(&build_index(&[("a", 0x1000), ("a", 0x2000), ("a", 0x3000)], &[])).is_ok());
    let mut many = build_index(&[("a", 0)], &[]);
    many[8..12].fill(0xFF);
    assert!(damaged(&many), "must not allocate four billion entries");
}

#[test]
fn invalid_cache_tree_is_ignored() {
    let id = [7; ID];
    let tree = |data: &[u8]| {
        read_sha1(&build_index(&[("a", 0)], &extension(b"TREE", data))).unwrap().root().is_some()
    };
    assert!(tree(&[b"\x001 0\n".as_slice(), &id].concat()));
    assert!(tree(b"\0-1 0\n"));
    for bad in
        [b"".as_slice(), b"\0", b"\x001", b"\x001 0\n", b"\0-1 1\n", b"\0-1 -1\n", b"\0-1 0\n\0", b"\0x 0\n"]
    {
        assert!(!tree(bad), "{}", bad.escape_ascii());
    }
}

#[test]
fn ewah_bitmaps_hold_runs_and_literal_words() {
    let bitmap = |words: &[u64]| {
        let words: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        [&[0; 4], &((words.len() / 8) as u32).to_be_bytes(), words.as_slice(), &[0; 4]].concat()
    };
    let bits = |words: &[u64], count| ewah::set_bits(&mut Cursor::new(&bitmap(words)), count);
    // One word of ones, then one literal word; two words of zeros, then one literal word.
    let words = [1 | 1 << 1 | 1 << 33, 0b101, 2 << 1 | 1 << 33, 1 << 63];
    let expected: Vec<usize> = (0..64).chain([64, 66, 319]).collect();
    assert_eq!(bits(&words, 320).unwrap(), expected);
    assert!(bits(&words, 319).is_err());
    assert_eq!(bits(&[1 | 1 << 1], 10).unwrap(), (0..10).collect::<Vec<_>>());
    assert!(bits(&[1 | 2 << 1], 10).is_err());
    assert!(bits(&[1 << 33], 10).is_err(), "the word is missing");
    assert!(bits(&[u64::MAX, 0], 10).is_err());
    assert!(bits(&[], 0).unwrap().is_empty());
}

#[test]
fn compressed_path_must_match_its_length() {
    let dir = git_dir(&[&["update-index", "--index-version", "4"]]);
    let bytes = fs::read(dir.path().join(".git/index")).unwrap();
    assert!(read_sha1(&bytes).is_ok());
    // The first entry starts at offset 12; byte 61 of it is the low byte of its flags, which holds the length.
    let mut longer = bytes.clone();
    longer[12 + 61] += 1;
    assert!(matches!(read_sha1(&longer), Err(IndexError::Damaged(_))));
}

#[test]
fn only_regular_files_are_opened() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), dir.path()] {
        assert!(matches!(Index::open(path, dir.path(), ObjectFormat::Sha1), Err(IndexError::Damaged(_))));
    }
    let none = Index::open(&dir.path().join("none"), dir.path(), ObjectFormat::Sha1).unwrap();
    assert!(none.entries.is_empty());
}
