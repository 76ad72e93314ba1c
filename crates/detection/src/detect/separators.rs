//! Separators that may be between two pieces of one string without being part of it: string concatenation, continued
//! and wrapped lines, terminal colours.
//!
//! A separator is only a guess; it is confirmed if the pieces on both sides form a whole credential.

use crate::finding::Encoding;

/// Maximum length of a concatenation, in bytes: an operator, a line break, indentation.
pub(crate) const LONGEST: usize = 200;

/// Words that may occur in a concatenation: methods that concatenate strings, string prefixes, directives.
const WORDS: [&[u8]; 20] = [
    b"append", b"Append", b"concat", b"Concat", b"add", b"write", b"plus", b"ascii", b"asciz", b"string",
    b"b", b"r", b"f", b"u", b"B", b"R", b"F", b"U", b"L", b"N",
];

/// A separator: the offset after it, and its kind.
pub(crate) type Joint = (usize, Encoding);

/// Returns whether a separator may start with this byte.
#[inline]
pub(crate) fn starts(byte: u8) -> bool {
    matches!(
        byte,
        b'"' | b'\'' | b'`' | b'\\' | b'\n' | b'\r' | 0x0E | 0x0F | 0x1B | b'=' | b'^' | 0xC2 | 0xE2 | 0xEF
    )
}

/// Returns the separator at `at`, if there is one.
pub(crate) fn skip_separator(raw: &[u8], at: usize) -> Option<Joint> {
    match *raw.get(at)? {
        0x1B => ansi(raw, at).map(|end| (end, Encoding::Ansi)),
        // Shifts between character sets.
        0x0E | 0x0F => Some((at + 1, Encoding::Ansi)),
        b'\n' | b'\r' => wrap(raw, at).map(|end| (end, Encoding::LineWrap)),
        // Quoted-printable: blanks at the end of a line are not a part of it.
        b'=' => line_end(raw, blanks(raw, at + 1)).map(|end| (end, Encoding::LineWrap)),
        b'^' => line_end(raw, at + 1).map(|end| (end, Encoding::LineWrap)),
        b'`' if line_end(raw, at + 1).is_some() => wrap(raw, at + 1).map(|end| (end, Encoding::LineWrap)),
        b'\\' => backslash(raw, at),
        b'"' | b'\'' | b'`' => concat(raw, at).map(|end| (end, Encoding::Concat)),
        0xC2 | 0xE2 | 0xEF => invisible(raw, at).map(|end| (end, Encoding::LineWrap)),
        _ => None,
    }
}

/// Skips `ESC [ … letter`, `ESC ] … BEL` or `ESC ] … ESC \\`, `ESC ( letter`, or a sequence of two characters.
fn ansi(raw: &[u8], at: usize) -> Option<usize> {
    let rest = raw.get(at + 2..)?;
    let (last, room): (fn(u8) -> bool, usize) = match raw[at + 1] {
        b'[' => (|b| (0x40..0x7F).contains(&b), 32),
        b']' => (|b| b == 7 || b == 0x1B, 256),
        b'(' | b')' => return rest.first().map(|_| at + 3),
        b'=' | b'>' | b'7' | b'8' => return Some(at + 2),
        _ => return None,
    };
    let end = at + 2 + rest.iter().take(room).position(|&b| last(b))?;
    if raw[end] != 0x1B {
        return Some(end + 1);
    }
    (raw.get(end + 1) == Some(&b'\\')).then_some(end + 2)
}

/// Skips a character that is not shown: a soft hyphen, zero-width space or joiner, mark of direction, word joiner,
/// invisible operator, or byte order mark.
fn invisible(raw: &[u8], at: usize) -> Option<usize> {
    let rest = &raw[at..];
    let known: [&[u8]; 11] = [
        b"\xC2\xAD",
        b"\xE2\x80\x8B",
        b"\xE2\x80\x8C",
        b"\xE2\x80\x8D",
        b"\xE2\x81\xA0",
        b"\xEF\xBB\xBF",
        b"\xE2\x80\x8E",
        b"\xE2\x80\x8F",
        b"\xE2\x81\xA1",
        b"\xE2\x81\xA2",
        b"\xE2\x81\xA3",
    ];
    known.iter().find(|mark| rest.starts_with(mark)).map(|mark| at + mark.len())
}

/// Skips a line end at `at`.
fn line_end(raw: &[u8], at: usize) -> Option<usize> {
    match (raw.get(at)?, raw.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        (b'\r' | b'\n', _) => Some(at + 1),
        _ => None,
    }
}

