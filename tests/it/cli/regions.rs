//! Every region in every report selects exactly the secret as written in the file, for any surroundings, line ends and
//! encodings.

use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{number, put, telleaks, text};

const FILES: usize = 60;
const AROUND: [&str; 12] =
    ["a", "b ", "\t", "é", "鍵", "😀", "e\u{301}", "x = 1;", "{", "\u{2028}", "\u{a0}", "👩‍👩‍👧"];
const ENDS: [&str; 3] = ["\n", "\r\n", "\r"];

/// Writes a key in one of the encodings that have separate bytes for each character of the key.
fn written(random: &mut Random, key: &str) -> String {
    let each = |form: &dyn Fn(u8) -> String| key.bytes().map(form).collect::<String>();
    match random.between(0, 8) {
        0 => HEXLOWER.encode(key.as_bytes()),
        1 => each(&|byte| format!("%{byte:02X}")),
        2 => each(&|byte| format!("\\x{byte:02x}")),
        3 => each(&|byte| format!("\\u{byte:04x}")),
        4 => each(&|byte| format!("&#{byte};")),
        5 => BASE64.encode(format!("{key}#").as_bytes()),
        _ => key.to_owned(),
    }
}

/// Returns a file full of awkward characters, and the forms of the keys written in it.
fn file(random: &mut Random) -> (Vec<u8>, Vec<String>) {
    let mut content = String::new();
    let mut all = Vec::new();
    if random.chance(20) {
        content.push('\u{feff}');
    }
    let end = random.pick(&ENDS).to_owned();
    for _ in 0..random.between(1, 30) {
        for _ in 0..random.between(0, 12) {
            content.push_str(random.pick(&AROUND));
        }
        if random.chance(30) {
            let key = random.key();
            let one = written(random, &key);
            content.push_str(&format!(" \"{one}\" "));
            all.push(one);
        }
        content.push_str(&end);
    }
    (content.into_bytes(), all)
}

/// Returns the text between two positions given as lines and columns in Unicode characters.
fn by_lines(content: &str, region: &Value, names: [&str; 4]) -> String {
    let content = content.trim_start_matches('\u{feff}');
    let at = |line: u64, column: u64| {
        let start: usize = content.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
        start + content[start..].chars().take(column as usize - 1).map(char::len_utf8).sum::<usize>()
    };
    let [line, column, end_line, end_column] = names.map(|name| number(region, name));
    content[at(line, column)..at(end_line, end_column)].to_owned()
}

/// Returns the text of a SARIF region by its lines and columns and by its character offset.
fn of_sarif(content: &str, region: &Value) -> [String; 2] {
    let names = ["/startLine", "/startColumn", "/endLine", "/endColumn"];
    let start = number(region, "/byteOffset") as usize;
    let bytes = &content[start..start + number(region, "/byteLength") as usize];
    [by_lines(content, region, names), bytes.to_owned()]
}

fn of_json(content: &str, place: &Value) -> [String; 2] {
    let names = ["/start_line", "/start_column", "/end_line", "/end_column"];
    let bytes = &content[number(place, "/byte_start") as usize..number(place, "/byte_end") as usize];
    [by_lines(content, place, names), bytes.to_owned()]
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn regions_select_exactly_the_written_secret() {
    let folder = TempDir::new().unwrap();
    let mut planted: Vec<(String, String)> = Vec::new();
    let mut contents = Vec::new();
    for at in 0..FILES {
        let (content, all) = file(&mut Random::new("regions", at));
        let name = format!("{at}.txt");
        put(folder.path(), &format!("tree/{name}"), &content);
        planted.extend(all.into_iter().map(|one| (name.clone(), one)));
        contents.push(String::from_utf8(content).unwrap());
    }
    let reports = ["--report", "json=report.json", "--report", "sarif=report.sarif"];
    telleaks().current_dir(folder.path()).args(["scan", "tree"]).args(reports).output().unwrap();
    let content_of = |path: &str| &contents[path.trim_end_matches(".txt").parse::<usize>().unwrap()];

    let mut reported: Vec<(String, String)> = Vec::new();
    for finding in read(folder.path(), "report.json")["findings"].as_array().unwrap() {
        let path = text(finding, "/location/path");
        let [by_lines, by_bytes] = of_json(content_of(path), &finding["location"]);
        assert_eq!(by_lines, by_bytes, "{finding:#}");
        reported.push((path.to_owned(), by_bytes));
    }
    let mut sarif: Vec<(String, String)> = Vec::new();
    for result in read(folder.path(), "report.sarif")["runs"][0]["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        let path = text(place, "/artifactLocation/uri");
        let [by_lines, by_bytes] = of_sarif(content_of(path), &place["region"]);
        assert_eq!(by_lines, by_bytes, "{result:#}");
        sarif.push((path.to_owned(), by_bytes));
    }
    // The first and last characters of base64 may also encode the surroundings; all others are exact.
    let same = |(path, written): &(String, String), (of, reported): &(String, String)| {
        path == of && (reported == written || (written.contains(reported.as_str()) && reported.len() > 70))
    };
    for one in &planted {
        assert!(reported.iter().any(|other| same(one, other)), "{one:?}");
        assert!(sarif.iter().any(|other| same(one, other)), "{one:?}");
    }
    assert_eq!((reported.len(), sarif.len()), (planted.len(), planted.len()));
    assert!(planted.len() > 150);
}
