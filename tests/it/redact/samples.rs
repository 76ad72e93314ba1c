//! Samples of keys in many forms, for the other tests.

use data_encoding::{BASE64, HEXLOWER};
use flate2::{Compression, write::GzEncoder};
use std::fmt::Write as _;
use std::io::Write;

use crate::common::random::Random;

/// A content and the parts that must be masked.
pub(crate) struct Sample {
    /// Name of the form.
    pub(crate) name: &'static str,
    /// Content.
    pub(crate) content: Vec<u8>,
    /// Secret part of the key, plain and encoded.
    pub(crate) hidden: Vec<Vec<u8>>,
    /// Whether the key is on one line, so that all others must be unchanged.
    pub(crate) one_line: bool,
}

fn wrapped(text: &str, width: usize) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n")
}

/// Returns a dump in the formats of `hexdump -C` and `xxd`.
fn dump(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (number, line) in bytes.chunks(16).enumerate() {
        let hex: Vec<String> = line.chunks(2).map(|pair| HEXLOWER.encode(pair)).collect();
        let clear: String =
            line.iter().map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '.' }).collect();
        writeln!(out, "{:08x}: {:<39}  {clear}", number * 16, hex.join(" ")).unwrap();
    }
    out
}

fn gzipped(text: &str) -> String {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(text.as_bytes()).unwrap();
    BASE64.encode(&out.finish().unwrap())
}

/// Returns one sample of each form, with lines before and after.
pub(crate) fn all(variant: usize) -> Vec<Sample> {
    let mut random = Random::new("redact", variant);
    let mut out = Vec::new();
    let mut add = |name, make: &dyn Fn(&mut Random, &str) -> String, one_line| {
        let key = random.key();
        let written = make(&mut random, &key);
        let (before, after) = (random.some_lines(""), random.some_lines("> "));
        let hidden = vec![key.as_bytes()[36..].to_vec(), key.as_bytes()[40..52].to_vec()];
        let content = format!("{before}{written}{after}").into_bytes();
        out.push(Sample { name, content, hidden, one_line });
    };
    add("plain", &|_, key| format!("Authorization: Bearer {key}\n"), true);
    add("twice", &|_, key| format!("a={key} b={key}\n"), true);
    add(
        "url",
        &|_, key| format!("GET /o?X-Amz-Credential={key}%2F20260102%2Fus-central-1%2Fs3%2Faws4_request x\n"),
        true,
    );
    add("wrapped", &|_, key| format!("key: {}\\\n    {}\n", &key[..29], &key[29..]), false);
    add("concat", &|_, key| format!("k = \"{}\" +\n    \"{}\"\n", &key[..11], &key[11..]), false);
    add("base64", &|_, key| format!("api-key: {}\n", BASE64.encode(key.as_bytes())), true);
    add(
        "basic",
        &|_, key| format!("Authorization: Basic {}\n", BASE64.encode(format!("u:{key}").as_bytes())),
        true,
    );
    let mime = |random: &mut Random, key: &str| {
        let text = format!("{}{key}{}", random.words(70), random.words(70));
        format!("-----\n{}\n-----\n", wrapped(&BASE64.encode(text.as_bytes()), 76))
    };
    add("base64 of 76", &mime, false);
    add("hex", &|_, key| format!("h={}\n", HEXLOWER.encode(key.as_bytes())), true);
    add("dump", &|random, key| dump(format!("{}{key}", random.word(3)).as_bytes()), false);
    add("percent", &|_, key| key.bytes().map(|b| format!("%{b:02X}")).collect::<String>() + "\n", true);
    add("unicode", &|_, key| key.bytes().map(|b| format!("\\u{b:04x}")).collect::<String>() + "\n", true);
    add(
        "codes",
        &|_, key| format!("[{}]\n", key.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ")),
        true,
    );
    add("reversed", &|_, key| format!("r = {}\n", key.chars().rev().collect::<String>()), true);
    add("colours", &|_, key| key.chars().map(|c| format!("{c}\u{1b}[0m")).collect::<String>() + "\n", true);
    add(
        "gzip",
        &|random, key| format!("release: {}\n", gzipped(&format!("{}{key}", random.lines(40, "")))),
        true,
    );
    let no_line = |random: &mut Random, key: &str| {
        let (before, after) = (random.between(2_000, 20_000), random.between(2_000, 90_000));
        format!("{}{key}{}", random.words(before), random.words(after).replace('=', "\""))
    };
    add("long line", &no_line, false);
    out.push(sip(&mut random));
    out.push(wide(&mut random));
    out
}

/// Returns a password on a line before the user name by which it is recognized.
fn sip(random: &mut Random) -> Sample {
    let password = random.chars("0123456789abcdef", 32);
    let name = random.chars(crate::common::random::BASE62, 22);
    let text =
        format!("{{\n  \"sip_password\": \"{password}\",\n  \"sip_username\": \"gencred{name}\"\n}}\n");
    Sample { name: "sip", content: text.into_bytes(), hidden: vec![password.into_bytes()], one_line: false }
}

fn wide(random: &mut Random) -> Sample {
    let key = random.key();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let content = wide(&format!("\u{feff}one\r\nkey={key}\r\ntwo\r\n"));
    Sample { name: "utf-16", content, hidden: vec![wide(&key[40..])], one_line: false }
}
