//! The index that a real pre-commit hook sees, which git may create for this commit alone.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// Saves the index that git passes and git's own diff of it, and refuses the commit.
const HOOK: &str = "#!/bin/sh
cp \"$GIT_INDEX_FILE\" seen-index
printf %s \"$GIT_INDEX_FILE\" > seen-name
git diff --cached --raw -z --no-renames --no-abbrev > seen-raw
exit 1
";

impl Repo {
    fn with_hook(files: &[&str]) -> Self {
        let repo = Self::with(files);
        repo.write(".git/hooks/pre-commit", HOOK);
        fs::set_permissions(repo.path(".git/hooks/pre-commit"), fs::Permissions::from_mode(0o755)).unwrap();
        repo
    }

    /// Runs git with these arguments, and returns what the hook saw and the name of its index.
    fn hook(&self, args: &[&str]) -> (Vec<String>, String) {
        assert!(!self.try_git(args).0, "the hook refuses");
        let raw = fs::read(self.path("seen-raw")).unwrap();
        let seen = self.check_against(&self.path("seen-index"), &raw);
        (seen, fs::read_to_string(self.path("seen-name")).unwrap())
    }
}

#[test]
fn commit_uses_the_staged_content() {
    let repo = Repo::with_hook(&["a", "dir/b", "dir/c"]);
    repo.add("dir/b", "staged");
    repo.write("a", "not staged");
    let (seen, name) = repo.hook(&["commit", "-m", "x"]);
    assert_eq!((seen, name.as_str()), (vec!["dir/b".to_owned()], ".git/index"));
}

#[test]
fn commit_a_uses_all_tracked_files() {
    let repo = Repo::with_hook(&["a", "dir/b", "dir/c"]);
    repo.write("dir/b", "changed");
    repo.write("a", "changed");
    repo.write("untracked", "");
    let (seen, name) = repo.hook(&["commit", "-a", "-m", "x"]);
    assert_eq!(seen, ["a", "dir/b"]);
    assert!(name.ends_with("index.lock"), "{name}");
    assert_eq!(repo.check(), [""; 0], "the regular index is unchanged");
}

#[test]
fn commit_of_one_file_ignores_other_staged_files() {
    let repo = Repo::with_hook(&["a", "dir/b", "dir/c"]);
    repo.write("dir/b", "changed");
    repo.add("a", "staged, but not meant");
    let (seen, name) = repo.hook(&["commit", "-m", "x", "--", "dir/b"]);
    assert_eq!(seen, ["dir/b"]);
    assert!(name.contains("next-index"), "{name}");
    let (seen, _) = repo.hook(&["commit", "-m", "x", "-i", "dir/b"]);
    assert_eq!(seen, ["a", "dir/b"]);
}

#[test]
fn linked_work_tree_has_its_own_index() {
    let repo = Repo::with_hook(&["a", "dir/b"]);
    repo.git(&["worktree", "add", "-q", "linked"]);
    fs::write(repo.path("linked/dir/b"), "changed").unwrap();
    assert!(!repo.try_git(&["-C", "linked", "commit", "-a", "-m", "x"]).0);
    let seen = staged_in(&repo.path("linked"), &repo.path("linked/seen-index")).unwrap();
    assert_eq!(seen, parse(&fs::read(repo.path("linked/seen-raw")).unwrap()));
    assert_eq!(seen.iter().map(line).collect::<Vec<_>>(), ["dir/b"]);
}

#[test]
fn split_index_in_a_hook() {
    let repo = Repo::with_hook(&["a", "dir/b", "dir/c"]);
    repo.git(&["update-index", "--split-index"]);
    repo.write("dir/b", "changed");
    repo.add("a", "staged");
    assert_eq!(repo.hook(&["commit", "-a", "-m", "x"]).0, ["a", "dir/b"]);
    assert_eq!(repo.hook(&["commit", "-m", "x", "--", "dir/b"]).0, ["dir/b"]);
}
