//! Forms in which programs write bytes: dumps of memory and of files, exports of the registry, casts in source code, images
//! of firmware, and compressed data in them. The key starts at every column.

use std::io::Write as _;

use crate::common::random::Random;
use crate::encodings::batch::Batch;
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

/// A name, and a function that writes bytes.
type Form = (&'static str, fn(&[u8]) -> String);

fn each(bytes: &[u8], form: impl Fn(u8) -> String, between: &str) -> String {
    bytes.iter().map(|&byte| form(byte)).collect::<Vec<_>>().join(between)
}

/// Returns lines of `width` bytes, each with its address.
fn rows(bytes: &[u8], width: usize, row: impl Fn(usize, &[u8]) -> String) -> String {
    bytes.chunks(width).enumerate().map(|(number, part)| row(number * width, part) + "\n").collect()
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn visible(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn registry(bytes: &[u8], kind: &str) -> String {
    let lines: Vec<String> =
        bytes.chunks(20).map(|part| each(part, |byte| format!("{byte:02x}"), ",")).collect();
    format!("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\E]\r\n\"T\"={kind}:{}\r\n", lines.join(",\\\r\n  "))
}

fn intel(bytes: &[u8]) -> String {
    let line = |at: usize, part: &[u8]| {
        let mut all = vec![part.len() as u8, (at >> 8) as u8, at as u8, 0];
        all.extend_from_slice(part);
        all.push(all.iter().fold(0u8, |sum, byte| sum.wrapping_sub(*byte)));
        format!(":{}", hex(&all).to_uppercase())
    };
    rows(bytes, 16, line) + ":00000001FF\n"
}

fn s_records(bytes: &[u8]) -> String {
    let line = |at: usize, part: &[u8]| {
        let mut all = vec![part.len() as u8 + 3, (at >> 8) as u8, at as u8];
        all.extend_from_slice(part);
        all.push(!all.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
        format!("S1{}", hex(&all).to_uppercase())
    };
    rows(bytes, 16, line)
}

/// The forms.
const FORMS: [Form; 15] = [
    ("registry", |bytes| registry(bytes, "hex")),
    ("registry-wide", |bytes| registry(&wide(bytes), "hex(2)")),
    ("sql-wide", |bytes| format!("INSERT INTO t VALUES (0x{});\n", hex(&wide(bytes)))),
    ("gdb", |bytes| {
        rows(bytes, 8, |at, part| {
            format!("0x{:x} <buf+{at}>:\t{}", 0x7FFE_1000 + at, each(part, |b| format!("0x{b:02x}"), "\t"))
        })
    }),
    ("objdump", |bytes| {
        rows(bytes, 16, |at, part| {
            let groups: Vec<String> = part.chunks(4).map(hex).collect();
            format!(" {:04x} {:<35}  {}", 0x40_2010 + at, groups.join(" "), visible(part))
        })
    }),
    ("openssl", |bytes| {
        rows(bytes, 16, |at, part| {
            format!("    {at:04x} - {:<47}   {}", each(part, |b| format!("{b:02x}"), " "), visible(part))
        })
    }),
    ("intel-hex", intel),
    ("s-records", s_records),
    ("xxd-upper", |bytes| {
        rows(bytes, 12, |_, part| format!("  {},", each(part, |b| format!("0X{b:02X}"), ", ")))
    }),
    ("java", |bytes| format!("byte[] k = {{{}}};\n", each(bytes, |b| format!("(byte) 0x{b:02x}"), ", "))),
    ("rust", |bytes| format!("let k = [{}];\n", each(bytes, |b| format!("{b}u8"), ", "))),
    ("powershell", |bytes| format!("$k = {}\n", each(bytes, |b| format!("[char]{b}"), "+"))),
    ("basic", |bytes| format!("k = {}\n", each(bytes, |b| format!("ChrW(&H{b:X})"), " & "))),
    ("sheet", |bytes| each(bytes, |b| format!("_x{b:04X}_"), "")),
    ("reset", |bytes| {
        let parts: Vec<String> = bytes.chunks(21).map(visible).collect();
        parts.join("\u{1b}(B\u{1b}[m")
    }),
];

fn wide(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|&byte| [byte, 0]).collect()
}

/// Adds files with keys in one form, and one without.
fn add(batch: &mut Batch, (name, form): Form) {
    for before in 0..20 {
        let mut random = Random::new(name, before);
        let key = random.key();
        let text = format!("{}key={key} and after", ".".repeat(before));
        batch.leaks(name, form(text.as_bytes()).as_bytes(), &[key]);
    }
    batch.harmless(name, form(b"KEYS are 0198 words, KEY0198 is no key and neither is KEY0196C0FFEE_ this"));
}

#[test]
fn bytes_as_programs_write_them() {
    let mut batch = Batch::new();
    FORMS.into_iter().for_each(|form| add(&mut batch, form));
    batch.check();
}

fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(6);
    let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn dump(bytes: &[u8]) -> String {
    let pairs = |part: &[u8]| part.chunks(2).map(hex).collect::<Vec<_>>().join(" ");
    rows(bytes, 16, |at, part| format!("{at:08x}: {:<39}  {}", pairs(part), ".".repeat(part.len())))
}

#[test]
fn compressed_data_as_programs_write_it() {
    let mut batch = Batch::new();
    let forms: [Form; 8] = [
        ("dump-gzip", |bytes| dump(&gzip(bytes))),
        ("dump-zlib", |bytes| dump(&zlib(bytes))),
        ("dump-lzma", |bytes| dump(&lzma(bytes))),
        ("intel-gzip", |bytes| intel(&gzip(bytes))),
        ("base64-lzma", |bytes| format!("data: {}\n", BASE64.encode(&lzma(bytes)))),
        ("base64url-lzma", |bytes| format!("https://x/#{}\n", BASE64URL_NOPAD.encode(&lzma(bytes)))),
        ("hex-lzma", |bytes| format!("X'{}'\n", hex(&lzma(bytes)))),
        ("twice-zlib", |bytes| BASE64.encode(BASE64.encode(&zlib(bytes)).as_bytes())),
    ];
    for (name, form) in forms {
        for variant in 0..4 {
            let mut random = Random::new(name, variant);
            let key = random.key();
            batch.leaks(name, form(format!("some words\nkey={key}\nmore").as_bytes()).as_bytes(), &[key]);
        }
        batch.harmless(
            name,
            form(b"some words without any key, and some more of them, and many more after them"),
        );
    }
    batch.check();
}
