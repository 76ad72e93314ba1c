//! `telleaks machine --clean` and `telleaks redact --in-place`: files stay what they are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::plants::{Kind, Plant, plant};
use super::{databases, level, machine, parsed, snapshot};
use crate::common::random::Random;
use crate::common::{both, code, put, telleaks, text};

/// Gives every file its own permissions and times.
fn age(home: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for (number, name) in snapshot(home).keys().enumerate() {
        let path = home.join(name);
        let mode = [0o600, 0o644, 0o640, 0o400][number % 4];
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000 + 1000 * number as u64);
        let file = fs::File::open(&path).unwrap();
        file.set_times(fs::FileTimes::new().set_accessed(time).set_modified(time)).unwrap();
        file.set_permissions(fs::Permissions::from_mode(if name.contains("-wal") {
            0o600
        } else {
            mode | 0o200
        }))
        .unwrap();
    }
}

/// Checks that a masked file is what it was.
fn check(home: &Path, plant: &Plant, old: &[u8]) {
    let path = home.join(plant.path);
    let (new, what) = (fs::read(&path).unwrap(), format!("{plant:?}"));
    let replaced = |from: &[u8], to: &str| {
        let text: String = from.iter().map(|byte| char::from(*byte)).collect();
        text.replace(&plant.key, to).chars().map(|c| c as u8).collect::<Vec<u8>>()
    };
    match plant.kind {
        Kind::Text | Kind::BashHistory | Kind::Zsh | Kind::Latin1 | Kind::Xml => {
            assert_eq!(new, replaced(old, &plant.mask()), "{what}");
        }
        Kind::Utf16 => {
            let units = |bytes: &[u8]| -> Vec<u16> {
                bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
            };
            let text = |bytes: &[u8]| String::from_utf16(&units(bytes)).unwrap();
            assert_eq!(text(&new), text(old).replace(&plant.key, &plant.mask()), "{what}");
        }
        Kind::Json => {
            let _valid: Value = serde_json::from_slice(&new).unwrap();
            assert_eq!(new, replaced(old, &plant.mask()), "{what}");
        }
        Kind::JsonLines => {
            let lines = |bytes: &[u8]| -> Vec<Value> {
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
            };
            let (was, is) = (lines(old), lines(&new));
            assert_eq!(was.len(), is.len(), "{what}");
            for at in [0, 5, 6] {
                assert_eq!(was[at], is[at], "{what}");
            }
            let masked = text(&was[1], "/message/content/0/text").replace(&plant.key, &plant.mask());
            assert_eq!(text(&is[1], "/message/content/0/text"), masked, "{what}");
            let secret = &plant.key[36..];
            let joined: String = is[2..5].iter().map(|line| text(line, "/delta/text")).collect();
            assert!(!joined.contains(&secret[..12]) && !joined.contains(&secret[10..]), "{what} {joined}");
        }
        Kind::VimSwap | Kind::VimUndo | Kind::Core => {
            assert_eq!(new, replaced(old, &plant.long_mask()), "{what}");
        }
        Kind::LevelLog => level::check_log(&new),
        Kind::LevelTable => level::check_table(&new, old),
        _ => {}
    }
    let secret = &plant.key.as_bytes()[36..];
    assert!(!new.windows(secret.len()).any(|part| part == secret), "{what}");
}

#[test]
fn all_plants_are_cleaned_and_nothing_else_changes() {
    let home = tempfile::tempdir().unwrap();
    let plants = plant(home.path());
    age(home.path());
    let before = snapshot(home.path());
    // The copy is for the rows of databases with a log, which SQLite writes when it reads them.
    let copies = tempfile::tempdir().unwrap();
    before.iter().for_each(|(name, (bytes, ..))| put(copies.path(), name, bytes));
    let listing = home.path().parent().unwrap().join("telleaks-manifest-test.json");

    let dry = machine(home.path(), &["--clean", "--dry-run"]);
    assert_eq!(code(&dry), 1, "{}", both(&dry));
    assert!(snapshot(home.path()) == before, "a dry run changes nothing");

    let output =
        machine(home.path(), &["--clean", "--format", "json", "--manifest", listing.to_str().unwrap()]);
    let manifest = parsed(&output);
    assert_eq!(code(&output), 1, "what cannot be masked is left");
    assert_eq!(fs::read(&listing).unwrap(), output.stdout);
    fs::remove_file(&listing).unwrap();
    let places = |list: &str| -> BTreeSet<String> {
        manifest[list].as_array().unwrap().iter().map(|one| text(one, "/place").to_owned()).collect()
    };
    let of = |masked: bool| -> BTreeSet<String> {
        plants.iter().filter(|one| one.kind.is_masked() == masked).map(|one| one.id.to_owned()).collect()
    };
    assert_eq!(places("changed"), of(true), "{}", both(&output));
    assert_eq!(places("not_changed"), of(false), "{}", both(&output));
    for one in manifest["not_changed"].as_array().unwrap() {
        assert!(!text(one, "/steps").is_empty() && !text(one, "/reason").is_empty(), "{one}");
    }
    for plant in &plants {
        assert!(!both(&output).contains(&plant.key[36..]), "{}", plant.id);
    }

    let after = snapshot(home.path());
    for (name, (bytes, mode, time)) in &before {
        let plant = plants.iter().find(|plant| plant.path == name);
        if name.ends_with("-wal") {
            assert!(!after.contains_key(name), "{name}");
            continue;
        }
        let (new, new_mode, new_time) = &after[name];
        assert_eq!((mode, time), (new_mode, new_time), "{name}");
        match plant {
            Some(plant) if plant.kind.is_masked() => check(home.path(), plant, bytes),
            _ => assert!(new == bytes, "{name}"),
        }
    }
    let extra: Vec<&String> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    assert!(extra.is_empty(), "{extra:?}");

    let again = machine(home.path(), &["--clean", "--format", "json"]);
    assert_eq!(parsed(&again)["changed"].as_array().unwrap().len(), 0, "{}", both(&again));
    for plant in plants.iter().filter(|plant| plant.kind.is_database()) {
        let rows = |home: &Path| databases::rows(&home.join(plant.path));
        let want: Vec<String> =
            rows(copies.path()).iter().map(|row| row.replace(&plant.key, &plant.mask())).collect();
        assert_eq!(rows(home.path()), want, "{}", plant.path);
        if plant.kind == Kind::FullText {
            let found = |word: &str| databases::matches(&home.path().join(plant.path), word);
            assert_eq!((found("other"), found("now"), found(&plant.key[36..])), (1, 1, 0));
        }
    }
}

