//! Operators that join a name and its value, in all supported languages and formats.

use super::names::Name;

/// Maximum number of quotes, brackets and other marks that close a name, in bytes.
const MAX_CLOSER_BYTES: usize = 8;
/// Maximum length of the method name of a default such as `.default("…")`, in bytes.
const MAX_METHOD_NAME_BYTES: usize = 24;

/// How a value follows its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `=`, `:=`, `=>`.
    Equals,
    /// `:` of JSON, YAML and named arguments.
    Colon,
    /// The next argument of a call: `define('X', '…')`, `getenv("X", "…")`.
    Argument,
    /// The only argument of a call: `setPassword("…")`.
    Call,
    /// A fallback for a missing value: `||`, `??`, `?:`, `or`, `.default(`.
    Fallback,
    /// A default in an expansion of the shell or of Spring: `${X:-…}`, `${x.y:…}`.
    Expansion,
    /// The text of an XML element.
    Element,
    /// The next cell of a table.
    Cell,
    /// White space: `--password …`, `ENV X …`, `login u password …`.
    Space,
}

/// An offset at which a value may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Operator between the name and the value.
    pub(crate) operator: Operator,
    /// Offset in bytes.
    pub(crate) at: usize,
    /// Whether the name is quoted.
    pub(crate) quoted: bool,
}

/// Returns the slot for the value of `name` if an operator follows the name.
pub(crate) fn after(text: &[u8], name: &Name) -> Option<Slot> {
    let end = name.span.end;
    let before = text[..name.span.start].last().copied();
    if before == Some(b'<') {
        return element(text, end).map(|at| Slot { operator: Operator::Element, at, quoted: false });
    }
    if text[..name.span.start].ends_with(b"${")
        && let Some(at) = expansion(text, end)
    {
        return Some(Slot { operator: Operator::Expansion, at, quoted: false });
    }
    let closers = text[end..].iter().take(MAX_CLOSER_BYTES);
    let closed =
        end + closers.take_while(|&&b| matches!(b, b'"' | b'\'' | b'`' | b']' | b'\\' | b'*' | b')')).count();
    let marks = &text[end..closed];
    let quoted = marks.iter().any(|b| matches!(b, b'"' | b'\'' | b'`'));
    let blank = closed + text[closed..].iter().take(80).take_while(|&&b| matches!(b, b' ' | b'\t')).count();
    let rest = &text[blank..];
    let line = memchr::memrchr(b'\n', &text[..name.span.start]).map_or(0, |at| at + 1);
    let closed = NameEnd {
        quoted,
        first: quoted && is_first(&text[..name.span.start]),
        called: marks.contains(&b')'),
        row: text[line..].trim_ascii_start().starts_with(b"|"),
    };
    let (operator, width) = operator(rest, closed)
        .or_else(|| (blank > end && marks.is_empty()).then(|| space(text, name)).flatten())?;
    Some(Slot { operator, at: blank + width, quoted })
}

/// Returns whether `before` ends with the opening bracket of a call and an opening quote.
fn is_first(before: &[u8]) -> bool {
    let marks = before.iter().rev().take(4).take_while(|b| b"\\\"'`".contains(b)).count();
    let before = before[..before.len() - marks].trim_ascii_end();
    // Android's build fields and resources put the type before the name.
    let typed = [&b"\"String\","[..], b"\"string\",", b"'String',", b"'string',"];
    before.ends_with(b"(") || typed.iter().any(|kind| before.ends_with(kind))
}

/// What follows or surrounds a name.
#[derive(Debug, Clone, Copy)]
struct NameEnd {
    /// A quote follows the name.
    quoted: bool,
    /// A quote follows the name, which is the first argument of a call.
    first: bool,
    /// The closing bracket of a call follows the name.
    called: bool,
    /// The name is in a table row.
    row: bool,
}

/// Returns the operator at the start of `rest` and its length in bytes.
fn operator(rest: &[u8], NameEnd { quoted, first, called, row }: NameEnd) -> Option<(Operator, usize)> {
    const FALLBACKS: [&[u8]; 6] = [b"||=", b"||", b"??=", b"??", b"?:", b"or "];
    if let Some(mark) = FALLBACKS.iter().find(|mark| rest.starts_with(mark)) {
        return Some((Operator::Fallback, mark.len()));
    }
    if let Some(width) = default_call(rest) {
        return Some((Operator::Fallback, width));
    }
    if called {
        return None;
    }
    match rest {
        [b'=', b'=' | b'~', ..] | [b':', b':', ..] => None,
        [b'=', b'>', ..] | [b':' | b'?' | b'+', b'=', ..] => Some((Operator::Equals, 2)),
        [b'=', ..] => Some((Operator::Equals, 1)),
        [b':', b'/', b'/', ..] => None,
        [b':', ..] => Some((Operator::Colon, 1)),
        [b'?' | b'!', b':', ..] => Some((Operator::Colon, 2)),
        [b',', ..] if first => Some((Operator::Argument, 1)),
        [b'(', ..] if !quoted => Some((Operator::Call, 1)),
        [b'|', ..] if row => Some((Operator::Cell, 1)),
        _ => None,
    }
}

