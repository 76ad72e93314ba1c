//! Keys next to something that affects them: another key, an escape, the context that a rule requires, a chunk or part
//! border.

use super::*;
use crate::detect::parallel::parts;

#[test]
fn adjacent_keys_are_separate() {
    let key = key();
    let other = key.replace("hwqtpZ", "Zptqwh");
    for (first, second) in [(&key, &key), (&key, &other)] {
        let found = told(format!("{first}{second}").as_bytes());
        assert_eq!(found.iter().map(|one| (one.2, one.3)).collect::<Vec<_>>(), [(0, 58), (58, 116)]);
    }
}

#[test]
fn escape_next_to_a_key_is_not_its_encoding() {
    for (before, behind) in [("%22", "%22"), ("\\u0022", "\\u0022"), ("&quot;", "&quot;"), ("\\n", "\\n")] {
        let found = told(format!("{before}{}{behind}", key()).as_bytes());
        let start = before.len() as u64;
        assert_eq!(found, [("telnyx-api-key".to_owned(), String::new(), start, start + 58)], "{before}");
    }
}

#[test]
fn split_id_does_not_match() {
    let id = &key()[..35];
    assert_eq!(told(id.as_bytes()).len(), 1);
    for text in [format!("{}\n{}\n", &id[..20], &id[20..]), format!("'{}' + '{}'", &id[..20], &id[20..])] {
        assert_eq!(told(text.as_bytes()), [], "{text}");
    }
}

#[test]
fn implausible_date_lowers_severity_to_warning() {
    let made_up = key().replace("KEY0198C0FFEE5A4", "KEY01236170692E5");
    let found = scan(made_up.as_bytes());
    assert_eq!(
        (found.len(), found[0].severity, found[0].confidence),
        (1, Severity::Warning, Confidence::Low)
    );
    assert!(found[0].reason.as_deref().is_some_and(|reason| reason.contains("date")));
    assert_eq!(scan(key().as_bytes())[0].severity, Severity::Error);
    let of_2019 = key().replace("KEY0198C0FFEE5A4", "KEY016D2A41B7C09");
    assert_eq!(scan(of_2019.as_bytes())[0].severity, Severity::Error);
}

/// A key of an unknown shape, which matches only near the name.
fn loose() -> String {
    format!("KEY{}", "q7Rt2mXw9Lk4VbN8sZp1Yc6Hd3Jf5Gg0Qa_uTi2oErW7yPlMxKvBzCd")
}

#[test]
fn context_matches_within_a_thousand_bytes_of_any_form() {
    let text = loose();
    for (written, kind) in [
        (text.clone(), ""),
        (BASE64.encode(text.as_bytes()), "base64"),
        (HEXLOWER.encode(text.as_bytes()), "hex"),
        (text.chars().rev().collect(), "reversed"),
        (compressed(&text, true), "base64 gzip"),
        (compressed(&text, false), "base64 zlib"),
    ] {
        let far = |count: usize| ". ".repeat(count / 2);
        let kinds = |text: String| {
            let found = told(text.as_bytes()).into_iter().filter(|one| one.0 == "telnyx-api-key-loose");
            found.map(|one| one.1).collect::<Vec<_>>()
        };
        assert_eq!(kinds(format!("telnyx {}'{written}'", far(900))), [kind], "name before");
        // From the start of the secret.
        let room = 960_usize.saturating_sub(written.len());
        assert_eq!(kinds(format!("{}'{written}' {}telnyx", far(3000), far(room))), [kind], "name behind");
        let none: [&str; 0] = [];
        assert_eq!(kinds(format!("telnyx {}'{written}' {}telnyx", far(1200), far(1200))), none, "{kind} far");
    }
}

#[test]
fn nested_base64_is_decoded_three_times() {
    let mut written = key();
    for layer in 1..=4 {
        written = BASE64.encode(written.as_bytes());
        let found = scan(written.as_bytes());
        // No literals are derived for deeper nesting.
        assert_eq!(found.len(), usize::from(layer <= 3), "{layer}");
    }
}

#[test]
fn compressed_data_after_slash_and_nested() {
    let once = compressed(&key(), true);
    for written in [format!("/{once}"), format!("path/{once}"), format!("data:;base64,{once}")] {
        assert_eq!(scan(written.as_bytes()).len(), 1, "{written}");
    }
    assert_eq!(scan(format!("x{once}").as_bytes()).len(), 0);
    let line = "ab".repeat(30);
    assert_eq!(scan(format!("{line}\n{once}").as_bytes()).len(), 0, "a later line of a block");
    assert_eq!(scan(format!("{}\n{once}", &line[1..]).as_bytes()).len(), 1, "a short line");
    let twice = compressed(&format!("k={once};"), true);
    assert_eq!(told(twice.as_bytes())[0].1, "base64 gzip base64 gzip");
}

