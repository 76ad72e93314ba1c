//! Windows of each encoding, byte by byte: the decoded bytes, their raw ranges, and the ends of the windows.

use super::super::base64::decode as base64;
use super::super::char_codes::decode as codes;
use super::super::hex::{decode as hex, pair_after, pair_before};
use super::super::reversed::decode as reversed;
use super::super::utf16::{decode as wide, decode_wide_text as wide_text};
use super::*;
use crate::detect::escapes::OTHER;
use crate::detect::text_cache::TextCache;

fn text(decoded: &DecodedWindow) -> String {
    decoded.view.bytes().iter().map(|&byte| if byte == OTHER { '?' } else { char::from(byte) }).collect()
}

/// Returns the raw text of each decoded byte.
fn sources(decoded: &DecodedWindow, raw: &[u8]) -> Vec<String> {
    let count = decoded.view.bytes().len();
    let source = |index| {
        let (from, to) = decoded.view.place(index);
        String::from_utf8_lossy(&raw[decoded.base + from..decoded.base + to]).into_owned()
    };
    (0..count).map(source).collect()
}

#[test]
fn base64_is_decoded_from_first_group_to_last_character() {
    // "xy" precedes the first whole group, and the last group has three, two or one character.
    for (tail, end, last) in [("bG8s", "lo,", 6), ("bG8", "lo", 5), ("bG", "l", 4), ("b", "", 3)] {
        let raw = format!(" xyaGVs{tail}.");
        let decoded = base64(raw.as_bytes(), 3, &mut TextCache::default()).unwrap();
        assert_eq!(text(&decoded), format!("hel{end}"));
        assert_eq!(decoded.view.bytes().len(), last);
        assert_eq!(decoded.kind, Encoding::Base64);
        let from = sources(&decoded, raw.as_bytes());
        assert_eq!(from[..3], ["aG", "GV", "Vs"]);
        assert!(last < 4 || from[3] == "bG");
        assert!(last < 5 || from[4] == "G8");
    }
    // From the middle of the text, in the URL-safe alphabet, over a line end.
    let decoded = base64(b"(aGVs\nbG8_", 6, &mut TextCache::default()).unwrap();
    assert_eq!((text(&decoded), decoded.kind), ("hello?".to_owned(), Encoding::Base64Url));
    assert_eq!(sources(&decoded, b"(aGVs\nbG8_")[2..4], ["Vs", "bG"]);
}

#[test]
fn window_is_limited_around_the_hit() {
    let long = "QUJD".repeat(2000);
    let decoded = base64(long.as_bytes(), 4000, &mut TextCache::default()).unwrap();
    assert_eq!((decoded.base, decoded.view.bytes().len()), (3200, (LEFT_BYTES + RIGHT_BYTES) / 4 * 3));
    let long = "41".repeat(4000);
    let decoded = hex(long.as_bytes(), 4000);
    assert_eq!((decoded.base, decoded.view.bytes().len()), (3200, (LEFT_BYTES + RIGHT_BYTES) / 2));
    assert_eq!(decoded.view.place(0), (0, 2));
    let long = "65, ".repeat(3000);
    let decoded = codes(long.as_bytes(), 3000);
    assert_eq!((decoded.base, decoded.view.place(0)), (2200, (0, 2)));
    assert_eq!(text(&decoded), "A".repeat(decoded.view.bytes().len()));
    assert_eq!(decoded.view.bytes().len(), (LEFT_BYTES + RIGHT_BYTES) / 4);
    let long = "A\0".repeat(5000);
    let decoded = wide(long.as_bytes(), 4000, 2, 0);
    assert_eq!((decoded.base, decoded.view.bytes().len()), (3200, (LEFT_BYTES + RIGHT_BYTES) / 2));
    let long = "AB".repeat(4000);
    let decoded = reversed(long.as_bytes(), 4000);
    assert_eq!((decoded.base, decoded.view.bytes().len()), (2500, 1500 + RIGHT_BYTES));
    assert_eq!((decoded.view.bytes()[0], decoded.view.place(0)), (b'B', (5499, 5500)));
    assert_eq!(decoded.view.place(5499), (0, 1));
}

