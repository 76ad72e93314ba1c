//! Regular expressions between slashes; quotes in them do not start literals.

use super::super::Language;

/// Returns the end of the regular expression that starts at `at`. `masked` is the code before it without literals and
/// comments.
pub(super) fn end(masked: &[u8], language: Language, at: usize) -> Option<usize> {
    let has_them = matches!(language, Language::JavaScript | Language::TypeScript | Language::Ruby);
    if !has_them || masked[at] != b'/' || !may_start(&masked[..at]) {
        return None;
    }
    let mut in_class = false;
    let mut pos = at + 1;
    while pos < masked.len() {
        match masked[pos] {
            b'\n' => return None,
            b'\\' => pos += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return Some(pos + 1),
            _ => {}
        }
        pos += 1;
    }
    None
}

/// Returns whether an expression may start after `before`, so that a slash is not a division.
fn may_start(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let word = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = &before[before.len() - word..];
    if [&b"return"[..], b"typeof", b"case", b"in", b"of", b"if", b"unless", b"when", b"and", b"or"]
        .contains(&word)
    {
        return true;
    }
    before.last().is_none_or(|last| b"(,=:[!&|?{};~^".contains(last))
}