#[test]
fn compressed_data_ends_at_its_own_end() {
    for before in ["", "a", "b,c", "some text: "] {
        let inner = format!("{before}{} ", key());
        let gzip = compressed(&inner, true);
        let twice = BASE64.encode(gzip.trim_end_matches('=').as_bytes());
        let zlib = compressed(&inner, false);
        let cut = gzip.trim_end_matches('=').to_owned();
        for written in [zlib.trim_end_matches('=').to_owned(), cut, gzip, twice, zlib] {
            for behind in ["\";\n \"vaam)e", "\" + \"Zm9v\"", "\n  Zm9vYmFyZm9v", "Zm9vYmFyZm9v"] {
                let places: Vec<_> = told(format!("x = \"{written}{behind}").as_bytes())
                    .iter()
                    .map(|one| (one.2, one.3))
                    .collect();
                assert_eq!(places, [(5, 5 + written.len() as u64)], "{written}{behind}");
            }
        }
    }
}

#[test]
fn compressed_data_may_start_without_digits() {
    // A stored block contains the chosen bytes: capitals, lower-case letters and no digit in base64.
    let made = |count: usize| {
        // Two bytes after a header of seven, so that the following groups of base64 are encoded as chosen.
        let plain = [&b"\0A"[..], &BASE64.decode("aBcD".repeat(count).as_bytes()).unwrap()].concat();
        let length = u8::try_from(plain.len()).unwrap();
        let mut deflated = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        deflated.write_all(format!(" {} ", key()).as_bytes()).unwrap();
        let header = [0x78, 1, 0, length, 0, !length, 0xFF];
        BASE64.encode(&[&header[..], &plain, &deflated.finish().unwrap()].concat())
    };
    let no_digit = |text: &String| !text.as_bytes()[..64].iter().any(u8::is_ascii_digit);
    let written = (20..80).map(made).find(no_digit).unwrap();
    assert_eq!(told(written.as_bytes())[0].1, "base64 zlib", "{written}");
    let words = "eJwOneWordInCamelCaseBehindAnotherAndNoneOfThemWithAnyDigitOrLineEndInIt";
    assert_eq!(scan(words.as_bytes()).len(), 0);
}

#[test]
fn context_matches_outside_of_all_layers() {
    let inner = BASE64.encode(format!("{{{}}}", loose()).as_bytes());
    for (written, kinds) in [
        (compressed(&format!("k='{inner}'"), true), "base64 gzip base64"),
        (compressed(&compressed(&loose(), false), true), "base64 gzip base64 zlib"),
    ] {
        let near = told(format!("telnyx '{written}'").as_bytes());
        assert_eq!(near.iter().map(|one| one.1.as_str()).collect::<Vec<_>>(), [kinds]);
        assert_eq!(told(format!("other '{written}'").as_bytes()), []);
    }
}

/// Gzip in base64 of random letters, with the key at the end.
#[test]
fn large_compressed_data_is_read_to_its_end() {
    for length in [300_000, 1_000_000, 3_000_000] {
        let mut number = 1u32;
        let letters = std::iter::repeat_with(|| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + (number >> 28) as u8
        });
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&letters.take(length).collect::<Vec<u8>>()).unwrap();
        encoder.write_all(key().as_bytes()).unwrap();
        let base64 = BASE64.encode(&encoder.finish().unwrap());
        let wrapped: Vec<&str> =
            base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        for text in [format!("{}\n{base64}", "word ".repeat(30_000)), format!("x\n{}\n", wrapped.join("\n"))]
        {
            let found = told(text.as_bytes());
            assert_eq!(
                found.iter().map(|one| one.1.as_str()).collect::<Vec<_>>(),
                ["base64 gzip"],
                "{length}"
            );
        }
    }
}

#[test]
fn key_without_first_character_does_not_match() {
    let codes: Vec<String> = key().bytes().skip(1).map(|byte| byte.to_string()).collect();
    assert_eq!(told(codes.join(",").as_bytes()), []);
    assert_eq!(told(format!("1{}", codes.join(",")).as_bytes()), []);
    for rest in [&key()[1..], &key()[2..]] {
        assert_eq!(told(rest.as_bytes()), []);
        assert_eq!(told(HEXLOWER.encode(rest.as_bytes()).as_bytes()), []);
        assert_eq!(told(rest.chars().rev().collect::<String>().as_bytes()), []);
    }
}

