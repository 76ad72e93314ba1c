//! Content that arrives slowly, and the output until then: every form byte by byte, the start of the content, and text
//! that is not held back.

use super::*;

/// Lower-case letters. No other compressed data appears to start in their base64.
fn letters(length: usize) -> Vec<u8> {
    (0..length).map(|at| b'a' + (at % 26) as u8).collect()
}

/// Stored (uncompressed) gzip in base64.
fn stored(content: &[u8]) -> String {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(content).unwrap();
    BASE64.encode(&encoder.finish().unwrap())
}

/// Sends `content` in pieces of at most `room` bytes without ending it. Returns the output so far, the number of bytes
/// held back and the number of masks.
fn so_far(content: &[u8], room: usize) -> (Vec<u8>, u64, u64) {
    let mut redactor = Redactor::new(&DETECTOR);
    let mut out = Vec::new();
    for piece in content.chunks(room) {
        redactor.room()[..piece.len()].copy_from_slice(piece);
        redactor.arrived(piece.len());
        redactor.send(Moment::More, &mut out).unwrap();
    }
    (out, redactor.held(), redactor.masked())
}

#[test]
fn every_form_byte_by_byte() {
    let key = key();
    let each = |form: &dyn Fn(u8) -> String| key.bytes().map(form).collect::<String>();
    let codes: Vec<String> = key.bytes().map(|byte| byte.to_string()).collect();
    let pairs: Vec<String> = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = BASE64.encode(key.as_bytes());
    for written in [
        key.clone(),
        HEXLOWER.encode(key.as_bytes()),
        pairs.join(" "),
        pairs.join(", 0x"),
        format!("\\x{}", pairs.join("\\x")),
        codes.join(", "),
        codes.join(","),
        codes.join(",\n                    "),
        base64.clone(),
        format!("{}\n    {}", &base64[..20], &base64[20..]),
        BASE64.encode(base64.as_bytes()),
        stored(key.as_bytes()),
        each(&|b| format!("%{b:02X}")),
        each(&|b| format!("%25{b:02X}")),
        each(&|b| format!("\\u{b:04x}")),
        each(&|b| format!("\\u{{{b:x}}}")),
        each(&|b| format!("\\{b:03o}")),
        each(&|b| format!("&#{b};")),
        each(&|b| format!("&#x{b:X};")),
        key.chars().rev().collect(),
        format!("{}=\r\n{}", &key[..20], &key[20..].replace('_', "=5F")),
        format!("{}\" + \"{}", &key[..17], &key[17..]),
        format!("{}\" +\n                  // more of it\n  '{}", &key[..3], &key[3..]),
        format!("{}\u{200b}{}", &key[..9], &key[9..]),
        format!("{}\u{1b}[0m{}", &key[..30], &key[30..]),
        format!("{}\\\n{}", &key[..29], &key[29..]),
        format!("{}\n    {}", &key[..29], &key[29..]),
    ] {
        let text = format!("one line\nkey = \"{written}\";\nlast line\n");
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        let (slowly, count) = redacted(&bytes, Moment::More);
        let (at_once, _) = redacted(&[text.as_bytes()], Moment::More);
        assert_eq!(String::from_utf8_lossy(&slowly), String::from_utf8_lossy(&at_once), "{written}");
        let slowly = String::from_utf8(slowly).unwrap();
        let (first, last) = ("one line\nkey = \"", "\";\nlast line\n");
        let mask = slowly.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
        assert!(count == 1 && mask.is_some_and(|mask| mask.contains("_hw…dG›") || mask == SHOWN), "{slowly}");
    }
}

