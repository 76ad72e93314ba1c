//! Encodings of a key for the self-test. The encoders are separate from the detector, which derives its anchors by
//! other code.

use std::io::Write;

use data_encoding::{BASE64, BASE64_MIME, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

/// Name of an encoding, and a function that returns a file content with the encoded key.
pub(super) type Form = (&'static str, fn(&str) -> Vec<u8>);

/// All encodings.
pub(super) const FORMS: [Form; 27] = [
    ("plain text", |key| format!("api_key = \"{key}\"\n").into_bytes()),
    ("plain text in a line without end", |key| {
        format!("{}{key}{}", "x ".repeat(50_000), " y".repeat(50_000)).into_bytes()
    }),
    ("UTF-16, little-endian", |key| units(&format!("\u{feff}k={key}\r\n"), u16::to_le_bytes)),
    ("UTF-16, big-endian, without a mark", |key| units(&format!("the key is {key}\r\n"), u16::to_be_bytes)),
    ("UTF-32", |key| format!("\u{feff}k={key}\n").chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
    ("base64", |key| BASE64.encode(key.as_bytes()).into_bytes()),
    ("base64, second alignment", |key| BASE64.encode(format!("u:{key}").as_bytes()).into_bytes()),
    ("base64, third alignment", |key| BASE64.encode(format!("user:{key}").as_bytes()).into_bytes()),
    ("base64url without padding", |key| BASE64URL_NOPAD.encode(format!("?>{key}??").as_bytes()).into_bytes()),
    ("base64 in lines", |key| {
        BASE64_MIME.encode(format!("{}{key}", "filler ".repeat(9)).as_bytes()).into_bytes()
    }),
    ("base64 of base64", |key| {
        BASE64.encode(BASE64.encode(format!("k={key}").as_bytes()).as_bytes()).into_bytes()
    }),
    ("gzip in base64", |key| BASE64.encode(&gzip(format!("{{\"key\":\"{key}\"}}").as_bytes())).into_bytes()),
    ("zlib in base64", |key| BASE64.encode(&zlib(format!("{{\"key\":\"{key}\"}}").as_bytes())).into_bytes()),
    ("hexadecimal digits, small", |key| HEXLOWER.encode(key.as_bytes()).into_bytes()),
    ("hexadecimal digits, capital", |key| HEXUPPER.encode(key.as_bytes()).into_bytes()),
    ("percent escapes", |key| each(key, |byte| format!("%{byte:02X}"))),
    ("percent escapes, twice", |key| each(key, |byte| format!("%25{byte:02X}"))),
    ("one percent escape", |key| format!("token={}", key.replace('_', "%5F")).into_bytes()),
    ("escapes with x", |key| each(key, |byte| format!("\\x{byte:02x}"))),
    ("escapes with u", |key| each(key, |byte| format!("\\u{byte:04x}"))),
    ("octal escapes", |key| each(key, |byte| format!("\\{byte:03o}"))),
    ("HTML entities, decimal", |key| each(key, |byte| format!("&#{byte};"))),
    ("HTML entities, hexadecimal", |key| each(key, |byte| format!("&#x{byte:X};"))),
    ("quoted-printable with a soft break", |key| {
        format!("key: {}=\r\n{}\r\n", &key[..20], &key[20..].replace('_', "=5F")).into_bytes()
    }),
    ("character codes", |key| {
        let codes: Vec<String> = key.bytes().map(|byte| byte.to_string()).collect();
        format!("String.fromCharCode({})", codes.join(", ")).into_bytes()
    }),
    ("reversed", |key| key.chars().rev().collect::<String>().into_bytes()),
    ("string concatenation", |key| format!("k = \"{}\" +\n    '{}';\n", &key[..17], &key[17..]).into_bytes()),
];

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