/// Compares locations and excerpts of the matches in `content` as a whole and in parts.
fn in_parts(content: &[u8], cuts: &[u64]) {
    let whole = scan(content);
    let mut borders = vec![0];
    borders.extend_from_slice(cuts);
    borders.push(content.len() as u64);
    let ranges = borders.windows(2).map(|two| two[0]..two[1]);
    let open = |part: Range<u64>| {
        let from = crate::detect::first_byte(&part) as usize;
        (part, Box::new(&content[from..]) as Box<dyn std::io::Read + Send + '_>)
    };
    let memory = (Scratch::default, drop);
    let scan = DETECTOR.scan_parts(content, ranges.map(open).collect(), memory, None);
    let tell = |one: &Match| (one.location.clone(), one.encoding.clone(), one.excerpt.text.clone());
    let (one, other): (Vec<_>, Vec<_>) =
        (whole.iter().map(tell).collect(), scan.found.iter().map(tell).collect());
    assert_eq!((scan.bytes, scan.error.is_none()), (content.len() as u64, true));
    assert_eq!(one, other, "cut at {cuts:?}");
    assert!(one.len() > 20);
}

#[test]
fn locations_in_parts_equal_locations_in_whole() {
    for end in ["\n", " "] {
        let mut text = String::new();
        for number in 0..60 {
            text += &"some wörds ".repeat(1000 + 37 * number);
            text += &format!("k{number}={}{end}", key().replace("hwqtpZ", &format!("hw{number:02}pZ")));
        }
        in_parts(text.as_bytes(), &[300_000, 600_000, 600_004]);
        in_parts(text.as_bytes(), &[4, 8, 12, 262_144, 1_000_000]);
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        in_parts(&wide, &[300_000, 1_000_000]);
    }
}

#[test]
fn parts_are_contiguous() {
    const PART: u64 = 16 << 20;
    for size in [0, 5, PART] {
        assert_eq!(parts(size), std::slice::from_ref(&(0..size)));
    }
    assert_eq!(parts(2 * PART + 1), [0..PART, PART..2 * PART, 2 * PART..2 * PART + 1]);
    let first = |start| crate::detect::first_byte(&(start..start + 9));
    assert_eq!((first(0), first(100), first(PART)), (0, 0, PART - 8192));
}

#[test]
fn escapes_in_wide_text_are_found_everywhere() {
    let mut text = String::from("\u{feff}");
    for number in 0..30 {
        text += &format!("{}\n", "some words. ".repeat(900));
        text += &each(&key().replace("hwqtpZ", &format!("hw{number:02}pZ")), |b| format!("&#{b};"));
    }
    for wide in [
        text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ] {
        let found = scan(&wide);
        assert!(wide.len() > 2 * (256 << 10) && found.len() == 30, "{}", found.len());
        assert!((0..30).zip(&found).all(|(number, one)| one.location.start_line == number + 2));
    }
}

#[test]
fn plainer_of_two_readings_is_kept() {
    let plain = scan(format!("'{}'", key()).as_bytes()).swap_remove(0);
    let mut escaped = plain.clone();
    escaped.encoding = vec![Encoding::Percent];
    let mut longer = plain.clone();
    longer.secret = Secret::new(format!("{}==", key()));
    longer.location.byte_end += 2;
    let kept = |found: Vec<&Match>| {
        let found = DETECTOR.in_order(found.into_iter().cloned().collect());
        found.iter().map(|one| (one.location.byte_end, one.encoding.len())).collect::<Vec<_>>()
    };
    assert_eq!(kept(vec![&plain, &escaped]), [(59, 0)]);
    assert_eq!(kept(vec![&escaped, &plain]), [(59, 0)]);
    assert_eq!(kept(vec![&longer, &plain]), [(61, 0)]);
    assert_eq!(kept(vec![&plain, &longer]), [(61, 0)]);
    let mut behind = plain.clone();
    (behind.location.byte_start, behind.location.byte_end) = (59, 117);
    assert_eq!(kept(vec![&behind, &plain]), [(59, 0), (117, 0)]);
}

/// A reader that returns one byte at a time, is interrupted before each hundredth byte, and fails at the end.
struct Faltering<'a>(&'a [u8], usize);

impl std::io::Read for Faltering<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.1 += 1;
        match self.0 {
            _ if self.1.is_multiple_of(100) => Err(std::io::ErrorKind::Interrupted.into()),
            [] => Err(std::io::Error::other("no more")),
            [first, rest @ ..] => {
                (out[0], self.0) = (*first, rest);
                Ok(1)
            }
        }
    }
}

