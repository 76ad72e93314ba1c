//! Makes untrusted text safe to print: escapes terminal sequences, invisible and bidirectional characters, line breaks
//! and build server commands.
//!
//! The starts of lines are guarded by [`path_at_line_start`] and [`message`] only: other callers print fixed text first. GitHub and GitLab read their newer
//! commands (`::add-mask::`) only at the start of a line, after optional white space. Their older ones and those of
//! Azure Pipelines (`##[…]`, `##vso[…]`) are read anywhere in a line, so these are broken up here.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Invisible characters and those that change the text around them: Unicode's `Default_Ignorable_Code_Point`
/// (zero-width, bidirectional controls, fillers, variation selectors, tags), line and paragraph separators, and
/// interlinear annotation. Sorted, inclusive ranges.
const INVISIBLE: [(char, char); 17] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Escapes every character that could affect a terminal or a build server: `\x1b`, `\n`, `\u{202e}`. Backslashes are
/// kept, so the result is for display only and cannot be parsed back.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.char_indices().any(|(at, c)| acts(text, at, c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        push_visible(&mut out, text, at, c);
    }
    Cow::Owned(out)
}

/// Makes a path [`visible`] that starts a line, possibly after white space. One that a build server would read as a command
/// (`::error::`) gets `./` before it, so that it still names the file.
pub fn path_at_line_start(path: &str) -> Cow<'_, str> {
    let shown = visible(path);
    if shown.trim_start().starts_with("::") { Cow::Owned(format!("./{shown}")) } else { shown }
}

/// Makes every line of a message [`visible`]. Lines after the first are prefixed with a bar, since a name in the
/// message may have started them; only help lines, which are fixed text, are not prefixed.
pub fn message(text: &str) -> String {
    let shown = |(number, line): (usize, &str)| {
        let before = if number == 0 || line.starts_with("  help: ") { "" } else { "  | " };
        format!("{before}{}", visible(line))
    };
    text.lines().enumerate().map(shown).collect::<Vec<_>>().join("\n")
}

/// Appends the character `c`, which is at byte `at` of `text`, as [`visible`] shows it. For callers that need the
/// position of each character in the output.
pub(super) fn push_visible(out: &mut String, text: &str, at: usize, c: char) {
    if !acts(text, at, c) {
        out.push(c);
        return;
    }
    let code = u32::from(c);
    // Writing to a string cannot fail.
    let _ = match c {
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        _ if code < 0x100 => write!(out, "\\x{code:02x}"),
        _ => write!(out, "\\u{{{code:x}}}"),
    };
}

/// Escapes the same characters in JSON as `\uXXXX`, so that a document is inert on a terminal and in a build log and
/// has the same value. None of them occurs in JSON outside of strings, so this works on the serialized text; control
/// characters below U+0020 are already escaped.
pub(super) fn inert_json(json: &str) -> Cow<'_, str> {
    let must_go = |at: usize, c: char| c != '\n' && acts(json, at, c);
    if !json.char_indices().any(|(at, c)| must_go(at, c)) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for (at, c) in json.char_indices() {
        if must_go(at, c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn acts(text: &str, at: usize, c: char) -> bool {
    match c {
        ' '..='"' | '$'..='~' => false,
        '#' => starts_command(text, at),
        _ => c.is_control() || INVISIBLE.iter().any(|&(first, last)| (first..=last).contains(&c)),
    }
}

/// Returns true for the second `#` of `##[` and of `##word[`.
fn starts_command(text: &str, at: usize) -> bool {
    let (before, from) = text.split_at(at);
    before.ends_with('#') && from[1..].trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_at_the_start_of_a_line_is_not_a_command() {
        assert_eq!(path_at_line_start("::error::x.env"), "./::error::x.env");
        assert_eq!(path_at_line_start(" ::add-mask::a"), "./ ::add-mask::a");
        assert_eq!(path_at_line_start("a::b"), "a::b");
    }

    #[test]
    fn message_lines_cannot_be_forged() {
        let text = "a\n::add-mask::b.toml: no\x1b key\n  help: see the manual";
        assert_eq!(message(text), "a\n  | ::add-mask::b.toml: no\\x1b key\n  help: see the manual");
    }

    #[test]
    fn harmless_text_is_borrowed() {
        for text in ["", "src/a b.js", "größe 鍵 🔑", r"C:\new", "## heading [x]", "a#[b]", "::notice::"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn active_characters_are_escaped() {
        for (text, shown) in [
            ("\x1b[31m\u{9b}0m\x7f", r"\x1b[31m\x9b0m\x7f"),
            ("a\r\n\tb\0", r"a\r\n\tb\x00"),
            ("\u{202e}\u{2066}\u{200b}\u{feff}\u{ad}", r"\u{202e}\u{2066}\u{200b}\u{feff}\xad"),
            ("\u{2028}\u{2029}\u{85}\u{e0041}", r"\u{2028}\u{2029}\x85\u{e0041}"),
            ("##[error]x ##vso[task.x] ###[", r"#\x23[error]x #\x23vso[task.x] ##\x23["),
        ] {
            assert_eq!(visible(text), shown);
            assert_eq!(visible(shown), shown, "doing it twice changes nothing");
        }
    }

    #[test]
    fn json_keeps_its_value() {
        let text = "\x1b \x7f \u{9b} \u{202e} \u{2028} \u{e0041} ##[error] ##vso[x] größe\n";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let inert = inert_json(&json);
        assert_eq!(serde_json::from_str::<[String; 1]>(&inert).unwrap()[0], text);
        assert!(inert.chars().all(|c| c == '\n' || !c.is_control()), "{inert}");
        assert!(!inert.contains(['\u{202e}', '\u{2028}']) && !inert.contains("##"), "{inert}");
        assert!(inert.contains("größe"));
    }

    #[test]
    fn ranges_are_sorted() {
        assert!(INVISIBLE.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