#[test]
fn every_separator_byte_by_byte() {
    let key = key();
    for joint in [
        "'+'",
        "\" \\\n        \"",
        "\" . '",
        "\" .. \"",
        "' || '",
        "\" & _\r\n  \"",
        "\"\"",
        "\", \"",
        "\").append(\"",
        "\".concat(\"",
        "\";\n  key += \"",
        "\"; k = k + \"",
        "\" // first half\n + \"",
        "\" -- first half\n .. \"",
        "\" # first half\n  \"",
        "\" /* x: 1 */ \"",
        "\\\" + \\\"",
        "\\\n    ",
        "\\n",
        "\\r\\n",
        "\u{1b}[31m",
        "\u{1b}]8;;some link\u{7}",
        "\u{1b}[0m\u{1b}[1;32m",
        "\u{200b}",
        "\u{ad}",
        "\r\n  # ",
        "\n> ",
        "\n// ",
        "\n-- ",
        "=\r\n",
        "^\n",
        "`\n   ",
    ] {
        for cut in [2, 3, 9, 57] {
            let text = format!("one line\nkey = \"{}{joint}{}\";\nlast line\n", &key[..cut], &key[cut..]);
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            let (slowly, _) = redacted(&bytes, Moment::More);
            let (at_once, count) = redacted(&[text.as_bytes()], Moment::More);
            assert_eq!(String::from_utf8_lossy(&slowly), String::from_utf8_lossy(&at_once), "{text}");
            assert!(count == 1 || joint.starts_with(['^', '`']), "{text}");
        }
    }
}

#[test]
fn wide_text_byte_by_byte() {
    let text = format!("\u{feff}one line\nkey = \"{}\";\nlast line\n", key());
    for content in [
        text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
        text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
    ] {
        let bytes: Vec<&[u8]> = content.chunks(1).collect();
        let (slowly, count) = redacted(&bytes, Moment::More);
        assert!(count == 1 && slowly == redacted(&[&content], Moment::More).0);
    }
}

#[test]
fn start_of_content_is_masked() {
    assert_eq!(masked(&key()), (SHOWN.to_owned(), 1));
    let inside = stored(key().as_bytes());
    assert_eq!(
        masked(&format!("{inside}\nmore of it\n")),
        (format!("‹base64, gzip: {SHOWN}›\nmore of it\n"), 1)
    );
    let filler = "some more words\n".repeat(SURROUNDINGS / 8);
    for written in [key(), inside] {
        let (out, held, count) = so_far(format!("{written}\n{filler}").as_bytes(), 1000);
        assert!(count == 1 && held < 100 && out.ends_with(b"some more words\n"), "{held}");
    }
}

#[test]
fn implausible_date_is_masked_and_placeholder_is_not() {
    let implausible = key().replace("KEY0198C0FFEE5A4", "KEY01236170692E5");
    let shown = SHOWN.replace("KEY0198C0FFEE5A4", "KEY01236170692E5");
    assert_eq!(masked(&format!("k={implausible}\n")), (format!("k={shown}\n"), 1));
    let placeholder = format!("k={}_yoursecretkeygoeshere0\n", &key()[..35]);
    assert_eq!(masked(&placeholder), (placeholder.clone(), 0));
}

#[test]
fn text_that_cannot_become_a_key_is_not_held() {
    let filler = "some more words\n".repeat(20);
    for none in [
        "KEYS and values",
        "the S0VZ of base64",
        "4b45 of hex 4b 45 zz",
        "75, 69, 300, 4",
        "\\u004b\\u0045 no",
        "yek 10YEK of it",
        "K\0E\0x\0",
        "a \"K\": \"E\" pair",
    ] {
        let text = format!("{none}\n{filler}");
        let (out, held, _) = so_far(text.as_bytes(), 40);
        assert!(held < 60, "{held} bytes held of {none:?}");
        assert!(text.as_bytes().starts_with(&out));
    }
}

/// Base64 that ends early, and base64 that is longer than the limit for holding it back.
#[test]
fn compressed_data_is_held_up_to_a_limit() {
    let content = [key().as_bytes(), &letters(3 * BUFFER_BYTES)].concat();
    let base64 = stored(&content);
    // The data is checked again only once there is twice as much content.
    let filler = "some more words\n".repeat(base64.len() / 16);
    let (out, held, count) = so_far(format!("one\n{base64}\n{filler}").as_bytes(), 100_000);
    assert!(count == 1 && held < 100, "{held} bytes held");
    let want = format!("one\n‹base64, gzip: {SHOWN}›\nsome");
    assert_eq!(String::from_utf8_lossy(&out[..want.len()]), want);
    let endless = stored(&[key().as_bytes(), &letters(4 << 20)].concat());
    let (out, held, count) = so_far(format!("one\n{endless}").as_bytes(), MIN_ROOM_BYTES);
    assert!(count == 1 && held < endless.len() as u64 / 2, "{held} bytes held");
    assert!(out.starts_with(format!("one\n‹base64, gzip: {SHOWN}›").as_bytes()));
}
