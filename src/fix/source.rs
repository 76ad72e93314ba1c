//! The look-up that takes a literal's place, in programming languages.

use super::certain::{literal, place};
use super::names::variable;
use super::syntax::Literal;
use super::{Edit, Hit, Language, Reason};

const BORROWED: Reason = "the variable is a String and the literal is borrowed: decide who owns the value";

/// The edit for a string literal, and the variable that it reads.
pub(super) fn edit(hit: &Hit<'_>, rule: &str) -> Result<(Vec<Edit>, String), Reason> {
    let literal = literal(hit)?;
    let name = variable(rule, hit.line_before(literal.whole.start));
    if hit.language == Language::Rust {
        return rust(hit, &literal, &name).map(|edit| (vec![edit], name));
    }
    place(hit, &literal)?;
    let text = match hit.language {
        Language::Python => format!("os.environ[\"{name}\"]"),
        Language::JavaScript => format!("process.env.{name}"),
        // Without the mark its type could be undefined, which strict projects refuse.
        Language::TypeScript => format!("process.env.{name}!"),
        Language::Ruby => format!("ENV.fetch(\"{name}\")"),
        Language::Php => format!("getenv('{name}')"),
        Language::Java | Language::Kotlin => format!("System.getenv(\"{name}\")"),
        Language::Go => format!("os.Getenv(\"{name}\")"),
        // The full name needs no `using`.
        Language::CSharp if has_system(hit.content) => {
            format!("Environment.GetEnvironmentVariable(\"{name}\")")
        }
        Language::CSharp => format!("System.Environment.GetEnvironmentVariable(\"{name}\")"),
        _ => return Err(super::language::UNKNOWN),
    };
    Ok((vec![Edit { span: literal.whole, text }], name))
}

fn has_system(content: &str) -> bool {
    content.lines().any(|line| line.trim_start_matches('\u{feff}').trim_end() == "using System;")
}

/// Only a literal that is made a `String` on the spot: `"…".to_string()`, `"…".to_owned()`, `String::from("…")`.
fn rust(hit: &Hit<'_>, literal: &Literal, name: &str) -> Result<Edit, Reason> {
    let (before, behind) = (&hit.content[..literal.whole.start], &hit.content[literal.whole.end..]);
    let call = [".to_string()", ".to_owned()"].iter().find(|call| behind.starts_with(**call));
    let (start, length) = match (call, before.strip_suffix("String::from(")) {
        (Some(call), _) => (literal.whole.start, call.len()),
        (None, Some(outer)) if behind.starts_with(')') && !outer.ends_with(':') => (outer.len(), 1),
        _ => return Err(BORROWED),
    };
    let whole = Literal { whole: start..literal.whole.end + length, inner: literal.inner.clone() };
    place(&Hit { at: (start, hit.at.1), ..*hit }, &whole)?;
    let text = format!("std::env::var(\"{name}\").expect(\"{name} is not set\")");
    Ok(Edit { span: whole.whole, text })
}
