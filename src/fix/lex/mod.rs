//! Splits a source file into code, comments and string literals, as far as an edit requires.
//!
//! Does not parse: a few rules per language determine where a literal starts and ends, and which parts of it are code
//! (interpolations). A file that cannot be split is reported as not understood.

mod comments;
mod heredoc;
mod quotes;
mod regexes;

use std::ops::Range;

use self::heredoc::Heredoc;
pub(super) use self::quotes::{Escape, Quote};
use super::Language;

/// Maximum nesting depth of interpolations.
const MAX_DEPTH: usize = 32;

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// Range including prefix and quotes.
    pub(super) whole: Range<usize>,
    /// Range between the quotes.
    pub(super) inner: Range<usize>,
    /// Its quoting.
    pub(super) quote: Quote,
    /// Ranges of the interpolations in it, including their braces.
    pub(super) holes: Vec<Range<usize>>,
    /// Whether it is inside an interpolation of another literal.
    pub(super) is_nested: bool,
}

impl Literal {
    /// Returns whether it is the body of a here-document, which has no quotes.
    pub(super) fn is_heredoc(&self) -> bool {
        self.whole == self.inner
    }
}

/// What a range of a source file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    Literal(&'a Literal),
    Comment,
    /// Text outside of `<?php … ?>`.
    Html,
    Code,
    /// The file could not be split.
    Unknown,
}

/// A source file, split into tokens.
#[derive(Debug, Default)]
pub(super) struct Lexed {
    /// The file with every byte of a literal replaced by `"` and of a comment by a space; line ends are kept.
    masked: String,
    literals: Vec<Literal>,
    comments: Vec<Range<usize>>,
    html: Vec<Range<usize>>,
    gave_up: bool,
}

impl Lexed {
    /// Splits `content`.
    pub(super) fn new(content: &str, language: Language) -> Self {
        let mut lexer = Lexer {
            content,
            language,
            masked: content.as_bytes().to_vec(),
            lexed: Self::default(),
            pending: Vec::new(),
            steps: content.len().saturating_mul(8) + 4096,
        };
        let mut at = lexer.html(0);
        while at < content.len() && lexer.steps > 0 {
            at = lexer.code(at, None, 0);
            at = if at < content.len() { lexer.html(at) } else { at };
        }
        let mut lexed = lexer.lexed;
        lexed.gave_up = lexer.steps == 0;
        lexed.masked = String::from_utf8(lexer.masked).unwrap_or_default();
        lexed
    }

    /// Returns what the range `at` belongs to.
    pub(super) fn spot(&self, at: &Range<usize>) -> Spot<'_> {
        let within = |outer: &Range<usize>| outer.start <= at.start && at.end <= outer.end;
        if self.gave_up || self.masked.is_empty() {
            return Spot::Unknown;
        }
        let first = |all: &[Range<usize>]| all.partition_point(|one| one.end < at.end);
        if self.comments.get(first(&self.comments)).is_some_and(within) {
            return Spot::Comment;
        }
        if self.html.get(first(&self.html)).is_some_and(within) {
            return Spot::Html;
        }
        // Literals are sorted by their ends, so inner ones are before outer ones.
        let first = self.literals.partition_point(|one| one.whole.end < at.end);
        match self.literals[first..].iter().find(|literal| within(&literal.whole)) {
            Some(literal) if literal.holes.iter().any(within) => Spot::Code,
            Some(literal) if within(&literal.inner) => Spot::Literal(literal),
            _ => Spot::Code,
        }
    }

    /// Returns the code without literals and comments, of the same length as the file.
    pub(super) fn masked(&self) -> &str {
        &self.masked
    }
}

/// The state of the lexer.
struct Lexer<'a> {
    content: &'a str,
    language: Language,
    masked: Vec<u8>,
    lexed: Lexed,
    /// Here-documents whose bodies start on the next line.
    pending: Vec<Heredoc>,
    /// Remaining work: a hostile file must not take exponential time.
    steps: usize,
}

