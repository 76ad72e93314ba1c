//! Constants: changes their declarations so that they can hold a value that is only known at run time.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{Rewrite, Target};
use super::{ByHand, Edit, Language, place};

mod go;
mod php;

/// Whether a literal is part of a constant.
#[derive(Debug)]
pub(super) enum Constant {
    /// It is not; no other edits are needed.
    Not,
    /// It is; these are all the edits.
    Edits(Vec<Edit>),
}

const ANNOTATION: &str =
    "an annotation must be known when the program is built: read the variable where it is used";
const DEFAULT: &str = "the default of a parameter must be known when the program is built";
const CASE: &str = "the value of a case must be known when the program is built";
const USED: &str = "the constant is used where its value must be known when the program is built";

/// Checks the declaration that the literal of `target` belongs to and returns the edits.
pub(super) fn of(target: &Target<'_>, rewrite: &Rewrite) -> Result<Constant, ByHand> {
    let start = place::statement_start(target.source, target.literal.whole.start);
    let statement = Statement { target, rewrite, start };
    match target.source.language {
        Some(Language::Java) => statement.java(),
        Some(Language::Kotlin) => statement.kotlin(),
        Some(Language::CSharp) => statement.csharp(),
        Some(Language::Go) => go::of(&statement),
        Some(Language::Php) => php::of(&statement),
        Some(Language::Swift) if statement.code().trim_start().starts_with("case ") => {
            Err(statement.by_hand(CASE, "static let"))
        }
        Some(Language::Terraform) => Ok(statement.terraform()),
        _ => Ok(Constant::Not),
    }
}

/// The statement that contains a literal.
struct Statement<'a> {
    target: &'a Target<'a>,
    rewrite: &'a Rewrite,
    start: usize,
}

static ANNOTATED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"@[\w.]+\s*$").ok());
static DECLARED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$?(\w+)\s*(?::\s*[\w.?]+\s*)?=[^=]*$").ok());
static CONST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bconst\s+").ok());
static MODIFIER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:public|private|protected|internal)\b").ok());
static TYPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:class|struct|record|interface)\b").ok());

