//! Keys in the forms that occur in public code: each file is fixed, keeps its meaning and still parses.
//!
//! The files are in `forms/`: `>>> NAME`, the file, `<<<`, the fixed file. `@@` and `@2` are keys, `%u` and `%p` are
//! the user name and password of a SIP credential.

use std::fs;

use crate::common::random::{BASE62, LOWER_HEX, Random};
use crate::common::{both, code, put, scan, telleaks};
use crate::fix::sound::is_sound;

fn check(name: &str, number: usize, (before, after): (&str, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(name, number);
    let (one, two) = (random.key(), random.key());
    let user = format!("gencred{}", random.chars(BASE62, 22));
    let password = random.chars(LOWER_HEX, 32);
    let filled = |text: &str| {
        text.replace("@@", &one).replace("@2", &two).replace("%u", &user).replace("%p", &password)
    };
    let (before, after) = (filled(before), filled(after));
    put(folder.path(), name, &before);
    let fix = || telleaks().current_dir(folder.path()).args(["fix", "--write", "."]).output().unwrap();
    let read = || fs::read_to_string(folder.path().join(name)).unwrap();
    let output = fix();
    assert_eq!(read(), after, "{name}: {}", both(&output));
    assert_eq!(code(&output), 0, "{name}: {}", both(&output));
    if is_sound(name, &before) == Some(true) {
        assert_ne!(is_sound(name, &after), Some(false), "{name}:\n{after}");
    }
    assert_eq!((code(&fix()), read()), (0, after), "{name}");
    assert_eq!(code(&scan(folder.path(), &["--no-ignore", name])), 0, "{name}");
}

fn check_all(text: &str) {
    let mut count = 0;
    for (number, file) in text.split(">>> ").skip(1).enumerate() {
        let (name, file) = file.split_once('\n').unwrap();
        check(name, number, file.split_once("<<<\n").unwrap());
        count += 1;
    }
    assert!(count > 15, "{count}");
}

#[test]
fn javascript() {
    check_all(include_str!("forms/javascript.txt"));
}

#[test]
fn python() {
    check_all(include_str!("forms/python.txt"));
}

#[test]
fn php() {
    check_all(include_str!("forms/php.txt"));
}

#[test]
fn others() {
    check_all(include_str!("forms/others.txt"));
}

#[test]
fn scripts_and_configuration() {
    check_all(include_str!("forms/scripts.txt"));
}
