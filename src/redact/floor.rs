//! How far back a credential may begin whose anchor stands at some place. It says so from the content alone, so that
//! what is masked does not depend on what has left already.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// Bytes before an anchor in which its credential may begin, on a line without an end.
const BACK: usize = 2048;
/// Bytes before an anchor in which a password may stand that is on a line of its own: what the rule for SIP
/// credentials allows between the two, and the password's line.
const ABOVE: usize = 320;

/// The password of a SIP credential in a document of which each field has a line of its own: in the order of the
/// alphabet it comes before the user name, which is the anchor.
static PASSWORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u)(?i:pass|secret|pwd)[^\n{}]{0,60}?[^0-9A-Za-z\n][0-9a-f]{32}").ok());

/// Offset in `content` before which nothing belongs to a credential whose anchor stands at `at`, or behind it: the
/// beginning of the line, or that of a password above it.
pub(super) fn floor(content: &[u8], at: usize) -> usize {
    let at = at.min(content.len());
    let low = at.saturating_sub(BACK);
    let line = memchr::memrchr(b'\n', &content[low..at]).map_or(low, |newline| low + newline + 1);
    let above = at.saturating_sub(ABOVE);
    let password = PASSWORD.as_ref().and_then(|regex| regex.find(&content[above..at]));
    password.map_or(line, |found| line.min(above + found.start()))
}
