//! A git directory: index, refs, configuration, reflogs, commits, trees, tags. Every audit ends, does not panic, and
//! finds a key in an existing blob. The index is parsed as by libgit2.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid};
use telleaks::audit::{self, Ahead};
use telleaks::git::{Index, Layout};
use telleaks::scan::{Collector, Scanner};
use telleaks::source;
use telleaks::unpack::Limits;
use tempfile::TempDir;

use crate::input::Input;
use crate::make;
use crate::pack;
use crate::planted::{self, DETECTOR};

const KINDS: [ObjectType; 4] = [ObjectType::Commit, ObjectType::Tree, ObjectType::Blob, ObjectType::Tag];
/// Files of the git directory that an audit reads.
const FILES: [&str; 14] = [
    "HEAD",
    "packed-refs",
    "config",
    "shallow",
    "index",
    "refs/heads/main",
    "refs/tags/v1",
    "refs/stash",
    "refs/notes/commits",
    "logs/HEAD",
    "logs/refs/heads/main",
    "worktrees/w/HEAD",
    "worktrees/w/gitdir",
    "modules/m/config",
];
/// Input bytes from this value on stand for the raw id of an object; those from 16 above it on, for its hex id.
const RAW: u8 = 0xE0;

thread_local! {
    static FOLDER: RefCell<Option<TempDir>> = const { RefCell::new(None) };
}

/// Parses the input as an index, or makes a repository of it and audits that.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(|| tempfile::tempdir().unwrap()).path();
        if input.below(3) == 0 {
            return index(folder, input.rest());
        }
        let git = folder.join("r.git");
        let key = repository(&git, &mut input);
        let found = audited(&git, &key);
        fs::remove_dir_all(&git).unwrap();
        assert!(found, "a key in a blob is not found");
    });
}

/// Compares both index parsers where both accept the index. A checksum of zeros is not checked.
fn index(folder: &Path, bytes: &[u8]) {
    let bytes = [bytes, &[0; 20]].concat();
    let path = folder.join("index");
    fs::write(&path, &bytes).unwrap();
    let Ok(own) = Index::read(bytes, git2::ObjectFormat::Sha1) else { return };
    let Ok(theirs) = git2::Index::open(&path) else { return };
    let own: Vec<_> = own
        .entries
        .iter()
        .map(|entry| (own.path(entry).to_vec(), own.id(entry).to_vec(), entry.stage()))
        .collect();
    let theirs: Vec<_> = theirs
        .iter()
        .map(|entry| (entry.path, entry.id.as_bytes().to_vec(), (entry.flags >> 12 & 3) as u8))
        .collect();
    assert_eq!(own, theirs, "libgit2 reads the index otherwise");
}

/// Writes the repository and returns the key in its first blob.
fn repository(git: &Path, input: &mut Input<'_>) -> String {
    for folder in [
        "objects/pack",
        "refs/heads",
        "refs/tags",
        "refs/notes",
        "logs/refs/heads",
        "worktrees/w",
        "modules/m",
    ] {
        fs::create_dir_all(git.join(folder)).unwrap();
    }
    let key = planted::key(input);
    let mut ids = vec![object(git, 2, format!("key = '{key}'\n").as_bytes())];
    while !input.is_empty() && ids.len() < 10 {
        let kind = input.below(5);
        if kind == 4 {
            break;
        }
        let content = with_ids(input.piece(), &ids);
        ids.push(object(git, kind, &content));
    }
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    for _ in 0..input.below(8) {
        let name = FILES[input.below(FILES.len())];
        fs::write(git.join(name), with_ids(input.piece(), &ids)).unwrap();
    }
    key
}

/// Replaces the input bytes that stand for ids.
fn with_ids(bytes: &[u8], ids: &[Oid]) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in bytes {
        let number = usize::from(byte.saturating_sub(RAW));
        match byte {
            0..RAW => out.push(byte),
            _ if number < 16 => out.extend_from_slice(ids[number % ids.len()].as_bytes()),
            _ => out.extend_from_slice(ids[number % ids.len()].to_string().as_bytes()),
        }
    }
    out
}

/// Writes a loose object.
fn object(git: &Path, kind: usize, content: &[u8]) -> Oid {
    let id = Oid::hash_object(KINDS[kind], content).unwrap();
    let hex = id.to_string();
    let path: PathBuf = git.join("objects").join(&hex[..2]).join(&hex[2..]);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, make::zlib(&pack::loose(kind, content))).unwrap();
    id
}

/// Returns whether an audit finds the key or reports that something was skipped.
fn audited(git: &Path, key: &str) -> bool {
    let layout = Layout::of(git.to_path_buf(), None);
    let inspector = Scanner::new(&DETECTOR, Limits { depth: 3, expanded: 1 << 20, ..Limits::default() });
    let collector = Collector::new(&inspector);
    let files = source::Options { threads: 1, ..source::Options::default() };
    let options = audit::Options { files, ..audit::Options::default() };
    let outcome =
        audit::run(&layout, Ahead::of(&layout, options.files.threads), &inspector, &collector, &options);
    let (report, _) = collector.finish();
    let found = report.findings.iter().any(|one| one.secret.expose() == key);
    found || outcome.is_err() || !report.unseen.is_empty()
}
