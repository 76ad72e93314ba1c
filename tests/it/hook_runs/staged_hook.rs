//! A real pre-commit hook: only what git is about to record is scanned, not the work tree or other staged content.

use crate::hook_runs::repo::{Repo, key, line};

/// Creates a repository with some files, the hook, and keys 1 and 2 in `a` and `dir/b` of the work tree only.
fn repo() -> Repo {
    let repo = Repo::with(&[("a", "one\n"), ("dir/b", "two\n"), ("c", "three\n")]);
    repo.guard();
    repo.put("a", format!("one\n{}", line(1)));
    repo.put("dir/b", format!("x\ntwo\n  {}", line(2)));
    repo
}

#[test]
fn only_committed_content_is_scanned() {
    let in_a = "a:2:16";
    let in_b = "dir/b:3:18";
    for (staged, commit, reported) in [
        (&["c"][..], &["commit", "-m", "x", "--allow-empty"][..], &[][..]),
        (&["a"], &["commit", "-m", "x"], &[in_a]),
        (&["c"], &["commit", "-a", "-m", "x"], &[in_a, in_b]),
        (&["a"], &["commit", "-m", "x", "--", "dir/b"], &[in_b]),
        (&["a"], &["commit", "-m", "x", "-i", "dir/b"], &[in_a, in_b]),
        (&["a", "dir/b"], &["commit", "-m", "x", "--", "c"], &[]),
        (&["a"], &["commit", "--amend", "-m", "x"], &[in_a]),
        (&["dir/b"], &["-C", "dir", "commit", "-m", "x"], &[in_b]),
        (&["a"], &["-C", "dir", "commit", "-m", "x", "--", "b"], &[in_b]),
        (&["a"], &["-C", "dir", "commit", "-m", "x", "-a"], &[in_a, in_b]),
    ] {
        let repo = repo();
        repo.put("c", "three\nfour\n");
        repo.git(&[&["add", "--"], staged].concat());
        assert_eq!(repo.attempt(commit), reported, "{commit:?} with {staged:?}");
    }
}

#[test]
fn partly_staged_file() {
    let repo = Repo::with(&[("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n")]);
    repo.guard();
    repo.put("a", format!("{}1\n2\n3\n4\n5\n6\n7\n8\n9\nharmless\n", line(1)));
    let patch = repo.git(&["diff", "-U1", "a"]) + "\n";
    let (head, hunks) = patch.split_once("@@ ").unwrap();
    let (first, second) = hunks.split_once("\n@@ ").unwrap();
    // As with `git add -p`: one hunk is staged, the work tree keeps both.
    repo.git_on(&["apply", "--cached", "--recount"], format!("{head}@@ {second}"));
    assert_eq!(repo.attempt(&["commit", "-m", "the harmless hunk"]), [""; 0]);
    repo.git_on(&["apply", "--cached", "--recount"], format!("{head}@@ {first}\n"));
    repo.put("a", "clean again\n");
    assert_eq!(repo.attempt(&["commit", "-m", "the other hunk"]), ["a:1:16"]);
}

#[test]
fn first_commit_and_commit_that_only_removes() {
    let repo = Repo::new();
    assert_eq!(repo.places(&["staged"]), [""; 0], "there is no index yet");
    repo.git(&["init", "-q", "--bare", "../bare"]);
    assert_eq!(repo.findings(&["staged", "../bare"]).0, 2, "there is none to come");
    repo.guard();
    repo.add("a", line(1));
    assert_eq!(repo.attempt(&["commit", "-m", "x"]), ["a:1:16"]);
    repo.git(&["commit", "-q", "--no-verify", "-m", "in a hurry"]);
    repo.put("a", "");
    assert_eq!(repo.attempt(&["commit", "-a", "-m", "emptied"]), [""; 0]);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["rm", "-q", "a"]);
    assert_eq!(repo.attempt(&["commit", "-m", "removed"]), [""; 0]);
}

#[test]
fn linked_work_tree_has_its_own_index() {
    let repo = repo();
    repo.git(&["add", "a"]);
    repo.git(&["worktree", "add", "-q", "../linked"]);
    std::fs::write(repo.beside("linked/c"), line(3)).unwrap();
    assert_eq!(repo.attempt(&["-C", "../linked", "commit", "-m", "x", "--allow-empty"]), [""; 0]);
    assert_eq!(repo.attempt(&["-C", "../linked", "commit", "-a", "-m", "x"]), ["c:1:16"]);
    // The hook in the linked work tree reads only that index.
    assert_eq!(repo.attempt(&["commit", "-m", "x"]), ["a:2:16"]);
    assert_eq!(repo.places(&["staged", "../linked"]), [""; 0]);
}

#[test]
fn environment_selects_repository_and_index() {
    let repo = repo();
    repo.git(&["add", "a"]);
    let other = repo.beside("index");
    let run = |dir: &str, args: &[&str], env: &[(&str, &std::path::Path)]| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_telleaks"));
        command.arg("staged").args(args).args(["--format", "jsonl"]).current_dir(repo.beside(dir));
        command.envs(env.iter().copied());
        let output = command.output().unwrap();
        (output.status.code().unwrap(), crate::common::lines(&output.stdout).len())
    };
    let git_dir = repo.dir().join(".git");
    assert_eq!(run(".", &[], &[("GIT_DIR", &git_dir)]), (1, 1));
    assert_eq!(run(".", &[], &[]).0, 2, "no repository there");
    assert_eq!(run("repo/dir", &[], &[]), (1, 1));
    let env = [("GIT_INDEX_FILE", other.as_path())];
    let read_tree = repo.command("git").args(["read-tree", "HEAD"]).envs(env).output().unwrap();
    assert!(read_tree.status.success());
    assert_eq!(run("repo", &[], &env), (0, 0));
    // A hook of one repository that scans another one.
    std::fs::create_dir(repo.beside("elsewhere")).unwrap();
    repo.git(&["init", "-q", "../elsewhere"]);
    assert_eq!(run("elsewhere", &["../repo"], &[("GIT_INDEX_FILE", &git_dir.join("no-such-index"))]), (1, 1));
    assert_eq!(run("repo", &["../repo"], &env), (0, 0), "the same repository under another name");
}

#[test]
fn text_names_location_and_no_secret() {
    let repo = repo();
    repo.hook("pre-commit", "staged");
    repo.put("dir/b", format!("x\ntwo\n  {}", line(2)));
    repo.git(&["add", "dir/b"]);
    // Line numbers refer to the staged content.
    repo.put("dir/b", "now it is gone\n");
    let output = repo.try_git(&["commit", "-m", "x"]);
    let said = crate::common::both(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("--> dir/b:3:18"), "{said}");
    assert!(!said.contains(&key(2)) && said.contains(&key(2)[..35]), "{said}");
}
