//! Documentation and comments: a credential becomes a placeholder.

use super::names::usual;
use super::{ByHand, Edit, Hit, Source};

/// Replaces every hit with a placeholder.
pub(super) fn placeholders(hits: &[Hit<'_>]) -> Vec<Edit> {
    let edit = |hit: &Hit<'_>| Edit { span: hit.at.clone(), text: placeholder(hit.rule) };
    hits.iter().map(edit).collect()
}

/// Returns the placeholder for a secret of the rule.
fn placeholder(rule: &str) -> String {
    format!("YOUR_{}", usual(rule))
}

/// Returns the edits of a text file. A file that contains only the credential is left alone, since a program reads it.
pub(super) fn document(source: &Source<'_>, hits: &[Hit<'_>]) -> Result<Vec<Edit>, ByHand> {
    if source.content.trim().len() == hits[0].at.len() {
        return Err("the file contains nothing else: remove it from version control (git rm --cached)".into());
    }
    Ok(placeholders(hits))
}

const UNKNOWN: &str = "no look-up in the environment is known for this kind of file";
const BROWSER: &str = "this code runs in a browser, where nothing is secret: call Telnyx from a server";

const NOTEBOOK: &str =
    "edit a notebook where it is shown, and clear its outputs: they may hold the key as well";

/// Returns the edits of a file of unknown kind, in which only whole comment lines are recognized.
pub(super) fn comment(source: &Source<'_>, hits: &[Hit<'_>]) -> Result<Vec<Edit>, ByHand> {
    let ending = source.path.rsplit('.').next().unwrap_or_default();
    let marks: &[&str] = match ending {
        "c" | "h" | "cc" | "cpp" | "hpp" | "m" | "mm" | "scala" => &["//", "/*", "* "],
        "vue" | "svelte" | "html" | "htm" | "xml" | "astro" => &["<!--", "//"],
        "css" | "scss" | "less" => &["/*", "//"],
        "pl" | "r" | "R" | "ex" | "exs" | "fish" | "conf" | "cfg" | "ini" | "nix" => &["#", ";"],
        "lua" | "hs" | "sql" | "elm" => &["--"],
        _ => &[],
    };
    let line = source.line_before(hits[0].at.start).trim_start();
    if marks.iter().any(|mark| line.starts_with(mark)) {
        return Ok(placeholders(hits));
    }
    if ending == "ipynb" {
        return Err(ByHand::new(NOTEBOOK, format!("os.environ['{}']", usual(hits[0].rule))));
    }
    Err(if matches!(ending, "vue" | "svelte" | "html" | "htm" | "astro") { BROWSER } else { UNKNOWN }.into())
}
