//! The whole detector in memory: every encoding of a key with its location, separators and boundaries, and the examples
//! of the rules.

use std::io::Write;
use std::sync::LazyLock;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use super::excerpt::excerpt;
use super::*;
use crate::rules;

mod borders;
mod raw_deflate;
mod written;

static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(rules::builtin().unwrap(), false).unwrap());

/// Concatenated here so that the source does not contain a whole key.
fn key() -> String {
    format!("KEY{}_{}", "0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG")
}

fn scan(content: &[u8]) -> Vec<Match> {
    let scan = DETECTOR.scan_reader(&mut &content[..], &mut Scratch::default());
    assert!(scan.error.is_none() && scan.unseen.is_empty());
    scan.found
}

/// Returns rule, encodings and byte range of every match.
fn told(content: &[u8]) -> Vec<(String, String, u64, u64)> {
    let rules: Vec<&Rule> = DETECTOR.rules().collect();
    let tell = |one: Match| {
        let kinds: Vec<&str> = one.encoding.iter().map(|kind| kind.as_str()).collect();
        let place = &one.location;
        (rules[one.rule].id.clone(), kinds.join(" "), place.byte_start, place.byte_end)
    };
    scan(content).into_iter().map(tell).collect()
}

fn each(text: &str, form: impl Fn(u8) -> String) -> String {
    text.bytes().map(form).collect()
}

fn compressed(text: &str, gzip: bool) -> String {
    let level = flate2::Compression::default();
    let bytes = if gzip {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), level);
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    } else {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), level);
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    BASE64.encode(&bytes)
}

/// Forms whose first and last bytes belong to the key, and the names of their encodings.
fn exact(key: &str) -> Vec<(String, &'static str)> {
    let codes: Vec<String> = key.bytes().map(|byte| byte.to_string()).collect();
    let hex: Vec<String> = key.bytes().map(|byte| format!("0x{byte:02x}")).collect();
    vec![
        (key.to_owned(), ""),
        (HEXLOWER.encode(key.as_bytes()), "hex"),
        (HEXUPPER.encode(key.as_bytes()), "hex"),
        (each(key, |b| format!("%{b:02X}")), "percent"),
        (each(key, |b| format!("%{b:02x}")), "percent"),
        (each(key, |b| format!("%25{b:02X}")), "percent percent"),
        (key.replace('_', "%5F"), "percent"),
        (key.replace('_', "%255f"), "percent percent"),
        (each(key, |b| format!("\\x{b:02x}")), "hex-escape"),
        (each(key, |b| format!("\\u{b:04x}")), "unicode-escape"),
        (each(key, |b| format!("\\u{{{b:x}}}")), "unicode-escape"),
        (each(key, |b| format!("\\{b:03o}")), "octal-escape"),
        (each(key, |b| format!("&#{b};")), "html-entity"),
        (each(key, |b| format!("&#x{b:X};")), "html-entity"),
        (each(key, |b| format!("&#x{b:x};")), "html-entity"),
        (key.replace('_', "&#95;"), "html-entity"),
        (key.replace('_', "&lowbar;"), "html-entity"),
        (codes.join(", "), "char-codes"),
        (codes.join(","), "char-codes"),
        (hex.join(", ")[2..].to_owned(), "hex"),
        (key.chars().rev().collect(), "reversed"),
        (format!("{}=\r\n{}", &key[..20], &key[20..].replace('_', "=5F")), "quoted-printable line-wrap"),
        (format!("{}\" + \"{}", &key[..17], &key[17..]), "concat"),
        (format!("{}\" +\n    '{}", &key[..3], &key[3..]), "concat"),
        (format!("{}' . '{}", &key[..40], &key[40..]), "concat"),
        (format!("{}\", \"{}", &key[..17], &key[17..]), "concat"),
        (format!("{}\\\n{}", &key[..29], &key[29..]), "line-wrap"),
        (format!("{}\n    {}", &key[..29], &key[29..]), "line-wrap"),
        (
            key.chars()
                .map(|c| format!("{c}\u{1b}[0m"))
                .collect::<String>()
                .trim_end_matches("\u{1b}[0m")
                .into(),
            "ansi",
        ),
    ]
}

/// Adds quotes, which separators require, and text before and after.
fn round(written: &str) -> (String, usize) {
    let before = format!("{}\nlet k = \"", "some words. ".repeat(300));
    (format!("{before}{written}\";\n{}", "more words. ".repeat(300)), before.len())
}

