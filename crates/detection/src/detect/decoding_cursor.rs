//! Cursors that decode characters forward from an offset and skip escapes and separators: the basis of the cheap
//! verification of candidates.

use super::byte_set::{Class, NO_SEXTET, SEXTETS, sextet};
use super::{escapes, separators};

/// An offset in raw text that advances by one decoded character at a time.
pub(crate) struct Cursor<'a> {
    raw: &'a [u8],
    pos: usize,
}

impl<'a> Cursor<'a> {
    /// Creates a cursor at byte offset `pos`.
    pub(crate) fn new(raw: &'a [u8], pos: usize) -> Self {
        Self { raw, pos }
    }

    /// Returns the next character if `accept` returns true for it, after any escapes and separators.
    #[inline]
    pub(crate) fn next(&mut self, accept: impl Fn(u8) -> bool) -> Option<u8> {
        let byte = *self.raw.get(self.pos)?;
        if accept(byte) {
            self.pos += 1;
            return Some(byte);
        }
        if !escapes::starts(byte) && !separators::starts(byte) {
            return None;
        }
        self.next_slow(accept)
    }

    fn next_slow(&mut self, accept: impl Fn(u8) -> bool) -> Option<u8> {
        let mut pos = self.pos;
        for _ in 0..4 {
            let byte = *self.raw.get(pos)?;
            if accept(byte) {
                self.pos = pos + 1;
                return Some(byte);
            }
            if escapes::starts(byte)
                && let Some(step) = escapes::step(self.raw, pos, true)
                && accept(step.byte)
            {
                self.pos = step.end;
                return Some(step.byte);
            }
            (pos, _) = separators::skip_separator(self.raw, pos)?;
        }
        None
    }

    /// Returns whether the next characters are exactly `text`.
    #[inline]
    pub(crate) fn expect(&mut self, text: &[u8]) -> bool {
        text.iter().all(|&want| self.next(|byte| byte == want).is_some())
    }

    /// Returns whether at least `count` characters of `class` follow.
    #[inline]
    pub(crate) fn run(&mut self, class: &Class, count: usize) -> bool {
        (0..count).all(|_| self.next(|byte| class.has(byte)).is_some())
    }

    /// Returns the offset of the next character.
    pub(crate) fn position(&self) -> usize {
        self.pos
    }
}

/// Decodes base64 forward from a group boundary, over escapes and separators, up to the first other character.
pub(crate) struct Base64Cursor<'a> {
    text: Cursor<'a>,
    bits: u32,
    have: u8,
}

impl<'a> Base64Cursor<'a> {
    /// Creates a cursor `skip` base64 characters after byte offset `pos`, which must be a group boundary.
    pub(crate) fn new(raw: &'a [u8], pos: usize, skip: u8) -> Option<Self> {
        let mut text = Cursor::new(raw, pos);
        let skipped = (0..skip).all(|_| text.next(|byte| sextet(byte).is_some()).is_some());
        skipped.then_some(Self { text, bits: 0, have: 0 })
    }

    /// Returns the next decoded byte.
    pub(crate) fn next(&mut self) -> Option<u8> {
        while self.have < 8 {
            let value = sextet(self.text.next(|byte| sextet(byte).is_some())?)?;
            self.bits = (self.bits << 6 | u32::from(value)) & 0xFFFF;
            self.have += 6;
        }
        self.have -= 8;
        Some((self.bits >> self.have) as u8)
    }

    /// Returns the offset of the next base64 character.
    pub(crate) fn position(&self) -> usize {
        self.text.position()
    }
}

impl Base64Cursor<'_> {
    /// Decodes whole groups of contiguous characters. Returns the number of decoded bytes.
    fn plain_groups(&mut self, out: &mut [u8]) -> usize {
        let mut count = 0;
        let groups = self.text.raw.get(self.text.pos..).unwrap_or_default().chunks_exact(4);
        for (group, three) in groups.zip(out.chunks_exact_mut(3)) {
            let values = [group[0], group[1], group[2], group[3]].map(|byte| SEXTETS[usize::from(byte)]);
            if values.contains(&NO_SEXTET) {
                break;
            }
            let bits = values.iter().fold(0, |bits, &value| bits << 6 | u32::from(value));
            three.copy_from_slice(&bits.to_be_bytes()[1..]);
            count += 3;
        }
        self.text.pos += count / 3 * 4;
        count
    }
}

