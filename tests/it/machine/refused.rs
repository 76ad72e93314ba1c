//! Files that are not replaced, and why.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite::Connection;

use super::{machine, parsed};
use crate::common::random::Random;
use crate::common::{both, code, put, telleaks, text};

fn redact(folder: &Path, file: &str) -> std::process::Output {
    telleaks().current_dir(folder).args(["redact", "--in-place", file]).output().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn file_that_a_program_writes_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("open", 0).key();
    put(folder.path(), "a.log", format!("key={key}\n"));
    let mut child = Command::new("sh")
        .args(["-c", "exec 3>> a.log; echo; read line"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let output = redact(folder.path(), "a.log");
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(both(&output).contains("sh (process "), "{}", both(&output));
    assert!(fs::read_to_string(folder.path().join("a.log")).unwrap().contains(&key));
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    child.wait().unwrap();
    assert_eq!(code(&redact(folder.path(), "a.log")), 0);
}

#[test]
fn links_and_archives_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("names", 0).key();
    put(folder.path(), "a.log", format!("key={key}\n"));
    fs::hard_link(folder.path().join("a.log"), folder.path().join("b.log")).unwrap();
    std::os::unix::fs::symlink("a.log", folder.path().join("c.log")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(format!("key={key}\n").as_bytes()).unwrap();
    put(folder.path(), "d.gz", gzip.finish().unwrap());
    let old = fs::read(folder.path().join("d.gz")).unwrap();
    for (file, expected, why) in [
        ("a.log", 3, "2 names (hard links)"),
        ("c.log", 2, "is a link"),
        ("d.gz", 3, "it is a compressed file"),
    ] {
        let output = redact(folder.path(), file);
        assert!(code(&output) == expected && both(&output).contains(why), "{file}: {}", both(&output));
    }
    assert!(fs::read_to_string(folder.path().join("a.log")).unwrap().contains(&key));
    assert_eq!(fs::read(folder.path().join("d.gz")).unwrap(), old);
}

#[test]
fn database_in_use_and_damaged_database_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let key = Random::new("in-use", 0).key();
    let path = home.path().join(".n8n/database.sqlite");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let database = Connection::open(&path).unwrap();
    database.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t(a TEXT)").unwrap();
    database.execute("INSERT INTO t VALUES(?)", [&key]).unwrap();
    // This process, and not one that could be seen to write, holds a read transaction.
    let mut statement = database.prepare("SELECT a FROM t").unwrap();
    let mut rows = statement.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    let output = machine(home.path(), &["--clean", "--format", "json"]);
    let list = parsed(&output);
    assert_eq!(text(&list["not_changed"][0], "/place"), "n8n", "{}", both(&output));
    drop(rows);
    drop(statement);
    drop(database);
    let mut bytes = fs::read(&path).unwrap();
    let page = bytes.len() / 2;
    // The number of cells of the last page.
    bytes[page + 3] = 0xFF;
    fs::write(&path, &bytes).unwrap();
    let output = machine(home.path(), &["--clean", "--format", "json"]);
    assert_eq!(parsed(&output)["changed"].as_array().unwrap().len(), 0, "{}", both(&output));
    assert_eq!(fs::read(&path).unwrap(), bytes);
}
