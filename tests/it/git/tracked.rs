//! `telleaks scan` in work trees whose index git stores in other forms: ignored files stay out of scope.

use super::repo::{Repo, line};
use crate::common::{both, code, scan};

/// Scans the work tree. Returns the exit code and the output.
fn scanned(repo: &Repo) -> (i32, String) {
    let output = scan(&repo.dir, &["."]);
    (code(&output), both(&output))
}

fn assert_clean(repo: &Repo, form: &str) {
    let (code, output) = scanned(repo);
    assert_eq!(code, 0, "{form}: {output}");
    assert!(!output.contains("cannot determine"), "{form}: {output}");
}

#[test]
fn ignored_file_stays_ignored_with_a_split_index() {
    let repo = Repo::new(&[]);
    repo.put(".gitignore", "*.env\n");
    repo.put("ignored.env", line("ignored"));
    repo.git(&["add", ".gitignore"]);
    repo.git(&["update-index", "--split-index"]);
    assert_clean(&repo, "split");
    // An entry of the small file counts as one of the shared file.
    repo.put("tracked.env", line("tracked"));
    repo.git(&["add", "-f", "tracked.env"]);
    let (code, output) = scanned(&repo);
    assert_eq!(code, 1, "{output}");
    assert!(output.contains("tracked.env") && !output.contains("ignored.env"), "{output}");
}

#[test]
fn ignored_file_stays_ignored_with_a_sparse_index() {
    let repo = Repo::new(&[]);
    repo.put(".gitignore", "*.env\n");
    repo.put("outside/a.txt", "text");
    repo.put("inside/a.txt", "text");
    repo.commit("first");
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "inside"]);
    repo.put("inside/ignored.env", line("ignored"));
    repo.put("other/ignored.env", line("other"));
    assert_clean(&repo, "sparse");
}
