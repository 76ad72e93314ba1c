//! Files that are not programs: configuration, container images, batch files.

use std::sync::LazyLock;

use regex::Regex;

use super::names::Known;
use super::{ByHand, Edit, Hit, Source, code, documents, mcp};

/// Returns the advice for a file of environment variables.
pub(super) fn dot_env(source: &Source<'_>) -> ByHand {
    const REASON: &str =
        "this file holds the values themselves: keep it out of version control and revoke the key";
    ByHand::new(
        REASON,
        format!("git rm --cached --ignore-unmatch {0} && echo {0} >> .gitignore", source.path),
    )
}

/// Returns the advice for a file of Terraform variables.
pub(super) fn tfvars(source: &Source<'_>, hits: &[Hit<'_>]) -> ByHand {
    const REASON: &str =
        "this file holds the values of variables: remove the line and set the value where Terraform runs";
    let before = source.line_before(hits[0].at.start);
    let name = before.split('=').next().unwrap_or_default().trim();
    ByHand::new(REASON, format!("export TF_VAR_{name}=…"))
}

/// Returns whether the line of `hit` is a comment that starts with one of `marks`.
fn is_comment(source: &Source<'_>, hit: &Hit<'_>, marks: &[&str]) -> bool {
    let line = source.line_before(hit.at.start).trim_start().to_ascii_lowercase();
    marks.iter().any(|mark| line.starts_with(mark))
}

/// Returns the edits of a batch file, in which variables are expanded everywhere.
pub(super) fn batch(source: &Source<'_>, hits: &[Hit<'_>], known: &mut Known) -> Result<Vec<Edit>, ByHand> {
    if is_comment(source, &hits[0], &["rem ", "::", "@rem "]) {
        return Ok(documents::placeholders(hits));
    }
    Ok(code::replaced(source, hits, known, |name| format!("%{name}%")))
}

/// Tables of environment variables that a platform passes to a program, by file name, with the command that sets a
/// secret.
const TABLES: [(&str, &str, &str); 4] = [
    ("func.toml", "env_vars", "telnyx-edge secrets add"),
    ("telnyx.toml", "env_vars", "telnyx-edge secrets add"),
    ("wrangler.toml", "vars", "npx wrangler secret put"),
    ("fly.toml", "env", "fly secrets set"),
];

/// Returns whether `path` is the configuration of a Telnyx edge function.
pub(super) fn is_edge(path: &str) -> bool {
    path.ends_with("func.toml") || path.ends_with("telnyx.toml")
}

static SETTING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\s*["']?([A-Za-z_]\w*)["']?\s*=\s*["']{1,3}$"#).ok());

/// Replaces a variable of an edge function with a comment that names the command to set it as a secret: the function
/// reads secrets and variables in the same way.
pub(super) fn toml(source: &Source<'_>, hits: &[Hit<'_>], known: &mut Known) -> Result<Vec<Edit>, ByHand> {
    const REASON: &str =
        "this file cannot read the environment: remove the line and set the variable where the program runs";
    let hit = &hits[0];
    let before = source.line_before(hit.at.start);
    if before.trim_start().starts_with('#') || before.contains(" #") {
        return Ok(documents::placeholders(hits));
    }
    let name = code::name(source, hit, known);
    let by_hand = ByHand::new(REASON, format!("export {name}=…"));
    let file = source.path.rsplit('/').next().unwrap_or_default();
    let table = source.content[..hit.at.start].lines().rev().find(|line| line.trim_start().starts_with('['));
    if let Some(advice) = mcp::toml(source, hit, table.unwrap_or_default().trim(), known) {
        return Err(advice);
    }
    let table =
        table.unwrap_or_default().trim().trim_start_matches('[').split(']').next().unwrap_or_default();
    let setting = SETTING.as_ref().and_then(|regex| regex.captures(before));
    let known = TABLES.iter().find(|one| file.ends_with(one.0) && table.rsplit('.').next() == Some(one.1));
    let (Some((_, _, command)), Some(setting)) = (known, setting) else { return Err(by_hand) };
    let rest = source.line_after(hit.at.end).trim_start_matches(['"', '\'']).trim();
    if !(rest.is_empty() || rest.starts_with('#')) {
        return Err(by_hand);
    }
    let start = hit.at.start - before.len();
    let end = hit.at.end + source.line_after(hit.at.end).len();
    let text = format!("# {0} is a secret: {command} {0}", &setting[1]);
    Ok(vec![Edit { span: start..end, text }])
}

static MEMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:^|[{\[,:])\s*"(?:[^"\\]|\\.)*$"#).ok());

/// Returns the edits of a JSON configuration whose reader expands variables.
pub(super) fn json(source: &Source<'_>, hits: &[Hit<'_>], known: &mut Known) -> Result<Vec<Edit>, ByHand> {
    const REASON: &str =
        "nothing replaces variables in this file: remove the value and read the variable in the program";
    let reference: mcp::Reference = match mcp::reference(source.path) {
        Some(reference) => reference,
        None if source.path.ends_with("postman_collection.json") => |name| format!("{{{{{name}}}}}"),
        None => {
            let name = code::name(source, &hits[0], known);
            return Err(ByHand::new(REASON, format!("export {name}=…")));
        }
    };
    let is_member =
        |hit: &Hit<'_>| MEMBER.as_ref().is_some_and(|regex| regex.is_match(source.line_before(hit.at.start)));
    if !hits.iter().all(is_member) {
        return Err("it is not a whole value".into());
    }
    Ok(code::replaced(source, hits, known, reference))
}

/// Returns the edits of properties read by Spring, which expands variables.
pub(super) fn properties(
    source: &Source<'_>,
    hits: &[Hit<'_>],
    known: &mut Known,
) -> Result<Vec<Edit>, ByHand> {
    const REASON: &str =
        "nothing replaces variables in this file: remove the value and read the variable in the program";
    if is_comment(source, &hits[0], &["#", "!"]) {
        return Ok(documents::placeholders(hits));
    }
    let file = source.path.rsplit('/').next().unwrap_or_default();
    if file.starts_with("application") || file.starts_with("bootstrap") {
        return Ok(code::replaced(source, hits, known, |name| format!("${{{name}}}")));
    }
    Err(ByHand::new(REASON, format!("export {}=…", code::name(source, &hits[0], known))))
}

/// Matches `ENV NAME=value` or `ARG NAME=value`, alone on its line.
static INSTRUCTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^(?i:(ENV|ARG))[ \t]+([A-Za-z_]\w*)(?:=|[ \t]+)(["']?)$"#).ok());

/// Turns a variable of a Dockerfile into a build argument.
pub(super) fn dockerfile(
    source: &Source<'_>,
    hits: &[Hit<'_>],
    known: &mut Known,
) -> Result<Vec<Edit>, ByHand> {
    const RUN: &str = "mount it for the command that needs it";
    const PART: &str = "it is only part of the value: build the value when the container starts";
    let hit = &hits[0];
    if is_comment(source, hit, &["#"]) {
        return Ok(documents::placeholders(hits));
    }
    let before = source.line_before(hit.at.start);
    let Some(found) = INSTRUCTION.as_ref().and_then(|regex| regex.captures(before)) else {
        let name = code::name(source, hit, known);
        let line = source.line_with(&hit.at, &format!("${{{name}}}"));
        let mount = format!("RUN --mount=type=secret,id={name},env={name} ");
        return Err(ByHand::new(RUN, line.replacen("RUN ", &mount, 1)));
    };
    let (instruction, name, quote) = (&found[1], &found[2], &found[3]);
    let after = source.content[hit.at.end..].strip_prefix(quote).ok_or(PART)?;
    if !after.split('\n').next().unwrap_or_default().trim().is_empty() {
        return Err(PART.into());
    }
    let span = hit.at.start - before.len()..hit.at.end + quote.len();
    let text = if instruction.eq_ignore_ascii_case("arg") {
        format!("ARG {name}")
    } else {
        format!("ARG {name}\nENV {name}=${{{name}}}")
    };
    Ok(vec![Edit { span, text }])
}
