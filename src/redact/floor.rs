//! How far back a credential may begin whose anchor stands at some place. It says so from the content alone, so that
//! what is masked does not depend on what has left already.

use crate::assignments::first_value;

/// Bytes before an anchor in which its credential may begin, on a line without an end.
const BACK: usize = 2048;
/// Bytes before an anchor in which a value may be that belongs to it: those in which the detector reads names.
const ABOVE: usize = crate::detect::SURROUNDINGS;

/// Offset in `content` of the beginning of the line of `at`, or of a place near it on a long line.
pub(super) fn line(content: &[u8], at: usize) -> usize {
    let at = at.min(content.len());
    let low = at.saturating_sub(BACK);
    memchr::memrchr(b'\n', &content[low..at]).map_or(low, |newline| low + newline + 1)
}

/// Offset in `content` before which nothing belongs to a credential whose anchor stands at `at` or follows it: the
/// beginning of the line, or that of a value before it that has the name of a secret.
pub(super) fn floor(content: &[u8], at: usize) -> usize {
    let at = at.min(content.len());
    let above = at.saturating_sub(ABOVE);
    let value = first_value(&content[above..at]).map_or(at, |value| above + value);
    line(content, at).min(value)
}
