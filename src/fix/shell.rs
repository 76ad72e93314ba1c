//! Shell scripts: there a variable may stand within a string.

use std::sync::LazyLock;

use regex::Regex;

use super::names::variable;
use super::{Edit, Hit, Reason};

const HEREDOC: Reason = "it stands in a here-document, where quoting decides whether a variable is read";

/// How the place of a secret is quoted.
enum Quoting {
    None,
    Double,
    /// The bytes of the string in single quotes, with them.
    Single(usize, usize),
}

static HERE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"<<-?\s*['"\\]?([A-Za-z_]\w*)"#).ok());

/// The edit, and the variable that it reads. `${NAME:?}` ends the script with a word if the variable is not set.
pub(super) fn edit(hit: &Hit<'_>, rule: &str) -> Result<(Vec<Edit>, String), Reason> {
    if in_here_document(hit) {
        return Err(HEREDOC);
    }
    let start = hit.line_before(hit.at.0);
    let name = variable(rule, start.trim_end_matches(['"', '\'']));
    let look_up = format!("${{{name}:?}}");
    let edit = match quoting(hit)? {
        Quoting::Double => Edit { span: hit.span(), text: look_up },
        Quoting::None => Edit { span: hit.span(), text: format!("\"{look_up}\"") },
        Quoting::Single(from, to) => {
            let (before, behind) = (&hit.content[from + 1..hit.at.0], &hit.content[hit.at.1..to - 1]);
            if [before, behind].iter().any(|text| text.contains(['"', '$', '`', '\\', '!'])) {
                return Err("it is a part of a string in single quotes: close them round the variable");
            }
            Edit { span: from..to, text: format!("\"{before}{look_up}{behind}\"") }
        }
    };
    Ok((vec![edit], name))
}

fn in_here_document(hit: &Hit<'_>) -> bool {
    let mut end: Option<String> = None;
    for line in hit.content[..hit.at.0].lines() {
        match &end {
            Some(word) if line.trim() == word => end = None,
            Some(_) => {}
            None => {
                let found = HERE.as_ref().and_then(|regex| regex.captures(line));
                end = found.map(|found| found[1].to_owned());
            }
        }
    }
    end.is_some()
}

/// Reads the script from its beginning to the secret.
fn quoting(hit: &Hit<'_>) -> Result<Quoting, Reason> {
    let bytes = hit.content.as_bytes();
    let mut pos = 0;
    let mut double = false;
    while pos < hit.at.0 {
        match bytes[pos] {
            b'\\' => pos += 1,
            b'"' => double = !double,
            b'\'' if !double => {
                let close = hit.content[pos + 1..].find('\'').map(|end| pos + 1 + end);
                let Some(close) = close else { return Err("a string in single quotes has no end") };
                if close >= hit.at.1 {
                    return Ok(Quoting::Single(pos, close + 1));
                }
                pos = close;
            }
            b'#' if !double && (pos == 0 || bytes[pos - 1].is_ascii_whitespace()) => {
                let end = hit.content[pos..].find('\n').map_or(bytes.len(), |end| pos + end);
                if end >= hit.at.1 {
                    return Err("it stands in a comment: delete it there");
                }
                pos = end;
            }
            _ => {}
        }
        pos += 1;
    }
    Ok(if double { Quoting::Double } else { Quoting::None })
}