fn blanks(raw: &[u8], at: usize) -> usize {
    at + raw[at.min(raw.len())..].iter().take(LONGEST).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// Skips a line end, the indentation of the next line and its comment or quote prefix (`#`, `//`, `*`, `>`, `--`, `|`).
fn wrap(raw: &[u8], at: usize) -> Option<usize> {
    let mut from = blanks(raw, line_end(raw, at)?);
    for _ in 0..4 {
        let rest = &raw[from.min(raw.len())..];
        // `/` and `-` are also base64 characters, so a comment mark must be complete and followed by a blank.
        let mark = match rest {
            [b'/', b'/', b' ', ..] | [b'-', b'-', b' ', ..] => 2,
            [b'#' | b'*' | b'>' | b'|' | b';' | b'%', ..] => 1,
            _ => break,
        };
        from = blanks(raw, from + mark);
    }
    (!is_assignment(raw, from)).then_some(from)
}

/// Returns whether the line continues at `at` like an assignment: `NAME=…` or `name: …`. Then the previous line ends
/// its value. A `=` at the end of a line is base64 padding.
fn is_assignment(raw: &[u8], at: usize) -> bool {
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let rest = &raw[at.min(raw.len())..raw.len().min(at + LONGEST)];
    let name = rest.iter().take_while(part).count();
    let named = name > 0 && !rest[0].is_ascii_digit();
    named
        && match rest[name..] {
            [b'=', next, ..] => !matches!(next, b'=' | b'\r' | b'\n' | b'"' | b'\'' | b'<' | b'&'),
            [b':', b' ', ..] => true,
            _ => false,
        }
}

/// Skips a line continuation, a line end written as `\n`, or a concatenation that starts with an escaped quotation
/// mark.
fn backslash(raw: &[u8], at: usize) -> Option<Joint> {
    let slashes = raw[at..].iter().take(8).take_while(|&&b| b == b'\\').count();
    let from = at + slashes;
    match *raw.get(from)? {
        b'"' | b'\'' | b'`' => concat(raw, from).map(|end| (end, Encoding::Concat)),
        b'n' | b'r' => {
            let mut end = from + 1;
            while raw.get(end) == Some(&b'\\') && matches!(raw.get(end + 1), Some(b'n' | b'r' | b'\\')) {
                end += if raw[end + 1] == b'\\' { 1 } else { 2 };
            }
            Some((blanks(raw, end), Encoding::LineWrap))
        }
        _ => wrap(raw, blanks(raw, from)).map(|end| (end, Encoding::LineWrap)),
    }
}

/// Skips from a closing quotation mark at `at` to after the next opening one. Only operators, white space, comments and
/// the words of a concatenation may be between them:
///
/// | Written | In |
/// | --- | --- |
/// | `"a" + "b"` | JavaScript, TypeScript, Java, C#, Go, Kotlin, Swift, Python, Ruby |
/// | `'a' . 'b'`, `$key .= 'b'` | PHP, Perl |
/// | `"a" .. "b"` | Lua |
/// | `'a' \|\| 'b'` | SQL |
/// | `"a" & "b"`, `"a" & _` and a line end | Visual Basic, Excel |
/// | `"a" ~ "b"` | Twig, D, Raku |
/// | `"a" ^ "b"` | OCaml, Standard ML |
/// | `"a" <> "b"` | Elixir, Haskell |
/// | `"a" << "b"` | C++ streams, Ruby |
/// | `"a" "b"`, `"a" \` and a line end | C, C++, Python, shells |
/// | `"a", "b"` | lists that are joined, arguments of a call |
/// | `"a").append("b"`, `"a".concat("b"` | Java, C#, JavaScript |
/// | `"a"; key += "b"`, `"a"; k = k + "b"` | statements that extend a variable |
/// | `r"a" f"b"`, `L"a" u"b"` | Python, C: prefixes of strings |
/// | `.ascii "a"`, `.string "b"` | assemblers |
fn concat(raw: &[u8], at: usize) -> Option<usize> {
    // A shell joins quoted and unquoted pieces: `KEY"01"'96'`.
    if raw.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) {
        return Some(at + 1);
    }
    let limit = raw.len().min(at + LONGEST);
    let mut pos = at + 1;
    while pos < limit {
        match raw[pos] {
            b'"' | b'\'' | b'`' if is_key(raw, pos) => return None,
            b'"' | b'\'' | b'`' => return Some(pos + 1),
            b'\\' if raw.get(pos + 1).is_some_and(|&b| matches!(b, b'n' | b'r' | b't')) => pos += 2,
            b'+' | b'.' | b'&' | b'~' | b'|' | b',' | b'<' | b'>' | b'^' | b'\\' | b'(' | b')' | b'['
            | b']' | b'{' | b'}' | b'_' | b'@' | b'$' | b';' => pos += 1,
            byte if byte.is_ascii_whitespace() => pos += 1,
            byte if byte.is_ascii_alphabetic() => pos = word(raw, pos, limit)?,
            b'#' | b'/' | b'-' => pos = comment(raw, pos, limit)?,
            _ => return None,
        }
    }
    None
}

/// Returns whether the string that opens at `at` is an object key: `"type": …`. Two members of an object are not
/// concatenated.
fn is_key(raw: &[u8], at: usize) -> bool {
    let end = identifier(raw, at + 1, raw.len().min(at + LONGEST));
    let closed = end + raw[end..].iter().take(2).take_while(|&&b| b == b'\\').count();
    if end == at + 1 || raw.get(closed) != Some(&raw[at]) {
        return false;
    }
    matches!(raw[blanks(raw, closed + 1)..], [b':', ..] | [b'=', b'>', ..])
}

