//! The readers of packs, indexes and loose objects: they return every object of a valid database unchanged; for a
//! damaged one they agree with libgit2 wherever both return an object, and the result is the same for any number of
//! threads.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

use git2::{ObjectFormat, ObjectType, Odb, Oid, Repository};
use telleaks::finding::SkipLog;
use telleaks::git::odb::{HashFormat, Kind, ObjectId, ObjectReader, ObjectScanner, Store};
use tempfile::TempDir;

use crate::input::Input;
use crate::make;

/// Maximum size of an object that is read, in bytes.
const LIMIT: u64 = 8 << 20;
const KINDS: [(ObjectType, Kind); 4] = [
    (ObjectType::Commit, Kind::Commit),
    (ObjectType::Tree, Kind::Tree),
    (ObjectType::Blob, Kind::Blob),
    (ObjectType::Tag, Kind::Tag),
];
const OFS_DELTA: u8 = 6;
const REF_DELTA: u8 = 7;

/// Kind and content of objects by id.
type Objects = BTreeMap<ObjectId, (Kind, Vec<u8>)>;

/// A pack entry before its offset is known.
struct Entry {
    id: Vec<u8>,
    /// Kind in the entry header.
    kind: u8,
    base: usize,
    /// The uncompressed data: the content, or a delta.
    data: Vec<u8>,
    /// Index of the object's kind in [`KINDS`].
    object: usize,
    content: Vec<u8>,
}

/// Builds a pack and loose objects from the input, damages them, and compares all ways to read them.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let sha256 = input.below(8) == 0;
    let damage: Vec<(usize, usize, u8)> =
        (0..input.below(5)).map(|_| (input.below(3), input.short(), input.byte())).collect();
    let (entries, is_good) = entries(&mut input, sha256);
    let mut files = files(&entries, input.flag() && entries.iter().all(|entry| entry.kind != OFS_DELTA));
    let expected: Objects =
        entries.iter().map(|entry| (id(entry), (KINDS[entry.object].1, entry.content.clone()))).collect();
    for (file, at, value) in &damage {
        let length = files[*file].len();
        files[*file][at % length] ^= value;
    }
    let is_good = is_good && damage.iter().all(|(_, _, value)| *value == 0);
    with_folder(sha256, |objects| {
        let name = objects.join("pack/pack-0.pack");
        fs::write(&name, &files[0]).unwrap();
        fs::write(name.with_extension("idx"), &files[1]).unwrap();
        let loose = entries.last().map(|entry| loose_path(objects, &id(entry)));
        if let Some(path) = &loose {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &files[2]).unwrap();
        }
        compare(objects, sha256, is_good.then_some(&expected));
        if let Some(path) = &loose {
            fs::remove_dir_all(path.parent().unwrap()).unwrap();
        }
    });
}

fn id(entry: &Entry) -> ObjectId {
    ObjectId::from_bytes(&entry.id).unwrap()
}

fn loose_path(objects: &Path, id: &ObjectId) -> std::path::PathBuf {
    let hex = id.to_string();
    objects.join(&hex[..2]).join(&hex[2..])
}

/// Returns the entries described by the input, and whether all of them are as git writes them.
fn entries(input: &mut Input<'_>, sha256: bool) -> (Vec<Entry>, bool) {
    let format = if sha256 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    let (mut out, mut is_good): (Vec<Entry>, bool) = (Vec::new(), true);
    let mut known = BTreeSet::new();
    while out.len() < 12 && (out.is_empty() || !input.is_empty()) {
        let way = input.below(8);
        let mut entry = if way < 4 || out.is_empty() {
            let object = way % 4;
            let content = input.piece().repeat(1 + input.below(200));
            Entry { id: Vec::new(), kind: object as u8 + 1, base: 0, data: content.clone(), object, content }
        } else {
            let base = input.below(out.len());
            let (data, content) = delta(input, &out[base].content);
            let kind = if way < 6 { OFS_DELTA } else { REF_DELTA };
            Entry { id: Vec::new(), kind, base, data, object: out[base].object, content }
        };
        if entry.kind >= OFS_DELTA && input.below(16) == 1 {
            // An arbitrary delta that git would not write.
            entry.data = input.piece().to_vec();
            is_good = false;
        }
        entry.id =
            Oid::hash_object_ext(KINDS[entry.object].0, &entry.content, format).unwrap().as_bytes().to_vec();
        if known.insert(entry.id.clone()) {
            out.push(entry);
        }
    }
    (out, is_good)
}

