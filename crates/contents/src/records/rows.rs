//! Checks whether base64 or a dump goes over several lines of a content that have the same prefix, at less cost than
//! joining the lines.

use super::unfinished::{
    LONGEST_TAIL, SHORTEST_BASE64, Unfinished, ends_as_row, is_base64, is_mark, row_start, without_marks,
};
use super::wrapped::after;

/// Maximum distance of two lines of one text of which the first shows that there is such a text.
const NEAR_LINES: usize = 16;
/// Number of bytes from one sample to the next. [`SHORTEST_BASE64`] bytes contain three samples in a row, and a row of
/// sixteen bytes in hexadecimal digits contains one.
const SAMPLE_DISTANCE: usize = 28;
/// Number of bytes of a sample.
pub(super) const SAMPLE_BYTES: usize = size_of::<u64>();
const _: () = assert!(SHORTEST_BASE64 >= SAMPLE_DISTANCE + 3 * SAMPLE_BYTES - 1);

/// Returns whether base64 or a dump goes over several lines of `bytes` with the same prefix. Compares the bytes of all
/// samples at once, and reads a line only if a sample may belong to base64 or a row.
pub(super) fn has_rows(bytes: &[u8]) -> bool {
    let mut done = 0;
    bytes.chunks_exact(SAMPLE_DISTANCE).enumerate().any(|(index, chunk)| {
        let samples = [0, 1, 2].map(|number| Sample::of(&chunk[number * SAMPLE_BYTES..]));
        let [Some(first), Some(second), Some(third)] = samples else { return false };
        // A timestamp is shorter.
        let may_be_base64 = first.may_be_base64() & second.may_be_base64() & third.may_be_base64();
        (may_be_base64 | first.has_digits()) && starts_at(bytes, index * SAMPLE_DISTANCE, &mut done)
    })
}

/// Returns whether base64 or a row that contains the sample at `at` continues in a later line. Skips a sample before
/// `done`, and sets `done` to the end of what was read.
#[cold]
fn starts_at(bytes: &[u8], at: usize, done: &mut usize) -> bool {
    if at < *done {
        return false;
    }
    let run = bytes[at..].iter().take_while(|byte| is_base64(byte)).count();
    let is_base64 = run >= SAMPLE_BYTES && ends_line(bytes, at + run);
    if !is_base64 && !Sample::of(&bytes[at..]).is_some_and(Sample::may_be_row) {
        *done = at + run;
        return false;
    }
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
    *done = end;
    continues(&bytes[start..end], bytes.get(end + 1..).unwrap_or_default())
}

/// The bytes of a content that are compared at once.
#[derive(Clone, Copy)]
pub(super) struct Sample(u64);

impl Sample {
    /// Returns the first [`SAMPLE_BYTES`] of `bytes`, if there are so many.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().map(|sample| Self(u64::from_le_bytes(*sample)))
    }

    /// The highest bit of each byte.
    const HIGH: u64 = 0x8080_8080_8080_8080;

    /// Returns whether no byte is less than `+`, the first character of base64: none is a blank or a line end.
    fn may_be_base64(self) -> bool {
        const ADDED: u64 = u64::from_le_bytes([0x80 - b'+'; 8]);
        (((self.0 & !Self::HIGH) + ADDED) | self.0) & Self::HIGH == Self::HIGH
    }

    /// Returns whether no byte is greater than `f`, the last hexadecimal digit, is in the second half of an alphabet, or is
    /// a mark between a blank and the digits. Nearly no text but that of a dump has such bytes, not even a timestamp.
    fn has_digits(self) -> bool {
        const OVER_F: u64 = u64::from_le_bytes([0x7F - b'f'; 8]);
        const FROM_MARK: u64 = u64::from_le_bytes([0x80 - (b' ' + 1); 8]);
        const FROM_DIGIT: u64 = u64::from_le_bytes([0x80 - b'0'; 8]);
        // Set in `P` to `Z` and `p` to `z`, not in the first letters; the other bit is set in all letters.
        const HALF: u64 = u64::from_le_bytes([0x10; 8]);
        let low = self.0 & !Self::HIGH;
        let over = (low + OVER_F) | self.0 | (low + FROM_MARK) & !(low + FROM_DIGIT);
        (over & Self::HIGH) | (low & (low >> 2) & HALF) == 0
    }

    /// Returns whether all bytes are hexadecimal digits or blanks.
    pub(super) fn may_be_row(self) -> bool {
        self.has_digits() && self.0.to_le_bytes().iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b' ')
    }
}

/// Returns whether only marks are between `at` and the end of its line.
fn ends_line(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at..];
    let marks = rest.iter().take(LONGEST_TAIL).take_while(|byte| is_mark(byte)).count();
    rest.get(marks).is_none_or(|byte| *byte == b'\n')
}

/// Returns whether one of the lines in `rest`, near after `line`, continues it.
fn continues(line: &[u8], rest: &[u8]) -> bool {
    let mut next = Lines(rest).take(NEAR_LINES);
    if let Some(Unfinished::Base64(start)) = Unfinished::word(line) {
        return next
            .any(|next| after(&line[..start], next).is_some_and(|text| is_base64_text(&next[text..])));
    }
    let is_row = |line: &[u8]| ends_as_row(line.trim_ascii_end()) && row_start(line).is_some();
    is_row(line) && next.any(is_row)
}

/// The lines of a content, without their ends.
pub(super) struct Lines<'b>(pub(super) &'b [u8]);

impl<'b> Iterator for Lines<'b> {
    type Item = &'b [u8];

    fn next(&mut self) -> Option<&'b [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.0).unwrap_or(self.0.len());
        let line = &self.0[..end];
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        Some(line)
    }
}

/// Returns whether all of `text` is base64, except for the marks after it.
fn is_base64_text(text: &[u8]) -> bool {
    let text = without_marks(text.trim_ascii());
    !text.is_empty() && text.iter().all(is_base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Base64 without a credential, of `length` characters.
    fn base64(length: usize) -> String {
        "aB3".chars().cycle().take(length).collect()
    }

    #[test]
    fn base64_and_rows_are_seen_at_every_offset() {
        for before in 0..40 {
            let first = "x".repeat(before);
            let wrapped = format!("{first}\nweb | {}\nweb | {}\n", base64(SHORTEST_BASE64), base64(5));
            assert!(has_rows(wrapped.as_bytes()), "{before}");
            for row in [
                "4b 45 59 30 31 39 38 41 4b 45 59 30 31 39 38 41",
                "4b455930 30313938 30313938 30313938",
                "4b45 5930 3031 3938 3031 3938 3031 3938",
            ] {
                let dump = format!("{first}\nweb | {row}\nweb | {row}\n");
                assert!(has_rows(dump.as_bytes()), "{before} {row}");
            }
            let alone = format!("{first}\nweb | {}\nweb | a b\n", base64(60));
            assert!(!has_rows(alone.as_bytes()), "{before}");
        }
        let far = format!("web | {}\n{}web | {}\n", base64(60), "api | a b\n".repeat(NEAR_LINES), base64(5));
        assert!(!has_rows(far.as_bytes()));
    }
}
