//! Repositories with unreadable parts: the rest is scanned, and the audit is incomplete.

use std::path::PathBuf;

use crate::common::{both, code, put};
use crate::repo::{Repo, key, line};
use crate::{reported, run};

/// Creates a repository with every kind of part. Its only key, if any, is untracked in the work tree.
fn repository(leak: bool) -> Repo {
    let repo = Repo::new(&[]);
    for number in 0..3 {
        repo.put("a.txt", format!("{}{number}\n", "some lines\n".repeat(200)));
        repo.commit("packed");
    }
    repo.git(&["branch", "other"]);
    repo.git(&["pack-refs", "--all"]);
    repo.git(&["gc", "-q"]);
    repo.put("b.txt", "loose\n");
    repo.commit("loose");
    repo.git(&["worktree", "add", "-q", "../linked", "other"]);
    put(&repo.dir, ".git/lfs/objects/ab/cd/abcd", "content\n");
    put(&repo.dir, ".git/MERGE_HEAD", format!("{}\n", repo.git(&["rev-parse", "HEAD"])));
    std::fs::create_dir_all(repo.dir.join(".git/modules/sub")).unwrap();
    let borrowed = repo.home.path().join("borrowed/pack");
    std::fs::create_dir_all(&borrowed).unwrap();
    put(&repo.dir, ".git/objects/info/alternates", format!("{}\n", borrowed.parent().unwrap().display()));
    if leak {
        repo.put("leak.env", line("leak"));
    }
    repo
}

/// Fault settings that make a part unreadable, and the name that is reported.
const PARTS: [(&str, &str); 24] = [
    ("open-error=**/*.pack", "objects"),
    ("read-error=**/*.pack", "objects"),
    ("vanish=**/*.pack", "objects"),
    ("shrink=**/*.pack", "objects"),
    ("read-error=**/*.idx", "objects"),
    ("open-error=**/*.idx", "objects"),
    ("open-error=**/objects/pack", "objects"),
    ("open-error=**/objects/LOOSE", "objects"),
    ("open-error=**/objects/LOOSE/*", "objects"),
    ("read-error=**/objects/LOOSE/*", "objects"),
    ("read-error=**/objects/LOOSE/*@10", "objects"),
    ("shrink=**/objects/LOOSE/*", "objects"),
    ("read-error=**/info/alternates", "objects"),
    ("open-error=**/.git/index", "index"),
    ("read-error=**/.git/index@10", "index"),
    ("read-error=**/packed-refs", "packed-refs"),
    ("open-error=**/refs/heads", "refs/heads"),
    ("read-error=**/refs/heads/main", "refs/heads/main"),
    ("open-error=**/.git/logs/HEAD", "logs/HEAD"),
    ("open-error=**/.git/worktrees", "worktrees"),
    ("read-error=**/.git/MERGE_HEAD", "MERGE_HEAD"),
    ("open-error=**/.git/lfs/objects/ab", "lfs/objects/ab"),
    ("read-error=**/lfs/objects/ab/cd/abcd", "lfs/objects/ab/cd/abcd"),
    ("open-error=**/.git/modules", "modules"),
];

/// Returns the path in `.git` for a name in the list.
fn named(part: &str) -> &str {
    if part == "objects" { ".git" } else { part }
}

#[test]
fn audit() {
    for leak in [false, true] {
        let mut repo = repository(leak);
        let head = repo.git(&["rev-parse", "HEAD"]);
        let whole = reported("", &repo.dir, &["audit"]);
        let found: &[&str] = if leak { &["leak.env"] } else { &[] };
        assert!(
            (whole.code, whole.unread.len()) == (found.len() as i32, 0) && whole.found == found,
            "{}",
            whole.stderr
        );
        for (order, part) in PARTS {
            let order = order.replace("LOOSE", &head[..2]);
            if order.starts_with("shrink") {
                repo = repository(leak);
            }
            reported(&order, &repo.dir, &["audit"]).beside(found, named(part), &order);
        }
    }
}

