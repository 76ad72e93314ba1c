//! `staged --worktree`: the index, the working tree and untracked files in one run.

use serde_json::Value;

use crate::common::code;
use crate::hook_runs::repo::{Repo, line};

/// Returns the place of each finding and how git reaches it (`-` for a file that is not staged).
fn reached(repo: &Repo, args: &[&str]) -> Vec<String> {
    let (_, findings, _) = repo.findings(args);
    let by = |finding: &Value| finding["git"]["reached_by"].as_str().unwrap_or("-").to_owned();
    findings.iter().map(|one| format!("{} {}", crate::hook_runs::repo::place(one), by(one))).collect()
}

#[test]
fn index_changed_and_untracked_files_are_one_scan() {
    let repo =
        Repo::with(&[(".gitignore", "ignored\n"), ("changed", "x\n"), ("both", "x\n"), ("gone", "x\n")]);
    repo.add("both", format!("x\n{}", line(1)));
    repo.add("gone", line(2));
    repo.put("gone", "x\n");
    repo.put("changed", format!("x\n{}", line(3)));
    repo.put("untracked/new", line(4));
    repo.put("ignored", line(5));
    let all = ["both:2:16 index", "changed:2:16 -", "gone:1:16 index", "untracked/new:1:16 -"];
    assert_eq!(reached(&repo, &["staged", "--worktree"]), all);
    assert_eq!(reached(&repo, &["staged"]), ["both:2:16 index", "gone:1:16 index"]);
    assert_eq!(reached(&repo, &["staged", "--worktree", "--exclude", "untracked/"]), all[..3]);
    // From a folder, paths start at the root all the same.
    assert_eq!(reached(&repo, &["staged", "--worktree", "untracked"]), all);
}

#[test]
fn one_key_in_several_files_names_them() {
    let repo = Repo::with(&[("a", "x\n")]);
    repo.add("a", line(1));
    repo.put("b", line(1));
    let (status, findings, _) = repo.findings(&["staged", "--worktree"]);
    assert_eq!((status, findings.len()), (1, 2));
    assert_eq!(findings[0]["occurrences"], 1);
    let text = String::from_utf8(repo.run(&["staged", "--worktree"]).stdout).unwrap();
    assert_eq!(text.matches("error[telnyx-api-key]").count(), 1, "{text}");
}

#[test]
fn committed_secrets_are_reported_with_whole_files_only() {
    let repo = Repo::with(&[("old", &line(1)), ("copy", "x\n")]);
    repo.put("old", format!("more\n{}", line(1)));
    assert_eq!(code(&repo.run(&["staged", "--worktree"])), 0);
    assert_eq!(reached(&repo, &["staged", "--worktree", "--whole-files"]), ["old:2:16 -"]);
    repo.put("copy", line(1));
    repo.put("old", format!("{}{}", line(1), line(2)));
    assert_eq!(reached(&repo, &["staged", "--worktree"]), ["copy:1:16 -", "old:2:16 -"]);
}

#[test]
fn first_commit_and_bare_repository() {
    let repo = Repo::new();
    repo.add("a", line(1));
    repo.put("b", line(2));
    assert_eq!(reached(&repo, &["staged", "--worktree"]), ["a:1:16 index", "b:1:16 -"]);
    let text = || String::from_utf8(repo.run(&["staged"]).stdout).unwrap();
    assert!(text().contains("git rm --cached a") && !text().contains("restore"), "{}", text());
    repo.git(&["commit", "-q", "--allow-empty", "--only", "-m", "first"]);
    assert!(text().contains("git restore --staged a"), "{}", text());
    let bare = Repo::init(&["--bare"]);
    assert_eq!(code(&bare.run(&["staged", "--worktree"])), 2);
}

#[test]
fn links_and_files_of_a_sparse_checkout_are_counted() {
    let repo = Repo::with(&[("a", "x\n"), ("near/b", "x\n"), ("far/c", "x\n"), ("far/deep/d", "x\n")]);
    std::os::unix::fs::symlink("a", repo.dir().join("link")).unwrap();
    let summary = |args: &[&str]| {
        let output = repo.run(&[args, &["--format", "json"]].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let count = |name: &str| report["summary"][name].as_u64().unwrap();
        (count("links_not_followed"), count("not_checked_out"))
    };
    let text = |args: &[&str]| String::from_utf8(repo.run(args).stdout).unwrap();
    assert_eq!(summary(&["scan", "."]), (1, 0));
    assert_eq!(text(&["scan", "."]), "No leaks found in 4 files.\n1 link was not followed.\n");
    repo.git(&["sparse-checkout", "set", "near"]);
    assert_eq!(summary(&["scan", "."]), (1, 2));
    assert!(
        text(&["scan", "."]).contains("Sparse checkout: 2 tracked files or directories were not on the disk")
    );
    assert_eq!((summary(&["scan", "near"]), summary(&["scan", "a"])), ((0, 0), (0, 0)));
    assert_eq!(summary(&["staged", "--worktree"]), (1, 2));
    assert_eq!(summary(&["staged"]), (0, 0));
    repo.git(&["sparse-checkout", "reapply", "--sparse-index"]);
    assert_eq!(summary(&["scan", "."]), (1, 1), "a sparse index has an entry for the whole directory");
    assert_eq!(code(&repo.run(&["scan", "."])), 0);
}
