//! Compares every object with git's own output, for every way in which git stores them.

use super::*;

/// Compares every way of reading with `git cat-file`, and returns the number of objects.
fn compare(repo: &Repo) -> usize {
    let expected = repo.cat_file();
    let store = repo.store();
    assert_eq!(store.problems(), &[] as &[String]);
    assert_eq!(store.len(), expected.len());
    let mut ids: Vec<_> = store.ids().collect();
    ids.sort_unstable();
    assert!(ids.iter().eq(expected.keys()));
    for threads in [1, 3] {
        assert!(scanned(&store, threads) == expected);
    }
    for kinds in [&[Kind::Commit, Kind::Tag][..], &[Kind::Tree], &[Kind::Blob, Kind::Tree]] {
        let read = Everything::default();
        store.read_all(kinds, 2, &read);
        let mut wanted = expected.clone();
        wanted.retain(|_, (kind, _)| kinds.contains(kind));
        assert!(read.into_objects() == wanted);
    }
    for (id, object) in &expected {
        assert!(store.contains(id));
        assert!(store.read(id, 1 << 30).unwrap().as_ref() == Some(object), "{id}");
    }
    let missing = ObjectId::from_bytes(&vec![7; repo.format.id_len()]).unwrap();
    assert!(!store.contains(&missing) && store.read(&missing, 1 << 30).unwrap().is_none());
    expected.len()
}

#[test]
fn loose_packed_and_cruft_objects() {
    for format in [HashFormat::Sha1, HashFormat::Sha256] {
        let repo = Repo::with_history(format, 25);
        let count = compare(&repo);
        assert!(count > 100);
        repo.git(&["repack", "-adq"]);
        // Loose ones remain beside the pack.
        assert_eq!(compare(&repo), count);
        repo.git(&["prune-packed"]);
        assert_eq!(compare(&repo), count);
        repo.git(&["repack", "-adfq", "--depth=250", "--window=50"]);
        assert_eq!(compare(&repo), count);
        repo.git(&["repack", "-adfq", "--depth=0"]);
        assert_eq!(compare(&repo), count);
        repo.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"]);
        assert_eq!(compare(&repo), count);
        repo.git(&["reset", "-q", "--hard", "HEAD~5"]);
        repo.git(&["reflog", "expire", "--expire=now", "--all"]);
        repo.git(&["tag", "-d", "v1"]);
        repo.git(&["repack", "-dq", "--cruft"]);
        assert_eq!(compare(&repo), count);
        repo.git(&["multi-pack-index", "write"]);
        assert_eq!(compare(&repo), count);
    }
}

#[test]
fn packs_with_common_objects() {
    let repo = Repo::with_history(HashFormat::Sha1, 6);
    for number in 0..5 {
        repo.write("new.txt", format!("{number}").as_bytes());
        repo.commit("more");
        // All objects, so that each pack contains those of the previous one.
        let ids: Vec<String> = repo.store().ids().map(|id| format!("{id}\n")).collect();
        repo.git_with(&["pack-objects", "-q", ".git/objects/pack/pack"], ids.concat().as_bytes());
    }
    assert_eq!(repo.store().found.packs.len(), 5);
    compare(&repo);
}

#[test]
fn same_objects_as_libgit2() {
    let repo = Repo::with_history(HashFormat::Sha1, 20);
    repo.git(&["repack", "-adfq", "--depth=50"]);
    repo.write("loose.txt", b"loose");
    repo.commit("loose");
    let opened = git2::Repository::open(repo.path()).unwrap();
    let odb = opened.odb().unwrap();
    let mut expected = Objects::new();
    odb.foreach(|id| {
        let object = odb.read(*id).unwrap();
        let kind = Kind::from_word(object.kind().str().as_bytes()).unwrap();
        expected.insert(ObjectId::from_bytes(id.as_bytes()).unwrap(), (kind, object.data().to_vec()));
        true
    })
    .unwrap();
    assert!(scanned(&repo.store(), 2) == expected);
}

#[test]
fn empty_database() {
    let repo = Repo::new(HashFormat::Sha1);
    assert_eq!(compare(&repo), 0);
    assert!(repo.store().is_empty());
}

