//! base64 as it stands in documents: piece by piece, in either alphabet, and whatever is no digit is skipped.

/// Reads digits in any pieces. Two base64 texts in a row (after `=`) are read as one content.
#[derive(Debug, Default)]
pub(super) struct Base64 {
    bits: u32,
    /// How many of the low bits of `bits` are not handed over yet: 0, 2, 4 or 6.
    count: u32,
}

impl Base64 {
    /// Decodes `text` behind what was decoded before, to the end of `out`.
    pub(super) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            let Some(digit) = digit(byte) else {
                if byte == b'=' {
                    *self = Self::default();
                }
                continue;
            };
            self.bits = self.bits << 6 | digit;
            self.count += 6;
            if self.count >= 8 {
                self.count -= 8;
                out.push((self.bits >> self.count & 0xFF) as u8);
            }
        }
    }
}

/// All of `text`, decoded.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    Base64::default().push(text, &mut out);
    out
}

/// What the first characters of `text` decode to: at least `least` bytes if there are as many.
pub(super) fn head(text: &[u8], least: usize) -> Vec<u8> {
    decode(&text[..text.len().min(least.saturating_mul(2))])
}

fn digit(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use data_encoding::{BASE64, BASE64URL_NOPAD};

    #[test]
    fn any_bytes_in_any_pieces_come_back() {
        let bytes: Vec<u8> = (0..=255).rev().chain(0..=255).collect();
        for length in 0..bytes.len() {
            let bytes = &bytes[..length];
            assert_eq!(decode(BASE64.encode(bytes).as_bytes()), bytes);
            let text = BASE64URL_NOPAD.encode(bytes);
            let (mut decoder, mut out) = (Base64::default(), Vec::new());
            for piece in text.as_bytes().chunks(7) {
                decoder.push(piece, &mut out);
                decoder.push(b"\r\n", &mut out);
            }
            assert_eq!(out, bytes);
        }
    }
}
