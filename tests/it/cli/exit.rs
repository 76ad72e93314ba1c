//! Exit codes: 0 clean, 1 findings, 2 could not start, 3 some input was skipped.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{both, code, put, scan, telleaks};

/// A directory with a clean file, one with a key, one with a note, and an empty one.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("exit", 0).key();
    put(folder.path(), "clean/a.txt", "nothing here\n");
    put(folder.path(), "leak/a.env", format!("TELNYX_API_KEY={key}\n"));
    put(folder.path(), "note/a.log", format!("no key matches {} here\n", &key[..35]));
    put(folder.path(), "warning/a.js", "process.env.VITE_TEL\u{4e}YX_API_KEY\n");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    folder
}

fn exits(folder: &Path, args: &[&str], expected: i32) -> String {
    let output = scan(folder, args);
    assert_eq!(code(&output), expected, "{args:?}: {}", both(&output));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn clean_and_findings() {
    let folder = folder();
    for (args, expected) in [
        (&["clean"][..], 0),
        (&["leak"], 1),
        (&["clean", "leak"], 1),
        (&["leak/a.env"], 1),
        (&["note"], 0),
        (&["warning"], 1),
        (&["."], 1),
        (&[], 1),
        (&["leak", "--exit-zero"], 0),
        (&["note", "--fail-on", "note"], 1),
        (&["warning", "--fail-on", "warning"], 1),
        (&["warning", "--fail-on", "error"], 0),
        (&["leak", "--fail-on", "error"], 1),
        (&["leak", "--exclude", "*.env", "clean"], 0),
    ] {
        assert_eq!(exits(folder.path(), args, expected), "", "{args:?}");
    }
}

#[test]
fn invalid_arguments_do_not_start() {
    let folder = folder();
    for (args, said) in [
        (&["no-such-path"][..], "no-such-path"),
        (&["leak", "no-such-path"], "no-such-path"),
        (&["leak", "--exit-zero", "no-such-path"], "no-such-path"),
        (&["leak", "--rule", "no-such-rule"], "no-such-rule"),
        (&["leak", "--exclude-rule", "no-such-rule"], "no-such-rule"),
        (&["leak", "--rules", "no-such-file.toml"], "no-such-file.toml"),
        (&["leak", "--exclude", "a[b"], "a[b"),
        (&["leak", "--format", "yaml"], "yaml"),
        (&["leak", "--report", "sarif"], "sarif"),
        (&["leak", "--report", "yaml=a"], "yaml"),
        (&["leak", "--max-file-size", "ten"], "ten"),
        (&["leak", "--threads", "many"], "many"),
        (&["leak", "--no-such-option"], "--no-such-option"),
        (&["leak", "--report", "json=no-such-folder/a.json"], "no-such-folder"),
    ] {
        let said_on_stderr = exits(folder.path(), args, 2);
        assert!(said_on_stderr.contains(said), "{args:?}: {said_on_stderr}");
        assert!(!said_on_stderr.contains("panicked"), "{said_on_stderr}");
    }
    let bare = telleaks().output().unwrap();
    assert_eq!(code(&bare), 2);
}

#[test]
fn skipped_input_is_never_clean() {
    let folder = folder();
    for (args, said) in [
        (&["empty"][..], "nothing was scanned"),
        (&["clean", "--exclude", "*"], "nothing was scanned"),
        (&["clean", "--max-file-size", "5"], "a.txt"),
        (&["clean", "note", "--max-file-size", "20"], "note/a.log"),
        (&["empty", "--exit-zero"], "nothing was scanned"),
        (&["clean", "--max-file-size", "5", "--exit-zero"], "a.txt"),
    ] {
        let said_on_stderr = exits(folder.path(), args, 3);
        assert!(said_on_stderr.contains(said), "{args:?}: {said_on_stderr}");
    }
    // Findings take precedence over skipped input.
    assert!(exits(folder.path(), &["leak/a.env", "clean", "--max-file-size", "80"], 1).is_empty());
    put(folder.path(), "large/a.txt", "x".repeat(100));
    let said = exits(folder.path(), &["leak", "large", "--max-file-size", "80"], 1);
    assert!(said.contains("large/a.txt"), "{said}");
    assert!(
        exits(folder.path(), &["leak", "large", "--max-file-size", "80", "--exit-zero"], 3).contains("large")
    );
}

#[test]
fn unreadable_input_is_never_clean() {
    let folder = folder();
    let secret = folder.path().join("clean/locked.txt");
    put(folder.path(), "clean/locked.txt", "x");
    std::fs::set_permissions(&secret, Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&secret).is_ok() {
        // Root can read every file, but /proc has one that fails for everyone.
        let said = exits(Path::new("/proc/self"), &["mem"], 3);
        assert!(said.contains("mem"), "{said}");
        return;
    }
    let said = exits(folder.path(), &["clean"], 3);
    assert!(said.contains("locked.txt"), "{said}");
    let locked = folder.path().join("closed");
    std::fs::create_dir(&locked).unwrap();
    std::fs::set_permissions(&locked, Permissions::from_mode(0o000)).unwrap();
    assert!(exits(folder.path(), &["closed", "note"], 3).contains("closed"));
    std::fs::set_permissions(&locked, Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn unwritable_report_is_an_error() {
    let folder = folder();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for target in ["leak", "clean"] {
        let mut command = telleaks();
        command.current_dir(folder.path()).args(["scan", target, "--format", "json"]);
        let output = command.stdout(full.try_clone().unwrap()).output().unwrap();
        assert_eq!(code(&output), 2, "{}", both(&output));
        assert!(both(&output).contains("standard output") && !both(&output).contains("panicked"));
        let said = exits(folder.path(), &[target, "--report", "json=/dev/full"], 2);
        assert!(said.contains("/dev/full"), "{said}");
    }
    assert!(std::fs::metadata("/dev/full").is_ok_and(|full| !full.is_file()));
}

#[test]
fn help_and_version() {
    for args in
        [&["--help"][..], &["-V"], &["scan", "--help"], &["rules", "--help"], &["rules", "test", "--help"]]
    {
        let output = telleaks().args(args).output().unwrap();
        assert_eq!((code(&output), output.stderr.is_empty(), output.stdout.is_empty()), (0, true, false));
    }
}
