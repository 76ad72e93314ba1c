//! Ignore rules and tracked files.

use super::*;

/// A repository with this `.gitignore`, in which `tracked` is in the index and `untracked` is not.
fn repository(ignore: &str, tracked: &[&str], untracked: &[&str]) -> TempDir {
    let dir = tree(tracked);
    git(dir.path(), &["init", "-q"]);
    write(&dir.path().join(".gitignore"), ignore);
    git(dir.path(), &["add", "-f", "."]);
    add(dir.path(), untracked);
    dir
}

#[test]
fn tracked_files_are_scanned_despite_rules() {
    let dir = repository(
        ".env\n/build/\n*.log\n!keep.log\n",
        &[".env", "build/deep/er/tracked.js", "src/a.rs"],
        &["sub/.env", "build/x.js", "build/deep/x.js", "build/other/x.js", "x.log", "keep.log", "new.rs"],
    );
    let all = [".env", ".gitignore", "build/deep/er/tracked.js", "keep.log", "new.rs", "src/a.rs"];
    assert_eq!(visited(&options(&[dir.path()])), all);
    assert_eq!(
        visited(&Options { no_ignore: true, ..options(&[dir.path()]) }).len(),
        all.len() + 5,
        "--no-ignore scans all but .git"
    );
    assert_eq!(visited(&options(&[dir.path().join("sub")])), [""; 0], "a rule of the parent hides sub/.env");
}

#[test]
fn only_gitignore_counts_and_only_in_a_repository() {
    let files = ["a.txt", "b.txt"];
    for (name, in_git, hidden) in [
        (".ignore", true, false),
        (".rgignore", true, false),
        (".gitignore", false, false),
        (".gitignore", true, true),
    ] {
        let dir = tree(&files);
        write(&dir.path().join(name), "*.txt\n");
        if in_git {
            git(dir.path(), &["init", "-q"]);
        } else {
            // An empty directory called `.git` is not a repository.
            fs::create_dir(dir.path().join(".git")).unwrap();
        }
        let expected: &[&str] = if hidden { &[name] } else { &[name, "a.txt", "b.txt"] };
        assert_eq!(visited(&options(&[dir.path()])), expected, "{name} {in_git}");
    }
}

#[test]
fn info_exclude_and_nested_gitignore_files_count() {
    let dir = repository("", &["a/b/.gitignore"], &["x", "a/x", "a/b/x", "a/b/y", "a/b/c/y", "z", "a/z"]);
    write(&dir.path().join(".git/info/exclude"), "z\n");
    write(&dir.path().join("a/b/.gitignore"), "/y\n!z\n");
    write(&dir.path().join("a/b/z"), "");
    let expected = [".gitignore", "a/b/.gitignore", "a/b/c/y", "a/b/x", "a/b/z", "a/x", "x"];
    assert_eq!(visited(&options(&[dir.path()])), expected);
}

#[test]
fn named_root_is_scanned_if_ignored() {
    for rule in ["dist/", "/dist", "dist/*", "dist/**", "*"] {
        let dir = repository(rule, &[], &["dist/a.js", "dist/b/c.js", "dist/b/.gitignore", "dist/b/d.js"]);
        write(&dir.path().join("dist/b/.gitignore"), "d.js\n");
        let expected = ["a.js", "b/.gitignore", "b/c.js"];
        assert_eq!(visited(&options(&[dir.path().join("dist")])), expected, "{rule}");
        assert_eq!(visited(&options(&[dir.path().join("dist/b")])), [".gitignore", "c.js"], "{rule}");
        let file = dir.path().join("dist/b/d.js");
        assert_eq!(visited(&options(&[&file])).len(), 1, "{rule}");
    }
}

#[test]
fn named_dot_git_has_no_rules() {
    let dir = repository("*\n", &[], &[]);
    let config = dir.path().join(".git/config");
    assert_eq!(visited(&options(&[config])).len(), 1);
    let seen = visited(&options(&[dir.path().join(".git")]));
    assert!(seen.contains(&"config".to_owned()) && seen.contains(&"HEAD".to_owned()), "{seen:?}");
    assert_eq!(visited(&Options { no_ignore: true, ..options(&[dir.path()]) }), [".gitignore"]);
}

#[test]
fn nested_repository_has_its_own_rules_and_index() {
    let dir = repository("*.log\n/vendor/\n", &[], &["vendor/x", "inner/x.log"]);
    let inner = repository("*.tmp\n", &["b.tmp"], &["a.log", "a.tmp"]);
    copy(inner.path(), &dir.path().join("inner"));
    // Under an ignored directory that is not a submodule, nothing is in scope, repository or not.
    copy(inner.path(), &dir.path().join("vendor/inner"));
    let expected = [".gitignore", "inner/.gitignore", "inner/a.log", "inner/b.tmp", "inner/x.log"];
    assert_eq!(visited(&options(&[dir.path()])), expected);
}

