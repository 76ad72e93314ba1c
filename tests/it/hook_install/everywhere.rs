//! `--global`: one hooks directory for all repositories, which calls the hooks of each repository.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::common::{both, code, put};
use crate::hook_install::repo::{Repo, line};

/// Runs a program in the repository with user settings of its own.
fn run(repo: &Repo, program: &str, args: &[&str]) -> Output {
    let mut command = repo.command(program);
    command.env("GIT_CONFIG_GLOBAL", repo.beside(".gitconfig")).env_remove("XDG_CONFIG_HOME");
    command.args(args).output().unwrap()
}

fn hook(repo: &Repo, args: &[&str]) -> String {
    let output = run(repo, env!("CARGO_BIN_EXE_telleaks"), &[&["hook"], args].concat());
    assert_eq!(code(&output), 0, "{args:?}: {}", both(&output));
    both(&output)
}

fn commits(repo: &Repo) -> bool {
    let output = run(repo, "git", &["commit", "-am", "x"]);
    assert_ne!(output.status.success(), both(&output).contains("telnyx-api-key"), "{}", both(&output));
    output.status.success()
}

fn their_hook(repo: &Repo, name: &str) {
    let dir = repo.dir().join(".git/hooks");
    put(&dir, name, format!("#!/bin/sh\necho {name} \"$@\" >>\"$HOME/log\"\n"));
    fs::set_permissions(dir.join(name), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn all_repositories_are_scanned_and_keep_their_hooks() {
    let repo = Repo::with(&[("a", "one\n")]);
    for name in ["pre-commit", "commit-msg", "post-commit"] {
        their_hook(&repo, name);
    }
    fs::write(repo.beside(".gitconfig"), "# mine\n").unwrap();
    hook(&repo, &["install", "--global"]);
    repo.put("a", line(1));
    assert!(!commits(&repo));
    repo.put("a", "two\n");
    assert!(commits(&repo));
    let log = fs::read_to_string(repo.beside("log")).unwrap();
    assert_eq!(log, "pre-commit\npre-commit\ncommit-msg .git/COMMIT_EDITMSG\npost-commit\n");
    assert!(hook(&repo, &["install"]).contains("--global"), "it is there for all");
    hook(&repo, &["install", "--global", "commit-msg"]);
    hook(&repo, &["remove", "--global"]);
    repo.put("a", line(1));
    assert!(commits(&repo), "only the message is searched");
    hook(&repo, &["remove", "--global", "commit-msg"]);
    assert!(!repo.beside(".config/telleaks/hooks").exists());
    assert!(!fs::read_to_string(repo.beside(".gitconfig")).unwrap().contains("hooksPath"));
    assert!(hook(&repo, &["remove", "--global"]).contains("no hook of telleaks"));
}

#[test]
fn configured_directory_is_extended() {
    let repo = Repo::with(&[("a", "one\n")]);
    run(&repo, "git", &["config", "--global", "core.hooksPath", "~/shared"]);
    let alone = run(&repo, env!("CARGO_BIN_EXE_telleaks"), &["hook", "install"]);
    assert_eq!(code(&alone), 2);
    assert!(both(&alone).contains("git runs no hook of this repository"), "{}", both(&alone));
    put(&repo.beside("shared"), "pre-commit", "#!/bin/sh\necho shared >>\"$HOME/log\"\n");
    fs::set_permissions(repo.beside("shared/pre-commit"), Permissions::from_mode(0o755)).unwrap();
    hook(&repo, &["install", "--global"]);
    repo.put("a", line(1));
    assert!(!commits(&repo));
    assert_eq!(fs::read_to_string(repo.beside("log")).unwrap(), "shared\n");
    hook(&repo, &["remove", "--global"]);
    assert!(commits(&repo));
    assert_eq!(fs::read_dir(repo.beside("shared")).unwrap().count(), 1);
}

#[test]
fn shells_accept_global_hooks_without_warnings() {
    let repo = Repo::new();
    hook(&repo, &["install", "--global", "pre-push"]);
    let dir = repo.beside(".config/telleaks/hooks");
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if let Ok(checked) = repo.command("shellcheck").arg(&path).output() {
            assert!(checked.status.success(), "{}", both(&checked));
        }
    }
}

#[test]
fn doctor_looks_at_the_hooks_to_which_scripts_forward() {
    let repo = Repo::with(&[("a", "one\n")]);
    hook(&repo, &["install", "--global"]);
    let doctor = || both(&run(&repo, env!("CARGO_BIN_EXE_telleaks"), &["doctor"]));
    let said = doctor();
    assert!(said.contains("ok: pre-commit: searches commits with "), "{said}");
    for (name, searches) in [("commit-msg", "messages of commits"), ("pre-push", "pushes")] {
        let line = format!("ok: {name}: not installed, so {searches} are not searched");
        assert!(said.contains(&line), "{said}");
    }
    hook(&repo, &["install", "--global", "commit-msg"]);
    hook(&repo, &["remove", "--global"]);
    assert!(doctor().contains("not in order: pre-commit: commits are not searched"), "{}", doctor());
    put(&repo.dir().join(".git/hooks"), "pre-commit", "#!/bin/sh\nexec telleaks staged\n");
    fs::set_permissions(repo.dir().join(".git/hooks/pre-commit"), Permissions::from_mode(0o755)).unwrap();
    assert!(doctor().contains("ok: pre-commit: "), "{}", doctor());
}
