//! Starts and ends of string literals in each language.

use super::super::Language;

/// How a character is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Escape {
    None,
    Backslash,
    /// A doubled quote.
    Doubled,
    /// PowerShell: a backtick, or a doubled quote.
    Backtick,
}

/// The quoting of a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Quote {
    /// Length in bytes of the prefix before the quote.
    pub(in super::super) prefix: usize,
    /// Length in bytes of prefix and opening quote.
    pub(in super::super) open: usize,
    /// The closing quote.
    pub(in super::super) close: String,
    pub(in super::super) escape: Escape,
    /// Whether it may contain line ends.
    pub(in super::super) long: bool,
    /// The start of an interpolation; empty if there is none.
    pub(in super::super) hole: String,
}

impl Quote {
    /// Parses the opening of the literal that starts at `at`.
    pub(super) fn at(content: &str, language: Language, at: usize) -> Option<Self> {
        let rest = content.as_bytes().get(at..)?;
        if !rest.first()?.is_ascii() {
            return None;
        }
        let in_word = content[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        match language {
            Language::Python => python(rest, in_word),
            Language::CSharp => csharp(rest),
            Language::Rust => rust(rest, in_word),
            Language::Swift => swift(rest),
            Language::Dart => dart(rest, in_word),
            Language::Ruby => ruby(rest),
            Language::PowerShell => powershell(rest),
            _ => common(rest, language),
        }
    }

    /// Returns the length of the escape sequence at the start of `rest`.
    pub(super) fn escape_length(&self, rest: &[u8]) -> Option<usize> {
        let twice = |mark: &[u8]| rest.starts_with(mark) && rest[mark.len()..].starts_with(mark);
        match self.escape {
            // In Swift and C#, this may be the start of an interpolation.
            Escape::Backslash if rest[0] == b'\\' && !self.hole.starts_with('\\') => Some(2),
            Escape::Backslash if rest[0] == b'\\' && !rest.starts_with(self.hole.as_bytes()) => Some(2),
            Escape::Backtick if rest[0] == b'`' => Some(2),
            Escape::Doubled | Escape::Backtick if self.close.len() == 1 && twice(self.close.as_bytes()) => {
                Some(2)
            }
            _ if self.hole == "{" && twice(b"{") => Some(2),
            _ => None,
        }
        .map(|length| length.min(rest.len()))
    }

    /// Returns the length of the interpolation start at the start of `rest`.
    pub(super) fn hole_length(&self, rest: &[u8]) -> Option<usize> {
        let starts = !self.hole.is_empty() && rest.starts_with(self.hole.as_bytes());
        // `{$` in PHP: the dollar belongs to the code.
        starts.then_some(if self.hole == "{$" { 1 } else { self.hole.len() })
    }

    /// Returns the bracket that ends an interpolation.
    pub(super) fn hole_close(&self) -> u8 {
        if self.hole.ends_with('(') { b')' } else { b'}' }
    }

    /// Returns how many of these brackets end an interpolation.
    pub(super) fn hole_close_length(&self) -> usize {
        if self.hole.starts_with("{{") { self.hole.len() } else { 1 }
    }
}

/// Creates a quote without a prefix.
fn plain(close: &str, escape: Escape, long: bool, hole: &str) -> Quote {
    Quote { prefix: 0, open: close.len(), close: close.to_owned(), escape, long, hole: hole.to_owned() }
}

/// Parses quotes in languages without prefixes.
fn common(rest: &[u8], language: Language) -> Option<Quote> {
    let backslash = Escape::Backslash;
    let triple = rest.starts_with(b"\"\"\"");
    Some(match (rest[0], language) {
        (b'"', Language::Kotlin) if triple => plain("\"\"\"", Escape::None, true, "${"),
        (b'"', Language::Java) if triple => plain("\"\"\"", backslash, true, ""),
        (b'"', Language::Kotlin | Language::Terraform) => plain("\"", backslash, false, "${"),
        (b'"', Language::Php) => plain("\"", backslash, true, "{$"),
        (b'\'', Language::Php) => plain("'", backslash, true, ""),
        (b'`', Language::JavaScript | Language::TypeScript) => plain("`", backslash, true, "${"),
        (b'`', Language::Go) => plain("`", Escape::None, true, ""),
        (b'"', _) => plain("\"", backslash, false, ""),
        (b'\'', _) if language != Language::Terraform => plain("'", backslash, false, ""),
        _ => return None,
    })
}

/// Returns the triple or single quote at the start of `rest`.
fn three_or_one(rest: &[u8]) -> Option<&'static str> {
    ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote.as_bytes()))
}

fn python(rest: &[u8], in_word: bool) -> Option<Quote> {
    let prefix = rest.iter().take(3).take_while(|byte| b"rRbBuUfF".contains(byte)).count();
    if prefix > 2 || prefix > 0 && in_word {
        return None;
    }
    let close = three_or_one(&rest[prefix..])?;
    let is_format = rest[..prefix].iter().any(|byte| b"fF".contains(byte));
    let quote = plain(close, Escape::Backslash, close.len() == 3, if is_format { "{" } else { "" });
    Some(Quote { prefix, open: prefix + close.len(), ..quote })
}

