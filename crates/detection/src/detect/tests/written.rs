//! Keys with parts in different forms: one character escaped and the others plain, split at any offset by any
//! separator, with any gap between character codes. The match must be the whole key at its location.

use super::*;

/// Returns a description of the matches in `text` with the key written as `written`, unless the only match is the key.
fn wrong(written: &str, before: &str, behind: &str) -> Option<String> {
    let text = format!("{before}{written}{behind}");
    let found = scan(text.as_bytes());
    let place = |one: &Match| (one.location.byte_start, one.location.byte_end);
    let want = (before.len() as u64, (before.len() + written.len()) as u64);
    let good = found.len() == 1 && found[0].secret.expose() == key() && place(&found[0]) == want;
    (!good).then(|| format!("{text}: {:?}, not {want:?}", found.iter().map(place).collect::<Vec<_>>()))
}

fn all_right(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} of them, as\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
}

/// The rule for keys finds every form without the help of a shorter anchor of another rule.
#[test]
fn key_rule_alone_finds_every_form() {
    let mut set = rules::builtin().unwrap();
    set.rules.retain(|rule| rule.id == "telnyx-api-key");
    let alone = Detector::new(set, false).unwrap();
    let key = key();
    let mut all: Vec<String> = exact(&key).into_iter().map(|one| one.0).collect();
    let twice = BASE64.encode(BASE64.encode(key.as_bytes()).as_bytes());
    all.extend([BASE64.encode(key.as_bytes()), twice, compressed(&key, true), compressed(&key, false)]);
    let single: Vec<String> = key.chars().map(|letter| format!("'{letter}'")).collect();
    all.extend([single.join(","), single.join("+"), single.join(" ")]);
    for written in all {
        let found = alone.scan_reader(&mut written.as_bytes(), &mut Scratch::default()).found;
        assert!(found.iter().any(|one| one.secret.expose() == key), "{written}");
    }
}

#[test]
fn text_before_an_escaped_key_is_considered() {
    let key = key();
    for name in ["aws_secret_access_key=", "AWS_ACCESS_KEY_ID: "] {
        for way in [|b| format!("\\u{b:04x}"), |b| format!("&#x{b:x};"), |b| format!("%25{b:02X}")] {
            let found = told(each(&format!("{name}{key}"), way).as_bytes());
            assert_eq!(found.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["telnyx-s3-access-key"]);
        }
    }
}

#[test]
fn any_single_character_may_be_escaped() {
    let key = key();
    let ways: [fn(u8) -> String; 15] = [
        |b| format!("%{b:02X}"),
        |b| format!("%{b:02x}"),
        |b| format!("%25{b:02X}"),
        |b| format!("%u{b:04x}"),
        |b| format!("\\x{b:02x}"),
        |b| format!("\\x{b:02X}"),
        |b| format!("\\x{{{b:x}}}"),
        |b| format!("\\u{b:04x}"),
        |b| format!("\\\\u{b:04X}"),
        |b| format!("\\u{{{b:x}}}"),
        |b| format!("\\U{b:08x}"),
        |b| format!("\\{b:03o}"),
        |b| format!("&#{b};"),
        |b| format!("&#x{b:x};"),
        |b| format!("&amp;#{b};"),
    ];
    let mut not = Vec::new();
    for way in ways {
        for at in 0..key.len() {
            let written = format!("{}{}{}", &key[..at], way(key.as_bytes()[at]), &key[at + 1..]);
            not.extend(wrong(&written, "k = '", "';\n"));
        }
    }
    all_right(not);
}

/// Escapes the part of an anchor before the piece that is searched.
#[test]
fn character_before_the_searched_piece_may_be_escaped() {
    let ways: [fn(u8) -> String; 6] = [
        |b| format!("%{b:02X}"),
        |b| format!("%25{b:02X}"),
        |b| format!("\\x{b:02x}"),
        |b| format!("\\u{b:04x}"),
        |b| format!("\\{b:03o}"),
        |b| format!("&#{b};"),
    ];
    let name = concat!("VITE_TEL", "NYX_SIP_PASSWORD");
    for at in [4, 5] {
        for way in ways {
            let text = format!("a {}{};", [&name[..at], &way(name.as_bytes()[at])].concat(), &name[at + 1..]);
            let found = told(text.as_bytes());
            assert_eq!(
                found.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(),
                ["telnyx-public-env-name"]
            );
        }
    }
    assert_eq!(told(format!("a VITE\" + \"{};", &name[4..]).as_bytes()), []);
    for line_end in ["\n", "\r\n"] {
        let broken = format!("VITE_={line_end}{}=3D1", &name[5..]);
        assert_eq!(told(broken.as_bytes()).len(), 1, "{broken}");
    }
}

