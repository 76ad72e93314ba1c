//! What masks must not change: other rows, names of members, written lengths, data of other programs.

use std::fs;
use std::path::Path;
use std::process::Output;

use rusqlite::Connection;

use super::machine;
use crate::common::random::Random;
use crate::common::{both, code, put, telleaks};

fn redact(folder: &Path, args: &[&str]) -> Output {
    telleaks().current_dir(folder).args(["redact", "--in-place"]).args(args).output().unwrap()
}

/// Two keys with the same mask.
fn twins(random: &mut Random) -> [String; 2] {
    let key = random.key();
    [format!("{}Q{}", &key[..45], &key[46..]), format!("{}R{}", &key[..45], &key[46..])]
}

fn database(folder: &Path, sql: &str, values: &[&str]) -> std::path::PathBuf {
    let path = folder.join("a.db");
    let _absent = fs::remove_file(&path);
    let database = Connection::open(&path).unwrap();
    let (tables, insert) = sql.split_once(';').unwrap();
    database.execute(tables, []).unwrap();
    database.execute(insert, rusqlite::params_from_iter(values)).unwrap();
    path
}

#[test]
fn other_rows_of_a_database_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("rows", 0);
    let [one, other] = twins(&mut random);
    let (short, pair) = (random.key(), format!("k {one}"));
    for (name, sql, values, expected) in [
        (
            "generated row number",
            "create table t(a, rowid as ('same') virtual); insert into t(a) values(?), ('b'), ('c')",
            vec![one.as_str()],
            0,
        ),
        (
            "key in the primary key and beside it",
            "create table t(a text primary key, b) without rowid; insert into t values(?, ?)",
            vec![pair.as_str(), other.as_str()],
            0,
        ),
        (
            "rows that would be replaced",
            "create table t(a text unique on conflict replace); insert into t values(?), (?), ('c')",
            vec![one.as_str(), other.as_str()],
            3,
        ),
        (
            "rows that a check rejects",
            "create table t(a text check(length(a) > 50)); insert into t values(?)",
            vec![short.as_str()],
            3,
        ),
    ] {
        let path = database(folder.path(), sql, &values);
        let rows = || -> i64 {
            let database = Connection::open(&path).unwrap();
            let check: String = database.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(check, "ok", "{name}");
            database.query_row("select count(distinct a) from t", [], |row| row.get(0)).unwrap()
        };
        let (count, old) = (rows(), fs::read(&path).unwrap());
        let output = redact(folder.path(), &["a.db"]);
        assert_eq!(code(&output), expected, "{name}: {}", both(&output));
        assert_eq!(rows(), count, "{name}");
        let new = fs::read(&path).unwrap();
        assert_eq!(new == old, expected == 3, "{name}");
        let has = |value: &&&str| memchr::memmem::find(&new, value.as_bytes()).is_some();
        assert!(expected == 3 || values.iter().find(has).is_none(), "{name}");
    }
}

#[test]
fn names_of_members_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = twins(&mut Random::new("members", 0));
    let content = format!("{{\"{one}\": 1, \"{other}\": 2}}\n");
    put(folder.path(), "a.json", &content);
    let output = redact(folder.path(), &["a.json"]);
    assert!(code(&output) == 3 && both(&output).contains("the same name"), "{}", both(&output));
    assert_eq!(fs::read_to_string(folder.path().join("a.json")).unwrap(), content);
}

#[test]
fn written_lengths_stay_true() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("lengths", 0).key();
    put(folder.path(), "a.ser", format!("a:1:{{s:3:\"key\";s:58:\"{key}\";}}"));
    assert_eq!(code(&redact(folder.path(), &["a.ser"])), 0);
    let new = fs::read_to_string(folder.path().join("a.ser")).unwrap();
    let value = new.split('"').nth(3).unwrap();
    assert!(value.len() == 58 && !value.contains(&key[38..]), "{new}");
}

#[test]
fn compiled_script_is_no_history() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("compiled", 0).key();
    let content = format!("\u{7}\0\0\0export TELNYX_API_KEY={key}\0").into_bytes();
    put(folder.path(), ".zshrc.zwc", &content);
    assert_eq!(code(&redact(folder.path(), &[".zshrc.zwc"])), 3);
    assert_eq!(fs::read(folder.path().join(".zshrc.zwc")).unwrap(), content);
}

#[test]
fn manifest_is_apart_from_masked_files() {
    let folder = tempfile::tempdir().unwrap();
    let content = format!("key={}\n", Random::new("manifest", 0).key());
    put(folder.path(), "a.log", &content);
    let output = redact(folder.path(), &["a.log", "--manifest", "./a.log"]);
    assert!(code(&output) == 2 && both(&output).contains("--manifest"), "{}", both(&output));
    assert_eq!(fs::read_to_string(folder.path().join("a.log")).unwrap(), content);
}

#[test]
fn key_in_a_name_is_reported_and_hides_no_content() {
    let home = tempfile::tempdir().unwrap();
    let key = Random::new("names-of-files", 0).key();
    let name = format!(".claude/projects/a/{key}.jsonl");
    put(home.path(), &name, format!("{{\"text\":\"{key}\"}}\n"));
    let output = machine(home.path(), &["--clean"]);
    assert!(code(&output) == 1 && both(&output).contains("its name"), "{}", both(&output));
    assert!(!both(&output).contains(&key[38..]));
    assert!(!fs::read_to_string(home.path().join(&name)).unwrap().contains(&key));
}

#[test]
fn errors_mask_credentials_in_paths_and_arguments() {
    let key = Random::new("errors", 0).key();
    let path = format!("{key}/none");
    for args in [
        &["redact", path.as_str()][..],
        &["redact", "--in-place", &path],
        &["machine", "--home", &path],
        &["machine", "--place", &key],
        &["scan", "--rule", &key],
        &["lsp", &key],
        &["scan", &format!("--{key}")],
    ] {
        let output = telleaks().args(args).output().unwrap();
        assert!(code(&output) == 2 && !both(&output).contains(&key[38..]), "{}", both(&output));
    }
}