/// Returns a delta on `base` (gitformat-pack(5)) and its result.
fn delta(input: &mut Input<'_>, base: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut commands, mut made) = (Vec::new(), Vec::new());
    for _ in 0..=input.below(6) {
        let piece =
            if input.flag() { &[][..] } else { input.take(1 + usize::from(input_length(made.len()))) };
        if piece.is_empty() && !base.is_empty() {
            let at = input.short() % base.len();
            let count = (1 + input.short()).min(base.len() - at);
            let [a, b, c, _] = (at as u32).to_le_bytes();
            let [d, e, _, _] = (count as u32).to_le_bytes();
            commands.extend([0x80 | 0x07 | 0x30, a, b, c, d, e]);
            made.extend_from_slice(&base[at..at + count]);
        } else {
            commands.push(piece.len().max(1) as u8);
            let piece = if piece.is_empty() { b"x" } else { piece };
            commands.extend_from_slice(piece);
            made.extend_from_slice(piece);
        }
    }
    ([size(base.len()), size(made.len()), commands].concat(), made)
}

/// Returns the length of an insertion, in bytes.
fn input_length(before: usize) -> u8 {
    (before % 100) as u8
}

/// Encodes a size with seven bits per byte, least significant first.
fn size(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// Encodes an entry header: kind and size.
fn header(kind: u8, mut value: usize) -> Vec<u8> {
    let mut out = vec![kind << 4 | (value & 15) as u8];
    value >>= 4;
    if value > 0 {
        out[0] |= 0x80;
        out.extend(size(value));
    }
    out
}

/// Encodes the offset of a base: most significant bits first, with one added for each following byte.
fn distance(mut value: usize) -> Vec<u8> {
    let mut out = vec![(value & 0x7F) as u8];
    value >>= 7;
    while value > 0 {
        value -= 1;
        out.insert(0, 0x80 | (value & 0x7F) as u8);
        value >>= 7;
    }
    out
}

/// Returns the pack, its index and the file of the last object as a loose object. If `reversed`, the last entry comes
/// first in the pack.
fn files(entries: &[Entry], reversed: bool) -> [Vec<u8>; 3] {
    let width = entries[0].id.len();
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend((entries.len() as u32).to_be_bytes());
    let mut rows = vec![(Vec::new(), [0; 4], 0); entries.len()];
    let mut order: Vec<usize> = (0..entries.len()).collect();
    if reversed {
        order.reverse();
    }
    for number in order {
        let entry = &entries[number];
        let at = pack.len();
        pack.extend(header(entry.kind, entry.data.len()));
        match entry.kind {
            OFS_DELTA => pack.extend(distance(at - rows[entry.base].2)),
            REF_DELTA => pack.extend_from_slice(&entries[entry.base].id),
            _ => {}
        }
        pack.extend(make::zlib(&entry.data));
        let mut crc = flate2::Crc::new();
        crc.update(&pack[at..]);
        rows[number] = (entry.id.clone(), crc.sum().to_be_bytes(), at);
    }
    // The readers compare this checksum with that in the index but do not compute it.
    let sum = vec![0x5A; width];
    pack.extend_from_slice(&sum);
    rows.sort();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_u8 {
        let count = rows.iter().filter(|row| row.0[0] <= first).count() as u32;
        index.extend(count.to_be_bytes());
    }
    rows.iter().for_each(|row| index.extend_from_slice(&row.0));
    rows.iter().for_each(|row| index.extend(row.1));
    rows.iter().for_each(|row| index.extend((row.2 as u32).to_be_bytes()));
    index.extend([&sum[..], &sum].concat());
    let last = &entries[entries.len() - 1];
    [pack, index, make::zlib(&loose(last.object, &last.content))]
}

/// Returns the uncompressed content of a loose object file.
pub fn loose(object: usize, content: &[u8]) -> Vec<u8> {
    let word = ["commit", "tree", "blob", "tag"][object];
    [format!("{word} {}\0", content.len()).as_bytes(), content].concat()
}

/// Calls `then` with the object directory of an empty repository; there is one per thread and format.
fn with_folder(sha256: bool, then: impl FnOnce(&Path)) {
    thread_local! {
        static FOLDERS: RefCell<[Option<TempDir>; 2]> = const { RefCell::new([None, None]) };
    }
    FOLDERS.with_borrow_mut(|folders| {
        let folder = folders[usize::from(sha256)].get_or_insert_with(|| {
            let folder = tempfile::tempdir().unwrap();
            let git = folder.path().join(".git");
            fs::create_dir_all(git.join("objects/pack")).unwrap();
            fs::create_dir_all(git.join("refs")).unwrap();
            fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
            let config = if sha256 {
                "[core]\nrepositoryformatversion = 1\n[extensions]\nobjectformat = sha256\n"
            } else {
                "[core]\nrepositoryformatversion = 0\n"
            };
            fs::write(git.join("config"), config).unwrap();
            folder
        });
        then(&folder.path().join(".git/objects"));
    });
}

/// Id and reason of a skipped object.
type Gap = (Option<String>, String);

/// Collects everything that a run over the store returns.
#[derive(Default)]
struct Taken {
    objects: Mutex<Objects>,
    gaps: Mutex<BTreeSet<Gap>>,
}

impl Taken {
    fn keep(&self, id: &ObjectId, kind: Kind, content: Vec<u8>) {
        let before = self.objects.lock().unwrap().insert(*id, (kind, content));
        assert!(before.is_none(), "{id} comes twice");
    }

    fn gap(&self, id: Option<&ObjectId>, reason: &str) {
        self.gaps.lock().unwrap().insert((id.map(ToString::to_string), reason.to_owned()));
    }

    fn into_parts(self) -> (Objects, BTreeSet<Gap>) {
        (self.objects.into_inner().unwrap(), self.gaps.into_inner().unwrap())
    }
}

impl SkipLog<Option<ObjectId>> for Taken {
    fn skipped(&self, id: Option<ObjectId>, reason: String) {
        self.gap(id.as_ref(), &reason);
    }
}

impl ObjectReader for Taken {
    fn read(&self, id: &ObjectId, kind: Kind, content: &[u8]) {
        self.keep(id, kind, content.to_vec());
    }
}

impl ObjectScanner for Taken {
    fn wants(&self, _: &ObjectId) -> bool {
        true
    }

    fn may_match(&self, _: Kind, content: &[u8], ranges: &[Range<usize>]) -> bool {
        assert!(ranges.iter().all(|range| range.start <= range.end && range.end <= content.len()));
        assert!(ranges.windows(2).all(|two| two[0].end <= two[1].start));
        true
    }

    fn visit(&self, id: &ObjectId, kind: Kind, content: &mut dyn Read) {
        let mut bytes = Vec::new();
        if content.read_to_end(&mut bytes).is_ok() {
            self.keep(id, kind, bytes);
        }
    }
}

/// Reads the database in every way and compares the results with each other and with `expected`, if it is undamaged.
fn compare(objects: &Path, sha256: bool, expected: Option<&Objects>) {
    let format = if sha256 { HashFormat::Sha256 } else { HashFormat::Sha1 };
    let store = Store::open(objects, &[], format);
    let all = |threads| {
        let taken = Taken::default();
        store.read_all(&[Kind::Commit, Kind::Tree, Kind::Blob, Kind::Tag], threads, &taken);
        taken.into_parts()
    };
    let (one, three) = (all(1), all(3));
    assert_eq!(one, three, "with one thread and with three");
    let searched = Taken::default();
    store.scan(2, &searched);
    let (found, gaps) = searched.into_parts();
    assert_eq!(found, one.0, "searched and read");
    // The reasons may differ: one reader streams large objects, the other rejects them.
    let names = |gaps: &BTreeSet<Gap>| gaps.iter().map(|gap| gap.0.clone()).collect::<BTreeSet<_>>();
    assert_eq!(names(&gaps), names(&one.1), "searched and read");
    for id in store.ids() {
        let alone = store.read(&id, LIMIT);
        if let Some(found) = one.0.get(&id) {
            assert_eq!(alone.unwrap().as_ref(), Some(found), "{id} alone and with all others");
        } else {
            assert!(!one.1.is_empty(), "{id} is missing and was not reported");
        }
    }
    if let Some(expected) = expected {
        assert!(one.1.is_empty() && store.problems().is_empty(), "{:?}", one.1);
        assert!(&one.0 == expected, "not what was written");
    }
    as_libgit2(objects, &one.0, expected.is_some());
}

/// Compares the objects with libgit2, which rejects objects whose content does not match their id.
fn as_libgit2(objects: &Path, own: &Objects, is_good: bool) {
    let Ok(repository) = Repository::open(objects.join("../..")) else { return assert!(!is_good) };
    let database: Odb<'_> = repository.odb().unwrap();
    for (id, (kind, content)) in own {
        // libgit2 reads the loose copy first, and hangs on some truncated ones.
        let name = id.to_string();
        if !is_good && objects.join(&name[..2]).join(&name[2..]).exists() {
            continue;
        }
        let read = database.read(Oid::from_bytes(id.as_bytes()).unwrap());
        let Ok(theirs) = read else {
            assert!(!is_good, "libgit2 cannot read {id}");
            continue;
        };
        let same = KINDS.iter().any(|both| *both == (theirs.kind(), *kind));
        assert!(same && theirs.data() == content, "libgit2 reads {id} as something else");
    }
}
