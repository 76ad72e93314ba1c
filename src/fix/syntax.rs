//! The little that has to be known of a language to tell strings from comments and from the rest.

use std::ops::Range;

use super::Language;

/// How strings of one kind are written.
#[derive(Debug, Clone, Copy)]
struct Quote {
    mark: &'static str,
    /// Whether a backslash escapes the next character.
    escapes: bool,
    /// Whether it may go on over line ends.
    long: bool,
}

/// Comments and strings of a language.
struct Syntax {
    line: &'static [&'static str],
    block: Option<(&'static str, &'static str)>,
    /// Longer marks before shorter ones.
    quotes: &'static [Quote],
}

const fn quote(mark: &'static str, escapes: bool, long: bool) -> Quote {
    Quote { mark, escapes, long }
}

const DOUBLE: Quote = quote("\"", true, false);
const SINGLE: Quote = quote("'", true, false);
const TRIPLE: Quote = quote("\"\"\"", true, true);

const PYTHON: &[Quote] = &[TRIPLE, quote("'''", true, true), DOUBLE, SINGLE];
const SCRIPT: &[Quote] = &[DOUBLE, SINGLE, quote("`", true, true)];
const PHP: &[Quote] = &[quote("\"", true, true), quote("'", true, true)];
const GO: &[Quote] = &[DOUBLE, SINGLE, quote("`", false, true)];

impl Syntax {
    fn of(language: Language) -> Self {
        let c = Some(("/*", "*/"));
        let (line, block, quotes): (&[_], _, &[Quote]) = match language {
            Language::Python => (&["#"], None, PYTHON),
            Language::JavaScript | Language::TypeScript => (&["//"], c, SCRIPT),
            Language::Ruby => (&["#"], Some(("\n=begin", "\n=end")), &[DOUBLE, SINGLE]),
            Language::Php => (&["//", "#"], c, PHP),
            Language::Go => (&["//"], c, GO),
            Language::Rust => (&["//"], c, &[DOUBLE]),
            Language::Terraform => (&["#", "//"], c, &[DOUBLE]),
            _ => (&["//"], c, &[TRIPLE, DOUBLE, SINGLE]),
        };
        Self { line, block, quotes }
    }
}

/// A string in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// With its marks.
    pub(super) whole: Range<usize>,
    /// Between them.
    pub(super) inner: Range<usize>,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    String(Literal),
    Comment,
    Code,
}

/// What the byte at `at` of `content` belongs to, read from `from` on, where neither a string nor a comment may be open.
pub(super) fn spot(content: &str, language: Language, from: usize, at: usize) -> Spot {
    let syntax = Syntax::of(language);
    let mut pos = from;
    while pos <= at && pos < content.len() {
        let rest = &content.as_bytes()[pos..];
        if let Some(end) = comment(&syntax, rest) {
            if pos + end > at {
                return Spot::Comment;
            }
            pos += end;
        } else if let Some((mark, length)) = string(&syntax, rest) {
            if pos + length > at {
                let inner = pos + mark..pos + length - mark;
                return Spot::String(Literal { whole: pos..pos + length, inner });
            }
            pos += length;
        } else if language == Language::Rust && rest.starts_with(b"'\"'") {
            pos += 3;
        } else {
            pos += 1;
        }
    }
    Spot::Code
}

/// The length of the comment with which `rest` begins.
fn comment(syntax: &Syntax, rest: &[u8]) -> Option<usize> {
    if syntax.line.iter().any(|mark| rest.starts_with(mark.as_bytes())) {
        return Some(memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
    }
    let (open, close) = syntax.block.filter(|(open, _)| rest.starts_with(open.as_bytes()))?;
    let end = memchr::memmem::find(&rest[open.len()..], close.as_bytes());
    Some(end.map_or(rest.len(), |end| open.len() + end + close.len()))
}

/// The lengths of the mark and of the whole string with which `rest` begins.
fn string(syntax: &Syntax, rest: &[u8]) -> Option<(usize, usize)> {
    let quote = syntax.quotes.iter().find(|quote| rest.starts_with(quote.mark.as_bytes()))?;
    let mark = quote.mark.len();
    let mut pos = mark;
    while pos < rest.len() {
        match rest[pos] {
            b'\\' if quote.escapes => pos += 2,
            b'\n' if !quote.long => return None,
            _ if rest[pos..].starts_with(quote.mark.as_bytes()) => return Some((mark, pos + mark)),
            _ => pos += 1,
        }
    }
    None
}
