//! Keys with characters written as numbers: hex, percent-encoding, escapes, entities, character codes.

use crate::common::random::Random;
use crate::encodings::batch::{Batch, around, behind, host};
use crate::encodings::text::Text;

#[test]
fn hex() {
    let mut batch = Batch::new();
    for (name, upper, between) in [
        ("lower", false, ""),
        ("upper", true, ""),
        ("spaces", false, " "),
        ("colons", true, ":"),
        ("dashes", false, "-"),
    ] {
        batch.shape(name, 4, |random, _, key| {
            let text = around(random, key).hex(upper, between);
            host(random, text, ("data: \"", "\"\n"), "# ")
        });
    }
    for (name, before, after) in [
        ("bytea", "INSERT INTO t VALUES ('\\x", "');\n"),
        ("mysql", "VALUES (0x", ")\n"),
        ("x-quote", "VALUES (X'", "')\n"),
    ] {
        batch.shape(name, 3, |random, _, key| {
            let text = around(random, key).hex(true, "");
            host(random, text, (before, after), "-- ")
        });
    }
    for (name, between) in [("0x-list", ", "), ("0x-tight", ","), ("0x-lines", ",\n  ")] {
        batch.shape(name, 4, |random, variant, key| {
            let write =
                |byte| if variant % 2 == 0 { format!("0x{byte:02x}") } else { format!("0x{byte:02X}") };
            let text = around(random, key).listed(between, write);
            host(random, text, ("const unsigned char k[] = {", "};\n"), "// ")
        });
    }
    batch.check();
}

/// Adds dumps in which the key starts in one of `columns`.
fn dumps(batch: &mut Batch, columns: &[usize]) {
    for (name, canonical) in [("xxd", false), ("hexdump", true)] {
        batch.shape(name, columns.len(), |random, variant, key| {
            let before = columns[variant] + 16 * random.between(0, 4);
            let text = behind(random, key, before).dumped(canonical);
            host(random, text, ("$ dump file\n", "$\n"), "# ")
        });
    }
}

#[test]
fn hex_dumps() {
    let mut batch = Batch::new();
    dumps(&mut batch, &[0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13]);
    batch.shape("xxd-p", 5, |random, variant, key| {
        let text = behind(random, key, variant * 23).hex(false, "").wrapped(60, "\n");
        host(random, text, ("\n", "\n"), "# ")
    });
    batch.check();
}

#[test]
#[ignore = "a wider gap or a line end within the first three characters hides the key"]
fn hex_dumps_with_a_gap_in_the_anchor() {
    let mut batch = Batch::new();
    dumps(&mut batch, &[6, 14, 15]);
    batch.check();
}

/// Encodes some characters of the key with `write`, about `percent` %: at least one, and not all.
fn partly(random: &mut Random, key: Text, percent: usize, write: impl Fn(u8) -> String) -> Text {
    let always = random.between(0, 57);
    key.each(|index, byte| {
        let chosen = index == always || index != 57 && random.chance(percent);
        if chosen { write(byte) } else { char::from(byte).to_string() }
    })
}

#[test]
fn percent_signs() {
    let mut batch = Batch::new();
    let query = ("GET /?q=", "&z=1\n");
    batch.shape("upper", 3, |random, _, key| {
        let text = around(random, key).percent(true);
        host(random, text, query, "# ")
    });
    batch.shape("lower", 3, |random, _, key| {
        let text = around(random, key).each(|_, byte| format!("%{byte:02x}"));
        host(random, text, query, "# ")
    });
    batch.shape("twice", 3, |random, _, key| {
        let text = around(random, key).percent(true).percent(false);
        host(random, text, query, "# ")
    });
    batch.shape("every-character-twice", 3, |random, _, key| {
        let text = key.percent(true).percent(true);
        host(random, text, query, "# ")
    });
    batch.shape("json-in-a-query", 4, |random, variant, key| {
        let text = key.within("{\"k\":\"", "\"}").percent(false);
        let text = if variant % 2 == 0 { text } else { text.percent(false) };
        host(random, text, query, "# ")
    });
    for share in [10, 30, 70] {
        batch.shape(&format!("partly-{share}"), 4, |random, _, key| {
            let text = partly(random, key, share, |byte| format!("%{byte:02X}"));
            host(random, text, query, "# ")
        });
        batch.shape(&format!("partly-twice-{share}"), 4, |random, _, key| {
            let text = partly(random, key, share, |byte| format!("%25{byte:02X}"));
            host(random, text, query, "# ")
        });
    }
    batch.shape("underscore", 2, |random, _, key| {
        let text = underscore(key, "%5F");
        host(random, text, query, "# ")
    });
    batch.check();
}

fn underscore(key: Text, written: &str) -> Text {
    key.each(|_, byte| if byte == b'_' { written.to_owned() } else { char::from(byte).to_string() })
}

type Write = fn(u8) -> String;