#[test]
fn interrupted_reads_are_retried_and_bytes_before_an_error_are_searched() {
    let text = format!("{} {}", "word ".repeat(100), key());
    let scan = DETECTOR.scan_reader(&mut Faltering(text.as_bytes(), 0), &mut Scratch::default());
    assert_eq!((scan.found.len(), scan.bytes), (1, text.len() as u64));
    assert_eq!(scan.error.map(|error| error.to_string()).as_deref(), Some("no more"));
}

/// Resolves matches (rule, range, secret) and returns rule and range of those that are kept.
fn resolved(found: &[(&str, Range<usize>, &str)]) -> Vec<(String, Range<usize>)> {
    let rules: Vec<&Rule> = DETECTOR.rules().collect();
    let make = |(rule, span, secret): &(&str, Range<usize>, &str)| RawMatch {
        rule: rules.iter().position(|one| one.id == *rule).unwrap(),
        name: None,
        span: span.clone(),
        secret: Secret::new(*secret),
        encoding: Vec::new(),
        severity: Severity::Error,
        confidence: Confidence::High,
        reason: None,
    };
    let kept = DETECTOR.resolve(found.iter().map(make).collect(), &rejections::Trace::new(false));
    kept.into_iter().map(|one| (rules[one.rule].id.clone(), one.span)).collect()
}

#[test]
fn overlapping_matches_keep_highest_rank() {
    let (high, low) = ("telnyx-api-key", "telnyx-api-key-id");
    let both = |one: Range<usize>, other: Range<usize>| vec![(low.to_owned(), one), (high.to_owned(), other)];
    for order in [false, true] {
        let resolved = |mut found: Vec<(&str, Range<usize>, &str)>| {
            if order {
                found.reverse();
            }
            resolved(&found)
        };
        // Nested, and partly overlapping.
        for place in [0..35, 5..20, 57..70] {
            let found = resolved(vec![(low, place, "secret"), (high, 0..58, "the secret")]);
            assert_eq!(found, [(high.to_owned(), 0..58)]);
        }
        assert_eq!(
            resolved(vec![(low, 0..9, "the secret"), (high, 3..5, "secret")]),
            [(high.to_owned(), 3..5)]
        );
        // Different secrets, and different locations.
        assert_eq!(resolved(vec![(low, 0..9, "one"), (high, 3..5, "two")]), both(0..9, 3..5));
        assert_eq!(resolved(vec![(low, 0..9, "one"), (high, 9..18, "one")]), both(0..9, 9..18));
        assert_eq!(resolved(vec![(low, 0..9, "one"), (high, 20..29, "one")]), both(0..9, 20..29));
        // Two matches within another one of a different secret.
        for second in [9..18, 10..18] {
            let found =
                resolved(vec![(low, 0..20, "more"), (low, 0..9, "one"), (low, second.clone(), "one")]);
            assert_eq!(found, [0..9, 0..20, second].map(|place| (low.to_owned(), place)));
        }
        let found = resolved(vec![(low, 0..20, "more"), (low, 0..9, "one"), (high, 9..18, "one")]);
        assert_eq!(found.len(), 3, "{found:?}");
        // The middle match overlaps the last one, which starts after the end of the first.
        let three = vec![(low, 0..9, "one"), (high, 4..20, "two"), (low, 12..14, "two")];
        assert_eq!(resolved(three), both(0..9, 4..20));
    }
}

#[test]
fn too_long_base64_is_read_partly_and_reported() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    let mut content = format!("{} ", key()).into_bytes();
    content.resize(19 << 20, b'.');
    encoder.write_all(&content).unwrap();
    let base64 = BASE64.encode(&encoder.finish().unwrap());
    let scan = DETECTOR.scan_reader(&mut base64.as_bytes(), &mut Scratch::default());
    assert!(scan.found.iter().any(|one| one.secret.expose() == key()));
    assert!(scan.unseen.iter().any(|one| one.reason.contains("24 MiB")), "{:?}", scan.unseen);
    assert_eq!(scan.bytes, base64.len() as u64);
    // Long base64 without compressed data is not reported.
    let plain = "aGVsbG8gd29ybGQu".repeat(1 << 21);
    let scan = DETECTOR.scan_reader(&mut plain.as_bytes(), &mut Scratch::default());
    assert!(scan.unseen.is_empty() && scan.bytes == plain.len() as u64);
}