/// Returns the start of the pair after the first pair of `raw`.
fn after(raw: &str) -> Option<usize> {
    pair_after(raw.as_bytes(), 2)
}

#[test]
fn next_pair_follows_separators() {
    for gap in [
        "",
        " ",
        ":",
        "-",
        ", ",
        ",\n  ",
        "\\x",
        ", 0x",
        ",0X",
        " 0x",
        "\" + \"",
        "' '",
        "\"\n\"\\x",
        "\\\n",
        "  \\x",
    ] {
        assert_eq!(after(&format!("4b{gap}45")), Some(2 + gap.len()), "{gap:?}");
    }
    for none in ["x", "x45", "; 45", "0x", " x45", " 0y45", "/45", ".45", " 0", " 4", " 4g", " g4", ""] {
        assert_eq!(after(&format!("4b{none}")), None, "{none:?}");
    }
    assert_eq!(after(&format!("4b{}45", " ".repeat(40))), Some(42));
    assert_eq!(after(&format!("4b{}45", " ".repeat(41))), None);
    // A single digit is not a pair, but a zero may start one.
    assert_eq!(after("4b 0145"), Some(3));
}

#[test]
fn previous_pair_precedes_separators() {
    let before = |raw: &str| pair_before(raw.as_bytes(), raw.len());
    for gap in ["", " ", ":", "-", ", ", "\\x", ", 0x", ",0X", " 0x", "\" + \"", "\\\n"] {
        assert_eq!(before(&format!("(4b{gap}")), Some(1), "{gap:?}");
    }
    for none in ["", "b", "0x", "(0x", "4g ", "g4 ", ";", "4b;", "4bx", "4b 1x", "4b y", "x "] {
        assert_eq!(before(none), None, "{none:?}");
    }
    assert_eq!(before("4b"), Some(0));
    assert_eq!(before("4b "), Some(0));
    assert_eq!(before(&format!("4b{}", " ".repeat(40))), Some(0));
    assert_eq!(before(&format!("4b{}", " ".repeat(41))), None);
}

#[test]
fn dump_continues_after_its_margin() {
    for (dump, next) in [
        ("4b  |K|\n00000010: 45", 18),
        ("4b  K.\n0010: 45", 13),
        ("4b\n0000020 45", 11),
        ("4b\r\n0000020 45", 12),
        ("4b  >K<\n0000020  45", 17),
        ("4b |K|\n0010:\t45", 13),
    ] {
        assert_eq!(after(dump), Some(next), "{dump:?}");
    }
    // Two blanks in the middle of a line belong to it, unless its offset ends with a colon.
    assert_eq!(pair_after(b"00000000  4b  45", 12), Some(14));
    assert_eq!(pair_after(b"x\n00000000  4b  45", 14), Some(16));
    assert_eq!(pair_after(b"00000000: 4b  45\n00000010: 46", 12), Some(27));
    // No offset, an offset of the wrong length, or nothing after it.
    for none in ["4b  |K|\nzz: 45", "4b  |K|\n010: 45", "4b  |K|\n00000000000000010: 45", "4b  |K|\n0010; 45"]
    {
        assert_eq!(after(none), None, "{none:?}");
    }
    let far = |width: usize| after(&format!("4b  {}\n0010: 45", "K".repeat(width)));
    assert_eq!((far(117), far(118)), (Some(128), None));
    assert_eq!(after("4b  |K|\n0000000000000010: 45"), Some(26));
    assert_eq!(after("4b  |K|\n0010:        45"), None);
    assert_eq!(after("4b  |K|\n0010:       45"), Some(20));
}

#[test]
fn pairs_are_read_in_both_directions() {
    let raw = b"z 41:42 43\\x44, 0x45.46";
    let decoded = hex(raw, 8);
    assert_eq!(text(&decoded), "ABCDE");
    assert_eq!(sources(&decoded, raw), ["41", "42", "43", "44", "45"]);
}

