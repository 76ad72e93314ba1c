//! Line index of a text, built once: files may have a hundred thousand lines.

use memchr::memchr_iter;

/// The lines of a text.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    /// Start offset of each line, in bytes.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Indexes the lines of `text`.
    pub(super) fn new(text: &'t str) -> Self {
        let behind = memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
        Self { text, starts: std::iter::once(0).chain(behind).collect() }
    }

    /// Returns the 1-based line of a byte offset.
    pub(super) fn number(&self, byte: usize) -> u64 {
        self.starts.partition_point(|start| *start <= byte) as u64
    }

    /// Returns the start offset and the text of a 1-based line, without its line end. For a line past the end, returns
    /// the end of the text.
    pub(super) fn get(&self, number: u64) -> (usize, &'t str) {
        let at = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let start = self.starts.get(at).copied().unwrap_or(self.text.len());
        let end =
            at.checked_add(1).and_then(|next| self.starts.get(next)).copied().unwrap_or(self.text.len());
        let line = self.text.get(start..end).unwrap_or_default();
        (start, line.trim_end_matches(['\n', '\r']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_by_byte_and_by_number() {
        let lines = Lines::new("a\r\nbä\n\nc");
        let numbers: Vec<u64> = [0, 2, 3, 6, 7, 8, 99].map(|byte| lines.number(byte)).to_vec();
        assert_eq!(numbers, [1, 1, 2, 2, 3, 4, 4]);
        assert_eq!((lines.get(1), lines.get(2), lines.get(3)), ((0, "a"), (3, "bä"), (7, "")));
        assert_eq!((lines.get(4), lines.get(5), lines.get(0)), ((8, "c"), (9, ""), (0, "a")));
        assert_eq!(Lines::new("").get(1), (0, ""));
    }
}
