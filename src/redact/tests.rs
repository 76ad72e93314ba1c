//! The output of the redactor, byte for byte and in memory. The tests of the program check that the output does not
//! depend on how the content is split.

use std::fmt::Write as _;
use std::sync::LazyLock;

use data_encoding::{BASE64, HEXLOWER};

use super::*;
use crate::detect::StreamMatch;
use crate::finding::{Secret, Severity};
use crate::rules;

mod slowly;

static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(super::rules(rules::builtin().unwrap()), false).unwrap());

const ID: &str = "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E";
const SHOWN: &str = "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E_hw…dG";

/// Concatenated here so that the source does not contain a whole key.
fn key() -> String {
    [ID, "_hwqtpZbC4", "XD1PEQFaKWydG"].concat()
}

/// Returns the output for content that arrives in `pieces`, and the number of masked credentials.
fn redacted(pieces: &[&[u8]], moment: Moment) -> (Vec<u8>, u64) {
    let mut redactor = Redactor::new(&DETECTOR);
    let mut out = Vec::new();
    for piece in pieces.iter().flat_map(|piece| piece.chunks(MIN_ROOM_BYTES)) {
        let room = redactor.room();
        assert!(room.len() >= MIN_ROOM_BYTES);
        room[..piece.len()].copy_from_slice(piece);
        redactor.arrived(piece.len());
        redactor.send(moment, &mut out).unwrap();
    }
    redactor.send(Moment::End, &mut out).unwrap();
    assert_eq!(redactor.held(), 0);
    (out, redactor.masked())
}

fn masked(text: &str) -> (String, u64) {
    let (out, count) = redacted(&[text.as_bytes()], Moment::More);
    (String::from_utf8(out).unwrap(), count)
}

#[test]
fn each_form_is_masked_and_surroundings_are_unchanged() {
    let key = key();
    for (written, shown) in [
        (key.clone(), SHOWN.to_owned()),
        (HEXLOWER.encode(key.as_bytes()), format!("‹hex: {SHOWN}›")),
        (key.replace('_', "%5F"), format!("‹percent: {SHOWN}›")),
        (key.chars().rev().collect(), format!("‹reversed: {SHOWN}›")),
    ] {
        let text = format!("first\nkey = \"{written}\" # end\nlast {written}\n");
        let want = format!("first\nkey = \"{shown}\" # end\nlast {shown}\n");
        assert_eq!(masked(&text), (want, 2));
    }
    assert_eq!(masked(&format!("{key} {key}")), (format!("{SHOWN} {SHOWN}"), 2));
}

#[test]
fn a_list_of_numbers_stays_json() {
    let numbers: Vec<String> = key().bytes().map(|byte| byte.to_string()).collect();
    let (out, count) = masked(&format!("{{\"bytes\":[{}],\"n\":1}}\n", numbers.join(",")));
    assert_eq!((out, count), (format!("{{\"bytes\":[\"‹char-codes: {SHOWN}›\"],\"n\":1}}\n"), 1));
}

#[test]
fn a_key_over_lines_with_a_prefix_is_masked() {
    let line =
        |second: usize, text: &str| format!("2026-03-05 10:00:0{second},123 INFO [main] app - {text}\n");
    let other = "2026-03-05 10:00:02,000 INFO [other] app - x\n";
    let (first, rest) = (line(1, &key()[..41]), line(2, &key()[41..]));
    let (out, count) = masked(&format!("{}{first}{other}{rest}{}", line(0, "a"), line(3, "b")));
    assert_eq!(count, 1);
    assert!(!out.contains("_hwqtp") && out.contains(other) && out.ends_with(&line(3, "b")), "{out}");
    let harmless = format!("{first}{}", rest.replace("main", "third"));
    assert!(masked(&harmless).0.contains(&rest.replace("main", "third")));
}

