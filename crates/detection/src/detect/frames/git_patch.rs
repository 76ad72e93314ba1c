//! Git binary patches (`git format-patch --binary`, `git diff --binary`): base85 lines of a zlib stream, for the new
//! version of a file and for the old one.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::{Frame, lines};

/// Git's base85 digits, in order (RFC 1924).
const DIGITS: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/// Maximum inflated size of one side of a patch, in bytes.
const MAX_INFLATED_BYTES: u64 = 64 << 20;

/// Decodes both sides of the patch whose header line is at `at`.
pub(super) fn decode(raw: &[u8], at: usize) -> Option<Frame> {
    let mut all = lines(raw, at).peekable();
    let (_, mut end) = all.next()?;
    let mut bytes = Vec::new();
    while let Some((head, _)) = all.peek()
        && (head.starts_with(b"literal ") || head.starts_with(b"delta "))
    {
        end = all.next().map_or(end, |(_, next)| next);
        let mut packed = Vec::new();
        while let Some((line, next)) = all.next_if(|(line, _)| !line.is_empty()) {
            packed.extend(decode_line(line));
            end = next;
        }
        // A damaged or truncated stream gives what can be inflated.
        let _result = ZlibDecoder::new(&packed[..]).take(MAX_INFLATED_BYTES).read_to_end(&mut bytes);
        bytes.push(b'\n');
        while let Some((_, next)) = all.next_if(|(line, _)| line.is_empty()) {
            end = next;
        }
    }
    (bytes.len() > 1).then(|| Frame::new(bytes, at, end))
}

/// Decodes a line: a letter for its number of bytes (A-Z: 1 to 26, a-z: 27 to 52), then groups of five digits.
fn decode_line(line: &[u8]) -> Vec<u8> {
    let Some((&length, digits)) = line.split_first() else { return Vec::new() };
    let count = match length {
        b'A'..=b'Z' => length - b'A' + 1,
        b'a'..=b'z' => length - b'a' + 27,
        _ => return Vec::new(),
    };
    let value = |byte: u8| DIGITS.iter().position(|&digit| digit == byte).unwrap_or(0) as u32;
    let four = |group: &[u8]| {
        group.iter().fold(0u32, |sum, &byte| sum.wrapping_mul(85).wrapping_add(value(byte))).to_be_bytes()
    };
    digits.chunks_exact(5).flat_map(four).take(usize::from(count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_base85() {
        // `z` is the number 52, and 4 zeros are five digits 0.
        assert_eq!(decode_line(b"D00000"), [0; 4]);
        assert_eq!(decode_line(b"B|NsC0")[..], [255, 255]);
        assert!(decode_line(b"?").is_empty());
    }
}