#[test]
fn second_run_is_clean() {
    let home = tempfile::tempdir().unwrap();
    let plants = plant(home.path());
    for plant in plants.iter().filter(|plant| !plant.kind.is_masked()) {
        fs::remove_file(home.path().join(plant.path)).unwrap();
    }
    let output = machine(home.path(), &["--clean"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let output = machine(home.path(), &["--min-severity", "warning"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
}

#[test]
fn stores_can_be_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let key = Random::new("store", 0).key();
    put(home.path(), ".aws/credentials", format!("[telnyx]\naws_access_key_id = {key}\n"));
    put(home.path(), ".bash_history", format!("export TELNYX_API_KEY={key}\n"));
    let output = machine(home.path(), &["--clean", "--keep-stores"]);
    assert_eq!(code(&output), 1, "{}", both(&output));
    let read = |name: &str| fs::read_to_string(home.path().join(name)).unwrap();
    assert!(read(".aws/credentials").contains(&key) && !read(".bash_history").contains(&key));
    let output = machine(home.path(), &["--clean"]);
    assert!(code(&output) == 0 && !read(".aws/credentials").contains(&key), "{}", both(&output));
    assert!(both(&output).contains("need new ones: aws"), "{}", both(&output));
}

/// Runs `telleaks redact --in-place`.
fn redact(folder: &Path, args: &[&str]) -> std::process::Output {
    telleaks().current_dir(folder).args(["redact", "--in-place"]).args(args).output().unwrap()
}

#[test]
fn redact_changes_files_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("in-place", 0).key();
    let mask = format!("{}_{}...{}", &key[..35], &key[36..38], &key[56..]);
    put(folder.path(), "a.log", format!("one\nkey={key}\ntwo"));
    put(folder.path(), "b.log", "nothing\n");
    let codes: Vec<u32> = key.bytes().map(u32::from).collect();
    let escaped: String = key.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let encoded = data_encoding::BASE64.encode(format!("TELNYX_API_KEY={key}").as_bytes());
    put(
        folder.path(),
        "c.json",
        format!("{{\"codes\": {codes:?}, \"text\": \"{escaped}\", \"base64\": \"{encoded}\"}}"),
    );
    let dry = redact(folder.path(), &["--dry-run", "a.log", "b.log", "c.json"]);
    assert!(
        code(&dry) == 0 && both(&dry).contains("would be masked: a.log: 1 place (text)"),
        "{}",
        both(&dry)
    );
    assert!(fs::read_to_string(folder.path().join("a.log")).unwrap().contains(&key));
    let output = redact(folder.path(), &["a.log", "b.log", "c.json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert_eq!(fs::read_to_string(folder.path().join("a.log")).unwrap(), format!("one\nkey={mask}\ntwo"));
    let json: Value = serde_json::from_slice(&fs::read(folder.path().join("c.json")).unwrap()).unwrap();
    assert!(!json.to_string().contains(&key[36..]) && json["codes"].is_array(), "{json}");
    assert_eq!(code(&crate::common::scan(folder.path(), &["--min-severity", "warning", "."])), 0);
    assert_eq!(both(&redact(folder.path(), &["a.log"])), "Nothing to mask.\n");
    for args in [&["-"][..], &[], &["none.log"], &["."]] {
        assert_eq!(code(&redact(folder.path(), args)), 2, "{args:?}");
    }
}

#[test]
fn json_keeps_its_structure_where_texts_are_beside_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("halves", 0).key();
    let text = format!("[\"{}\" , \"{}\", {{\"k\": \"{key}\"}}]", &key[..30], &key[30..]);
    put(folder.path(), "a.json", text);
    let output = redact(folder.path(), &["a.json"]);
    let json: Value = serde_json::from_slice(&fs::read(folder.path().join("a.json")).unwrap()).unwrap();
    assert_eq!(json.as_array().map(Vec::len), Some(3), "{} {json}", both(&output));
    assert!(json[2]["k"].as_str().unwrap().contains("..."), "{json}");
}
