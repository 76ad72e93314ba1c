//! SQLite databases with a key, and what they hold.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

fn open(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

/// Fills a database: a key in a blob, a text, a table without row numbers, a trigger that must not run, and a deleted row.
fn fill(database: &Connection, key: &str) {
    database
        .execute_batch(
            "CREATE TABLE ItemTable(key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
             CREATE TABLE notes(body TEXT, rowid TEXT, number REAL, CHECK(length(body) <> 42));
             CREATE TABLE pairs(k TEXT PRIMARY KEY, v ANY) WITHOUT ROWID;
             CREATE TABLE log(what TEXT);
             CREATE INDEX by_body ON notes(body);
             CREATE TRIGGER noted AFTER UPDATE ON notes BEGIN INSERT INTO log VALUES('updated'); END;",
        )
        .unwrap();
    let item = format!("{{\"messages\":[{{\"text\":\"the key is {key}\"}}]}}").into_bytes();
    database.execute("INSERT INTO ItemTable VALUES('chat', ?), ('theme', x'0102ff')", [&item]).unwrap();
    database
        .execute("INSERT INTO notes VALUES(?, 'r', 1.5), ('hello', 's', NULL)", [format!("KEY={key};")])
        .unwrap();
    database.execute("INSERT INTO pairs VALUES('a', ?), ('b', 7)", [key]).unwrap();
    database.execute("INSERT INTO log VALUES(?)", [format!("deleted {key}")]).unwrap();
    database.execute("DELETE FROM log", []).unwrap();
}

pub(super) fn plain(path: &Path, key: &str) {
    let database = open(path);
    database.execute_batch("PRAGMA secure_delete = OFF").unwrap();
    fill(&database, key);
}

/// Leaves the rows in the write-ahead log, as a program that was killed does.
pub(super) fn with_log(path: &Path, key: &str) {
    let other = path.with_extension("other");
    let database = open(&other);
    database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0").unwrap();
    fill(&database, key);
    let log = |path: &Path| format!("{}-wal", path.display());
    fs::copy(&other, path).unwrap();
    fs::copy(log(&other), log(path)).unwrap();
    drop(database);
    fs::remove_file(other).unwrap();
}

pub(super) fn full_text(path: &Path, key: &str) {
    let database = open(path);
    fill(&database, key);
    database.execute_batch("CREATE VIRTUAL TABLE search USING fts5(body)").unwrap();
    database.execute("INSERT INTO search VALUES(?), ('other words')", [format!("use {key} now")]).unwrap();
}

pub(super) fn compressed(path: &Path, key: &str) {
    let database = open(path);
    let text = format!("{{\"thread\":\"{key} {}\"}}", "words ".repeat(200));
    let cell = zstd::encode_all(text.as_bytes(), 3).unwrap();
    database.execute_batch("CREATE TABLE threads(id TEXT, data BLOB)").unwrap();
    database.execute("INSERT INTO threads VALUES('1', ?)", [cell]).unwrap();
}

/// Returns all rows of all tables, and checks the database.
pub(super) fn rows(path: &Path) -> Vec<String> {
    let database = open(path);
    let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok", "{}", path.display());
    let mut names = database
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search_%' ORDER BY name",
        )
        .unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut out = Vec::new();
    for name in names {
        let mut statement = database.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let count = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<String> = (0..count)
                .map(|at| match row.get::<_, Value>(at).unwrap() {
                    Value::Blob(bytes) => format!("blob {}", String::from_utf8_lossy(&bytes)),
                    other => format!("{other:?}"),
                })
                .collect();
            out.push(format!("{name}: {}", values.join(", ")));
        }
    }
    out
}

/// Returns how many rows a full-text search for `word` finds.
pub(super) fn matches(path: &Path, word: &str) -> i64 {
    open(path)
        .query_row("SELECT count(*) FROM search WHERE search MATCH ?", [word], |row| row.get(0))
        .unwrap()
}
