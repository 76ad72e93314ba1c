//! Here-documents of Ruby, PHP and Terraform.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::super::Language;
use super::quotes::{Escape, Quote};

/// The start of a here-document.
#[derive(Debug)]
pub(super) struct Heredoc {
    language: Language,
    /// The terminator.
    word: String,
    /// Whether the body is not interpolated.
    raw: bool,
    /// End offset of the start token.
    pub(super) start_end: usize,
}

static RUBY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^<<(?:[~-](['"`]?)(\w+)['"`]?|(['"])(\w+)['"]|()([A-Z][A-Z_]+))"#).ok());
static PHP: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^<<<[ \t]*(['"]?)([A-Za-z_]\w*)['"]?"#).ok());
static TERRAFORM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^<<-?()(\w+)").ok());

impl Heredoc {
    /// Parses the start of a here-document at `at`.
    pub(super) fn start(content: &str, language: Language, at: usize) -> Option<Self> {
        let rest = &content.as_bytes()[at..];
        if !rest.starts_with(b"<<") {
            return None;
        }
        let regex = match language {
            Language::Ruby => &RUBY,
            Language::Php => &PHP,
            Language::Terraform => &TERRAFORM,
            _ => return None,
        };
        let found = regex.as_ref()?.captures(&content[at..])?;
        let groups = [(1, 2), (3, 4), (5, 6)].into_iter();
        let (quote, word) = groups
            .filter(|&(_, word)| word < found.len())
            .find_map(|(a, b)| found.get(a).zip(found.get(b)))?;
        Some(Self {
            language,
            word: word.as_str().to_owned(),
            raw: quote.as_str() == "'",
            start_end: at + found.get(0)?.end(),
        })
    }

    /// Returns the body, which starts at `from`, and the start of the line with the terminator.
    pub(super) fn body(&self, content: &str, from: usize) -> (Range<usize>, usize) {
        let mut at = from;
        for line in content[from..].split_inclusive('\n') {
            let text = line.trim();
            let rest = text.strip_prefix(&self.word);
            let ends = match self.language {
                // The text after the terminator belongs to the statement.
                Language::Php => {
                    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
                }
                _ => text == self.word,
            };
            if ends {
                let indent = line.len() - line.trim_start().len();
                return (from..at, at + indent + self.word.len());
            }
            at += line.len();
        }
        (from..at, at)
    }

    /// Returns how the body is quoted.
    pub(super) fn quote(&self) -> Quote {
        let hole = match self.language {
            _ if self.raw => "",
            Language::Ruby => "#{",
            Language::Php => "",
            _ => "${",
        };
        let escape = if self.raw { Escape::None } else { Escape::Backslash };
        Quote { prefix: 0, open: 0, close: String::new(), escape, long: true, hole: hole.to_owned() }
    }
}
