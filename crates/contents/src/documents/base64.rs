//! Lenient base64 for documents: decodes in chunks, accepts both alphabets, and skips bytes that are not digits.

/// An incremental decoder. Concatenated base64 texts (after `=`) decode to concatenated bytes.
#[derive(Debug, Default)]
pub(super) struct Base64 {
    bits: u32,
    /// Number of low bits of `bits` that are not written yet: 0, 2, 4 or 6.
    count: u32,
}

impl Base64 {
    /// Decodes the next chunk of the text and appends the bytes to `out`.
    pub(super) fn push(&mut self, mut text: &[u8], out: &mut Vec<u8>) {
        loop {
            if self.count == 0 {
                text = push_fours(text, out);
            }
            let Some((&byte, rest)) = text.split_first() else { return };
            self.push_one(byte, out);
            text = rest;
        }
    }

    fn push_one(&mut self, byte: u8, out: &mut Vec<u8>) {
        let digit = DIGITS[usize::from(byte)];
        if digit & NOT_A_DIGIT != 0 {
            if byte == b'=' {
                *self = Self::default();
            }
            return;
        }
        self.bits = self.bits << 6 | u32::from(digit);
        self.count += 6;
        if self.count >= 8 {
            self.count -= 8;
            out.push((self.bits >> self.count & 0xFF) as u8);
        }
    }
}

/// Decodes groups of four digits until a byte that is not a digit. Returns the rest of `text`.
fn push_fours<'t>(mut text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    out.reserve(text.len() / 4 * 3);
    while let Some((four, rest)) = text.split_first_chunk::<4>() {
        let [a, b, c, d] = four.map(|byte| DIGITS[usize::from(byte)]);
        if (a | b | c | d) & NOT_A_DIGIT != 0 {
            break;
        }
        let bits = u32::from(a) << 18 | u32::from(b) << 12 | u32::from(c) << 6 | u32::from(d);
        let [_, three @ ..] = bits.to_be_bytes();
        out.extend_from_slice(&three);
        text = rest;
    }
    text
}

/// Decodes all of `text`.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    Base64::default().push(text, &mut out);
    out
}

/// Decodes the first characters of `text`: to at least `least` bytes, if the text is long enough and without gaps.
pub(super) fn head(text: &[u8], least: usize) -> Vec<u8> {
    decode(&text[..text.len().min(least.saturating_mul(2))])
}

/// Marks bytes that are not digits.
const NOT_A_DIGIT: u8 = 0x80;
/// The value of each digit, in either alphabet.
const DIGITS: [u8; 256] = {
    let mut digits = [NOT_A_DIGIT; 256];
    let mut value = 0;
    while value < 26 {
        digits[b'A' as usize + value] = value as u8;
        digits[b'a' as usize + value] = value as u8 + 26;
        value += 1;
    }
    while value < 36 {
        digits[b'0' as usize + value - 26] = value as u8 + 26;
        value += 1;
    }
    digits[b'+' as usize] = 62;
    digits[b'-' as usize] = 62;
    digits[b'/' as usize] = 63;
    digits[b'_' as usize] = 63;
    digits
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use data_encoding::{BASE64, BASE64URL_NOPAD};

    #[test]
    fn encoded_bytes_round_trip_in_chunks() {
        let bytes: Vec<u8> = (0..=255).rev().chain(0..=255).collect();
        for length in 0..bytes.len() {
            let bytes = &bytes[..length];
            assert_eq!(decode(BASE64.encode(bytes).as_bytes()), bytes);
            let text = BASE64URL_NOPAD.encode(bytes);
            let (mut decoder, mut out) = (Base64::default(), Vec::new());
            for piece in text.as_bytes().chunks(1 + length % 13) {
                decoder.push(piece, &mut out);
                decoder.push(b"\r\n", &mut out);
            }
            assert_eq!(out, bytes);
        }
    }
}
