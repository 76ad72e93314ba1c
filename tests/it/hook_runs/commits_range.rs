//! Syntax of ranges, and errors for invalid ones.

use std::collections::BTreeMap;

use crate::common::{both, code, text};
use crate::hook_runs::repo::{Repo, line, place};

/// Creates the branches main: `one` - `two` - `three`; and side, based on `one`: `four`. Each commit adds a file of its
/// name with a key. The remote has `two`, and the tag `v1` is `three`.
fn repo() -> Repo {
    let repo = Repo::with(&[("one", &line(1))]);
    repo.git(&["branch", "side"]);
    repo.commit(&[("two", &line(2))]);
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.commit(&[("three", &line(3))]);
    repo.git(&["tag", "-a", "-m", "first", "v1"]);
    repo.git(&["checkout", "-q", "side"]);
    repo.commit(&[("four", &line(4))]);
    repo
}

/// Returns the files of the findings, after checking their number against git's own list of commits.
fn files(repo: &Repo, words: &[&str]) -> Vec<String> {
    let (exit, findings, said) = repo.findings(&[&["commits"], words].concat());
    assert_eq!((exit, said.as_str()), (i32::from(!findings.is_empty()), ""), "{words:?}");
    let git: Vec<&str> = words.iter().flat_map(|word| word.split(' ')).filter(|word| *word != "--").collect();
    let count = repo.git(&[&["rev-list", "--count"], &git[..]].concat());
    assert_eq!(count, findings.len().to_string(), "{words:?}: each commit brings one key");
    findings.iter().map(|finding| text(finding, "/git/path").to_owned()).collect()
}

#[test]
fn ranges_have_git_syntax() {
    let repo = repo();
    let (newest, whole) = (repo.id("main"), repo.id("main~1"));
    let short = &newest[..8];
    for (words, reported) in [
        (&["main..side"][..], &["four"][..]),
        (&["side..main"], &["three", "two"]),
        (&["main...side"], &["four", "three", "two"]),
        (&["side"], &["four", "one"]),
        (&["^side", "main"], &["three", "two"]),
        (&["main", "^side"], &["three", "two"]),
        (&["--all", "--not", "--remotes"], &["four", "three"]),
        (&["--all --not --remotes"], &["four", "three"]),
        (&["--branches", "--not", "--tags"], &["four"]),
        (&["--not", "side", "--not", "v1"], &["three", "two"]),
        (&["--all"], &["four", "one", "three", "two"]),
        (&["--remotes=origin"], &["one", "two"]),
        (&["main~2..main"], &["three", "two"]),
        (&["HEAD~1..HEAD"], &["four"]),
        (&["HEAD^..HEAD"], &["four"]),
        (&["main.."], &["four"]),
        (&["..main"], &["three", "two"]),
        (&["@"], &["four", "one"]),
        (&["v1^{}", "^main~1"], &["three"]),
        (&["v1^{commit}~1..v1"], &["three"]),
        (&["side..tags/v1"], &["three", "two"]),
        (&["heads/side..refs/heads/main"], &["three", "two"]),
        (&["origin/main..main"], &["three"]),
        (&[short, "^side"], &["three", "two"]),
        (&[&whole, "^side"], &["two"]),
        (&["main..main"], &[]),
        (&["main", "^main"], &[]),
    ] {
        assert_eq!(files(&repo, words), reported, "{words:?}");
    }
}

#[test]
fn options_may_follow_the_range() {
    let repo = repo();
    for args in [
        &["--color", "never", "commits", "main..side"][..],
        &["--color=never", "commits", "main..side"],
        &["commits", "--color", "never", "main..side"],
        &["commits", "--threads", "1", "main..side"],
        &["commits", "main..side", "--repo", "."],
        &["commits", "--repo", ".", "--no-progress", "--", "main..side"],
    ] {
        assert_eq!(code(&repo.run(args)), 1, "{args:?}");
    }
    let mut elsewhere = repo.command(env!("CARGO_BIN_EXE_telleaks"));
    elsewhere.current_dir("/").args(["commits", "main..side", "--repo"]).arg(repo.dir());
    assert_eq!(code(&elsewhere.output().unwrap()), 1);
}

