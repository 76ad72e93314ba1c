//! Objects that git never writes: malformed commits and trees, and exponentially nested trees.

use std::io::Write;

use sha2::Digest;

use crate::common::telleaks;
use crate::hostile::audited;
use crate::hostile::bounded::run;
use crate::hostile::line;
use crate::hostile::repo::Repo;

const PERSON: &str = "A <a@example.org> 1704067200 +0000";

/// Stores an object without checks and returns its id.
fn object(repo: &Repo, kind: &str, content: &[u8]) -> String {
    repo.feed(&["hash-object", "-t", kind, "-w", "--literally", "--stdin"], content)
}

fn raw(id: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(id.as_bytes()).unwrap()
}

fn begun() -> (Repo, String) {
    let repo = Repo::new(&[]);
    repo.put("README", "A program.\n");
    let first = repo.commit("Begin");
    (repo, first)
}

/// Creates a branch that points to a commit of this tree.
fn branch(repo: &Repo, tree: &str, first: &str) {
    let text = format!("tree {tree}\nparent {first}\nauthor {PERSON}\ncommitter {PERSON}\n\nOdd\n");
    let commit = object(repo, "commit", text.as_bytes());
    repo.put(".git/refs/heads/odd", format!("{commit}\n"));
}

#[test]
fn malformed_commits() {
    let heads: [&[u8]; 6] = [
        b"author A <a>\ncommitter A <a>\n",
        b"author \xff\xfe <a> 1 +0000\ncommitter a\0b <a> 1 +0000\n",
        b"author A <a> 99999999999999999999 +9999\ncommitter A <a> -1 -0000\n",
        b"",
        b"committer\nauthor\n",
        b"gpgsig \n \n \nencoding \xff\n",
    ];
    for head in heads {
        let (repo, first) = begun();
        let (key, text) = line("commit");
        let tree = repo.tree(&[("a.env", &text)]);
        let start = format!("tree {tree}\nparent {first}\n");
        let commit = object(&repo, "commit", &[start.as_bytes(), head, b"\nText \xff\n"].concat());
        repo.put(".git/refs/heads/odd", format!("{commit}\n"));
        audited(&repo.dir).found_with(&[&key], 1);
    }
}

#[test]
fn malformed_trees() {
    let (repo, first) = begun();
    let (key, text) = line("tree");
    let blob = raw(&repo.blob(&text));
    let names: [&[u8]; 9] = [b"", b"..", b".git", b"../x", b"a/b", b"same", b"same", b"\n\xff", b"."];
    let mut tree: Vec<u8> = Vec::new();
    for name in names {
        tree.extend([b"100644 ", name, b"\0", &blob].concat());
    }
    let whole = object(&repo, "tree", &tree);
    branch(&repo, &whole, &first);
    audited(&repo.dir).found_with(&[&key], 1);
    assert!(!repo.home.path().join("x").exists());
    // A tree that ends within an entry, one with invalid modes, and one that is only a mode.
    for tree in [tree[..tree.len() - 7].to_vec(), [b"999999 x\0", &blob[..]].concat(), b"100644".to_vec()] {
        let (repo, first) = begun();
        repo.blob(&text);
        branch(&repo, &object(&repo, "tree", &tree), &first);
        let outcome = audited(&repo.dir);
        assert_eq!(outcome.code, Some(1), "{}", outcome.said);
    }
}

/// Stores a tree without git, to avoid thousands of processes, in a repository with SHA-256 ids.
fn tree_by_hand(repo: &Repo, content: &[u8]) -> Vec<u8> {
    let whole = [format!("tree {}\0", content.len()).as_bytes(), content].concat();
    let id = sha2::Sha256::digest(&whole).to_vec();
    let path = repo.loose(&data_encoding::HEXLOWER.encode(&id));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = flate2::write::ZlibEncoder::new(file, flate2::Compression::fast());
    writer.write_all(&whole).unwrap();
    writer.finish().unwrap();
    id
}

