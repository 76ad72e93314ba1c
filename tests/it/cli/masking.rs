//! No output shows a secret unless requested: no format, no stream, no report file, no error.

use data_encoding::{BASE64, HEXLOWER};
use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::common::random::{BASE62, Random};
use crate::common::{both, code, put, scan};

const FORMATS: [&str; 4] = ["text", "json", "jsonl", "sarif"];
/// Minimum number of consecutive characters of a secret that count as shown.
const PIECE: usize = 7;

/// Checks that `out` does not contain a part of any of `hidden`.
fn hides(out: &str, hidden: &[String], what: &str) {
    let pieces: HashSet<&[u8]> = hidden.iter().flat_map(|one| one.as_bytes().windows(PIECE)).collect();
    assert!(pieces.len() > hidden.len(), "secrets that are too short to look for");
    let shown = out.as_bytes().windows(PIECE).position(|piece| pieces.contains(piece));
    if let Some(at) = shown {
        let near = &out.as_bytes()[at.saturating_sub(200)..out.len().min(at + 200)];
        panic!("{what}: in the middle of\n{}", String::from_utf8_lossy(near));
    }
}

/// Checks that the output of a run hides all of `hidden`, in every format and in report files.
fn every_output_hides(folder: &Path, args: &[&str], hidden: &[String]) {
    let reports = tempfile::tempdir().unwrap();
    let file = reports.path().join("report");
    for format in FORMATS {
        for more in [&[][..], &["-v"], &["--color", "always"]] {
            let report = format!("{format}={}", file.display());
            let all = [&["--format", format, "--report", &report], more, args].concat();
            let output = scan(folder, &all);
            assert_eq!(code(&output), 1, "{all:?}: {}", both(&output));
            let out = both(&output) + &fs::read_to_string(&file).unwrap();
            hides(&out, hidden, &format!("{all:?}"));
        }
    }
}

/// Returns the part of a key that must be hidden.
fn part(key: &str) -> String {
    key[36..].to_owned()
}

#[test]
fn plain_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("clear", 0);
    let keys: Vec<String> = (0..4).map(|_| random.key()).collect();
    put(folder.path(), "a.env", format!("A={}\nB={} C={}\n", keys[0], keys[1], keys[2]));
    put(folder.path(), "a.js", format!("{}'{}'{}", "x".repeat(500), keys[3], "y".repeat(500)));
    put(folder.path(), "same.env", format!("A={0}, again {0}, and {0}\n", keys[0]));
    every_output_hides(folder.path(), &[], &keys.iter().map(|key| part(key)).collect::<Vec<_>>());
}

#[test]
fn plain_keys_on_truncated_lines() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("side", 0);
    let mut keys = Vec::new();
    for gap in 0..90 {
        let (left, middle, right) = (random.key(), random.key(), random.key());
        let filler = " ".repeat(gap);
        put(folder.path(), &format!("{gap}.txt"), format!("{left}{filler}{middle}{filler}{right}"));
        keys.extend([left, middle, right].map(|key| part(&key)));
    }
    every_output_hides(folder.path(), &[], &keys);
}

#[test]
fn encoded_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("encoded", 0);
    let mut hidden = Vec::new();
    let mut leak = |name: &str, key: &str, written: String| {
        put(folder.path(), name, format!("v=\"{written}\"\n"));
        hidden.extend([part(key), written[written.len() * 2 / 3..].to_owned()]);
    };
    for number in 0..4 {
        let key = random.key();
        leak(
            &format!("base64-{number}"),
            &key,
            BASE64.encode(format!("{}{key}", " ".repeat(number)).as_bytes()),
        );
    }
    let key = random.key();
    leak("twice", &key, BASE64.encode(BASE64.encode(key.as_bytes()).as_bytes()));
    let key = random.key();
    leak("hex", &key, HEXLOWER.encode(key.as_bytes()));
    let key = random.key();
    leak("percent", &key, key.bytes().map(|byte| format!("%{byte:02X}")).collect());
    let key = random.key();
    leak("escapes", &key, key.bytes().map(|byte| format!("\\u{byte:04x}")).collect());
    let key = random.key();
    leak("reversed", &key, key.chars().rev().collect::<String>());
    hidden.pop();
    hidden.push(part(&key).chars().rev().collect());
    every_output_hides(folder.path(), &[], &hidden);
}

