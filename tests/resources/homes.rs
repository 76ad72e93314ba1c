//! Missing or unusable home and temporary directories: only operations that need them fail, with an error message.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::{both, code, put, telleaks};
use crate::repo::{Repo, key, line};
use crate::{in_words, names};

/// Unusable directories: one that does not exist, and one in which not even root can create files.
const PLACES: [&str; 2] = ["/no/such/folder", "/proc"];

/// Returns a command with all home and temporary directories set to `place`.
fn command(place: &str, folder: &Path, args: &[&str]) -> Command {
    let mut command = telleaks();
    command.env_clear().current_dir(folder).args(args).stdin(Stdio::null());
    for name in [
        "HOME",
        "TMPDIR",
        "TMP",
        "TEMP",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        command.env(name, place);
    }
    command
}

#[test]
fn commands_run_without_home() {
    let repo = Repo::new(&[]);
    let python = format!("from telnyx import Telnyx\n\nclient = Telnyx(api_key=\"{}\")\n", key("python"));
    repo.put("a.py", &python);
    repo.commit("one");
    repo.put("b.env", line("staged"));
    repo.git(&["add", "-A"]);
    for place in PLACES {
        let run = |args: &[&str]| -> Output { command(place, &repo.dir, args).output().unwrap() };
        for (args, expected, words) in [
            (&["scan", "--report", "json=../report.json"][..], 1, "2 findings"),
            (&["audit"], 1, "key"),
            (&["commits", "HEAD"], 1, "a.py"),
            (&["staged"], 1, "b.env"),
            (&["redact", "b.env"], 0, "…"),
            (&["baseline", "add", "../report.json"], 0, "added"),
            (&["scan"], 0, ""),
            (&["rules", "test"], 0, "0 wrong"),
            (&["config", "show"], 0, ""),
            (&["hook", "install"], 0, "is installed"),
            (&["fix", "--no-config", "--write", "a.py"], 0, "changed: a.py"),
        ] {
            let output = run(args);
            assert!(
                code(&output) == expected && both(&output).contains(words),
                "{place} {args:?}: {}",
                both(&output)
            );
            in_words(&output, &[&key("python"), &key("staged")]);
        }
        repo.put("a.py", &python);
        std::fs::remove_file(repo.dir.join(".telleaks-baseline.jsonl")).unwrap();
        std::fs::remove_file(repo.dir.join(".git/hooks/pre-commit")).unwrap();
    }
}

#[test]
fn missing_temporary_directory_is_reported() {
    let repo = Repo::new(&[]);
    repo.put("a.env", line("bundle"));
    repo.commit("one");
    repo.git(&["bundle", "create", "-q", "../all.bundle", "--all"]);
    let bundle = repo.home.path().join("all.bundle").display().to_string();
    for place in PLACES {
        for args in [&["audit", &bundle][..], &["self-test"]] {
            let output = command(place, repo.home.path(), args).output().unwrap();
            assert!(
                code(&output) == 2 && both(&output).contains("folder"),
                "{place} {args:?}: {}",
                both(&output)
            );
            assert!(both(&output).contains(place), "{place} {args:?}: {}", both(&output));
        }
    }
    assert_eq!(names(repo.home.path()), ["all.bundle", "repo"]);
    put(repo.home.path(), "a.txt", "clean\n");
    // The current directory has been removed.
    let gone = tempfile::tempdir().unwrap();
    let script = "rmdir \"$PWD\"; exec \"$0\" scan \"$1\"";
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).arg(telleaks().get_program()).arg(repo.home.path().join("a.txt"));
    let output = shell.current_dir(gone.path()).output().unwrap();
    assert_eq!(code(&output), 0, "{}", both(&output));
}
