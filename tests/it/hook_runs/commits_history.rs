//! The secrets that the commits of a range add, and their history: who added and removed them, and where they are now.

use serde_json::Value;

use crate::common::{both, text};
use crate::hook_runs::repo::{Repo, key, line};

/// Returns whether a finding is for this key; reports show only its id.
fn of(finding: &Value, number: usize) -> bool {
    text(finding, "/key_id") == &key(number)[..35]
}

/// Name, repository, and the expected findings of `base..HEAD` as `path key`.
type Case = (&'static str, fn(&Repo), &'static [&'static str]);

const CASES: &[Case] = &[
    ("a key that was there while another line changes", |repo| change(repo, "old", "more\n"), &[]),
    ("another key beside it", |repo| change(repo, "old", &line(2)), &["old 2"]),
    ("a rename", |repo| move_to(repo, "new", ""), &[]),
    ("a rename and another key", |repo| move_to(repo, "new", &line(2)), &["new 1", "new 2"]),
    ("a copy", |repo| drop(repo.commit(&[("dir/copy", &line(1))])), &[]),
    ("the same key in a new file", |repo| drop(repo.commit(&[("x", &format!("x\n{}", line(1)))])), &["x 1"]),
    (
        "added and removed again",
        |repo| {
            repo.commit(&[("a", &line(2))]);
            repo.commit(&[("a", "gone\n")]);
        },
        &["a 2"],
    ),
    (
        "one key at two paths in two commits",
        |repo| {
            repo.commit(&[("a", &line(2))]);
            repo.commit(&[("b", &line(2))]);
        },
        &["a 2", "b 2"],
    ),
    (
        "removed and brought back",
        |repo| {
            repo.commit(&[("old", "gone\n")]);
            repo.commit(&[("old", &line(1))]);
        },
        &[],
    ),
    (
        "an evil merge",
        |repo| {
            fork(repo, &[("s", "side\n")], &[("m", "main\n")]);
            repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
            repo.commit(&[("m", &line(2))]);
        },
        &["m 2"],
    ),
    (
        "a merge of a side that is new",
        |repo| {
            fork(repo, &[("s", &line(2))], &[("m", "main\n")]);
            repo.git(&["merge", "-q", "--no-ff", "-m", "x", "side"]);
        },
        &["s 2"],
    ),
    (
        "a merge of a side that the base has",
        |repo| {
            fork(repo, &[("s", &line(2))], &[("m", &line(3))]);
            repo.git(&["branch", "-qf", "base", "side"]);
            repo.git(&["merge", "-q", "--no-ff", "-m", "x", "side"]);
        },
        &["m 3"],
    ),
    (
        "an octopus",
        |repo| {
            for (branch, number) in [("x", 2), ("y", 3), ("z", 4)] {
                repo.git(&["checkout", "-q", "-b", branch, "base"]);
                repo.commit(&[(branch, &line(number))]);
            }
            repo.git(&["checkout", "-q", "main"]);
            repo.git(&["merge", "-q", "-m", "x", "x", "y", "z"]);
        },
        &["x 2", "y 3", "z 4"],
    ),
    (
        "a history of its own",
        |repo| {
            repo.git(&["checkout", "-q", "--orphan", "other"]);
            repo.git(&["rm", "-rqf", "."]);
            repo.commit(&[("other", &line(2))]);
        },
        &["other 2"],
    ),
];

fn change(repo: &Repo, path: &str, more: &str) {
    repo.commit(&[(path, &format!("{}{more}", line(1)))]);
}

fn move_to(repo: &Repo, path: &str, more: &str) {
    repo.git(&["mv", "old", path]);
    change(repo, path, more);
}

/// Creates two commits on the base: one on `side`, and one on `main`, which remains checked out.
fn fork(repo: &Repo, side: &[(&str, &str)], main: &[(&str, &str)]) {
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit(side);
    repo.git(&["checkout", "-q", "main"]);
    repo.commit(main);
}

/// Creates a repository whose branch `base` has key 1 in `old`.
fn repo() -> Repo {
    let repo = Repo::with(&[("old", &line(1)), ("a", "clean\n")]);
    repo.git(&["branch", "base"]);
    repo
}

#[test]
fn commits_report_added_secrets() {
    for (name, make, reported) in CASES {
        let repo = repo();
        make(&repo);
        let (exit, findings, said) = repo.findings(&["commits", "base..HEAD"]);
        assert_eq!((exit, said.as_str()), (i32::from(!reported.is_empty()), ""), "{name}");
        let number = |finding: &Value| (1..5).find(|number| of(finding, *number)).unwrap();
        let seen: Vec<String> = findings
            .iter()
            .map(|finding| format!("{} {}", text(finding, "/location/path"), number(finding)))
            .collect();
        let mut sorted = seen.clone();
        sorted.sort();
        assert_eq!(sorted, *reported, "{name}");
    }
}

#[test]
fn finding_contains_history() {
    let repo = repo();
    let first = repo.commit(&[("a", &format!("x\n{}", line(2))), ("b", &line(3))]);
    let second = repo.commit(&[("a", "gone\n")]);
    repo.git(&["tag", "v1"]);
    repo.git(&["update-ref", "refs/remotes/origin/x", &first]);
    let (_, findings, _) = repo.findings(&["commits", "base..HEAD"]);
    let finding = |number| findings.iter().find(|finding| of(finding, number)).unwrap();
    let (gone, there) = (finding(2), finding(3));
    assert_eq!(text(gone, "/git/commit"), first);
    assert_eq!(text(gone, "/git/author"), "A U Thor <author@example.com>");
    assert_eq!(text(gone, "/git/subject"), "a commit");
    let date = repo.git(&["log", "-1", "--format=%ad", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", &first]);
    assert_eq!(text(gone, "/git/date"), date);
    assert_eq!(text(gone, "/git/first_seen"), date);
    assert_eq!(text(gone, "/git/path"), "a");
    assert_eq!(text(gone, "/git/blob"), repo.id(&format!("{first}:a")));
    assert_eq!(text(gone, "/git/removed_in"), second);
    assert_eq!(gone["git"]["in_head"], false);
    assert_eq!(gone["git"]["head_days"], 0);
    // A remote-tracking ref still contains it, so it is exposed up to now.
    assert!(gone["git"]["exposure_days"].as_u64().unwrap() > 0);
    assert_eq!(gone["location"]["start_line"], 2);
    let refs = serde_json::json!(["refs/heads/main", "refs/remotes/origin/x", "refs/tags/v1"]);
    assert_eq!(gone["git"]["refs"], refs);
    assert_eq!(text(gone, "/git/reached_by"), "refs");
    assert_eq!((&there["git"]["removed_in"], &there["git"]["in_head"]), (&Value::Null, &true.into()));
    assert_eq!(text(there, "/git/commit"), first);
    // On another branch: the checked-out commit does not contain the key.
    repo.git(&["checkout", "-q", "base"]);
    let (_, findings, _) = repo.findings(&["commits", "base..main"]);
    assert!(findings.iter().all(|finding| finding["git"]["in_head"] == false));
}

#[test]
fn texts_and_names() {
    let secret = key(2);
    for what in ["message", "author", "committer", "file name", "directory name", "symbolic link"] {
        let repo = repo();
        let path = match what {
            "file name" => format!("dir/{secret}"),
            "directory name" => format!("{secret}/file"),
            _ => "plain".to_owned(),
        };
        if what == "symbolic link" {
            std::os::unix::fs::symlink(&secret, repo.dir().join("link")).unwrap();
        }
        repo.add(&path, "x\n");
        repo.git(&["add", "-A"]);
        let message = if what == "message" { format!("Subject {secret}\n") } else { "Subject\n".to_owned() };
        let mut git = repo.command("git");
        git.args(["commit", "-q", "-m", &message]);
        match what {
            "author" => drop(git.env("GIT_AUTHOR_EMAIL", &secret)),
            "committer" => drop(git.env("GIT_COMMITTER_EMAIL", &secret)),
            _ => {}
        }
        assert!(git.output().unwrap().status.success());
        let output = repo.run(&["commits", "base..HEAD", "--format", "jsonl"]);
        let said = both(&output);
        assert_eq!(output.status.code(), Some(1), "{what}: {said}");
        assert!(!said.contains(&secret), "{what}: {said}");
        let findings = crate::common::lines(&output.stdout);
        assert_eq!(findings.len(), 1, "{what}: {said}");
        assert_eq!(text(&findings[0], "/git/commit"), repo.id("HEAD"), "{what}");
        let by = if matches!(what, "message" | "author" | "committer") { "message" } else { "refs" };
        assert_eq!(text(&findings[0], "/git/reached_by"), by, "{what}");
    }
}
