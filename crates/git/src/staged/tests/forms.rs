//! Every format of the index that git writes.

use super::*;

/// Changes the repository in several ways, and compares with git after each change.
fn changes(repo: &Repo) {
    assert_eq!(repo.check(), [""; 0]);
    repo.add("b/c/d", "changed");
    repo.add("b/c/new", "new");
    repo.add("a", "changed");
    assert_eq!(repo.check(), ["a", "b/c/d", "b/c/new new"]);
    repo.git(&["rm", "-rq", "b/e"]);
    repo.add("zz", "last");
    repo.add("0", "first");
    assert_eq!(repo.check(), ["0 new", "a", "b/c/d", "b/c/new new", "zz new"]);
    repo.add("a", "changed again");
    repo.write("later", "later");
    repo.git(&["add", "-N", "later"]);
    let expected = ["0 new", "a", "b/c/d", "b/c/new new", "later new intended", "zz new"];
    assert_eq!(repo.check(), expected);
    repo.git(&["rm", "-q", "--cached", "later"]);
    repo.git(&["commit", "-qm", "all of it"]);
    assert_eq!(repo.check(), [""; 0]);
    repo.add("b/c/d", "and again");
    assert_eq!(repo.check(), ["b/c/d"]);
}

fn repository(format: &str) -> Repo {
    let repo = Repo::new(format);
    let files: Vec<String> = (0..40).map(|number| format!("many/of/{}/{number}", number % 5)).collect();
    repo.write_all(&files.iter().map(String::as_str).collect::<Vec<_>>());
    repo.write_all(&["a", "b/c/d", "b/c/other", "b/e/f", "b/e/g/h", "b/i", "z"]);
    repo.commit();
    repo
}

#[test]
fn index_versions() {
    for version in ["2", "3", "4"] {
        for format in ["sha1", "sha256"] {
            let repo = repository(format);
            repo.git(&["config", "index.version", version]);
            repo.git(&["update-index", "--index-version", version]);
            changes(&repo);
        }
    }
}

#[test]
fn version_4_written_by_threads() {
    let repo = repository("sha1");
    repo.git(&["config", "index.threads", "4"]);
    for number in 0..40_000 {
        fs::write(repo.path(&format!("many/{number:05}")), []).unwrap();
    }
    repo.git(&["config", "index.version", "4"]);
    repo.commit();
    repo.git(&["update-index", "--index-version", "4"]);
    let index = fs::read(repo.path(".git/index")).unwrap();
    assert!(memchr::memmem::find(&index, b"IEOT").is_some());
    changes(&repo);
}

#[test]
fn missing_checksum_and_other_extensions() {
    let repo = repository("sha1");
    repo.git(&["config", "index.skipHash", "true"]);
    repo.git(&["config", "core.untrackedCache", "true"]);
    repo.git(&["update-index", "--untracked-cache"]);
    repo.git(&["status", "--porcelain"]);
    changes(&repo);
}

#[test]
fn split_index() {
    for version in ["2", "4"] {
        for format in ["sha1", "sha256"] {
            let repo = repository(format);
            repo.git(&["config", "index.version", version]);
            repo.git(&["config", "core.splitIndex", "true"]);
            repo.git(&["config", "splitIndex.maxPercentChange", "100"]);
            repo.git(&["update-index", "--index-version", version, "--split-index"]);
            changes(&repo);
            let index = fs::read(repo.path(".git/index")).unwrap();
            assert!(memchr::memmem::find(&index, b"link").is_some());
            repo.git(&["update-index", "--no-split-index"]);
            assert_eq!(repo.check(), ["b/c/d"]);
        }
    }
}

#[test]
fn missing_shared_index_is_an_error() {
    let repo = repository("sha1");
    repo.git(&["update-index", "--split-index"]);
    for file in fs::read_dir(repo.path(".git")).unwrap() {
        let file = file.unwrap().path();
        if file.file_name().unwrap().as_bytes().starts_with(b"sharedindex.") {
            fs::remove_file(file).unwrap();
        }
    }
    let error = repo.try_staged().unwrap_err();
    assert_eq!(error.to_string(), "the index is damaged: its shared index is missing");
}

#[test]
fn sparse_index() {
    for format in ["sha1", "sha256"] {
        let repo = repository(format);
        repo.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
        repo.git(&["sparse-checkout", "set", "b/c"]);
        let index = fs::read(repo.path(".git/index")).unwrap();
        assert!(memchr::memmem::find(&index, b"sdir").is_some());
        assert_eq!(repo.check(), [""; 0]);
        repo.add("b/c/d", "changed");
        assert_eq!(repo.check(), ["b/c/d"]);
        repo.git(&["commit", "-qm", "inside"]);
        assert_eq!(repo.check(), [""; 0]);
    }
}

#[test]
fn staged_directory_of_a_sparse_index() {
    let repo = repository("sha1");
    repo.write("many/of/1/1", "changed");
    repo.write("many/new/x", "x");
    fs::remove_dir_all(repo.path("many/of/0")).unwrap();
    repo.write("many/of/0", "now a file");
    repo.write("fresh/one/two", "a directory that was not there");
    link("x", &repo.path("many/link"));
    repo.commit();
    repo.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
    repo.git(&["sparse-checkout", "set", "b/c"]);
    repo.git(&["reset", "-q", "--soft", "HEAD~"]);
    let index = fs::read(repo.path(".git/index")).unwrap();
    assert!(memchr::memmem::find(&index, b"sdir").is_some());
    let expected = ["fresh/one/two new", "many/link new", "many/new/x new", "many/of/0 new", "many/of/1/1"];
    assert_eq!(repo.check(), expected);
}
