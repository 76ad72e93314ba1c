//! Skipped objects are named in every report, with advice, and an audit with skipped objects is never clean.

use serde_json::Value;
use std::fs;
use std::path::PathBuf;

use crate::common::{both, code, telleaks};
use crate::git::repo::Repo;

/// Creates a repository without keys: three commits, a directory, a branch.
fn clean() -> Repo {
    let repo = Repo::new(&[]);
    for number in 1..4 {
        repo.put("src/a.txt", format!("version {number}\n{}", "text\n".repeat(40)));
        repo.put(&format!("b{number}.txt"), format!("other {number}\n"));
        repo.commit("Go on");
    }
    let side = repo.stored(&[("side.txt", "aside\n")], &[], "Aside");
    repo.name("refs/heads/side", &side);
    repo
}

/// Checks that every report contains all words and that the exit code is 3.
fn never_clean(repo: &Repo, words: &[&str]) {
    let path = |format: &str| repo.home.path().join(format).display().to_string();
    let reports = ["text", "json", "sarif"].map(|format| format!("{format}={}", path(format)));
    let [text, json, sarif] = reports.each_ref().map(String::as_str);
    let output = repo.audit(&["--format", "jsonl", "--report", text, "--report", json, "--report", sarif]);
    assert_eq!((code(&output), output.stdout.len()), (3, 0), "{words:?}: {}", both(&output));
    let [text, json, sarif] =
        ["text", "json", "sarif"].map(|format| fs::read_to_string(path(format)).unwrap());
    let said = String::from_utf8_lossy(&output.stderr);
    for shown in [&text, &json, &sarif, &*said] {
        for word in words {
            assert!(shown.contains(word), "{word} is missing from {text}{said}");
        }
    }
    assert!(text.contains("this audit is incomplete"), "{text}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["summary"]["complete"], false);
    assert!(!json["unreadable"].as_array().unwrap().is_empty());
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn complete_repository_without_keys_is_clean() {
    let repo = clean();
    for args in [&[][..], &["--no-worktree"], &["--threads", "1"]] {
        let output = repo.audit(args);
        assert_eq!((code(&output), output.stderr.as_slice()), (0, &b""[..]), "{}", both(&output));
        assert!(both(&output).contains("No known secrets would be published"));
    }
    let unborn = Repo::new(&[]);
    unborn.put("a.txt", "text\n");
    let output = unborn.audit(&[]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let none = crate::git::repo::audit(unborn.home.path(), &[]);
    assert_eq!(code(&none), 2, "{}", both(&none));
    assert!(both(&none).contains("not in a git repository"));
}

#[test]
fn incomplete_clones() {
    let repo = clean();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let shallow = repo.cloned(&["--depth", "1"]);
    never_clean(&shallow, &["shallow clone", "git fetch --unshallow"]);
    for filter in ["blob:none", "tree:0"] {
        let partial = repo.cloned(&["--filter", filter, "--no-checkout"]);
        let before = objects(&partial);
        never_clean(&partial, &["partial clone", "git fetch --refetch --no-filter"]);
        assert_eq!(objects(&partial), before, "nothing is fetched");
        partial.git(&["fetch", "-q", "--refetch", "--no-filter"]);
        let output = partial.audit(&[]);
        assert_eq!(code(&output), 0, "{filter}: the advice has to help: {}", both(&output));
    }
    shallow.git(&["fetch", "-q", "--unshallow"]);
    shallow.git(&["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    assert_eq!(code(&shallow.audit(&[])), 0);
}

fn objects(repo: &Repo) -> Vec<PathBuf> {
    let pack = fs::read_dir(repo.dir.join(".git/objects/pack")).unwrap();
    let mut files: Vec<PathBuf> = pack.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn missing_objects() {
    for (object, word) in [
        ("HEAD~1:src/a.txt", "src/a.txt"),
        ("HEAD:b3.txt", "b3.txt"),
        ("HEAD~1:src", "src"),
        ("HEAD~1^{tree}", "its tree or a parent"),
        ("HEAD~1", "its tree or a parent"),
        ("side:side.txt", "side.txt"),
        ("side^{tree}", "its tree or a parent"),
        ("side", "refs/heads/side"),
    ] {
        let repo = clean();
        let id = repo.git(&["rev-parse", object]);
        fs::remove_file(repo.loose(&id)).unwrap();
        never_clean(&repo, &[word, "git fsck"]);
    }
}

#[test]
fn damaged_objects() {
    for object in ["HEAD:src/a.txt", "HEAD~2:src/a.txt", "HEAD~1^{tree}", "HEAD~1", "side"] {
        let repo = clean();
        let id = repo.git(&["rev-parse", object]);
        let path = repo.loose(&id);
        let whole = fs::read(&path).unwrap();
        for content in [whole[..whole.len() / 2].to_vec(), Vec::new(), b"no zlib at all".to_vec()] {
            fs::remove_file(&path).unwrap();
            fs::write(&path, content).unwrap();
            never_clean(&repo, &[&id]);
        }
    }
}

#[test]
fn damaged_packs() {
    let packed = || {
        let repo = clean();
        repo.git(&["gc", "-q"]);
        let pack = objects(&repo).into_iter().find(|path| path.extension().unwrap() == "pack").unwrap();
        fs::set_permissions(&pack, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        (repo, pack)
    };
    let (repo, pack) = packed();
    let id = repo.git(&["rev-parse", "side:side.txt"]);
    let listed = repo.git(&["verify-pack", "-v", pack.with_extension("idx").to_str().unwrap()]);
    let entry = listed.lines().find(|line| line.starts_with(&id)).unwrap();
    let at: usize = entry.split_whitespace().nth(4).unwrap().parse().unwrap();
    let mut content = fs::read(&pack).unwrap();
    content[at + 1..at + 6].fill(0xFF);
    fs::write(&pack, &content).unwrap();
    never_clean(&repo, &[&id]);
    let (repo, pack) = packed();
    let content = fs::read(&pack).unwrap();
    fs::write(&pack, &content[..content.len() / 2]).unwrap();
    never_clean(&repo, &["object"]);
    let (repo, pack) = packed();
    fs::remove_file(pack.with_extension("idx")).unwrap();
    never_clean(&repo, &["object"]);
    let (repo, pack) = packed();
    fs::remove_file(pack).unwrap();
    never_clean(&repo, &["object"]);
}

#[test]
fn unknown_formats() {
    let repo = clean();
    repo.git(&["config", "core.repositoryformatversion", "1"]);
    repo.git(&["config", "extensions.tomorrow", "true"]);
    never_clean(&repo, &["unknown repository extension tomorrow"]);
    let repo = clean();
    repo.put(".git/config", format!("# {}\n[core]\n", "x".repeat(2 << 20)));
    never_clean(&repo, &["configuration cannot be read"]);
    let repo = clean();
    repo.put(".git/config", "[core]\n\trepositoryformatversion = 7\n");
    never_clean(&repo, &["unknown repository format version 7"]);
    let reftable = Repo::nowhere();
    let options = ["init", "-q", "--ref-format=reftable", reftable.dir.to_str().unwrap()];
    // Git before 2.45 does not support this format.
    if reftable.command(&options).output().unwrap().status.success() {
        reftable.put("a.txt", "text\n");
        reftable.commit("Begin");
        never_clean(&reftable, &["reftable", "git refs migrate --ref-format=files"]);
        reftable.put("a.env", crate::git::repo::line("reftable"));
        reftable.commit("Add a key");
        fs::remove_file(reftable.dir.join("a.env")).unwrap();
        reftable.commit("Remove it");
        assert_eq!(code(&reftable.audit(&[])), 1, "the objects are read all the same");
    }
}

#[test]
fn content_outside_the_repository() {
    let library = clean();
    let url = format!("file://{}", library.dir.display());
    let repo = clean();
    repo.git(&["submodule", "--quiet", "add", &url, "lib"]);
    repo.commit("Add a submodule");
    assert_eq!(code(&repo.audit(&[])), 0, "{}", both(&repo.audit(&[])));
    let fresh = repo.cloned(&[]);
    never_clean(&fresh, &["lib", "git submodule update --init"]);
    fresh.git(&["submodule", "--quiet", "update", "--init"]);
    assert_eq!(code(&fresh.audit(&[])), 0, "the advice has to help");
    let bare = repo.cloned(&["--bare"]);
    never_clean(&bare, &["lib", "submodule"]);
    let repo = clean();
    let oid = "0123456789abcdef".repeat(4);
    repo.put("a.bin", format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12\n"));
    repo.commit("Add a pointer");
    never_clean(&repo, &["git-lfs", "a.bin", "git lfs fetch --all"]);
}

#[test]
fn new_submodule_that_is_checked_out_is_listed_by_commits() {
    let library = clean();
    let url = format!("file://{}", library.dir.display());
    let repo = clean();
    repo.git(&["submodule", "--quiet", "add", &url, "lib dir"]);
    repo.commit("Add a submodule");
    let commits = |range: &str| {
        telleaks().args(["commits", range, "--format", "json"]).current_dir(&repo.dir).output().unwrap()
    };
    let output = commits("HEAD~1..HEAD");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [one] = &report["unreadable"].as_array().unwrap()[..] else { panic!("{report}") };
    assert_eq!((code(&output), &one["path"]), (3, &Value::from("lib dir")));
    assert!(one["reason"].as_str().unwrap().contains("telleaks audit 'lib dir'"), "{one}");
    let inner = repo.dir.join("lib dir");
    assert_eq!(code(&crate::git::repo::audit(&inner, &[])), 0, "the advice has to help");

    // A later commit of the submodule is none, and neither is a submodule that is not here.
    std::fs::write(inner.join("x"), "x\n").unwrap();
    repo.git(&["-C", "lib dir", "add", "x"]);
    repo.git(&["-C", "lib dir", "commit", "-q", "-m", "Go on"]);
    repo.commit("Update the submodule");
    assert_eq!(code(&commits("HEAD~1..HEAD")), 0);
    std::fs::remove_dir_all(&inner).unwrap();
    assert_eq!(code(&commits("HEAD~2..HEAD")), 0);
}

/// What an interrupted git leaves in the object directory, each with a key.
#[test]
fn left_overs_of_git_are_audited() {
    let repo = clean();
    let objects = repo.dir.join(".git/objects");
    let other = crate::git::repo::Repo::new(&[]);
    other.put("a.txt", crate::git::repo::line("left"));
    other.commit("Leak");
    other.git(&["repack", "-a", "-d", "-q"]);
    let pack = fs::read_dir(other.dir.join(".git/objects/pack")).unwrap().map(|one| one.unwrap().path());
    let pack = pack.into_iter().find(|path| path.extension().is_some_and(|it| it == "pack")).unwrap();
    let pack = fs::read(pack).unwrap();
    let loose = crate::git::repo::Repo::new(&[]);
    loose.put("a.txt", crate::git::repo::line("left"));
    let id = loose.git(&["hash-object", "-w", "a.txt"]);
    let object = fs::read(loose.dir.join(".git/objects").join(&id[..2]).join(id[2..].trim())).unwrap();
    let places = [
        ("pack/tmp_pack_Ab1", &pack[..]),
        ("pack/.tmp-12-pack-34.pack", &pack),
        ("tmp_obj_x", &object),
        ("ab/tmp_obj_y", &object),
        ("incoming-1/ab/tmp_obj_z", &object),
        ("tmp_objdir-incoming-2/pack/tmp_pack_Cd3", &pack),
    ];
    for (place, bytes) in places {
        let path = objects.join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let output = repo.audit(&["--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let at = report["findings"].to_string();
        assert!(code(&output) == 1 && at.contains(place), "{place}: {report}");
        assert!(report["unreadable"].as_array().unwrap().is_empty(), "{place}: {report}");
        // Cut off, it is reported.
        fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        let output = repo.audit(&["--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(report["unreadable"].to_string().contains(place), "{place}: {report}");
        fs::remove_file(&path).unwrap();
    }
    // The objects of a quarantine are unreachable objects.
    let place = objects.join("tmp_objdir-incoming-3").join(&id[..2]);
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join(id[2..].trim()), object).unwrap();
    let report: Value = serde_json::from_slice(&repo.audit(&["--format", "json"]).stdout).unwrap();
    assert!(report["findings"].to_string().contains(id.trim()), "{report}");
}

#[test]
fn dangling_refs() {
    let repo = clean();
    repo.put(".git/refs/heads/broken", format!("{}\n", "1".repeat(40)));
    never_clean(&repo, &["refs/heads/broken", "git fsck"]);
    let repo = clean();
    repo.put(".git/refs/heads/garbage", "no id at all\n");
    never_clean(&repo, &["refs/heads/garbage"]);
    let repo = clean();
    repo.put(".git/packed-refs", "garbage\n");
    never_clean(&repo, &["packed-refs"]);
    let repo = clean();
    repo.put(".git/index", "DIRC garbage");
    never_clean(&repo, &["index"]);
}

#[test]
fn repository_of_another_user() {
    let repo = clean();
    if std::os::unix::fs::chown(repo.dir.join(".git"), Some(12345), None).is_err() {
        return; // Only root may give files away.
    }
    let without_sudo = |args: &[&str]| {
        let mut command = telleaks();
        command.env_remove("SUDO_UID").arg("audit").arg(&repo.dir).args(args).output().unwrap()
    };
    let output = without_sudo(&[]);
    assert_eq!(code(&output), 2, "{}", both(&output));
    assert!(both(&output).contains("--any-owner") && both(&output).contains("12345"), "{}", both(&output));
    let output = without_sudo(&["--any-owner"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
}