#[test]
fn wide_text_has_wide_mask() {
    let text = format!("\u{feff}one\r\nk={}\r\ntwo\r\n", key());
    for (wide, name) in [
        (
            (|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()) as fn(&str) -> Vec<u8>,
            "utf-16le",
        ),
        (|text| text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(), "utf-32le"),
        (|text| text.encode_utf16().flat_map(u16::to_be_bytes).collect(), "utf-16be"),
        (|text| text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(), "utf-32be"),
    ] {
        let want = wide(&format!("\u{feff}one\r\nk=‹{name}: {SHOWN}›\r\ntwo\r\n"));
        assert!(redacted(&[&wide(&text)], Moment::More) == (want, 1), "{name}");
        // At an odd offset, with and without a byte after it.
        for (before, behind) in [("x", "."), ("x", ""), ("xyz", "\u{ff}"), ("\u{e9}", "")] {
            let text = wide(&format!("k={}", key()));
            let shifted = [before.as_bytes(), &text, behind.as_bytes()].concat();
            let (out, count) = redacted(&[&shifted], Moment::More);
            let letters: Vec<u8> = out.into_iter().filter(|&byte| byte != 0).collect();
            let shows = memchr::memmem::find(&letters, &key().as_bytes()[40..50]).is_some();
            assert!(count == 1 && !shows, "{name} behind {before:?}: {}", String::from_utf8_lossy(&letters));
        }
    }
}

#[test]
fn overlapping_matches_name_higher_rank() {
    let key = key();
    let url = format!("a X-Amz-Credential={key}%2F20260102%2Fus-central-1%2Fs3%2Faws4_request b\n");
    let (out, count) = masked(&url);
    assert!(out.starts_with("a X-Amz-Credential=KEY0198") && out.ends_with(" b\n"), "{out}");
    assert!(count == 1 && !out.contains(&key[36..]), "{out}");
}

/// The plain text after the bytes of a dump is masked as well, up to the end of the line in which the key ends.
#[test]
fn dump_is_masked_to_end_of_line() {
    let text = format!("0123456789{}9876543210", key());
    let mut dump = String::new();
    for (number, line) in text.as_bytes().chunks(16).enumerate() {
        let hex: Vec<String> = line.chunks(2).map(|pair| HEXLOWER.encode(pair)).collect();
        let clear = String::from_utf8_lossy(line);
        writeln!(dump, "{:08x}: {:<39}  {clear}", number * 16, hex.join(" ")).unwrap();
    }
    let (out, count) = masked(&format!("before\n{dump}behind it\n"));
    assert_eq!(count, 1);
    assert!(out.starts_with("before\n00000000: ") && out.ends_with("›\nbehind it\n"), "{out}");
    assert!(!out.contains("PEQFaKWydG") && !out.contains("9876543210"), "{out}");
}

#[test]
fn compressed_base64_is_masked_exactly_to_its_end() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut more = String::new();
    for number in 0..200u32 {
        writeln!(more, "{}", number.wrapping_mul(2_654_435_761)).unwrap();
    }
    encoder.write_all(format!("{} {more}", key()).as_bytes()).unwrap();
    let base64 = BASE64.encode(&encoder.finish().unwrap());
    let lines: Vec<&str> =
        base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for written in [base64.clone(), lines.join("\n")] {
        let (out, count) = masked(&format!("one line\n{written}\nand another line\n"));
        let want = format!("one line\n‹base64, gzip: {SHOWN}›\nand another line\n");
        assert_eq!((out, count), (want, 1));
    }
}

#[test]
fn password_before_its_anchor_is_held_back() {
    let password = ["0f1e2d3c4b5a6978", "8796a5b4c3d2e1f0"].concat();
    let text = format!(
        "{{\n  \"sip_password\": \"{password}\",\n  \"sip_username\": \"gencredkX2mQ9vR4tL7wB1nZ8pHsD\"\n}}\n"
    );
    let lines: Vec<&[u8]> = text.as_bytes().split_inclusive(|&b| b == b'\n').collect();
    let (out, count) = redacted(&lines, Moment::More);
    let out = String::from_utf8(out).unwrap();
    assert!(count == 1 && !out.contains(&password[6..]), "{out}");
    assert!(out.starts_with("{\n  \"sip_password\": \"0f1e…f0"), "{out}");
    assert_eq!(masked(&text).0, out);
}

