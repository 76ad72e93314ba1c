//! Rust, where a literal is a `&'static str` and the value of an environment variable is owned.

use std::sync::LazyLock;

use regex::Regex;

use super::lookup::expression;
use super::text::Target;
use super::{ByHand, Edit, place};

const BORROWED: &str = "the literal is borrowed and a variable is owned: decide who owns the value";
const CONSTANT: &str = "a constant must be known when the program is built";

static CONST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const|static)\s+(\w+)\s*:").ok());
static LET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\blet\s+(\w+)\s*(?::\s*&(?:'static\s+)?str\s*)?=\s*$").ok());
static FALLBACK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"env::var\(\x22+\)\s*(\.unwrap_or(?:_else)?\(\s*(?:\|_?\w*\|\s*)?(?:String::from\()?)$").ok()
});
static OWNED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*\.(?:to_string|to_owned|into)\(\)|^\)").ok());
static FORMAT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:format|println|eprintln|print|eprint|write|writeln|panic|info|debug|warn|error|trace|bail|anyhow)!\($")
        .ok()
});
/// Methods that only copy or read their arguments, among those that are called with keys.
const COPYING: [&str; 9] = [
    ".header(",
    ".bearer_auth(",
    ".basic_auth(",
    ".env(",
    ".arg(",
    ".append_header(",
    ".query(",
    ".push_str(",
    "HeaderValue::from_str(",
];

/// Returns the edits for a literal.
pub(super) fn edits(target: &Target<'_>) -> Result<Vec<Edit>, ByHand> {
    let place = Place { target };
    let prefix = &target.source.content[target.literal.whole.start..target.literal.inner.start];
    if prefix.contains(['b', 'c']) {
        return Err(ByHand::new(BORROWED, format!("{}.as_bytes()", place.value())));
    }
    let found = place.constant().or_else(|| place.fallback());
    if let Some(found) = found {
        return found;
    }
    if place.is_format() {
        return place.format();
    }
    place
        .owned()
        .or_else(|| place.binding())
        .or_else(|| place.argument())
        .map(|edit| vec![edit])
        .ok_or_else(|| ByHand::new(BORROWED, format!("&*{}", place.value())))
}

/// The context of a literal.
struct Place<'a> {
    target: &'a Target<'a>,
}

