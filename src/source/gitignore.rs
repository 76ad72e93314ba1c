//! Ignore rules: `.gitignore` files one above the other, and the globs of `--exclude`, matched against paths in
//! memory. Which rules hold in a directory is decided in `scope`.
//!
//! `ignore` parses and matches; the files are read here. Its own reader opens `.gitignore` through links and
//! waits for pipes, so that one link to `/dev/zero` would fill the memory.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustix::fs::{FileType, Mode, OFlags};

use super::SourceError;

/// Name of the files with rules.
pub(super) const NAME: &str = ".gitignore";
/// A longer `.gitignore` is not honoured: its files are scanned. Real ones are a few kilobytes, and each glob
/// costs much more memory than it is long.
const MAX_BYTES: u64 = 128 << 10;

/// The rules of one file, and below it those that it overrides.
pub(super) struct Rules {
    matcher: Gitignore,
    /// Where in a path the part begins that this file's globs are relative to.
    base: usize,
    /// What the file is called.
    name: &'static str,
    beneath: Option<Arc<Rules>>,
}

/// What decides about a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// Whether it is ignored; if not, it is taken back in.
    pub(super) ignored: bool,
    /// The line that says so.
    pub(super) pattern: String,
    /// The file in which that stands, as seen from the top of the repository.
    pub(super) file: String,
}

impl Rules {
    /// Puts `matcher`, of a file called `name` with globs relative to `path[..base]`, on top of the rules `beneath`.
    pub(super) fn on_top(
        (matcher, name): (Gitignore, &'static str),
        base: usize,
        beneath: Option<Arc<Self>>,
    ) -> Arc<Self> {
        Arc::new(Self { matcher, base, name, beneath })
    }

    /// What the topmost file says that has an opinion on `path`.
    pub(super) fn decision(&self, path: &[u8], is_dir: bool) -> Option<Decision> {
        let mut rules = Some(self);
        while let Some(here) = rules {
            let (ignored, glob) = match matched(&here.matcher, &path[here.base..], is_dir) {
                Match::Ignore(glob) => (true, glob),
                Match::Whitelist(glob) => (false, glob),
                Match::None => {
                    rules = here.beneath.as_deref();
                    continue;
                }
            };
            let above = String::from_utf8_lossy(&path[..here.base]);
            let file = if here.name == NAME { format!("{above}{NAME}") } else { here.name.to_owned() };
            return Some(Decision { ignored, pattern: glob.original().to_owned(), file });
        }
        None
    }

    /// True if the topmost file that has an opinion on `path` ignores it. Says nothing of the directories above.
    pub(super) fn ignore(&self, path: &[u8], is_dir: bool) -> bool {
        let mut rules = Some(self);
        while let Some(here) = rules {
            match matched(&here.matcher, &path[here.base..], is_dir) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => rules = here.beneath.as_deref(),
            }
        }
        false
    }
}

/// True if `globs` exclude `path`.
pub(super) fn excludes(globs: &Gitignore, path: &[u8], is_dir: bool) -> bool {
    matched(globs, path, is_dir).is_ignore()
}

fn matched<'g>(globs: &'g Gitignore, path: &[u8], is_dir: bool) -> Match<&'g ignore::gitignore::Glob> {
    globs.matched(Path::new(OsStr::from_bytes(path)), is_dir)
}

/// The matcher of `--exclude`.
///
/// # Errors
///
/// If a glob is empty or cannot be parsed.
pub(super) fn from_globs(globs: &[String]) -> Result<Gitignore, SourceError> {
    let mut builder = GitignoreBuilder::new("");
    for glob in globs {
        let refused = |reason: String| SourceError::Glob { glob: glob.clone(), reason };
        if glob.trim().is_empty() {
            return Err(refused("it is empty".to_owned()));
        }
        // In a `.gitignore` a bracket that is never closed stands for itself; here it is a slip of the pen.
        globset::Glob::new(glob).map_err(|error| refused(error.kind().to_string()))?;
        // On a command line there are no comments.
        let line = if glob.starts_with('#') { format!("\\{glob}") } else { glob.clone() };
        builder.add_line(None, &line).map_err(|error| refused(error.to_string()))?;
    }
    builder.build().map_err(|error| SourceError::Glob { glob: globs.join(" "), reason: error.to_string() })
}

/// The rules in the file `name`, relative to the open directory `dir`; nothing if there are none, or if that is
/// not a regular file of a bearable size.
pub(super) fn read(dir: impl AsFd, name: &Path) -> Option<Gitignore> {
    let text = read_small(dir, name, MAX_BYTES)?;
    let mut builder = GitignoreBuilder::new("");
    for line in text.split(|&byte| byte == b'\n') {
        // A line that is not a glob ignores nothing, here as in git.
        if let Ok(line) = str::from_utf8(line) {
            builder.add_line(None, line.trim_end_matches('\r').trim_start_matches('\u{feff}')).ok();
        }
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// The rules that the user has set for all repositories (`core.excludesFile`).
pub(super) fn of_the_user() -> Option<Gitignore> {
    let (rules, _unreadable_lines) = GitignoreBuilder::new("").build_global();
    (!rules.is_empty()).then_some(rules)
}

/// A regular file of at most `limit` bytes; never waits, and never follows a link at the end of `name`.
pub(super) fn read_small(dir: impl AsFd, name: &Path, limit: u64) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(dir, name, flags, Mode::empty()).ok()?;
    let stat = rustix::fs::fstat(&file).ok()?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return None;
    }
    let mut content = Vec::new();
    File::from(file).take(limit + 1).read_to_end(&mut content).ok()?;
    (content.len() as u64 <= limit).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(lines: &str, base: usize, beneath: Option<Arc<Rules>>) -> Arc<Rules> {
        let mut builder = GitignoreBuilder::new("");
        for line in lines.lines() {
            builder.add_line(None, line).unwrap();
        }
        Rules::on_top((builder.build().unwrap(), NAME), base, beneath)
    }

    #[test]
    fn the_nearest_file_decides_and_globs_are_relative_to_it() {
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
    fn exclude_globs_match_as_in_a_gitignore_and_bad_ones_are_refused() {
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
