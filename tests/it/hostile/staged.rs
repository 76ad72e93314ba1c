//! Staged content with attributes, settings and encodings that hide it from a diff.

use crate::common::telleaks;
use crate::hostile::bounded::{Outcome, run};
use crate::hostile::line;
use crate::hostile::repo::Repo;

fn begun() -> Repo {
    let repo = Repo::new(&[]);
    repo.put("README", "A program.\n");
    repo.commit("Begin");
    repo
}

fn staged(repo: &Repo) -> Outcome {
    let mut command = telleaks();
    command.env("HOME", repo.home.path()).current_dir(&repo.dir);
    command.args(["staged", "--format", "jsonl", "--show-secrets"]);
    run(command)
}

#[test]
fn attributes_and_encodings_hide_nothing_staged() {
    let (key, text) = line("staged");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (attributes, content) in [
        ("", [b"\xff\xfe", &wide[..]].concat()),
        ("* -diff\n", text.clone().into_bytes()),
        ("* binary\n", text.clone().into_bytes()),
        ("* working-tree-encoding=UTF-16\n", text.clone().into_bytes()),
        ("", format!("\0\0\0{text}").into_bytes()),
    ] {
        let repo = begun();
        repo.put("a.txt", content);
        repo.git(&["add", "a.txt"]);
        repo.put(".gitattributes", attributes);
        let outcome = staged(&repo);
        assert_eq!(outcome.code, Some(1), "{attributes}: {}", outcome.said);
        outcome.found(&[&key]);
    }
}

#[test]
fn missing_committer_name() {
    let repo = begun();
    let (key, text) = line("nobody");
    repo.put("a.env", text);
    repo.git(&["add", "a.env"]);
    repo.git(&["config", "user.useConfigOnly", "true"]);
    staged(&repo).found(&[&key]);
}

#[test]
fn rename_with_newline_in_name() {
    let repo = begun();
    let (key, text) = line("renamed");
    repo.put("a.txt", "text\n".repeat(50));
    repo.commit("Add a file");
    repo.git(&["mv", "a.txt", "b\nc.txt"]);
    repo.put("b\nc.txt", format!("{}{text}", "text\n".repeat(50)));
    repo.git(&["add", "-A"]);
    staged(&repo).found(&[&key]);
}

#[test]
fn intent_to_add_is_not_staged() {
    let repo = begun();
    repo.put("a.env", line("meant").1);
    assert_eq!(staged(&repo).code, Some(0));
    repo.git(&["add", "-N", "a.env"]);
    assert_eq!(staged(&repo).code, Some(0));
}

#[test]
fn missing_repository_or_index() {
    let repo = begun();
    repo.put("a.env", line("index").1);
    repo.git(&["add", "a.env"]);
    repo.put(".git/index", "garbage".repeat(10));
    staged(&repo).reported(2, &["index"]);
    std::fs::remove_dir_all(repo.dir.join(".git")).unwrap();
    staged(&repo).reported(2, &["not in a git repository"]);
}

/// Git stores such a file as it is, and libgit2 would hold it in memory twice.
#[test]
fn staged_file_of_48_megabytes_and_its_commit() {
    let repo = begun();
    let (old, first) = line("large staged");
    let (new, second) = line("large staged later");
    let filler = crate::common::random::Random::new("large staged", 1).filler(48 << 20, true);
    repo.put("a.log", [&filler[..], b"\n", first.as_bytes()].concat());
    repo.git(&["add", "a.log"]);
    let outcome = staged(&repo);
    assert_eq!(outcome.code, Some(1), "{}", outcome.said);
    outcome.found(&[&old]);
    assert!(outcome.peak < 64 << 10, "{} KiB", outcome.peak);
    repo.commit("A log");
    let mut command = telleaks();
    command.env("HOME", repo.home.path()).current_dir(&repo.dir);
    command.args(["commits", "HEAD~1..HEAD", "--format", "jsonl", "--show-secrets"]);
    let outcome = run(command);
    outcome.found(&[&old]);
    assert!(outcome.peak < 64 << 10, "{} KiB", outcome.peak);
    // Existing content is not new.
    repo.put("a.log", [&filler[..], b"\n", first.as_bytes(), second.as_bytes()].concat());
    repo.git(&["add", "a.log"]);
    let outcome = staged(&repo);
    outcome.found(&[&new]);
    assert!(!String::from_utf8_lossy(&outcome.out).contains(&old) && outcome.peak < 64 << 10);
}
