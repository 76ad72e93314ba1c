//! PHP constants, properties and defaults.

use std::sync::LazyLock;

use regex::Regex;

use super::super::{ByHand, Edit, place};
use super::{ANNOTATION, CASE, Constant, DEFAULT, Statement};

const CLASS: &str = "a constant of a class must be known when the program is compiled";
const STATIC: &str = "the value of a static variable must be known when the program is compiled";
const PROPERTY: &str = "the default of a property must be known when the program is compiled";

static PROPERTIES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:(?:public|private|protected|var|static|final)\s+)+(?:\??[\w\\|]+\s+)?\$(\w+)\s*=")
        .ok()
});
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:(?:public|private|protected|final)\s+)*const\s+(?:\w+\s+)?(\w+)\s*=\s*$").ok()
});
static FUNCTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:\bfunction\b\s*&?\s*\w*|\bfn)\s*$").ok());

/// Returns the edits of a constant or the default of a property.
pub(super) fn of(statement: &Statement<'_>) -> Result<Constant, ByHand> {
    let code = statement.code();
    let at = statement.target.literal.whole.start;
    let value = statement.value();
    let open = place::openers(statement.masked(), at);
    let in_attribute = |&open: &usize| statement.masked()[..=open].ends_with("#[");
    if open.iter().any(in_attribute) {
        return Err(ByHand::new(ANNOTATION, value));
    }
    let is_parameter =
        |&open: &usize| FUNCTION.as_ref().is_some_and(|regex| regex.is_match(&statement.masked()[..open]));
    if open.iter().take_while(|&&open| statement.masked().as_bytes()[open] != b'{').any(is_parameter) {
        let name = statement.name().unwrap_or("value");
        return Err(ByHand::new(DEFAULT, format!("${name} = null), and in the body ${name} ??= {value};")));
    }
    let captured = |regex: &LazyLock<Option<Regex>>| {
        let found = regex.as_ref()?.captures(code)?;
        Some((found.get(0)?.start(), found.get(1)?.as_str().to_owned()))
    };
    let in_class = place::header(statement.masked(), at).is_some_and(|header| header.contains("class "));
    if let Some((_, name)) = captured(&PROPERTIES).filter(|_| in_class || code.contains("private ")) {
        return property(statement, &name);
    }
    let words = code.trim_start();
    if words.starts_with("case ") && words.trim_end().ends_with('=') {
        return Err(statement.by_hand(CASE, "const"));
    }
    if words.starts_with("static $") {
        let name = statement.name().unwrap_or("value");
        return Err(ByHand::new(STATIC, format!("static ${name}; ${name} ??= {value};")));
    }
    if !words.split('=').next().is_some_and(|head| head.split_whitespace().any(|word| word == "const")) {
        return Ok(Constant::Not);
    }
    let in_class = !open.is_empty();
    let Some((_, name)) = captured(&NAMED).filter(|_| !in_class) else {
        let name = statement.name().unwrap_or("key");
        return Err(ByHand::new(CLASS, format!("public static function {name}() {{ return {value}; }}")));
    };
    let whole = &statement.target.literal.whole;
    if !place::after(statement.target.source, statement.target.literal).trim_start().starts_with(';') {
        return Err(ByHand::new(CLASS, format!("define('{name}', {value});")));
    }
    let space = if has_namespace(statement.masked()) { "__NAMESPACE__ . '\\\\" } else { "'" };
    let start = statement.start + code.len() - words.len();
    Ok(Constant::Edits(vec![Edit {
        span: start..whole.end,
        text: format!("define({space}{name}', {value})"),
    }]))
}

fn has_namespace(masked: &str) -> bool {
    masked.lines().any(|line| line.trim_start().starts_with("namespace "))
}

/// Moves the default of a property into the constructor of its class.
fn property(statement: &Statement<'_>, name: &str) -> Result<Constant, ByHand> {
    let (source, literal) = (statement.target.source, statement.target.literal);
    let value = statement.value();
    let by_hand = ByHand::new(PROPERTY, format!("$this->{name} = {value};  // in the constructor"));
    let code = statement.code();
    if code.contains("static ") {
        return Err(ByHand::new(PROPERTY, format!("self::${name} = {value};  // before it is read")));
    }
    let equals = code.rfind('=').filter(|&at| code[at + 1..].trim().is_empty()).ok_or(by_hand.clone())?;
    let is_alone = place::after(source, literal).trim_start().starts_with(';');
    let masked = statement.masked();
    let open = place::openers(masked, literal.whole.start).first().copied().ok_or(by_hand.clone())?;
    let header = place::header(masked, literal.whole.start).unwrap_or_default();
    let class = Class { masked, open, header };
    if !is_alone || !class.header.contains("class ") {
        return Err(by_hand);
    }
    let indent = source.line_before(statement.start + code.len() - code.trim_start().len());
    let indent = &indent[..indent.len() - indent.trim_start().len()];
    let set = format!("\n{indent}{indent}$this->{name} = {value};");
    let end = statement.start + code[..equals].trim_end().len();
    let after = literal.whole.end + place::after(source, literal).find(';').map_or(0, |at| at + 1);
    let (at, text) = match class.constructor() {
        Some(body) => (body, set),
        None if code.contains("private ") && class.is_free() => {
            (after, format!("\n\n{indent}public function __construct()\n{indent}{{{set}\n{indent}}}"))
        }
        None => return Err(by_hand),
    };
    let default = Edit { span: end..literal.whole.end, text: String::new() };
    Ok(Constant::Edits(vec![default, Edit { span: at..at, text }]))
}

/// A PHP class.
struct Class<'a> {
    masked: &'a str,
    /// Offset of its opening brace.
    open: usize,
    /// The text before the brace.
    header: &'a str,
}

impl Class<'_> {
    /// Returns whether the class has neither a parent nor subclasses in its file, so that a new constructor overrides
    /// none.
    fn is_free(&self) -> bool {
        let name = self.header.split("class ").nth(1).and_then(|rest| rest.split_whitespace().next());
        let is_parent = |name| self.masked.contains(&format!("extends {name}"));
        !self.header.contains("extends") && !self.header.contains("abstract") && !name.is_none_or(is_parent)
    }

    /// Returns the offset at which the body of its constructor starts.
    fn constructor(&self) -> Option<usize> {
        let mut depth = 0_usize;
        let close = self.masked[self.open..].bytes().position(|byte| {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let class = &self.masked[self.open..self.open + close?];
        let at = class.find("function __construct")?;
        Some(self.open + at + class[at..].find('{')? + 1)
    }
}