#[test]
fn three_thousand_nested_trees() {
    let repo = Repo::new(&["--object-format=sha256"]);
    repo.put("README", "A program.\n");
    let first = repo.commit("Begin");
    let (key, text) = line("deep");
    let mut inner = raw(&repo.tree(&[("a.env", &text)]));
    for _ in 0..3000 {
        inner = tree_by_hand(&repo, &[b"40000 d\0", &inner[..]].concat());
    }
    branch(&repo, &data_encoding::HEXLOWER.encode(&inner), &first);
    let outcome = audited(&repo.dir);
    outcome.found_with(&[&key], 1);
}

#[test]
fn exponentially_nested_trees() {
    // Twelve levels of ten entries that refer to the same tree: a walk of every path would not end.
    let repo = Repo::new(&["--object-format=sha256"]);
    repo.put("README", "A program.\n");
    let first = repo.commit("Begin");
    let (key, text) = line("bomb");
    let mut inner = raw(&repo.tree(&[("a.env", &text)]));
    for _ in 0..12 {
        let entries: Vec<u8> =
            (0..10).flat_map(|number| [format!("40000 {number}\0").as_bytes(), &inner].concat()).collect();
        inner = tree_by_hand(&repo, &entries);
    }
    branch(&repo, &data_encoding::HEXLOWER.encode(&inner), &first);
    let mut commits = telleaks();
    commits.current_dir(&repo.dir).args([
        "commits",
        &format!("{first}..odd"),
        "--format",
        "jsonl",
        "--show-secrets",
    ]);
    for outcome in [audited(&repo.dir), run(commits)] {
        assert!(
            outcome.code == Some(1) && String::from_utf8_lossy(&outcome.out).contains(&key),
            "{}",
            outcome.said
        );
    }
    // Without a secret, no path can be missing.
    let mut inner = raw(&repo.tree(&[("a.env", "nothing\n")]));
    for _ in 0..12 {
        let entries: Vec<u8> =
            (0..10).flat_map(|number| [format!("40000 {number}\0").as_bytes(), &inner].concat()).collect();
        inner = tree_by_hand(&repo, &entries);
    }
    branch(&repo, &data_encoding::HEXLOWER.encode(&inner), &first);
    let mut commits = telleaks();
    commits.current_dir(&repo.dir).args(["commits", &format!("{first}..odd"), "--format", "jsonl"]);
    run(commits).reported(0, &[]);
}

#[test]
fn too_many_directory_comparisons_are_reported() {
    // A hundred directories, each replaced by each of a hundred others.
    let repo = Repo::new(&["--object-format=sha256"]);
    repo.put("README", "A program.\n");
    let first = repo.commit("Begin");
    let blobs = ["old", "new"].map(|side| raw(&repo.blob(side)));
    let folder = |number: usize, side: &[u8]| {
        let entries =
            (100..200).flat_map(|name| [format!("100644 {name} {number}\0").as_bytes(), side].concat());
        tree_by_hand(&repo, &entries.collect::<Vec<u8>>())
    };
    let sides = blobs.map(|side| (0..100).map(|number| folder(number, &side)).collect::<Vec<_>>());
    let root = |choose: &dyn Fn(usize) -> Vec<u8>| {
        let entry = |at: usize| [format!("40000 {}\0", 10_000 + at).as_bytes(), &choose(at)].concat();
        let tree = tree_by_hand(&repo, &(0..10_000).flat_map(entry).collect::<Vec<u8>>());
        data_encoding::HEXLOWER.encode(&tree)
    };
    branch(&repo, &root(&|at| sides[0][at / 100].clone()), &first);
    let before = repo.git(&["rev-parse", "odd"]);
    branch(&repo, &root(&|at| sides[1][at % 100].clone()), before.trim());
    let mut commits = telleaks();
    commits.current_dir(&repo.dir).args(["commits", "odd~1..odd", "--format", "jsonl"]);
    run(commits).reported(3, &["to compare all of them with the base"]);
}