#[test]
fn submodule_in_ignored_directory_is_scanned() {
    let dir = repository("/vendor/\n", &[], &["vendor/x"]);
    let inner = repository("*.tmp\n", &["b.tmp"], &[]);
    git(inner.path(), &["commit", "-qm", "c"]);
    git(dir.path(), &["submodule", "--quiet", "add", "-f", inner.path().to_str().unwrap(), "vendor/sub"]);
    assert!(dir.path().join("vendor/sub/.git").is_file(), "its .git is a file that names the git directory");
    add(dir.path(), &["vendor/sub/a.tmp", "vendor/sub/new"]);
    let expected =
        [".gitignore", ".gitmodules", "vendor/sub/.gitignore", "vendor/sub/b.tmp", "vendor/sub/new"];
    assert_eq!(visited(&options(&[dir.path()])), expected);
}

#[test]
fn worktree_has_own_index_and_shared_excludes() {
    let dir = repository("*.tmp\n", &["b.tmp"], &[]);
    git(dir.path(), &["commit", "-qm", "c"]);
    let out = TempDir::new().unwrap();
    let worktree = out.path().join("w");
    git(dir.path(), &["worktree", "add", "-q", worktree.to_str().unwrap()]);
    write(&dir.path().join(".git/info/exclude"), "z\n");
    add(&worktree, &["a.tmp", "z", "y"]);
    assert_eq!(visited(&options(&[&worktree])), [".gitignore", "b.tmp", "y"]);
}

#[test]
fn sha256_and_version_4_indexes_are_read() {
    for setup in [&["init", "-q", "--object-format=sha256"][..], &["init", "-q"]] {
        let dir = tree(&["a.log", "b/a.log"]);
        git(dir.path(), setup);
        git(dir.path(), &["add", "."]);
        git(dir.path(), &["-c", "index.skipHash=true", "update-index", "--index-version", "4"]);
        write(&dir.path().join(".gitignore"), "*.log\n");
        add(dir.path(), &["c.log"]);
        assert_eq!(visited(&options(&[dir.path()])), [".gitignore", "a.log", "b/a.log"], "{setup:?}");
    }
}

#[test]
fn damaged_index_scans_everything_and_is_reported() {
    let dir = repository("*.log\n", &["a.log"], &["b.log", "sub/c.log"]);
    write(&dir.path().join(".git/index"), "DIRC, or so it says");
    let seen = scan(&options(&[dir.path()]));
    assert_eq!(seen.visited, [".gitignore", "a.log", "b.log", "sub/c.log"]);
    assert_eq!(seen.unseen.len(), 1, "{:?}", seen.unseen);
    assert!(
        seen.unseen[0].starts_with(".git/index: cannot determine which files git tracks"),
        "{:?}",
        seen.unseen
    );
}

#[test]
fn unsupported_index_scans_everything() {
    let dir = repository("*.log\n", &["a.log"], &["b.log"]);
    let index = dir.path().join(".git/index");
    let mut bytes = fs::read(&index).unwrap();
    // A mandatory extension that does not exist, before the checksum.
    let end = bytes.len() - 20;
    bytes.splice(end..end, *b"next\0\0\0\0");
    fs::write(&index, bytes).unwrap();
    let seen = scan(&options(&[dir.path()]));
    assert_eq!(seen.visited, [".gitignore", "a.log", "b.log"]);
    assert!(seen.unseen.is_empty() && seen.notices.len() == 1, "{:?} {:?}", seen.unseen, seen.notices);
}

#[test]
fn split_and_sparse_indexes_are_read() {
    let dir = repository("*.log\n", &["a.log"], &["b.log"]);
    git(dir.path(), &["update-index", "--split-index"]);
    write(&dir.path().join("c.log"), "");
    git(dir.path(), &["add", "-f", "c.log"]);
    assert_eq!(visited(&options(&[dir.path()])), [".gitignore", "a.log", "c.log"]);

    let dir = repository("*.log\n", &["in/a.log", "out/deep/a.log"], &[]);
    git(dir.path(), &["commit", "-qm", "c"]);
    git(dir.path(), &["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    add(dir.path(), &["in/b.log", "other/c.log"]);
    assert_eq!(visited(&options(&[dir.path()])), [".gitignore", "in/a.log"]);
    // The sparse index has only the tree of `out`, so a file there may be tracked.
    add(dir.path(), &["out/deep/a.log"]);
    assert_eq!(visited(&options(&[dir.path()])), [".gitignore", "in/a.log", "out/deep/a.log"]);
}

#[test]
fn gitignore_link_or_pipe_is_not_read() {
    let dir = repository("", &["a"], &[]);
    for (name, target) in [("zero", "/dev/zero"), ("rules", "../rules")] {
        fs::create_dir(dir.path().join(name)).unwrap();
        std::os::unix::fs::symlink(target, dir.path().join(name).join(".gitignore")).unwrap();
    }
    write(&dir.path().join("rules/x"), "");
    write(&dir.path().join("pipe/x"), "");
    assert!(Command::new("mkfifo").arg(dir.path().join("pipe/.gitignore")).status().unwrap().success());
    assert_eq!(visited(&options(&[dir.path()])), [".gitignore", "a", "pipe/x", "rules/x"]);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let from = from.join(".");
    assert!(Command::new("cp").arg("-r").arg(&from).arg(to).status().unwrap().success());
}
