//! Unusual files, directories and special files.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use crate::common::{put, telleaks};
use crate::hostile::bounded::{run, run_while};
use crate::hostile::{line, scanned};

/// Usual paths that other scanners exclude.
const USUAL: [&str; 22] = [
    ".env",
    "node_modules/a/index.js",
    "vendor/a.go",
    "bower_components/a.js",
    "static/jquery.min.js",
    "package-lock.json",
    "yarn.lock",
    "poetry.lock",
    "go.sum",
    "logo.png",
    "logo.svg",
    "font.woff2",
    "a.exe",
    "doc.pdf",
    "test/fixtures/a.txt",
    "dist/app.js",
    "build/a.map",
    "a.min.css",
    ".cache/a",
    "target/debug/a.txt",
    "a.log",
    "__pycache__/a.pyc",
];

#[test]
fn usual_names_do_not_hide_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let keys = USUAL.map(|name| {
        let (key, line) = line(name);
        put(folder.path(), name, line);
        key
    });
    scanned(folder.path(), &[]).found(&keys.iter().collect::<Vec<_>>());
}

#[test]
fn links_sockets_and_devices_do_not_block_a_scan() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (key, line) = line("control");
    put(at, "in/control.txt", &line);
    put(at, "in/empty.txt", "");
    put(at, "outside/other.txt", crate::hostile::line("outside").1);
    for (name, to) in
        [("a", "b"), ("b", "a"), ("up", ".."), ("zero", "/dev/zero"), ("out", "../outside"), ("gone", "none")]
    {
        symlink(to, at.join("in").join(name)).unwrap();
    }
    let _socket = UnixListener::bind(at.join("in/socket")).unwrap();
    assert!(Command::new("mkfifo").arg(at.join("in/pipe")).status().unwrap().success());
    // Only root can create devices.
    let _zero = Command::new("mknod").arg(at.join("in/zero-device")).args(["c", "1", "5"]).output().unwrap();
    scanned(at, &["in"]).found(&[&key]);
}

/// Returns a command for the program as an unprivileged user, who is subject to permissions.
fn as_somebody() -> Command {
    let program = telleaks();
    if !rustix::process::geteuid().is_root() {
        return program;
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program.get_program());
    command
}

#[test]
fn unreadable_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (key, text) = line("readable");
    fs::set_permissions(at, Permissions::from_mode(0o755)).unwrap();
    put(at, "file/locked.txt", line("locked").1);
    put(at, "file/open.txt", "text\n");
    put(at, "folder/locked/a.txt", line("locked").1);
    put(at, "folder/open.txt", "text\n");
    put(at, "both/locked.txt", line("locked").1);
    put(at, "both/open.txt", text);
    for locked in ["file/locked.txt", "folder/locked", "both/locked.txt"] {
        fs::set_permissions(at.join(locked), Permissions::from_mode(0o000)).unwrap();
    }
    let scan = |inside: &str| {
        let mut command = as_somebody();
        command.env("HOME", at).current_dir(at.join(inside)).args([
            "scan",
            "--format",
            "jsonl",
            "--show-secrets",
        ]);
        run(command)
    };
    if rustix::process::geteuid().is_root() && !reaches(at) {
        // Other users cannot start the program if it is in a directory of root.
        return;
    }
    scan("file").reported(3, &["locked.txt: permission denied"]);
    scan("folder").reported(3, &["locked", "permission denied"]);
    let both = scan("both");
    both.found_with(&[&key], 1);
    assert!(both.said.contains("locked.txt: permission denied"), "{}", both.said);
    fs::set_permissions(at.join("folder/locked"), Permissions::from_mode(0o700)).unwrap();
}

/// Returns whether that user can start the program and enter the directory.
fn reaches(folder: &Path) -> bool {
    let started = as_somebody().current_dir(folder).arg("--version").output();
    started.is_ok_and(|output| output.status.success())
}

#[test]
fn files_that_vanish_grow_or_shrink_are_handled() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (key, line) = line("steady");
    put(at, "steady.txt", line);
    for number in 0..400 {
        put(at, &format!("v/{number}.txt"), "text\n".repeat(2000));
    }
    let large = vec![b'x'; 4 << 20];
    let mut round = 0;
    let mut command = telleaks();
    command.current_dir(at).args(["scan", "--no-progress", "--format", "jsonl", "--show-secrets"]);
    let outcome = run_while(command, |_| {
        let _gone = fs::remove_file(at.join(format!("v/{}.txt", 399 - round % 400)));
        fs::write(at.join("cut.log"), &large[..if round % 2 == 0 { 0 } else { large.len() }]).unwrap();
        round += 1;
    });
    // Removed files may be reported; the key is found in any case.
    outcome.found_with(&[&key], 1);
}

#[test]
fn hundred_thousand_files() {
    let folder = tempfile::tempdir().unwrap();
    for part in 0..100 {
        let inside = folder.path().join(part.to_string());
        fs::create_dir(&inside).unwrap();
        for number in 0..1000 {
            fs::write(inside.join(format!("{number:04}.txt")), "text\n").unwrap();
        }
    }
    let (key, line) = line("last");
    put(folder.path(), "99/0999.txt", line);
    scanned(folder.path(), &[]).found(&[&key]);
}

#[test]
fn few_descriptors_skip_nothing_silently() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<_> = (0..40).map(|number| line(&format!("few {number}"))).collect();
    for (number, (_, line)) in lines.iter().enumerate() {
        put(folder.path(), &format!("{}/{number}.txt", number / 8), line);
    }
    let program = telleaks().get_program().to_owned();
    for limit in [6, 8, 12, 24] {
        let mut command = Command::new("sh");
        command.current_dir(folder.path()).arg("-c");
        command
            .arg(format!(r#"ulimit -n {limit}; exec "$0" scan --format jsonl --show-secrets"#))
            .arg(&program);
        let outcome = run(command);
        let found = crate::common::lines(&outcome.out).len();
        let whole = outcome.code == Some(1) && found == lines.len();
        assert!(
            whole || !outcome.said.is_empty() && outcome.code != Some(0),
            "{limit}: {found}: {}",
            outcome.said
        );
    }
}