#[test]
fn long_content_is_masked_in_every_block() {
    let key = key();
    for gap in [BLOCK_BYTES as usize - 80, BLOCK_BYTES as usize - 40, BUFFER_BYTES + 100] {
        let filler = "some more words\n".repeat(gap / 16);
        let text = format!("{filler}{key}\n{filler}{key}\n{filler}");
        let want = format!("{filler}{SHOWN}\n{filler}{SHOWN}\n{filler}");
        let (out, count) = masked(&text);
        assert!(out == want && count == 2, "{gap}");
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(7000).collect();
        let (out, count) = redacted(&pieces, Moment::More);
        assert!(out == want.as_bytes() && count == 2, "{gap} in pieces");
    }
}

#[test]
fn pause_writes_partial_key_and_ellipsis_for_its_rest() {
    let line = format!("key={}\n", key());
    let (whole, count) = redacted(&[line.as_bytes(), b"next\n"], Moment::Quiet);
    assert_eq!((String::from_utf8(whole).unwrap(), count), (format!("key={SHOWN}\nnext\n"), 1));
    let (cut, count) = redacted(&[&line.as_bytes()[..44], &line.as_bytes()[44..]], Moment::Quiet);
    assert_eq!((String::from_utf8(cut).unwrap(), count), (format!("key=KEY0…{}…\n", &line[42..44]), 1));
    // Without a pause, no part of the key is written before it is complete.
    let (more, _) = redacted(&[&line.as_bytes()[..44], &line.as_bytes()[44..]], Moment::More);
    assert_eq!(String::from_utf8(more).unwrap(), format!("key={SHOWN}\n"));
}

#[test]
fn truncated_key_shows_no_more_than_whole_key() {
    let key = key();
    for length in 39..58 {
        let shown = format!("{}_{}…{}", &key[..35], &key[36..38], &key[length - 2..length]);
        let shown = if length < 51 { format!("KEY0…{}", &key[length - 2..length]) } else { shown };
        for (before, after) in [("", ""), ("a=", "\n"), ("a=\"", "\" b\n"), ("a=", "… b\n")] {
            let text = format!("{before}{}{after}", &key[..length]);
            assert_eq!(masked(&text), (format!("{before}{shown}{after}"), 1), "{length}");
        }
    }
    // A bare id, and a masked key as shown in reports.
    for rest in ["", "_", "_h", "_hw", "_hw…dG", "_…"] {
        let text = format!("a={}{rest}\n", &key[..35]);
        assert_eq!(masked(&text), (text.clone(), 0), "{rest}");
    }
}

#[test]
fn clean_line_is_written_at_once() {
    let mut redactor = Redactor::new(&DETECTOR);
    let mut out = Vec::new();
    redactor.room()[..12].copy_from_slice(b"a clean line");
    redactor.arrived(12);
    redactor.send(Moment::More, &mut out).unwrap();
    assert_eq!((redactor.held(), out.len()), (12, 0));
    redactor.room()[0] = b'\n';
    redactor.arrived(1);
    redactor.send(Moment::More, &mut out).unwrap();
    assert_eq!((redactor.held(), out.as_slice()), (0, b"a clean line\n".as_slice()));
}

#[test]
fn floor_is_start_of_line_or_of_value_above() {
    assert_eq!(floor(b"one\ntwo KEY", 8), 4);
    assert_eq!(floor(b"one", 3), 0);
    assert_eq!(floor(&[b'x'; 5000], 4000), 4000 - 2048);
    let value = "7d1e9a3c5b2f";
    let text = format!("one\npass: {value}\nname: n");
    assert_eq!(floor(text.as_bytes(), text.len()), 10);
    for (lines, place) in [(1000, 10), (2000, 2000 * 5 + 23)] {
        let far = format!("one\npass: {value}\n{}", "line\n".repeat(lines));
        assert_eq!(floor(far.as_bytes(), far.len()), place);
    }
}

