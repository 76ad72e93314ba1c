//! What an interrupted git leaves, and indexes of version 1.

use super::*;
use crate::odb::{open_leftover_object, pack_offset, quarantines};

/// Contents by kind, without names.
fn contents(objects: &Objects) -> Vec<(Kind, Vec<u8>)> {
    let mut all: Vec<_> = objects.values().cloned().collect();
    all.sort();
    all
}

#[test]
fn index_of_version_1() {
    for format in [HashFormat::Sha1, HashFormat::Sha256] {
        let repo = Repo::with_history(format, 12);
        repo.git(&["-c", "pack.indexVersion=1", "repack", "-a", "-d", "-q"]);
        assert_ne!(fs::read(repo.pack_file("idx")).unwrap()[..4], *b"\xfftOc");
        let store = repo.store();
        assert!(store.problems().is_empty(), "{:?}", store.problems());
        let all = Everything::default();
        store.scan(2, &all);
        assert_eq!(all.unseen_ids(), []);
        assert!(all.into_objects() == repo.cat_file());
        let index = fs::read(repo.pack_file("idx")).unwrap();
        let path = repo.pack_file("idx");
        fs::remove_file(&path).unwrap();
        fs::write(&path, &index[..index.len() - 1]).unwrap();
        assert_eq!(repo.store().problems().len(), 1);
    }
}

#[test]
fn pack_without_an_index() {
    for format in [HashFormat::Sha1, HashFormat::Sha256] {
        let repo = Repo::with_history(format, 12);
        repo.git(&["repack", "-a", "-d", "-q"]);
        let expected = contents(&repo.cat_file());
        let pack = repo.pack_file("pack");
        let whole = fs::read(&pack).unwrap();
        let left = repo.objects().join("pack/tmp_pack_Ab12cd");
        fs::write(&left, &whole).unwrap();
        fs::remove_file(pack.with_extension("idx")).unwrap();
        fs::remove_file(&pack).unwrap();
        let store = repo.store();
        assert_eq!(store.leftovers().packs, [fs::canonicalize(&left).unwrap()]);
        let all = Everything::default();
        store.read_unindexed(&left, format, 2, &all).unwrap();
        assert_eq!(*all.unseen.lock().unwrap(), []);
        let found = all.into_objects();
        assert!(found.keys().all(|id| pack_offset(id) < whole.len() as u64));
        assert!(contents(&found) == expected);

        // A part of it: every object before the cut, and a report.
        for len in [whole.len() - 1, whole.len() / 2, 40, 12] {
            fs::write(&left, &whole[..len]).unwrap();
            let all = Everything::default();
            store.read_unindexed(&left, format, 2, &all).unwrap();
            assert!(!all.unseen.lock().unwrap().is_empty(), "{len}");
            let found = contents(&all.into_objects());
            assert!(found.len() < expected.len() + 1 && (len < 100 || found.len() > 3), "{len}");
        }
        fs::write(&left, b"no pack, but long enough").unwrap();
        assert!(store.read_unindexed(&left, format, 2, &Everything::default()).is_err());
    }
}

#[test]
fn bases_of_a_thin_pack_are_in_the_store() {
    let repo = Repo::with_history(HashFormat::Sha1, 12);
    let thin = repo.git_with(
        &["pack-objects", "--thin", "--stdout", "--revs", "--delta-base-offset", "-q"],
        b"main\n^main~2\n",
    );
    let left = repo.objects().join("tmp_pack_x");
    fs::write(&left, thin).unwrap();
    let store = repo.store();
    assert_eq!(store.leftovers().packs.len(), 1);
    let all = Everything::default();
    store.read_unindexed(&left, HashFormat::Sha1, 1, &all).unwrap();
    assert_eq!(*all.unseen.lock().unwrap(), []);
    let known = contents(&repo.cat_file());
    let found = contents(&all.into_objects());
    assert!(found.len() > 4 && found.iter().all(|one| known.contains(one)));
}

#[test]
fn loose_objects_under_temporary_names_and_quarantines() {
    let repo = Repo::with_history(HashFormat::Sha1, 3);
    let expected = repo.cat_file();
    let id = *expected.iter().find(|(_, (kind, _))| *kind == Kind::Blob).unwrap().0;
    let path = loose::path(&repo.objects(), &id);
    let left = path.with_file_name("tmp_obj_AbCdEf");
    fs::rename(&path, &left).unwrap();
    assert_eq!(repo.store().leftovers().objects, [fs::canonicalize(&left).unwrap()]);
    let (kind, size, mut content) = open_leftover_object(&left).unwrap();
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).unwrap();
    assert!((kind, &bytes) == (expected[&id].0, &expected[&id].1) && size == bytes.len() as u64);

    let quarantine = repo.objects().join("tmp_objdir-incoming-x/ab");
    fs::create_dir_all(&quarantine).unwrap();
    fs::rename(&left, quarantine.join("tmp_obj_1")).unwrap();
    let found = quarantines(&repo.objects());
    assert_eq!(found.len(), 1);
    let store = Store::open(&repo.objects(), &found, HashFormat::Sha1);
    assert_eq!(store.leftovers().objects.len(), 1);
}