fn csharp(rest: &[u8]) -> Option<Quote> {
    let prefix = rest.iter().take_while(|byte| b"$@".contains(byte)).count();
    let quotes = rest[prefix..].iter().take_while(|&&byte| byte == b'"').count();
    if prefix == 0 && rest[0] == b'\'' {
        return Some(plain("'", Escape::Backslash, false, ""));
    }
    if quotes == 0 {
        return None;
    }
    let dollars = rest[..prefix].iter().filter(|&&byte| byte == b'$').count();
    let verbatim = rest[..prefix].contains(&b'@');
    let raw = quotes >= 3 && !verbatim;
    let close = if raw { "\"".repeat(quotes) } else { "\"".to_owned() };
    let escape = match (raw, verbatim) {
        (true, _) => Escape::None,
        (_, true) => Escape::Doubled,
        _ => Escape::Backslash,
    };
    Some(Quote {
        prefix,
        open: prefix + close.len(),
        close,
        escape,
        long: raw || verbatim,
        hole: "{".repeat(if raw { dollars } else { dollars.min(1) }),
    })
}

fn rust(rest: &[u8], in_word: bool) -> Option<Quote> {
    if rest[0] == b'\'' {
        let length = match rest.get(1)? {
            b'\\' => return Some(plain("'", Escape::Backslash, false, "")),
            byte => 1 + if byte.is_ascii() { 1 } else { rest[1..].iter().position(|&byte| byte == b'\'')? },
        };
        // Otherwise it is a lifetime.
        return (rest.get(length) == Some(&b'\'')).then(|| plain("'", Escape::Backslash, false, ""));
    }
    let letters = rest.iter().take(2).take_while(|byte| b"brc".contains(byte)).count();
    let hashes = rest[letters..].iter().take_while(|&&byte| byte == b'#').count();
    let raw = rest[..letters].contains(&b'r');
    let prefix = letters + hashes;
    if rest.get(prefix) != Some(&b'"') || prefix > 0 && in_word || hashes > 0 && !raw {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let escape = if raw { Escape::None } else { Escape::Backslash };
    Some(Quote { prefix, open: prefix + 1, close, escape, long: true, hole: String::new() })
}

fn swift(rest: &[u8]) -> Option<Quote> {
    let hashes = rest.iter().take_while(|&&byte| byte == b'#').count();
    let mark = ["\"\"\"", "\""].into_iter().find(|mark| rest[hashes..].starts_with(mark.as_bytes()))?;
    let fence = "#".repeat(hashes);
    Some(Quote {
        prefix: hashes,
        open: hashes + mark.len(),
        close: format!("{mark}{fence}"),
        escape: if hashes > 0 { Escape::None } else { Escape::Backslash },
        long: mark.len() == 3,
        hole: format!("\\{fence}("),
    })
}

fn dart(rest: &[u8], in_word: bool) -> Option<Quote> {
    let prefix = usize::from(rest[0] == b'r' && !in_word);
    let close = three_or_one(&rest[prefix..])?;
    let (escape, hole) = if prefix > 0 { (Escape::None, "") } else { (Escape::Backslash, "${") };
    Some(Quote { prefix, open: prefix + close.len(), ..plain(close, escape, close.len() == 3, hole) })
}

fn ruby(rest: &[u8]) -> Option<Quote> {
    match rest[0] {
        b'"' | b'`' => {
            let close = if rest[0] == b'"' { "\"" } else { "`" };
            return Some(plain(close, Escape::Backslash, true, "#{"));
        }
        b'\'' => return Some(plain("'", Escape::Backslash, false, "")),
        b'%' => {}
        _ => return None,
    }
    let is_list = b"wWiI".contains(rest.get(1)?);
    if !is_list && !b"qQ".contains(&rest[1]) {
        return None;
    }
    let close = match rest.get(2)? {
        b'(' => ")",
        b'[' => "]",
        b'{' => "}",
        b'<' => ">",
        b'|' => "|",
        b'!' => "!",
        _ => return None,
    };
    let hole = if rest[1] == b'Q' { "#{" } else { "" };
    let quote = plain(close, Escape::Backslash, true, hole);
    Some(Quote { prefix: 2, open: 3, ..quote })
}

fn powershell(rest: &[u8]) -> Option<Quote> {
    Some(match rest {
        [b'@', b'"', b'\r' | b'\n', ..] => Quote { open: 2, ..plain("\n\"@", Escape::Backtick, true, "$(") },
        [b'@', b'\'', b'\r' | b'\n', ..] => Quote { open: 2, ..plain("\n'@", Escape::None, true, "") },
        [b'"', ..] => plain("\"", Escape::Backtick, true, "$("),
        [b'\'', ..] => plain("'", Escape::Doubled, true, ""),
        // An escaped character outside of literals.
        _ => return None,
    })
}