#[test]
fn memory_is_bounded() {
    let mut redactor = Redactor::new(&DETECTOR);
    let lines = "some more words\n".repeat(MIN_ROOM_BYTES / 16);
    let mut out = Vec::new();
    for _ in 0..12 {
        redactor.room()[..lines.len()].copy_from_slice(lines.as_bytes());
        redactor.arrived(lines.len());
        redactor.send(Moment::More, &mut out).unwrap();
        assert!(redactor.buffer.len() <= 2 * BUFFER_BYTES, "{}", redactor.buffer.len());
    }
    assert_eq!(out.len(), 12 * lines.len());
}

#[test]
fn two_keys_on_a_line_are_masked_in_small_pieces() {
    let text = format!("one\na={0} b={0} c\nlast\n", key());
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(3).collect();
    let (out, count) = redacted(&bytes, Moment::More);
    let want = format!("one\na={SHOWN} b={SHOWN} c\nlast\n");
    assert_eq!((String::from_utf8(out).unwrap(), count), (want, 2));
}

/// The first key is certain long before the second one, but must wait: until the second is decided, it is not known how
/// far back a credential on this line may begin.
#[test]
fn delayed_mask_is_kept() {
    let (key, words) = (key(), "word ".repeat(200));
    let filler = "some more words\n".repeat(3 * SURROUNDINGS / 16);
    let text = format!("one\na={key} {words} b={key} c\n{filler}");
    let pieces: Vec<&[u8]> = text.as_bytes().chunks(500).collect();
    let (out, count) = redacted(&pieces, Moment::More);
    let want = format!("one\na={SHOWN} {words} b={SHOWN} c\n{filler}");
    assert!(out == want.as_bytes() && count == 2, "{}", String::from_utf8_lossy(&out[..200]));
}

#[test]
fn held_bytes_are_written_once_decided_in_every_block() {
    let lines = |bytes: u64| "some more words\n".repeat(bytes as usize / 16);
    let mut redactor = Redactor::new(&DETECTOR);
    let mut out = Vec::new();
    for piece in
        [format!("{}{}", lines(2 * BLOCK_BYTES), &key()[..44]), key()[44..].into(), lines(2 * BLOCK_BYTES)]
    {
        redactor.room()[..piece.len()].copy_from_slice(piece.as_bytes());
        redactor.arrived(piece.len());
        redactor.send(Moment::More, &mut out).unwrap();
    }
    assert!(redactor.held() < 100 && redactor.masked() == 1, "{} held", redactor.held());
}

#[test]
fn overlapping_masks_merge_and_adjacent_masks_do_not() {
    let secret = Secret::new("0123456789abcdef0123");
    let mask = |span| {
        let severity = Severity::Error;
        let (secret, encoding) = (secret.clone(), Vec::new());
        let found = StreamMatch { secret, span, encoding, rank: 1, severity, expires: false, hit: 0 };
        Mask::new(&found, &[], 0, 0).unwrap()
    };
    let one = secret.masked();
    for (second, want, count) in [
        (4..9, format!("ab{one}jkl"), 1),
        (6..9, format!("ab{one}{one}jkl"), 2),
        (8..9, format!("ab{one}gh{one}jkl"), 2),
    ] {
        let mut redactor = Redactor::new(&DETECTOR);
        redactor.room()[..12].copy_from_slice(b"abcdefghijkl");
        redactor.arrived(12);
        redactor.found = vec![mask(second), mask(2..6)];
        let mut out = Vec::new();
        redactor.write_up_to(12, 2, &mut out).unwrap();
        assert_eq!((String::from_utf8(out).unwrap(), redactor.masked()), (want, count));
    }
}

/// More bytes are held back than the initial buffer has room for.
#[test]
fn long_compressed_data_is_held_until_its_end() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    let mut number = 1u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        number.to_be_bytes()[0]
    })
    .take(BUFFER_BYTES)
    .collect();
    encoder.write_all(format!("{} ", key()).as_bytes()).unwrap();
    encoder.write_all(&noise).unwrap();
    let base64 = BASE64.encode(&encoder.finish().unwrap());
    let (out, count) = masked(&format!("one line\n{base64}\nand another line\n"));
    assert!(out == format!("one line\n‹base64, gzip: {SHOWN}›\nand another line\n") && count == 1);
}
