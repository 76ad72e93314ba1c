//! Ascii85 as Adobe writes it: `<~`, groups of five characters for four bytes, `z` for four zeros, `~>`.

use super::Frame;

/// Characters that have to be base-85 digits before a frame is decoded.
const MIN_CHARS: usize = 20;

/// Returns whether base-85 digits follow the mark at `at`.
pub(super) fn begins(raw: &[u8], at: usize) -> bool {
    let text = raw[at + 2..].iter().filter(|byte| !byte.is_ascii_whitespace());
    text.take(MIN_CHARS).take_while(|byte| **byte != b'~').all(|&byte| is_digit(byte))
}

/// Decodes the text after the mark at `at` up to `~>`, or up to the first other character.
pub(super) fn decode(raw: &[u8], at: usize) -> Option<Frame> {
    let (mut bytes, mut group) = (Vec::new(), Vec::with_capacity(5));
    let mut end = at + 2;
    for &byte in &raw[end..] {
        match byte {
            b'z' if group.is_empty() => bytes.extend([0; 4]),
            _ if byte.is_ascii_whitespace() => {}
            _ if is_digit(byte) => group.push(byte - b'!'),
            _ => break,
        }
        end += 1;
        if group.len() == 5 {
            bytes.extend(four(&group));
            group.clear();
        }
    }
    if group.len() > 1 {
        let count = group.len() - 1;
        group.resize(5, 84);
        bytes.extend(&four(&group)[..count]);
    }
    if raw[end..].starts_with(b"~>") {
        end += 2;
    }
    (!bytes.is_empty()).then(|| Frame::new(bytes, at, end))
}

fn is_digit(byte: u8) -> bool {
    (b'!'..=b'u').contains(&byte) || byte == b'z'
}

/// Returns the four bytes of five digits; an impossible group wraps around.
fn four(group: &[u8]) -> [u8; 4] {
    group.iter().fold(0u32, |value, &digit| value.wrapping_mul(85).wrapping_add(digit.into())).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_the_shorter_last_one() {
        let text = b"x <~87cURD]i\n,\"Ebo80~> y";
        let frame = decode(text, 2).unwrap();
        assert_eq!(String::from_utf8_lossy(&frame.bytes), "Hello World!");
        assert_eq!(frame.end, text.len() - 2);
        assert!(!begins(b"<~ \x7f\x7f", 0));
    }
}