#[test]
fn character_codes_end_at_other_text() {
    let read = |raw: &str, at: usize| {
        let decoded = codes(raw.as_bytes(), at);
        (text(&decoded), sources(&decoded, raw.as_bytes()).join(" "))
    };
    assert_eq!(read("[75, 69,89]", 5), ("KEY".to_owned(), "75 69 89".to_owned()));
    // A number that is not a character code ends a list that contains the hit, and starts a new one before it.
    assert_eq!(read("65, 66, 300, 67, 68", 13).0, "CD");
    assert_eq!(read("65, 66, 300, 67, 68", 4).0, "AB");
    assert_eq!(read("65, 128, 67", 9).0, "C");
    assert_eq!(read("65, 127, 67", 0).0, "A\u{7f}C");
    let gap = |length| " ".repeat(length);
    assert_eq!(read(&format!("65{}66", gap(40)), 0).0, "AB");
    assert_eq!(read(&format!("65{}66", gap(41)), 0).0, "A");
    assert_eq!(read(&format!("65{}66", gap(41)), 43).0, "B");
    assert_eq!(read(&format!("65{}66,67", gap(41)), 43).0, "BC");
}

#[test]
fn byte_order_is_detected_at_the_ends_of_wide_text() {
    for (raw, at, width, offset, kind, read) in [
        // Zeros on both sides: the offset in the file decides.
        (&b"\0K\0E\0"[..], 1, 2, 1, Encoding::Utf16Le, "KE"),
        (b"\0K\0E\0", 1, 2, 0, Encoding::Utf16Be, "KE"),
        (b"?!K\0E\0", 4, 2, 1, Encoding::Utf16Le, "?KE"),
        (b"\xff\0K\0E", 4, 2, 0, Encoding::Utf16Be, "KE"),
        (b"\xff\0K\0E\xff", 2, 2, 1, Encoding::Utf16Be, "KE"),
        (b"\0\0\0K\0\0\0E", 3, 4, 1, Encoding::Utf32Be, "KE"),
        (b"\xff\xffK\0\0\0E\0\0\0\xff", 6, 4, 0, Encoding::Utf32Le, "KE"),
        // Either the first or the last letter does not belong to the text.
        (b"x\0K\0E", 2, 2, 0, Encoding::Utf16Le, "xKE"),
        (b"x\0K\0Ey", 2, 2, 1, Encoding::Utf16Le, "xKE"),
    ] {
        let decoded = wide(raw, at, width, offset);
        assert_eq!((decoded.kind, text(&decoded).as_str()), (kind, read), "{raw:?}");
    }
    assert_eq!(wide(b"\xff\0K\0E", 2, 2, 0).view.raw(&(0..2)), 0..4);
}

#[test]
fn wide_characters_have_zero_high_bytes() {
    let raw = b"K\0E\0\xe9\0Y\x01Z\0x";
    assert_eq!(text(&wide(raw, 2, 2, 0)), "KE??Z");
    assert_eq!(text(&wide(b"?K\0E\0", 3, 2, 0)), "KE");
    assert_eq!(wide(raw, 2, 2, 0).kind, Encoding::Utf16Le);
    assert_eq!(wide(b"K\0\0\0E\0\0\0", 4, 4, 0).kind, Encoding::Utf32Le);
    assert_eq!(text(&wide(b"K\0\0\0E\0\x01\0Y\x01\0\0", 0, 4, 0)), "K??");
    assert_eq!(wide(raw, 2, 2, 0).view.place(1), (2, 4));
    let read = |raw: &[u8], width, little| text(&wide_text(raw, width, little));
    assert_eq!(read(b"K\0E\0Y\x01\xe9\0Z", 2, true), "KE??");
    assert_eq!(read(b"\0K\0E\x01Y\0\xe9\0", 2, false), "KE??");
    assert_eq!(read(b"\0\0\0K\0\x01\0E", 4, false), "K?");
    assert_eq!(wide_text(b"K\0E\0", 2, true).view.place(1), (2, 4));
}
