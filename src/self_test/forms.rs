//! Encodings of a key for the self-test. The encoders are separate from the detector, which derives its anchors by
//! other code.

use std::io::Write;

use data_encoding::{BASE32, BASE64, BASE64_MIME, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

/// Name of an encoding, and a function that returns a file content with the encoded key.
pub(super) type Form = (&'static str, fn(&str) -> Vec<u8>);

/// The planted encodings, by their names in reports.
pub(super) const FORMS: [Form; 36] = [
    ("plain text", |key| format!("api_key = \"{key}\"\n").into_bytes()),
    ("plain text in a line without end", |key| {
        format!("{}{key}{}", "x ".repeat(50_000), " y".repeat(50_000)).into_bytes()
    }),
    ("utf-16le", |key| units(&format!("\u{feff}k={key}\r\n"), u16::to_le_bytes)),
    ("utf-16be, without a byte order mark", |key| units(&format!("the key is {key}\r\n"), u16::to_be_bytes)),
    ("utf-32le", |key| {
        format!("\u{feff}k={key}\n").chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()
    }),
    ("base64", |key| BASE64.encode(key.as_bytes()).into_bytes()),
    ("base64, at the second alignment", |key| BASE64.encode(format!("u:{key}").as_bytes()).into_bytes()),
    ("base64, at the third alignment", |key| BASE64.encode(format!("user:{key}").as_bytes()).into_bytes()),
    ("base64url, without padding", |key| {
        BASE64URL_NOPAD.encode(format!("?>{key}??").as_bytes()).into_bytes()
    }),
    ("base64, wrapped over lines", |key| {
        BASE64_MIME.encode(format!("{}{key}", "filler ".repeat(9)).as_bytes()).into_bytes()
    }),
    ("base64 in base64", |key| {
        BASE64.encode(BASE64.encode(format!("k={key}").as_bytes()).as_bytes()).into_bytes()
    }),
    ("gzip in base64", |key| BASE64.encode(&gzip(format!("{{\"key\":\"{key}\"}}").as_bytes())).into_bytes()),
    ("zlib in base64", |key| BASE64.encode(&zlib(format!("{{\"key\":\"{key}\"}}").as_bytes())).into_bytes()),
    ("deflate in base64, in a diagram", |key| {
        let cell = format!("<mxCell value=\"{key}\"/>");
        format!("<mxfile><diagram id=\"1\">{}</diagram></mxfile>\n", BASE64.encode(&deflate(cell.as_bytes())))
            .into()
    }),
    ("hex, in lower case", |key| HEXLOWER.encode(key.as_bytes()).into_bytes()),
    ("hex, in upper case", |key| HEXUPPER.encode(key.as_bytes()).into_bytes()),
    ("percent", |key| each(key, |byte| format!("%{byte:02X}"))),
    ("percent, twice", |key| each(key, |byte| format!("%25{byte:02X}"))),
    ("percent, of one character", |key| format!("token={}", key.replace('_', "%5F")).into_bytes()),
    ("hex-escape", |key| each(key, |byte| format!("\\x{byte:02x}"))),
    ("unicode-escape", |key| each(key, |byte| format!("\\u{byte:04x}"))),
    ("octal-escape", |key| each(key, |byte| format!("\\{byte:03o}"))),
    ("html-entity, decimal", |key| each(key, |byte| format!("&#{byte};"))),
    ("html-entity, hexadecimal", |key| each(key, |byte| format!("&#x{byte:X};"))),
    ("quoted-printable, with a soft line break", |key| {
        format!("key: {}=\r\n{}\r\n", &key[..20], &key[20..].replace('_', "=5F")).into_bytes()
    }),
    ("char-codes", |key| {
        let codes: Vec<String> = key.bytes().map(|byte| byte.to_string()).collect();
        format!("String.fromCharCode({})", codes.join(", ")).into_bytes()
    }),
    ("base32", |key| BASE32.encode(format!("key={key}").as_bytes()).into_bytes()),
    ("ascii85", |key| format!("<~{}~>\n", ascii85(format!("key={key}").as_bytes())).into_bytes()),
    ("uuencode", |key| format!("begin 644 key\n{}`\nend\n", uuencode(key.as_bytes())).into_bytes()),
    ("dump, by od", |key| dump(format!("some text and {key}\n").as_bytes())),
    ("hex in base64", |key| BASE64.encode(HEXLOWER.encode(key.as_bytes()).as_bytes()).into_bytes()),
    ("base64 in hex", |key| HEXLOWER.encode(BASE64.encode(key.as_bytes()).as_bytes()).into_bytes()),
    ("base64 in percent", |key| each(&BASE64.encode(key.as_bytes()), |byte| format!("%{byte:02X}"))),
    ("gzip in hex", |key| HEXLOWER.encode(&gzip(format!("{key}\n{key}").as_bytes())).into_bytes()),
    ("reversed", |key| key.chars().rev().collect::<String>().into_bytes()),
    ("concat", |key| format!("k = \"{}\" +\n    '{}';\n", &key[..17], &key[17..]).into_bytes()),
];

/// Encodes groups of four bytes as five base-85 digits. The last group is filled with zeros.
fn ascii85(bytes: &[u8]) -> String {
    let digits = |group: &[u8]| {
        let value =
            (0..4).fold(0u32, |value, at| value << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        [52_200_625, 614_125, 7225, 85, 1].map(|power| char::from(b'!' + (value / power % 85) as u8))
    };
    bytes.chunks(4).flat_map(digits).collect()
}

/// Encodes lines of 45 bytes, each with its length first.
fn uuencode(bytes: &[u8]) -> String {
    let six = |value: u32| char::from(if value & 63 == 0 { b'`' } else { b' ' + (value & 63) as u8 });
    let group = |three: &[u8]| {
        let value =
            (0..3).fold(0u32, |value, at| value << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        [18, 12, 6, 0].map(|bits| six(value >> bits))
    };
    let line = |line: &[u8]| {
        let text: String = line.chunks(3).flat_map(group).collect();
        format!("{}{text}\n", six(line.len() as u32))
    };
    bytes.chunks(45).map(line).collect()
}

/// Writes bytes as `od` does without options: octal words, little-endian.
fn dump(bytes: &[u8]) -> Vec<u8> {
    let word = |pair: &[u8]| {
        format!(" {:06o}", u32::from(pair.get(1).copied().unwrap_or(0)) << 8 | u32::from(pair[0]))
    };
    let line = |(number, line): (usize, &[u8])| {
        let words: String = line.chunks(2).map(word).collect();
        format!("{:07o}{words}\n", 16 * number)
    };
    bytes.chunks(16).enumerate().map(line).collect::<String>().into_bytes()
}

fn each(key: &str, form: impl Fn(u8) -> String) -> Vec<u8> {
    key.bytes().map(form).collect::<String>().into_bytes()
}

fn units(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Compresses to a gzip stream; writing to memory cannot fail.
pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let _in_memory = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let _in_memory = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let _in_memory = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}
