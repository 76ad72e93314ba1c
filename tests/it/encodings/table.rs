//! The table in docs/encodings.md: which encoding is found over which other one.

use data_encoding::{BASE32, BASE64, HEXLOWER};
use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::common::random::Random;
use crate::common::{lines, put, scan, text};
use crate::encodings::text::Text;

/// Name of an encoding, and a function that encodes a whole text.
type Form = (&'static str, fn(&[u8]) -> Vec<u8>);

/// The encodings of the table.
const FORMS: [Form; 16] = [
    ("utf-16", |bytes| wide(bytes, 2)),
    ("utf-32", |bytes| wide(bytes, 4)),
    ("base64", |bytes| BASE64.encode(bytes).into()),
    ("gzip in base64", |bytes| BASE64.encode(&text_of(bytes).gzip().bytes).into()),
    ("zlib in base64", |bytes| BASE64.encode(&text_of(bytes).zlib(9).bytes).into()),
    ("base32", |bytes| BASE32.encode(bytes).into()),
    ("ascii85", ascii85),
    ("dump", |bytes| text_of(bytes).dumped(true).bytes),
    ("hex", |bytes| HEXLOWER.encode(bytes).into()),
    ("percent", |bytes| each(bytes, |byte| format!("%{byte:02X}"))),
    ("hex-escape", |bytes| each(bytes, |byte| format!("\\x{byte:02x}"))),
    ("unicode-escape", |bytes| each(bytes, |byte| format!("\\u{byte:04x}"))),
    ("octal-escape", |bytes| each(bytes, |byte| format!("\\{byte:03o}"))),
    ("html-entity", |bytes| each(bytes, |byte| format!("&#{byte};"))),
    ("char-codes", |bytes| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ").into()),
    ("reversed", |bytes| bytes.iter().rev().copied().collect()),
];

/// Texts before the key: encodings have alignments.
const BEFORE: [&str; 4] = ["key=", "a key=", "my key=", "telnyx: the key is "];

fn text_of(bytes: &[u8]) -> Text {
    Text { bytes: bytes.to_vec(), at: 0 }
}

fn each(bytes: &[u8], form: impl Fn(u8) -> String) -> Vec<u8> {
    bytes.iter().map(|&byte| form(byte)).collect::<String>().into()
}

fn wide(bytes: &[u8], width: usize) -> Vec<u8> {
    text_of(bytes).wide(width, true).bytes
}

fn ascii85(bytes: &[u8]) -> Vec<u8> {
    let digits = |group: &[u8]| {
        let value = (0..4).fold(0u32, |all, at| all << 8 | u32::from(*group.get(at).unwrap_or(&0)));
        [52_200_625, 614_125, 7225, 85, 1].map(|power| b'!' + (value / power % 85) as u8)
    };
    let all: Vec<u8> = bytes.chunks(4).flat_map(digits).collect();
    [b"<~", &all[..], b"~>"].concat()
}

/// Returns the table: a row for each outer encoding, a column for each inner one.
fn table() -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = Vec::new();
    for (row, (outer_name, outer)) in FORMS.iter().enumerate() {
        for (column, (inner_name, inner)) in FORMS.iter().enumerate() {
            for (variant, before) in BEFORE.iter().enumerate() {
                let key = Random::new(&format!("{outer_name} of {inner_name}"), variant).key();
                let inside = inner(format!("{before}{key} and more\n").as_bytes());
                // Text around text; the wide encodings are whole files, and a dump begins a line.
                let inside = match *inner_name {
                    "utf-16" | "utf-32" => inside,
                    "dump" => [b"x =\n", &inside[..], b"\n"].concat(),
                    _ => [b"x = ", &inside[..], b"\n"].concat(),
                };
                let content = outer(&inside);
                let is_file = outer_name.starts_with("utf") || *outer_name == "dump";
                let content = if is_file { content } else { [b"value = ", &content[..], b"\n"].concat() };
                let path = format!("{row}-{column}/{variant}");
                put(folder.path(), &path, content);
                wanted.push((path, key));
            }
        }
    }
    let output = scan(folder.path(), &["--format", "jsonl", "--show-secrets", "--no-config"]);
    let findings = lines(&output.stdout);
    let found: BTreeSet<(&str, &str)> =
        findings.iter().map(|one| (text(one, "/location/path"), text(one, "/secret"))).collect();
    let count = |row: usize, column: usize| {
        let start = format!("{row}-{column}/");
        let here = wanted.iter().filter(|(path, _)| path.starts_with(&start));
        here.filter(|(path, key)| found.contains(&(path.as_str(), key.as_str()))).count()
    };
    let mut out = format!(
        "| outer \\ inner |{} |\n|{}\n",
        FORMS.map(|form| format!(" {}", form.0)).join(" |"),
        " --- |".repeat(17)
    );
    for (row, (name, _)) in FORMS.iter().enumerate() {
        write!(out, "| {name} |").unwrap();
        for column in 0..FORMS.len() {
            out += match count(row, column) {
                0 => "  |",
                all if all == BEFORE.len() => " yes |",
                _ => " some |",
            };
        }
        out.push('\n');
    }
    out
}

#[test]
fn the_documentation_shows_which_encoding_is_found_over_which_other() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/encodings.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (begin, end) = ("<!-- nested: begin -->\n", "<!-- nested: end -->");
    let start = text.find(begin).unwrap() + begin.len();
    let stop = text.find(end).unwrap();
    let expected = format!("\n{}\n", table());
    if std::env::var_os("TELLEAKS_UPDATE_README").is_some() {
        std::fs::write(path, [&text[..start], &expected, &text[stop..]].concat()).unwrap();
        return;
    }
    assert_eq!(&text[start..stop], expected, "run the tests with TELLEAKS_UPDATE_README=1");
}
