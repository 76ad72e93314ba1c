//! Files as they occur in public code: each secret is found under its name, no other value is, no report shows one, and
//! `redact` masks them and leaves harmless files unchanged.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::common::random::{BASE62, LOWER_HEX, Random, UPPER_HEX};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use regex::{Captures, Regex};
use telleaks::detect::{Detector, Match, Scratch};
use telleaks::finding::Severity;
use telleaks::rules::builtin;

const CASES: &str = include_str!("../data/assignments.txt");
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGITS: &str = "123456789";

/// A file and the secrets it must yield.
struct Case {
    name: &'static str,
    content: String,
    secrets: BTreeSet<String>,
}

/// Returns `count` letters and digits with at least one of each.
fn mixed(random: &mut Random, count: usize) -> String {
    loop {
        let text = random.chars(BASE62, count);
        let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
        if has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) {
            return text;
        }
    }
}

fn token(claims: &str, random: &mut Random) -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    format!("{}.{}.{}", part("{\"alg\":\"HS512\",\"typ\":\"JWT\"}"), part(claims), mixed(random, 86))
}

/// Returns a key whose id contains `time`, a timestamp in milliseconds in hex.
fn key(time: &str, random: &mut Random) -> String {
    format!("KEY{time}{}_{}", random.chars(UPPER_HEX, 20), mixed(random, 22))
}

/// Returns a new value of a kind: `A24` is 24 letters and digits, `H32` is 32 hex digits, `G42` is the name of a
/// telephony credential, `PWS` is a password with a character that is special in some language.
fn value(kind: &str, random: &mut Random) -> String {
    let (letters, count) = kind.split_at(kind.find(|c: char| c.is_ascii_digit()).unwrap_or(kind.len()));
    let count: usize = count.parse().unwrap_or_default();
    match (letters, count) {
        ("A", 22) => format!("{}{}", mixed(random, 21), random.chars("AQgw", 1)),
        ("A", _) => mixed(random, count),
        ("H", _) => random.chars(LOWER_HEX, count),
        ("G", _) => format!("gencred{}", mixed(random, count)),
        ("D", _) => random.chars(DIGITS, count),
        ("K", _) => key("0198C0FFEE5A", random),
        ("KX", _) => key("0123617069AB", random),
        ("ID", _) => key("0198C0FFEE5A", random)[..35].to_owned(),
        ("PW", 12) => format!("{}.{}-", mixed(random, 5), random.chars(BASE62, 5)),
        ("PW", _) => mixed(random, 16),
        ("PWS", _) => format!("{}{}{}", mixed(random, 7), random.chars("!#$%", 1), random.chars(BASE62, 6)),
        ("LOWPW", _) => format!("{}{}", random.chars(LOWER, 9), random.chars(DIGITS, 3)),
        ("U", _) => format!("user{}{}", random.chars(LOWER, 6), random.chars(DIGITS, 5)),
        ("COMPANY", _) => format!("{}{}", random.chars(LOWER, 9), random.chars(DIGITS, 3)),
        ("UUID", _) => {
            let parts = [8, 4, 4, 4, 12].map(|count| random.chars(LOWER_HEX, count));
            parts.join("-")
        }
        ("TEL", _) => format!("+1{}", random.chars("23456789", 10)),
        ("W", _) => random.chars(LOWER, 7),
        ("PUB", _) => BASE64.encode(random.chars(BASE62, 32).as_bytes()),
        ("STORE", _) => token("{\"exp\":4102444800,\"iss\":\"telnyx_client_token\"}", random),
        _ => panic!("no such kind: {kind}"),
    }
}

/// Returns the cases with new values.
fn cases(seed: usize) -> Vec<Case> {
    let marker = Regex::new("<<(b64:)?([*]?)(raw:)?([A-Z]+[0-9]*)([.][0-9])?>>").unwrap();
    let mut random = Random::new("assignments", seed);
    let files = CASES.split("=== ").skip(1).map(|text| text.split_once('\n').unwrap());
    let fill = |(name, template): (&'static str, &str)| {
        let mut known: Vec<(String, String)> = Vec::new();
        let mut secrets = BTreeSet::new();
        let content = marker.replace_all(template, |found: &Captures<'_>| {
            let (kind, number) = (&found[4], found.get(5).map_or("", |number| number.as_str()));
            let id = format!("{kind}{number}");
            if !known.iter().any(|(one, _)| *one == id) {
                known.push((id.clone(), value(kind, &mut random)));
            }
            let text = known.iter().find(|(one, _)| *one == id).unwrap().1.clone();
            if &found[2] == "*" {
                let before = if found.get(3).is_some() { "sk-" } else { "" };
                secrets.insert(format!("{before}{text}"));
            }
            if found.get(1).is_some() { BASE64.encode(text.as_bytes()) } else { text }
        });
        Case { name, content: content.into_owned(), secrets }
    };
    files.map(fill).collect()
}

fn loud(found: Vec<Match>) -> BTreeSet<String> {
    let loud = found.into_iter().filter(|one| one.severity > Severity::Note);
    loud.map(|one| one.secret.expose().to_owned()).collect()
}

#[test]
fn every_secret_of_public_code_is_found_and_nothing_else() {
    let detector = Detector::new(builtin().unwrap(), false).unwrap();
    let mut wrong = Vec::new();
    for seed in 0..8 {
        for case in cases(seed) {
            let scan = detector.scan_reader(&mut case.content.as_bytes(), &mut Scratch::default());
            let found = loud(scan.found);
            if found != case.secrets {
                wrong.push(format!("{} of seed {seed}: {found:?} in\n{}", case.name, case.content));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn reports_hide_and_redact_masks_every_secret() {
    let folder = tempfile::tempdir().unwrap();
    let all = cases(9);
    for case in &all {
        fs::write(folder.path().join(case.name), &case.content).unwrap();
    }
    let run = |args: &[&str]| {
        let out =
            Command::new(env!("CARGO_BIN_EXE_telleaks")).args(args).current_dir(&folder).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    for format in ["text", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "html", "csv"] {
        let report = run(&["scan", ".", "--no-config", "--no-ignore", "--format", format]);
        assert!(!report.is_empty(), "{format}");
        for secret in all.iter().flat_map(|case| &case.secrets) {
            assert!(!report.contains(secret.as_str()), "{format} shows {secret}");
        }
    }
    for case in &all {
        let masked = run(&["redact", case.name]);
        assert!(
            case.secrets.iter().all(|secret| !masked.contains(secret.as_str())),
            "{}:\n{masked}",
            case.name
        );
        assert!(!case.secrets.is_empty() || masked == case.content, "{}:\n{masked}", case.name);
    }
}
