//! Keys across possible chunk borders, at the start and at the end of content.

use crate::common::random::Random;
use crate::encodings::batch::Batch;
use crate::encodings::text::Text;

type Write = fn(Text) -> Text;

const FORMS: [(&str, Write); 6] = [
    ("plain", |key| key),
    ("base64", |key| key.within("k=", "\n").base64()),
    ("concatenated", |key| key.cut(&[9, 20, 30, 40], "\" + \"").within("\"", "\"")),
    ("hex", |key| key.hex(false, "")),
    ("escapes", |key| key.each(|_, byte| format!("\\u{byte:04x}"))),
    ("utf-16", |key| key.wide(2, true)),
];

/// Adds text before `text` so that offset `border` is `inside` bytes after its start.
fn across(random: &mut Random, text: Text, border: usize, inside: usize) -> Text {
    let before = border - inside;
    let mut filler = random.filler(before, true);
    filler[before - 2..].copy_from_slice(b" =");
    text.within(filler, ["=\n".as_bytes(), &random.filler(20_000, true)].concat())
}

#[test]
fn across_borders() {
    let mut batch = Batch::new();
    let kibi = 1 << 10;
    for border in
        [64 * kibi, 128 * kibi, 240 * kibi, 248 * kibi, 256 * kibi, 496 * kibi, 512 * kibi, 1024 * kibi]
    {
        for (name, write) in FORMS {
            batch.shape(&format!("{name}-{border}"), 2, |random, variant, key| {
                let text = write(key);
                let length = text.bytes.len();
                let inside = if variant == 0 { random.between(1, length) } else { length / 4 };
                across(random, text, border, inside)
            });
        }
    }
    batch.check();
}

/// Every offset of a key relative to the borders of chunks that overlap by a few thousand bytes.
#[test]
fn every_offset_around_a_chunk_border() {
    let mut batch = Batch::new();
    let mut random = Random::new("everywhere", 0);
    let mut content = random.filler(200 << 10, true);
    let mut keys = Vec::new();
    while content.len() < 600 << 10 {
        let key = random.key();
        let gap = random.between(0, 40);
        let form = FORMS[random.between(0, 4)].1;
        content.extend(form(Text::new(&key)).within(format!("{} '", random.words(gap)), "'\n").bytes);
        keys.push(key);
    }
    batch.leaks("dense", &content, &keys);
    batch.check();
}

#[test]
fn first_and_last_byte() {
    let mut batch = Batch::new();
    for (name, write) in FORMS {
        batch.shape(&format!("{name}-alone"), 2, |_, _, key| write(key));
        batch.shape(&format!("{name}-first"), 2, |random, _, key| {
            write(key).within("", format!("\n{}", random.lines(3, "")))
        });
        batch.shape(&format!("{name}-last"), 2, |random, _, key| {
            let lines = random.lines(3, "");
            // Wide characters must be at even offsets, as in a file of their own.
            let even = if lines.len() % 2 == 0 { "" } else { "\n" };
            write(key).within(lines + even, "")
        });
        batch.shape(&format!("{name}-last-of-many"), 1, |random, _, key| {
            let text = write(key);
            let length = text.bytes.len();
            let mut whole = across(random, text, 512 << 10, length);
            whole.bytes.truncate(512 << 10);
            whole
        });
    }
    batch.check();
}
