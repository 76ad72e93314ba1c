//! Forms in which a key is written in the text of an event. The encoders are separate from those of the program.

use data_encoding::{BASE32, BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write;

/// The name of a form, and a function that writes a key in it.
pub(crate) type Form = (&'static str, fn(&str) -> String);

fn each(key: &str, form: impl Fn(u8) -> String) -> String {
    key.bytes().map(form).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn zlib(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The forms.
pub(crate) const FORMS: [Form; 32] = [
    ("plain", str::to_owned),
    ("assigned", |key| format!("TELNYX_API_KEY={key}\n")),
    ("in json", |key| format!("{{\"key\": \"{key}\"}}")),
    ("in json in json", |key| serde_json::json!({ "a": format!("{{\"key\": \"{key}\"}}") }).to_string()),
    ("utf-16le", |key| key.chars().flat_map(|c| [c, '\0']).collect()),
    ("utf-16be", |key| key.chars().flat_map(|c| ['\0', c]).collect()),
    ("utf-32le", |key| key.chars().flat_map(|c| [c, '\0', '\0', '\0']).collect()),
    ("base64", |key| BASE64.encode(key.as_bytes())),
    ("base64, second alignment", |key| BASE64.encode(format!("u:{key}").as_bytes())),
    ("base64, third alignment", |key| BASE64.encode(format!("user:{key}").as_bytes())),
    ("base64url", |key| BASE64URL_NOPAD.encode(format!("?>{key}??").as_bytes())),
    ("base64 in base64", |key| BASE64.encode(BASE64.encode(format!("k={key}").as_bytes()).as_bytes())),
    ("gzip in base64", |key| BASE64.encode(&gzip(&format!("{{\"key\":\"{key}\"}}")))),
    ("zlib in base64", |key| BASE64.encode(&zlib(&format!("{{\"key\":\"{key}\"}}")))),
    ("hex", |key| HEXLOWER.encode(key.as_bytes())),
    ("upper hex", |key| HEXUPPER.encode(key.as_bytes())),
    ("percent", |key| each(key, |byte| format!("%{byte:02X}"))),
    ("percent twice", |key| each(key, |byte| format!("%25{byte:02X}"))),
    ("percent of one character", |key| key.replace('_', "%5F")),
    ("hex escapes", |key| each(key, |byte| format!("\\x{byte:02x}"))),
    ("unicode escapes", |key| each(key, |byte| format!("\\u{byte:04x}"))),
    ("octal escapes", |key| each(key, |byte| format!("\\{byte:03o}"))),
    ("decimal entities", |key| each(key, |byte| format!("&#{byte};"))),
    ("hexadecimal entities", |key| each(key, |byte| format!("&#x{byte:X};"))),
    ("quoted-printable", |key| format!("{}=\r\n{}\r\n", &key[..20], key[20..].replace('_', "=5F"))),
    ("character codes", |key| {
        let codes: Vec<String> = key.bytes().map(|byte| byte.to_string()).collect();
        format!("String.fromCharCode({})", codes.join(", "))
    }),
    ("base32", |key| BASE32.encode(format!("key={key}").as_bytes())),
    ("hex in base64", |key| BASE64.encode(HEXLOWER.encode(key.as_bytes()).as_bytes())),
    ("base64 in hex", |key| HEXLOWER.encode(BASE64.encode(key.as_bytes()).as_bytes())),
    ("reversed", |key| key.chars().rev().collect()),
    ("concatenated", |key| format!("k = \"{}\" + '{}';\n", &key[..17], &key[17..])),
    ("concatenated over lines", |key| format!("k = (\"{}\"\n     \"{}\")\n", &key[..17], &key[17..])),
];