impl Lexer<'_> {
    /// Skips text outside of PHP tags and returns the start of the code.
    fn html(&mut self, at: usize) -> usize {
        if self.language != Language::Php {
            return at;
        }
        let rest = &self.content[at..];
        let open = rest.find("<?php").into_iter().chain(rest.find("<?=")).min();
        let end = open.map_or(self.content.len(), |open| at + open);
        self.lexed.html.push(at..end);
        let tag = if self.content[end..].starts_with("<?php") { 5 } else { 3 };
        let start = open.map_or(end, |_| end + tag);
        self.mask(at..start, b' ');
        start
    }

    /// Lexes code from `at` to the closing bracket `until`, or to the end (in PHP, to `?>`). Returns the end.
    fn code(&mut self, mut at: usize, until: Option<u8>, depth: usize) -> usize {
        let bytes = self.content.as_bytes();
        let mut open = 0_usize;
        while at < bytes.len() && self.steps > 0 {
            self.steps -= 1;
            if self.language == Language::Php && bytes[at..].starts_with(b"?>") {
                self.mask(at..at + 2, b';');
                return at + 2;
            }
            if let Some(end) = self.skip(at, depth) {
                at = end;
                continue;
            }
            match bytes[at] {
                b'\n' if until.is_none() && !self.pending.is_empty() => {
                    at = self.heredoc_bodies(at + 1);
                    continue;
                }
                close if Some(close) == until && open == 0 => return at,
                b'{' | b'(' | b'[' if until.is_some() => open += 1,
                b'}' | b')' | b']' if until.is_some() => open = open.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Returns the end of the comment, literal or here-document start at `at`.
    fn skip(&mut self, at: usize, depth: usize) -> Option<usize> {
        if let Some(end) = comments::end(self.content, self.language, at) {
            self.lexed.comments.push(at..end);
            self.mask(at..end, b' ');
            return Some(end);
        }
        if let Some(heredoc) = Heredoc::start(self.content, self.language, at) {
            let end = heredoc.start_end;
            self.pending.push(heredoc);
            self.mask(at..end, b'"');
            return Some(end);
        }
        if let Some(end) = regexes::end(&self.masked, self.language, at) {
            self.mask(at..end, b'"');
            return Some(end);
        }
        let quote = Quote::at(self.content, self.language, at)?;
        self.string(at, quote, depth)
    }

    /// Returns the end of the literal at `at`; returns `None` and records nothing if it is unterminated.
    fn string(&mut self, start: usize, quote: Quote, depth: usize) -> Option<usize> {
        let (literals, comments) = (self.lexed.literals.len(), self.lexed.comments.len());
        let inner = start + quote.open;
        let mut holes = Vec::new();
        let mut at = inner;
        let end = loop {
            let rest = self.content.as_bytes().get(at..).unwrap_or_default();
            self.steps = self.steps.saturating_sub(1);
            if self.steps == 0 || rest.is_empty() {
                break None;
            }
            if let Some(length) = quote.escape_length(rest) {
                at += length;
            } else if let Some(length) = quote.hole_length(rest).filter(|_| depth < MAX_DEPTH) {
                let close = self.code(at + length, Some(quote.hole_close()), depth + 1);
                let end = (close + quote.hole_close_length()).min(self.content.len());
                holes.push(at..end);
                at = end;
            } else if rest.starts_with(quote.close.as_bytes()) {
                break Some(at);
            } else if rest[0] == b'\n' && !quote.long {
                break None;
            } else {
                at += 1;
            }
        };
        let Some(close) = end.filter(|&close| self.content.is_char_boundary(close)) else {
            self.lexed.literals.truncate(literals);
            self.lexed.comments.truncate(comments);
            self.masked[start..at].copy_from_slice(&self.content.as_bytes()[start..at]);
            return None;
        };
        let whole = start..close + quote.close.len();
        self.mask_around(&whole, &holes);
        let (end, inner, is_nested) = (whole.end, inner..close, depth > 0);
        self.lexed.literals.push(Literal { whole, inner, quote, holes, is_nested });
        Some(end)
    }

    /// Lexes the bodies of the here-documents that start at `at`.
    fn heredoc_bodies(&mut self, mut at: usize) -> usize {
        for heredoc in std::mem::take(&mut self.pending) {
            let (body, end) = heredoc.body(self.content, at);
            self.mask(body.clone(), b'"');
            let (quote, holes) = (heredoc.quote(), Vec::new());
            let literal = Literal { whole: body.clone(), inner: body, quote, holes, is_nested: false };
            self.lexed.literals.push(literal);
            at = end;
        }
        at
    }

    fn mask(&mut self, range: Range<usize>, with: u8) {
        for byte in &mut self.masked[range] {
            if *byte != b'\n' {
                *byte = with;
            }
        }
    }

    /// Masks a literal except for its interpolations, whose braces become parentheses.
    fn mask_around(&mut self, whole: &Range<usize>, holes: &[Range<usize>]) {
        let mut at = whole.start;
        for hole in holes {
            self.mask(at..hole.start, b'"');
            let length = self.content[hole.start..].find(['{', '(']).map_or(1, |open| open + 1);
            self.mask(hole.start..(hole.start + length).min(hole.end), b'"');
            if let Some(open) = self.masked.get_mut((hole.start + length).saturating_sub(1)) {
                *open = b'(';
            }
            if let Some(close) = self.masked.get_mut(hole.end.saturating_sub(1)) {
                *close = b')';
            }
            at = hole.end;
        }
        self.mask(at..whole.end, b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the name of what the letter K belongs to.
    fn of(language: Language, content: &str) -> String {
        let at = content.find('K').unwrap();
        let lexed = Lexed::new(content, language);
        assert_eq!(lexed.masked().len(), content.len());
        match lexed.spot(&(at..at + 1)) {
            Spot::Literal(literal) => content[literal.whole.clone()].to_owned(),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    #[test]
    fn literals_and_comments_are_distinguished() {
        use Language::*;
        let cases = [
            (Python, "a = 'it' # 'K'", "comment"),
            (Python, "a = rb'K'", "rb'K'"),
            (Python, "a = f\"x {y('K')} z\"", "'K'"),
            (Python, "a = f\"x {y} {{K}} z\"", "f\"x {y} {{K}} z\""),
            (Python, "'''it's''' + '''a\nK'''", "'''a\nK'''"),
            (JavaScript, "a = `b ${c || 'K'} d`", "'K'"),
            (JavaScript, "a = `b ${`c ${d}`} K`", "`b ${`c ${d}`} K`"),
            (JavaScript, "a = /it's \"/.test(b) ? 'K' : c", "'K'"),
            (JavaScript, "a = b / c; // K", "comment"),
            (JavaScript, "<p>Don't</p>\nx('K')", "'K'"),
            (TypeScript, "fetch(`a`, { b: \"K\" })", "\"K\""),
            (Ruby, "a = <<~EOS\n  it's K\nEOS\n", "  it's K\n"),
            (Ruby, "a = \"#{b['K']}\"", "'K'"),
            (Ruby, "=begin\nK\n=end\n", "comment"),
            (Php, "<p>it's</p><?php $a = 'K';", "'K'"),
            (Php, "<?php $a = <<<EOT\nit's K\nEOT;\n$b = 1;", "it's K\n"),
            (Php, "<?php // it's ?> K", "html"),
            (CSharp, "a = @\"c:\\\" + \"K\"", "\"K\""),
            (CSharp, "a = $\"b {c[\"K\"]}\"", "\"K\""),
            (CSharp, "a = \"\"\"it \"is\" K\"\"\"", "\"\"\"it \"is\" K\"\"\""),
            (Rust, "fn a<'a>(b: &'a str) { c(r#\"a \"K\"\"#) }", "r#\"a \"K\"\"#"),
            (Rust, "let c = '\"'; d(\"K\")", "\"K\""),
            (Swift, "a = \"b \\(c[\"K\"]) d\"", "\"K\""),
            (Kotlin, "a = \"\"\"b ${c} K\"\"\"", "\"\"\"b ${c} K\"\"\""),
            (Go, "a := `it's` + '\"' + \"K\"", "code"),
            (PowerShell, "$a = \"b `\" K\" # c", "\"b `\" K\""),
            (PowerShell, "<# it's\nK #>", "comment"),
            (Dart, "a = r'\\' + 'K'", "'K'"),
        ];
        for (language, content, want) in cases {
            let want = if content.contains("'\"' + \"K\"") { "\"K\"" } else { want };
            assert_eq!(of(language, content), want, "{language:?}: {content}");
        }
    }

    #[test]
    fn hostile_nesting_terminates() {
        let content = "`${\"${'".repeat(20_000);
        let lexed = Lexed::new(&content, Language::JavaScript);
        assert_eq!(lexed.masked().len(), content.len());
    }
}
