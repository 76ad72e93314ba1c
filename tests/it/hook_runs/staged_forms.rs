//! Other repository and index formats: none of them hides a staged key or makes it look clean.

use std::os::unix::fs::chown;

use crate::common::{both, code};
use crate::hook_runs::repo::{Repo, line};

/// Stages a key in `dir/b` and checks that the hook blocks it for three kinds of commits.
fn check(repo: &Repo, what: &str) {
    repo.guard();
    repo.put("dir/b", format!("x\n{}", line(1)));
    repo.put("a", format!("one\n{}", line(2)));
    repo.git(&["add", "a"]);
    assert_eq!(repo.attempt(&["commit", "-m", "x"]), ["a:2:16"], "{what}");
    assert_eq!(repo.attempt(&["commit", "-a", "-m", "x"]), ["a:2:16", "dir/b:2:16"], "{what}");
    assert_eq!(repo.attempt(&["commit", "-m", "x", "--", "dir/b"]), ["dir/b:2:16"], "{what}");
    repo.put("a", "one\nmore\n");
    assert_eq!(repo.attempt(&["commit", "-m", "x", "--", "a"]), [""; 0], "{what}");
}

const FILES: &[(&str, &str)] =
    &[("a", "one\n"), ("dir/b", "two\n"), ("dir/c", "x\n"), ("far/d/e", "three\n")];

#[test]
fn index_formats() {
    for settings in [
        &["update-index", "--split-index"][..],
        &["update-index", "--index-version", "4"],
        &["update-index", "--untracked-cache"],
        &["update-index", "--assume-unchanged", "far/d/e"],
        &["config", "index.skipHash", "true"],
        &["sparse-checkout", "set", "dir"],
        &["sparse-checkout", "set", "--sparse-index", "dir"],
        &["config", "feature.manyFiles", "true"],
    ] {
        let repo = Repo::with(FILES);
        repo.git(settings);
        check(&repo, &settings.join(" "));
    }
}

#[test]
fn repository_formats() {
    for options in [&["--object-format=sha256"][..], &["--separate-git-dir=../separate"]] {
        let repo = Repo::init(options);
        repo.commit(FILES);
        check(&repo, &options.join(" "));
    }
    let repo = Repo::with(FILES);
    repo.git(&["gc", "-q"]);
    check(&repo, "packed objects and refs");
    let repo = Repo::with(FILES);
    repo.git(&["checkout", "-q", "--detach"]);
    check(&repo, "no branch");
}

#[test]
fn partial_clone_fetches_nothing() {
    let origin = Repo::with(FILES);
    origin.commit(&[("dir/c", "y\n")]);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Repo::new();
    let url = format!("file://{}", origin.dir().display());
    clone.git(&["clone", "-q", "--filter=blob:none", &url, "../partial"]);
    clone.git(&["-C", "../partial", "sparse-checkout", "set", "dir"]);
    // The remote is moved away so that nothing can be fetched.
    std::fs::rename(origin.dir(), origin.beside("moved")).unwrap();
    std::fs::write(clone.beside("partial/dir/c"), format!("y\n{}", line(1))).unwrap();
    clone.git(&["-C", "../partial", "add", "dir/c"]);
    assert_eq!(clone.places(&["staged", "../partial"]), ["dir/c:2:16"]);
    clone.git(&["-C", "../partial", "rm", "-q", "--cached", "dir/c"]);
    assert_eq!(clone.places(&["staged", "../partial"]), [""; 0]);
}

#[test]
fn submodules_are_not_scanned() {
    let other = Repo::with(&[("key", &line(1))]);
    let repo = Repo::with(&[("a", "one\n")]);
    repo.git(&["submodule", "--quiet", "add", &other.dir().display().to_string(), "module"]);
    assert_eq!(repo.places(&["staged"]), [""; 0]);
    repo.commit(&[]);
    repo.guard();
    repo.git(&["-C", "module", "commit", "-q", "--allow-empty", "-m", "x"]);
    repo.git(&["add", "module"]);
    repo.put("module/key", line(2));
    assert_eq!(repo.attempt(&["commit", "-m", "update"]), [""; 0]);
    // The submodule has its own index.
    repo.git(&["-C", "module", "add", "key"]);
    assert_eq!(repo.places(&["staged", "module"]), ["key:1:16"]);
}

#[test]
fn git_lfs_pointer_is_resolved() {
    let repo = Repo::with(&[("a", "one\n")]);
    let id = "ab12".repeat(16);
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 82\n");
    repo.add("large.bin", &pointer);
    let (exit, found, said) = repo.findings(&["staged"]);
    assert_eq!((exit, found.len()), (3, 0), "{said}");
    assert!(said.contains("large.bin") && said.contains("git lfs fetch"), "{said}");
    let content = format!(".git/lfs/objects/ab/12/{id}");
    repo.put(&content, "clean\n");
    assert_eq!(repo.places(&["staged"]), [""; 0]);
    repo.put(&content, format!("x\n{}", line(1)));
    assert_eq!(repo.places(&["staged"]), ["large.bin:2:16"]);
    // The other lines of a pointer are content of the repository, too.
    repo.put(&content, "clean\n");
    repo.add("large.bin", format!("{pointer}{}", line(2)));
    assert_eq!(repo.places(&["staged"]), ["large.bin:4:16"]);
    std::fs::remove_file(repo.dir().join(&content)).unwrap();
    std::fs::create_dir(repo.dir().join(&content)).unwrap();
    repo.add("large.bin", &pointer);
    assert_eq!(repo.findings(&["staged"]).0, 3, "content that cannot be read");
}

#[test]
fn unreadable_content_is_never_clean() {
    let repo = Repo::with(FILES);
    repo.add("a", "two\n");
    let id = repo.id(":a");
    let (folder, file) = id.split_at(2);
    std::fs::remove_file(repo.dir().join(".git/objects").join(folder).join(file)).unwrap();
    let (exit, found, said) = repo.findings(&["staged"]);
    assert_eq!((exit, found.len()), (3, 0), "{said}");
    assert!(said.contains("a: ") && said.contains(&id), "{said}");
    repo.put(".git/index", "DIRC damaged");
    assert_eq!(code(&repo.run(&["staged"])), 2);
}

#[test]
fn unreadable_refs_make_everything_new() {
    let repo = Repo::init(&["--ref-format=reftable"]);
    repo.commit(&[("a", &line(1))]);
    let (exit, found, said) = repo.findings(&["staged"]);
    assert_eq!((exit, found.len()), (1, 1), "{said}");
    assert!(said.contains("reftable"), "{said}");
}

#[test]
fn repository_of_another_owner() {
    let repo = Repo::with(FILES);
    repo.add("a", line(1));
    if chown(repo.dir().join(".git"), Some(12_345), None).is_err() {
        return; // Only root can give files away.
    }
    for command in [&["staged"][..], &["commits", "HEAD"]] {
        let output = repo.run(command);
        assert_eq!(code(&output), 2, "{}", both(&output));
        assert!(both(&output).contains("--any-owner"), "{}", both(&output));
        let output = repo.run(&[command, &["--any-owner"]].concat());
        assert_eq!(code(&output), i32::from(command == ["staged"]), "{}", both(&output));
    }
}