#[test]
fn invalid_range_is_not_clean() {
    let repo = repo();
    let zeros = "0".repeat(40);
    let gone = format!("{zeros}..main");
    for (words, said) in [
        (&["no-such-branch"][..], "no-such-branch: unknown revision"),
        (&["main..no-such"], "git fetch"),
        (&["main~9"], "main~9"),
        (&["main^2"], "main^2"),
        (&[&gone], "unknown revision"),
        (&["deadbeef..main"], "deadbeef"),
        (&["main@{yesterday}"], "unknown revision"),
        (&["main^{/x"], "unknown revision"),
        (&[".."], "variables"),
        (&["..."], "variables"),
        (&[""], "RANGE"),
        (&[], "RANGE"),
        (&["--glob=x"], "--glob"),
        (&["--remotes=ori*"], "--remotes=ori*"),
        (&["--stdin", "main"], "--stdin"),
        (&["--remote", "origin", "main"], "--remote"),
    ] {
        let output = repo.run(&[&["commits"], words].concat());
        let text = both(&output);
        assert_eq!(code(&output), 2, "{words:?}: {text}");
        assert!(text.contains(said) && !text.contains("panicked"), "{words:?}: {text}");
    }
    let empty = Repo::new();
    assert_eq!(code(&empty.run(&["commits", "HEAD"])), 2);
    assert_eq!(code(&empty.run(&["commits", "--all"])), 0);
}

#[test]
fn wrong_clocks_exclude_no_commit() {
    let repo = Repo::with(&[("base", "x\n")]);
    let mut expected = BTreeMap::new();
    for (number, date) in [(1, 1_000_000_000), (2, 1_900_000_000), (3, 1_100_000_000), (4, 1_000_000_001)] {
        repo.add(&format!("f{number}"), line(number));
        let date = format!("{date} +0000");
        let mut git = repo.command("git");
        git.args(["commit", "-qm", "x"]).env("GIT_COMMITTER_DATE", &date).env("GIT_AUTHOR_DATE", &date);
        assert!(git.output().unwrap().status.success());
        expected.insert(format!("f{number}"), repo.id("HEAD"));
    }
    let (_, findings, _) = repo.findings(&["commits", "HEAD~4..HEAD"]);
    let reported: BTreeMap<String, String> = findings
        .iter()
        .map(|finding| (text(finding, "/git/path").to_owned(), text(finding, "/git/commit").to_owned()))
        .collect();
    assert_eq!(reported, expected);
    assert_eq!(files(&repo, &["HEAD~2..HEAD"]), ["f3", "f4"]);
}

#[test]
fn tags_of_blobs_and_trees_are_scanned() {
    let repo = Repo::with(&[("a", "x\n"), ("old", &line(9))]);
    let blob = repo.git_on(&["hash-object", "-w", "--stdin"], line(1));
    repo.git(&["tag", "blob", &blob]);
    repo.git(&["tag", "-a", "-m", "x", "annotated", &blob]);
    repo.add("dir/new", line(2));
    repo.git(&["tag", "tree", &repo.git(&["write-tree"])]);
    repo.git(&["rm", "-q", "-f", "dir/new"]);
    let at_blob = format!(".git/blob/{blob}:1:16");
    for (name, expected) in [("blob", &at_blob[..]), ("annotated", &at_blob), ("tree", "dir/new:1:16")] {
        let (status, findings, said) = repo.findings(&["commits", &format!("main..{name}")]);
        let places: Vec<String> = findings.iter().map(place).collect();
        assert_eq!((status, places), (1, vec![expected.to_owned()]), "{name}: {said}");
        assert_eq!(findings[0]["git"]["refs"], serde_json::json!([format!("refs/tags/{name}")]));
        let zero = "0".repeat(40);
        let push = format!("refs/tags/{name} {} refs/tags/{name} {zero}\n", repo.id(name));
        std::fs::write(repo.beside("push"), push).unwrap();
        let input = std::fs::File::open(repo.beside("push")).unwrap();
        let mut command = repo.command(env!("CARGO_BIN_EXE_telleaks"));
        let output =
            command.args(["commits", "--stdin", "--remote", "origin"]).stdin(input).output().unwrap();
        assert_eq!(code(&output), 1, "{name}: {}", both(&output));
    }
    repo.git(&["tag", "clean", &repo.git(&["rev-parse", "HEAD^{tree}"])]);
    assert_eq!(repo.places(&["commits", "main..clean"]), [""; 0], "what the base has is not new");
    assert_eq!(repo.places(&["commits", "blob", "^annotated"]), [""; 0], "excluded");
}