#[test]
fn split_keys_and_wide_characters() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("pieces", 0);
    let keys: Vec<String> = (0..4).map(|_| random.key()).collect();
    let (left, right) = keys[0].split_at(46);
    put(folder.path(), "a.js", format!("const k = \"{left}\" + \"{right}\";\n"));
    let (left, right) = keys[1].split_at(46);
    put(folder.path(), "a.sh", format!("export T={left}\\\n{right}\n"));
    let wide: Vec<u8> =
        format!("\u{feff}key: {}\r\n", keys[2]).encode_utf16().flat_map(u16::to_le_bytes).collect();
    put(folder.path(), "a.log", wide);
    let colour = keys[3].replace('_', "_\u{1b}[01;31m");
    put(folder.path(), "b.log", format!("k={colour}\u{1b}[m\n"));
    every_output_hides(folder.path(), &[], &keys.iter().map(|key| part(key)).collect::<Vec<_>>());
}

#[test]
fn other_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("others", 0);
    let secrets = ["ltg_\u{73}k_", "cc_live_", "cloudfs_tok_"]
        .map(|before| (before, random.chars("0123456789abcdef", 40)));
    for (before, secret) in &secrets {
        put(
            folder.path(),
            before,
            format!("A={before}{}\n", &secret[..if *before == "cloudfs_tok_" { 32 } else { 40 }]),
        );
    }
    let password = random.chars("0123456789abcdef", 32);
    put(
        folder.path(),
        "sip",
        format!("login: 'gencred{}', password: '{password}'\n", random.chars(BASE62, 22)),
    );
    let mut hidden: Vec<String> = secrets.iter().map(|(_, secret)| secret[..32].to_owned()).collect();
    hidden.push(password);
    every_output_hides(folder.path(), &[], &hidden);
}

#[test]
fn keys_beside_a_chunk_border() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("border", 0);
    let mut content = random.filler(200 << 10, false);
    let mut keys = Vec::new();
    while content.len() < 600 << 10 {
        let key = random.key();
        content.extend(format!(" {key}").bytes());
        keys.push(part(&key));
    }
    put(folder.path(), "dense.txt", content);
    every_output_hides(folder.path(), &[], &keys);
}

#[test]
fn keys_of_disabled_rules() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("off", 0).key();
    put(folder.path(), "a.env", format!("VITE_TEL\u{4e}YX_API_KEY={key}\n"));
    every_output_hides(folder.path(), &["--rule", "telnyx-public-env-name"], &[part(&key)]);
}

#[test]
fn plain_text_column_of_hex_dump() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("dump", 0).key();
    let mut dump = String::new();
    for (row, bytes) in key.as_bytes().chunks(16).enumerate() {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
        dump += &format!("{:08x}  {hex:<49} |{}|\n", row * 16, String::from_utf8_lossy(bytes));
    }
    put(folder.path(), "dump.txt", dump);
    every_output_hides(folder.path(), &[], &[part(&key)]);
}

#[test]
fn file_with_key_given_as_rules() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("rules", 0).key();
    for content in [format!("TELNYX_API_KEY={key}\n"), format!("[[rule]]\nid = \"{key}\"\n"), key.clone()] {
        put(folder.path(), "a.env", content);
        let output = scan(folder.path(), &["--rules", "a.env"]);
        assert_eq!(code(&output), 2);
        hides(&both(&output), &[part(&key)], "error");
    }
}