impl Place<'_> {
    fn before(&self) -> &str {
        place::before(self.target.source, self.target.literal)
    }

    fn after(&self) -> &str {
        place::after(self.target.source, self.target.literal)
    }

    fn start(&self) -> usize {
        self.target.literal.whole.start
    }

    fn end(&self) -> usize {
        self.target.literal.whole.end
    }

    /// Returns the value as a `String` expression.
    fn value(&self) -> String {
        let parts = self.target.parts;
        let look_up = |name: &str| expression(self.target.source, name, "\"");
        if parts.len() == 1 && parts[0].at == self.target.literal.inner {
            return look_up(&parts[0].name);
        }
        let values: Vec<String> = parts.iter().map(|part| look_up(&part.name)).collect();
        format!("format!({}, {})", self.template(|_| "{}".to_owned(), true), values.join(", "))
    }

    /// Returns the literal with `hole` in place of each part; `escape` doubles the braces in it.
    fn template(&self, hole: impl Fn(usize) -> String, escape: bool) -> String {
        let (source, literal) = (self.target.source, self.target.literal);
        let mut at = literal.whole.start;
        let mut out = String::new();
        let escaped = |text: &str| match escape {
            true => text.replace('{', "{{").replace('}', "}}"),
            false => text.to_owned(),
        };
        for (number, part) in self.target.parts.iter().enumerate() {
            out += &escaped(&source.content[at..part.at.start]);
            out += &hole(number);
            at = part.at.end;
        }
        out + &escaped(&source.content[at..literal.whole.end])
    }

    fn constant(&self) -> Option<Result<Vec<Edit>, ByHand>> {
        let start = place::statement_start(self.target.source, self.start());
        let found = CONST.as_ref()?.captures(&self.before()[start..])?;
        let lock = "std::sync::LazyLock";
        let write = format!("static {}: {lock}<String> = {lock}::new(|| {});", &found[1], self.value());
        Some(Err(ByHand::new(CONSTANT, write)))
    }

    /// Handles `env::var("X").unwrap_or("…".to_string())` and similar calls.
    fn fallback(&self) -> Option<Result<Vec<Edit>, ByHand>> {
        let group = FALLBACK.as_ref()?.captures(self.before())?.get(1)?;
        let owned = OWNED.as_ref().and_then(|regex| regex.find(self.after())).map_or(0, |found| found.end());
        let rest = &self.after()[owned..];
        let close = rest.len() - rest.trim_start().trim_start_matches(',').trim_start().len();
        let name = self.before()[..group.start()].rfind("env::var(")? + "env::var(".len();
        let name = self.target.source.content[name..group.start()].trim_end().trim_matches([')', '"']);
        let text = format!(".expect(\"{name} is not set\")");
        let end = self.end() + owned + close + 1;
        let closes = rest[close..].starts_with(')');
        closes.then(|| Ok(vec![Edit { span: group.start()..end, text }]))
    }

    fn is_format(&self) -> bool {
        FORMAT.as_ref().is_some_and(|regex| regex.is_match(self.before().trim_end()))
    }

    /// Handles the template of a macro: the variable becomes a named argument at its end.
    fn format(&self) -> Result<Vec<Edit>, ByHand> {
        let by_hand = ByHand::new(BORROWED, self.value());
        let mut depth = 1_usize;
        let close = self.after().bytes().position(|byte| {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let close = self.end() + close.ok_or(by_hand)?;
        let name = |number: usize| self.target.parts[number].name.to_ascii_lowercase();
        let mut arguments: Vec<String> = Vec::new();
        for (number, part) in self.target.parts.iter().enumerate() {
            let argument = format!("{} = {}", name(number), expression(self.target.source, &part.name, "\""));
            if !arguments.contains(&argument) {
                arguments.push(argument);
            }
        }
        let text = self.template(|number| format!("{{{}}}", name(number)), false);
        let inner = self.target.source.content[self.end()..close].trim_end();
        let comma = if inner.ends_with(',') { " " } else { ", " };
        let at = self.end() + inner.len();
        Ok(vec![
            Edit { span: self.target.literal.whole.clone(), text },
            Edit { span: at..at, text: format!("{comma}{}", arguments.join(", ")) },
        ])
    }

    /// Handles `"…".to_string()`, `"…".to_owned()` and `String::from("…")`, which are already `String`s, and values
    /// that are converted or parsed.
    fn owned(&self) -> Option<Edit> {
        let call = [".to_string()", ".to_owned()"].iter().find(|call| self.after().starts_with(**call));
        let converted =
            [".into()", ".parse()", ".parse::<"].iter().any(|call| self.after().starts_with(call));
        let span = match (call, self.before().strip_suffix("String::from(")) {
            (Some(call), _) => self.start()..self.end() + call.len(),
            _ if converted => self.start()..self.end(),
            (None, Some(outer)) if self.after().starts_with(')') && !outer.ends_with(':') => {
                outer.len()..self.end() + 1
            }
            _ => return None,
        };
        Some(Edit { span, text: self.value() })
    }

    /// Handles `let name = "…";`: the borrowed value lives as long as the name.
    fn binding(&self) -> Option<Edit> {
        let found = LET.as_ref()?.captures(self.before())?;
        let start = found.get(1)?.end();
        self.after()
            .starts_with(';')
            .then(|| Edit { span: start..self.end(), text: format!(": &str = &{}", self.value()) })
    }

    /// Handles an argument of a method that does not keep it.
    fn argument(&self) -> Option<Edit> {
        let open = *place::openers(self.before(), self.start()).first()?;
        let call = &self.before()[..=open];
        let copies = COPYING.iter().any(|method| call.ends_with(method));
        let ends = self.after().trim_start().starts_with([')', ',']);
        let starts = self.before().trim_end().ends_with(['(', ',']);
        let text = format!("{}.as_str()", self.value());
        (copies && starts && ends).then(|| Edit { span: self.start()..self.end(), text })
    }
}
