//! The simple filters of PDF (ISO 32000, 7.4). Damage ends the data.

/// Maximum bytes decoded of one stream, except for the output of a single step. Chained filters can expand a few bytes
/// enormously.
pub(super) const MAX_DECODED_BYTES: usize = 64 << 20;

/// ASCIIHexDecode: `4B45>`.
pub(super) fn hex(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 2 + 1);
    let mut high = None;
    for &byte in text.iter().take_while(|&&byte| byte != b'>') {
        let Some(digit) = char::from(byte).to_digit(16) else { continue };
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push((high << 4 | digit) as u8),
        }
    }
    // A missing last digit is a zero.
    out.extend(high.map(|high| (high << 4) as u8));
    out
}

/// ASCII85Decode: five characters for four bytes, `z` for four zeros, `~>` at the end.
pub(super) fn ascii85(text: &[u8]) -> Vec<u8> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"<~").unwrap_or(text);
    let mut out = Vec::new();
    let (mut value, mut count) = (0u32, 0);
    for &byte in text.iter().take_while(|&&byte| byte != b'~') {
        if out.len() >= MAX_DECODED_BYTES {
            break;
        }
        match byte {
            b'z' if count == 0 => out.extend([0; 4]),
            b'!'..=b'u' => {
                value = value.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    out.extend(value.to_be_bytes());
                    (value, count) = (0, 0);
                }
            }
            _ => {}
        }
    }
    if count > 1 {
        for _ in count..5 {
            value = value.wrapping_mul(85).wrapping_add(84);
        }
        out.extend(&value.to_be_bytes()[..count - 1]);
    }
    out
}

/// RunLengthDecode: a length byte, followed by literal bytes or by one byte to repeat.
pub(super) fn run_length(bytes: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), bytes);
    while let Some((&length, after)) = rest.split_first().filter(|_| out.len() < MAX_DECODED_BYTES) {
        let length = usize::from(length);
        match length {
            0..128 => {
                let (piece, following) = after.split_at((length + 1).min(after.len()));
                out.extend_from_slice(piece);
                rest = following;
            }
            128 => break,
            _ => {
                let Some((&byte, following)) = after.split_first() else { break };
                out.resize(out.len() + 257 - length, byte);
                rest = following;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_filters_are_decoded() {
        assert_eq!(hex(b"4b 45\n5>zz"), b"KEP");
        assert_eq!(ascii85(b"<~87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii85(b"87cURD]i,\n\"Ebo7~>xx"), b"Hello World");
        assert_eq!(ascii85(b"z!!~>"), [0, 0, 0, 0, 0]);
        assert_eq!(run_length(&[2, b'a', b'b', b'c', 254, b'x', 128, 9]), b"abcxxx");
        assert_eq!(run_length(&[9, b'a']), b"a");
    }
}