#[test]
fn alternates_in_a_cycle_and_quarantine() {
    let lender = Repo::with_history(HashFormat::Sha1, 5);
    let repo = Repo::new(HashFormat::Sha1);
    repo.write("own.txt", b"own");
    repo.commit("own");
    let lend = |from: &Repo, path: &Path| {
        fs::create_dir_all(from.objects().join("info")).unwrap();
        fs::write(from.objects().join("info/alternates"), format!("# borrowed\n{}\n", path.display()))
            .unwrap();
    };
    lend(&repo, &lender.objects());
    let all = compare(&repo);
    assert_eq!(all, lender.cat_file().len() + 3);
    lend(&lender, Path::new("../objects"));
    assert_eq!(compare(&repo), all);
    let alone = Repo::new(HashFormat::Sha1);
    let store = Store::open(&alone.objects(), &[repo.objects()], HashFormat::Sha1);
    assert_eq!(scanned(&store, 2).len(), all);
    lend(&alone, Path::new("/nowhere/objects"));
    assert_eq!(alone.store().problems().len(), 1);
}

#[test]
fn large_objects_are_streamed() {
    let repo = Repo::new(HashFormat::Sha1);
    repo.git(&["config", "core.bigFileThreshold", "1m"]);
    let mut large = Random(3).bytes(1 << 20);
    large.resize((traverse::STREAM_THRESHOLD_BYTES + 5) as usize, b'x');
    repo.write("large.bin", &large);
    repo.commit("large");
    compare(&repo);
    repo.git(&["repack", "-adq"]);
    repo.git(&["prune-packed"]);
    compare(&repo);
    let blob = repo.store().ids().find(|id| repo.store().read(id, 1 << 20).is_err()).unwrap();
    assert_eq!(repo.store().read(&blob, 1 << 20), Err(ObjectError::TooLarge(large.len() as u64)));
}

#[test]
fn large_delta_result_is_streamed() {
    let repo = Repo::new(HashFormat::Sha1);
    let mut large = Random(5).bytes(2 << 20);
    repo.write("large.bin", &large);
    repo.commit("one");
    large.extend_from_slice(b"more");
    repo.write("large.bin", &large);
    repo.commit("two");
    repo.git(&["repack", "-adfq"]);
    repo.git(&["prune-packed"]);
    let mut store = repo.store();
    store.memory = 0;
    // With 64 threads each has a quota of 4 MiB, enough for one of the two versions.
    let all = Everything::default();
    store.scan(64, &all);
    assert_eq!(*all.unseen.lock().unwrap(), []);
    assert!(all.into_objects() == repo.cat_file());
    let all = Everything::default();
    store.read_all(&[Kind::Blob], 64, &all);
    let unseen = all.unseen.lock().unwrap();
    assert_eq!(unseen.len(), 1);
    assert!(unseen[0].1.contains("bigFileThreshold"), "{unseen:?}");
}

#[test]
fn large_pack_is_read_in_parts() {
    let repo = Repo::with_history(HashFormat::Sha1, 12);
    repo.git(&["repack", "-adfq", "--depth=50"]);
    repo.git(&["prune-packed"]);
    let store = repo.store();
    let all = Everything::default();
    let pack = &store.found.packs[0];
    let order = crate::odb::delta_tree::PackOrder::of(pack);
    let input = crate::odb::PackInput { number: 0, pack, bytes: &pack.bytes().unwrap() };
    store.decode(&input, order, 2, &task::ScanTask(&all));
    assert_eq!(*all.unseen.lock().unwrap(), []);
    assert!(all.into_objects() == repo.cat_file());
}

#[test]
fn pack_of_any_name_is_read() {
    let repo = Repo::with_history(HashFormat::Sha1, 3);
    repo.git(&["repack", "-adq"]);
    repo.git(&["prune-packed"]);
    for ending in ["pack", "idx"] {
        let path = repo.pack_file(ending);
        fs::rename(&path, path.with_file_name(format!("other.{ending}"))).unwrap();
    }
    assert!(compare(&repo) > 0);
}
