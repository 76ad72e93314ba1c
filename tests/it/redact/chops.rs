//! The output does not depend on how the content is split into chunks.

use std::sync::LazyLock;

use telleaks::detect::Detector;
use telleaks::redact::{Moment, Redactor};
use telleaks::rules;

use crate::common::random::Random;
use crate::redact::samples::{Sample, all};

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let mut set = rules::builtin().unwrap();
    set.rules.retain(|rule| !rule.public);
    Detector::new(set, false).unwrap()
});

/// Returns the masked form of content that arrives in `pieces`.
fn redacted<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, moment: Moment) -> Vec<u8> {
    let mut redactor = Redactor::new(&DETECTOR);
    let mut out = Vec::new();
    for mut piece in pieces {
        while !piece.is_empty() {
            let room = redactor.room();
            let count = piece.len().min(room.len());
            room[..count].copy_from_slice(&piece[..count]);
            redactor.arrived(count);
            piece = &piece[count..];
            redactor.send(moment, &mut out).unwrap();
        }
    }
    redactor.send(Moment::End, &mut out).unwrap();
    assert_eq!(redactor.held(), 0);
    out
}

fn whole(content: &[u8]) -> Vec<u8> {
    redacted([content], Moment::More)
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_form_is_masked_and_nothing_else() {
    for Sample { name, content, hidden, one_line } in (0..6).flat_map(all) {
        let out = whole(&content);
        for part in &hidden {
            assert!(!holds(&out, part), "{name}: {}", show(&out));
        }
        assert!(
            holds(&out, b"KEY") || holds(&out, "…".as_bytes()) || name == "utf-16",
            "{name}: {}",
            show(&out)
        );
        if one_line {
            let (was, is) = (show(&content), show(&out));
            assert_eq!(was.lines().count(), is.lines().count(), "{name}: {is}");
            let differ = was.lines().zip(is.lines()).filter(|(was, is)| was != is).count();
            assert_eq!(differ, 1, "{name}: {is}");
        }
    }
}

#[test]
fn split_at_every_offset() {
    for Sample { name, content, .. } in all(7) {
        let want = whole(&content);
        let step = content.len().div_ceil(400);
        for cut in (1..content.len()).step_by(step) {
            let out = redacted([&content[..cut], &content[cut..]], Moment::More);
            assert_eq!(show(&out), show(&want), "{name} cut at {cut}");
        }
    }
}

#[test]
fn split_into_bytes() {
    for Sample { name, content, .. } in all(8).into_iter().filter(|one| one.content.len() < 6000) {
        let out = redacted(content.chunks(1), Moment::More);
        assert_eq!(show(&out), show(&whole(&content)), "{name}");
    }
}

/// Splits content into pieces of random lengths.
fn chopped<'a>(random: &mut Random, mut content: &'a [u8]) -> Vec<&'a [u8]> {
    let most = [3, 40, 500, 9_000, 70_000][random.between(0, 5)];
    let mut out = Vec::new();
    while !content.is_empty() {
        let (piece, rest) = content.split_at(random.between(1, most + 1).min(content.len()));
        out.push(piece);
        content = rest;
    }
    out
}

#[test]
fn long_content_in_random_pieces() {
    for round in 0..4 {
        let mut random = Random::new("chops", round);
        let mut content = Vec::new();
        for sample in all(100 + round).into_iter().chain(all(200 + round)) {
            let length = random.between(0, 30_000);
            content.extend(random.filler(length, true));
            content.extend(sample.content);
            if random.chance(30) {
                let binary = random.between(0, 9_000);
                content.extend(random.bytes(binary));
            }
        }
        let want = whole(&content);
        for _ in 0..6 {
            let out = redacted(chopped(&mut random, &content), Moment::More);
            let same = out.iter().zip(&want).take_while(|(one, other)| one == other).count();
            let near =
                |text: &[u8]| show(&text[same.saturating_sub(100)..text.len().min(same + 200)]).to_string();
            assert!(out == want, "round {round}: {:?} in place of {:?}", near(&out), near(&want));
        }
    }
}

#[test]
fn clean_line_is_written_at_once() {
    let mut redactor = Redactor::new(&DETECTOR);
    let mut random = Random::new("lines", 0);
    for line in random.lines(2_000, "2026-11-22T10:00:00Z INFO ").split_inclusive('\n') {
        let room = redactor.room();
        room[..line.len()].copy_from_slice(line.as_bytes());
        redactor.arrived(line.len());
        let mut out = Vec::new();
        redactor.send(Moment::More, &mut out).unwrap();
        assert_eq!(show(&out), line);
    }
}

#[test]
fn pause_masks_certain_matches() {
    let key = Random::new("quiet", 0).key();
    let line = format!("key={key}\n");
    let out = redacted([line.as_bytes(), b"next\n"], Moment::Quiet);
    assert_eq!(show(&out), format!("key={}_{}…{}\nnext\n", &key[..35], &key[36..38], &key[56..]));
    // The first half is written before the key can be recognized; the rest is masked.
    let out = show(&redacted([&line.as_bytes()[..44], &line.as_bytes()[44..]], Moment::Quiet));
    assert_eq!(out, format!("{}…\n", &line[..44]));
}

#[test]
fn text_without_secrets_is_unchanged() {
    let id = "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E";
    // Split, so that this line is not a finding.
    let name = ["NEXT_PUBLIC", "TELNYX_API_KEY"].join("_");
    let text = format!("{id} {name} {id}_xxxxxxxxxxxxxxxxxxxxxx\n");
    assert_eq!(show(&whole(text.as_bytes())), text);
}

#[test]
fn expired_token_is_masked() {
    let part = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    let claims = r#"{"aud":"telnyx_telephony","exp":1700000000,"iss":"telnyx_telephony","tel_token":"abc"}"#;
    let token =
        format!("{}.{}.c2lnbmF0dXJlLW9mLWl0LWFsbA", part(r#"{"alg":"HS512","typ":"JWT"}"#), part(claims));
    let out = show(&whole(format!("login_token={token} \n").as_bytes()));
    assert!(!out.contains(&token) && out.contains('…'), "{out}");
}
