//! SQLite databases: cells are masked through SQLite itself, in memory, and the result has to pass SQLite's own check.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};

use super::content::Masker;
use super::known::KnownSecrets;

/// The first bytes of a database.
pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Offsets of the versions of the file format, which are 2 for a database with a write-ahead log (fileformat2.html).
const VERSIONS: std::ops::Range<usize> = 18..20;
/// The versions of a database with a rollback journal, as SQLite reads it from memory.
const WITHOUT_WAL: [u8; 2] = [1, 1];
/// Names under which the number of a row is found, unless columns have them.
const ROW_NUMBERS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// A table with rows that can be changed.
struct Table {
    name: String,
    /// The columns that hold values.
    columns: Vec<String>,
    /// The columns that identify a row.
    keys: Vec<String>,
}

/// A text or a blob as it is written to a cell.
struct Cell {
    bytes: Vec<u8>,
    is_text: bool,
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = if self.is_text { ValueRef::Text(&self.bytes) } else { ValueRef::Blob(&self.bytes) };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// The change of a row.
struct Change {
    /// The values that identify the row.
    keys: Vec<Value>,
    /// The index of each column that changes, with its new value.
    cells: Vec<(usize, Cell)>,
}

/// Writes the logs of a database into it and empties them, as SQLite does when the last program closes it.
///
/// # Errors
/// Returns why that is not possible.
pub(super) fn checkpoint(path: &Path) -> Result<(), String> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let open = || -> rusqlite::Result<i64> {
        let database = Connection::open_with_flags(path, flags)?;
        database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
    };
    match open() {
        Ok(0) => Ok(()),
        Ok(_) => Err("another program uses the database; end that program first".to_owned()),
        Err(error) => Err(refused(&error)),
    }
}

/// Masks the cells of a database.
///
/// # Errors
/// Returns why the database cannot be masked; nothing of it is quoted.
pub(super) fn masked(
    masker: &Masker<'_>,
    bytes: &[u8],
    known: &KnownSecrets,
) -> Result<(Vec<u8>, u64), String> {
    let mut plain = bytes.to_vec();
    plain[VERSIONS].copy_from_slice(&WITHOUT_WAL);
    let mut database = Connection::open_in_memory().map_err(|error| refused(&error))?;
    let length = plain.len();
    database
        .deserialize_read_exact("main", plain.as_slice(), length, false)
        .map_err(|error| refused(&error))?;
    check(&database)?;
    let count = change_all(masker, &mut database, known).map_err(|error| refused(&error))?;
    let mut out = serialized(&mut database)?;
    let mut places = count;
    if !masker.is_free_of_secrets(&out)
        && let Some(rebuilt) = rebuilt(masker, &mut database)?
    {
        (out, places) = (rebuilt, count.max(1));
    }
    check(&database)?;
    out[VERSIONS].copy_from_slice(&bytes[VERSIONS]);
    Ok((out, places))
}

/// Rebuilds a database, because free pages may hold what was deleted earlier. Returns `None` if that removes no secret, or
/// if rows would get other numbers, which other tables may name.
fn rebuilt(masker: &Masker<'_>, database: &mut Connection) -> Result<Option<Vec<u8>>, String> {
    let failed = |error: rusqlite::Error| refused(&error);
    let before = row_numbers(database).map_err(failed)?;
    database.execute_batch("VACUUM").map_err(failed)?;
    let out = serialized(database)?;
    let is_same = row_numbers(database).map_err(failed)? == before;
    Ok((is_same && masker.is_free_of_secrets(&out)).then_some(out))
}

/// Returns the number of rows of each table with the sum and the highest of their numbers.
fn row_numbers(database: &Connection) -> rusqlite::Result<Vec<(i64, f64, Option<i64>)>> {
    let (tables, _) = tables(database)?;
    let numbered = tables
        .iter()
        .filter(|table| matches!(table.keys.as_slice(), [key] if ROW_NUMBERS.contains(&key.as_str())));
    numbered
        .map(|table| {
            let (key, name) = (quoted(&table.keys[0]), quoted(&table.name));
            let sql = format!("SELECT count(*), total({key}), max({key}) FROM {name}");
            database.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        })
        .collect()
}

fn serialized(database: &mut Connection) -> Result<Vec<u8>, String> {
    database.serialize("main").map(|data| data.to_vec()).map_err(|error| refused(&error))
}

/// Checks the whole database with SQLite.
fn check(database: &Connection) -> Result<(), String> {
    let result = database.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    match result {
        Ok(text) if text == "ok" => Ok(()),
        Ok(_) => Err("the database is damaged, as PRAGMA integrity_check says".to_owned()),
        Err(error) => Err(refused(&error)),
    }
}

/// Formats an error without the texts of SQLite, which may quote content.
fn refused(error: &rusqlite::Error) -> String {
    let code = error.sqlite_error_code().map(|code| format!(" ({code:?})")).unwrap_or_default();
    format!("SQLite cannot change the database{code}")
}