/// Returns the length of a default call such as `.default(` at the start of `rest`, in bytes.
fn default_call(rest: &[u8]) -> Option<usize> {
    const CALLS: [&str; 10] = [
        "default",
        "defaultto",
        "defaultvalue",
        "getordefault",
        "getorelse",
        "or",
        "orelse",
        "unwrap_or",
        "unwraporelse",
        "withdefault",
    ];
    let rest = rest.strip_prefix(b".")?;
    let word = rest
        .iter()
        .take(MAX_METHOD_NAME_BYTES)
        .take_while(|&&b| b.is_ascii_alphanumeric() || b == b'_')
        .count();
    let name = String::from_utf8_lossy(&rest[..word]).to_ascii_lowercase();
    (rest.get(word) == Some(&b'(') && CALLS.contains(&name.as_str())).then_some(word + 2)
}

/// Returns the start of the text of the XML element whose name ends at `end`.
fn element(text: &[u8], end: usize) -> Option<usize> {
    let tag = &text[end..text.len().min(end + 160)];
    let close = memchr::memchr2(b'>', b'<', tag)?;
    let ends = tag[close] == b'>' && (close == 0 || tag[close - 1] != b'/');
    (ends && !matches!(tag.first(), Some(b'=' | b':'))).then_some(end + close + 1)
}

/// Returns the start of the default in `${name…}`.
fn expansion(text: &[u8], end: usize) -> Option<usize> {
    match &text[end..] {
        [b':', b'-' | b'=', ..] => Some(end + 2),
        [b'-' | b'=', ..] => Some(end + 1),
        [b':', b'?' | b'+', ..] => None,
        [b':', ..] => Some(end + 1),
        _ => None,
    }
}

/// Returns the operator if white space joins a name and its value: after a flag, in a Dockerfile, for `setx`, and in
/// lists of words and values (`login u password p`, `username u password 0 p`).
fn space(text: &[u8], name: &Name) -> Option<(Operator, usize)> {
    let before = &text[..name.span.start];
    let line = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
    let near = String::from_utf8_lossy(&line[line.len().saturating_sub(200)..]).to_ascii_lowercase();
    if near.ends_with("--") || near.ends_with(" -") {
        return Some((Operator::Space, 0));
    }
    let words: Vec<&str> = near.split_whitespace().collect();
    let listed = ["login", "username", "user", "credentials", "authentication", "machine", "aor"];
    let ends_word = near.is_empty() || near.ends_with([' ', '\t']);
    let set = matches!(words.last(), Some(&("env" | "setx" | "setenv" | "arg")));
    let begins = words.first().is_some_and(|first| listed.contains(first));
    let all_words = ends_word && begins && !near.contains(['=', '"', '\'', '(']);
    if !(ends_word && set || all_words) {
        return None;
    }
    // Cisco writes the type of the password first: 0 is plain text, 5 to 9 are encrypted.
    let rest = &text[name.span.end..];
    let blanks = rest.iter().take_while(|&&b| b == b' ').count();
    match &rest[blanks..] {
        [b'0', b' ', ..] if all_words => Some((Operator::Space, 2)),
        [b'5'..=b'9', b' ', ..] if all_words => None,
        _ => Some((Operator::Space, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignments::names;

    fn first(text: &str) -> Option<(Operator, String)> {
        let name =
            names::all(text.as_bytes()).into_iter().find(|one| one.words(text.as_bytes()).is_some())?;
        let slot = after(text.as_bytes(), &name)?;
        Some((slot.operator, text[slot.at..].trim_start().to_owned()))
    }

    #[test]
    fn every_operator_is_known() {
        for (text, operator, value) in [
            ("X_PASSWORD=v", Operator::Equals, "v"),
            ("'password' => 'v'", Operator::Equals, "'v'"),
            ("password := \"v\"", Operator::Equals, "\"v\""),
            ("\"password\": \"v\"", Operator::Colon, "\"v\""),
            ("{\\\"password\\\": \\\"v\\\"}", Operator::Colon, "\\\"v\\\"}"),
            ("define('X_SECRET', 'v')", Operator::Argument, "'v')"),
            ("setPassword(\"v\")", Operator::Call, "\"v\")"),
            ("process.env.X_PASSWORD || 'v'", Operator::Fallback, "'v'"),
            ("env(\"X_PASSWORD\") ?: 'v'", Operator::Fallback, "'v'"),
            ("token: z.string()", Operator::Colon, "z.string()"),
            ("getenv('X_TOKEN').orElse(\"v\")", Operator::Fallback, "\"v\")"),
            ("${X_PASSWORD:-v}", Operator::Expansion, "v}"),
            ("${telnyx.password:v}", Operator::Expansion, "v}"),
            ("<Password_1_ ua=\"na\">v</Password_1_>", Operator::Element, "v</Password_1_>"),
            ("| `X_TOKEN` | v |", Operator::Cell, "v |"),
            ("curl --password v", Operator::Space, "v"),
            ("ENV X_TOKEN v", Operator::Space, "v"),
            ("username u password 0 v", Operator::Space, "v"),
        ] {
            assert_eq!(first(text), Some((operator, value.to_owned())), "{text}");
        }
        for text in
            ["password == x", "password::new()", "a password is", "<password/>", "username u password 7 v"]
        {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
