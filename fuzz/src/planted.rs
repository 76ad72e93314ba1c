//! Keys derived from the input, and the encodings in which they can be written.

use std::fmt::Write as _;
use std::sync::LazyLock;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use telleaks::detect::Detector;
use telleaks::rules::{self, RuleSet};

use crate::input::Input;
use crate::make;
use crate::random::Random;

/// The built-in rules.
pub static RULES: LazyLock<RuleSet> = LazyLock::new(|| rules::builtin().unwrap());

/// A detector for the built-in rules.
pub static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(RULES.clone(), false).unwrap());

/// Returns an API key that depends on two bytes of the input.
pub fn key(input: &mut Input<'_>) -> String {
    Random::new("fuzz", input.short()).key()
}

/// Number of forms that [`written`] supports.
pub const FORMS: usize = 27;
/// The unencoded form.
const PLAIN: usize = 0;

/// Number of forms, from the first on, that can encode any bytes and can therefore be nested.
pub const OF_ANY_BYTES: usize = 16;

/// Encodes `bytes` in a form.
pub fn encoded(form: usize, bytes: &[u8]) -> String {
    let each = |write: &dyn Fn(u8) -> String| bytes.iter().map(|byte| write(*byte)).collect::<String>();
    match form {
        0 => BASE64.encode(bytes),
        1 => BASE64URL_NOPAD.encode(bytes),
        2 => HEXLOWER.encode(bytes),
        3 => HEXUPPER.encode(bytes),
        4 => each(&|byte| format!("%{byte:02X}")),
        5 => each(&|byte| format!("%25{byte:02x}")),
        6 => each(&|byte| format!("\\x{byte:02x}")),
        7 => each(&|byte| format!("\\u{byte:04x}")),
        8 => each(&|byte| format!("\\u{{{byte:x}}}")),
        9 => each(&|byte| format!("\\{byte:03o}")),
        10 => each(&|byte| format!("&#{byte};")),
        11 => each(&|byte| format!("&#x{byte:X};")),
        12 => each(&|byte| format!("={byte:02X}")),
        13 => bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "),
        14 => BASE64.encode(&make::gzip(bytes)),
        _ => BASE64.encode(&make::zlib(bytes)),
    }
}

/// Writes a key in one of the [`FORMS`], in quotation marks on its own line. The input chooses the details of the form.
pub fn written(form: usize, key: &str, input: &mut Input<'_>) -> Vec<u8> {
    let quoted = |text: &str| format!("\n x = \"{text}\";\n").into_bytes();
    let wide = |write: &dyn Fn(u16) -> Vec<u8>| {
        let text = format!("\n x = \"{key}\";\n");
        text.encode_utf16().flat_map(write).collect::<Vec<u8>>()
    };
    match form {
        PLAIN => quoted(key),
        1 => wide(&|unit| unit.to_le_bytes().into()),
        2 => wide(&|unit| unit.to_be_bytes().into()),
        3 => wide(&|unit| u32::from(unit).to_le_bytes().into()),
        4 => wide(&|unit| u32::from(unit).to_be_bytes().into()),
        5 => quoted(&key.chars().rev().collect::<String>()),
        6 => quoted(&key.chars().map(|c| format!("{c}\x1b[0m")).collect::<String>()),
        7 => quoted(&concatenated(key, input)),
        8 => quoted(&partly(key, input)),
        9 => format!("\n {{\"a\": \"{{\\\"x\\\": \\\"{key}\\\"}}\"}}\n").into_bytes(),
        10 => quoted(&nested(key, input)),
        _ => {
            // The bytes before the key decide the alignment of base64.
            let before = input.take(3).iter().map(|byte| byte & 0x7F).collect::<Vec<u8>>();
            quoted(&encoded(form - 11, &[&before[..], b" ", key.as_bytes(), b" "].concat()))
        }
    }
}

/// Writes a key in one of the nested forms documented in docs/encodings.md: base64 of base64 or of wide text, or any form in
/// compressed data.
fn nested(key: &str, input: &mut Input<'_>) -> String {
    let before = input.take(3).iter().map(|byte| char::from(byte & 0x7F)).collect::<String>();
    let text = format!("{before} {key} ");
    let wide = |write: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(write).collect::<Vec<u8>>();
    match input.below(6) {
        0 => encoded(0, encoded(0, text.as_bytes()).as_bytes()),
        1 => encoded(1, encoded(0, text.as_bytes()).as_bytes()),
        2 => encoded(0, &wide(u16::to_le_bytes)),
        3 => encoded(0, &wide(u16::to_be_bytes)),
        compressed => encoded(10 + compressed, encoded(input.below(14), text.as_bytes()).as_bytes()),
    }
}

/// Splits a key into two string literals that are concatenated.
fn concatenated(key: &str, input: &mut Input<'_>) -> String {
    let (one, other) = key.split_at(1 + input.below(key.len() - 1));
    let plus = ["\" + \"", "\" +\n    \"", "\" . \"", "\" \"", "\",\n  \""][input.below(4)];
    [one, plus, other].concat()
}

/// Escapes some characters of a key.
fn partly(key: &str, input: &mut Input<'_>) -> String {
    let way = input.below(4);
    let mut out = String::new();
    for byte in key.bytes() {
        if input.flag() {
            out.push_str(&encoded([4, 6, 7, 11][way], &[byte]));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(out, "{}", char::from(byte));
        }
    }
    out
}
