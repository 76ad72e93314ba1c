//! uuencode: lines of up to 45 bytes, six bits for each character from blank (or backquote) on, with the length first.

use super::{Frame, lines};

/// Maximum length of a line of encoded bytes, in characters.
const MAX_LINE_CHARS: usize = 61 + 2;

/// Returns whether `begin`, three octal digits and a name are at `at`.
pub(super) fn begins(raw: &[u8], at: usize) -> bool {
    let rest = &raw[at..raw.len().min(at + 12)];
    rest.len() < 10 || rest[6..9].iter().all(|digit| (b'0'..=b'7').contains(digit)) && rest[9] == b' '
}

/// Decodes from the `begin` line at `at` up to `end`, or to the first line that is not encoded.
pub(super) fn decode(raw: &[u8], at: usize) -> Option<Frame> {
    let mut all = lines(raw, at);
    let (_, mut end) = all.next()?;
    let mut bytes = Vec::new();
    for (line, next) in all {
        let Some(count) = line.first().map(|&first| six(first)) else { break };
        if line.len() > MAX_LINE_CHARS || line.iter().any(|byte| !(b' '..=b'`').contains(byte)) {
            break;
        }
        end = next;
        let groups = line[1..].chunks(4);
        let decoded = groups.flat_map(|group| {
            let bits =
                (0..4).fold(0, |bits, at| bits << 6 | u32::from(group.get(at).map_or(0, |&byte| six(byte))));
            let [_, one, two, three] = bits.to_be_bytes();
            [one, two, three]
        });
        bytes.extend(decoded.take(usize::from(count)));
    }
    (!bytes.is_empty()).then(|| Frame::new(bytes, at, end))
}

fn six(byte: u8) -> u8 {
    byte.wrapping_sub(b' ') & 63
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_decoded_up_to_the_end() {
        let text = b"begin 644 cat.txt\n#0V%T\n`\nend\nmore\n";
        let frame = decode(text, 0).unwrap();
        assert_eq!((frame.bytes.as_slice(), frame.end), (&b"Cat"[..], text.len() - 9));
        assert!(begins(text, 0) && !begins(b"begin 6 o'clock in", 0));
    }
}
