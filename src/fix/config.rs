//! YAML, Dockerfiles and Terraform.

use std::sync::LazyLock;

use regex::Regex;

use super::certain::literal;
use super::names::variable;
use super::{Edit, Hit, Reason};

const PART: Reason = "it is only a part of a value: put the value together from the variable";

/// A whole value of a YAML document, before and behind the secret: a key or a list's mark, perhaps `NAME=`, quotes.
static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?:- +)*(?:["']?[\w./ -]+["']?:[ \t]+|- +)?(["']?)((?:[A-Za-z_]\w*=)?)$"#).ok()
});
/// `key: |`: what follows is text.
static BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[:-]\s+[|>][-+0-9]*\s*(?:#.*)?$").ok());

/// A value of a YAML document. What reads the document has to put in the variable, as CI services and Compose do.
pub(super) fn yaml(hit: &Hit<'_>, rule: &str) -> Result<(Vec<Edit>, String), Reason> {
    if hit.content.lines().any(|line| line.trim_end() == "kind: Secret") {
        return Err("a Kubernetes Secret: make it from a secret store, not from a file");
    }
    let before = hit.line_before(hit.at.0);
    let found = VALUE.as_ref().and_then(|regex| regex.captures(before)).ok_or(PART)?;
    let (quote, name) = (&found[1], &found[2]);
    if in_text(hit) {
        return Err("it stands in a text within the document");
    }
    let behind = &hit.content[hit.at.1..];
    let behind = behind.strip_prefix(quote).ok_or(PART)?;
    let rest = behind.split('\n').next().unwrap_or_default();
    if !(rest.trim().is_empty() || rest.trim_start().starts_with('#') && rest.starts_with(' ')) {
        return Err(PART);
    }
    let variable = variable(rule, before.trim_end_matches(['"', '\'']));
    let look_up = if hit.path.contains(".github/workflows/") {
        format!("${{{{ secrets.{variable} }}}}")
    } else {
        format!("${{{variable}}}")
    };
    // Within braces and brackets the value needs quotes, and elsewhere they do no harm.
    let text = if quote.is_empty() && name.is_empty() { format!("\"{look_up}\"") } else { look_up };
    Ok((vec![Edit { span: hit.span(), text }], variable))
}

/// Whether the line belongs to a block of text: a line above, less indented, begins one.
fn in_text(hit: &Hit<'_>) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = hit.line_before(hit.at.0);
    let mut depth = indent(own);
    for line in hit.content[..hit.at.0 - own.len()].lines().rev().filter(|line| !line.trim().is_empty()) {
        if indent(line) < depth {
            depth = indent(line);
            if BLOCK.as_ref().is_some_and(|regex| regex.is_match(line)) {
                return true;
            }
        }
    }
    false
}

/// `ENV NAME=value` or `ARG NAME=value`, alone on its line.
static INSTRUCTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^(?i:(ENV|ARG))[ \t]+([A-Za-z_]\w*)(?:=|[ \t]+)(["']?)$"#).ok());

/// A variable of a Dockerfile becomes an argument of the build.
pub(super) fn dockerfile(hit: &Hit<'_>, _rule: &str) -> Result<(Vec<Edit>, String), Reason> {
    const RUN: Reason = "mount it for the command that needs it (RUN --mount=type=secret)";
    let before = hit.line_before(hit.at.0);
    let found = INSTRUCTION.as_ref().and_then(|regex| regex.captures(before)).ok_or(RUN)?;
    let (instruction, name, quote) = (&found[1], &found[2], &found[3]);
    let behind = hit.content[hit.at.1..].strip_prefix(quote).ok_or(PART)?;
    if !behind.split('\n').next().unwrap_or_default().trim().is_empty() {
        return Err(PART);
    }
    let span = hit.at.0 - before.len()..hit.at.1 + quote.len();
    let text = if instruction.eq_ignore_ascii_case("arg") {
        format!("ARG {name}")
    } else {
        format!("ARG {name}\nENV {name}=${{{name}}}")
    };
    Ok((vec![Edit { span, text }], name.to_owned()))
}

/// An argument of a Terraform block becomes a variable; `imports` declares it.
pub(super) fn terraform(hit: &Hit<'_>, rule: &str) -> Result<(Vec<Edit>, String), Reason> {
    let literal = literal(hit)?;
    let before = hit.line_before(literal.whole.start).trim_end();
    let is_value =
        before.ends_with(['=', '[', ',', '(', ':']) && !before.ends_with("==") && !before.ends_with("!=");
    let behind = hit.content[literal.whole.end..].trim_start_matches([' ', '\t', '\r']);
    if before.trim_start().starts_with("default") {
        return Err("the default of a variable: delete the line and give the value when Terraform runs");
    }
    if !is_value || !(behind.is_empty() || behind.starts_with(['\n', ',', ')', ']', '}', '#'])) {
        return Err(PART);
    }
    let name = variable(rule, "");
    let text = format!("var.{}", name.to_ascii_lowercase());
    Ok((vec![Edit { span: literal.whole, text }], name))
}