#[test]
fn every_form_is_found_at_its_location() {
    let key = key();
    let mut wrong = Vec::new();
    for (written, kinds) in exact(&key) {
        let (text, start) = round(&written);
        let want =
            ("telnyx-api-key".to_owned(), kinds.to_owned(), start as u64, (start + written.len()) as u64);
        let found = told(text.as_bytes());
        if found != [want.clone()] || scan(text.as_bytes())[0].secret.expose() != key {
            wrong.push(format!("{written}: {found:?}, not {want:?}"));
        }
        // At the start and the end of the content.
        let found = told(written.as_bytes());
        if found != [(want.0, want.1, 0, written.len() as u64)] {
            wrong.push(format!("alone {written}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn base64_is_found_at_every_alignment_and_nested() {
    let key = key();
    for (plain, kinds) in [("", "base64"), ("u:", "base64"), ("user:", "base64"), ("a b c", "base64")] {
        let inner = format!("{plain}{key}");
        for (written, kinds) in [
            (BASE64.encode(inner.as_bytes()), kinds.to_owned()),
            (BASE64.encode(format!("{inner}{inner}").as_bytes()), kinds.to_owned()),
            (BASE64.encode(BASE64.encode(inner.as_bytes()).as_bytes()), "base64 base64".to_owned()),
            (compressed(&inner, true), "base64 gzip".to_owned()),
            (compressed(&inner, false), "base64 zlib".to_owned()),
        ] {
            let (text, start) = round(&written);
            let found = told(text.as_bytes());
            assert!(!found.is_empty(), "{written}");
            for (rule, is, from, to) in found {
                assert_eq!((rule.as_str(), &is), ("telnyx-api-key", &kinds), "{written}");
                assert!(
                    from >= start as u64 && to <= (start + written.len()) as u64,
                    "{from}..{to} {written}"
                );
            }
            assert!(scan(text.as_bytes()).iter().all(|one| one.secret.expose() == key), "{written}");
        }
    }
    let url = BASE64URL_NOPAD.encode(format!("?>{key}??>").as_bytes());
    assert_eq!(scan(url.as_bytes()).len(), 1);
}

#[test]
fn wide_text_is_found_at_its_location() {
    let text = format!("\u{feff}a={}\r\n", key());
    let (at, end) = (3, 3 + key().len());
    let two = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let four =
        |bytes: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| bytes(u32::from(c))).collect::<Vec<u8>>();
    for (content, kind, width) in [
        (two(u16::to_le_bytes), "utf-16le", 2),
        (two(u16::to_be_bytes), "utf-16be", 2),
        (four(u32::to_le_bytes), "utf-32le", 4),
        (four(u32::to_be_bytes), "utf-32be", 4),
    ] {
        let want = ("telnyx-api-key".to_owned(), kind.to_owned(), at * width, end as u64 * width);
        assert_eq!(told(&content), std::slice::from_ref(&want));
        // Without the byte order mark, after an odd number of bytes.
        let shifted = [b"\x01\x02\x03\x04".as_slice(), &content[width as usize..]].concat();
        assert_eq!(told(&shifted).len(), 1, "{kind}");
    }
}

#[test]
fn part_of_longer_word_and_too_short_text_do_not_match() {
    let key = key();
    for none in [
        key[..56].to_owned(),
        key.replace("KEY01", "KEX01"),
        key.replace('_', "-"),
        key.to_ascii_lowercase(),
        format!("{} and {}", &key[..30], &key[30..]),
    ] {
        assert!(told(none.as_bytes()).iter().all(|one| one.0 != "telnyx-api-key"), "{none}");
    }
    let two = format!("{key} {key}\n{key}");
    assert_eq!(told(two.as_bytes()).len(), 3);
}

#[test]
fn rule_examples_match_and_non_examples_do_not() {
    let rules: Vec<&Rule> = DETECTOR.rules().collect();
    for rule in &rules {
        for example in rule.examples.iter().filter(|_| rule.id != "telleaks-ignore") {
            let found = scan(example.replace("{}", "").as_bytes());
            assert!(found.iter().any(|one| rules[one.rule].id == rule.id), "{}: {example}", rule.id);
        }
        for other in &rule.non_examples {
            let found = scan(other.replace("{}", "").as_bytes());
            assert!(found.iter().all(|one| rules[one.rule].id != rule.id), "{}: {other}", rule.id);
        }
    }
}

/// Returns the masked line of the first match, its marked part, and whether the line is clipped on the left and right.
fn line(content: &[u8]) -> (String, String, bool, bool) {
    let excerpt = scan(content).swap_remove(0).excerpt;
    let marked = excerpt.text[excerpt.highlight.clone()].to_owned();
    (excerpt.text, marked, excerpt.clipped_left, excerpt.clipped_right)
}

#[test]
fn every_key_on_a_shown_line_is_masked() {
    let (key, shown) = (key(), "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E_hw…dG".to_owned());
    let told = |text: &str| line(text.as_bytes());
    assert_eq!(told(&format!("one\nk={key};\ntwo")), (format!("k={shown};"), shown.clone(), false, false));
    assert_eq!(told(&format!("{key}\r\ntwo")), (shown.clone(), shown.clone(), false, false));
    let two = told(&format!("one\na={key} b={key} c"));
    assert_eq!(two, (format!("a={shown} b={shown} c"), shown.clone(), false, false));
    // The line continues after an escaped key.
    let (text, marked, ..) = told(&format!("k={};\n", key.replace('_', "%5F")));
    assert_eq!((text, marked), (format!("k=‹percent: {shown}›;"), format!("‹percent: {shown}›")));
    let (text, ..) = told(&format!("k={};\n", HEXLOWER.encode(key.as_bytes())));
    assert_eq!(text, format!("k=‹hex: {shown}›"));
}

#[test]
fn long_line_is_clipped_around_the_key() {
    let (key, shown) = (key(), "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E_hw…dG");
    let text = format!("{}{key} {}", "abcd ".repeat(40), "efgh ".repeat(40));
    let want = format!("…{} {shown} {}efg", " abcd".repeat(15), "efgh ".repeat(15));
    let (line, marked, left, right) = line(text.as_bytes());
    assert_eq!(
        (line.trim_end_matches('h'), marked.as_str(), left, right),
        (want.as_str(), shown, true, true)
    );
}

/// Returns how the secrets at `spans` of `raw` are shown in the excerpt of number `which`, with `*` for the marked one.
fn excerpt_of(raw: &str, spans: &[Range<usize>], which: usize) -> (String, bool, bool) {
    let secret = Secret::new("0123456789abcdef0123");
    let matches: Vec<RawMatch> = spans
        .iter()
        .map(|span| RawMatch {
            rule: 0,
            name: None,
            span: span.clone(),
            secret: secret.clone(),
            encoding: Vec::new(),
            severity: Severity::Error,
            confidence: Confidence::High,
            reason: None,
        })
        .collect();
    let mut shown = excerpt(raw.as_bytes(), &matches, which);
    assert_eq!(shown.text[shown.highlight.clone()], secret.masked());
    shown.text.replace_range(shown.highlight, "*");
    (shown.text.replace(&secret.masked(), "#"), shown.clipped_left, shown.clipped_right)
}

#[test]
fn other_secrets_on_the_line_are_masked() {
    let shown = |raw: &str, spans: &[Range<usize>], which| excerpt_of(raw, spans, which).0;
    // On other lines.
    assert_eq!(shown("one AAAA\ntwo BBBB\nthree CCCC", &[4..8, 13..17, 24..28], 1), "two *");
    // Nested, and adjacent without a gap.
    assert_eq!(shown("x AAAABBBB y", &[2..10, 4..8], 0), "x * y");
    assert_eq!(shown("x AAAABBBB y", &[2..10, 4..8], 1), "x #* y");
    assert_eq!(shown("x AAAABBBB y", &[2..6, 6..10], 0), "x *# y");
    assert_eq!(shown("x AAAABBBB y", &[2..6, 6..10], 1), "x #* y");
}

#[test]
fn clip_splits_no_secret_and_no_character() {
    let raw = ".".repeat(300);
    let dots = |count| ".".repeat(count);
    let shown = |end: usize, spans: &[Range<usize>], which| excerpt_of(&raw[..end], spans, which);
    assert_eq!(shown(300, std::slice::from_ref(&(100..110)), 0), (format!("{0}*{0}", dots(80)), true, true));
    assert_eq!(shown(300, &[10..30, 100..110], 1), (format!("{}*{}", dots(70), dots(80)), true, true));
    let behind = format!("{}*{}#", dots(80), dots(70));
    assert_eq!(shown(300, &[100..110, 180..200], 0), (behind.clone(), true, true));
    assert_eq!(shown(200, &[100..110, 180..200], 0), (behind, true, false));
    for beside in [190..200, 250..260] {
        assert_eq!(shown(300, &[100..110, beside], 0).0, format!("{0}*{0}", dots(80)));
    }
    let text = format!("{0}xAAAAx{0}", "é".repeat(60));
    assert_eq!(
        excerpt_of(&text, std::slice::from_ref(&(121..125)), 0).0,
        format!("{0}x*x{0}", "é".repeat(39))
    );
}

#[test]
fn wide_line_is_clipped_by_characters() {
    let text = format!("\u{feff}{}{} {}", "abcd. ".repeat(40), key(), "efgh. ".repeat(40));
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let excerpt = scan(&wide).swap_remove(0).excerpt;
    let (left, right) = (&excerpt.text[..excerpt.highlight.start], &excerpt.text[excerpt.highlight.end..]);
    assert_eq!(left, format!(". {}", "abcd. ".repeat(13)));
    assert_eq!(right, format!(" {}e", "efgh. ".repeat(13)));
}