impl std::io::Read for Base64Cursor<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut count = 0;
        while count < out.len() {
            if self.have == 0 {
                count += self.plain_groups(&mut out[count..]);
            }
            let Some(place) = out.get_mut(count) else { break };
            let Some(byte) = self.next() else { break };
            *place = byte;
            count += 1;
        }
        Ok(count)
    }
}

/// Decodes base64 from another reader, without its line breaks, up to the first other character.
pub(crate) struct Base64Reader<R> {
    inner: R,
    bits: u32,
    have: u8,
    ended: bool,
}

impl<R: std::io::Read> Base64Reader<R> {
    /// Creates a decoder that reads from `inner`.
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, bits: 0, have: 0, ended: false }
    }
}

impl<R: std::io::Read> std::io::Read for Base64Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut text = [0; 4096];
        let mut count = 0;
        while count == 0 && !self.ended && !out.is_empty() {
            // Four characters decode to three bytes, so the decoded text always fits.
            let room = text.len().min(out.len());
            let length = self.inner.read(&mut text[..room])?;
            self.ended = length == 0;
            for &byte in text[..length].iter().filter(|byte| !byte.is_ascii_whitespace()) {
                let Some(value) = sextet(byte) else {
                    self.ended = true;
                    break;
                };
                self.bits = (self.bits << 6 | u32::from(value)) & 0xFFFF;
                self.have += 6;
                if self.have >= 8 {
                    self.have -= 8;
                    out[count] = (self.bits >> self.have) as u8;
                    count += 1;
                }
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn read_equals_byte_by_byte_decoding() {
        for text in
            ["a2V5cyBhcmUgbG9uZw", "a2V5\ncyBh\\ncmUgbG9uZw==", "a2\nV5cyB\nhcmUg bG9u", "-_8+/w", "a", ""]
        {
            let mut one = Base64Cursor::new(text.as_bytes(), 0, 0).unwrap();
            let slow: Vec<u8> = std::iter::from_fn(|| one.next()).collect();
            for room in 1..9 {
                let mut all = Base64Cursor::new(text.as_bytes(), 0, 0).unwrap();
                let mut fast = Vec::new();
                let mut piece = vec![0; room];
                while let Ok(count @ 1..) = all.read(&mut piece) {
                    fast.extend_from_slice(&piece[..count]);
                }
                assert_eq!((&fast, all.position()), (&slow, one.position()), "{text} by {room}");
            }
        }
    }

    /// A reader that returns a fixed number of bytes at a time.
    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let room = self.1.min(out.len());
            self.0.read(&mut out[..room])
        }
    }

    #[test]
    fn base64_reader_ends_at_first_other_character() {
        for (text, want) in [
            ("aGVs\r\nbG8g dGhlcmU=", "hello there"),
            ("aGVsbG8=aGVsbG8=", "hello"),
            ("aGVsbG8", "hello"),
            ("aGVs!bG8", "hel"),
            ("\n", ""),
            ("", ""),
        ] {
            for (step, room) in [(1, 1), (1, 9), (3, 2), (5, 5), (99, 1), (99, 4), (99, 99)] {
                let mut reader = Base64Reader::new(Slowly(text.as_bytes(), step));
                let mut out = Vec::new();
                let mut piece = vec![0; room];
                assert_eq!(reader.read(&mut []).unwrap(), 0);
                while let count @ 1.. = reader.read(&mut piece).unwrap() {
                    out.extend_from_slice(&piece[..count]);
                }
                assert_eq!(out, want.as_bytes(), "{text:?} by {step} into {room}");
                assert_eq!(reader.read(&mut piece).unwrap(), 0);
            }
        }
    }
}
