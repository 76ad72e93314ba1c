//! Every kind of change, in the default index format.

use super::*;

#[test]
fn everything_is_new_before_the_first_commit() {
    let repo = Repo::new("sha1");
    assert_eq!(repo.check(), [""; 0], "without an index nothing is staged");
    repo.add("a", "1");
    repo.add("b/c/d", "2");
    assert_eq!(repo.check(), ["a new", "b/c/d new"]);
}

#[test]
fn nothing_is_staged_after_a_commit() {
    let repo = Repo::with(&["a", "b/c/d", "b/e"]);
    assert_eq!(repo.check(), [""; 0]);
    repo.write("a", "changed but not added");
    assert_eq!(repo.check(), [""; 0]);
    repo.git(&["rm", "-q", "--cached", "b/e"]);
    assert_eq!(repo.check(), [""; 0], "deletions are ignored");
    fs::remove_file(repo.path(".git/index")).unwrap();
    assert_eq!(repo.check(), [""; 0], "without an index everything is deleted");
}

#[test]
fn index_counts_not_work_tree() {
    let repo = Repo::with(&["a", "b/c/d", "b/e", "b/f/g", "z"]);
    repo.add("b/c/d", "staged");
    repo.write("b/c/d", "and then changed again");
    repo.add("b/new/er", "x");
    fs::remove_file(repo.path("b/new/er")).unwrap();
    assert_eq!(repo.check(), ["b/c/d", "b/new/er new"]);
}

#[test]
fn unusual_names() {
    let names =
        ["a", "a-b", "a.b", "a/b", "a0", "\n", "b\nc/d\n", "\u{1}", "ä/ö", "-x", "\"q\"", " ", "a b/ c", "~"];
    let names: Vec<&str> = names.into_iter().filter(|name| *name != "a").collect();
    let repo = Repo::with(&names);
    assert_eq!(repo.check(), [""; 0]);
    for name in &names {
        repo.write(name, "changed");
    }
    repo.git(&["add", "-A"]);
    assert_eq!(repo.check().len(), names.len());
    let long = ["deep"; 60].join("/") + "/" + &"n".repeat(200);
    repo.commit();
    repo.add(&long, "path of 500 bytes");
    assert_eq!(repo.check(), [format!("{long} new")]);
}

#[test]
fn order_of_similar_directory_and_file_names() {
    let repo = Repo::with(&["a/x", "a-/x", "a.x", "a0", "ab/x", "b", "b.c/x", "b0/x"]);
    for changed in ["a/x", "a-/x", "a.x", "a0", "ab/x", "b", "b.c/x", "b0/x", "b1", "a/y"] {
        repo.add(changed, "changed");
        repo.check();
    }
    assert_eq!(repo.check().len(), 10);
    // Also without a cache tree.
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["update-index", "--force-remove", "a/x"]);
    fs::remove_file(repo.path(".git/index")).unwrap();
    repo.git(&["update-index", "--add", "a/x", "a-/x", "a.x", "a0", "ab/x", "b", "b.c/x", "b0/x"]);
    assert_eq!(repo.check(), [""; 0]);
}

#[test]
fn renames_and_modes() {
    let repo = Repo::with(&["a/old", "script", "plain"]);
    repo.git(&["mv", "a/old", "a/new"]);
    repo.git(&["update-index", "--chmod=+x", "script"]);
    assert_eq!(repo.check(), ["a/new new", "script same"]);
}

#[test]
fn files_directories_links_and_submodules_replace_each_other() {
    let repo = Repo::with(&["dir/a", "dir/b", "file", "plain", "sub/x"]);
    fs::remove_dir_all(repo.path("dir")).unwrap();
    fs::remove_file(repo.path("file")).unwrap();
    fs::remove_file(repo.path("plain")).unwrap();
    repo.write("dir", "now a file");
    repo.write("file/a", "now in a directory");
    link("where/to", &repo.path("plain"));
    link("elsewhere", &repo.path("link"));
    repo.git(&["add", "-A"]);
    assert_eq!(repo.check(), ["dir new", "file/a new", "link new", "plain"]);
    repo.commit();

    let other = Repo::with(&["x"]);
    repo.git(&["submodule", "add", "-q", other.dir.path().to_str().unwrap(), "module"]);
    repo.git(&["rm", "-rq", "--cached", "sub"]);
    let cacheinfo = |mode: &str, id: &str, path: &str| {
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{id},{path}")]);
    };
    let commit = String::from_utf8(other.git(&["rev-parse", "HEAD"])).unwrap();
    cacheinfo("160000", commit.trim(), "sub");
    assert_eq!(repo.check(), [".gitmodules new"]);
    repo.git(&["commit", "-qm", "submodules"]);
    let blob = String::from_utf8(repo.git(&["hash-object", "-w", "dir"])).unwrap();
    repo.git(&["update-index", "--force-remove", "sub"]);
    cacheinfo("100644", blob.trim(), "sub");
    assert_eq!(repo.check(), ["sub new"]);
}

#[test]
fn old_modes_equal_new_ones() {
    let repo = Repo::with(&["a"]);
    let blob = Oid::from_str(String::from_utf8(repo.git(&["rev-parse", "HEAD:a"])).unwrap().trim()).unwrap();
    let tree = [b"100664 a\0", blob.as_bytes()].concat();
    fs::write(repo.path("tree"), tree).unwrap();
    let tree =
        String::from_utf8(repo.git(&["hash-object", "-t", "tree", "--literally", "-w", "tree"])).unwrap();
    fs::remove_file(repo.path("tree")).unwrap();
    let commit = String::from_utf8(repo.git(&["commit-tree", "-m", "old", tree.trim()])).unwrap();
    repo.git(&["update-ref", "HEAD", commit.trim()]);
    assert_eq!(repo.check(), [""; 0]);
}

#[test]
fn intent_to_add_is_marked() {
    let repo = Repo::with(&["a", "dir/b", "dir/c"]);
    repo.write("dir/later", "later");
    repo.git(&["add", "-N", "dir/later"]);
    assert_eq!(repo.check(), ["dir/later new intended"]);
    repo.add("dir/c", "changed");
    assert_eq!(repo.check(), ["dir/c", "dir/later new intended"]);
    repo.git(&["rm", "-q", "--cached", "a"]);
    repo.git(&["add", "-N", "a"]);
    assert_eq!(repo.check(), ["a intended", "dir/c", "dir/later new intended"]);
}

#[test]
fn unreadable_head_is_an_error() {
    let repo = Repo::with(&["a", "b/c"]);
    repo.add("b/c", "changed");
    let tree = String::from_utf8(repo.git(&["rev-parse", "HEAD:b"])).unwrap();
    fs::remove_file(repo.path(&format!(".git/objects/{}/{}", &tree[..2], &tree[2..40]))).unwrap();
    let error = repo.try_staged().unwrap_err();
    assert!(matches!(&error, StagedError::Tree { id, .. } if *id == tree.trim()), "{error}");
    fs::write(repo.path(".git/refs/heads/main"), "0123456789012345678901234567890123456789\n").unwrap();
    assert!(matches!(repo.try_staged(), Err(StagedError::Parent(_))));
}
