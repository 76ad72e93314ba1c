//! Ignore rules: stacked `.gitignore` files, and the globs of `--exclude`, matched against paths in memory. `scope`
//! decides which rules apply in a directory.
//!
//! The crate `ignore` parses and matches; the files are read here. Its own reader opens `.gitignore` through links and
//! waits for pipes, so that one link to `/dev/zero` would fill the memory.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use telleaks_platform::path_from_bytes;

use super::SourceError;

/// Name of the rule files.
pub(super) const GITIGNORE: &str = ".gitignore";
/// The same, to open it in a directory.
pub(super) const GITIGNORE_NAME: &CStr = c".gitignore";
/// Longer `.gitignore` files are not honoured: the files they name are scanned. Real ones are a few kilobytes, and each
/// glob needs much more memory than its length.
const MAX_GITIGNORE_BYTES: u64 = 128 << 10;

/// The rules of one file, and those of lower precedence.
pub(super) struct Rules {
    matcher: Gitignore,
    /// Start of the part of a path to which this file's globs are relative, in bytes.
    base: usize,
    /// Name of the file.
    name: &'static str,
    lower: Option<Arc<Rules>>,
}

/// The rule that decides about a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// Whether the path is ignored; otherwise a `!` rule includes it again.
    pub(super) ignored: bool,
    /// The line of the rule.
    pub(super) pattern: String,
    /// The file of the rule, relative to the top of the repository.
    pub(super) file: String,
}

impl Rules {
    /// Stacks `matcher`, of a file called `name` with globs relative to `path[..base]`, on the rules `lower`.
    pub(super) fn stacked(
        matcher: Gitignore,
        name: &'static str,
        base: usize,
        lower: Option<Arc<Self>>,
    ) -> Arc<Self> {
        Arc::new(Self { matcher, base, name, lower })
    }

    /// Returns the decision of the topmost file with a rule for `path`; `None` if there is none.
    pub(super) fn decision(&self, path: &[u8], is_dir: bool) -> Option<Decision> {
        let mut rules = Some(self);
        while let Some(here) = rules {
            let (ignored, glob) = match matched(&here.matcher, &path[here.base..], is_dir) {
                Match::Ignore(glob) => (true, glob),
                Match::Whitelist(glob) => (false, glob),
                Match::None => {
                    rules = here.lower.as_deref();
                    continue;
                }
            };
            let above = String::from_utf8_lossy(&path[..here.base]);
            let file =
                if here.name == GITIGNORE { format!("{above}{GITIGNORE}") } else { here.name.to_owned() };
            return Some(Decision { ignored, pattern: glob.original().to_owned(), file });
        }
        None
    }

    /// Returns whether the topmost file with a rule for `path` ignores it. Does not consider the parent directories.
    pub(super) fn ignore(&self, path: &[u8], is_dir: bool) -> bool {
        let mut rules = Some(self);
        while let Some(here) = rules {
            match matched(&here.matcher, &path[here.base..], is_dir) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => rules = here.lower.as_deref(),
            }
        }
        false
    }
}

/// Returns whether `globs` exclude `path`.
pub(super) fn excludes(globs: &Gitignore, path: &[u8], is_dir: bool) -> bool {
    matched(globs, path, is_dir).is_ignore()
}

fn matched<'g>(globs: &'g Gitignore, path: &[u8], is_dir: bool) -> Match<&'g ignore::gitignore::Glob> {
    globs.matched(path_from_bytes(path), is_dir)
}

/// Builds the matcher of `--exclude`.
///
/// # Errors
///
/// Returns an error if a glob is empty or cannot be parsed.
pub(super) fn from_globs(globs: &[String]) -> Result<Gitignore, SourceError> {
    let mut builder = GitignoreBuilder::new("");
    for glob in globs {
        let refused = |reason: String| SourceError::Glob { glob: glob.clone(), reason };
        if glob.trim().is_empty() {
            return Err(refused("it is empty".to_owned()));
        }
        // In a `.gitignore`, a bracket that is never closed is literal; here it is more likely a typo.
        globset::Glob::new(glob).map_err(|error| refused(error.kind().to_string()))?;
        // There are no comments on a command line.
        let line = if glob.starts_with('#') { format!("\\{glob}") } else { glob.clone() };
        builder.add_line(None, &line).map_err(|error| refused(error.to_string()))?;
    }
    builder.build().map_err(|error| SourceError::Glob { glob: globs.join(" "), reason: error.to_string() })
}

/// Returns the rules in a file that was opened without following a link and without waiting for a pipe. `None` if there are
/// none, if it could not be opened, or if it is not a regular file of at most [`MAX_GITIGNORE_BYTES`].
pub(super) fn read(opened: io::Result<File>) -> Option<Gitignore> {
    let text = read_small(&opened.ok()?, MAX_GITIGNORE_BYTES)?;
    let mut builder = GitignoreBuilder::new("");
    for line in text.split(|&byte| byte == b'\n') {
        // As in git, a line that is not a valid glob ignores nothing.
        if let Ok(line) = str::from_utf8(line) {
            builder.add_line(None, line.trim_end_matches('\r').trim_start_matches('\u{feff}')).ok();
        }
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// Returns the rules that the user has set for all repositories (`core.excludesFile`).
pub(super) fn user_rules() -> Option<Gitignore> {
    let (rules, _unreadable_lines) = GitignoreBuilder::new("").build_global();
    (!rules.is_empty()).then_some(rules)
}

/// Reads a regular file of at most `limit` bytes; `None` if it is larger or something else.
fn read_small(file: &File, limit: u64) -> Option<Vec<u8>> {
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content).ok()?;
    (content.len() as u64 <= limit).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(lines: &str, base: usize, lower: Option<Arc<Rules>>) -> Arc<Rules> {
        let mut builder = GitignoreBuilder::new("");
        for line in lines.lines() {
            builder.add_line(None, line).unwrap();
        }
        Rules::stacked(builder.build().unwrap(), GITIGNORE, base, lower)
    }

    #[test]
    fn nearest_gitignore_wins() {
        let outer = rules("*.log\n/top", 0, None);
        let inner = rules("!keep.log\n/only", 2, Some(outer));
        for (path, ignored) in [
            ("a/x.log", true),
            ("a/keep.log", false),
            ("a/only", true),
            ("a/b/only", false),
            ("a/top", false),
            ("a/x", false),
        ] {
            assert_eq!(inner.ignore(path.as_bytes(), false), ignored, "{path}");
        }
    }

    #[test]
    fn exclude_globs_match_as_in_a_gitignore() {
        let globs = from_globs(&["*.min.js".into(), "/dist/".into(), "#x".into()]).unwrap();
        assert!(excludes(&globs, b"a/b.min.js", false));
        assert!(excludes(&globs, b"dist", true));
        assert!(!excludes(&globs, b"dist", false));
        assert!(!excludes(&globs, b"a/dist", true));
        assert!(excludes(&globs, b"#x", false));
        for bad in ["a[", "  "] {
            assert!(matches!(from_globs(&[bad.into()]), Err(SourceError::Glob { .. })), "{bad}");
        }
    }
}
