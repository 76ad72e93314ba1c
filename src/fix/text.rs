//! The text that replaces a literal with credentials.

use std::ops::Range;

use super::lex::{Escape, Literal};
use super::lookup::{expression, interpolation};
use super::place::{self, Place};
use super::{ByHand, Edit, Language, Source};

/// A credential in a literal, and its variable.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) at: Range<usize>,
    pub(super) name: String,
}

/// The replacement of a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rewrite {
    /// The whole literal is replaced with this text.
    Whole(String),
    /// Interpolations are inserted in the literal.
    Inside(Vec<Edit>),
}

const LINES: &str = "it is in a multi-line string, which cannot be split: build the text from the variable";
const ESCAPES: &str = "the string contains escape sequences: build it from the variable";

/// A literal with its parts.
pub(super) struct Target<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) literal: &'a Literal,
    pub(super) parts: &'a [Part],
    pub(super) place: Place,
}

impl Target<'_> {
    /// Returns the replacement of the literal.
    pub(super) fn rewrite(&self) -> Result<Rewrite, ByHand> {
        let is_whole = self.parts.len() == 1 && self.parts[0].at == self.literal.inner;
        if self.place == Place::Attribute {
            return self.attribute(is_whole).map(Rewrite::Whole);
        }
        let text = if is_whole && !self.literal.is_heredoc() && !place::is_joined(self.source, self.literal) {
            self.alone()
        } else if self.interpolates() {
            return Ok(Rewrite::Inside(self.holes()));
        } else {
            self.partly()?
        };
        let text = if self.place == Place::Key { format!("[{text}]") } else { text };
        Ok(Rewrite::Whole(self.apart(text)))
    }

    fn is(&self, language: Language) -> bool {
        self.source.is(&[language])
    }

    fn prefix(&self) -> &str {
        &self.source.content[self.literal.whole.start..][..self.literal.quote.prefix]
    }

    fn quote(&self) -> &str {
        &self.literal.quote.close
    }

    fn is_bytes(&self) -> bool {
        self.is(Language::Python) && self.prefix().contains(['b', 'B'])
    }

    /// Returns whether the literal already supports interpolations.
    fn interpolates(&self) -> bool {
        !self.literal.quote.hole.is_empty() && !self.is(Language::Php)
    }

    /// Returns the expression that replaces the whole literal.
    fn alone(&self) -> String {
        let quote = if self.literal.is_nested { &self.quote()[..1] } else { "\"" };
        let look_up = expression(self.source, &self.parts[0].name, quote);
        if self.is_bytes() {
            return format!("{look_up}.encode()");
        }
        let is_loose = place::is_loose(self.source, self.literal, " ?? ");
        if self.is(Language::Swift) && !is_loose { format!("({look_up})") } else { look_up }
    }

    /// Returns interpolations for a literal that supports them.
    fn holes(&self) -> Vec<Edit> {
        let hole = |part: &Part| {
            let text = interpolation(self.source, &part.name, &self.literal.quote.hole, self.quote());
            Edit { span: part.at.clone(), text }
        };
        self.parts.iter().map(hole).collect()
    }

    /// Returns the literal rewritten with its parts and look-ups.
    fn partly(&self) -> Result<String, ByHand> {
        match self.source.language {
            Some(Language::Python) if self.may_be_f_string() => Ok(self.python()),
            Some(Language::JavaScript | Language::TypeScript) => Ok(self.template()),
            Some(Language::Ruby)
                if !self.text().contains(['"', '#', '\\']) || place::is_joined(self.source, self.literal) =>
            {
                if self.literal.is_heredoc() {
                    return Err(
                        "this here-document has no interpolation: build the text from the variable".into()
                    );
                }
                self.converted("\"", "#{")
            }
            Some(Language::PowerShell) if self.literal.quote.escape == Escape::Doubled => self.powershell(),
            Some(Language::CSharp) if self.literal.quote.escape == Escape::None => Ok(self.raw_csharp()),
            Some(Language::Java) if self.literal.quote.long => {
                Err(self.later("%s in the text, and after it .formatted"))
            }
            Some(Language::Php) if self.literal.is_heredoc() => {
                Err(self.later("{$telnyx} in the text, and before it $telnyx = "))
            }
            Some(Language::PowerShell) => Err(LINES.into()),
            _ if self.literal.is_heredoc() => Err(LINES.into()),
            _ => Ok(self.concatenated()),
        }
    }

    /// Leaves the literal for manual editing and suggests `advice` with the look-up.
    fn later(&self, advice: &str) -> ByHand {
        let look_up = self.term(&self.parts[0].name);
        let look_up = if advice.ends_with(' ') { format!("{look_up};") } else { format!("({look_up})") };
        ByHand::new(LINES, format!("{advice}{look_up}"))
    }

    fn text(&self) -> &str {
        &self.source.content[self.literal.inner.clone()]
    }

    /// Returns whether an f-string is possible. Python 2 has none; before 3.12, a nested f-string could not reuse the
    /// outer quotes.
    fn may_be_f_string(&self) -> bool {
        let is_print = |line: &str| line.trim_start().starts_with("print ") && !line.contains("print (");
        let is_old = || self.source.lexed.masked().lines().any(is_print);
        !self.is_bytes() && !self.literal.is_nested && !self.text().contains("\\N{") && !is_old()
    }

    /// Returns the text between the parts, each with the part after it.
    fn segments(&self) -> Vec<(&str, Option<&Part>)> {
        let mut at = self.literal.inner.start;
        let mut all = Vec::new();
        for part in self.parts {
            all.push((&self.source.content[at..part.at.start], Some(part)));
            at = part.at.end;
        }
        all.push((&self.source.content[at..self.literal.inner.end], None));
        all
    }

    /// Returns the literal between the quotes `open` and `close`, with interpolations and every segment converted by
    /// `change`.
    fn interpolated(&self, open: &str, close: &str, hole: &str, change: impl Fn(&str) -> String) -> String {
        let mut out = open.to_owned();
        for (segment, part) in self.segments() {
            out += &change(segment);
            if let Some(part) = part {
                out += &interpolation(self.source, &part.name, hole, close);
            }
        }
        out + close
    }

    /// Returns an f-string.
    fn python(&self) -> String {
        let prefix: String = self.prefix().chars().filter(|c| !"uU".contains(*c)).collect();
        let open = format!("f{prefix}{}", self.quote());
        let braces = |text: &str| text.replace('{', "{{").replace('}', "}}");
        self.interpolated(&open, self.quote(), "{", braces)
    }

    /// Returns a JavaScript template.
    fn template(&self) -> String {
        self.interpolated("`", "`", "${", |text| text.replace('`', "\\`").replace("${", "\\${"))
    }

    /// Returns the literal with other quotes, if no segment needs escapes there.
    fn converted(&self, quote: &str, hole: &str) -> Result<String, ByHand> {
        if self.text().contains(['"', '#', '\\']) {
            return Err(ESCAPES.into());
        }
        Ok(self.interpolated(quote, quote, hole, str::to_owned))
    }

    /// Returns a PowerShell string in double quotes.
    fn powershell(&self) -> Result<String, ByHand> {
        let escaped =
            |text: &str| text.replace("''", "'").replace('`', "``").replace('$', "`$").replace('"', "`\"");
        Ok(self.interpolated("\"", "\"", "$(", escaped))
    }

    /// Returns a raw C# string with as many dollars as its braces require.
    fn raw_csharp(&self) -> String {
        let run = |brace: char| self.text().split(|c| c != brace).map(str::len).max().unwrap_or_default();
        let count = 1 + run('{').max(run('}'));
        let open = format!("{}{}", "$".repeat(count), self.quote());
        self.interpolated(&open, self.quote(), &"{".repeat(count), str::to_owned)
    }

    /// Returns a concatenation of strings and look-ups.
    fn concatenated(&self) -> String {
        let operator = match self.source.language {
            Some(Language::Php) => " . ",
            Some(Language::Go) if self.is_tight_in_go() => "+",
            _ => " + ",
        };
        let open = &self.source.content[self.literal.whole.start..self.literal.inner.start];
        let mut terms = Vec::new();
        for (segment, part) in self.segments() {
            if !segment.is_empty() {
                terms.push(format!("{open}{segment}{}", self.quote()));
            }
            terms.extend(part.map(|part| self.term(&part.name)));
        }
        let sum = terms.join(operator);
        if place::is_loose(self.source, self.literal, operator) { sum } else { format!("({sum})") }
    }

    fn term(&self, name: &str) -> String {
        let quote = if self.literal.is_nested { &self.quote()[..1] } else { "\"" };
        let look_up = expression(self.source, name, quote);
        if self.is_bytes() { format!("{look_up}.encode()") } else { look_up }
    }

    /// Returns whether operators are written without blanks: gofmt omits them in an argument list.
    fn is_tight_in_go(&self) -> bool {
        let masked = self.source.lexed.masked();
        let Some(&open) = place::openers(masked, self.literal.whole.start).first() else { return false };
        let is_call = masked.as_bytes()[open] == b'(';
        let others = |text: &str| text.contains(',');
        is_call
            && (others(&masked[open..self.literal.whole.start])
                || place::after(self.source, self.literal).starts_with(','))
    }

    /// Returns `{…}` for a string that is an attribute.
    fn attribute(&self, is_whole: bool) -> Result<String, ByHand> {
        if self.text().contains(['\\', '&', '`']) {
            return Err(ESCAPES.into());
        }
        let look_up = || expression(self.source, &self.parts[0].name, "\"");
        Ok(format!("{{{}}}", if is_whole { look_up() } else { self.template() }))
    }

    /// Adds blanks to `text` where it would join with an adjacent word.
    fn apart(&self, text: String) -> String {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let before = place::before(self.source, self.literal).chars().next_back();
        let after = place::after(self.source, self.literal).chars().next();
        let left =
            if before.is_some_and(is_word) && text.starts_with(|c: char| is_word(c)) { " " } else { "" };
        let right = if after.is_some_and(is_word) && text.ends_with(|c: char| is_word(c)) { " " } else { "" };
        format!("{left}{text}{right}")
    }
}
