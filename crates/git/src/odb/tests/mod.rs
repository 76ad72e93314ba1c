//! Tests of the object database, on repositories created by git.

mod damage;
mod leftovers;
mod oracle;
mod parsers;
mod search;

use crate::finding::SkipLog;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use tempfile::TempDir;

use super::{
    HashFormat, Kind, ObjectError, ObjectId, ObjectReader, ObjectScanner, Store, loose, task, traverse,
};

/// All objects by name.
type Objects = BTreeMap<ObjectId, (Kind, Vec<u8>)>;

/// A repository in a temporary directory.
struct Repo {
    folder: TempDir,
    format: HashFormat,
}

impl Repo {
    fn new(format: HashFormat) -> Self {
        let repo = Self { folder: TempDir::new().unwrap(), format };
        let name = if format == HashFormat::Sha1 { "sha1" } else { "sha256" };
        repo.git(&["init", "-q", "-b", "main", "--object-format", name]);
        repo.git(&["config", "gc.auto", "0"]);
        repo
    }

    /// Creates a repository with some history: a growing file, a directory, a tag and a few blobs.
    fn with_history(format: HashFormat, versions: usize) -> Self {
        let repo = Self::new(format);
        let mut random = Random(7);
        let mut lines: Vec<String> = (0..120).map(|_| random.line()).collect();
        for version in 0..versions {
            let at = random.below(lines.len());
            lines[at] = random.line();
            lines.insert(random.below(lines.len()), random.line());
            repo.write("story.txt", lines.join("\n").as_bytes());
            repo.write(&format!("folder/{}.txt", version % 5), random.line().as_bytes());
            repo.commit(&format!("version {version}"));
        }
        repo.git(&["tag", "-a", "-m", "a tag", "v1"]);
        repo
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn objects(&self) -> PathBuf {
        self.path().join(".git/objects")
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn git(&self, args: &[&str]) -> Vec<u8> {
        self.git_with(args, b"")
    }

    fn git_with(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("git")
            .current_dir(self.path())
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "core.fsync=none"])
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn store(&self) -> Store {
        Store::open(&self.objects(), &[], self.format)
    }

    /// Returns all objects as read by `git cat-file`.
    fn cat_file(&self) -> Objects {
        let out = self.git(&["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"]);
        let mut rest = &out[..];
        let mut objects = Objects::new();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let header = std::str::from_utf8(&rest[..end]).unwrap();
            let [id, kind, size] = header.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let size: usize = size.parse().unwrap();
            let content = rest[end + 1..][..size].to_vec();
            let kind = Kind::from_word(kind.as_bytes()).unwrap();
            objects.insert(ObjectId::from_hex(id).unwrap(), (kind, content));
            rest = &rest[end + 1 + size + 1..];
        }
        objects
    }

    /// Returns the only file with this extension in the pack directory.
    fn pack_file(&self, ending: &str) -> PathBuf {
        let mut all = fs::read_dir(self.objects().join("pack")).unwrap().map(|entry| entry.unwrap().path());
        all.find(|path| path.extension().is_some_and(|found| found == ending)).unwrap()
    }
}

/// A seeded generator of random numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 32)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn line(&mut self) -> String {
        (0..6).map(|_| format!("{:x} ", self.next())).collect()
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// Records all calls and objects.
#[derive(Default)]
struct Everything {
    /// Objects are visited only if they contain this; all are if it is empty.
    needle: Vec<u8>,
    /// Names that are not wanted.
    known: Vec<ObjectId>,
    objects: Mutex<Objects>,
    twice: Mutex<Vec<ObjectId>>,
    unseen: Mutex<Vec<(Option<ObjectId>, String)>>,
    /// Total length of the ranges passed to `suspects`.
    asked: Mutex<u64>,
}

impl Everything {
    fn searching(needle: &[u8]) -> Self {
        Self { needle: needle.to_vec(), ..Self::default() }
    }

    fn keep(&self, id: &ObjectId, kind: Kind, content: Vec<u8>) {
        if self.objects.lock().unwrap().insert(*id, (kind, content)).is_some() {
            self.twice.lock().unwrap().push(*id);
        }
    }

    /// Returns all objects, after checking that each was passed once.
    fn into_objects(self) -> Objects {
        assert_eq!(self.twice.into_inner().unwrap(), []);
        self.objects.into_inner().unwrap()
    }

    fn unseen_ids(&self) -> Vec<ObjectId> {
        let mut ids: Vec<_> = self.unseen.lock().unwrap().iter().filter_map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    }
}

impl SkipLog<Option<ObjectId>> for Everything {
    fn skipped(&self, id: Option<ObjectId>, reason: String) {
        self.unseen.lock().unwrap().push((id, reason));
    }
}

impl ObjectScanner for Everything {
    fn wants(&self, id: &ObjectId) -> bool {
        !self.known.contains(id)
    }

    fn may_match(&self, _: Kind, content: &[u8], ranges: &[Range<usize>]) -> bool {
        let disjoint = ranges.windows(2).all(|pair| pair[0].end < pair[1].start);
        assert!(disjoint && ranges.iter().all(|range| range.start <= range.end), "{ranges:?}");
        *self.asked.lock().unwrap() += ranges.iter().map(|range| range.len() as u64).sum::<u64>();
        let found =
            |range: &Range<usize>| memchr::memmem::find(&content[range.clone()], &self.needle).is_some();
        self.needle.is_empty() || ranges.iter().any(found)
    }

    fn visit(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read) {
        let mut bytes = Vec::new();
        if content.read_to_end(&mut bytes).is_ok() {
            self.keep(id, kind, bytes);
        }
    }
}

impl ObjectReader for Everything {
    fn read(&self, id: &ObjectId, kind: Kind, content: &[u8]) {
        self.keep(id, kind, content.to_vec());
    }
}

/// Returns all objects that a scan visits, after checking that nothing was reported as unreadable.
fn scanned(store: &Store, threads: usize) -> Objects {
    let all = Everything::default();
    store.scan(threads, &all);
    assert_eq!(*all.unseen.lock().unwrap(), []);
    all.into_objects()
}
