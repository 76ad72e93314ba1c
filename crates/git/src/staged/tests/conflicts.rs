//! Merges, finished and in progress.

use super::*;

/// Creates two branches that both change `both`; `side` also has a new file and a changed one.
fn two_branches() -> Repo {
    let repo = Repo::with(&["both", "dir/theirs", "dir/ours", "deep/er/x"]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("both", "side");
    repo.write("dir/theirs", "side");
    repo.write("dir/new/file", "side");
    repo.commit();
    repo.git(&["checkout", "-q", "main"]);
    repo.write("both", "main");
    repo.write("dir/ours", "main");
    repo.commit();
    repo
}

#[test]
fn blobs_of_another_parent_are_not_new() {
    let repo = two_branches();
    assert!(!repo.try_git(&["merge", "-q", "side"]).0);
    let ours = repo.try_staged().unwrap();
    let lines: Vec<String> = ours.iter().map(line).collect();
    let expected =
        ["both stage 1", "both same stage 2", "both stage 3", "dir/new/file same", "dir/theirs same"];
    assert_eq!(lines, expected);
    let raw = parse(&repo.git(RAW));
    assert_eq!(raw.iter().map(|one| &one.path).collect::<Vec<_>>(), [&ours[3].path, &ours[4].path]);

    repo.add("both", "neither");
    repo.add("dir/new/file", "changed in the merge");
    repo.add("dir/new/other", "added in the merge");
    let expected = ["both", "dir/new/file", "dir/new/other new", "dir/theirs same"];
    let lines: Vec<String> = repo.try_staged().unwrap().iter().map(line).collect();
    assert_eq!(lines, expected);
    repo.add("both", "side");
    assert_eq!(line(&repo.try_staged().unwrap()[0]), "both same");
    repo.add("both", "main");
    assert_eq!(repo.try_staged().unwrap()[0].path, b"dir/new/file");
    repo.git(&["commit", "-qm", "merged"]);
    assert_eq!(repo.check(), [""; 0]);
}

#[test]
fn conflicts_of_any_shape_have_stages() {
    let repo = Repo::with(&["deleted", "kind"]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("deleted", "changed");
    repo.write("added", "side");
    fs::remove_file(repo.path("kind")).unwrap();
    repo.write("kind/file", "side");
    repo.commit();
    repo.git(&["checkout", "-q", "main"]);
    fs::remove_file(repo.path("deleted")).unwrap();
    repo.write("added", "main");
    repo.write("kind", "main");
    repo.commit();
    assert!(!repo.try_git(&["merge", "-q", "side"]).0);
    let ours = repo.try_staged().unwrap();
    let listed = String::from_utf8(repo.git(&["ls-files", "-s", "-z"])).unwrap();
    let mut expected: Vec<String> = listed
        .split_terminator('\0')
        .map(|line| line.split_once('\t').unwrap())
        .map(|(head, path)| format!("{path} {}", head.rsplit(' ').next().unwrap()))
        .collect();
    expected.sort();
    let lines: Vec<String> = ours
        .iter()
        .map(|one| format!("{} {}", String::from_utf8_lossy(&one.path), one.conflict_stage))
        .collect();
    assert_eq!(lines, expected);
    assert!(lines.len() >= 5 && lines.contains(&"deleted 3".to_owned()), "{lines:?}");
}

#[test]
fn all_parents_of_an_octopus_merge_are_read() {
    let repo = Repo::with(&["a"]);
    for branch in ["one", "two", "three"] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        repo.write(&format!("dir/{branch}"), branch);
        repo.commit();
    }
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-commit", "one", "two", "three"]);
    let lines: Vec<String> = repo.try_staged().unwrap().iter().map(line).collect();
    assert_eq!(lines, ["dir/one same", "dir/three same", "dir/two same"]);
}

#[test]
fn invalid_merge_head_is_an_error() {
    let repo = Repo::with(&["a"]);
    for text in ["x\n", "0123\n", "\n"] {
        repo.write(".git/MERGE_HEAD", text);
        assert!(matches!(repo.try_staged(), Err(StagedError::MergeHead(_))), "{text:?}");
    }
    repo.write(".git/MERGE_HEAD", "0123456789012345678901234567890123456789\n");
    assert!(matches!(repo.try_staged(), Err(StagedError::Parent(_))));
}
