//! Whether a scan of the surrounding repository would read a file, and why: for `telleaks explain`. Only explains;
//! `scope` and `walker` decide.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path};

use super::gitignore::Decision;
use super::scope::{GitDecision, git_decision};

/// Whether a scan of the directory reads a file in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Whether it is read.
    pub read: bool,
    /// The reason, for display.
    pub reason: String,
}

impl Reach {
    /// Examines the path, the ignore rules above it, and git's index. Opens nothing else.
    pub fn of(path: &Path) -> Self {
        let known = fs::symlink_metadata(path).ok().map(|metadata| metadata.file_type());
        match known {
            Some(kind) if kind.is_symlink() => {
                Self::no("it is a link, and links are not followed unless they are named")
            }
            Some(kind) if !kind.is_file() => {
                Self::no("it is not a regular file; a pipe or a device is read only if it is named")
            }
            _ => Self::of_file(path),
        }
    }

    fn of_file(path: &Path) -> Self {
        let whole = telleaks_platform::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if whole.components().any(|part| part == Component::Normal(OsStr::new(".git"))) {
            return Self::no("it is inside .git, which `telleaks audit` reads and `telleaks scan` does not");
        }
        let Some(GitDecision { decision, part, tracked }) = git_decision(&whole) else {
            return Self::yes("no rule excludes it");
        };
        let Decision { ignored, pattern, file } = decision;
        let of = part.map_or_else(String::new, |part| format!(" ({part}/ is ignored as a whole)"));
        match (ignored, tracked) {
            (true, Some(false)) => Self::no(format!(
                "git ignores it: {pattern:?} in {file}{of}; name the file, or use --no-ignore"
            )),
            (true, Some(true)) => {
                Self::yes(format!("git tracks it, although {pattern:?} in {file} matches it{of}"))
            }
            (true, None) => {
                Self::yes("git ignores it, but git's index cannot be read, so ignored files are scanned, too")
            }
            (false, _) => Self::yes(format!("{pattern:?} in {file} includes it again")),
        }
    }

    fn yes(reason: impl Into<String>) -> Self {
        Self { read: true, reason: reason.into() }
    }

    fn no(reason: impl Into<String>) -> Self {
        Self { read: false, reason: reason.into() }
    }
}
