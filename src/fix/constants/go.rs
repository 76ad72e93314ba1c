//! Go constants become variables.

use regex::Regex;

use super::super::{ByHand, Edit, place};
use super::{Constant, Statement, USED};

/// Returns the edits of a constant.
pub(super) fn of(statement: &Statement<'_>) -> Result<Constant, ByHand> {
    let code = statement.code();
    let indent = code.len() - code.trim_start().len();
    if code.trim_start().starts_with("const ") && !code.trim_start().starts_with("const (") {
        let start = statement.start + indent;
        let is_global = statement.masked()[..start].ends_with('\n') || start == 0;
        check(statement, is_global)?;
        return Ok(statement.with(vec![Edit { span: start..start + "const".len(), text: "var".to_owned() }]));
    }
    let at = statement.target.literal.whole.start;
    let masked = statement.masked();
    let Some(&open) = place::openers(masked, at).last() else { return Ok(Constant::Not) };
    let keyword = masked[..open].trim_end();
    if masked.as_bytes()[open] != b'(' || place::last_word(keyword) != "const" {
        return Ok(Constant::Not);
    }
    check(statement, true)?;
    in_block(statement, open, keyword.len() - "const".len())
}

/// Checks that the constant may become a variable.
fn check(statement: &Statement<'_>, is_global: bool) -> Result<(), ByHand> {
    let Some(name) = statement.name() else { return Err(USED.into()) };
    let masked = statement.masked();
    let own = masked[..statement.target.literal.whole.start].matches('\n').count();
    let uses = Regex::new(&format!(r"\b{name}\b")).ok();
    let is_used = |line: &str| uses.as_ref().is_some_and(|regex| regex.is_match(line));
    let mut in_block = false;
    let mut count = 0;
    for (number, line) in masked.lines().enumerate() {
        let text = line.trim_start();
        in_block = (in_block || text.starts_with("const (")) && !text.starts_with(')');
        if number == own || !is_used(line) {
            continue;
        }
        count += 1;
        if in_block || text.starts_with("const ") {
            return Err(statement.by_hand(USED, "var"));
        }
    }
    // An unused variable of a function is an error.
    if is_global || count > 0 {
        Ok(())
    } else {
        Err(statement.by_hand("the constant is not used: delete it", "var"))
    }
}

/// Returns the edits of a constant in a `const ( … )` block that opens at `open` and whose keyword is at `keyword`.
fn in_block(statement: &Statement<'_>, open: usize, keyword: usize) -> Result<Constant, ByHand> {
    let (source, literal) = (statement.target.source, statement.target.literal);
    let masked = statement.masked();
    let close = masked[open..].find("\n)").map_or(masked.len(), |end| open + end);
    let block = &masked[open + 1..close];
    let specs = block.lines().filter(|line| !line.trim().is_empty()).count();
    if specs == 1 {
        let span = keyword..keyword + "const".len();
        return Ok(statement.with(vec![Edit { span, text: "var".to_owned() }]));
    }
    let start = literal.whole.start - source.line_before(literal.whole.start).len();
    let end = source.content[literal.whole.end..].find('\n').map_or(close, |end| literal.whole.end + end + 1);
    let spec = statement.by_hand(USED, "var");
    let next = masked[end..].lines().next().unwrap_or_default().trim();
    let repeats = !next.is_empty() && !next.contains('=') && !next.starts_with(')');
    if block.contains("iota") || repeats || masked[literal.whole.end..end].trim().len() > 1 {
        return Err(spec);
    }
    let declaration = source.line_before(literal.whole.start).trim_start();
    let comment = source.line_after(literal.whole.end);
    let text = format!("var {declaration}{}{comment}\n\n", statement.value());
    Ok(Constant::Edits(vec![
        Edit { span: keyword..keyword, text },
        Edit { span: start..end, text: String::new() },
    ]))
}
