//! What a blocked commit or push says: the steps that get it through without the secret.

use serde_json::Value;

use crate::archives::make::zip;
use crate::common::{both, text};
use crate::hook_runs::repo::{Repo, line};

#[test]
fn staged_archive_is_taken_out_by_hand() {
    let repo = Repo::with(&[("x", "x\n")]);
    repo.add("backup/a.zip", zip(&[("k.env", line(1).as_bytes())]));
    let text = both(&repo.run(&["staged"]));
    assert!(text.contains("Take it out of backup/a.zip, or leave the file out: "), "{text}");
    assert!(text.contains("git restore --staged backup/a.zip"), "{text}");
    assert!(!text.contains("fix --write") && !text.contains("the message"), "{text}");
    repo.add("k.py", format!("K = '{}'\n", line(2).trim()));
    repo.add("c.txt", data_encoding::BASE64.encode(line(3).as_bytes()));
    let text = both(&repo.run(&["staged"]));
    assert!(text.contains("telleaks fix --write k.py, or edit by hand"), "{text}");
    assert!(text.contains("Take it out of backup/a.zip c.txt, or"), "{text}");
    assert!(text.contains("git add backup/a.zip c.txt k.py "), "{text}");
}

#[test]
fn blocked_push_names_the_way_out() {
    let repo = Repo::with(&[("old", "x\n")]);
    repo.git(&["init", "-q", "-b", "main", "--bare", "../server.git"]);
    repo.git(&["remote", "add", "origin", "../server.git"]);
    repo.git(&["push", "-q", "origin", "main"]);
    repo.hook("pre-push", "commits --stdin --remote \"$1\"");
    repo.commit(&[("a.env", &line(1))]);
    let said = both(&repo.try_git(&["push", "origin", "main"]));
    let first = "1. Take it out of the commits: git commit --amend, or git rebase -i BASE; then push again.";
    assert!(said.contains(first) && said.contains("If it was ever shared, revoke KEY"), "{said}");
    assert!(!said.contains("1. Revoke"), "{said}");
}

#[test]
fn shallow_clone_says_that_a_secret_may_be_older() {
    let repo = Repo::with(&[("a.env", &line(1))]);
    repo.commit(&[("b", "x\n")]);
    repo.commit(&[("c.env", &line(2))]);
    let url = format!("file://{}", repo.dir().display());
    repo.git(&["clone", "-q", "--depth", "2", &url, "../shallow"]);
    let (_, found, _) = repo.findings(&["audit", "../shallow"]);
    let git: Vec<_> =
        found.iter().filter(|one| !one["git"]["commit"].is_null()).map(|one| &one["git"]).collect();
    let known: Vec<_> = git.iter().map(|one| (text(one, "/path"), one["or_earlier"].as_bool())).collect();
    assert_eq!(known, [("a.env", Some(true)), ("c.env", Some(false))]);
    for format in ["text", "markdown", "html"] {
        let said = both(&repo.run(&["audit", "../shallow", "--format", format]));
        assert_eq!(said.matches("or earlier").count(), 1, "{said}");
    }
    let said = both(&repo.run(&["commits", "--repo", "../shallow", "HEAD"]));
    assert!(said.contains("or earlier (this clone begins there)"), "{said}");
}

#[test]
fn card_of_a_message_is_at_the_commit() {
    let repo = Repo::with(&[("x", "x\n")]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", &line(1)]);
    let (_, found, _) = repo.findings(&["audit"]);
    let severity = |path: &str| {
        let one = found.iter().find(|one| text(one, "/location/path").starts_with(path));
        text(one.unwrap(), "/severity").to_owned()
    };
    assert_eq!(
        (severity(".git/COMMIT_EDITMSG"), severity(".git/commit/")),
        ("warning".into(), "error".into())
    );
    let said = both(&repo.run(&["audit"]));
    assert!(said.contains("--> .git/commit/"), "{said}");
    assert!(said.contains(" of .git"), "{said}");
    let document: Value = serde_json::from_slice(&repo.run(&["audit", "--format", "json"]).stdout).unwrap();
    let count = |name: &str| document["summary"][name].as_u64().unwrap();
    assert_eq!(count("files_scanned") - count("git_files_scanned"), 1);
    let said = both(&repo.run(&["commits", "HEAD", "--format", "markdown"]));
    assert!(said.contains("reached by <code>refs/heads/main</code>"), "{said}");
}
