//! A repository whose settings name programs: telleaks runs none of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::hook_runs::repo::{Repo, line};

/// Settings that name a program, which replaces `PROGRAM`.
const SETTINGS: &[(&str, &str)] = &[
    ("core.fsmonitor", "PROGRAM"),
    ("core.hooksPath", "HOOKS"),
    ("core.pager", "PROGRAM"),
    ("pager.diff", "PROGRAM"),
    ("core.editor", "PROGRAM"),
    ("core.sshCommand", "PROGRAM"),
    ("core.gitProxy", "PROGRAM"),
    ("core.askPass", "PROGRAM"),
    ("core.alternateRefsCommand", "PROGRAM"),
    ("credential.helper", "PROGRAM"),
    ("diff.external", "PROGRAM"),
    ("diff.x.command", "PROGRAM"),
    ("diff.x.textconv", "PROGRAM"),
    ("diff.x.cachetextconv", "true"),
    ("filter.x.clean", "PROGRAM"),
    ("filter.x.smudge", "PROGRAM"),
    ("filter.x.process", "PROGRAM"),
    ("filter.x.required", "true"),
    ("merge.x.driver", "PROGRAM"),
    ("gpg.program", "PROGRAM"),
    ("log.showSignature", "true"),
    ("uploadpack.packObjectsHook", "PROGRAM"),
    ("remote.origin.promisor", "true"),
    ("remote.origin.url", "ext::PROGRAM"),
    ("remote.origin.uploadpack", "PROGRAM"),
    ("extensions.partialClone", "origin"),
    ("core.repositoryFormatVersion", "1"),
    ("include.path", "../included"),
];

/// Returns a repository with a staged key, and the id of its blob. Programs run by git would create a file `ran`.
fn repo() -> (Repo, String) {
    let repo = Repo::with(&[("a", "one\n"), ("b", "two\n")]);
    repo.commit(&[("b", &line(2))]);
    repo.put(".gitattributes", "* filter=x diff=x merge=x\n");
    repo.add(".gitattributes", "* filter=x diff=x merge=x\n");
    repo.add("a", line(1));
    let id = repo.id(":a");
    let program = repo.beside("program");
    fs::create_dir(repo.beside("hooks")).unwrap();
    for path in [&program, &repo.beside("hooks/pre-commit"), &repo.beside("hooks/post-index-change")] {
        fs::write(path, format!("#!/bin/sh\necho \"$0\" >>'{}'\n", repo.beside("ran").display())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let config = repo.dir().join(".git/config");
    for (name, value) in SETTINGS {
        let value = value.replace("PROGRAM", &program.display().to_string());
        let value = value.replace("HOOKS", &repo.beside("hooks").display().to_string());
        repo.git(&["config", "--file", &config.display().to_string(), name, &value]);
    }
    repo.put(".git/included", format!("[core]\n\tfsmonitor = {}\n", program.display()));
    // Git would find the file changed in the work tree and run the filter.
    repo.put("b", "changed\n");
    (repo, id)
}

#[test]
fn settings_run_nothing() {
    let (repo, id) = repo();
    assert!(!repo.beside("ran").exists(), "not yet");
    assert_eq!(repo.places(&["staged"]), ["a:1:16"]);
    assert_eq!(repo.places(&["staged", "--whole-files"]), ["a:1:16"]);
    assert_eq!(repo.places(&["commits", "HEAD~1..HEAD"]), ["b:1:16"]);
    assert_eq!(repo.places(&["commits", "--all"]), ["b:1:16"]);
    // A missing blob of a partial clone is not fetched.
    let (folder, file) = id.split_at(2);
    fs::remove_file(repo.dir().join(".git/objects").join(folder).join(file)).unwrap();
    assert_eq!(repo.findings(&["staged"]).0, 3);
    assert!(!repo.beside("ran").exists(), "{}", fs::read_to_string(repo.beside("ran")).unwrap_or_default());
    let _ = repo.try_git(&["status"]);
    assert!(repo.beside("ran").exists(), "the trap works");
}

#[test]
fn configured_work_tree_is_not_entered() {
    let repo = Repo::with(&[("a", "one\n")]);
    fs::create_dir(repo.beside("elsewhere")).unwrap();
    fs::write(repo.beside("elsewhere/a"), line(1)).unwrap();
    repo.git(&["config", "core.worktree", &repo.beside("elsewhere").display().to_string()]);
    assert_eq!(repo.places(&["staged"]), [""; 0]);
    assert_eq!(repo.places(&["commits", "HEAD"]), [""; 0]);
}
