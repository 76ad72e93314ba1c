//! Entries found by the directory walk.

use crate::input::Content;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use super::*;

#[test]
fn hidden_files_are_visited_but_not_dot_git() {
    let dir = tree(&[".env", ".hidden/.deep", ".git/config", "sub/.git", "a"]);
    write(&dir.path().join("empty"), "");
    assert_eq!(visited(&options(&[dir.path()])), [".env", ".hidden/.deep", "a", "empty"]);
}

#[test]
fn links_and_special_files_are_not_opened() {
    let outside = tree(&["secret"]);
    let dir = tree(&["a"]);
    let at = |name: &str| dir.path().join(name);
    symlink(outside.path().join("secret"), at("to-file")).unwrap();
    symlink(outside.path(), at("to-dir")).unwrap();
    symlink("loop-b", at("loop-a")).unwrap();
    symlink("loop-a", at("loop-b")).unwrap();
    symlink("..", at("up")).unwrap();
    symlink("/dev/zero", at("zero")).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    assert_eq!(visited(&options(&[dir.path()])), ["a"]);
}

#[test]
fn unreadable_entries_are_reported() {
    let dir = tree(&["readable", "file", "dir/a"]);
    for name in ["file", "dir"] {
        fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    if fs::read(dir.path().join("file")).is_ok() {
        // Root can read everything.
        return;
    }
    let seen = scan(&options(&[dir.path()]));
    assert_eq!(seen.visited, ["readable"]);
    assert_eq!(seen.unseen, ["dir: permission denied", "file: permission denied"]);
    fs::set_permissions(dir.path().join("dir"), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn vanished_file_is_reported() {
    struct Remover(Recorder, PathBuf);
    impl SkipLog<String> for Remover {
        fn skipped(&self, label: String, reason: String) {
            self.0.skipped(label, reason);
        }
    }

    impl Visitor for Remover {
        fn visit(&self, label: &Label<'_>, size: Option<u64>, reader: &mut dyn Content) -> io::Result<()> {
            let this = label.to_string();
            for file in fs::read_dir(&self.1).unwrap().map(Result::unwrap) {
                if file.file_name().to_str() != Some(&this) {
                    fs::remove_file(file.path()).unwrap();
                }
            }
            self.0.visit(label, size, reader)
        }
        fn notice(&self, label: String, message: String) {
            self.0.notice(label, message);
        }
    }
    let dir = tree(&["a", "b"]);
    let remover = Remover(Recorder::default(), dir.path().to_path_buf());
    run(&Options { threads: 1, ..options(&[dir.path()]) }, &remover).unwrap();
    let unseen = remover.0.unseen.into_inner().unwrap();
    assert_eq!(unseen.len(), 1);
    assert!(unseen[0].ends_with(": vanished while scanning"), "{unseen:?}");
}

#[test]
fn panic_affects_one_file_only() {
    let dir = tree(&["a", "b"]);
    write(&dir.path().join("bad"), "panic, please");
    let seen = scan(&options(&[dir.path()]));
    assert_eq!(seen.visited, ["a", "b"]);
    assert_eq!(seen.unseen, ["bad: internal error while scanning this input; please report it"]);
}

#[test]
fn labels_are_lossless() {
    let dir = TempDir::new().unwrap();
    for name in [&b"new\nline"[..], b"esc\x1b[31m", b"not-utf8-\xff", b"back\\slash", "é".as_bytes()] {
        write(&dir.path().join(OsStr::from_bytes(name)), "");
    }
    let expected = ["back\\slash", "esc\x1b[31m", "new\nline", "not-utf8-\\xFF", "é"];
    assert_eq!(visited(&options(&[dir.path()])), expected);
}

#[test]
fn result_is_independent_of_thread_count() {
    let dir = TempDir::new().unwrap();
    for (outer, inner) in (0..20).flat_map(|outer| (0..60).map(move |inner| (outer, inner))) {
        let size = if inner % 13 == 0 { 200_000 } else { inner };
        write(&dir.path().join(format!("d{outer}/e{}/f{inner}", inner % 3)), vec![b'x'; size]);
    }
    let seen = |threads| {
        let seen = scan(&Options { threads, ..options(&[dir.path()]) });
        (seen.visited, seen.sizes, seen.unseen)
    };
    let one = seen(1);
    assert_eq!(one.0.len(), 1200);
    assert_eq!(one, seen(8));
}
