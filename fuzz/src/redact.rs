//! The redactor: it never writes a planted key, however the content is split into chunks, and writes everything else
//! unchanged.

use std::sync::LazyLock;

use telleaks::detect::Detector;
use telleaks::redact::{Moment, Redactor};

use crate::input::Input;
use crate::planted::{self, FORMS, RULES};

/// Without rules for public values, as in the command.
static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let mut set = RULES.clone();
    set.rules.retain(|rule| !rule.public);
    Detector::new(set, false).unwrap()
});

/// Masks up to three whole or truncated keys between bytes of the input.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut content = Vec::new();
    let mut keys = Vec::new();
    for _ in 0..input.below(4) {
        let form = input.below(FORMS);
        let key = planted::key(&mut input);
        content.extend_from_slice(input.piece());
        content.extend(planted::written(form, &key, &mut input));
        keys.push(key);
    }
    let sizes = input.piece();
    content.extend_from_slice(input.rest());
    let (whole, masked) = redacted(&content, &[]);
    for key in &keys {
        let leaves = holds(&whole, &key.as_bytes()[36..]);
        assert!(!leaves, "a key leaves: {}", String::from_utf8_lossy(&whole));
    }
    assert!(masked >= 1 || keys.is_empty(), "nothing is masked in {}", String::from_utf8_lossy(&content));
    assert!(masked > 0 || whole == content, "nothing is masked, and yet it is another text");
    let (cut, count) = redacted(&content, sizes);
    assert!(cut == whole && count == masked, "cut into pieces of {sizes:?} it is another text");
}

/// Returns the masked content and the number of masks for content in pieces of these sizes (the squares of the bytes).
fn redacted(content: &[u8], sizes: &[u8]) -> (Vec<u8>, u64) {
    let mut redactor = Redactor::new(&DETECTOR);
    let mut out = Vec::new();
    let (mut rest, mut number) = (content, 0);
    while !rest.is_empty() {
        let size = sizes.get(number % sizes.len().max(1)).map_or(usize::MAX, |&size| size_of(size));
        number += 1;
        let room = redactor.room();
        let count = rest.len().min(room.len()).min(size);
        room[..count].copy_from_slice(&rest[..count]);
        redactor.arrived(count);
        rest = &rest[count..];
        redactor.send(Moment::More, &mut out).unwrap();
    }
    redactor.send(Moment::End, &mut out).unwrap();
    assert_eq!(redactor.held(), 0);
    (out, redactor.masked())
}

/// Returns a size; small sizes are more likely.
fn size_of(byte: u8) -> usize {
    1 + usize::from(byte) * usize::from(byte) / 16
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}