#[test]
fn every_separator_at_every_offset() {
    let key = key();
    let far = format!("\\\n{}", " ".repeat(60));
    let joints = [
        "\" + \"",
        &far,
        "'+'",
        "\"\n                              + \"",
        "\" \\\n                                                        \"",
        "\" . '",
        "\" .. \"",
        "' || '",
        "\" & _\r\n  \"",
        "\"\"",
        "\", \"",
        "\").append(\"",
        "\".concat(\"",
        "\";\n  key += \"",
        "\" // first half\n + \"",
        "\" /* x */ \"",
        "\\\" + \\\"",
        "\\\n",
        "\\\n    ",
        "\\n",
        "\\r\\n",
        "\u{1b}[31m",
        "\u{1b}[0m\u{1b}[1;32m",
        "\u{200b}",
        "\u{ad}",
    ];
    let mut not = Vec::new();
    for joint in joints {
        for cut in (1..12).chain([20, 34, 35, 36, 50, 57]) {
            let written = format!("{}{joint}{}", &key[..cut], &key[cut..]);
            not.extend(wrong(&written, "k = \"", "\";\n"));
        }
    }
    all_right(not);
}

#[test]
fn three_pieces_and_single_characters_are_joined() {
    let key = key();
    let mut not = Vec::new();
    for (joint, before, behind) in [("','", "['", "'].join('')"), ("'+'", "'", "'"), ("\", \"", "[\"", "\"]")]
    {
        let each: Vec<String> = key.chars().map(String::from).collect();
        not.extend(wrong(&each.join(joint), before, behind));
    }
    for (one, two) in [(4, 8), (10, 30), (35, 36), (2, 57)] {
        let written = format!("{}\" + \"{}\" +\n  \"{}", &key[..one], &key[one..two], &key[two..]);
        not.extend(wrong(&written, "k = \"", "\";\n"));
    }
    all_right(not);
}

#[test]
fn hex_pairs_with_every_separator() {
    let key = key();
    let mut not = Vec::new();
    for (between, before, behind) in [
        (" ", "dump: ", "\n"),
        (":", "", "\n"),
        ("-", "id=", ";"),
        (", 0x", "[0x", "]"),
        (",0x", "{0x", "}"),
        ("\\x", "b'\\x", "'"),
    ] {
        for upper in [false, true] {
            let pair = |byte: u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
            let pairs: Vec<String> = key.bytes().map(pair).collect();
            // `\x` is an escape, and its prefix belongs to it.
            let (written, before) = if between == "\\x" {
                (format!("\\x{}", pairs.join(between)), "b'")
            } else {
                (pairs.join(between), before)
            };
            not.extend(wrong(&written, before, behind));
        }
    }
    all_right(not);
}

#[test]
fn dumps_are_read_across_their_margins() {
    let line = format!("TELNYX_API_KEY={}\n", key());
    for shift in 0..16 {
        let bytes = [b"................"[..shift].to_vec(), line.clone().into_bytes()].concat();
        let lines = |row: &dyn Fn(usize, &[u8]) -> String| {
            bytes.chunks(16).enumerate().map(|(at, part)| row(at * 16, part)).collect::<String>()
        };
        let ascii = |part: &[u8]| {
            part.iter().map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '.' }).collect::<String>()
        };
        let joined =
            |part: &[u8], by: &str| part.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(by);
        let xxd = lines(&|at, part| {
            let pairs: Vec<String> = part.chunks(2).map(HEXLOWER_OF).collect();
            format!("{at:08x}: {:<39}  {}\n", pairs.join(" "), ascii(part))
        });
        let hexdump = lines(&|at, part| {
            let (left, right) = part.split_at(part.len().min(8));
            format!("{at:08x}  {:<23}  {:<23}  |{}|\n", joined(left, " "), joined(right, " "), ascii(part))
        });
        let od = lines(&|at, part| format!("{at:07o} {}\n", joined(part, " ")));
        for dump in [xxd, hexdump, od] {
            let found = scan(dump.as_bytes());
            assert!(found.iter().any(|one| one.secret.expose() == key()), "{shift}:\n{dump}");
        }
    }
}

const HEXLOWER_OF: fn(&[u8]) -> String = |bytes| HEXLOWER.encode(bytes);

#[test]
fn character_codes_with_every_separator() {
    let codes: Vec<String> = key().bytes().map(|byte| byte.to_string()).collect();
    let mut not = Vec::new();
    for (between, before, behind) in [
        (",", "[", "]"),
        (", ", "bytes([", "])"),
        (" ", "", "\n"),
        (",\n        ", "{", "}"),
        (") & Chr(", "Chr(", ")"),
        (") + chr(", "chr(", ")"),
        ("),String.fromCharCode(", "(", ")"),
    ] {
        not.extend(wrong(&codes.join(between), before, behind));
    }
    all_right(not);
}

#[test]
fn base64_wrapped_at_any_width_and_joined() {
    let text = format!("user:{} and so on, and so on", key());
    let plain = BASE64.encode(text.as_bytes());
    for width in [19, 20, 21, 22, 23, 24, 60, 64, 76] {
        for by in ["\n", "\r\n", "\n    ", "\\n", "\" +\n \"", "\\\n", "\n# "] {
            let pieces: Vec<&str> =
                plain.as_bytes().chunks(width).map(|part| std::str::from_utf8(part).unwrap()).collect();
            let written = format!("\"{}\"", pieces.join(by));
            let found = scan(written.as_bytes());
            assert!(found.len() == 1 && found[0].secret.expose() == key(), "{width} {by:?}: {written}");
        }
    }
}