/// Skips one of [`WORDS`], or `name +=`, `name .=`, `name <<`, `name = name +`.
fn word(raw: &[u8], at: usize, limit: usize) -> Option<usize> {
    let end = identifier(raw, at, limit);
    if WORDS.contains(&&raw[at..end]) {
        return Some(end);
    }
    let operator = blanks(raw, end);
    let rest = raw.get(operator..limit)?;
    if [&b"+="[..], b".=", b"<<", b"&="].iter().any(|op| rest.starts_with(op)) {
        return Some(operator + 2);
    }
    if rest.first() != Some(&b'=') {
        return None;
    }
    let again = blanks(raw, operator + 1);
    let after = identifier(raw, again, limit);
    (raw[again..after] == raw[at..end]).then_some(after)
}

fn identifier(raw: &[u8], at: usize, limit: usize) -> usize {
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$');
    at + raw[at.min(limit)..limit].iter().take_while(part).count()
}

/// Skips a comment: `# …`, `// …` or `-- …` to the end of the line, or `/* … */`.
fn comment(raw: &[u8], at: usize, limit: usize) -> Option<usize> {
    let rest = &raw[at..limit];
    if rest.starts_with(b"/*") {
        return memchr::memmem::find(rest, b"*/").map(|length| at + length + 2);
    }
    let line = rest.starts_with(b"#") || rest.starts_with(b"//") || rest.starts_with(b"--");
    if line { memchr::memchr(b'\n', rest).map(|length| at + length + 1) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concatenations_of_common_languages() {
        let joints = [
            "\" + \"",
            "'+\"",
            "\"\n    \"",
            "\" \\\n    \"",
            "\" . '",
            "\" .. \"",
            "' || '",
            "\" & _\r\n  \"",
            "\"\"",
            "'\"",
            "\", \"",
            "\").append(\"",
            "\".concat(\"",
            "\";\n  key += \"",
            "';\n$key .= '",
            "\"; k = k + \"",
            "\" // first half\n + \"",
            "\" /* x */ \"",
            "\\\" + \\\"",
            "\\\n",
            "\\\n    ",
            "\n",
            "\r\n  # ",
            "\n> ",
            "\u{1b}[31m",
            "\\n",
            "\\r\\n",
            "=\r\n",
            "\u{200b}",
        ];
        assert_eq!(skip_separator(b"\"01", 0).map(|j| j.0), Some(1));
        for joint in joints {
            assert_eq!(skip_separator(joint.as_bytes(), 0).map(|j| j.0), Some(joint.len()), "{joint:?}");
        }
    }

    #[test]
    fn other_text_is_not_a_separator() {
        for text in [
            "\": \"",
            "\" = \"",
            "\" and \"",
            "x",
            " ",
            "\"",
            "\\q",
            "'); drop('",
            "\" if x else \"",
            "\": x",
            "\", \"type\": \"string\"",
            "', 'next' => 'x'",
        ] {
            assert_eq!(skip_separator(text.as_bytes(), 0), None, "{text:?}");
        }
    }

    #[test]
    fn continued_lines_and_terminal_codes() {
        for joint in [
            "`\n",
            "`\r\n    ",
            "^\r\n",
            "= \t\r\n",
            "\n// ",
            "\n-- ",
            "\n  * ",
            "\n# # # # ",
            "\\   \n  ",
            "\\n\\n    ",
            "\\\\n",
            "\\n\\\\n",
            "\u{1b}]8;;some link\u{7}",
            "\u{1b}]8;;some link\u{1b}\\",
            "\u{1b}(B",
            "\u{1b}=",
            "\u{f}",
            "\" +\\n  \"",
            "\"\\t\\r'",
            "\" -- x\n + \"",
            "\" # x\n \"",
            "\u{ad}",
        ] {
            assert_eq!(skip_separator(joint.as_bytes(), 0).map(|j| j.0), Some(joint.len()), "{joint:?}");
            assert_eq!(
                skip_separator(format!("{joint}Z1").as_bytes(), 0).map(|j| j.0),
                Some(joint.len()),
                "{joint:?}"
            );
        }
        for none in [
            "`",
            "\u{1b}]8;;no end",
            "\u{1b}(",
            "\u{1b}",
            "\" / \"",
            "\" - \"",
            "\" /* x",
            "\" # x",
            "^",
            "=x",
        ] {
            assert_eq!(skip_separator(none.as_bytes(), 0), None, "{none:?}");
        }
        // It is a comment mark only with a blank after it; the characters are also base64 characters.
        assert_eq!(skip_separator(b"\n//x", 0).map(|j| j.0), Some(1));
        assert_eq!(skip_separator(b"\n--x", 0).map(|j| j.0), Some(1));
    }
}