/// Masks the cells of all tables in one transaction and returns the number of masks.
fn change_all(masker: &Masker<'_>, database: &mut Connection, known: &KnownSecrets) -> rusqlite::Result<u64> {
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    database.execute_batch(
        "PRAGMA secure_delete = ON; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA journal_mode = MEMORY; PRAGMA trusted_schema = OFF;",
    )?;
    let (tables, indexes) = tables(database)?;
    let transaction = database.transaction()?;
    let mut count = 0;
    for table in &tables {
        let (changes, masks) = changes(masker, &transaction, table, known)?;
        count += masks;
        for change in changes {
            change_row(&transaction, table, &change)?;
        }
    }
    if count > 0 {
        for name in &indexes {
            let name = quoted(name);
            transaction.execute(&format!("INSERT INTO {name}({name}) VALUES('rebuild')"), [])?;
        }
    }
    transaction.commit()?;
    Ok(count)
}

/// Writes the new values of a row. A table may say that a conflict replaces or ignores rows; here a conflict is an error, and
/// so is a change of any other number of rows than one.
fn change_row(database: &Connection, table: &Table, change: &Change) -> rusqlite::Result<()> {
    let columns = change.cells.iter().map(|(column, _)| format!("{} = ?", quoted(&table.columns[*column])));
    let conditions = table.keys.iter().map(|key| format!("{} IS ?", quoted(key)));
    let sql = format!(
        "UPDATE OR ABORT {} SET {} WHERE {}",
        quoted(&table.name),
        columns.collect::<Vec<_>>().join(", "),
        conditions.collect::<Vec<_>>().join(" AND ")
    );
    let cells = change.cells.iter().map(|(_, cell)| cell as &dyn ToSql);
    let values: Vec<&dyn ToSql> = cells.chain(change.keys.iter().map(|value| value as &dyn ToSql)).collect();
    match database.prepare(&sql)?.execute(values.as_slice())? {
        1 => Ok(()),
        other => Err(rusqlite::Error::StatementChangedRows(other)),
    }
}

/// Returns the tables with rows, and the full-text indexes that have to be built again.
fn tables(database: &Connection) -> rusqlite::Result<(Vec<Table>, Vec<String>)> {
    let mut list = database.prepare("SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'")?;
    let rows = list.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(String, String, bool)> = rows.collect::<Result<_, _>>()?;
    let (mut tables, mut indexes) = (Vec::new(), Vec::new());
    for (name, kind, without_row_numbers) in rows {
        if kind == "virtual" {
            let sql: String = database.query_row(
                "SELECT lower(sql) FROM sqlite_schema WHERE name = ?",
                [&name],
                |row| row.get(0),
            )?;
            if sql.contains("using fts") && !sql.contains("content=''") {
                indexes.push(name);
            }
        } else if kind != "view" && !name.starts_with("sqlite_schema") {
            tables.push(table(database, name, without_row_numbers)?);
        }
    }
    Ok((tables, indexes))
}

fn table(database: &Connection, name: String, without_row_numbers: bool) -> rusqlite::Result<Table> {
    let mut info = database.prepare("SELECT name, pk, hidden FROM pragma_table_xinfo(?)")?;
    let rows = info.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(String, i64, i64)> = rows.collect::<Result<_, _>>()?;
    // A generated column holds no value, but a row number cannot have its name.
    let stored = rows.iter().filter(|(_, _, hidden)| *hidden == 0);
    let columns: Vec<String> = stored.map(|(column, ..)| column.clone()).collect();
    let is_column = |name: &str| rows.iter().any(|(column, ..)| column.eq_ignore_ascii_case(name));
    let row_number = ROW_NUMBERS.into_iter().find(|name| !is_column(name)).filter(|_| !without_row_numbers);
    let keys = match row_number {
        Some(name) => vec![name.to_owned()],
        None => rows.iter().filter(|(_, place, _)| *place > 0).map(|(column, ..)| column.clone()).collect(),
    };
    let keys = if keys.is_empty() { columns.clone() } else { keys };
    Ok(Table { name, columns, keys })
}

/// Returns the changes of a table and the number of masks.
fn changes(
    masker: &Masker<'_>,
    database: &Connection,
    table: &Table,
    known: &KnownSecrets,
) -> rusqlite::Result<(Vec<Change>, u64)> {
    let names = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let sql =
        format!("SELECT {}, {} FROM {}", names(&table.columns), names(&table.keys), quoted(&table.name));
    let mut statement = database.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let (mut changes, mut count) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let mut cells = Vec::new();
        for column in 0..table.columns.len() {
            let (bytes, is_text) = match row.get_ref(column)? {
                ValueRef::Text(bytes) => (bytes, true),
                ValueRef::Blob(bytes) => (bytes, false),
                _ => continue,
            };
            let Some((bytes, masks)) = masker.masked_value(bytes, known) else { continue };
            cells.push((column, Cell { bytes, is_text }));
            count += masks;
        }
        if !cells.is_empty() {
            let keys = (0..table.keys.len()).map(|at| row.get(table.columns.len() + at));
            changes.push(Change { keys: keys.collect::<Result<_, _>>()?, cells });
        }
    }
    Ok((changes, count))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
