//! The reader of packs, indexes and loose objects: of a good database it gives every object as git made it; of a damaged
//! one it says the same as libgit2 wherever both give an object, and the same on any number of threads.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

use git2::{ObjectFormat, ObjectType, Odb, Oid, Repository};
use telleaks::objects::{HashFormat, Kind, ObjectId, Reader, Scanner, Store};
use tempfile::TempDir;

use crate::input::Input;
use crate::make;

/// More bytes are asked of no object.
const LIMIT: u64 = 8 << 20;
const KINDS: [(ObjectType, Kind); 4] = [
    (ObjectType::Commit, Kind::Commit),
    (ObjectType::Tree, Kind::Tree),
    (ObjectType::Blob, Kind::Blob),
    (ObjectType::Tag, Kind::Tag),
];
const OFS_DELTA: u8 = 6;
const REF_DELTA: u8 = 7;

/// Objects by name: kind and content.
type Objects = BTreeMap<ObjectId, (Kind, Vec<u8>)>;

/// An entry of a pack before it has a place.
struct Entry {
    id: Vec<u8>,
    /// Its number in the header, and the number of the entry that it is made from.
    kind: u8,
    base: usize,
    /// What is to be compressed: the content, or a delta.
    data: Vec<u8>,
    /// The number of an object's kind in [`KINDS`].
    object: usize,
    content: Vec<u8>,
}

/// Builds a pack and loose objects from the input, damages them as the input says, and reads them in every way.
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

/// Entries as the input wants them; whether all of them are as git would write them.
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
            // A delta that no program of git has written.
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

/// A delta on `base` (gitformat-pack(5)), and what it makes.
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

/// Bytes of an insertion: some more, some less.
fn input_length(before: usize) -> u8 {
    (before % 100) as u8
}

/// A size in seven bits a byte, the lowest first.
fn size(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// The header of an entry: kind and size.
fn header(kind: u8, mut value: usize) -> Vec<u8> {
    let mut out = vec![kind << 4 | (value & 15) as u8];
    value >>= 4;
    if value > 0 {
        out[0] |= 0x80;
        out.extend(size(value));
    }
    out
}

/// How far back a base lies: the highest bits first, and one added for each byte that follows.
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

/// The pack, its index and the loose file of the last object. `reversed`: the last entry comes first in the pack.
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
    // The readers compare this checksum with that of the index; neither computes it.
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

/// What a loose object's file holds, before it is compressed.
pub fn loose(object: usize, content: &[u8]) -> Vec<u8> {
    let word = ["commit", "tree", "blob", "tag"][object];
    [format!("{word} {}\0", content.len()).as_bytes(), content].concat()
}

/// Calls `then` with the directory of objects of an empty repository, one for each thread and format.
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

/// What could not be read, and why.
type Gap = (Option<String>, String);

/// Takes everything that a run over the store hands out.
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

impl Reader for Taken {
    fn read(&self, id: &ObjectId, kind: Kind, content: &[u8]) {
        self.keep(id, kind, content.to_vec());
    }

    fn unseen(&self, id: Option<&ObjectId>, reason: String) {
        self.gap(id, &reason);
    }
}

impl Scanner for Taken {
    fn wants(&self, _: &ObjectId) -> bool {
        true
    }

    fn suspects(&self, _: Kind, content: &[u8], ranges: &[Range<usize>]) -> bool {
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

    fn unseen(&self, id: Option<&ObjectId>, reason: String) {
        self.gap(id, &reason);
    }
}

/// Reads the database in every way. `expected`: what is in it, if it is undamaged.
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
    // Why, may differ: what is large is looked at by the one and refused by the other.
    let names = |gaps: &BTreeSet<Gap>| gaps.iter().map(|gap| gap.0.clone()).collect::<BTreeSet<_>>();
    assert_eq!(names(&gaps), names(&one.1), "searched and read");
    for id in store.ids() {
        let alone = store.read(&id, LIMIT);
        if let Some(found) = one.0.get(&id) {
            assert_eq!(alone.unwrap().as_ref(), Some(found), "{id} alone and with all others");
        } else {
            assert!(!one.1.is_empty(), "{id} is missing without a word");
        }
    }
    if let Some(expected) = expected {
        assert!(one.1.is_empty() && store.problems().is_empty(), "{:?}", one.1);
        assert!(&one.0 == expected, "not what was written");
    }
    as_libgit2(objects, &one.0, expected.is_some());
}

/// Asks libgit2 for the same objects. It refuses those whose name is not theirs.
fn as_libgit2(objects: &Path, own: &Objects, is_good: bool) {
    let Ok(repository) = Repository::open(objects.join("../..")) else { return assert!(!is_good) };
    let database: Odb<'_> = repository.odb().unwrap();
    for (id, (kind, content)) in own {
        // libgit2 reads the loose copy first, and never ends with some that are cut off.
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
