//! Comments.

use super::super::Language;

/// Comment delimiters of a language.
struct Marks {
    line: &'static [&'static str],
    block: Option<(&'static str, &'static str)>,
    nested: bool,
}

const C: Option<(&str, &str)> = Some(("/*", "*/"));

fn marks(language: Language) -> Marks {
    let (line, block, nested): (&[_], _, _) = match language {
        Language::Python => (&["#"], None, false),
        Language::Ruby => (&["#"], Some(("=begin", "\n=end")), false),
        Language::Php | Language::Terraform => (&["//", "#"], C, false),
        Language::PowerShell => (&["#"], Some(("<#", "#>")), false),
        Language::Rust | Language::Kotlin | Language::Swift | Language::Dart => (&["//"], C, true),
        _ => (&["//"], C, false),
    };
    Marks { line, block, nested }
}

/// Returns the end of the comment that starts at `at`.
pub(super) fn end(content: &str, language: Language, at: usize) -> Option<usize> {
    let rest = content.as_bytes().get(at..)?;
    if !matches!(rest.first()?, b'/' | b'#' | b'=' | b'<') {
        return None;
    }
    let marks = marks(language);
    if marks.line.iter().any(|mark| rest.starts_with(mark.as_bytes())) {
        return line_end(content, language, at);
    }
    let (open, close) = marks.block.filter(|(open, _)| rest.starts_with(open.as_bytes()))?;
    if language == Language::Ruby && at > 0 && content.as_bytes()[at - 1] != b'\n' {
        return None;
    }
    let (mut pos, mut depth) = (open.len(), 1_usize);
    while pos < rest.len() {
        if rest[pos..].starts_with(close.as_bytes()) {
            pos += close.len();
            depth -= 1;
            if depth == 0 {
                break;
            }
        } else if marks.nested && rest[pos..].starts_with(open.as_bytes()) {
            pos += open.len();
            depth += 1;
        } else {
            pos += 1;
        }
    }
    Some(at + pos)
}

fn line_end(content: &str, language: Language, at: usize) -> Option<usize> {
    let (before, rest) = (&content[..at], &content[at..]);
    let is_url = before.ends_with("http:") || before.ends_with("https:");
    let is_script = matches!(language, Language::JavaScript | Language::TypeScript);
    // In JSX text, a URL is not a comment; in PHP, `#[` starts an attribute.
    if is_script && is_url || language == Language::Php && rest.starts_with("#[") {
        return None;
    }
    if language == Language::PowerShell
        && before.ends_with(|c: char| !c.is_whitespace() && !"({;,|".contains(c))
    {
        return None;
    }
    let end = rest.find('\n').unwrap_or(rest.len());
    let end = match language {
        Language::Php => rest[..end].find("?>").unwrap_or(end),
        _ => end,
    };
    Some(at + end)
}
