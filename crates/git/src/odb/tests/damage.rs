//! Damage loses only the damaged objects and their descendants, is always reported, and never panics.

use super::*;

/// Scans a possibly damaged database. Checks that every object is either passed on unchanged or reported, and returns
/// the number passed on.
fn survivors(store: &Store, expected: &Objects) -> usize {
    let all = Everything::default();
    store.scan(2, &all);
    let lost = all.unseen_ids();
    let nameless = all.unseen.lock().unwrap().iter().any(|(id, _)| id.is_none());
    let seen = all.objects.into_inner().unwrap();
    for (id, object) in expected {
        match seen.get(id) {
            Some(found) => assert!(found == object, "{id}"),
            None => assert!(nameless || lost.contains(id), "{id}"),
        }
    }
    seen.len()
}

fn small() -> (Repo, Objects, PathBuf, Vec<u8>) {
    let repo = Repo::with_history(HashFormat::Sha1, 8);
    repo.git(&["repack", "-adfq", "--depth=50"]);
    repo.git(&["prune-packed"]);
    let (expected, path) = (repo.cat_file(), repo.pack_file("pack"));
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    (repo, expected, path, bytes)
}

#[test]
fn damaged_byte_in_each_entry() {
    let (repo, expected, path, bytes) = small();
    let store = {
        fs::write(&path, &bytes).unwrap();
        repo.store()
    };
    let index = &store.found.packs[0].index;
    let mut best = 0;
    for position in 0..index.count() {
        for further in [0, 1, 4, 9] {
            let mut damaged = bytes.clone();
            damaged[index.offset(position).unwrap() as usize + further] ^= 0x15;
            fs::write(&path, &damaged).unwrap();
            let id = index.id(position).unwrap();
            best = best.max(survivors(&store, &expected));
            if let Ok(Some(found)) = store.read(&id, 1 << 20) {
                assert!(found == expected[&id]);
            }
        }
    }
    assert_eq!(best, expected.len() - 1);
}

#[test]
fn wrong_fan_out_hides_no_name() {
    let (repo, expected, path, bytes) = small();
    fs::write(&path, &bytes).unwrap();
    let index = repo.pack_file("idx");
    let good = fs::read(&index).unwrap();
    fs::remove_file(&index).unwrap();
    for first in 0..255 {
        let mut damaged = good.clone();
        // The low byte of the fan-out count for this first byte.
        damaged[8 + first * 4 + 3] ^= 1;
        fs::write(&index, &damaged).unwrap();
        let store = repo.store();
        assert!(store.problems().is_empty());
        for (id, object) in &expected {
            assert!(store.read(id, 1 << 20).unwrap().as_ref() == Some(object), "{first}: {id}");
        }
    }
}

#[test]
fn undamaged_copy_replaces_damaged_one() {
    let (repo, expected, path, mut bytes) = small();
    fs::write(&path, &bytes).unwrap();
    let input = fs::File::open(&path).unwrap();
    let apart = Repo::new(HashFormat::Sha1);
    let status =
        Command::new("git").current_dir(apart.path()).args(["unpack-objects", "-q"]).stdin(input).status();
    assert!(status.unwrap().success());
    for at in (40..bytes.len() - 20).step_by(50) {
        bytes[at] ^= 0x40;
    }
    fs::write(&path, &bytes).unwrap();
    let store = Store::open(&repo.objects(), &[apart.objects()], HashFormat::Sha1);
    let all = Everything::default();
    store.scan(2, &all);
    assert_eq!(all.unseen_ids(), []);
    assert!(all.into_objects() == expected);
    for (id, object) in &expected {
        assert!(store.read(id, 1 << 20).unwrap().as_ref() == Some(object));
    }
}

#[test]
fn truncated_pack() {
    let (repo, expected, path, bytes) = small();
    for len in [0, 5, 12, 40, bytes.len() / 2, bytes.len() - 21, bytes.len() - 1] {
        fs::write(&path, &bytes[..len]).unwrap();
        let all = Everything::default();
        repo.store().scan(2, &all);
        assert!(!all.unseen.lock().unwrap().is_empty());
        survivors(&repo.store(), &expected);
    }
}

#[test]
fn missing_pack_or_index_is_reported() {
    let (repo, _, path, bytes) = small();
    let missing = repo.store();
    assert!(missing.problems()[0].contains("the pack itself is missing"), "{:?}", missing.problems());
    fs::write(&path, &bytes).unwrap();
    let index = repo.pack_file("idx");
    let whole = fs::read(&index).unwrap();
    fs::remove_file(&index).unwrap();
    assert!(repo.store().problems()[0].contains("git index-pack"));
    for len in [0, 7, 1000, 1032, whole.len() - 1, whole.len() - 4] {
        fs::write(&index, &whole[..len]).unwrap();
        let store = repo.store();
        assert_eq!((store.len(), store.problems().len()), (0, 1));
    }
}

#[test]
fn damaged_loose_objects() {
    let repo = Repo::with_history(HashFormat::Sha1, 3);
    let expected = repo.cat_file();
    let id = *expected.keys().next().unwrap();
    let path = loose::path(&repo.objects(), &id);
    let good = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let longer = [&good[..], b"x"].concat();
    for bytes in [&b""[..], b"x", &good[..good.len() / 2], &flipped, &longer] {
        fs::write(&path, bytes).unwrap();
        let all = Everything::default();
        repo.store().scan(2, &all);
        assert_eq!(all.unseen_ids(), [id], "{bytes:?}");
        assert_eq!(all.into_objects().len(), expected.len() - 1);
        assert!(repo.store().read(&id, 1 << 20).is_err());
    }
}
