//! Ranges with missing or unreadable objects: never clean, and with advice how to fix it.

use crate::hook_runs::repo::{Repo, line};

/// Returns a repository with three commits, its URL, and a repository in which clones are made.
fn origin() -> (Repo, String, Repo) {
    let origin = Repo::with(&[("a", "one\n"), ("b", "x\n")]);
    origin.commit(&[("a", "two\n")]);
    origin.commit(&[("a", "three\n")]);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", origin.dir().display());
    (origin, url, Repo::new())
}

#[test]
fn shallow_clone() {
    let (_origin, url, home) = origin();
    home.git(&["clone", "-q", "--depth=2", &url, "../shallow"]);
    let commits = |range: &str| home.findings(&["commits", range, "--repo", "../shallow"]);
    let (exit, found, said) = commits("HEAD");
    assert_eq!((exit, found.len()), (3, 0), "{said}");
    assert!(said.contains("git fetch --unshallow"), "{said}");
    let (exit, _, said) = commits("HEAD~1..HEAD");
    assert_eq!((exit, said.as_str()), (0, ""), "that much is here");
    for (range, expected) in [("HEAD~2..HEAD", 3), ("HEAD~3..HEAD", 2)] {
        let (exit, _, said) = commits(range);
        assert_eq!(exit, expected, "{range}: {said}");
        assert!(said.contains("git fetch --unshallow"), "{range}: {said}");
    }
    std::fs::write(home.beside("shallow/a"), line(1)).unwrap();
    home.git(&["-C", "../shallow", "commit", "-qam", "x"]);
    assert_eq!(commits("HEAD").0, 1, "findings win");
    assert_eq!(commits("HEAD~1..HEAD").0, 1);
    home.git(&["-C", "../shallow", "reset", "-q", "--hard", "HEAD~1"]);
    home.git(&["-C", "../shallow", "fetch", "-q", "--unshallow"]);
    assert_eq!(commits("HEAD").0, 0, "what was advised helps");
}

#[test]
fn partial_clone() {
    let (origin, url, home) = origin();
    home.git(&["clone", "-q", "--filter=blob:none", &url, "../partial"]);
    std::fs::rename(origin.dir(), origin.beside("moved")).unwrap();
    let commits = |range: &str| home.findings(&["commits", range, "--repo", "../partial"]);
    let (exit, found, said) = commits("HEAD");
    assert_eq!((exit, found.len()), (3, 0), "{said}");
    assert!(said.contains("git fetch --refetch --no-filter"), "{said}");
    assert_eq!(commits("HEAD~1..HEAD").0, 0, "what is checked out is here");
    std::fs::write(home.beside("partial/b"), format!("x\n{}", line(1))).unwrap();
    home.git(&["-C", "../partial", "commit", "-qam", "x"]);
    assert_eq!(commits("HEAD~1..HEAD").0, 1);
    home.git(&["-C", "../partial", "reset", "-q", "--hard", "HEAD~1"]);
    std::fs::rename(origin.beside("moved"), origin.dir()).unwrap();
    home.git(&["-C", "../partial", "fetch", "-q", "--refetch", "--no-filter"]);
    assert_eq!(commits("HEAD").0, 0, "what was advised helps");
}

#[test]
fn treeless_clone() {
    let (origin, url, home) = origin();
    home.git(&["clone", "-q", "--filter=tree:0", &url, "../treeless"]);
    std::fs::rename(origin.dir(), origin.beside("moved")).unwrap();
    assert_eq!(home.findings(&["commits", "HEAD", "--repo", "../treeless"]).0, 3);
}

#[test]
fn missing_object() {
    for what in ["HEAD:a", "HEAD:dir", "HEAD^{tree}", "HEAD~1"] {
        let repo = Repo::with(&[("x", "x\n")]);
        repo.commit(&[("x", "y\n")]);
        repo.commit(&[("a", "one\n"), ("dir/b", "two\n")]);
        let id = repo.id(what);
        let (folder, file) = id.split_at(2);
        std::fs::remove_file(repo.dir().join(".git/objects").join(folder).join(file)).unwrap();
        let (exit, _, said) = repo.findings(&["commits", "HEAD"]);
        assert_eq!(exit, 3, "{what}: {said}");
        assert!(said.contains(&id), "{what}: {said}");
    }
}

#[test]
fn repository_formats() {
    for options in [&["--object-format=sha256"][..], &["--separate-git-dir=../separate"]] {
        let repo = Repo::init(options);
        repo.commit(&[("a", "one\n")]);
        repo.commit(&[("a", &line(1))]);
        let short = &repo.id("HEAD")[..9];
        for range in ["HEAD~1..HEAD", "main", short] {
            assert_eq!(repo.places(&["commits", range]), ["a:1:16"], "{options:?} {range}");
        }
        repo.git(&["gc", "-q"]);
        assert_eq!(repo.places(&["commits", "HEAD~1..HEAD"]), ["a:1:16"], "{options:?}, packed");
    }
}

#[test]
fn unreadable_refs() {
    let repo = Repo::init(&["--ref-format=reftable"]);
    let first = repo.commit(&[("a", "one\n")]);
    let second = repo.commit(&[("a", &line(1))]);
    let (exit, _, said) = repo.findings(&["commits", &format!("{first}..{second}")]);
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("reftable"), "{said}");
    assert_eq!(repo.findings(&["commits", "--all"]).0, 3, "no ref is known");
    let (exit, _, said) = repo.findings(&["commits", "HEAD"]);
    assert_eq!(exit, 2, "{said}");
    assert!(said.contains("reftable"), "the reason is the form of the refs: {said}");
}