#[test]
fn configuration_and_layout() {
    let repo = repository(true);
    let linked = repo.home.path().join("linked");
    let order = "read-error=**/.git/config";
    reported(order, &repo.dir, &["audit"]).beside(&["leak.env"], ".git", order);
    let order = "read-error=**/worktrees/linked/commondir";
    let seen = run(order, &linked, &["audit", "--format", "json"]);
    assert!(matches!(code(&seen), 2 | 3), "{}", both(&seen));
}

#[test]
fn git_lfs_content() {
    let repo = Repo::new(&[]);
    let oid = "0123456789abcdef".repeat(4);
    repo.put("large.bin", format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 60\n"));
    repo.commit("lfs");
    let path = PathBuf::from(".git/lfs/objects").join(&oid[..2]).join(&oid[2..4]).join(&oid);
    put(&repo.dir, path.to_str().unwrap(), line("lfs"));
    repo.put("large.txt", format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 60\n"));
    repo.git(&["add", "-A"]);
    for order in ["open-error", "vanish", "read-error"] {
        let order = format!("{order}=**/lfs/objects/*/*/*");
        for args in [&["audit"][..], &["staged"], &["commits", "HEAD"]] {
            assert_eq!(reported("", &repo.dir, args).code, 1, "{args:?}");
            let seen = reported(&order, &repo.dir, args);
            assert!(seen.code == 3 && !seen.unread.is_empty(), "{args:?} {order}: {}", seen.stderr);
        }
    }
}

#[test]
fn staged_content() {
    let repo = repository(false);
    repo.put("staged.env", line("staged"));
    repo.git(&["add", "-A"]);
    let at_least = |order: &str, words: &str| {
        let output = run(order, &repo.dir, &["staged"]);
        assert!(matches!(code(&output), 1..=3), "{order}: {}", both(&output));
        assert!(
            both(&output).contains(words) && !both(&output).contains(&key("staged")),
            "{order}: {}",
            both(&output)
        );
    };
    at_least("open-error=**/.git/index", "index");
    at_least("read-error=**/.git/index@20", "index");
    at_least("read-error=**/MERGE_HEAD", "MERGE_HEAD");
    put(&repo.dir, "message", line("message"));
    let output = run("read-error=**/message", &repo.dir, &["staged", "--message", "message"]);
    assert_eq!(code(&output), 2, "{}", both(&output));
}

#[test]
fn bundle() {
    let repo = repository(false);
    repo.git(&["bundle", "create", "-q", "../all.bundle", "--all"]);
    let bundle = repo.home.path().join("all.bundle").display().to_string();
    let temporary = tempfile::tempdir().unwrap();
    for order in ["read-error=**/all.bundle", "read-error=**/all.bundle@300", "shrink=**/all.bundle"] {
        let mut command = crate::command(order, repo.home.path(), &["audit", &bundle]);
        let output = command.env("TMPDIR", temporary.path()).output().unwrap();
        assert_eq!(code(&output), 2, "{order}: {}", both(&output));
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
    }
}

#[test]
fn audit_cache() {
    let repo = repository(true);
    let cache = repo.home.path().join("cache").display().to_string();
    let args = ["audit", "--cache", &cache];
    assert_eq!(reported("", &repo.dir, &args).code, 1);
    let output = run("read-error=**/cache", &repo.dir, &args);
    assert!(code(&output) == 2 && both(&output).contains("cache"), "{}", both(&output));
    // Skipped objects are not cached as clean.
    std::fs::remove_file(&cache).unwrap();
    let order = "read-error=**/*.pack";
    reported(order, &repo.dir, &args).beside(&["leak.env"], ".git", order);
    std::fs::remove_file(repo.dir.join("leak.env")).unwrap();
    reported(order, &repo.dir, &args).beside(&[], ".git", order);
}