#[test]
fn secret_near_the_start_or_end_of_long_encoded_text() {
    for (before, behind) in [(0, 3000), (3000, 0), (1000, 1000), (5000, 5000)] {
        let text = format!("{} {} {}", "q".repeat(before), key(), "q".repeat(behind));
        let codes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for written in [
            BASE64.encode(text.as_bytes()).into_bytes(),
            HEXLOWER.encode(text.as_bytes()).into_bytes(),
            codes.join(",").into_bytes(),
            text.bytes().rev().collect(),
            each(&text, |b| format!("\\x{b:02x}")).into_bytes(),
            wide,
        ] {
            let found = scan(&written);
            assert!(found.len() == 1 && found[0].secret.expose() == key(), "{before} {behind}: {found:?}");
        }
    }
}

#[test]
fn lists_of_code_points_and_numbers() {
    let key = key();
    let each =
        |one: &dyn Fn(u8) -> String, between: &str| key.bytes().map(one).collect::<Vec<_>>().join(between);
    let indexed: Vec<String> = key.bytes().enumerate().map(|(at, byte)| format!("\"{at}\":{byte}")).collect();
    for (written, kind) in [
        (each(&|byte| format!("U+{byte:04X}"), " "), "hex"),
        (each(&|byte| format!("\\{byte:x} "), ""), "hex"),
        (each(&|byte| format!("\\{byte:06x}"), ""), "hex"),
        (each(&|byte| format!("0x{byte:02x}u8"), ", "), "hex"),
        (each(&|byte| format!("(byte){byte}"), ", "), "char-codes"),
        (each(&|byte| format!("{byte:>3}"), ", "), "char-codes"),
        (format!("{{{}}}", indexed.join(",")), "char-codes"),
    ] {
        let found = scan(format!("x = {written};\n").as_bytes());
        let kinds: Vec<String> = found.iter().map(|one| one.encoding[0].to_string()).collect();
        assert!(found.iter().any(|one| one.secret.expose() == key), "{written}: {kinds:?}");
        assert_eq!(kinds[0], kind, "{written}");
    }
}

#[test]
fn base32_frames_and_compressed_text() {
    let key = key();
    let base32 = data_encoding::BASE32.encode(format!("some text telnyx {key} more").as_bytes());
    let header = b"PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0k";
    let mut deflated = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    deflated.write_all(format!("telnyx {key} telnyx {key}").as_bytes()).unwrap();
    let zip = [&header[..], &deflated.finish().unwrap(), b"PK\x01\x02"].concat();
    let mut bzip2 = Vec::new();
    std::io::Read::read_to_end(
        &mut bzip2::read::BzEncoder::new(key.as_bytes(), bzip2::Compression::best()),
        &mut bzip2,
    )
    .unwrap();
    // The id before the key is what the compressed key refers to, so the key does not occur in the compressed bytes.
    let zstd = zstd::encode_all(format!("telnyx {} and {key} ", &key[..35]).as_bytes(), 3).unwrap();
    let encode = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
    for (written, kind) in [
        (base32.clone(), "base32"),
        (base32.to_lowercase(), "base32"),
        (encode(&zip), "zip"),
        (encode(&zstd), "zstd"),
        (encode(&bzip2), "bzip2"),
        (data_encoding::HEXLOWER.encode(&zstd), "zstd"),
    ] {
        let found = scan(format!("x = \"{written}\";\n").as_bytes());
        let is_wanted = |one: &&Match| {
            one.secret.expose() == key && one.encoding.iter().any(|layer| layer.as_str() == kind)
        };
        assert!(found.iter().any(|one| is_wanted(&one)), "{kind}: {written}");
    }
}

/// Each of these encodings around each other one.
#[test]
fn encodings_of_encodings() {
    let key = key();
    type Encode = fn(&[u8]) -> String;
    let encoders: [(&str, Encode); 4] = [
        ("base64", |bytes| data_encoding::BASE64.encode(bytes)),
        ("hex", |bytes| data_encoding::HEXLOWER.encode(bytes)),
        ("HEX", |bytes| data_encoding::HEXUPPER.encode(bytes)),
        ("percent", |bytes| bytes.iter().map(|byte| format!("%{byte:02X}")).collect()),
    ];
    let mut missed = Vec::new();
    for (inner, encode_inner) in encoders {
        for (outer, encode) in encoders {
            for before in ["", "a", "ab", "abc telnyx: "] {
                let text = encode(encode_inner(format!("{before}{key}\n").as_bytes()).as_bytes());
                let found = scan(format!("value = {text}\n").as_bytes());
                if !found.iter().any(|one| one.secret.expose() == key) {
                    missed.push(format!("{outer} of {inner} after {before:?}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