const ESCAPES: [(&str, Write); 14] = [
    ("x-lower", |byte| format!("\\x{byte:02x}")),
    ("x-upper", |byte| format!("\\x{byte:02X}")),
    ("u-lower", |byte| format!("\\u{byte:04x}")),
    ("u-upper", |byte| format!("\\u{byte:04X}")),
    ("u-braces", |byte| format!("\\u{{{byte:x}}}")),
    ("u-braces-zeros", |byte| format!("\\u{{{byte:06X}}}")),
    ("u-long", |byte| format!("\\U{byte:08X}")),
    ("octal", |byte| format!("\\{byte:03o}")),
    ("u-twice", |byte| format!("\\\\u{byte:04x}")),
    ("entity-decimal", |byte| format!("&#{byte};")),
    ("entity-hex", |byte| format!("&#x{byte:x};")),
    ("entity-upper", |byte| format!("&#X{byte:X};")),
    ("entity-zeros", |byte| format!("&#{byte:05};")),
    ("entity-hex-zeros", |byte| format!("&#x{byte:04X};")),
];

#[test]
fn escapes_and_entities() {
    let mut batch = Batch::new();
    for (name, write) in ESCAPES {
        batch.shape(name, 3, |random, variant, key| {
            let text = if variant == 0 { key } else { around(random, key) };
            let text = text.each(|_, byte| write(byte));
            host(random, text, ("k=\"", "\"\n"), "# ")
        });
        for share in [5, 15, 50, 85] {
            batch.shape(&format!("{name}-{share}"), 2, |random, _, key| {
                let text = partly(random, key, share, write);
                host(random, text, ("k=\"", "\"\n"), "# ")
            });
        }
        batch.shape(&format!("{name}-underscore"), 1, |random, _, key| {
            host(random, underscore(key, &write(b'_')), ("k=\"", "\"\n"), "# ")
        });
    }
    batch.shape("mixed", 4, |random, _, key| {
        let ways = [ESCAPES[0].1, ESCAPES[2].1, ESCAPES[4].1, ESCAPES[7].1];
        let text = key.each(|_, byte| match random.between(0, 6) {
            way @ 0..4 => ways[way](byte),
            _ => char::from(byte).to_string(),
        });
        host(random, text, ("k=\"", "\"\n"), "// ")
    });
    batch.check();
}

#[test]
fn quoted_printable() {
    let mut batch = Batch::new();
    for (name, end) in [("soft-crlf", "=\r\n"), ("soft-lf", "=\n")] {
        batch.shape(name, 6, |random, variant, key| {
            let cuts = random.cuts(variant, 1);
            let text = key.cut(&cuts, end);
            host(random, text, ("Content-Transfer-Encoding: quoted-printable\r\n\r\nkey =3D ", "\r\n"), "")
        });
    }
    batch.shape("every-character", 3, |random, _, key| {
        let text = around(random, key).each(|_, byte| format!("={byte:02X}")).wrapped(75, "=\r\n");
        host(random, text, ("", "\r\n"), "")
    });
    batch
        .shape("underscore", 2, |random, _, key| host(random, underscore(key, "=5F"), ("key: ", "\r\n"), ""));
    batch.check();
}

/// Name, form of a character, separator, and the text before the first and after the last.
const CODES: [(&str, Write, &str, (&str, &str)); 16] = [
    ("js", decimal, ",", ("var k=String.fromCharCode(", ");\n")),
    ("js-hex", |byte| format!("0x{byte:02x}"), ",", ("var k=String.fromCharCode(", ");\n")),
    ("json", decimal, ", ", ("{\"k\": [", "]}\n")),
    ("json-lines", decimal, ",\n    ", ("{\"data\": [\n    ", "\n]}\n")),
    ("python", decimal, ", ", ("k = bytes([", "]).decode()\n")),
    ("python-chr", |byte| format!("chr({byte})"), " + ", ("k = ", "\n")),
    ("php-chr", |byte| format!("chr({byte})"), ".", ("<?php $k = ", ";\n")),
    ("go", decimal, ", ", ("var k = []byte{", "}\n")),
    ("java", decimal, ", ", ("byte[] k = {", "};\n")),
    ("powershell", decimal, ",", ("$k = -join [char[]](", ")\n")),
    ("basic", |byte| format!("Chr({byte})"), " & ", ("k = ", "\n")),
    ("sql", decimal, ",", ("SELECT CHAR(", ");\n")),
    ("c-chars", quoted, ",", ("char k[] = {", ",0};\n")),
    ("c-chars-spaced", quoted, ", ", ("static const char k[] = { ", ", '\\0' };\n")),
    ("js-join", |byte| format!("\"{}\"", char::from(byte)), ",", ("k=[", "].join(\"\")\n")),
    ("js-plus", quoted, "+", ("k=", ";\n")),
];

fn decimal(byte: u8) -> String {
    byte.to_string()
}

fn quoted(byte: u8) -> String {
    format!("'{}'", char::from(byte))
}

#[test]
fn character_codes_and_arrays() {
    let mut batch = Batch::new();
    for (name, write, between, about) in CODES {
        batch.shape(name, 3, |random, _, key| {
            let text = key.listed(between, write);
            host(random, text, about, "// ")
        });
    }
    batch.check();
}
