//! Computes the lines added between two versions of a file. The only module that diffs; does not know about rules or
//! findings.

use std::ops::Range;

use git2::{DiffOptions, Patch};

/// Matches every line of a file.
pub const EVERY_LINE: Range<u64> = 1..u64::MAX;

/// Git treats content as binary if its first 8000 bytes contain a NUL.
const BINARY_CHECK_BYTES: usize = 8000;
/// Content of more bytes is not compared: that takes long and much memory, and libgit2 silently gives up at 512 MiB.
const MAX_DIFF_BYTES: usize = 64 << 20;

/// Returns the lines of `new` that do not come from `old`, as ascending ranges of 1-based line numbers. A line includes
/// its newline, so a last line that gains one counts as added.
///
/// Every line counts as added if one side is binary (git treats UTF-16 as binary) or larger than 64 MiB. The error is
/// on the safe side: too many lines repeat an old finding, too few would hide a new one.
#[must_use]
pub fn added_lines(old: &[u8], new: &[u8]) -> Vec<Range<u64>> {
    if old == new {
        return Vec::new();
    }
    if old.is_empty() || is_binary(old) || is_binary(new) || old.len().max(new.len()) > MAX_DIFF_BYTES {
        return vec![EVERY_LINE];
    }
    compare(old, new).unwrap_or_else(|| vec![EVERY_LINE])
}

/// Diffs the two versions. Returns `None` if libgit2 cannot compare them.
fn compare(old: &[u8], new: &[u8]) -> Option<Vec<Range<u64>>> {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).force_text(true);
    let patch = Patch::from_buffers(old, None, new, None, Some(&mut options)).ok()?;
    // The contents differ, so there must be a hunk.
    if patch.num_hunks() == 0 {
        return None;
    }
    let hunk = |number| {
        let (hunk, _) = patch.hunk(number).ok()?;
        let start = u64::from(hunk.new_start());
        Some(start..start + u64::from(hunk.new_lines()))
    };
    let mut ranges: Vec<Range<u64>> = (0..patch.num_hunks()).map(hunk).collect::<Option<_>>()?;
    // A hunk that only removes lines adds none.
    ranges.retain(|range| !range.is_empty());
    Some(ranges)
}

fn is_binary(content: &[u8]) -> bool {
    memchr::memchr(0, &content[..content.len().min(BINARY_CHECK_BYTES)]).is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::single_range_in_vec_init, reason = "a list of one range of lines is meant")]

    use super::*;

    fn added(old: &str, new: &str) -> Vec<Range<u64>> {
        added_lines(old.as_bytes(), new.as_bytes())
    }

    #[test]
    fn only_new_lines_are_added() {
        assert_eq!(added("a\nb\n", "a\nb\n"), []);
        assert_eq!(added("a\nb\n", "a\n"), []);
        assert_eq!(added("a\nb\n", "x\na\nb\n"), [1..2]);
        assert_eq!(added("a\nb\n", "a\nx\ny\nb\n"), [2..4]);
        assert_eq!(added("a\nb\nc\n", "x\nb\nc\nz\n"), [1..2, 4..5]);
        assert_eq!(added("a\nb\nc\n", "a\nc\nd\n"), [3..4]);
        assert_eq!(added("a\nb\n", ""), []);
        assert_eq!(added("a", "a\n"), [1..2], "the newline is part of the line");
        assert_eq!(added("a\r\nb\r\n", "a\nb\r\n"), [1..2]);
        assert_eq!(added("a\nb\n", "b\na\n").len(), 1, "a moved line is added at its new position");
    }

    #[test]
    fn uncompared_content_adds_every_line() {
        assert_eq!(added("", "a\nb\n"), [EVERY_LINE]);
        assert_eq!(added("a\n\0", "a\nb\n"), [EVERY_LINE]);
        assert_eq!(added("a\n", "a\n\0b\n"), [EVERY_LINE]);
        let utf16: Vec<u8> = "a\nb\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(added_lines(b"a\n", &utf16), [EVERY_LINE]);
        let large = vec![b'\n'; MAX_DIFF_BYTES + 1];
        assert_eq!(added_lines(b"a\n", &large), [EVERY_LINE]);
    }

    #[test]
    fn late_nul_does_not_make_content_binary() {
        let old = "line\n".repeat(2000) + "\0\n";
        assert_eq!(added(&old, &format!("{old}new\n")), [2002..2003]);
        assert_eq!(added(&old, &format!("new\n{old}")), [1..2]);
    }

    /// The lines of the new content outside the ranges are a subsequence of the old content.
    #[test]
    fn unchanged_lines_come_from_old_content() {
        let mut seed = 7_u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..500 {
            let old: Vec<String> = (0..1 + random(30)).map(|_| random(6).to_string()).collect();
            let new: Vec<String> = (0..random(30)).map(|_| random(6).to_string()).collect();
            let content = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            let ranges = added(&content(&old), &content(&new));
            let named = |number: u64| ranges.iter().any(|range| range.contains(&number));
            let mut rest = old.iter();
            for (line, _) in new.iter().zip(1..).filter(|(_, number)| !named(*number)) {
                assert!(rest.any(|one| one == line), "{old:?} {new:?} {ranges:?}");
            }
            let count: u64 = ranges.iter().map(|range| range.end - range.start).sum();
            assert!(count as usize <= new.len());
        }
    }
}