impl Statement<'_> {
    /// Returns the masked code of the statement before the literal.
    fn code(&self) -> &str {
        &self.masked()[self.start..self.target.literal.whole.start]
    }

    fn masked(&self) -> &str {
        self.target.source.lexed.masked()
    }

    /// Returns the name to which the literal is assigned.
    fn name(&self) -> Option<&str> {
        DECLARED.as_ref()?.captures(self.code())?.get(1).map(|name| name.as_str())
    }

    /// Returns the edits of the literal and `more`.
    fn with(&self, more: Vec<Edit>) -> Constant {
        let mut edits = match self.rewrite {
            Rewrite::Whole(text) => {
                vec![Edit { span: self.target.literal.whole.clone(), text: text.clone() }]
            }
            Rewrite::Inside(edits) => edits.clone(),
        };
        edits.extend(more);
        Constant::Edits(edits)
    }

    /// Returns the literal after its edit, for display.
    fn value(&self) -> String {
        let whole = &self.target.literal.whole;
        match self.rewrite {
            Rewrite::Whole(text) => text.trim().to_owned(),
            Rewrite::Inside(edits) => {
                let shifted = |edit: &Edit| Edit {
                    span: edit.span.start - whole.start..edit.span.end - whole.start,
                    text: edit.text.clone(),
                };
                let edits: Vec<Edit> = edits.iter().map(shifted).collect();
                super::apply(&self.target.source.content[whole.clone()], &edits)
            }
        }
    }

    /// Leaves the constant for manual editing and suggests a declaration with `keyword`.
    fn by_hand(&self, reason: &'static str, keyword: &str) -> ByHand {
        let name =
            self.name().unwrap_or_else(|| place::last_word(self.code().trim_end().trim_end_matches('=')));
        ByHand::new(reason, format!("{keyword} {name} = {}", self.value()))
    }

    /// Returns whether the file uses `name` where a constant expression is required.
    fn needs_constant(&self, name: &str) -> bool {
        let pattern =
            format!(r"\bcase\s+(?:\w+\.)*{name}\b|@[\w.]+\s*\([^)]*\b{name}\b|\[\s*\w+\([^)\]]*\b{name}\b");
        Regex::new(&pattern).is_ok_and(|regex| regex.is_match(self.masked()))
    }

    /// Returns whether the literal is inside an annotation.
    fn is_annotated(&self) -> bool {
        let at = self.target.literal.whole.start;
        let open = place::openers(self.masked(), at);
        let is_annotation = |&open: &usize| {
            let before = &self.masked()[self.start.min(open)..open];
            ANNOTATED.as_ref().is_some_and(|regex| regex.is_match(before))
        };
        open.iter().take_while(|&&open| open >= self.start).any(is_annotation)
    }

    fn java(&self) -> Result<Constant, ByHand> {
        if self.is_annotated() {
            return Err(ByHand::new(ANNOTATION, self.value()));
        }
        let is_constant = self.code().contains("final ");
        match self.name().filter(|name| is_constant && self.needs_constant(name)) {
            Some(_) => Err(self.by_hand(USED, "static final String")),
            None => Ok(Constant::Not),
        }
    }

    fn kotlin(&self) -> Result<Constant, ByHand> {
        if self.is_annotated() {
            return Err(ByHand::new(ANNOTATION, self.value()));
        }
        let Some(found) = CONST.as_ref().and_then(|regex| regex.find(self.code())) else {
            return Ok(Constant::Not);
        };
        if self.name().is_some_and(|name| self.needs_constant(name)) {
            return Err(self.by_hand(USED, "val"));
        }
        let span = self.start + found.start()..self.start + found.end();
        Ok(self.with(vec![Edit { span, text: String::new() }]))
    }

    fn csharp(&self) -> Result<Constant, ByHand> {
        let code = self.code();
        let at = self.target.literal.whole.start;
        let open = place::openers(self.masked(), at);
        let is_attribute = |&open: &usize| {
            let before = self.masked()[..open].trim_end();
            self.masked().as_bytes()[open] == b'['
                && (before.is_empty() || before.ends_with(['{', '}', ';', ']', '(', ',']))
                && open >= self.start
                && open == self.start + code.len() - code.trim_start().len()
        };
        if open.iter().any(is_attribute) {
            return Err(ByHand::new(ANNOTATION, self.value()));
        }
        if self.is_default(&open) {
            let name = self.name().unwrap_or("value");
            return Err(ByHand::new(
                DEFAULT,
                format!("string {name} = null), and in the body {name} ??= {};", self.value()),
            ));
        }
        let Some(found) = CONST.as_ref().and_then(|regex| regex.find(code)) else { return Ok(Constant::Not) };
        if self.name().is_some_and(|name| self.needs_constant(name)) {
            return Err(self.by_hand(USED, "static readonly string"));
        }
        let is = |regex: &LazyLock<Option<Regex>>, text: &str| {
            regex.as_ref().is_some_and(|regex| regex.is_match(text))
        };
        let header = place::header(self.masked(), at).unwrap_or_default();
        let is_field = is(&MODIFIER, code) || is(&TYPE, header);
        let text = if is_field { "static readonly " } else { "" };
        let span = self.start + found.start()..self.start + found.end();
        Ok(self.with(vec![Edit { span, text: text.to_owned() }]))
    }

    /// Returns whether the literal is the default of a parameter: `(string name = "…"`.
    fn is_default(&self, open: &[usize]) -> bool {
        let masked = self.masked();
        let at = self.target.literal.whole.start;
        let Some(&open) = open.first().filter(|&&open| masked.as_bytes()[open] == b'(') else { return false };
        let before = masked[open + 1..at].trim_end();
        let last = before.rsplit(',').next().unwrap_or(before);
        let is_assigned = before.ends_with('=') && !before.ends_with("==");
        let word = place::last_word(&masked[..open]);
        is_assigned
            && last.split_whitespace().count() > 2
            && !matches!(word, "for" | "using" | "if" | "while" | "fixed")
    }

    /// Deletes the default of a Terraform variable with its line.
    fn terraform(&self) -> Constant {
        let (source, literal) = (self.target.source, self.target.literal);
        let before = source.line_before(literal.whole.start);
        let rest = source.line_after(literal.whole.end).trim();
        let is_default = before.trim().trim_end_matches('=').trim_end() == "default";
        let in_variable = place::header(self.masked(), literal.whole.start)
            .is_some_and(|header| header.trim_start().starts_with("variable"));
        if !is_default || !in_variable || !(rest.is_empty() || rest.starts_with('#')) {
            return Constant::Not;
        }
        let start = literal.whole.start - before.len();
        let end = source.content[start..].find('\n').map_or(source.content.len(), |end| start + end + 1);
        Constant::Edits(vec![Edit { span: start..end, text: String::new() }])
    }
}
