//! Plain keys in all kinds of files, in wide characters, between colour codes, in binaries, and in unusual places.

use crate::common::random::Random;
use crate::encodings::batch::{Batch, around, host};
use crate::encodings::text::Text;

/// Name, and the text before and after the key.
const CONTEXTS: [(&str, &str, &str); 26] = [
    ("env", "TELNYX_API_KEY=", "\n"),
    ("env-quoted", "export TELNYX_API_KEY=\"", "\"\n"),
    ("yaml", "telnyx:\n  api_key: ", "\n"),
    ("yaml-quoted", "telnyx:\n  api_key: '", "'\n"),
    ("toml", "[telnyx]\nkey = \"", "\"\n"),
    ("json", "{\n  \"api_key\": \"", "\"\n}\n"),
    ("json-tight", "{\"a\":1,\"api_key\":\"", "\",\"b\":2}"),
    ("json-in-json", r#"{"body": "{\"headers\": {\"Authorization\": \"Bearer "#, "\\\"}}\"}\n"),
    ("json-thrice", r#"{"a": "{\"b\": \"{\\\"k\\\": \\\""#, "\\\\\\\"}\\\"}\"}\n"),
    ("json-newline", r#"{"m": "start\n"#, "\\nend\"}\n"),
    ("json-tab", r#"{"m": "start\t"#, "\\tend\"}\n"),
    ("js", "const t = require('telnyx')('", "');\n"),
    ("py", "telnyx.api_key = \"", "\"\n"),
    ("php", "<?php \\Telnyx\\Telnyx::setApiKey('", "');\n"),
    ("go", "client := telnyx.New(\"", "\")\n"),
    ("xml", "<add key=\"telnyx\" value=\"", "\"/>\n"),
    ("curl", "curl -H \"Authorization: Bearer ", "\" https://api.telnyx.com/v2/balance\n"),
    ("log", "2026-01-02T03:04:05Z DEBUG > Authorization: Bearer ", "\r\n"),
    ("query", "GET /v2/x?api_key=", "&page=1 HTTP/1.1\n"),
    ("encoded-query", "GET /login?next=%2Fa%3Fkey%3D", "%26z%3D1 HTTP/1.1\n"),
    ("entities-around", "<p data-x=\"{&quot;k&quot;:&quot;", "&quot;}\">\n"),
    ("markdown", "Use `", "` as the key.\n"),
    ("csv", "1,a@b.example,", ",active\n"),
    ("comment", "<!-- old key: ", " -->\n"),
    ("underscore-before", "OLD_", "\n"),
    ("many-equals", "k========================================", "\n"),
];

#[test]
fn plain_keys() {
    let mut batch = Batch::new();
    for (name, before, after) in CONTEXTS {
        batch.shape(name, 3, |random, _, key| host(random, key, (before, after), "# "));
    }
    batch.shape("byte-zero", 3, |_, variant, key| key.within("", ["", "\n", "\r\n# x\n"][variant]));
    batch.shape("no-end-of-line", 3, |random, _, key| key.within(random.lines(5, "") + "A=", ""));
    batch.shape("crlf", 3, |random, _, key| {
        key.within(random.lines(4, "").replace('\n', "\r\n"), "\r\nnext=1\r\n")
    });
    batch.shape("next-line-touches", 3, |random, _, key| key.within(random.lines(2, ""), "\nabc\n"));
    batch.shape("bad-utf8", 3, |random, _, key| {
        key.within([random.lines(2, "").as_bytes(), b"caf\xE9 \xFF\xC3\x28"].concat(), b"\xE9\xFF\n")
    });
    batch.shape("bom", 2, |random, _, key| key.within(format!("\u{feff}{}", random.lines(2, "")), "\n"));
    batch.shape("false-start", 4, |_, variant, key| {
        let whole = String::from_utf8(key.bytes.clone()).unwrap();
        let false_start = [&whole[..20], &whole[..34], "KEY01KEY01", "KEY0 KEY"][variant];
        key.within(format!("x {false_start} "), "\n")
    });
    batch.check();
}

#[test]
fn wide_characters() {
    let mut batch = Batch::new();
    for (name, width, little) in
        [("utf-16le", 2, true), ("utf-16be", 2, false), ("utf-32le", 4, true), ("utf-32be", 4, false)]
    {
        batch.shape(name, 6, |random, variant, key| {
            let text = key.within(random.some_lines("# ") + "key: ", "\r\n").wide(width, little);
            if variant < 3 { text } else { text.within(byte_order_mark(width, little), "") }
        });
        batch.shape(&format!("{name}-in-a-binary"), 3, |random, variant, key| {
            let length = random.between(200, 3000) * 2 + variant % 2;
            // No line ends, because lines of binary files are not checked.
            let noise: Vec<u8> = random.bytes(length).into_iter().filter(|&byte| byte != b'\n').collect();
            let behind = random.bytes(500);
            key.wide(width, little)
                .within([noise, vec![0; width]].concat(), [vec![0; width], behind].concat())
        });
    }
    batch.shape("text-then-utf-16", 4, |random, _, key| {
        let wide = key.within("\r\nkey: ", "\r\n").wide(2, true);
        wide.within(random.lines(3, ""), "")
    });
    batch.check();
}

fn byte_order_mark(width: usize, little: bool) -> Vec<u8> {
    let mut mark = vec![0xFE, 0xFF];
    if width == 4 {
        mark.splice(0..0, [0, 0]);
    }
    if little {
        mark.reverse();
    }
    mark
}

#[test]
fn colours() {
    let mut batch = Batch::new();
    batch.shape("colour-around", 3, |random, _, key| {
        host(random, key, ("token \u{1b}[31m", "\u{1b}[0m\n"), "")
    });
    batch.shape("grep", 6, |random, variant, key| {
        let cuts = random.cuts(variant, 2);
        let key = key.cut(&cuts, "\u{1b}[01;31m\u{1b}[K");
        host(random, key, ("\u{1b}[35ma.js\u{1b}[m:TOKEN=", "\u{1b}[m\n"), "")
    });
    batch.shape("each-character", 3, |random, _, key| {
        let key = key.each(|index, byte| format!("{}\u{1b}[38;2;9;200;{index}m", char::from(byte)));
        host(random, key, ("\u{1b}[1m", "\u{1b}[0m\n"), "")
    });
    batch.check();
}

#[test]
fn binaries() {
    let mut batch = Batch::new();
    let noise = |random: &mut Random, least: usize| {
        let length = random.between(least, least + 5000);
        random.bytes(length)
    };
    for (name, before, after) in [
        ("nul", &b"\0"[..], &b"\0"[..]),
        ("high-bytes", b"\xFF", b"\x80"),
        ("elf-strings", b"invalid argumentGODEBUG", b"\0bad pointer"),
        ("protobuf", b"\x08\x01\x12\x05hello\x1A\x3A", b"\x22\x03abc("),
        ("bearer", b"\x0A\x41Bearer ", b"R\x04abcd"),
        ("java-class", b"\x01\x00\x3A", b"\x01\x00\x06<init>"),
        ("msgpack", b"\x82\xA1k\xD9\x3A", b"\xA1z\xA3abc"),
        ("string-table", b"setStateURLgetRef", b"onChangeTextkeyCode"),
    ] {
        batch.shape(name, 3, |random, _, key| {
            let (head, tail) = (noise(random, 1), noise(random, 300));
            key.within([&head, before].concat(), [after, &tail].concat())
        });
    }
    batch.shape("base64-in-a-binary", 3, |random, _, key| {
        let (head, tail) = (noise(random, 900), noise(random, 900));
        around(random, key).base64().within([&head[..], b"\0"].concat(), [b"\0", &tail[..]].concat())
    });
    batch.check();
}

#[test]
fn many_on_a_line() {
    let mut batch = Batch::new();
    for variant in 0..3 {
        let mut random = Random::new("many", variant);
        let keys: Vec<String> = (0..random.between(2, 12)).map(|_| random.key()).collect();
        let line = keys.join([",", " ", "|"][variant]);
        batch.leaks("many", format!("# keys\nKEYS={line}\n").as_bytes(), &keys);
    }
    let mut random = Random::new("touching", 0);
    let keys = [random.key(), random.key()];
    batch.leaks("touching", keys.concat().as_bytes(), &keys);
    let key = random.key();
    let encoded = Text::new(&key).base64().bytes;
    let both = [key.as_bytes(), b"\nB=", &encoded, b"\n"].concat();
    batch.leaks("plain-and-base64", &both, &[key]);
    batch.check();
}

#[test]
fn four_thousand_keys_in_one_line() {
    let mut random = Random::new("four thousand", 0);
    let filler = String::from_utf8(random.filler(400, false)).unwrap();
    let keys: Vec<String> = (0..4000).map(|_| random.key()).collect();
    let mut line = String::new();
    for key in &keys {
        let gap = random.between(20, 400);
        line += &format!("{}}}\"{key}\";", &filler[..gap]);
    }
    let mut batch = Batch::new();
    batch.leaks("one-line", line.as_bytes(), &keys);
    batch.check();
}
