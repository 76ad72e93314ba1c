//! The style of a text, which decides whether an unquoted word is a value or a variable.

use std::cell::OnceCell;

/// How a text writes its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A programming language. Values are quoted.
    Code,
    /// Indentation and `key: value`.
    Yaml,
    /// Lines of `key=value`, possibly in sections.
    Lines,
    /// XML or HTML.
    Markup,
    /// Prose, logs and tables.
    Other,
}

/// The style of a text, computed on first use: most values are quoted, and quoted values do not depend on it.
#[derive(Debug)]
pub(crate) struct LazyStyle<'a> {
    text: &'a [u8],
    style: OnceCell<Style>,
}

impl<'a> LazyStyle<'a> {
    /// Creates the lazy style of `text`.
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, style: OnceCell::new() }
    }

    /// Returns the style, which is computed on the first call.
    pub(crate) fn get(&self) -> Style {
        *self.style.get_or_init(|| Style::of(self.text))
    }
}

impl From<Style> for LazyStyle<'_> {
    fn from(style: Style) -> Self {
        Self { text: &[], style: style.into() }
    }
}

/// Prefixes of lines of code.
const KEYWORDS: [&str; 28] = [
    "import ",
    "from ",
    "const ",
    "let ",
    "var ",
    "function ",
    "async ",
    "def ",
    "class ",
    "public ",
    "private ",
    "protected ",
    "static ",
    "return ",
    "package ",
    "using ",
    "func ",
    "fn ",
    "use ",
    "if ",
    "if(",
    "for ",
    "export ",
    "val ",
    "require",
    "await ",
    "namespace ",
    "struct ",
];

impl Style {
    /// Returns the style of the majority of the lines of `text`.
    pub(crate) fn of(text: &[u8]) -> Self {
        let (mut code, mut yaml, mut lines, mut markup, mut other) = (0, 0, 0, 0, 0);
        for line in text.split(|&b| b == b'\n') {
            let line = line.trim_ascii();
            match kind(line) {
                None => {}
                Some(Self::Code) => code += 1,
                Some(Self::Yaml) => yaml += 1,
                Some(Self::Lines) => lines += 1,
                Some(Self::Markup) => markup += 1,
                Some(Self::Other) => other += 1,
            }
        }
        if markup > 0 && markup >= code && markup > yaml + lines {
            Self::Markup
        } else if code > 0 && code >= yaml + lines {
            Self::Code
        } else if yaml + lines == 0 || other > 4 * (yaml + lines) {
            Self::Other
        } else if yaml > lines {
            Self::Yaml
        } else {
            Self::Lines
        }
    }
}

fn kind(line: &[u8]) -> Option<Style> {
    let first = *line.first()?;
    if matches!(first, b'#' | b';')
        || line.starts_with(b"//")
        || line.starts_with(b"--")
        || line.starts_with(b"*")
    {
        return None;
    }
    if first == b'<' || line.ends_with(b"/>") {
        return Some(Style::Markup);
    }
    let exported =
        line.strip_prefix(b"export ").filter(|rest| !rest.starts_with(b"const ") && is_name_then(rest, b'='));
    if let Some(rest) = exported
        && !rest.ends_with(b";")
    {
        return Some(Style::Lines);
    }
    let ends = line.ends_with(b";")
        || line.ends_with(b"{")
        || line.ends_with(b"(")
        || line.ends_with(b",")
        || line.ends_with(b")");
    if ends
        || matches!(first, b'}' | b')' | b'{')
        || KEYWORDS.iter().any(|word| word.as_bytes()[0] == first && line.starts_with(word.as_bytes()))
    {
        return Some(Style::Code);
    }
    if matches!(first, b'[') {
        return Some(Style::Lines);
    }
    let item = line.strip_prefix(b"- ").unwrap_or(line);
    if is_name_then(item, b':') || line.starts_with(b"- ") {
        return Some(Style::Yaml);
    }
    if is_name_then(line, b'=') {
        return Some(Style::Lines);
    }
    Some(Style::Other)
}

/// Returns whether `line` starts with a name that is followed by `mark`.
fn is_name_then(line: &[u8], mark: u8) -> bool {
    let of_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_-./\"'$".contains(b);
    let name = line.iter().take_while(of_name).count();
    let blanks = line[name..].iter().take_while(|&&b| b == b' ').count();
    let rest = &line[name + blanks..];
    let value = rest.get(1).copied();
    let follows = match mark {
        b':' => blanks == 0 && value.is_none_or(|b| b == b' '),
        _ => value != Some(b'='),
    };
    name > 0 && rest.first() == Some(&mark) && follows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majority_of_lines_decides_style() {
        for (text, style) in [
            ("A=1\nB=2\n", Style::Lines),
            ("export A=1\nexport B=2\n", Style::Lines),
            ("[a]\nb = c\n", Style::Lines),
            ("a:\n  b: c\n  - d\n", Style::Yaml),
            ("const a = b;\nf(x);\n", Style::Code),
            ("import x\nx.password = y\n", Style::Code),
            ("<a>\n  <b/>\n</a>\n", Style::Markup),
            ("Some words in a row.\n", Style::Other),
        ] {
            assert_eq!(Style::of(text.as_bytes()), style, "{text}");
        }
    }
}
