//! `telleaks hook run`, which hook managers call with file names: it scans the index during a commit, the commits
//! during a push, and the files otherwise.

use crate::common::{both, code};
use crate::hook_install::repo::{Repo, line};

/// Returns the paths reported by `telleaks hook run` with this environment.
fn reported(repo: &Repo, env: &[(&str, &str)], files: &[&str]) -> Vec<String> {
    let mut command = repo.command(env!("CARGO_BIN_EXE_telleaks"));
    command.args(["hook", "run", "--"]).args(files).envs(env.iter().copied());
    let output = command.output().unwrap();
    let said = both(&output);
    let places = said.lines().filter_map(|line| line.trim_start().strip_prefix("--> "));
    let mut places: Vec<String> = places.map(str::to_owned).collect();
    places.sort();
    assert_eq!(code(&output), i32::from(!places.is_empty()), "{said}");
    places
}

#[test]
fn scans_index_or_files() {
    let repo = Repo::with(&[("a", "one\n"), ("b", "two\n")]);
    repo.add("a", line(1));
    repo.put("a", "clean again\n");
    repo.put("-b", line(2));
    let index = [("GIT_INDEX_FILE", ".git/index")];
    assert_eq!(reported(&repo, &index, &["a", "-b"]), ["a:1:16"]);
    assert_eq!(reported(&repo, &index, &["b"]), ["a:1:16"], "whatever is named, the commit counts");
    assert_eq!(reported(&repo, &[], &["a", "-b"]), ["-b:1:16"]);
    assert_eq!(reported(&repo, &[], &["b"]), [""; 0]);
    assert_eq!(reported(&repo, &[], &[]), ["a:1:16"], "what would be committed");
}

#[test]
fn scans_commits_of_a_push() {
    let repo = Repo::with(&[("a", &line(1))]);
    repo.commit(&[("a", "gone\n"), ("b", &line(2))]);
    repo.commit(&[("b", "gone\n")]);
    let range = [("PRE_COMMIT_FROM_REF", "HEAD~2"), ("PRE_COMMIT_TO_REF", "HEAD")];
    assert_eq!(reported(&repo, &range, &["a"]), ["b:1:16"]);
    assert_eq!(
        reported(&repo, &[("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main")], &["a"]),
        ["a:1:16", "b:1:16"]
    );
}

#[test]
fn missing_files_are_not_clean() {
    let repo = Repo::with(&[("a", "one\n")]);
    assert_eq!(code(&repo.run(&["hook", "run", "--", "no-such-file"])), 2);
}
